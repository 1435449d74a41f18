"""Persons in a store: who is registered, under which key, and the standing that guards what a person may have."""

from datetime import timedelta
from typing import Final

import pytest
from attrs import evolve as copy_with

from traffic_booking.domain.appointments.appointment import AppointmentState, ListedAppointment
from traffic_booking.domain.appointments.person_state import PersonState, listed
from traffic_booking.domain.decisions.changes import Change, Committed, Conflict, Guard
from traffic_booking.domain.decisions.outcomes import Booked, Held, Refused
from traffic_booking.domain.text_input import RequestId
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.persistence.schema import PERSON_KEYS
from traffic_booking.ports.primitives import Put, RecordsByIndex, Span, StoreChange
from traffic_booking.ports.store import Store
from traffic_booking.testing.clock import MovableClock
from traffic_booking.testing.people import made_up_applicant
from traffic_booking.testing.sample_changes import (
    ME,
    START,
    TICK,
    YOU,
    answer,
    booking,
    cancelling,
    confirming,
    expiring,
    held,
    id_of,
    number,
    registering,
    slot,
)
from traffic_booking.testing.sample_desk import LIMITS, sample_desk, sample_slots
from traffic_booking.testing.sample_reads import about, facts_of, person_state_of, stored
from traffic_booking.testing.store.base import StoreCases

HOLD_TIME: Final = timedelta(minutes=LIMITS["HD-01"]["minutes"])


def listed_of(book: AppointmentBook, *serials: int) -> tuple[ListedAppointment, ...]:
    """Stored appointments as a standing lists them."""
    return tuple(listed(stored(book, serial)) for serial in serials)


def change_key(store: Store) -> None:
    """Write the record of the key as a change of the key does, with the key that it has."""
    row = store.read([RecordsByIndex(PERSON_KEYS.name, None, [Span()])])[0][0][0]
    key, version, *columns, body = row
    assert not any(store.commit([StoreChange(puts=(Put(PERSON_KEYS.name, key, version, tuple(columns), body),))]))


class PersonCases(StoreCases):
    """Registrations and standings."""

    def test_a_person_is_registered_once_and_found_by_id_and_by_subject(self, book: AppointmentBook) -> None:
        assert list(book.commit([registering(ME)])) == [Committed()]
        assert book.applicants([id_of(ME), id_of(YOU)]) == facts_of(book).known == {id_of(ME): ME}
        assert (book.person_of(ME.subject), book.person_of(YOU.subject)) == (id_of(ME), None)
        assert person_state_of(book) == PersonState(ME, 1)
        mine = copy_with(registering(ME).registrations[0], applicant=made_up_applicant(3))
        again = copy_with(booking(1, made_up_applicant(3)), registrations=(mine,))
        assert list(book.commit([again])) == [Conflict(guard=Guard.PERSON)]
        assert (facts_of(book).known, book.appointment(number(1))) == ({id_of(ME): ME}, None)

    def test_a_registration_compares_the_record_of_the_key(self, shipped: Store) -> None:
        """A desk that has not read the newer key would register a person a second time, under the key before."""
        behind, ahead = AppointmentBook(shipped), AppointmentBook(shipped)
        assert list(behind.commit([registering(ME)])) == [Committed()]
        ahead.open_persons()
        change_key(shipped)
        assert list(behind.commit([registering(YOU)])) == [Conflict(guard=Guard.PERSON)]
        assert behind.applicants([id_of(YOU)]) == {}
        assert list(behind.commit([registering(YOU)])) == [Committed()]
        assert list(ahead.commit([booking(1, person_state=person_state_of(ahead))])) == [Committed()]

    def test_a_standing_lists_appointments_as_they_are(self, book: AppointmentBook) -> None:
        """Whatever the state; what no rule will look at is left out: a hold that was given back or has run out."""
        book.commit([held(1, person_state=person_state_of(book))])
        book.commit([booking(2, at=slot(4), person_state=person_state_of(book))])
        book.commit([held(3, at=slot(2), person_state=person_state_of(book))])
        assert person_state_of(book) == PersonState(ME, 3, listed_of(book, 1, 3, 2))
        book.commit([confirming(stored(book, 1), person_state_of(book))])
        book.commit([cancelling(stored(book, 2), person_state_of(book))])
        book.commit([cancelling(stored(book, 3), person_state_of(book))])
        assert person_state_of(book) == PersonState(ME, 6, listed_of(book, 1, 2))
        states = [each.state for each in person_state_of(book).appointments]
        assert states == [AppointmentState.BOOKED, AppointmentState.CANCELLED]

    def test_the_standing_of_an_appointment_is_that_of_its_applicant(self, book: AppointmentBook) -> None:
        book.commit([booking(1), booking(2, YOU, slot(2))])
        facts = book.facts([about(number=number(2)), about(ME, number=number(2)), about(ME, number=number(3))])
        assert [each.person_state for each in facts] == [person_state_of(book, YOU)] * 2 + [None]
        assert [each.appointment for each in facts] == [stored(book, 2)] * 2 + [None]

    def test_a_hold_that_somebody_else_ended_is_listed_as_held_unless_it_is_read_anew(
        self, book: AppointmentBook
    ) -> None:
        """The end of a hold raises no version, so that nobody's request fails for it."""
        book.commit([held(1, person_state=person_state_of(book))])
        before = person_state_of(book)
        book.commit([expiring(stored(book, 1))])
        assert person_state_of(book) == before
        (facts,) = book.facts([about(ME, anew=(number(1), number(2)))])
        assert facts.person_state == copy_with(before, appointments=(stored(book, 1),))
        seats_taken = booking(3, person_state=facts.person_state)
        assert list(book.commit([seats_taken])) == [Committed()]
        assert person_state_of(book).appointments == listed_of(book, 3)

    def test_a_refusal_is_committed_only_if_the_standing_that_it_was_based_on_is_unchanged(
        self, book: AppointmentBook
    ) -> None:
        book.commit([registering(ME, YOU)])
        based_on = person_state_of(book)
        refused = Change(answer=answer("no", Refused(())), unchanged=based_on)
        assert list(book.commit([booking(1, person_state=based_on), refused])) == [
            Committed(),
            Conflict(guard=Guard.PERSON_STATE),
        ]
        assert (book.answer(RequestId("no")), person_state_of(book).version) == (None, 2)
        again = copy_with(refused, unchanged=person_state_of(book))
        beside = booking(2, YOU, slot(2), person_state=person_state_of(book, YOU))
        assert list(book.commit([again, beside])) == [Committed(), Committed()]
        assert (book.answer(RequestId("no")), person_state_of(book).version) == (refused.answer, 2)

    @pytest.mark.parametrize("wanted", [0, 1], ids=["the slot that was held", "another slot"])
    def test_a_hold_that_a_clock_ahead_has_ended_does_not_keep_its_person_from_booking(
        self, shipped: Store, wanted: int
    ) -> None:
        clock, ahead = MovableClock(START), MovableClock(START + HOLD_TIME)
        desk = sample_desk(shipped, clock)
        slots = sample_slots(desk, START + timedelta(hours=6))
        hold = desk.hold(slots[0], applicant=id_of(ME), request_id="hold")
        assert isinstance(hold, Held)
        clock.advance(HOLD_TIME - TICK)
        assert sample_desk(shipped, ahead).expire_holds() == 1
        booked = desk.book(slots[wanted], applicant=id_of(ME), agreed=True, request_id="book")
        assert isinstance(booked, Booked)
        assert booked.appointment.number != hold.appointment.number
        shown = desk.appointments(id_of(ME))
        assert [(*shown.upcoming,), len(shown.expired)] == [(booked.appointment,), 1]
        assert desk.verify()
