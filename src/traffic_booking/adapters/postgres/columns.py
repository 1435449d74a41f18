"""Columns of many rows as parameters: arrays in PostgreSQL's binary form, which neither side has to parse.

The driver's own way to pass a list looks at every item for quotes, and takes far longer than the server needs for all
of the work; hence these. `register` teaches a connection to send them.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from struct import Struct
from typing import Any, Final

from psycopg.abc import AdaptContext
from psycopg.types.string import BytesBinaryDumper

_TEXT: Final = 25
_NUMBER: Final = 20
_INSTANT: Final = 1184
"""The ids of PostgreSQL's own types text, bigint and timestamptz, the same in every database."""
_ARRAYS: Final = {_TEXT: 1009, _NUMBER: 1016, _INSTANT: 1185}

CACHED: Final = 4_096
"""Of numbers, most of which are small versions, and of instants, which come as the starts and ends of slots."""

_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_HEAD: Final = Struct(">iiIii").pack
"""How many dimensions, whether there are nulls, the items' type, how many items, where the count begins."""
_EIGHT_BYTES: Final = Struct(">iq").pack
_LENGTH: Final = Struct(">i").pack
_HEAD_OF_ONE: Final = Struct(">iiIiii").pack
"""The same with the length of the only item."""
_NULL: Final = b"\xff\xff\xff\xff"
_NONE: Final = Struct(">iiI").pack


class Kind:
    """A kind of column; called with items, it makes a column of them. `one` makes a column of a single item."""

    def __init__(self, item_type: int, piece: Callable[[Any], bytes]) -> None:
        self.item_type = item_type
        self.piece = piece
        self.array = type("_Array", (bytes,), {"__slots__": ()})
        self.one = self._one

    def __call__(self, items: Sequence[Any]) -> bytes:
        return self.array(_head(self.item_type, len(items)) + b"".join([*map(self.piece, items)]))  # type: ignore[no-any-return] # made of bytes

    def _one(self, item: Any) -> bytes:
        return self.array(_head(self.item_type, 1) + self.piece(item))  # type: ignore[no-any-return] # made of bytes


class _Texts(Kind):
    def __call__(self, items: Sequence[str | None]) -> bytes:
        try:
            encoded = [*map(str.encode, items)]  # type: ignore[arg-type] # whether one is None is what is tried
        except (TypeError, UnicodeEncodeError):
            return super().__call__(items)
        if len(encoded) == 1:  # as of one booking
            return self.array(_HEAD_OF_ONE(1, 1, _TEXT, 1, 1, len(encoded[0])) + encoded[0])  # type: ignore[no-any-return] # made of bytes
        pieces = [b""] * (2 * len(encoded))
        pieces[::2] = map(_LENGTH, map(len, encoded))
        pieces[1::2] = encoded
        return self.array(_head(_TEXT, len(encoded)) + b"".join(pieces))  # type: ignore[no-any-return] # made of bytes


def columns(kinds: Sequence[Kind], rows: Sequence[Sequence[Any]]) -> list[bytes]:
    """The columns of `rows`, at least one, side by side, each of its kind."""
    if len(rows) > 1:
        return [kind(column) for kind, column in zip(kinds, zip(*rows, strict=True), strict=True)]
    made: list[bytes] = []
    for kind, item in zip(kinds, rows[0], strict=True):  # as of one booking
        if kind is texts and item is not None:
            encoded = item.encode("utf-8", "surrogatepass")
            made.append(texts.array(_HEAD_OF_ONE(1, 1, _TEXT, 1, 1, len(encoded)) + encoded))
        else:
            made.append(kind.one(item))
    return made


def register(context: AdaptContext) -> None:
    """Let what `context` sends have such columns as parameters."""
    for kind in (texts, numbers, instants):
        dumper = type("_Dumper", (BytesBinaryDumper,), {"oid": _ARRAYS[kind.item_type], "dump": staticmethod(bytes)})
        context.adapters.register_dumper(kind.array, dumper)


def _text(item: str | None) -> bytes:
    """Text; half a character is left for the server to refuse."""
    if item is None:
        return _NULL
    encoded = item.encode("utf-8", "surrogatepass")
    return _LENGTH(len(encoded)) + encoded


@lru_cache(maxsize=CACHED)
def _number(item: int | None) -> bytes:
    return _NULL if item is None else _EIGHT_BYTES(8, item)


def _instant(item: datetime | None) -> bytes:
    return _NULL if item is None else _in_utc(item if item.tzinfo is UTC else item.astimezone(UTC))


@lru_cache(maxsize=CACHED)
def _in_utc(item: datetime) -> bytes:
    """An instant in whole microseconds since 2000 began; in UTC, so that equal ones have one fold."""
    since = item - _EPOCH
    return _EIGHT_BYTES(8, (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds)


@lru_cache(maxsize=1024)
def _head(item_type: int, count: int) -> bytes:
    # That there may be nulls is stated always: the server only wants to see 0 or 1.
    return _HEAD(1, 1, item_type, count, 1) if count else _NONE(0, 0, item_type)


texts: Final = _Texts(_TEXT, _text)
numbers: Final = Kind(_NUMBER, _number)
numbers.one = lru_cache(maxsize=CACHED)(numbers.one)
instants: Final = Kind(_INSTANT, _instant)
