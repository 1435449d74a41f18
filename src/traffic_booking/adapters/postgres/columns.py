"""Columns of many rows as parameters: arrays in PostgreSQL's binary form, which neither side has to parse.

The driver's own way to pass a list looks at every item for quotes, and takes far longer than the server needs for all
of the work; hence these. `register` teaches a connection to send them. The kinds of columns are at the end.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from struct import Struct
from typing import Any, Final

from attrs import field, frozen
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

REMEMBERED_ITEMS: Final = 4_096
"""Of each kind that is remembered."""

_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_HEAD: Final = Struct(">iiIii").pack
"""How many dimensions, whether there are nulls, the items' type, how many items, where the count begins."""
_EIGHT_BYTES: Final = Struct(">iq").pack
_LENGTH: Final = Struct(">i").pack
_HEAD_OF_ONE: Final = Struct(">iiIiii").pack
"""The same with the length of the only item."""
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


@frozen(kw_only=True)
class Kind:
    """A kind of column; called with items, it makes a column of them.

    `one` makes a column of a single item, as those of one booking are; `piece` is an item as it stands in a column, and
    `pieces` are many.
    """

    item_type: int
    array: type[bytes]
    piece: Callable[[Any], bytes]
    one: Callable[[Any], bytes]
    pieces: Callable[[Sequence[Any]], bytes] = field()

    @pieces.default
    def _one_by_one(self) -> Callable[[Sequence[Any]], bytes]:
        piece = self.piece
        return lambda items: b"".join([*map(piece, items)])

    def __call__(self, items: Sequence[Any]) -> bytes:
        if len(items) == 1:
            return self.one(items[0])
        return self.array(_head(self.item_type, len(items)) + self.pieces(items))


def columns(kinds: Sequence[Kind], rows: Sequence[Sequence[Any]]) -> list[bytes]:
    """The columns of `rows`, side by side, each of its kind."""
    if not rows:
        return [kind(()) for kind in kinds]
    if len(rows) == 1:  # as of one booking, of whose columns most are remembered
        return [kind.one(item) for kind, item in zip(kinds, rows[0], strict=True)]
    return [kind(column) for kind, column in zip(kinds, zip(*rows, strict=True), strict=True)]


def register(context: AdaptContext) -> None:
    """Let what `context` sends have such columns as parameters."""
    for column, kind in ((Texts, _TextsDumper), (Numbers, _NumbersDumper), (Instants, _InstantsDumper)):
        context.adapters.register_dumper(column, kind)


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


def _text(item: str | None) -> bytes:
    """Text; half a character is left for the server to refuse."""
    if item is None:
        return _NULL
    encoded = item.encode("utf-8", "surrogatepass")
    return _LENGTH(len(encoded)) + encoded


def _one_text(item: str | None) -> bytes:
    if item is None:
        return Texts(_head(_TEXT, 1) + _NULL)
    encoded = item.encode("utf-8", "surrogatepass")
    return Texts(_HEAD_OF_ONE(1, 1, _TEXT, 1, 1, len(encoded)) + encoded)


def _texts(items: Sequence[str | None]) -> bytes:
    try:
        encoded = [*map(str.encode, items)]  # type: ignore[arg-type] # whether one is None is what is tried
    except (TypeError, UnicodeEncodeError):
        return b"".join([*map(_text, items)])
    pieces = [b""] * (2 * len(encoded))
    pieces[::2] = map(_LENGTH, map(len, encoded))
    pieces[1::2] = encoded
    return b"".join(pieces)


def _number(item: int) -> bytes:
    return _EIGHT_BYTES(8, item)


def _instant(item: datetime | None) -> bytes:
    """An instant in whole microseconds since 2000 began."""
    if item is None:
        return _NULL
    since = item - _EPOCH
    return _EIGHT_BYTES(8, (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds)


@lru_cache(maxsize=1024)
def _head(item_type: int, count: int) -> bytes:
    # That there may be nulls is said always: the server only wants to see 0 or 1.
    return _HEAD(1, 1, item_type, count, 1) if count else _NONE(0, 0, item_type)


def _kind(item_type: int, array: type[bytes], piece: Callable[[Any], bytes]) -> Kind:
    head = _head(item_type, 1)
    return Kind(item_type=item_type, array=array, piece=piece, one=lambda item: array(head + piece(item)))


def _remembered(kind: Kind) -> Kind:
    remember = lru_cache(maxsize=REMEMBERED_ITEMS)
    return Kind(item_type=kind.item_type, array=kind.array, piece=remember(kind.piece), one=remember(kind.one))


texts: Final = Kind(item_type=_TEXT, array=Texts, piece=_text, one=_one_text, pieces=_texts)
numbers: Final = _kind(_NUMBER, Numbers, _number)
words: Final = _remembered(texts)
"""Names that the catalogue or the rulebook has, and states: the same few again and again, and never what was typed."""
counts: Final = _remembered(numbers)
"""Numbers of which most are small."""
instants: Final = _remembered(_kind(_INSTANT, Instants, _instant))
"""Told in UTC, as the domain's are: elsewhere two that differ in `fold` alone are equal, and remembered as one."""
