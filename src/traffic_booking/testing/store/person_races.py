"""Races about a person: who registers them, and what their standing guards."""

from collections import Counter
from datetime import timedelta
from secrets import randbits
from typing import Any, Final

from attrs import evolve as copy_with

from traffic_booking.application._sync.desk import Desk
from traffic_booking.domain.appointments.person_state import PersonState
from traffic_booking.domain.audit.feed import BEGINNING
from traffic_booking.domain.decisions.changes import Change, Conflict, Guard
from traffic_booking.domain.decisions.facts import Facts
from traffic_booking.domain.decisions.outcomes import Booked, Refused
from traffic_booking.domain.people.applicants import PersonRegistered
from traffic_booking.domain.places.geography import BranchId
from traffic_booking.domain.schedule.slots import Slot
from traffic_booking.domain.text_input import RequestId
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.persistence.schema import SCHEMA
from traffic_booking.ports.store import Store
from traffic_booking.testing.clock import MovableClock
from traffic_booking.testing.people import made_up_applicant, made_up_person
from traffic_booking.testing.sample_changes import START, answer, booking, number, registering
from traffic_booking.testing.sample_desk import sample_desk, sample_slots
from traffic_booking.testing.sample_reads import about, facts_of
from traffic_booking.testing.store.rounds import Race, Turn
from traffic_booking.testing.store.trade_races import (
    ATTEMPTS,
    COMMITTED,
    Result,
    commit_one,
    nothing,
    serial_of,
    slot_of,
    warm,
    won,
)

PAGE: Final = 1_000
SEATS_FOR_ALL: Final = 999


def _register(store: Store, round_: int) -> None:
    commit_one(AppointmentBook(store), registering(made_up_applicant(round_)))


def _book_for_a_new_person(_store: Store, turn: Turn) -> Result:
    """Each racer has found nobody, and has drawn a subject of its own."""
    (registration,) = registering(made_up_applicant(turn.round)).registrations
    applicant = made_up_applicant(serial_of(turn))
    change = booking(serial_of(turn), applicant, slot_of(turn.round, turn.place))
    return commit_one(turn.seen, copy_with(change, registrations=(copy_with(registration, applicant=applicant),)))


def _check_registered(store: Store, round_: int, results: list[Any]) -> None:
    won(results, 1, Conflict(guard=Guard.PERSON))
    book = AppointmentBook(store)
    serials = [serial_of(Turn(round_, place, len(results))) for place in range(len(results))]
    winner = serials[results.index(COMMITTED)]
    facts = _facts_about(book, round_)
    assert list(facts.known.values()) == [made_up_applicant(winner)]
    assert facts.person_state is not None
    assert [each.number for each in facts.person_state.appointments] == [number(winner)]
    assert [serial for serial in serials if book.appointment(number(serial))] == [winner]
    assert [serial for serial in serials if book.person_of(made_up_applicant(serial).subject)] == [winner]
    logged = Counter(each.what.applicant for each in _feed(book) if isinstance(each.what, PersonRegistered))
    assert [logged[made_up_applicant(serial)] for serial in serials] == [serial == winner for serial in serials]


def _feed(book: AppointmentBook) -> list[Any]:
    found: list[Any] = []
    after = BEGINNING
    while (page := book.feed(after, limit=PAGE)).entries:
        found += page.entries
        after = page.entries[-1].position
    return found


def _open_north(store: Store, _round: int) -> None:
    AppointmentBook(store).open_calendars([BranchId("north")])


def _desk(store: Store, round_: int) -> Desk:
    """A desk that has read the record of the key."""
    desk = sample_desk(store, MovableClock(START), capacity=SEATS_FOR_ALL, seed=randbits(64))
    desk.appointments(made_up_person(round_))
    return desk


def _wanted(desk: Desk) -> Slot:
    return sample_slots(desk, START + timedelta(hours=6))[0]


def _ask_as_a_new_person(_store: Store, turn: Turn) -> bool:
    """Each racer has a desk of its own; all but the first are refused, because the person has an appointment."""
    asked = f"round-{turn.round}-{turn.place}"
    applicant = made_up_person(serial_of(turn._replace(place=0)))
    outcome = turn.seen.book(_wanted(turn.seen), applicant=applicant, agreed=True, request_id=asked)
    return isinstance(outcome, Booked)


def _check_new_person(store: Store, round_: int, results: list[Any]) -> None:
    assert results.count(True) == 1
    book, person = AppointmentBook(store), made_up_person(serial_of(Turn(round_, 0, 0)))
    applicant = book.applicants([person])[person]
    answers = [book.answer(RequestId(f"round-{round_}-{place}")) for place in range(len(results))]
    assert [each and each.command.actor for each in answers] == [applicant] * len(results)
    assert len(book.appointments_of(person, limit=PAGE)) == 1


def _book_for_one_person(_store: Store, turn: Turn) -> Result:
    applicant = made_up_applicant(turn.round)
    change = booking(
        serial_of(turn), applicant, slot_of(turn.round, turn.place), person_state=PersonState(applicant, version=1)
    )
    return commit_one(turn.seen, change)


def _check_person(store: Store, round_: int, results: list[Any]) -> None:
    won(results, 1, Conflict(guard=Guard.PERSON_STATE))
    person_state = _facts_about(AppointmentBook(store), round_).person_state
    assert person_state is not None
    assert (person_state.version, len(person_state.appointments)) == (2, 1)


def _book_or_be_refused(_store: Store, turn: Turn) -> list[str]:
    """The first books and lists who was refused; the others are refused on the standing before the booking."""
    book, applicant = turn.seen, made_up_applicant(turn.round)
    before = PersonState(applicant, version=1)
    requests = [
        [f"refused-{serial_of(Turn(turn.round, place, turn.racers), attempt)}" for attempt in range(ATTEMPTS)]
        for place in range(1, turn.racers)
    ]
    if turn.place == 0:
        for _ in range(2):
            facts_of(book, applicant)
        change = booking(serial_of(turn), applicant, slot_of(turn.round), person_state=before)
        assert commit_one(book, change) == COMMITTED
        asked = [each for theirs in requests for each in theirs]
        found = book.facts([about(request_id=each) for each in asked])
        return [each for each, facts in zip(asked, found, strict=True) if facts.answer is not None]
    mine: list[str] = []
    for request in requests[turn.place - 1]:
        result = commit_one(book, Change(answer=answer(request, Refused(()), applicant), unchanged=before))
        if result != COMMITTED:
            assert result == Conflict(guard=Guard.PERSON_STATE)
            break
        mine.append(request)
    return mine


def _check_refused(store: Store, round_: int, results: list[Any]) -> None:
    """No refusal on the standing before the booking was written after it."""
    listed, *refused = results
    assert sorted(each for mine in refused for each in mine) == sorted(listed)
    book = AppointmentBook(store)
    assert all(book.answer(RequestId(each)) for each in listed)
    person_state = _facts_about(book, round_).person_state
    assert person_state is not None
    assert person_state.version == 2


def _facts_about(book: AppointmentBook, round_: int) -> Facts:
    return facts_of(book, made_up_applicant(round_))


PERSON_RACES: Final[dict[str, Race]] = {
    "the registration of a person": Race(SCHEMA, nothing, warm, _book_for_a_new_person, _check_registered),
    "requests of a new person": Race(SCHEMA, _open_north, _desk, _ask_as_a_new_person, _check_new_person),
    "the version of a person": Race(SCHEMA, _register, warm, _book_for_one_person, _check_person),
    "a booking against refusals": Race(SCHEMA, _register, warm, _book_or_be_refused, _check_refused),
}
