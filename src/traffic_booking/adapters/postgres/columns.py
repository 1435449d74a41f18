"""Columns of many rows as parameters: arrays in PostgreSQL's binary form, which neither side has to parse.

The driver's own way to pass a list looks at every item for quotes, and takes far longer than the server needs for all
of the work; hence these. `register` teaches a connection to send them.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from struct import Struct
from typing import Any, Final

from psycopg.abc import AdaptContext, Buffer
from psycopg.adapt import Dumper
from psycopg.pq import Format

_TEXT: Final = 25
_NUMBER: Final = 20
_INSTANT: Final = 1184
"""The ids of PostgreSQL's own types text, bigint and timestamptz, the same in every database."""
_TEXTS: Final = 1009
_NUMBERS: Final = 1016
_INSTANTS: Final = 1185
"""The ids of their arrays."""

_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_HEAD: Final = Struct(">iiIii").pack
"""How many dimensions, whether there are nulls, the items' type, how many items, where the count begins."""
_EIGHT_BYTES: Final = Struct(">iq").pack
_LENGTH: Final = Struct(">i").pack
_NULL: Final = b"\xff\xff\xff\xff"
_NONE: Final = Struct(">iiI").pack


class Texts(bytes):
    """An array of text."""

    __slots__ = ()


class Numbers(bytes):
    """An array of whole numbers."""

    __slots__ = ()


class Instants(bytes):
    """An array of instants."""

    __slots__ = ()


def texts(items: Collection[str | None]) -> Texts:
    """Those texts, in their order; half a character is left for the server to refuse."""
    made = bytearray(_head(_TEXT, len(items)))
    for item in items:
        if item is None:
            made += _NULL
        else:
            encoded = item.encode("utf-8", "surrogatepass")
            made += _LENGTH(len(encoded))
            made += encoded
    return Texts(made)


def numbers(items: Collection[int]) -> Numbers:
    """Those numbers, in their order."""
    made = bytearray(_head(_NUMBER, len(items)))
    for item in items:
        made += _EIGHT_BYTES(8, item)
    return Numbers(made)


def instants(items: Collection[datetime | None]) -> Instants:
    """Those instants, in their order."""
    made = bytearray(_head(_INSTANT, len(items)))
    for item in items:
        made += _NULL if item is None else _instant(item)
    return Instants(made)


def columns(kinds: Sequence[Callable[[Collection[Any]], bytes]], rows: Sequence[Sequence[Any]]) -> Iterator[bytes]:
    """The columns of `rows`, side by side, each of its kind."""
    if not rows:
        return (kind(()) for kind in kinds)
    return (kind(column) for kind, column in zip(kinds, zip(*rows, strict=True), strict=True))


def register(context: AdaptContext) -> None:
    """Let what `context` sends have such columns as parameters."""
    for column, kind in ((Texts, _TextsDumper), (Numbers, _NumbersDumper), (Instants, _InstantsDumper)):
        context.adapters.register_dumper(column, kind)


@lru_cache(maxsize=4096)
def _instant(item: datetime) -> bytes:
    """An instant in whole microseconds since 2000 began; the same few come again and again."""
    since = item - _EPOCH
    return _EIGHT_BYTES(8, (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds)


@lru_cache(maxsize=1024)
def _head(kind: int, count: int) -> bytes:
    # That there may be nulls is said always: the server only wants to see 0 or 1.
    return _HEAD(1, 1, kind, count, 1) if count else _NONE(0, 0, kind)


class _ColumnDumper(Dumper):
    """Sends a column as it is."""

    format = Format.BINARY

    def dump(self, obj: bytes) -> Buffer:
        return obj


class _TextsDumper(_ColumnDumper):
    oid = _TEXTS


class _NumbersDumper(_ColumnDumper):
    oid = _NUMBERS


class _InstantsDumper(_ColumnDumper):
    oid = _INSTANTS
