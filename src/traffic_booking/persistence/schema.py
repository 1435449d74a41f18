"""The collections and counters of the library, declared once for all stores.

A new column of an appointment changes its line here and its codec in `records.py`, and adds a migration for each store.
A new value of its body changes `appointment_codec.py` alone.
"""

from typing import Final

from traffic_booking.ports.collections import Collection, Column, Counter, Index, Kind, Schema

PERSONS: Final = Collection(
    name="persons",
    key="person",
    columns=(Column("subject"),),
    indexes=(Index(name="by_subject", columns=("subject",)),),
    altered=False,
    named_by="subject",
)
"""By the id, or a keyed hash of it: the only place that leads from an id to a subject, and back."""

PERSON_KEYS: Final = Collection(name="person_keys", key="name", checked=True, spread=False)
"""One record, `current`: check values of the key under which `persons` are written, and of the one before."""

PEOPLE: Final = Collection(name="people", key="subject", columns=(Column("holder"),), checked=True)
"""By the subject; the body lists the person's appointments, and the version guards every rule that looks at them."""

APPOINTMENTS: Final = Collection(
    name="appointments",
    key="number",
    columns=(
        Column("state"),
        Column("branch"),
        Column("service"),
        Column("starts_at", Kind.INSTANT),
        Column("ends_at", Kind.INSTANT),
        Column("subject"),
        Column("holder"),
        Column("hold_ends_at", Kind.INSTANT, optional=True),
    ),
    indexes=(
        Index(name="of_subject", columns=("subject", "starts_at")),
        Index(name="at_branch", columns=("branch", "starts_at")),
        Index(name="holds_at_branch", columns=("branch", "starts_at"), where_set="hold_ends_at"),
        Index(name="holds_by_end", columns=("hold_ends_at",), where_set="hold_ends_at"),
    ),
    copies=("subject", "branch"),
)

ANSWERS: Final = Collection(
    name="answers", key="request_id", columns=(Column("decided_at", Kind.INSTANT),), altered=False
)

WORDINGS: Final = Collection(name="wordings", key="wording", altered=False, spread=False)
"""By a hash of the body: texts that many answers share, such as the terms of a service and the sentence of a rule."""

ASSERTIONS: Final = Collection(
    name="assertions",
    key="request_id",
    columns=(Column("subject"), Column("decided_at", Kind.INSTANT)),
    indexes=(
        Index(name="of_subject", columns=("subject", "decided_at")),
        Index(name="by_instant", columns=("decided_at",)),
    ),
    altered=False,
)
"""Birth dates, expiry dates and conditions that a host asserted in a request; they can be deleted by themselves."""

CALENDARS: Final = Collection(
    name="calendars", key="branch", columns=(Column("last_entry", Kind.NUMBER),), checked=True
)
"""A version for each branch, raised by every calendar entry that concerns it; `last_entry` is that entry's number.

The key `*` is the country's: its version is raised by every entry, and when the calendar of a branch is opened.
"""

CALENDAR_ENTRIES: Final = Collection(name="calendar_entries", key="number", altered=False, spread=False)
"""By the entry's number, written with ten digits."""

INSTALLATIONS: Final = Collection(
    name="installations",
    key="number",
    columns=(Column("installed_at", Kind.INSTANT), Column("rulebook"), Column("catalogue"), Column("calendar")),
    altered=False,
    spread=False,
)
"""By the installation's number, written with ten digits; the columns have the digests of the parts."""

INSTALLED_TEXTS: Final = Collection(name="installed_texts", key="part", altered=False, spread=False)
"""By the digest of a text that was installed, and the number of a part of it: `DIGEST/0001`."""

NAMES: Final = Collection(
    name="names",
    key="user_name",
    columns=(Column("subject"), Column("given_at", Kind.INSTANT)),
    indexes=(Index(name="of_subject", columns=("subject", "given_at")),),
    named_by="subject",
)
"""By the user name, or a keyed hash of it; the body is a salt, or with a pseudonym key the name, encrypted."""

ACCOUNTS: Final = Collection(name="accounts", key="subject", evidence=False)
"""The body has the encoded password hash, and how often the password was changed: each change ends all sessions."""

ATTEMPTS: Final = Collection(
    name="attempts",
    key="account",
    columns=(Column("failed_at", Kind.INSTANT, optional=True),),
    indexes=(Index(name="by_failure", columns=("failed_at",), where_set="failed_at"),),
    evidence=False,
)
"""By the subject, or by a hash of a user name that no account has. The body counts failures by device."""

SESSIONS: Final = Collection(
    name="sessions",
    key="token_hash",
    columns=(Column("subject"), Column("device"), Column("ends_at", Kind.INSTANT)),
    indexes=(
        Index(name="of_subject", columns=("subject", "ends_at")),
        Index(name="of_device", columns=("subject", "device", "ends_at")),
        Index(name="by_end", columns=("ends_at",)),
    ),
    evidence=False,
    copies=("subject",),
)
"""By a hash of the token. `device` is a hash, too: also a session that has ended shows that the device is known."""

CODES: Final = Collection(
    name="codes",
    key="code",
    columns=(Column("used_at", Kind.INSTANT),),
    indexes=(Index(name="by_use", columns=("used_at",)),),
    altered=False,
    evidence=False,
)
"""Visual codes that were used."""

ERASURES: Final = Collection(
    name="erasures",
    key="request_id",
    columns=(Column("subject"), Column("erased_at", Kind.INSTANT)),
    altered=False,
    spread=False,
)
"""The answers to erasures: by whom and why. `subject` is that of the erased person, "" if nobody was registered."""

SEATS: Final = Counter(name="seats")
"""By branch, service and start; see `keys.seat_key`."""

SCHEMA: Final = Schema(
    collections=(
        ANSWERS,
        PERSON_KEYS,
        PERSONS,
        NAMES,
        CODES,
        ATTEMPTS,
        SESSIONS,
        ACCOUNTS,
        ASSERTIONS,
        APPOINTMENTS,
        PEOPLE,
        CALENDARS,
        CALENDAR_ENTRIES,
        WORDINGS,
        ERASURES,
        INSTALLATIONS,
        INSTALLED_TEXTS,
    ),
    counters=(SEATS,),
)
