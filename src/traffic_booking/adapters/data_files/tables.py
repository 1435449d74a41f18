"""Reading the tables of a data file: every field is checked, and every fault is collected before one error is raised.

A `Reader` makes a domain value of a TOML value, or raises: `InvalidInput` for the value as a whole, `Unsound` for the
fields below it. This is plain code rather than a cattrs converter: a converter would need a hook for each field to name
every fault, and generating it takes longer than all the reading.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time
from functools import partial
from typing import Any, Final, Generic, NamedTuple, TypeVar, cast

from attrs import fields_dict

from traffic_booking.domain.errors import Fault, InvalidInput
from traffic_booking.domain.text_input import cleaned

LONGEST_SHOWN: Final = 60
"""How many characters of a value a fault shows."""

LONGEST_NAME: Final = 256
"""Characters of a name in a file, with marks around and inside."""

LARGEST_NUMBER: Final = 2**63
"""TOML's own bound; Python reads larger numbers."""

MOST_ENTRIES: Final = 5_000
"""The most entries of one list. Reading a file takes time for each, and each fault of one is kept."""

TOP: Final = "top level"
"""The entry of a fault that is in no entry."""

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

Reader = Callable[[Any], Any]


class Flaw(NamedTuple):
    """A fault, with the path from the value that is being read: `name.ar`, `[2].opens`, or "" for the value itself."""

    path: str
    got: str
    expected: str

    def below(self, step: str) -> "Flaw":
        """This flaw as seen from the value that holds the present one as `step`, such as `name` or `[2]`."""
        joint = "." if step and self.path and not self.path.startswith("[") else ""
        return self._replace(path=f"{step}{joint}{self.path}")


class Unsound(Exception):  # noqa: N818 - caught in this package, never raised out of it
    """A value with at least one flaw."""

    def __init__(self, flaws: list[Flaw]) -> None:
        self.flaws = flaws


def flaws_of(error: Unsound | InvalidInput, step: str) -> Iterator[Flaw]:
    """The flaws that reading the part `step` of a value has found."""
    found = error.flaws if isinstance(error, Unsound) else [Flaw("", error.got, error.expected)]
    return (flaw.below(step) for flaw in found)


class Faults:
    """The faults of one file; those of several files may share one list."""

    def __init__(self, file: str, found: list[Fault], part: str | None = None) -> None:
        self.file = file
        self.found = found
        self._part = part

    def of_part(self, part: str) -> "Faults":
        """The faults of a part of the file that has entries of its own; its name precedes theirs."""
        return Faults(self.file, self.found, part)

    def add(self, field: str, *, got: str, expected: str, entry: str | None = None) -> None:
        """Add a fault: of the top level unless an `entry` is named."""
        if entry is None:
            entry = self._part or TOP
        elif self._part:
            entry = f"{self._part}: {entry}"
        self.found.append(Fault(file=self.file, entry=entry, field=field or "entry", got=got, expected=expected))

    def add_flaws(self, flaws: Iterator[Flaw], entry: str | None = None) -> None:
        """Add each flaw as a fault."""
        for flaw in flaws:
            self.add(flaw.path, got=flaw.got, expected=flaw.expected, entry=entry)

    def read(self, table: Mapping[str, Any], name: str, reader: Reader, *, optional: bool = False) -> Any:
        """The field `name` at the top of the file; None if it is absent or has faults."""
        if name not in table:
            if not optional:
                self.add(name, got="nothing", expected="a value: the field is required")
            return None
        try:
            return reader(table[name])
        except (InvalidInput, Unsound) as error:
            self.add_flaws(flaws_of(error, name))
            return None


def described(value: object) -> str:
    """The kind of `value`, in TOML's words, and the value if it is short; never an invisible character."""
    kind = _KINDS.get(type(value), type(value).__name__)
    if isinstance(value, list | dict) or _is_too_long(value):
        return kind
    shown = repr(value) if isinstance(value, str) else str(value)
    return f"{kind} {shown}" if len(shown) <= LONGEST_SHOWN else kind


def _is_too_long(value: object) -> bool:
    return isinstance(value, int) and abs(value) > LARGEST_NUMBER  # printing it would cost time, or fail


def converter(cls: type, name: str) -> Callable[[Any], Any]:
    """The check that a domain class has for one of its fields. Fields are read one by one to find all faults."""
    return cast("Callable[[Any], Any]", fields_dict(cls)[name].converter)


def wrong(value: object, expected: str) -> InvalidInput:
    """The error for a value of another kind than `expected`."""
    return InvalidInput("value", got=described(value), expected=expected)


def scalar(kind: type | tuple[type, ...], check: Callable[[Any], T]) -> Callable[[Any], T]:
    """A value of exactly that TOML type, passed through a check of the domain."""
    kinds = kind if isinstance(kind, tuple) else (kind,)
    expected = _KINDS[kinds[-1]]

    def read(value: object) -> T:
        if type(value) not in kinds or _is_too_long(value):
            raise wrong(value, expected)
        return check(value)

    return read


def name_in(value: object) -> str:
    """`value`, cleaned, if it is a text that may name something; else an empty text."""
    return cleaned(value) if isinstance(value, str) and len(value) <= LONGEST_NAME else ""


text = partial(scalar, str)
whole_number = partial(scalar, int)
number = partial(scalar, (int, float))


def truth(value: object) -> bool:
    """True or false."""
    if isinstance(value, bool):
        return value
    raise wrong(value, "true or false")


def one_of(choices: Mapping[str, T]) -> Callable[[Any], T]:
    """One of some names."""

    def read(value: object) -> T:
        name = name_in(value)
        if name in choices:
            return choices[name]
        raise wrong(value, f"one of {', '.join(choices)}")

    return read


def many(reader: Reader, *, least: int = 0, most: int = MOST_ENTRIES) -> Callable[[Any], tuple[Any, ...]]:
    """A list, as a tuple."""

    def read(value: object) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise wrong(value, "a list")
        if len(value) < least:
            raise InvalidInput("value", got="an empty list", expected=f"at least {least}")
        if len(value) > most:
            raise InvalidInput("value", got=f"more than {most}", expected=f"at most {most}")
        made: list[Any] = []
        flaws: list[Flaw] = []
        for position, item in enumerate(value, start=1):
            try:
                made.append(reader(item))
            except (InvalidInput, Unsound) as error:
                flaws += flaws_of(error, f"[{position}]")
        if flaws:
            raise Unsound(flaws)
        return tuple(made)

    return read


def distinct(reader: Reader) -> Callable[[Any], frozenset[Any]]:
    """A list whose items are all different, at least one, as a frozenset."""
    read_items = many(reader, least=1)

    def read(value: object) -> frozenset[Any]:
        counted: Counter[object] = Counter(read_items(value))
        twice = [(described(str(item)), times) for item, times in counted.items() if times > 1]
        if twice:
            raise Unsound([Flaw("", f"{item} {times} times", "each once") for item, times in twice])
        return frozenset(counted)

    return read


class Shape(Generic[T]):
    """The fields of one kind of table, and the function that makes a value of them. A shape is a reader of tables."""

    def __init__(
        self, make: Callable[..., T], required: Mapping[str, Reader], optional: Mapping[str, Reader] | None = None
    ) -> None:
        self.make = make
        self.required = required
        self.optional = optional or {}
        self._readers = {**self.required, **self.optional}

    def __call__(self, value: object) -> T:
        if not isinstance(value, dict):
            raise wrong(value, "a table")
        flaws = list(unknown_fields(value, self._readers))
        made = {}
        for name, reader in self._readers.items():
            if name in value:
                try:
                    made[name] = reader(value[name])
                except (InvalidInput, Unsound) as error:
                    flaws += flaws_of(error, name)
            elif name in self.required:
                flaws.append(Flaw(name, "nothing", "a value: the field is required"))
        if flaws:
            raise Unsound(flaws)
        try:
            return self.make(**made)
        except InvalidInput as error:
            raise Unsound([Flaw(error.field, error.got, error.expected)]) from None


def unknown_fields(table: Mapping[str, object], known: Mapping[str, object]) -> Iterator[Flaw]:
    """A flaw for each field of `table` that is not known."""
    for name in table:
        if name not in known:
            shown = name if _NAME.fullmatch(name) else ascii(name[:LONGEST_SHOWN])
            yield Flaw(shown, "an unknown field", f"one of {', '.join(known)}")


class Entries(NamedTuple, Generic[T]):
    """The entries of one list of a file: the `sound` ones, and the `names` of all; `readable` if it is a list."""

    sound: tuple[T, ...] = ()
    names: tuple[str, ...] = ()
    readable: bool = False


def entries(
    table: Mapping[str, object],
    kind: str,
    reader: Callable[[Any], T],
    faults: Faults,
    *,
    named: str = "id",
    most: int = MOST_ENTRIES,
) -> Entries[T]:
    """The entries of the list `kind` at the top of a file, each called by its field `named`, else by its position."""
    listed = table.get(kind)
    if not isinstance(listed, list):
        faults.add(kind, got="nothing" if kind not in table else described(listed), expected="a list of entries")
        return Entries()
    if len(listed) > most:
        faults.add(kind, got=f"more than {most}", expected=f"at most {most}")
        return Entries()
    sound: list[T] = []
    names: list[str] = []
    for position, value in enumerate(listed, start=1):
        name = name_in(value.get(named)) if isinstance(value, dict) else ""
        if not _NAME.fullmatch(name):
            name = f"{kind}[{position}]"
        else:
            names.append(name)
        try:
            sound.append(reader(value))
        except (InvalidInput, Unsound) as error:
            faults.add_flaws(flaws_of(error, ""), name)
    for name, times in Counter(names).items():
        if times > 1:
            faults.add(named, got=f"it {times} times", expected="each once", entry=name)
    return Entries(tuple(sound), tuple(names), readable=True)
