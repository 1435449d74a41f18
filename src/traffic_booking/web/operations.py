"""The operations of the JSON API: one declaration reads the request, documents it, and names its answer."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime, time
from enum import Enum
from typing import Any, Final, Literal, TypeVar

from attrs import field, frozen
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

import traffic_booking as tb
from traffic_booking import InvalidInput, Language

Audience = Literal["anybody", "person", "staff"]
"""The callers of an operation: anybody, a signed-in actor, or staff."""
T = TypeVar("T", bound=Enum)

LONGEST_VALUE: Final = 1_024
MOST_VALUES: Final = 100
"""Of one parameter that may be repeated."""
_WHOLE: Final = re.compile(r"-?\d{1,18}", re.ASCII)
_NUMBER: Final = re.compile(r"-?\d{1,15}(?:\.\d{1,15})?", re.ASCII)
_NAME: Final = re.compile(r"[a-z_]{1,40}", re.ASCII)
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]{5,15}(?:Z|[+-]\d\d:\d\d)", re.ASCII)
TEXT: Final[Mapping[str, Any]] = {"type": "string", "maxLength": LONGEST_VALUE}


@frozen(kw_only=True)
class Parameter:
    """A parameter of the query or the path, or a member of a body.

    `read` makes the value of the text or of the JSON value. A parameter of the query that is `many` may be repeated.
    """

    name: str
    read: Callable[[Any], Any]
    schema: Mapping[str, Any] = field(default=TEXT)
    required: bool = False
    many: bool = False
    argument: str = ""
    """The name of the verb's argument, if it is another one."""
    about: str = ""

    @property
    def given_as(self) -> str:
        """The name of the argument."""
        return self.argument or self.name


@frozen(kw_only=True)
class Call:
    """One request to an operation: the desk, the actor, and the given arguments by their names.

    `further` has what the application has beside the desk.
    """

    request: Request
    desk: tb.AsyncDesk
    language: Language
    given: dict[str, Any]
    by: Any = None
    request_id: str = ""
    further: Mapping[str, Any] = field(factory=dict)


@frozen(kw_only=True)
class Reply:
    """An answer that is more than a value: with a status, headers, or an entity tag.

    The tag leaves out the members in `tag_without`, which change with every answer; None: there is no tag. A document
    is shown in the browser, or saved `as_attachment`. A `response` is sent as it is.
    """

    value: Any = None
    status: int = 0
    """That of the operation, unless given."""
    headers: Mapping[str, str] = field(factory=dict)
    tag_without: tuple[str, ...] | None = None
    as_attachment: bool = False
    response: Response | None = None


@frozen(kw_only=True)
class Operation:
    """One method of one path.

    `answers` has the schema of each status of success: the name of a class that has a JSON form, a list with such a
    name, or a schema. `cached` answers have an entity tag.
    """

    name: str
    method: Literal["GET", "POST", "DELETE"]
    path: str
    summary: str
    run: Callable[[Call], Awaitable[Any]]
    answers: Mapping[int, Any]
    audience: Audience = "anybody"
    parameters: tuple[Parameter, ...] = ()
    body: tuple[Parameter, ...] | None = None
    has_id: bool = False
    """The request has an id, in the header `Idempotency-Key`."""
    cached: bool = False
    most_body_bytes: int | None = None
    further: tuple[int, ...] = ()
    """Statuses of problems that only this operation has."""
    tag: str = ""
    answer_types: tuple[str, ...] = ()
    """Media types of documents, if the answer is one."""

    @property
    def in_path(self) -> tuple[str, ...]:
        """The names of the parameters in the path."""
        return tuple(re.findall(r"{(\w+)}", self.path))


def read_query(operation: Operation, query: QueryParams, path: Mapping[str, str]) -> dict[str, Any]:
    """The arguments in the query and the path of a request.

    Raises:
        InvalidInput: A parameter is unknown, missing, repeated, too long, or malformed.
    """
    given: dict[str, Any] = {}
    texts: dict[str, list[str]] = {}
    for name, text in query.multi_items():
        texts.setdefault(name, []).append(text)
    texts.pop("lang", None)
    in_path = operation.in_path
    for parameter in operation.parameters:
        found = [path[parameter.name]] if parameter.name in in_path else texts.pop(parameter.name, [])
        if not found:
            if parameter.required:
                raise InvalidInput(parameter.name, got="nothing", expected="a value")
            continue
        most = MOST_VALUES if parameter.many else 1
        if len(found) > most:
            raise InvalidInput(parameter.name, got=f"{len(found)} members", expected=f"at most {most}")
        values = [_read_text(parameter, each) for each in found]
        given[parameter.given_as] = values if parameter.many else values[0]
    if texts:
        raise _unknown(next(iter(texts)), [each.name for each in operation.parameters if each.name not in in_path])
    return given


def read_members(members: tuple[Parameter, ...], data: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments in the JSON object of a body.

    Raises:
        InvalidInput: A member is unknown, missing or malformed.
    """
    given = {}
    for member in members:
        if member.name in data:
            given[member.given_as] = member.read(data[member.name])
        elif member.required:
            raise InvalidInput(member.name, got="nothing", expected="a value")
    if len(given) < len(data):
        known = [each.name for each in members]
        raise _unknown(next(name for name in data if name not in known), known)
    return given


def _read_text(parameter: Parameter, text: str) -> Any:
    if len(text) > LONGEST_VALUE:
        raise InvalidInput(parameter.name, got=f"{len(text)} characters", expected=f"at most {LONGEST_VALUE}")
    return parameter.read(text)


def _unknown(name: str, known: list[str]) -> InvalidInput:
    shown = name if _NAME.fullmatch(name) else "another name"
    return InvalidInput("request", got=f"the member {shown}", expected=", ".join(known) or "nothing")


def text(name: str, *, required: bool = False, many: bool = False, argument: str = "", about: str = "") -> Parameter:
    """A text in the query or the path; the verb checks it."""
    return Parameter(name=name, read=str, required=required, many=many, argument=argument, about=about)


def whole(name: str, *, least: int, most: int, required: bool = False) -> Parameter:
    """A whole number in the query."""

    def read(given: str) -> int:
        if not _WHOLE.fullmatch(given) or not least <= int(given) <= most:
            raise InvalidInput(name, got="another text", expected=f"{least} to {most}")
        return int(given)

    return Parameter(
        name=name, read=read, required=required, schema={"type": "integer", "minimum": least, "maximum": most}
    )


def number(name: str, *, least: float, most: float) -> Parameter:
    """A number in the query, with at most 15 digits behind the point."""

    def read(given: str) -> float:
        if not _NUMBER.fullmatch(given) or not least <= float(given) <= most:
            raise InvalidInput(name, got="another text", expected=f"a number, {least} to {most}")
        return float(given)

    return Parameter(name=name, read=read, schema={"type": "number", "minimum": least, "maximum": most})


def flag(name: str, about: str = "") -> Parameter:
    """`true` or `false` in the query."""

    def read(given: str) -> bool:
        return choice(name, given, ("true", "false")) == "true"

    return Parameter(name=name, read=read, schema={"type": "boolean"}, about=about)


def choice_of(name: str, known: tuple[str, ...], *, required: bool = False) -> Parameter:
    """One of a few texts in the query."""
    schema = {"type": "string", "enum": [*known]}
    return Parameter(name=name, read=lambda given: choice(name, given, known), schema=schema, required=required)


def member_of(name: str, kind: type[T], *, many: bool = False) -> Parameter:
    """A member of an enum in the query, by its value; a weekday by its name."""
    tags = {each.name.lower() if isinstance(each.value, int) else str(each.value): each for each in kind}
    schema = {"type": "string", "enum": [*tags]}
    return Parameter(name=name, read=lambda given: tags[choice(name, given, tuple(tags))], schema=schema, many=many)


def day(name: str, *, required: bool = False, argument: str = "") -> Parameter:
    """A day of either calendar: `2026-11-23`, or what `parse_date` reads."""
    about = "A day: 2026-11-23, or a Hijri date such as 13/06/1448هـ."
    return Parameter(name=name, read=tb.parse_date, required=required, argument=argument, about=about)


def moment(name: str, argument: str = "") -> Parameter:
    """A day of either calendar, or an instant with its offset."""
    about = "A day of either calendar, or an instant such as 2026-11-23T09:00:00+03:00."

    def read(given: str) -> date | tb.Day | tb.HijriDate:
        return instant_in(name, given) if "T" in given[:11] else tb.parse_date(given)

    return Parameter(name=name, read=read, argument=argument, about=about)


def clock_time(name: str) -> Parameter:
    """A time on the clock: `09:30`."""

    def read(given: str) -> time:
        if not re.fullmatch(r"[0-2]\d:[0-5]\d", given, re.ASCII) or given >= "24":
            raise InvalidInput(name, got="another text", expected="a time such as 09:30")
        return time.fromisoformat(given)

    return Parameter(name=name, read=read, schema={"type": "string", "pattern": "^[0-2][0-9]:[0-5][0-9]$"})


def instant_in(name: str, given: object) -> datetime:
    """An instant in ISO 8601 with its offset. Raises `InvalidInput`."""
    expected = "an instant such as 2026-11-23T09:00:00+03:00"
    if isinstance(given, str) and _INSTANT.fullmatch(given):
        try:
            return datetime.fromisoformat(given)
        except ValueError:
            pass
    raise InvalidInput(name, got="another value", expected=expected)


def choice(name: str, given: str, known: tuple[str, ...]) -> str:
    """`given` if it is one of `known`. Raises `InvalidInput`."""
    if given in known:
        return given
    raise InvalidInput(name, got="another text", expected=", ".join(known))


def member(
    name: str,
    kind: type | tuple[type, ...],
    *,
    required: bool = False,
    schema: Mapping[str, Any] | None = None,
    about: str = "",
) -> Parameter:
    """A member of a body of one of JSON's types; the verb checks its value."""
    kinds = kind if isinstance(kind, tuple) else (kind,)
    names = {str: "a text", bool: "true or false", int: "a whole number", list: "a list"}
    types = {str: "string", bool: "boolean", int: "integer", list: "array"}

    def read(given: object) -> object:
        if type(given) not in kinds:
            raise InvalidInput(name, got="another value", expected=" or ".join(names[each] for each in kinds))
        if type(given) is str and any("\ud800" <= each <= "\udfff" for each in given):
            raise InvalidInput(name, got="half of a surrogate pair", expected="a text in Unicode")
        return given

    found = types[kinds[0]] if len(kinds) == 1 else [types[each] for each in kinds]
    return Parameter(name=name, read=read, schema=schema or {"type": found}, required=required, about=about)


def value_member(name: str, kind: Any, schema: Any, *, required: bool = False) -> Parameter:
    """A member of a body that `from_json` reads; an error names the place inside it."""

    def value_in(given: object) -> Any:
        try:
            return tb.from_json(kind, given)
        except InvalidInput as error:
            place = "" if error.field == "value" else error.field
            inside = place if not place or place.startswith("[") else f".{place}"
            raise InvalidInput(f"{name}{inside}", got=error.got, expected=error.expected) from None

    return Parameter(name=name, read=value_in, schema=schema, required=required)


def instant_member(name: str) -> Parameter:
    """A member of a body that is an instant."""
    return Parameter(name=name, read=lambda given: instant_in(name, given), schema={"type": "string"})
