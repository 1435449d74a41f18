"""Appointments in a store: bookings, moves and cancellations through the appointment book, with all their guards."""

from itertools import pairwise
from typing import Any

import pytest
from attrs import evolve as copy_with

from traffic_booking.domain.appointments.appointment import Appointment, AppointmentState
from traffic_booking.domain.appointments.commands import BookSlot
from traffic_booking.domain.appointments.person_state import PersonState
from traffic_booking.domain.audit.feed import BEGINNING
from traffic_booking.domain.bilingual import LONGEST_TEXT, Bilingual
from traffic_booking.domain.decisions.changes import CalendarGuard, Change, Committed, Conflict, Guard, SeatChange
from traffic_booking.domain.decisions.outcomes import Refused, RequestRefused
from traffic_booking.domain.people.actors import Clerk
from traffic_booking.domain.people.applicants import PersonRegistered
from traffic_booking.domain.rules.verdict import Verdict
from traffic_booking.domain.text_input import RequestId
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.testing.people import made_up_applicant
from traffic_booking.testing.sample_changes import (
    FAR_AHEAD,
    LONG_AGO,
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
    moving,
    number,
    registering,
    slot,
)
from traffic_booking.testing.sample_reads import about, facts_of, person_state_of, seat_count_of, seats_taken, stored
from traffic_booking.testing.store.base import StoreCases

MANY = 230
LONGEST_NAME = "x" * 64


def checking_in(booked: Appointment) -> Change:
    """A change that checks a person in, without its event."""
    after = copy_with(booked, version=booked.version + 1, state=AppointmentState.CHECKED_IN)
    return Change(appointments=(after,))


class AppointmentCases(StoreCases):
    """What a store has to be good for."""

    def test_a_booking_is_written_whole(self, book: AppointmentBook) -> None:
        change = booking(1)
        assert list(book.commit([change])) == [Committed()]
        facts = facts_of(book, request_id="request-1")
        assert facts.answer == book.answer(RequestId("request-1")) == change.answer
        assert (facts.seats_taken, facts.known) == ({slot(): 1}, {id_of(ME): ME})
        assert facts.person_state == change.person_state == PersonState(ME, 1, (change.appointments[0].as_listed(),))
        assert stored(book, 1) == change.appointments[0]
        assert book.history(number(1)) == list(change.events)
        registered, *events = [each.what for each in book.feed(BEGINNING, limit=9).entries]
        assert isinstance(registered, PersonRegistered)
        assert (registered.applicant, events) == (ME, list(change.events))

    def test_a_new_book_has_nobody_and_no_seats_taken(self, book: AppointmentBook) -> None:
        facts = book.facts([about(ME, slots=(slot(),)), about(), about(number=number(1))])
        assert [each.person_state for each in facts] == [None, None, None]
        assert [each.seats_taken for each in facts] == [{slot(): 0}, {}, {}]
        assert [each.known for each in facts] == [{}, {}, {}]
        assert (book.applicants([id_of(ME)]), book.person_of(ME.subject)) == ({}, None)
        assert (book.appointment(number(1)), book.history(number(1))) == (None, [])
        assert book.appointments_of(id_of(ME), limit=9) == []
        assert (book.lapsed(by=FAR_AHEAD), seat_count_of(book, slot())) == ([], None)

    def test_guards_are_reported_in_their_documented_order(self, book: AppointmentBook) -> None:
        """Every guard fails at first; as they are mended one by one, the next one is reported."""
        first = booking(1)
        book.open_calendars([slot().branch])
        book.commit([first])
        (appointment,) = first.appointments
        change = copy_with(first, calendars=(CalendarGuard(slot().branch, 2),))
        mends: dict[Guard, dict[str, Any]] = {
            Guard.REQUEST: {"answer": answer("request-2", Refused(()))},
            Guard.PERSON: {"registrations": ()},
            Guard.CALENDAR: {"calendars": (CalendarGuard(slot().branch, 1),)},
            Guard.PERSON_STATE: {"person_state": person_state_of(book).after(first.appointments, START)},
            Guard.APPOINTMENT: {"appointments": (copy_with(appointment, version=2),)},
            Guard.SEATS: {"seats": (SeatChange(slot(), 1, 2),)},
        }
        reported = []
        for mend in mends.values():
            (result,) = book.commit([change])
            assert isinstance(result, Conflict)
            reported.append(result.guard)
            change = copy_with(change, **mend)
        assert reported == list(mends)
        assert list(book.commit([change])) == [Committed()]

    def test_the_same_request_sent_again_brings_its_first_answer_and_changes_nothing(
        self, book: AppointmentBook
    ) -> None:
        first = booking(1, capacity=5)
        book.commit([first])
        other = copy_with(booking(2, YOU, slot(2)), answer=answer("request-1", Refused(()), YOU))
        brought = Conflict(guard=Guard.REQUEST, answer=first.answer)
        assert list(book.commit([first, other])) == [brought, brought]
        assert (seats_taken(book), len(book.history(number(1)))) == (1, 1)
        book.commit([cancelling(stored(book, 1), person_state_of(book))])
        assert facts_of(book, request_id="request-1").answer == first.answer

    def test_a_refusal_is_kept_under_its_request_id_and_in_the_feed(self, book: AppointmentBook) -> None:
        refused = answer("no", Refused(()))
        assert list(book.commit([Change(answer=refused)])) == [Committed()]
        assert facts_of(book, request_id="no").answer == refused
        assert list(book.commit([Change(answer=refused)])) == [Conflict(guard=Guard.REQUEST, answer=refused)]
        (entry,) = book.feed(BEGINNING, limit=9).entries
        assert isinstance(entry.what, RequestRefused)
        assert (entry.what.request_id, entry.number) == ("no", None)

    def test_an_appointment_goes_through_its_states(self, book: AppointmentBook) -> None:
        book.commit([held(1, person_state=person_state_of(book))])
        book.commit([confirming(stored(book, 1), person_state_of(book))])
        book.commit([moving(stored(book, 1), slot(2), person_state_of(book))])
        assert list(book.commit([cancelling(stored(book, 1), person_state_of(book))])) == [Committed()]
        assert stored(book, 1).state not in {AppointmentState.HELD, AppointmentState.BOOKED}
        assert [event.version for event in book.history(number(1))] == [1, 2, 3, 4]
        assert [seats_taken(book, slot(hours)) for hours in (1, 2)] == [0, 0]

    def test_a_moved_appointment_is_at_its_new_slot_alone_however_often_it_moves(self, book: AppointmentBook) -> None:
        book.commit([booking(1)])
        slots = [slot(), slot(2), slot(3, branch="south"), slot(26), slot()]
        for times, (old, new) in enumerate(pairwise(slots), start=1):
            assert list(book.commit([moving(stored(book, 1), new, person_state_of(book))])) == [Committed()]
            moved = stored(book, 1)
            assert (moved.slot, moved.moves) == (new, times)
            assert book.appointments_at(new.branch, from_=new.starts_at, until=new.starts_at + TICK) == [moved]
            assert book.appointments_at(old.branch, from_=old.starts_at, until=old.starts_at + TICK) == []
            assert person_state_of(book).appointments == (moved.as_listed(),)
            assert (seats_taken(book, old), seats_taken(book, new)) == (0, 1)

    def test_a_move_to_a_full_slot_leaves_everything_as_it_was(self, book: AppointmentBook) -> None:
        book.commit([booking(1), booking(2, YOU, slot(2))])
        before = stored(book, 1)
        full = Conflict(guard=Guard.SEATS, slot=slot(2))
        assert list(book.commit([moving(before, slot(2), person_state_of(book))])) == [full]
        assert (seats_taken(book), seats_taken(book, slot(2)), stored(book, 1)) == (1, 1, before)
        assert (person_state_of(book).version, len(book.history(number(1)))) == (1, 1)

    def test_of_two_changes_of_one_appointment_the_later_conflicts_and_moves_no_seat(
        self, book: AppointmentBook
    ) -> None:
        book.commit([held(1), held(2, YOU)])
        for serial, person in ((1, ME), (2, YOU)):
            rivals = [confirming(stored(book, serial)), expiring(stored(book, serial))]
            assert list(book.commit(rivals if person is ME else rivals[::-1])) == [
                Committed(),
                Conflict(guard=Guard.APPOINTMENT),
            ]
        assert [stored(book, serial).state for serial in (1, 2)] == [AppointmentState.BOOKED, AppointmentState.EXPIRED]
        assert seats_taken(book) == 1

    def test_lists_of_a_person_are_cut_by_their_limit_and_by_nothing_else(self, book: AppointmentBook) -> None:
        """More than two hundred, in every state, the latest first."""
        at = [slot(hours) for hours in range(MANY)]
        book.commit([registering(ME), *(held(serial, ME, each) for serial, each in enumerate(at))])
        for first, step, change in (
            (0, 4, expiring),
            (1, 4, cancelling),
            (2, 4, confirming),
            (2, 8, checking_in),
        ):
            after = [change(stored(book, serial)) for serial in range(first, MANY, step)]
            assert set(book.commit(after)) == {Committed()}
        assert {each.state for each in book.appointments_of(id_of(ME), limit=MANY)} == set(AppointmentState)
        numbers = [number(serial) for serial in range(MANY)][::-1]
        assert [each.number for each in book.appointments_of(id_of(ME), limit=10_000)] == numbers
        for limit in (0, 1, 10, 101, 201, MANY - 1):
            assert [each.number for each in book.appointments_of(id_of(ME), limit=limit)] == numbers[:limit]
        north = book.appointments_at(slot().branch, from_=LONG_AGO, until=FAR_AHEAD)
        assert [each.number for each in north] == [number(serial) for serial in range(MANY) if serial % 4 > 1]

    def test_the_facts_of_many_are_those_of_each(self, book: AppointmentBook) -> None:
        people = [made_up_applicant(serial) for serial in range(MANY)]
        book.commit([booking(serial, one, slot(serial % 7), capacity=100) for serial, one in enumerate(people)])
        queries = [
            about(person, request_id=f"request-{serial}", slots=(slot(serial % 7), slot(serial % 5)))
            for serial, person in enumerate(people)
        ]
        queries += [about(number=number(serial)) for serial in (1, 1, MANY - 1, MANY)]
        queries += [about(people[0]), about(made_up_applicant(MANY)), about()]
        assert book.facts(queries) == [book.facts([query])[0] for query in queries]

    @pytest.mark.parametrize("text", ["لا يُحجز «الموعد» ٦٠", "می\u200cخواهم {} %s \\", "سطر\nسطر 😀 ﷽ ﻻ"])
    def test_answers_come_back_letter_by_letter_at_any_length(self, book: AppointmentBook, text: str) -> None:
        longest = Bilingual("م" * LONGEST_TEXT, "x" * LONGEST_TEXT)
        verdicts = tuple(
            Verdict(f"{LONGEST_NAME[:-3]}{place:03d}", granted=False, statement=longest) for place in range(20)
        )
        verdicts += (Verdict("BK-04", granted=False, statement=Bilingual(text, text), observed=text, limit="١"),)
        command = BookSlot(
            request_id=RequestId("😀" * 128),
            actor=Clerk(LONGEST_NAME),
            applicant=ME,
            slot=slot(branch=LONGEST_NAME, service=LONGEST_NAME),
            agreed=False,
        )
        refused = copy_with(answer("no", Refused(verdicts)), command=command)
        assert list(book.commit([Change(answer=refused)])) == [Committed()]
        assert book.answer(RequestId("😀" * 128)) == refused

    def test_answers_are_listed_page_by_page(self, book: AppointmentBook) -> None:
        answers = [answer(f"request-{place:03d}", Refused(())) for place in range(MANY)]
        book.commit([Change(answer=each) for each in reversed(answers)])
        assert book.answers(after=None, limit=10_000) == answers
        assert book.answers(after=RequestId("request-099x"), limit=3) == answers[100:103]
        assert book.answers(after=None, limit=0) == []
