"""Any batches of changes give the same results and the same facts on the memory store and on the SQLite store."""

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from attrs import evolve as copy_with
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import strategies
from tests.bookings import about, number, slot, standing_of
from tests.small_town import START
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.domain.appointments import Appointment, AppointmentState
from traffic_booking.domain.changes import Change, SeatChange, StandingGuard
from traffic_booking.domain.events import AppointmentCancelled
from traffic_booking.domain.sign_in import SignInAttempts
from traffic_booking.domain.slots import SlotRange
from traffic_booking.testing import made_up_person

PEOPLE = [made_up_person(serial) for serial in range(3)]
NUMBERS = [number(serial) for serial in range(5)]
SLOTS = [slot(), slot(microseconds=1), slot(2), slot(service="transfer"), slot(branch="south")]
REQUESTS = ["r1", "r2", "r3", "r4"]
ONCE = ["c1", "c2", "c3"]
MOMENTS = [START + timedelta(minutes=minutes, microseconds=tick) for minutes in (-5, 0, 5, 60) for tick in (0, 1)]

moments = st.sampled_from(MOMENTS)
# Mostly the version that the guard wants, sometimes one too low or too high.
off_by = st.sampled_from([0, 0, 0, 0, 0, 1, -1])


@st.composite
def changes(draw, store):
    """A change that mostly fits what `store` holds."""
    people = st.sampled_from(PEOPLE)
    answer = draw(st.none() | strategies.answers)
    if answer is not None:
        answer = copy_with(answer, command=copy_with(answer.command, request_id=draw(st.sampled_from(REQUESTS))))
    written = tuple(
        draw(appointment_versions(store, one))
        for one in draw(st.lists(st.sampled_from(NUMBERS), max_size=2, unique=True))
    )
    standing, attempts = draw(st.none() | people), draw(st.none() | people)
    return Change(
        answer=answer,
        seats=tuple(
            SeatChange(key, draw(st.sampled_from([1, 1, 2, -1])), draw(st.integers(0, 4)))
            for key in draw(st.lists(st.sampled_from(SLOTS), max_size=2, unique=True))
        ),
        standing=standing and StandingGuard(standing, standing_of(store, standing).version + draw(off_by)),
        once=tuple(draw(st.lists(st.sampled_from(ONCE), max_size=2))),
        appointments=written,
        events=tuple(
            AppointmentCancelled(
                number=one.number, version=one.version, at=one.changed_at, actor=one.applicant, rulebook=one.rulebook
            )
            for one in written
        ),
        attempts=attempts
        and SignInAttempts(
            applicant=attempts,
            version=max(1, store.sign_in_attempts(attempts).version + 1 + draw(off_by)),
            failures=draw(st.integers(0, 9)),
            locked_until=draw(st.none() | moments),
        ),
    )


@st.composite
def appointment_versions(draw, store, one):
    """The next version of an appointment, or nearly; it may change slots, but never hands."""
    stored = store.appointment(one)
    return Appointment(
        number=one,
        version=max(1, (stored.version if stored else 0) + 1 + draw(off_by)),
        state=draw(st.sampled_from(AppointmentState)),
        slot=draw(st.sampled_from(SLOTS)),
        slot_ends_at=draw(moments),
        time_zone=draw(strategies.zone_names),
        applicant=PEOPLE[NUMBERS.index(one) % len(PEOPLE)],
        rulebook="test-1",
        changed_at=draw(moments),
        hold_ends_at=draw(st.none() | moments),
        instructions=draw(st.none() | strategies.instructions),
    )


def everything(store, moment):
    """All that the port answers about the few names that the changes use."""
    queries = [
        *(about(PEOPLE[0], request_id=one, ending_after=moment) for one in REQUESTS),
        *(about(one, ending_after=moment, slots=tuple(SLOTS)) for one in PEOPLE),
        *(about(number=one, ending_after=moment) for one in NUMBERS),
    ]
    ranges = [SlotRange(branch=key.branch, service=key.service, from_=START, until=key.starts_at) for key in SLOTS]
    return {
        "facts": list(store.facts(queries)),
        "taken": dict(store.taken(ranges, lapsed_by=moment)),
        "lapsed": list(store.lapsed(by=moment)),
        "lapsed of slots": [list(store.lapsed(by=moment, slot=key, limit=2)) for key in SLOTS],
        "appointments": [store.appointment(one) for one in NUMBERS],
        "of people": [list(store.appointments_of(one, limit=3)) for one in PEOPLE],
        "history": [list(store.history(one)) for one in NUMBERS],
        "attempts": [store.sign_in_attempts(one) for one in PEOPLE],
    }


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_both_stores_give_the_same_results_and_the_same_facts(data):
    with TemporaryDirectory() as folder:
        memory, sqlite = MemoryStore(), SqliteStore(Path(folder) / "bookings.db")
        try:
            for _ in range(data.draw(st.integers(1, 6), label="batches")):
                batch = data.draw(st.lists(changes(memory), max_size=4), label="batch")
                assert list(sqlite.commit(batch)) == list(memory.commit(batch))
            for moment in MOMENTS[2:5]:
                assert everything(sqlite, moment) == everything(memory, moment)
        finally:
            sqlite.close()


@settings(max_examples=50, deadline=None)
@given(answers=st.lists(strategies.answers, max_size=3, unique_by=lambda answer: answer.command.request_id))
def test_every_answer_is_read_back_equal(answers):
    with TemporaryDirectory() as folder:
        store = SqliteStore(Path(folder) / "bookings.db")
        try:
            store.commit([Change(answer=answer) for answer in answers])
            queries = [about(request_id=one.command.request_id) for one in answers]
            assert [facts.answer for facts in store.facts(queries)] == answers
        finally:
            store.close()


@settings(max_examples=50, deadline=None)
@given(appointment=strategies.appointments, event=strategies.events)
def test_every_appointment_and_event_is_read_back_equal(appointment, event):
    with TemporaryDirectory() as folder:
        store = SqliteStore(Path(folder) / "bookings.db")
        try:
            store.commit([Change(appointments=(copy_with(appointment, version=1),), events=(event,))])
            assert store.appointment(appointment.number) == copy_with(appointment, version=1)
            assert list(store.history(event.number)) == [event]
        finally:
            store.close()
