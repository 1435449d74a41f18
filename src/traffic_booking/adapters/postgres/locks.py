"""Names that changes touch, as numbers that PostgreSQL locks until the end of a transaction.

All callers take them in ascending order, and slots after all of them (by their rows, in `migrations/`), so that nobody
waits in a circle. What many want at once, a slot, is locked last and so for the shortest time. A request is locked by
its person, where it has one. Two names that share a number wait for each other without need, and that is all.
"""

from collections.abc import Iterator, Sequence
from typing import Final
from zlib import crc32

from traffic_booking.domain.changes import Change
from traffic_booking.domain.identity import PersonId

_OURS: Final = 0x74_62_4D_00
"""Keeps our numbers apart from those that other applications lock in the same database ("tbM")."""
_REQUEST, _ONCE, _STANDING, _NUMBER, _ATTEMPTS = range(1, 6)

CALENDAR: Final = _OURS << 32
"""The working calendar's: shared by bookings, the last alone with a new entry. The functions hold it too."""
MIGRATIONS: Final = (_OURS + 0xFF) << 32
"""Held by whoever brings the database up to date."""

_PERSONS: Final = 0xFFFF
"""Everybody connected to the database can see which numbers are locked: too few of them to tell who a person is."""
_TOLD: Final = 5
"""How many digits of a person's id the number comes from; `citus/distribution.sql` makes it of them too."""

UNCONCERNED, SHARED, EXCLUSIVE = range(3)


def names_of(changes: Sequence[Change]) -> list[int]:
    """The numbers of the names that `changes` touch but slots and the calendar, each once, ascending."""
    return sorted({number for change in changes for number in _names(change)})


def calendar_lock(changes: Sequence[Change]) -> int:
    """How `changes` lock the calendar: not at all, shared, or alone."""
    if any(change.entry is not None for change in changes):
        return EXCLUSIVE
    return SHARED if any(change.calendar_revision is not None for change in changes) else UNCONCERNED


def _names(change: Change) -> Iterator[int]:
    if change.standing is not None:
        yield _person(_STANDING, change.standing.applicant)
    elif change.answer is not None:
        yield _number(_REQUEST, change.answer.command.request_id)
    for key in change.once:
        yield _number(_ONCE, key)
    for appointment in change.appointments:
        if appointment.version > 1:  # nobody else knows the number of a new one
            yield _number(_NUMBER, appointment.number)
    if change.attempts is not None:
        yield _person(_ATTEMPTS, change.attempts.applicant)


def _number(kind: int, name: str) -> int:
    return (_OURS + kind) << 32 | crc32(name.encode())


def _person(kind: int, person: PersonId) -> int:
    return (_OURS + kind) << 32 | int(person.reveal()[-_TOLD:]) & _PERSONS
