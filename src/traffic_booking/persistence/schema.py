"""What a store keeps for the library: the collections and counters, declared once for all stores.

A new column of an appointment changes its line here, its codec in `records.py`, and adds one migration a store.
"""

from typing import Final

from traffic_booking.ports.collections import Collection, Column, Counter, Index, Kind, Schema

PEOPLE: Final = Collection(name="people", key="person")
"""By the ten digits of a person's id; the version guards every rule that looks at the person's appointments."""

APPOINTMENTS: Final = Collection(
    name="appointments",
    key="number",
    columns=(
        Column("state"),
        Column("branch"),
        Column("service"),
        Column("starts_at", Kind.INSTANT),
        Column("ends_at", Kind.INSTANT),
        Column("person"),
        Column("hold_ends_at", Kind.INSTANT, optional=True),
    ),
    indexes=(
        Index(name="of_person", columns=("person", "starts_at")),
        Index(name="at_branch", columns=("branch", "starts_at")),
        Index(name="holds_at_branch", columns=("branch", "starts_at"), where_set="hold_ends_at"),
        Index(name="holds_by_end", columns=("hold_ends_at",), where_set="hold_ends_at"),
    ),
    shard="person",
)

ANSWERS: Final = Collection(
    name="answers",
    key="request_id",
    columns=(Column("decided_at", Kind.INSTANT),),
    altered=False,
)

CALENDARS: Final = Collection(
    name="calendars",
    key="branch",
    columns=(Column("last_entry", Kind.NUMBER),),
    checked=True,
)
"""A version for each branch, raised by every calendar entry that concerns it; `last_entry` is that entry's number.

The key `*` stands for the country: it is raised by every entry, and when the calendar of a branch is opened.
"""

CALENDAR_ENTRIES: Final = Collection(name="calendar_entries", key="number", altered=False)
"""By the entry's number, written with ten digits."""

ACCOUNTS: Final = Collection(name="accounts", key="person")
"""The body is the encoded password hash."""

ATTEMPTS: Final = Collection(
    name="attempts",
    key="person",
    columns=(Column("failures", Kind.NUMBER), Column("locked_until", Kind.INSTANT, optional=True)),
)

CODES: Final = Collection(name="codes", key="code", altered=False)
"""Visual codes that were used."""

SEATS: Final = Counter(name="seats")
"""By branch, service and start; see `keys.seat_key`."""

SCHEMA: Final = Schema(
    collections=(ANSWERS, CODES, ATTEMPTS, ACCOUNTS, APPOINTMENTS, PEOPLE, CALENDARS, CALENDAR_ENTRIES),
    counters=(SEATS,),
)
