"""Changes as parameters of the two functions that commit, and what those functions tell as results.

A booking, and a batch whose changes share no name but slots, as nearly all batches of bookings are, goes in with one
statement a table (`together`). Where one of its guards fails, and for all other batches, the changes go in one after
another (`one_by_one`). Either is one round trip and one transaction.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from json import JSONEncoder
from operator import itemgetter
from typing import Any, Final

from traffic_booking.adapters.postgres import statements
from traffic_booking.adapters.postgres.columns import columns, counts, instants, numbers, texts, words
from traffic_booking.adapters.postgres.locks import calendar_lock, names_of
from traffic_booking.adapters.postgres.questions import Question
from traffic_booking.adapters.postgres.rows import (
    ANSWER,
    APPOINTMENT,
    ATTEMPTS,
    CALENDAR_ENTRY,
    EVENT,
    SLOT,
    Row,
    answer_of,
    answer_row,
    appointment_row,
    attempts_row,
    entry_row,
    event_row,
    slot_row,
)
from traffic_booking.domain.changes import Change, Committed, Conflict, Guard, SeatChange
from traffic_booking.domain.identity import PersonId
from traffic_booking.domain.slots import SlotKey

MOST_TOGETHER: Final = 256
"""How many changes one transaction takes: each holds some four locks, and a server has room for 6,400 by default."""

COMMITTED: Final = Committed()
GUARD: Final = "TB001"
"""The SQLSTATE by which `commit_together` says that a guard didn't hold, without saying which."""

_ANY: Final = 2**62
"""More than anybody takes of a slot."""
_ANSWER: Final = (texts, texts, texts, instants, words, texts, texts)
_STANDING: Final = (texts, counts)
_APPOINTMENT: Final = (
    *(texts, counts, words, words, words, instants, instants, words, texts, words, instants, instants, texts),
    *(instants, counts),
)
_EVENT: Final = (texts, counts, words, instants, texts, words, texts, texts)
_MOVED: Final = (words, words, instants, counts, counts, counts)
"""The kinds of the columns, in the order of `rows` and of the function's parameters."""

_KEY: Final = itemgetter(0)
"""Of standings, answers and appointments, and as the database orders it: UTF-8 sorts as code points do."""
_encode: Final = JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=datetime.isoformat).encode

Results = list[Committed | Conflict]


def portions(changes: Sequence[Change]) -> Iterable[Sequence[Change]]:
    """`changes` in parts that one transaction takes; they are independent, so they may be parted."""
    return (changes[at : at + MOST_TOGETHER] for at in range(0, len(changes), MOST_TOGETHER))


def are_apart(changes: Sequence[Change]) -> bool:
    """Whether `changes` share no name but slots, were decided on one calendar, and only book, cancel and the like."""
    if any(change.once or change.attempts is not None or change.entry is not None for change in changes):
        return False
    if len(changes) == 1:
        return _are_distinct(appointment.number for appointment in changes[0].appointments)
    return (
        len({change.calendar_revision for change in changes} - {None}) <= 1
        and _are_distinct(change.answer.command.request_id for change in changes if change.answer is not None)
        and _are_distinct(change.standing.applicant for change in changes if change.standing is not None)
        and _are_distinct(appointment.number for change in changes for appointment in change.appointments)
    )


def together(changes: Sequence[Change]) -> Question[Results]:
    """Commit all of `changes`, which are apart; a guard that doesn't hold is an error with SQLSTATE `GUARD`."""
    revisions = {change.calendar_revision for change in changes} - {None}
    standings = [
        (change.standing.applicant.reveal(), change.standing.expected_version)
        for change in changes
        if change.standing is not None
    ]
    answers = [answer_row(change.answer) for change in changes if change.answer is not None]
    appointments = [appointment_row(one) for change in changes for one in change.appointments]
    for rows in (standings, answers, appointments):
        rows.sort(key=_KEY)
    events = [event_row(one) for change in changes for one in change.events]
    return Question(
        statements.COMMIT_TOGETHER,
        (
            calendar_lock(changes),
            numbers(names_of(changes)),
            *(revisions or {None}),
            *columns(_ANSWER, answers),
            *columns(_STANDING, standings),
            *columns(_APPOINTMENT, appointments),
            *columns(_EVENT, events),
            *columns(_MOVED, _moved(changes)),
        ),
        lambda _: [COMMITTED] * len(changes),
    )


def one_by_one(changes: Sequence[Change]) -> Question[Results]:
    """Commit each of `changes` whose guards hold, and tell of each other which guard didn't."""
    return Question(
        statements.COMMIT_EACH,
        (calendar_lock(changes), names_of(changes), _encode([_document(change) for change in changes])),
        lambda rows: _results(changes, rows),
    )


def recognised(changes: Sequence[Change], results: Results) -> Results:
    """`results` of changes that were sent before, to a reply that was lost: those that went in then are committed."""
    return [
        Committed() if isinstance(result, Conflict) and change.answer and result.answer == change.answer else result
        for change, result in zip(changes, results, strict=True)
    ]


def write_password_hash(applicant: PersonId, encoded: str) -> Question[bool]:
    """Write the hash over the one before."""
    return Question(statements.WRITE_ACCOUNT, (applicant.reveal(), encoded), bool)


def replace_password_hash(applicant: PersonId, seen: str | None, encoded: str) -> Question[bool]:
    """Write the hash if the stored one still is `seen`, and say whether."""
    if seen is None:
        return Question(statements.ADD_ACCOUNT, (applicant.reveal(), encoded), bool)
    return Question(statements.REPLACE_ACCOUNT, (encoded, applicant.reveal(), seen), bool)


def _are_distinct(names: Iterable[object]) -> bool:
    listed = list(names)
    return len(set(listed)) == len(listed)


def _moved(changes: Sequence[Change]) -> list[Row]:
    """Of each slot, in the order of the keys: by how much it moves, the least and the most that may be taken before."""
    slots: dict[SlotKey, tuple[int, int, int]] = {}
    for change in changes:
        for seat in change.seats:
            moved, least, most = slots.get(seat.slot, (0, 0, _ANY))
            moved += seat.delta
            least = max(least, -moved)
            if seat.delta > 0:
                most = min(most, seat.capacity - moved)
            slots[seat.slot] = (moved, least, most)
    return sorted((*slot_row(slot), *bounds) for slot, bounds in slots.items())


def _document(change: Change) -> dict[str, Any]:
    """A change as `commit_each` takes it: a key for each part that it has."""
    document: dict[str, Any] = {}
    if change.answer is not None:
        document["answer"] = _named(ANSWER, answer_row(change.answer))
    if change.once:
        document["once"] = change.once
    if change.calendar_revision is not None:
        document["revision"] = change.calendar_revision
    if change.standing is not None:
        guard = change.standing
        document["standing"] = {"applicant": guard.applicant.reveal(), "expected": guard.expected_version}
    if change.appointments:
        document["appointments"] = [_named(APPOINTMENT, appointment_row(one)) for one in change.appointments]
    if change.events:
        document["events"] = [_named(EVENT, event_row(one)) for one in change.events]
    if change.attempts is not None:
        document["attempts"] = _named(ATTEMPTS, attempts_row(change.attempts))
    if change.entry is not None:
        document["entry"] = _named(CALENDAR_ENTRY, entry_row(change.entry))
    if change.seats:
        document["seats"] = [_seat(one) for one in change.seats]
    return document


def _named(names: Sequence[str], row: Row) -> dict[str, Any]:
    return dict(zip(names, row, strict=True))


def _seat(seat: SeatChange) -> dict[str, Any]:
    return {**_named(SLOT, slot_row(seat.slot)), "delta": seat.delta, "capacity": seat.capacity}


def _results(changes: Sequence[Change], rows: list[tuple[Any, ...]]) -> Results:
    results: Results = [COMMITTED] * len(changes)
    for place, failed, answer, seat in rows:
        results[place] = Conflict(
            guard=Guard(failed),
            answer=None if answer is None else answer_of(answer),
            slot=None if seat is None else changes[place].seats[seat].slot,
        )
    return results
