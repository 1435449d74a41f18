"""Every value that the domain can make comes back equal: drawn by Hypothesis, over all that constructors accept."""

from datetime import datetime
from itertools import count

from attrs import evolve as copy_with
from hypothesis import given
from hypothesis import strategies as st

from traffic_booking.domain.appointments import Appointment
from traffic_booking.domain.changes import Change, Committed
from traffic_booking.domain.events import AppointmentEvent
from traffic_booking.domain.outcomes import Answer
from traffic_booking.domain.sign_in import SignInAttempts
from traffic_booking.ports.store import Store
from traffic_booking.testing import strategies
from traffic_booking.testing.drawing import bounded
from traffic_booking.testing.people import made_up_person
from traffic_booking.testing.sample_changes import about, number
from traffic_booking.testing.store.base import StoreCases

REQUEST_ID = 128


class RoundTripCases(StoreCases):
    """One store takes all examples, each under names of its own."""

    def test_every_answer_comes_back_equal(self, store: Store) -> None:
        fresh = count()

        @bounded(25)
        @given(st.lists(strategies.answers, max_size=3))
        def comes_back(drawn: list[Answer]) -> None:
            answers = [_under_its_own_id(each, next(fresh)) for each in drawn]
            assert list(store.commit([Change(answer=each) for each in answers])) == [Committed()] * len(answers)
            queries = [about(request_id=each.command.request_id) for each in answers]
            assert [facts.answer for facts in store.facts(queries)] == answers

        comes_back()

    def test_every_appointment_comes_back_equal(self, store: Store) -> None:
        fresh = count()

        @bounded(50)
        @given(strategies.appointments)
        def comes_back(drawn: Appointment) -> None:
            appointment = copy_with(drawn, number=number(next(fresh)), version=1)
            assert list(store.commit([Change(appointments=(appointment,))])) == [Committed()]
            assert store.appointment(appointment.number) == appointment

        comes_back()

    def test_every_event_comes_back_equal(self, store: Store) -> None:
        fresh = count()

        @bounded(50)
        @given(strategies.events)
        def comes_back(drawn: AppointmentEvent) -> None:
            event = copy_with(drawn, number=number(next(fresh)))
            assert list(store.commit([Change(events=(event,))])) == [Committed()]
            assert list(store.history(event.number)) == [event]

        comes_back()

    def test_every_count_of_failed_sign_ins_comes_back_equal(self, store: Store) -> None:
        fresh = count()

        @bounded(20)
        @given(st.integers(0, 2**31 - 1), st.none() | strategies.instants)
        def comes_back(failures: int, locked_until: datetime | None) -> None:
            person = made_up_person(next(fresh))
            attempts = SignInAttempts(applicant=person, version=1, failures=failures)
            attempts = copy_with(attempts, locked_until=locked_until)
            assert list(store.commit([Change(attempts=attempts)])) == [Committed()]
            assert store.sign_in_attempts(person) == attempts

        comes_back()


def _under_its_own_id(drawn: Answer, serial: int) -> Answer:
    request_id = f"{serial}-{drawn.command.request_id}"[:REQUEST_ID]
    return copy_with(drawn, command=copy_with(drawn.command, request_id=request_id))
