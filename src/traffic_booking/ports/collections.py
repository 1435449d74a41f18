"""How collections, counters and their indexes are declared: data that a store receives when it is opened.

A store creates what is missing. Its numbered migrations only alter what an earlier release created.
"""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.values import frozen

RESERVED: Final = ("log", "migrations", "created", "generations")
"""Names that stores use for tables of their own."""

LONGEST_INDEX: Final = 56
"""In characters, the collection's name included: databases cut longer names of indexes."""

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)


class Kind(StrEnum):
    """The type of a column."""

    TEXT = "text"
    NUMBER = "number"
    INSTANT = "instant"


@frozen
class Column:
    """A named part of a record that a store keeps in a column of its own, so that people can query it."""

    name: str
    kind: Kind = Kind.TEXT
    optional: bool = False


@frozen(kw_only=True)
class Index:
    """Records by `columns`; the last column is the one of ranges and of the order.

    Its columns are not optional, except `where_set`: if that is given, the index has only the records that have a value
    in this column. Only keys are unique.
    """

    name: str
    columns: tuple[str, ...]
    where_set: str | None = None


@frozen(kw_only=True)
class Collection:
    """Records of one kind.

    - `key`: the name of the key in a table;
    - `altered`: whether records are ever written again. Records of every collection can be deleted;
    - `evidence`: whether the marks of changes name its records, so that an audit finds any that was forged. The others
      are listed in an audit's report;
    - `named_by`: the column by which marks name a record; None for the key. For records whose keys show persons;
    - `checked`: whether changes compare a version without raising it, so that a store must lock the record;
    - `spread`: whether a cluster places each record by its key. The others are few, and stay on one server;
    - `copies`: the text columns by which a cluster places one more copy of each record, for the indexes that begin with
      the column. So what one guard protects is in one shard with it.
    """

    name: str
    key: str
    columns: tuple[Column, ...] = ()
    indexes: tuple[Index, ...] = ()
    altered: bool = True
    checked: bool = False
    evidence: bool = True
    named_by: str | None = None
    spread: bool = True
    copies: tuple[str, ...] = ()

    def place(self, column: str) -> int:
        """The place of a column in a `Row`; the key is at 0 and the version at 1."""
        return 2 + [each.name for each in self.columns].index(column)

    def index(self, name: str) -> Index:
        """The index of that name."""
        return next(each for each in self.indexes if each.name == name)


@frozen(kw_only=True)
class Counter:
    """Counters of one kind; a cluster places them by the first part of their key, which ends at the first slash."""

    name: str


@frozen(kw_only=True)
class Schema:
    """All that a store keeps: collections, counters, and one log of entries.

    A name has at most 40 lower-case ASCII letters, digits and underscores, and begins with a letter; the names of an
    index and its collection have at most 56 characters together. All names differ, and none is in `RESERVED`. Raises
    `InvalidInput` for other names, and for an index whose columns don't fit.
    """

    collections: tuple[Collection, ...]
    counters: tuple[Counter, ...]

    def __attrs_post_init__(self) -> None:
        counters = [each.name for each in self.counters]
        _distinct("schema", [*RESERVED, *(each.name for each in self.collections), *counters])
        for collection in self.collections:
            _check(collection)

    def collection(self, name: str) -> Collection:
        """The collection of that name."""
        return next(each for each in self.collections if each.name == name)


def _check(collection: Collection) -> None:
    columns = {each.name: each for each in collection.columns}
    _distinct(collection.name, [collection.key, "version", "body", *(each.name for each in collection.columns)])
    _distinct(collection.name, ["pkey", *(each.name for each in collection.indexes)])
    for index in collection.indexes:
        named = {*index.columns, *((index.where_set,) if index.where_set else ())}
        optional = [name for name in index.columns if name in columns and columns[name].optional]
        where = f"index {index.name} of {collection.name}"
        if not index.columns or not named <= columns.keys():
            raise InvalidInput(where, got=", ".join(index.columns), expected="columns of the collection")
        if any(name != index.where_set for name in optional):
            raise InvalidInput(where, got=f"the optional {optional[0]}", expected="`where_set` with its name")
        if len(where) > LONGEST_INDEX + len("index  of "):
            raise InvalidInput(where, got=f"{len(where)} characters", expected=f"at most {LONGEST_INDEX}")
    for name in collection.copies:
        column = columns.get(name)
        if column is None or column.optional or column.kind is not Kind.TEXT or not collection.spread:
            expected = "text columns that are not optional, of a collection that is spread"
            raise InvalidInput(f"copies of {collection.name}", got=name, expected=expected)


def _distinct(where: str, names: Sequence[str]) -> None:
    for place, name in enumerate(names):
        if not _NAME.fullmatch(name):
            expected = "a letter, then at most 39 lower-case ASCII letters, digits and underscores"
            raise InvalidInput(where, got=f"the name {name[:50]!r}", expected=expected)
        if name in names[:place]:
            raise InvalidInput(where, got=f"{name} twice", expected="each name once, and no name in `RESERVED`")
