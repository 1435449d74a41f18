"""The inspection of a store for an audit: its tables, and rows that no read returns.

The method is optional. A store without it can be audited, and the report says that its tables were not inspected.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from traffic_booking.ports.collections import Schema

WHY_NO_EVIDENCE: Final[Mapping[str, str]] = {
    "accounts": "password hashes: they decide nothing about appointments",
    "attempts": "failed sign-ins, which a lock-out counts for minutes",
    "sessions": "the state of sign-ins: a session decides nothing about appointments, and it ends",
    "codes": "visual codes that were used, each kept for minutes",
    "migrations": "the steps that made the tables; every opening compares them with this release",
    "sqlite_sequence": "SQLite's own: the last position of the log, at least that of the last sealed entry",
    "generations": "the parts of the log on PostgreSQL: the newest one is at least that of the last sealed entry",
}
"""The tables that no log can vouch for, each with the reason. The list is closed."""

_EXPECTED: Final = "the schema of this release"


class TableFault(NamedTuple):
    """A table, an index or a row that this release does not make."""

    where: str
    found: str
    expected: str


class Inspection(NamedTuple):
    """The tables of a store, from one snapshot.

    - `not_evidence`: the names of the tables that no log vouches for;
    - `faults`: differences from what this release makes;
    - `zeros`: the keys of each counter whose value is stored as 0, which no query returns.
    """

    not_evidence: Sequence[str]
    faults: Sequence[TableFault]
    zeros: Mapping[str, Sequence[str]]


def unevidenced(schema: Schema) -> list[str]:
    """The names of the collections that no log vouches for, in their order."""
    return [each.name for each in schema.collections if not each.evidence]


def compared(found: Mapping[tuple[str, str], str], expected: Mapping[tuple[str, str], str]) -> Iterator[TableFault]:
    """The differences between definitions of tables, indexes and so on, by kind and name."""
    for kind, name in sorted({*found, *expected}):
        where = f"{kind} {name}"
        if (kind, name) not in expected:
            yield TableFault(where, "one that this release does not make", _EXPECTED)
        elif (kind, name) not in found:
            yield TableFault(where, "none", _EXPECTED)
        elif found[kind, name] != expected[kind, name]:
            yield TableFault(where, "one with another definition", _EXPECTED)


def compared_names(created: Iterable[str], tables: set[str]) -> Iterator[TableFault]:
    """The differences between the names in the table `created` and those of the tables."""
    names = set(created)
    for name in sorted(names ^ tables):
        got = "a name of no table" if name in names else "no name of a table that there is"
        yield TableFault(f"created {name}", got, "the names of all tables")
