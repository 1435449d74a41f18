"""Changes as parameters of the two functions that commit, and what those functions tell as results.

A batch whose changes share no name but slots, as nearly all batches of bookings are, goes in with one statement a
table (`together`). Where one of its guards fails, and for all other batches, the changes go in one after another
(`one_by_one`). Either is one round trip and one transaction.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from traffic_booking.adapters.postgres import statements
from traffic_booking.adapters.postgres.locks import calendar_lock, names_of
from traffic_booking.adapters.postgres.questions import Question
from traffic_booking.adapters.postgres.rows import (
    JsonRow,
    answer_of,
    answer_row,
    appointment_row,
    attempts_row,
    entry_row,
    event_row,
    slot_row,
)
from traffic_booking.domain.changes import Change, Committed, Conflict, Guard, SeatChange, StandingGuard
from traffic_booking.domain.identity import PersonId
from traffic_booking.wire.forms import encode

MOST_TOGETHER: Final = 256
"""How many changes one transaction takes: each holds some four locks, and a server has room for 6,400 by default."""

Results = list[Committed | Conflict]


def portions(changes: Sequence[Change]) -> Iterable[Sequence[Change]]:
    """`changes` in parts that one transaction takes; they are independent, so they may be parted."""
    return (changes[at : at + MOST_TOGETHER] for at in range(0, len(changes), MOST_TOGETHER))


def are_apart(changes: Sequence[Change]) -> bool:
    """Whether there are several changes that share no name but slots, and were decided on one calendar."""
    if len(changes) < 2:  # noqa: PLR2004 - several
        return False
    if any(change.once or change.attempts is not None or change.entry is not None for change in changes):
        return False
    if len({change.calendar_revision for change in changes} - {None}) > 1:
        return False
    return (
        _are_distinct(change.answer.command.request_id for change in changes if change.answer is not None)
        and _are_distinct(change.standing.applicant for change in changes if change.standing is not None)
        and _are_distinct(appointment.number for change in changes for appointment in change.appointments)
    )


def together(changes: Sequence[Change]) -> Question[bool]:
    """Commit all of `changes`, which are apart; False where a guard failed, and nothing was written."""
    revisions = {change.calendar_revision for change in changes} - {None}
    documents = (
        [answer_row(change.answer) for change in changes if change.answer is not None],
        [_standing(change.standing) for change in changes if change.standing is not None],
        [appointment_row(one) for change in changes for one in change.appointments],
        [event_row(one) for change in changes for one in change.events],
        [_seat(one) for change in changes for one in change.seats],
    )
    return Question(
        statements.COMMIT_TOGETHER,
        (calendar_lock(changes), names_of(changes), *(revisions or {None}), *map(encode, documents)),
        lambda rows: bool(rows[0][0]),
    )


def one_by_one(changes: Sequence[Change]) -> Question[Results]:
    """Commit each of `changes` whose guards hold, and tell of each other which guard didn't."""
    return Question(
        statements.COMMIT_EACH,
        (calendar_lock(changes), names_of(changes), encode([_document(change) for change in changes])),
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


def _document(change: Change) -> dict[str, Any]:
    """A change as `commit_each` takes it: a key for each part that it has."""
    document: dict[str, Any] = {}
    if change.answer is not None:
        document["answer"] = answer_row(change.answer)
    if change.once:
        document["once"] = change.once
    if change.calendar_revision is not None:
        document["revision"] = change.calendar_revision
    if change.standing is not None:
        document["standing"] = _standing(change.standing)
    if change.appointments:
        document["appointments"] = [appointment_row(one) for one in change.appointments]
    if change.events:
        document["events"] = [event_row(one) for one in change.events]
    if change.attempts is not None:
        document["attempts"] = attempts_row(change.attempts)
    if change.entry is not None:
        document["entry"] = entry_row(change.entry)
    if change.seats:
        document["seats"] = [_seat(one) for one in change.seats]
    return document


def _standing(guard: StandingGuard) -> JsonRow:
    return {"applicant": guard.applicant.reveal(), "expected": guard.expected_version}


def _seat(seat: SeatChange) -> JsonRow:
    row = slot_row(seat.slot)
    row["delta"] = seat.delta
    row["capacity"] = seat.capacity
    return row


def _results(changes: Sequence[Change], rows: list[tuple[Any, ...]]) -> Results:
    results: Results = [Committed()] * len(changes)
    for place, failed, answer, seat in rows:
        results[place] = Conflict(
            guard=Guard(failed),
            answer=None if answer is None else answer_of(answer),
            slot=None if seat is None else changes[place].seats[seat].slot,
        )
    return results
