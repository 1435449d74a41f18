"""Races at the level of the appointments: the same guards, as the desk and the sign-in rely on them."""

from collections import Counter
from typing import Any, Final

from attrs import evolve as copy_with

from traffic_booking.domain.changes import CalendarGuard, Change, Committed, Conflict, Guard
from traffic_booking.domain.facts import COUNTRY
from traffic_booking.domain.outcomes import Refused
from traffic_booking.domain.places import BranchId
from traffic_booking.domain.slots import SlotKey
from traffic_booking.persistence.appointment_book import AppointmentBook
from traffic_booking.persistence.schema import SCHEMA
from traffic_booking.ports.store import Store
from traffic_booking.testing.people import made_up_person
from traffic_booking.testing.sample_calendar import entry
from traffic_booking.testing.sample_changes import (
    FAR_AHEAD,
    LONG_AGO,
    about,
    answer,
    booking,
    cancelling,
    confirming,
    expiring,
    facts_of,
    held,
    number,
    seats_taken,
    slot,
    standing_of,
    stored,
)
from traffic_booking.testing.store.rounds import Race, Turn

SEATS: Final = 3
ATTEMPTS: Final = 10
COMMITTED: Final = Committed()
Result = Committed | Conflict


def _serial(turn: Turn, attempt: int = 0) -> int:
    return 10_000 + 1_000 * turn.round + 20 * turn.place + attempt


def _at(round_: int, hours: float = 1) -> SlotKey:
    return slot(hours, branch=f"branch-{round_}")


def _commit(store: Store, change: Change) -> Result:
    (result,) = AppointmentBook(store).commit([change])
    return result


def _warm(store: Store, round_: int) -> object:
    return facts_of(store, made_up_person(round_), _at(round_), f"round-{round_}")


def nothing(_store: Store, _round: int) -> None:
    """Nothing has to be there before."""


def won(results: list[Result], winners: int, lost: Conflict) -> None:
    """So many were committed, and all the others got that conflict."""
    wanted = Counter({COMMITTED: winners, lost: len(results) - winners})
    assert Counter(results) == +wanted, f"got {Counter(results)}; expected {winners} winners"


def _book_seat(store: Store, turn: Turn) -> Result:
    return _commit(store, booking(_serial(turn), made_up_person(_serial(turn)), _at(turn.round), capacity=SEATS))


def _check_seats(store: Store, round_: int, results: list[Any]) -> None:
    won(results, SEATS, Conflict(guard=Guard.SEATS, slot=_at(round_)))
    assert seats_taken(store, _at(round_)) == SEATS
    there = AppointmentBook(store).appointments_at(_at(round_).branch, from_=LONG_AGO, until=FAR_AHEAD)
    assert len(there) == SEATS


def _book_for_one_person(store: Store, turn: Turn) -> Result:
    return _commit(store, booking(_serial(turn), made_up_person(turn.round), _at(turn.round, turn.place)))


def _check_person(store: Store, round_: int, results: list[Any]) -> None:
    won(results, 1, Conflict(guard=Guard.STANDING))
    standing = standing_of(store, made_up_person(round_))
    assert (standing.version, len(standing.appointments)) == (1, 1)


def _answer_one_request(store: Store, turn: Turn) -> Result:
    """Every other one is refused; all come under one request id."""
    person, request = made_up_person(_serial(turn)), f"round-{turn.round}"
    if turn.place % 2:
        return _commit(store, Change(answer=answer(request, Refused(()), person)))
    change = booking(_serial(turn), person, _at(turn.round), capacity=99)
    assert change.answer is not None
    command = copy_with(change.answer.command, request_id=request)
    return _commit(store, copy_with(change, answer=copy_with(change.answer, command=command)))


def _check_answer(store: Store, round_: int, results: list[Any]) -> None:
    first = facts_of(store, request_id=f"round-{round_}").answer
    assert first is not None
    won(results, 1, Conflict(guard=Guard.REQUEST, answer=first))
    winner = results.index(COMMITTED)
    assert first.command.actor == made_up_person(_serial(Turn(round_, winner, len(results))))
    assert isinstance(first.outcome, Refused) == bool(winner % 2)
    assert seats_taken(store, _at(round_)) == 1 - winner % 2


def _check_refusals(store: Store, round_: int, results: list[Any]) -> None:
    first = facts_of(store, request_id=f"round-{round_}").answer
    won(results, 1, Conflict(guard=Guard.REQUEST, answer=first))
    assert first is not None
    winner = results.index(COMMITTED)
    assert first.command.actor == made_up_person(_serial(Turn(round_, winner, len(results))))


def _hold(round_: int) -> Change:
    return held(round_, made_up_person(round_), _at(round_))


def _end_hold(store: Store, turn: Turn) -> Result:
    (hold,) = _hold(turn.round).appointments
    rivals = [confirming(hold, standing=0), expiring(hold), copy_with(cancelling(hold, standing=0), standing=None)]
    return _commit(store, rivals[turn.place % 3])


def _check_hold(store: Store, round_: int, results: list[Any]) -> None:
    winner = results.index(COMMITTED)
    assert results.count(COMMITTED) == 1
    lost = {each.guard for place, each in enumerate(results) if place != winner}
    assert lost <= {Guard.APPOINTMENT, Guard.STANDING}
    after = stored(store, round_)
    assert (after.version, after.has_seat) == (2, winner % 3 == 0)
    assert [each.version for each in AppointmentBook(store).history(number(round_))] == [1, 2]
    assert seats_taken(store, _at(round_)) == after.has_seat


def _close_or_book(store: Store, turn: Turn) -> list[str]:
    """The first closes the branch and lists who comes; the others book under the calendar before the closure."""
    branch, book = _at(turn.round).branch, AppointmentBook(store)
    if turn.place == 0:
        for _ in range(2):
            _warm(store, turn.round)
        closure = Change(entry=entry(turn.round + 1), calendars=(CalendarGuard(branch, 1, turn.round + 1),))
        assert book.commit([closure]) == [COMMITTED]
        return [each.number for each in book.appointments_at(branch, from_=LONG_AGO, until=FAR_AHEAD)]
    mine: list[str] = []
    for attempt in range(ATTEMPTS):
        serial = _serial(turn, attempt)
        change = booking(serial, made_up_person(serial), _at(turn.round), capacity=999)
        (result,) = book.commit([copy_with(change, answer=None, calendars=(CalendarGuard(branch, 1),))])
        if result != COMMITTED:
            assert result == Conflict(guard=Guard.CALENDAR)
            break
        mine.append(number(serial))
    return mine


def _check_closed(store: Store, round_: int, results: list[Any]) -> None:
    """Nobody got a seat after the closure had been committed who was not on its list."""
    listed, *booked = results
    late = AppointmentBook(store).appointments_at(_at(round_).branch, from_=LONG_AGO, until=FAR_AHEAD)
    assert [each.number for each in late] == listed
    assert sorted(each for mine in booked for each in mine) == sorted(listed)
    facts = AppointmentBook(store).facts([about(slots=(_at(round_),), person=made_up_person(0))])[0]
    assert facts.calendars[_at(round_).branch].version == 2


def _open_calendars(store: Store, round_: int) -> None:
    AppointmentBook(store).open_calendars([_at(round_).branch])


def _declare(store: Store, turn: Turn) -> Result:
    """All entries concern the country, and are raised on the version that everybody has read."""
    record = copy_with(entry(turn.round + 1), reason=f"{turn.place}")
    guards = tuple(CalendarGuard(each, turn.round + 1, turn.round + 1) for each in (COUNTRY, BranchId("a")))
    return _commit(store, Change(entry=record, calendars=guards))


def _check_declared(store: Store, round_: int, results: list[Any]) -> None:
    won(results, 1, Conflict(guard=Guard.CALENDAR))
    first = AppointmentBook(store).calendar_entries(after=round_)[0]
    assert first.reason == f"{results.index(COMMITTED)}"


TRADE_RACES: Final[dict[str, Race]] = {
    "the seats of a slot": Race(SCHEMA, nothing, _warm, _book_seat, _check_seats),
    "the version of a person": Race(SCHEMA, nothing, _warm, _book_for_one_person, _check_person),
    "the answer to a request": Race(SCHEMA, nothing, _warm, _answer_one_request, _check_answer),
    "the answer to a request that is refused": Race(
        SCHEMA,
        nothing,
        _warm,
        lambda store, turn: _commit(
            store, Change(answer=answer(f"round-{turn.round}", Refused(()), made_up_person(_serial(turn))))
        ),
        _check_refusals,
    ),
    "the version of an appointment": Race(
        SCHEMA, lambda store, round_: _commit(store, _hold(round_)), _warm, _end_hold, _check_hold
    ),
    "a closure against bookings": Race(SCHEMA, _open_calendars, _warm, _close_or_book, _check_closed),
    "entries of the calendar": Race(
        SCHEMA,
        lambda store, round_: None if round_ else AppointmentBook(store).open_calendars([BranchId("a")]),
        _warm,
        _declare,
        _check_declared,
    ),
}
