"""Values as a careless or hostile caller makes them: one list, which the fuzz puts into every parameter.

`HOSTILE` makes each value anew, as some of them can be read once. `tests/hostile_calls.py` has whole calls.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from fractions import Fraction
from functools import partial
from itertools import chain, repeat
from pathlib import Path, PurePosixPath
from types import MappingProxyType, SimpleNamespace
from typing import Any, Final
from unittest.mock import MagicMock
from uuid import UUID
from zoneinfo import ZoneInfo

import attrs

import traffic_booking as tb
from tests.people import ME
from tests.small_town import START

NAIVE: Final = datetime(2026, 11, 23, 8)  # noqa: DTZ001 - it is the attack
MOST_READ: Final = 1_000_000
"""Members of an endless value that may be read; nobody needs more than a few thousand."""
TEN_MILLION: Final = 10**7


class ReadOnAndOn(BaseException):
    """Somebody reads an endless value to its end. No handler of errors catches it."""


class OddText(str):
    """Text whose methods return wrong results."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("compared")

    def __len__(self) -> int:
        return 1

    def __str__(self) -> str:
        return "\0"

    def isprintable(self) -> bool:
        return True


class Unhashable(str):
    """Text that can't be a key."""

    __slots__ = ()

    def __hash__(self) -> int:
        raise RuntimeError("hashed")


class Zone(tzinfo):
    """A time zone whose offset is anything."""

    def __init__(self, offset: Callable[[], Any]) -> None:
        self._offset = offset

    def utcoffset(self, _: datetime | None, /) -> Any:
        return self._offset()

    def dst(self, _: datetime | None, /) -> timedelta | None:
        return None

    def tzname(self, _: datetime | None, /) -> str | None:
        return None


def raise_error(*_: object, **__: object) -> Any:
    raise RuntimeError("a method of the caller's own")


def all_raise(kind: type, *names: str) -> type:
    """A subclass of `kind` whose methods of these names raise."""
    return type(f"Raising{kind.__name__.title()}", (kind,), dict.fromkeys(names, raise_error))


METHODS: Final = (
    "__eq__",
    "__ne__",
    "__lt__",
    "__le__",
    "__gt__",
    "__ge__",
    "__hash__",
    "__repr__",
    "__str__",
    "__bool__",
)
OF_LISTS: Final = ("__iter__", "__len__", "__getitem__", "__contains__")
OF_TEXT: Final = ("strip", "translate", "partition", "split", "encode", "isascii", "lower", "casefold", "startswith")
OF_DATES: Final = ("isoformat", "toordinal", "weekday", "replace", "astimezone", "utcoffset", "date", "timetz")
Nothing: Final = all_raise(object, *METHODS[:6], *METHODS[6:], *OF_LISTS)
RaisingText: Final = all_raise(str, *METHODS, *OF_LISTS, *OF_TEXT)
RaisingNumber: Final = all_raise(int, *METHODS, "__index__", "__int__", "__add__", "__sub__", "__floordiv__")
RaisingFloat: Final = all_raise(float, *METHODS, "__float__", "__add__")
RaisingInstant: Final = all_raise(datetime, *METHODS, *OF_DATES)
RaisingDate: Final = all_raise(date, *METHODS, *OF_DATES)
RaisingList: Final = all_raise(list, *METHODS, *OF_LISTS)
RaisingTable: Final = all_raise(dict, *METHODS, *OF_LISTS, "items", "keys", "values", "get", "copy")


class NoClass:
    """A value whose class can't be asked for."""

    @property
    def __class__(self) -> Any:
        raise RuntimeError("no class")

    @__class__.setter
    def __class__(self, _: Any) -> None: ...


class Pretender:
    """A value that pretends to be of another class."""

    def __init__(self, kind: type) -> None:
        self._kind = kind

    @property
    def __class__(self) -> Any:
        return self._kind

    @__class__.setter
    def __class__(self, _: Any) -> None: ...


class EqualToAll:
    """A value that equals everything and has no attribute that raises."""

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 1


class Endless:
    """A list without an end."""

    def __iter__(self) -> Iterator[Any]:
        yield from repeat("x", MOST_READ)
        raise ReadOnAndOn


class EndlessTable(Mapping[Any, Any]):
    """A mapping without an end."""

    def __getitem__(self, name: object) -> Any:
        return name

    def __iter__(self) -> Iterator[Any]:
        return (f"name-{place}" for place in chain(range(MOST_READ), map(raise_end, (0,))))

    def __len__(self) -> int:
        return 1


def raise_end(_: object) -> Any:
    raise ReadOnAndOn


class LongName: ...


LongName.__name__ = LongName.__qualname__ = "Long" * 25_000


class Word(StrEnum):
    """Text of an enum that is not the library's."""

    RENEWAL = "renewal"
    ARABIC = "ar"


class Number(IntEnum):
    """Whole numbers of an enum."""

    ONE = 1


def past(kind: type, /, **values: object) -> Any:
    """A value that has passed no constructor, as from `copy` or `pickle`; attributes that are not given are missing."""
    made: Any = object.__new__(kind)
    for name, value in values.items():
        object.__setattr__(made, name, value)
    return made


def deep(levels: int, outer: Callable[[Any], Any] = lambda inner: [inner]) -> Any:
    """A list in a list in a list."""
    made: Any = []
    for _ in range(levels):
        made = outer(made)
    return made


def in_itself() -> Any:
    made: Any = []
    made.append(made)
    return made


def table_in_itself() -> Any:
    made: dict[str, Any] = {}
    made["kind"] = made
    return made


def garbled(kind: type) -> Any:
    """A value of a class of the library's with a list in each of its fields."""
    return past(kind, **{each.name: [] for each in attrs.fields(kind)})


def in_zone(offset: Callable[[], Any]) -> datetime:
    return NAIVE.replace(tzinfo=Zone(offset))


VALUES: Final = tuple(
    kind
    for name in tb.__all__
    if isinstance(kind := getattr(tb, name), type) and attrs.has(kind) and kind is not tb.Fault
)
"""The classes of the library's values."""

Make = Callable[[], Any]

TEXTS: Final[Mapping[str, Make]] = {
    "no text": lambda: "",
    "blanks": lambda: "  \t\u3000 ",
    "a NUL": lambda: "\0",
    "a name with a NUL": lambda: "renewal\0",
    "a lone surrogate": lambda: "\ud800",
    "a name with a lone surrogate": lambda: "north\udfff",
    "10 MB of text": lambda: "x" * TEN_MILLION,
    "10 MB of digits": lambda: "1" * TEN_MILLION,
    "10 MB of Arabic digits": lambda: "٣" * (TEN_MILLION // 2),
    "10 MB of combining marks": lambda: "a" + "\u0301" * (TEN_MILLION // 2),
    "10 MB of blanks": lambda: " " * TEN_MILLION,
    "10 MB of layout marks": lambda: "\u200f" * (TEN_MILLION // 3),
    "5,000 digits": lambda: "9" * 5_000,
    "text that NFKC makes 18 times as long": lambda: "\ufdfa" * 3_000,
    "text that NFC makes longer": lambda: "\U0001d160" * 43,
    "an override of direction": lambda: "\u202e1448-06-11",
    "braces": lambda: "{0.__class__} {got} {}",
    "percent signs": lambda: "%s%n%(x)s",
    "a line that looks like another": lambda: "renewal\nERROR: nothing",
    "escapes of a terminal": lambda: "\x1b[2J\x1b]0;x\x07",
    "digits that are no decimals": lambda: "²³①",
    "a dotless i": lambda: "İstanbul",
    "an unassigned character": lambda: "\U000e0fff",
    "a private character": lambda: "\ue000",
    "another language": lambda: "fr",
    "an id as text": ME.reveal,
    "a path upwards": lambda: "../../etc/passwd",
    "a token of a slot in the year 0": lambda: "north.renewal.00000101T0000Z",
    "a token with half a surrogate": lambda: "north.renewal.\udc00",
    "a date of 10,000 digits": lambda: f"{'1' * 10_000}-01-01",
    "a Hijri date that is none": lambda: "1448-13-31",
    "brackets 10,000 deep": lambda: "[" * 10_000,
    "a URL with a NUL": lambda: "sqlite:///\0",
    "a time zone that is a folder": lambda: "Asia",
    "a time zone outside of the database": lambda: "../zoneinfo/UTC",
    "text whose methods return wrong results": lambda: OddText("renewal"),
    "text that can't be hashed": lambda: Unhashable("renewal"),
    "text whose methods raise": lambda: RaisingText("renewal"),
    "text of an enum": lambda: Word.RENEWAL,
    "a language of an enum": lambda: Word.ARABIC,
}
NUMBERS: Final[Mapping[str, Make]] = {
    "true": lambda: True,
    "false": lambda: False,
    "zero": lambda: 0,
    "minus one": lambda: -1,
    "2^63": lambda: 2**63,
    "10^5000": lambda: 10**5_000,
    "minus 10^5000": lambda: -(10**5_000),
    "one as a fraction": lambda: 1.0,
    "minus zero": lambda: -0.0,
    "NaN": lambda: float("nan"),
    "infinity": lambda: float("inf"),
    "minus infinity": lambda: float("-inf"),
    "the least fraction": lambda: 5e-324,
    "a decimal NaN": lambda: Decimal("sNaN"),
    "a huge decimal": lambda: Decimal("1e999999"),
    "a fraction": lambda: Fraction(1, 3),
    "a complex number": lambda: 1j,
    "a number of an enum": lambda: Number.ONE,
    "a number whose methods raise": lambda: RaisingNumber(5),
    "a fraction whose methods raise": lambda: RaisingFloat(5.0),
}
TIMES: Final[Mapping[str, Make]] = {
    "the first instant": lambda: datetime.min.replace(tzinfo=UTC),
    "the last instant": lambda: datetime.max.replace(tzinfo=UTC),
    "the first instant, east of Greenwich": lambda: datetime.min.replace(tzinfo=timezone(timedelta(hours=14))),
    "the last instant, west of Greenwich": lambda: datetime.max.replace(tzinfo=timezone(timedelta(hours=-12))),
    "an instant without an offset": lambda: NAIVE,
    "a folded time": lambda: datetime(2026, 10, 25, 1, 30, fold=1, tzinfo=ZoneInfo("Europe/London")),
    "a time that a clock left out": lambda: datetime(2026, 3, 29, 1, 30, tzinfo=ZoneInfo("Europe/London")),
    "an offset of seconds": lambda: NAIVE.replace(tzinfo=timezone(timedelta(seconds=1))),
    "a zone whose offset raises": lambda: in_zone(raise_error),
    "a zone without an offset": lambda: in_zone(lambda: None),
    "a zone whose offset is a number": lambda: in_zone(lambda: 7),
    "a zone whose offset is a day": lambda: in_zone(lambda: timedelta(days=1)),
    "a zone whose offset is 400 days": lambda: in_zone(lambda: timedelta(days=400)),
    "an instant whose methods raise": lambda: RaisingInstant(2026, 11, 23, 8, tzinfo=UTC),
    "an aware instant for a date": lambda: START,
    "the first day": lambda: date.min,
    "the last day": lambda: date.max,
    "a day whose methods raise": lambda: RaisingDate(2026, 11, 23),
    "a time of day": lambda: time(8, 30),
    "an aware time of day": lambda: time(8, 30, tzinfo=UTC),
    "the longest duration": lambda: timedelta.max,
    "the longest duration before": lambda: timedelta.min,
    "a zone itself": lambda: ZoneInfo("Asia/Riyadh"),
}
LISTS: Final[Mapping[str, Make]] = {
    "no members": list,
    "a tuple of nothing": lambda: (None, None),
    "a million members": lambda: ["x"] * 1_000_000,
    "a list in itself": in_itself,
    "lists 100,000 deep": lambda: deep(100_000),
    "tuples 100,000 deep": lambda: deep(100_000, lambda inner: (inner,)),
    "a list whose methods raise": lambda: RaisingList(["renewal"]),
    "a list without an end": Endless,
    "an iterator without an end": lambda: iter(Endless()),
    "a generator that raises": lambda: (raise_error() for _ in range(1)),
    "a set of many kinds": lambda: {"renewal", 7, None, b"x"},
    "a set of text": lambda: {"renewal"},
    "a range of 10^18 members": lambda: range(10**18),
    "a table": lambda: {"kind": "national-id", "id": "1"},
    "a table in itself": table_in_itself,
    "tables 100,000 deep": lambda: deep(100_000, lambda inner: {"kind": inner}),
    "a table whose methods raise": lambda: RaisingTable(kind="x"),
    "a table without an end": EndlessTable,
    "a table with keys of many kinds": lambda: {1: 2, None: 3, ("a",): 4, "kind": "clerk"},
    "a table that can't be changed": lambda: MappingProxyType({"days": True}),
    "figures of 10^5000": lambda: {"days": 10**5_000, "minutes": 10**5_000},
}
OTHERS: Final[Mapping[str, Make]] = {
    "nothing": lambda: None,
    "an object": object,
    "a class": lambda: tb.NationalId,
    "a function": lambda: raise_error,
    "bytes": lambda: b"renewal",
    "10 MB of bytes": lambda: bytes(TEN_MILLION),
    "a mutable array of bytes": lambda: bytearray(b"renewal"),
    "a view of bytes": lambda: memoryview(b"renewal"),
    "a UUID": lambda: UUID(int=7),
    "a path": lambda: Path("/dev/null/at/all"),  # nobody can make it, not even root
    "a pure path with a NUL": lambda: PurePosixPath("a\0b"),
    "an ellipsis": lambda: ...,
    "an error": lambda: ValueError("\ud800"),
    "a mock": MagicMock,
    "a mock of text": lambda: MagicMock(spec=str),
    "a mock of an id": lambda: MagicMock(spec=tb.NationalId),
    "a value that says it is text": lambda: Pretender(str),
    "a value that says it is a date": lambda: Pretender(date),
    "a value that says it is an instant": lambda: Pretender(datetime),
    "a value that says it is an id": lambda: Pretender(tb.NationalId),
    "a value without a class": NoClass,
    "a value whose methods raise": Nothing,
    "a value that equals everything": EqualToAll,
    "a value of a class with a long name": LongName,
    "attributes of anything": lambda: SimpleNamespace(id="desk-1", branch="north", slot=None),
    "a member of another enum": lambda: tb.Weekday.MONDAY,
    "a member of another enum of text": lambda: tb.Effect.CLOSED,
    "a use of rules": lambda: tb.Use.BOOK,
    "the class of an enum": lambda: Enum,
    "an id": lambda: ME,
}
WITHOUT_ATTRIBUTES: Final[Mapping[str, Make]] = {
    f"{kind.__name__} without attributes": partial(past, kind) for kind in VALUES
}
GARBLED: Final[Mapping[str, Make]] = {
    f"{kind.__name__} with a list in each field": partial(garbled, kind) for kind in VALUES
}
"""Values of the library's classes that passed no constructor."""

HOSTILE: Final[Mapping[str, Make]] = {**TEXTS, **NUMBERS, **TIMES, **LISTS, **OTHERS}
"""The values that every parameter gets."""
