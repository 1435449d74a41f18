"""Columns of many rows as parameters: arrays in PostgreSQL's binary format, which neither side has to parse.

The driver's own way to pass a list looks at every item for quotes, and takes longer than the server's whole work.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain
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
"""Most numbers are small versions."""

_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_HEAD: Final = Struct(">iiIii").pack
"""The number of dimensions, whether there are nulls, the items' type, the number of items, the first index."""
_EIGHT_BYTES: Final = Struct(">iq").pack
_LENGTH: Final = Struct(">i").pack
_NULL: Final = b"\xff\xff\xff\xff"
_NONE: Final = Struct(">iiI").pack


class ArrayType:
    """The type of an array; called with items, it makes a column of them."""

    def __init__(self, item_type: int, piece: Callable[[Any], bytes]) -> None:
        self.item_type = item_type
        self.piece = piece
        self.array = type("_Array", (bytes,), {"__slots__": ()})  # a type of its own, by which psycopg finds the dumper

    def __call__(self, items: Sequence[Any]) -> bytes:
        return columns((self,), (items,))[0]


def columns(kinds: Iterable[ArrayType], every: Iterable[Sequence[Any]]) -> list[bytes]:
    """The columns of these items, side by side, each of its kind."""
    made: list[bytes] = []
    for kind, items in zip(kinds, every, strict=True):
        pieces: Iterable[bytes] = map(kind.piece, items)
        if kind is texts:
            with suppress(TypeError, UnicodeEncodeError):  # a null, or a lone surrogate
                encoded = [*map(str.encode, items)]
                pieces = chain.from_iterable(zip(map(_LENGTH, map(len, encoded)), encoded, strict=True))
        made.append(kind.array(_head(kind.item_type, len(items)) + b"".join(pieces)))
    return made


def register(context: AdaptContext) -> None:
    """Let the statements of `context` have such columns as parameters."""
    for kind in (texts, numbers, instants):
        dumper = type("_Dumper", (BytesBinaryDumper,), {"oid": _ARRAYS[kind.item_type], "dump": staticmethod(bytes)})
        context.adapters.register_dumper(kind.array, dumper)


def _text(item: str | None) -> bytes:
    if item is None:
        return _NULL
    encoded = item.encode("utf-8", "surrogatepass")  # the server refuses a lone surrogate
    return _LENGTH(len(encoded)) + encoded


@lru_cache(maxsize=CACHED)
def _number(item: int | None) -> bytes:
    return _NULL if item is None else _EIGHT_BYTES(8, item)


def _instant(item: datetime | None) -> bytes:
    """An instant in whole microseconds since 2000 began."""
    if item is None:
        return _NULL
    since = item - _EPOCH
    return _EIGHT_BYTES(8, (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds)


@lru_cache(maxsize=1024)
def _head(item_type: int, count: int) -> bytes:
    # That there may be nulls is stated always: the server only wants to see 0 or 1.
    return _HEAD(1, 1, item_type, count, 1) if count else _NONE(0, 0, item_type)


texts: Final = ArrayType(_TEXT, _text)
numbers: Final = ArrayType(_NUMBER, _number)
instants: Final = ArrayType(_INSTANT, _instant)
