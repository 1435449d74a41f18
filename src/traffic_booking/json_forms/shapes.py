"""The shapes of JSON: for each type how a value is written, read and described.

One declaration serves the three, so that they agree. Values from outside are bounded, and each fault names its place.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, timedelta
from enum import Enum, IntEnum
from math import isfinite
from typing import Any, Final, TypeVar

from attrs import frozen

from traffic_booking.domain.calendars.hours import LATEST_MINUTE, clock_minute, clock_text
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.instants import instant
from traffic_booking.domain.number_input import LARGEST_SHOWN
from traffic_booking.domain.text_input import cleaned
from traffic_booking.domain.value_input import is_a

T = TypeVar("T")

Json = Any
"""A value of JSON's types: dict, list, str, int, float, bool or None."""

LONGEST_TEXT: Final = 20_000
LONGEST_CONTENT: Final = 20_000_000
"""Characters of a document's content, or of a picture in a challenge, in base 64."""
MOST_MEMBERS: Final = 20_000
"""Of one list or object."""
LARGEST: Final = 2**63 - 1
_DEEPEST: Final = 16
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?(?:Z|[+-]\d\d:\d\d(?::\d\d)?)", re.ASCII)
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_ID: Final = re.compile(r"\d{10}")
"""Text that may be a person's id."""
_NAME: Final = re.compile(r"[a-z_]{1,40}", re.ASCII)


@frozen
class Shape:
    """How values of a type are written, read (at a place, such as `slots[2].starts_at`) and described."""

    write: Callable[[Any], Json]
    read: Callable[[Json, str], Any]
    schema: Mapping[str, Json]


def fault(place: str, got: str, expected: str) -> InvalidInput:
    """The error for JSON that is something else."""
    return InvalidInput(place or "value", got=got, expected=expected)


def wrong(place: str, data: Json, expected: str) -> InvalidInput:
    """The error for other JSON than expected; it names the type alone, since the value may be an id."""
    return fault(place, _NAMES.get(type(data), type(data).__name__), expected)


def inside(place: str, name: str) -> str:
    """The place of a member."""
    return f"{place}.{name}" if place else name


def checked(place: str, make: Callable[[], T], names: Collection[str] = ()) -> T:
    """The value that `make` returns. A fault gets the place: that of the member, if it names one of `names`."""
    try:
        return make()
    except InvalidInput as error:
        field = inside(place, error.field) if error.field in names else place
        got = _ID.sub("**********", error.got)
        raise InvalidInput(field or error.field, got=got, expected=error.expected) from None
    except Exception as error:  # noqa: BLE001 - the constructors of the domain expect checked types
        got = f"a value that can't be read ({type(error).__name__})"
    raise InvalidInput(place or "value", got=got, expected="a value that the library made")


_NAMES: Final[Mapping[type, str]] = {
    dict: "an object",
    list: "a list",
    str: "a text",
    bool: "a truth value",
    int: "a number",
    float: "a number",
    type(None): "null",
}


def _text(data: Json, place: str, longest: int = LONGEST_TEXT) -> str:
    if not is_a(data, str):
        raise wrong(place, data, "a text")
    text = str.__str__(data)
    if len(text) > longest:
        raise fault(place, f"{len(text)} characters", f"at most {longest}")
    if any("\ud800" <= mark <= "\udfff" for mark in text):
        raise fault(place, "half of a surrogate pair", "a text in Unicode")
    return text


def _whole(data: Json, place: str) -> int:
    if type(data) is not int or abs(data) > LARGEST:
        raise wrong(place, data, "a whole number of at most 63 bits")
    return data


def _number(data: Json, place: str) -> float:
    if type(data) not in {int, float} or not (abs(data) <= LARGEST_SHOWN and isfinite(data)):
        raise wrong(place, data, "a number")
    return float(data)


def _truth(data: Json, place: str) -> bool:
    if type(data) is not bool:
        raise wrong(place, data, "true or false")
    return data


def name_in(data: Json, place: str) -> str:
    """`data` as a text that names something, cleaned; a text to read stays as it is."""
    return cleaned(_text(data, place))


def _instant(data: Json, place: str) -> datetime:
    text = name_in(data, place)
    if not _INSTANT.fullmatch(text):
        raise wrong(place, data, "an instant in ISO 8601 with its offset, such as 2026-11-23T09:00:00+03:00")
    moment = checked(place, lambda: datetime.fromisoformat(text))
    checked(place, lambda: instant(moment))
    return moment  # in its own offset: values that keep instants in UTC convert them


def _date(data: Json, place: str) -> date:
    text = name_in(data, place)
    if not _DATE.fullmatch(text):
        raise wrong(place, data, "a Gregorian date such as 2026-11-23")
    return checked(place, lambda: date.fromisoformat(text))


def _observation(data: Json, place: str) -> str | int | datetime | None:
    """A text in the full form of an instant is an instant; a rule observes nothing else that looks like one."""
    if data is None or type(data) is int:
        return data if data is None else _whole(data, place)
    text = _text(data, place)
    return _instant(text, place) if _INSTANT.fullmatch(text) else text


def _day_or_observation(data: Json, place: str) -> str | int | date | None:
    is_date = type(data) is str and _DATE.fullmatch(data)
    return _date(data, place) if is_date else _observation(data, place)


def _written(value: object) -> Json:
    return value.isoformat() if isinstance(value, date) else value


def _anything(data: Json, place: str, depth: int = 0) -> Json:
    """JSON of any shape, bounded in depth and in members."""
    if depth > _DEEPEST:
        raise fault(place, "a value in many others", f"at most {_DEEPEST} levels")
    if is_a(data, dict):
        return {name: _anything(each, place, depth + 1) for name, each in object_of(data, place).items()}
    if is_a(data, list):
        return [_anything(each, place, depth + 1) for each in members_of(data, place)]
    if data is None or type(data) is bool:
        return data
    if type(data) is float:
        return _number(data, place)
    return _whole(data, place) if type(data) is int else _text(data, place, LONGEST_CONTENT)


def _content(data: Json, place: str) -> bytes:
    text = str.__str__(data) if is_a(data, str) else None
    if text is None or len(text) > LONGEST_CONTENT:
        raise wrong(place, data, "bytes in base 64")
    return checked(place, lambda: b64decode(text, validate=True))


def _copied(value: Any) -> Json:
    if isinstance(value, Mapping):
        return {str(name): _copied(each) for name, each in value.items()}
    return [_copied(each) for each in value] if isinstance(value, list | tuple) else value


def _seconds(value: timedelta) -> float:
    return int(value.total_seconds()) if not value.microseconds else value.total_seconds()


INSTANT: Final = Shape(_written, _instant, {"type": "string", "pattern": f"^{_INSTANT.pattern}$"})
OBSERVATION: Final = Shape(_written, _observation, {"type": ["string", "integer", "null"]})
DAY_OR_OBSERVATION: Final = Shape(_written, _day_or_observation, OBSERVATION.schema)
"""A field of a rule before or after a change."""
ANY_OBJECT: Final = Shape(_copied, lambda data, place: _anything(object_of(data, place), place), {"type": "object"})
CLOCK: Final = Shape(
    clock_text,
    lambda data, place: checked(place, lambda: clock_minute(_text(data, place), latest=LATEST_MINUTE)),
    {"type": "string", "pattern": "^[0-4][0-9]:[0-5][0-9]$"},
)
PLAIN: Final[Mapping[Any, Shape]] = {
    str: Shape(str, _text, {"type": "string"}),
    int: Shape(int, _whole, {"type": "integer"}),
    float: Shape(float, _number, {"type": "number"}),
    bool: Shape(bool, _truth, {"type": "boolean"}),
    bytes: Shape(lambda value: b64encode(value).decode(), _content, {"type": "string", "contentEncoding": "base64"}),
    datetime: INSTANT,
    date: Shape(_written, _date, {"type": "string", "pattern": f"^{_DATE.pattern}$"}),
    timedelta: Shape(
        _seconds,
        lambda data, place: checked(place, lambda: timedelta(seconds=_number(data, place))),
        {"type": "number", "description": "seconds"},
    ),
}


def named(kind: Callable[[str], Any]) -> Shape:
    """Text that `kind` checks, such as an appointment's number."""
    return Shape(str, lambda data, place: checked(place, lambda: kind(_text(data, place))), {"type": "string"})


def member_of(kind: type[Enum]) -> Shape:
    """A member of an enum, by its value; a weekday by its name."""
    numbered = issubclass(kind, IntEnum)
    tags = {each.name.lower() if numbered else str(each.value): each for each in kind}

    def read(data: Json, place: str) -> Enum:
        member = tags.get(name_in(data, place)) if is_a(data, str) else None
        if member is None:
            raise wrong(place, data, ", ".join(tags))
        return member

    return Shape(
        lambda value: value.name.lower() if numbered else str(value.value), read, {"type": "string", "enum": [*tags]}
    )


def one_text(texts: tuple[str, ...]) -> Shape:
    """One of a few texts."""

    def read(data: Json, place: str) -> str:
        text = name_in(data, place) if is_a(data, str) else None
        if text is None or text not in texts:
            raise wrong(place, data, ", ".join(texts))
        return text

    return Shape(str, read, {"type": "string", "enum": [*texts]})


def optional(shape: Shape) -> Shape:
    """The shape, or null."""
    return Shape(
        lambda value: None if value is None else shape.write(value),
        lambda data, place: None if data is None else shape.read(data, place),
        {"oneOf": [{"type": "null"}, shape.schema]},
    )


def list_of(shape: Shape, made: Callable[[list[Any]], Any]) -> Shape:
    """A list of one shape, as `made` makes it; the members of a set are sorted."""
    sorts = made is frozenset

    def write(value: Any) -> Json:
        written = [shape.write(each) for each in value]
        return sorted(written) if sorts else written

    def read(data: Json, place: str) -> Any:
        members = members_of(data, place)
        return made([shape.read(each, f"{place}[{number}]") for number, each in enumerate(members)])

    return Shape(write, read, {"type": "array", "items": shape.schema})


def map_of(shape: Shape) -> Shape:
    """An object whose members are of one shape, under any names."""

    def read(data: Json, place: str) -> dict[str, Any]:
        members = object_of(data, place)
        return {name: shape.read(each, inside(place, "…")) for name, each in members.items()}

    return Shape(
        lambda value: {name: shape.write(each) for name, each in value.items()},
        read,
        {"type": "object", "additionalProperties": shape.schema},
    )


def object_of(data: Json, place: str) -> dict[str, Json]:
    """`data` as a plain object of bounded size, whose names are text. Raises `InvalidInput`."""
    if not is_a(data, dict):
        raise wrong(place, data, "an object")
    if dict.__len__(data) > MOST_MEMBERS:
        raise fault(place, f"{dict.__len__(data)} members", f"at most {MOST_MEMBERS}")
    return {_text(name, place): each for name, each in dict.items(data)}


def members_of(data: Json, place: str) -> list[Json]:
    """`data` as a plain list of bounded size. Raises `InvalidInput`."""
    if not is_a(data, list):
        raise wrong(place, data, "a list")
    if list.__len__(data) > MOST_MEMBERS:
        raise fault(place, f"{list.__len__(data)} members", f"at most {MOST_MEMBERS}")
    return list.copy(data)


def unknown_member(place: str, name: str, known: list[str]) -> InvalidInput:
    """The error for a member that the object has not; a name that is no name of ours is left out."""
    shown = name if _NAME.fullmatch(name) else "another name"
    return InvalidInput(place or "value", got=f"the member {shown}", expected=", ".join(known))
