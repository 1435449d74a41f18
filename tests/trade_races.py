"""Races at the level of the appointments: the guards as desks rely on them."""

from datetime import timedelta
from secrets import randbits
from typing import Any, Final

from attrs import evolve as copy_with

from tests.bookings import FAR_AHEAD, LONG_AGO, START, booking, facts_of, number, seats_taken, slot
from tests.calendar_records import entry
from traffic_booking.application._sync.desk import Desk
from traffic_booking.domain.decisions.changes import CalendarGuard, Change, Committed, Conflict, Guard
from traffic_booking.domain.decisions.outcomes import Booked
from traffic_booking.domain.places.geography import BranchId
from traffic_booking.domain.schedule.slots import SlotKey
from traffic_booking.domain.text_input import RequestId
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.persistence.schema import SCHEMA
from traffic_booking.ports.store import Store
from traffic_booking.testing.kit.guard_races import won
from traffic_booking.testing.kit.rounds import Race, Turn
from traffic_booking.testing.samples.desk import sample_desk, sample_slots
from traffic_booking.testing.samples.people import MovableClock, made_up_applicant, made_up_person

SEATS: Final = 3
ATTEMPTS: Final = 10
ALL: Final = 1_000


def serial_of(turn: Turn, attempt: int = 0) -> int:
    """A serial that no other racer has."""
    return 10_000 + 1_000 * turn.round + 20 * turn.place + attempt


def slot_of(round_number: int) -> SlotKey:
    """A slot of the round's own branch."""
    return slot(branch=f"branch-{round_number}")


def numbers_at(book: AppointmentBook, branch: BranchId) -> list[str]:
    """The numbers of the appointments at a branch."""
    return [each.number for each in book.appointments_at(branch, from_=LONG_AGO, until=FAR_AHEAD)]


class TradeRace(Race):
    """Each round is about the slots of one branch."""

    schema = SCHEMA

    def warm(self, store: Store, number: int) -> Any:
        """A book that has read the facts of a round."""
        book = AppointmentBook(store)
        facts_of(book, made_up_applicant(number), slot_of(number), f"round-{number}")
        return book


class SeatsOfASlot(TradeRace):
    """Each books one slot, for a person of its own."""

    name = "the seats of a slot"

    def attempt(self, store: Store, turn: Turn) -> Any:
        applicant = made_up_applicant(serial_of(turn))
        (result,) = turn.seen.commit([booking(serial_of(turn), applicant, slot_of(turn.round), capacity=SEATS)])
        return result

    def check(self, store: Store, number: int, results: list[Any]) -> None:
        at = slot_of(number)
        won(results, SEATS, Conflict(guard=Guard.SEATS, seat=at), win=Committed())
        assert seats_taken(store, at) == len(numbers_at(AppointmentBook(store), at.branch)) == SEATS


class ClosureAgainstBookings(TradeRace):
    """The first closes the branch and lists its appointments; the others book under the calendar before the closure."""

    name = "a closure against bookings"

    def prepare(self, store: Store, number: int) -> None:
        AppointmentBook(store).open_calendars([slot_of(number).branch])

    def attempt(self, store: Store, turn: Turn) -> list[str]:
        branch, book = slot_of(turn.round).branch, turn.seen
        if turn.place == 0:
            for _ in range(2):
                self.warm(store, turn.round)
            closure = Change(entry=entry(turn.round + 1), calendars=(CalendarGuard(branch, 1, turn.round + 1),))
            assert book.commit([closure]) == [Committed()]
            return numbers_at(book, branch)
        mine: list[str] = []
        while len(mine) < ATTEMPTS:
            serial = serial_of(turn, len(mine))
            change = booking(serial, made_up_applicant(serial), slot_of(turn.round), capacity=ALL)
            (result,) = book.commit([copy_with(change, answer=None, calendars=(CalendarGuard(branch, 1),))])
            if result != Committed():
                assert result == Conflict(guard=Guard.CALENDAR)
                break
            mine.append(number(serial))
        return mine

    def check(self, store: Store, number: int, results: list[Any]) -> None:
        """No seat was booked after the closure had been committed."""
        listed, *booked = results
        assert numbers_at(AppointmentBook(store), slot_of(number).branch) == listed
        assert sorted(each for mine in booked for each in mine) == sorted(listed)


class RequestsOfANewPerson(Race):
    """Each has a desk of its own; all but the first are refused, because the person has an appointment."""

    name = "requests of a new person"
    schema = SCHEMA

    def prepare(self, store: Store, number: int) -> None:
        if number == 0:
            AppointmentBook(store).open_calendars([BranchId("north")])

    def warm(self, store: Store, number: int) -> Desk:
        """A desk that has read the record of the key."""
        desk = sample_desk(store, MovableClock(START), capacity=ALL, seed=randbits(64))
        desk.appointments(made_up_person(number))
        return desk

    def attempt(self, store: Store, turn: Turn) -> bool:
        wanted = sample_slots(turn.seen, START + timedelta(hours=6))[0]
        person, request_id = made_up_person(10_000 + turn.round), f"round-{turn.round}-{turn.place}"
        return isinstance(turn.seen.book(wanted, applicant=person, agreed=True, request_id=request_id), Booked)

    def check(self, store: Store, number: int, results: list[Any]) -> None:
        assert results.count(True) == 1
        book, person = AppointmentBook(store), made_up_person(10_000 + number)
        applicant = book.applicants([person])[person]
        answers = [book.answer(RequestId(f"round-{number}-{place}")) for place in range(len(results))]
        assert [each and each.command.actor for each in answers] == [applicant] * len(results)
        assert len(book.appointments_of(person, limit=ALL)) == 1


TRADE_RACES: Final[tuple[Race, ...]] = (SeatsOfASlot(), ClosureAgainstBookings(), RequestsOfANewPerson())
