"""Statements, and each declared collection and counter as statements need it: table, columns, calls that write."""

from collections.abc import Callable, Sequence
from typing import Any, Final, Generic, LiteralString, NamedTuple, TypeVar
from zlib import crc32

from attrs import frozen

from traffic_booking.adapters.postgres import columns
from traffic_booking.adapters.postgres.columns import numbers, texts
from traffic_booking.persistence.sql import fields_of, quoted
from traffic_booking.ports.collections import Collection, Kind, Schema

T_co = TypeVar("T_co", covariant=True)

VERBS: Final = ("check", "insert", "update", "delete")
"""In the order in which a commit uses them on each table."""

_KINDS: Final = {Kind.TEXT: texts, Kind.NUMBER: numbers, Kind.INSTANT: columns.instants}
_OURS: Final = 0x3A31_2680 << 32
"""Separates the numbers that we lock from those of other applications in the same database."""
_PART: Final = 0xFFFF
"""Everybody connected to the database sees which numbers are locked: too few to identify a key."""

AWAIT_STANDBY: Final = (
    "CASE WHEN current_setting('synchronous_standby_names') <> '' AND NOT pg_is_in_recovery()"
    " THEN pg_logical_emit_message(true, 'traffic_booking', ''::text) END"
)
"""Makes a statement wait, at its end, until the standbys have everything that it has read.

A wait that was broken off leaves its transaction visible, and perhaps on this server alone.
"""


@frozen(repr=False)  # the parameters may be personal
class Statement(Generic[T_co]):
    """One round trip; `read` makes the result from the rows."""

    sql: LiteralString | bytes
    parameters: Sequence[object]
    read: Callable[[list[tuple[Any, ...]]], T_co]


def ours(name: str) -> str:
    """A table or function of ours, as SQL takes it."""
    return f"traffic_booking.{quoted(name)}"


def copy_of(collection: Collection, column: str) -> str:
    """The name of the copy of a table that a cluster places by `column`; no declared name has a space."""
    return f"{collection.name} by {column}"


def sent(sql: str) -> str:
    """SQL for the driver, which takes a per cent sign for a parameter."""
    return sql.replace("%", "%%")


def call(function: str, count: int) -> str:
    """A call of a function of ours with `count` columns."""
    return f"{sent(ours(function))}({', '.join(['%b'] * count)})"


class OrderedRows(NamedTuple):
    """A table in the order of an index, or of its keys: then `columns` is empty."""

    table: str
    row: str
    key: str
    columns: tuple[str, ...]
    kinds: tuple[columns.ArrayType, ...]
    where: str


class Table:
    """The table of a collection, as statements use it."""

    def __init__(self, declared: Collection) -> None:
        fields, name = fields_of(declared), declared.name
        kinds = {field.name: _KINDS[field.kind] for field in fields}
        every, guarded = [*kinds.values()], [texts, numbers]
        self.declared = declared
        self.name, self.key = sent(ours(name)), sent(quoted(declared.key))
        self.row = f"json_build_array({sent(', '.join(f't.{quoted(field.name)}' for field in fields))})"
        self.instants = [place for place, field in enumerate(fields) if field.kind is Kind.INSTANT]
        of_verb = zip(VERBS, (guarded, every, [*guarded, *every[1:]], guarded), strict=True)
        self.calls = {verb: (call(f"{verb}_{name}", len(taken)), taken) for verb, taken in of_verb}
        """Of each verb the call, and the kinds of its columns."""
        self.listings: dict[str | None, OrderedRows] = {
            index.name: OrderedRows(
                *(self.name, self.row, self.key),
                columns=tuple([sent(quoted(column)) for column in index.columns]),
                kinds=tuple([kinds[column] for column in index.columns]),
                where=f"t.{sent(quoted(index.where_set))} IS NOT NULL" if index.where_set else "true",
            )
            for index in declared.indexes
        }
        self.listings[None] = OrderedRows(self.name, self.row, self.key, (), (texts,), "true")
        self._lock = _OURS | (crc32(name.encode()) & _PART) << 16

    def lock(self, key: str) -> int:
        """The number that is locked for a record; records with the same number wait for each other without need."""
        return self._lock | crc32(key.encode("utf-8", "surrogatepass")) & _PART


class CounterTable:
    """The table of a counter, as statements use it."""

    def __init__(self, name: str) -> None:
        self.call = call(f"count_{name}", 4)
        row = "json_build_array(t.key, t.value)"
        self.listing = OrderedRows(sent(ours(name)), row, "key", (), (texts,), "t.value > 0")


class Tables:
    """The tables of a schema; `order` is that in which a commit writes collections."""

    def __init__(self, schema: Schema) -> None:
        self.collections = {each.name: Table(each) for each in schema.collections}
        self.order = {name: place for place, name in enumerate(self.collections)}
        self.counters = {each.name: CounterTable(each.name) for each in schema.counters}
