"""Races at the level of the appointments: the same guards, as the desk and the sign-in rely on them."""

from collections import Counter
from typing import Any, Final

from attrs import evolve as copy_with

from traffic_booking.domain.decisions.changes import CalendarGuard, Change, Committed, Conflict, Guard
from traffic_booking.domain.decisions.facts import COUNTRY
from traffic_booking.domain.decisions.outcomes import Refused
from traffic_booking.domain.places.geography import BranchId
from traffic_booking.domain.schedule.slots import SlotKey
from traffic_booking.domain.text_input import RequestId
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.persistence.schema import SCHEMA
from traffic_booking.ports.store import Store
from traffic_booking.testing.people import made_up_applicant
from traffic_booking.testing.sample_calendar import entry
from traffic_booking.testing.sample_changes import (
    FAR_AHEAD,
    LONG_AGO,
    answer,
    booking,
    cancelling,
    confirming,
    expiring,
    held,
    number,
    slot,
)
from traffic_booking.testing.sample_reads import about, facts_of, seats_taken, stored
from traffic_booking.testing.store.rounds import Race, Turn

SEATS: Final = 3
ATTEMPTS: Final = 10
COMMITTED: Final = Committed()
Result = Committed | Conflict


def serial_of(turn: Turn, attempt: int = 0) -> int:
    """A serial that no other racer has."""
    return 10_000 + 1_000 * turn.round + 20 * turn.place + attempt


def slot_of(round_: int, hours: float = 1) -> SlotKey:
    """A slot of the round's own branch."""
    return slot(hours, branch=f"branch-{round_}")


def commit_one(book: AppointmentBook, change: Change) -> Result:
    """Commit one change by itself."""
    (result,) = book.commit([change])
    return result


def warm(store: Store, round_: int) -> AppointmentBook:
    """A book that has read what a round is about."""
    book = AppointmentBook(store)
    facts_of(book, made_up_applicant(round_), slot_of(round_), f"round-{round_}")
    return book


def nothing(_store: Store, _round: int) -> None:
    """Nothing has to be there before."""


def won(results: list[Result], winners: int, lost: Conflict) -> None:
    """So many were committed, and all the others got that conflict."""
    wanted = Counter({COMMITTED: winners, lost: len(results) - winners})
    assert Counter(results) == +wanted, f"got {Counter(results)}; expected {winners} winners"


def _book_seat(_store: Store, turn: Turn) -> Result:
    change = booking(serial_of(turn), made_up_applicant(serial_of(turn)), slot_of(turn.round), capacity=SEATS)
    return commit_one(turn.seen, change)


def _check_seats(store: Store, round_: int, results: list[Any]) -> None:
    won(results, SEATS, Conflict(guard=Guard.SEATS, slot=slot_of(round_)))
    assert seats_taken(store, slot_of(round_)) == SEATS
    there = AppointmentBook(store).appointments_at(slot_of(round_).branch, from_=LONG_AGO, until=FAR_AHEAD)
    assert len(there) == SEATS


def _answer_one_request(_store: Store, turn: Turn) -> Result:
    """Every other one is refused; all come under one request id."""
    person, request = made_up_applicant(serial_of(turn)), f"round-{turn.round}"
    if turn.place % 2:
        return commit_one(turn.seen, Change(answer=answer(request, Refused(()), person)))
    change = booking(serial_of(turn), person, slot_of(turn.round), capacity=99)
    assert change.answer is not None
    command = copy_with(change.answer.command, request_id=RequestId(request))
    return commit_one(turn.seen, copy_with(change, answer=copy_with(change.answer, command=command)))


def _check_answer(store: Store, round_: int, results: list[Any]) -> None:
    first = facts_of(store, request_id=f"round-{round_}").answer
    assert first is not None
    won(results, 1, Conflict(guard=Guard.REQUEST, answer=first))
    winner = results.index(COMMITTED)
    assert first.command.actor == made_up_applicant(serial_of(Turn(round_, winner, len(results))))
    assert isinstance(first.outcome, Refused) == bool(winner % 2)
    assert seats_taken(store, slot_of(round_)) == 1 - winner % 2


def _check_refusals(store: Store, round_: int, results: list[Any]) -> None:
    first = facts_of(store, request_id=f"round-{round_}").answer
    won(results, 1, Conflict(guard=Guard.REQUEST, answer=first))
    assert first is not None
    winner = results.index(COMMITTED)
    assert first.command.actor == made_up_applicant(serial_of(Turn(round_, winner, len(results))))


def _hold(round_: int) -> Change:
    return held(round_, made_up_applicant(round_), slot_of(round_))


def _end_hold(_store: Store, turn: Turn) -> Result:
    (hold,) = _hold(turn.round).appointments
    rivals = [confirming(hold), expiring(hold), cancelling(hold)]
    return commit_one(turn.seen, rivals[turn.place % 3])


def _check_hold(store: Store, round_: int, results: list[Any]) -> None:
    winner = results.index(COMMITTED)
    assert results.count(COMMITTED) == 1
    lost = {each.guard for place, each in enumerate(results) if place != winner}
    assert lost == {Guard.APPOINTMENT}
    after = stored(store, round_)
    assert (after.version, after.has_seat) == (2, winner % 3 == 0)
    assert [each.version for each in AppointmentBook(store).history(number(round_))] == [1, 2]
    assert seats_taken(store, slot_of(round_)) == after.has_seat


def _close_or_book(store: Store, turn: Turn) -> list[str]:
    """The first closes the branch and lists who comes; the others book under the calendar before the closure."""
    branch, book = slot_of(turn.round).branch, turn.seen
    if turn.place == 0:
        for _ in range(2):
            warm(store, turn.round)
        closure = Change(entry=entry(turn.round + 1), calendars=(CalendarGuard(branch, 1, turn.round + 1),))
        assert book.commit([closure]) == [COMMITTED]
        return [each.number for each in book.appointments_at(branch, from_=LONG_AGO, until=FAR_AHEAD)]
    mine: list[str] = []
    for attempt in range(ATTEMPTS):
        serial = serial_of(turn, attempt)
        change = booking(serial, made_up_applicant(serial), slot_of(turn.round), capacity=999)
        (result,) = book.commit([copy_with(change, answer=None, calendars=(CalendarGuard(branch, 1),))])
        if result != COMMITTED:
            assert result == Conflict(guard=Guard.CALENDAR)
            break
        mine.append(number(serial))
    return mine


def _check_closed(store: Store, round_: int, results: list[Any]) -> None:
    """Nobody got a seat after the closure had been committed who was not on its list."""
    listed, *booked = results
    late = AppointmentBook(store).appointments_at(slot_of(round_).branch, from_=LONG_AGO, until=FAR_AHEAD)
    assert [each.number for each in late] == listed
    assert sorted(each for mine in booked for each in mine) == sorted(listed)
    facts = AppointmentBook(store).facts([about(slots=(slot_of(round_),))])[0]
    assert facts.calendars[slot_of(round_).branch].version == 2


def _open_calendars(store: Store, round_: int) -> None:
    AppointmentBook(store).open_calendars([slot_of(round_).branch])


def _declare(_store: Store, turn: Turn) -> Result:
    """All entries concern the country, and are raised on the version that everybody has read."""
    record = copy_with(entry(turn.round + 1), reason=f"{turn.place}")
    guards = tuple(CalendarGuard(each, turn.round + 1, turn.round + 1) for each in (COUNTRY, BranchId("a")))
    return commit_one(turn.seen, Change(entry=record, calendars=guards))


def _check_declared(store: Store, round_: int, results: list[Any]) -> None:
    won(results, 1, Conflict(guard=Guard.CALENDAR))
    first = AppointmentBook(store).calendar_entries(after=round_)[0]
    assert first.reason == f"{results.index(COMMITTED)}"


TRADE_RACES: Final[dict[str, Race]] = {
    "the seats of a slot": Race(SCHEMA, nothing, warm, _book_seat, _check_seats),
    "the answer to a request": Race(SCHEMA, nothing, warm, _answer_one_request, _check_answer),
    "the answer to a request that is refused": Race(
        SCHEMA,
        nothing,
        warm,
        lambda _store, turn: commit_one(
            turn.seen, Change(answer=answer(f"round-{turn.round}", Refused(()), made_up_applicant(serial_of(turn))))
        ),
        _check_refusals,
    ),
    "the version of an appointment": Race(
        SCHEMA, lambda store, round_: commit_one(AppointmentBook(store), _hold(round_)), warm, _end_hold, _check_hold
    ),
    "a closure against bookings": Race(SCHEMA, _open_calendars, warm, _close_or_book, _check_closed),
    "entries of the calendar": Race(
        SCHEMA,
        lambda store, round_: None if round_ else AppointmentBook(store).open_calendars([BranchId("a")]),
        warm,
        _declare,
        _check_declared,
    ),
}
