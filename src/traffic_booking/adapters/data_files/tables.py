"""Reading the tables of a data file: every field checked, every fault noted, none of them the last one looked at.

A `Reader` takes a value as TOML gives it and the place where it stands. It returns what it made of the value, or notes
at least one fault there and returns None. Plain code rather than a cattrs converter: naming every fault would take a
hook for each field, and a shell command would wait longer for the converter to be generated than for all the reading.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Any, Final, Generic, TypeVar, cast

from attrs import evolve, field, fields_dict, frozen

from traffic_booking.domain.errors import Fault, InvalidInput

LONGEST_SHOWN: Final = 60
"""How many characters of a value a fault shows."""

LARGEST_NUMBER: Final = 2**63
"""TOML's own bound; Python reads longer ones."""

TOP: Final = "top level"
"""The entry of a fault that stands in no entry."""

_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_KINDS: Final[Mapping[type, str]] = {
    str: "text",
    bool: "a truth value",
    int: "a whole number",
    float: "a number",
    datetime: "a date with a time",
    date: "a date",
    time: "a time",
    list: "a list",
    dict: "a table",
}

T = TypeVar("T")


@frozen
class Place:
    """A place in a data file; all places of one loading note their faults in the same list."""

    file: str
    faults: list[Fault] = field(repr=False)
    entry: str = TOP
    path: str = ""
    part: str = ""

    def part_of_file(self, name: str) -> "Place":
        """A part of the file that has entries of its own; theirs are called after it."""
        return Place(self.file, self.faults, name, part=f"{name}: ")

    def of(self, entry: str) -> "Place":
        """The entry of that name, in the same part of the file."""
        return evolve(self, entry=self.part + entry, path="")

    def at(self, name: str) -> "Place":
        """The field of that name, below this place."""
        return evolve(self, path=f"{self.path}.{name}" if self.path else name)

    def item(self, position: int) -> "Place":
        """The item at that position of a list, counted from 1."""
        return evolve(self, path=f"{self.path}[{position}]")

    def fault(self, *, got: str, expected: str) -> None:
        """Note a fault here."""
        self.faults.append(
            Fault(file=self.file, entry=self.entry, field=self.path or "entry", got=got, expected=expected)
        )


Reader = Callable[[object, Place], Any]


def described(value: object) -> str:
    """What `value` is, in TOML's words, and the value itself where it is short; never an invisible character."""
    kind = _KINDS.get(type(value), type(value).__name__)
    if isinstance(value, list | dict) or _is_too_long(value):
        return kind
    shown = repr(value) if isinstance(value, str) else str(value)
    return f"{kind} {shown}" if len(shown) <= LONGEST_SHOWN else kind


def _is_too_long(value: object) -> bool:
    return isinstance(value, int) and abs(value) > LARGEST_NUMBER  # printing it would cost time, or fail


def converter(cls: type, name: str) -> Callable[[Any], Any]:
    """The check that the domain's class puts on one of its fields: read field by field, each fault shows at once."""
    return cast("Callable[[Any], Any]", fields_dict(cls)[name].converter)


def scalar(kind: type | tuple[type, ...], check: Callable[[Any], T]) -> Reader:
    """A value of exactly that TOML type, passed through a check of the domain."""
    kinds = kind if isinstance(kind, tuple) else (kind,)
    expected = _KINDS[kinds[-1]]

    def read(value: object, place: Place) -> T | None:
        if type(value) not in kinds or _is_too_long(value):
            place.fault(got=described(value), expected=expected)
            return None
        try:
            return check(value)
        except InvalidInput as error:
            place.fault(got=error.got, expected=error.expected)
            return None

    return read


def text(check: Callable[[str], Any]) -> Reader:
    """A text."""
    return scalar(str, check)


def whole_number(check: Callable[[int], Any]) -> Reader:
    """A whole number."""
    return scalar(int, check)


def number(check: Callable[[float], Any]) -> Reader:
    """A number, whole or not."""
    return scalar((int, float), check)


def truth(value: object, place: Place) -> bool | None:
    """True or false."""
    if isinstance(value, bool):
        return value
    place.fault(got=described(value), expected="true or false")
    return None


def one_of(choices: Mapping[str, T]) -> Reader:
    """One of some words."""

    def read(value: object, place: Place) -> T | None:
        if isinstance(value, str) and value in choices:
            return choices[value]
        place.fault(got=described(value), expected=f"one of {', '.join(choices)}")
        return None

    return read


def many(reader: Reader, *, least: int = 0) -> Reader:
    """A list, as a tuple."""

    def read(value: object, place: Place) -> tuple[Any, ...] | None:
        if not isinstance(value, list):
            place.fault(got=described(value), expected="a list")
            return None
        if len(value) < least:
            place.fault(got="an empty list", expected=f"at least {least}")
            return None
        return tuple(reader(item, place.item(position)) for position, item in enumerate(value, start=1))

    return read


def distinct(reader: Reader) -> Reader:
    """A list whose items are all different, at least one, as a frozenset."""
    read_items = many(reader, least=1)

    def read(value: object, place: Place) -> frozenset[Any] | None:
        before = len(place.faults)
        items = read_items(value, place)
        if len(place.faults) > before:
            return None
        counted: Counter[object] = Counter(items)
        for item, times in counted.items():
            if times > 1:
                place.fault(got=f"{described(str(item))} {times} times", expected="each once")
        return frozenset(items)

    return read


@frozen
class Shape(Generic[T]):
    """The fields of one kind of table, and what is made of them; calling it reads a table."""

    make: Callable[..., T]
    required: Mapping[str, Reader]
    optional: Mapping[str, Reader] = field(factory=dict)

    def __call__(self, value: object, place: Place) -> T | None:
        if not isinstance(value, dict):
            place.fault(got=described(value), expected="a table")
            return None
        before = len(place.faults)
        readers = {**self.required, **self.optional}
        unknown_fields(value, readers, place)
        made = {}
        for name, reader in readers.items():
            if name in value:
                made[name] = reader(value[name], place.at(name))
            elif name in self.required:
                place.at(name).fault(got="nothing", expected="a value: the field is required")
        if len(place.faults) > before:
            return None
        try:
            return self.make(**made)
        except InvalidInput as error:
            place.at(error.field).fault(got=error.got, expected=error.expected)
            return None


def unknown_fields(table: Mapping[str, object], known: Mapping[str, object], place: Place) -> None:
    """Note each field of `table` that is not known."""
    for name in table:
        if name not in known:
            shown = name if _NAME.fullmatch(name) else ascii(name[:LONGEST_SHOWN])
            place.at(shown).fault(got="an unknown field", expected=f"one of {', '.join(known)}")


@frozen(kw_only=True)
class Entries(Generic[T]):
    """The entries of one list of a file: the `sound` ones, and the `names` of all; `readable` where it is a list."""

    sound: tuple[T, ...] = ()
    names: tuple[str, ...] = ()
    readable: bool = False


def entries(
    table: Mapping[str, object],
    kind: str,
    reader: Callable[[object, Place], T | None],
    place: Place,
    *,
    named: str = "id",
) -> Entries[T]:
    """The entries of the list `kind` at the top of a file, each called by its field `named`, else by its position."""
    listed = table.get(kind)
    if not isinstance(listed, list):
        got = "nothing" if kind not in table else described(listed)
        place.at(kind).fault(got=got, expected="a list of entries")
        return Entries()
    sound: list[T] = []
    names: list[str] = []
    for position, value in enumerate(listed, start=1):
        name = _name(value, named)
        entry = reader(value, place.of(name or f"{kind}[{position}]"))
        if name is not None:
            names.append(name)
        if entry is not None:
            sound.append(entry)
    for name, times in Counter(names).items():
        if times > 1:
            place.of(name).at(named).fault(got=f"it {times} times", expected="each once")
    return Entries(sound=tuple(sound), names=tuple(names), readable=True)


def _name(entry: object, named: str) -> str | None:
    name = entry.get(named) if isinstance(entry, dict) else None
    return name if isinstance(name, str) and _NAME.fullmatch(name) else None
