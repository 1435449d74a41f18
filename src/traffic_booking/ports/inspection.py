"""The inspection of a store for an audit: its tables, and rows that no read returns.

The method is optional. A store without it can be audited, and the report says that its tables were not inspected.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from traffic_booking.domain.audit.feed import FeedPosition
from traffic_booking.ports.collections import Schema

WHY_NO_EVIDENCE: Final[Mapping[str, str]] = {
    "accounts": "password hashes: they decide nothing about appointments",
    "attempts": "failed sign-ins, which a lock-out counts for minutes",
    "sessions": "the state of sign-ins: a session decides nothing about appointments, and it ends",
    "codes": "visual codes that were used, each kept for minutes",
    "migrations": "the steps that made the tables; every opening compares them with this release",
    "sqlite_sequence": "SQLite's own: the last position of the log, at least that of the last sealed entry",
}
"""The tables that no log can vouch for, each with the reason. The list is closed."""


class TableFault(NamedTuple):
    """A table, an index or a row that this release does not make."""

    where: str
    found: str
    expected: str


class Inspection(NamedTuple):
    """The tables of a store, from one snapshot.

    - `not_evidence`: the names of the tables that no log vouches for;
    - `faults`: differences from what this release makes;
    - `zeros`: the keys of each counter whose value is stored as 0, which no query returns;
    - `last_trim`: the position of the last removal of entries that the store has recorded, None if it has none.
    """

    not_evidence: Sequence[str]
    faults: Sequence[TableFault]
    zeros: Mapping[str, Sequence[str]]
    last_trim: FeedPosition | None = None


def unevidenced(schema: Schema) -> list[str]:
    """The names of the collections that no log vouches for, in their order."""
    return [each.name for each in schema.collections if not each.evidence]
