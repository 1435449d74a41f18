"""Facts after a change are the same as those that a store would then read; the parts of a change agree."""

from attrs import evolve as copy_with
from attrs import fields
from hypothesis import given
from hypothesis import strategies as st

from tests.bookings import ME, YOU, about, booking, cancelling, expiring, held, id_of, number, person_state_of, slot
from tests.calendars import exception
from tests.cases import MINUTE, appointment
from tests.small_town import START
from traffic_booking import Clerk
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.domain.appointments.commands import CancelAppointment
from traffic_booking.domain.appointments.person_state import PersonState
from traffic_booking.domain.decisions.changes import Change, Committed, Guard, SeatChange
from traffic_booking.domain.decisions.facts import CalendarVersion, Facts, FactsInTurn
from traffic_booking.domain.places.geography import BranchId
from traffic_booking.domain.schedule.entries import CalendarEntry
from traffic_booking.domain.schedule.exceptions import Effect
from traffic_booking.domain.schedule.slots import SeatKey
from traffic_booking.domain.text_input import RequestId
from traffic_booking.persistence._sync.appointment_book import AppointmentBook

PEOPLE = (ME, YOU)
SLOTS = (slot(1), slot(2), slot(1, "transfer"))
SERIALS = range(7)
HOLD_MINUTES = 10


def changes_of(store, draw):
    """A change that the store commits: a booking or hold by anybody, or a cancellation."""
    person, at, serial = draw(st.sampled_from(PEOPLE)), draw(st.sampled_from(SLOTS)), draw(st.sampled_from(SERIALS))
    stored = store.appointment(number(serial))
    match draw(st.sampled_from(["book", "hold", "cancel"])):
        case "book" if stored is None:
            return booking(serial, person, at, person_state=person_state_of(store, person), capacity=9)
        case "hold" if stored is None:
            return held(serial, person, at, minutes=HOLD_MINUTES, person_state=person_state_of(store, person))
        case "cancel" if stored is not None and stored.has_seat:
            return cancelling(stored, person_state_of(store, stored.applicant))
        case _:
            return Change()


def queries_about(*, anew=()):
    """Queries about two persons and seven appointments."""
    persons = [about(person, slots=SLOTS[:2], anew=anew) for person in PEOPLE]
    return persons + [about(number=number(serial), slots=SLOTS[:2], anew=anew) for serial in SERIALS]


@given(st.data())
def test_facts_after_the_end_of_a_hold_are_what_the_store_then_reads_anew(data):
    store = AppointmentBook(MemoryStore())
    for _ in range(data.draw(st.integers(1, 8))):
        assert store.commit([changes_of(store, data.draw)]) == [Committed()]
    for hold in store.lapsed(by=START + HOLD_MINUTES * MINUTE):
        before, change = store.facts(queries_about()), expiring(hold)
        assert store.commit([change]) == [Committed()]
        after = store.facts(queries_about(anew=tuple(map(number, SERIALS))))
        for facts, expected in zip(before, after, strict=True):
            known = facts.after(change)
            assert (known.seats_taken, known.appointment) == (expected.seats_taken, expected.appointment)
            assert known.known == expected.known
            if facts.person_state is not None and hold in facts.person_state.appointments:
                assert known.person_state is not None
                assert expected.person_state is not None
                assert facts.person_state.version == expected.person_state.version
                (ended,) = change.appointments
                assert ended in known.person_state.appointments
                assert ended in expected.person_state.appointments


ENTRY = CalendarEntry(
    number=4,
    at=START,
    actor=Clerk("counter-3"),
    reason="repairs",
    request_id="declared",
    record=exception(Effect.CLOSED, START.date()),
)


@given(st.data())
def test_seats_in_turn_are_what_one_change_after_another_would_leave_and_persons_have_one_turn(data):
    store, in_turn, seats_taken_in_turn = AppointmentBook(MemoryStore()), FactsInTurn(), list[Change]()
    for _ in range(data.draw(st.integers(0, 4))):
        store.commit([changes_of(store, data.draw)])
    queries = queries_about()
    found = store.facts(queries)

    for _ in range(data.draw(st.integers(1, 6))):
        change = changes_of(store, data.draw)
        store.commit([change])
        in_turn.add(change)
        seats_taken_in_turn.append(change)
        had_a_turn = {appointment.applicant for each in seats_taken_in_turn for appointment in each.appointments}
        registered = {each.person for change in seats_taken_in_turn for each in change.registrations}
        for query, facts, now in zip(queries, found, store.facts(queries), strict=True):
            theirs = facts.person_state is not None and facts.person_state.applicant in had_a_turn
            if theirs or not registered.isdisjoint(query.persons):
                assert in_turn.applied_to(facts, query.persons) is None
            else:
                assert in_turn.applied_to(facts, query.persons) == copy_with(facts, seats_taken=now.seats_taken)


def test_behind_a_new_calendar_entry_facts_have_to_be_read_again():
    in_turn = FactsInTurn()
    in_turn.add(Change(entry=ENTRY))

    assert in_turn.applied_to(Facts(calendars={BranchId("north"): CalendarVersion(3)})) is None


def test_facts_that_no_change_touches_come_back_themselves():
    in_turn, found = FactsInTurn(), Facts(person_state=PersonState(ME, 3), seats_taken={slot(1): 2})
    in_turn.add(booking(1, YOU, slot(2)))

    assert in_turn.applied_to(found) is found


def test_of_facts_that_a_change_touches_all_but_the_seats_stays():
    in_turn, change = FactsInTurn(), booking(1, YOU, slot(1))
    in_turn.add(change)
    found = Facts(
        answer=change.answer,
        known={id_of(ME): ME},
        appointment=appointment(),
        person_state=PersonState(ME, 3),
        seats_taken={slot(1): 2},
        calendars={BranchId("north"): CalendarVersion(4, 2)},
    )
    assert all(getattr(found, each.name) != getattr(Facts(), each.name) for each in fields(Facts)), (
        "a field is left out"
    )

    assert in_turn.applied_to(found) == copy_with(found, seats_taken={slot(1): 3})


def test_facts_after_no_change_are_the_same():
    facts = Facts(
        appointment=appointment(),
        person_state=PersonState(ME, 3, (appointment(), appointment(2))),
        seats_taken={slot(1): 2},
    )

    assert facts.after(Change()) == facts


def test_facts_without_a_standing_stay_without():
    assert Facts(seats_taken={slot(1): 1}).after(Change(person_state=PersonState(ME, 1))) == Facts(
        seats_taken={slot(1): 1}
    )


def test_a_change_to_somebody_else_leaves_the_standing():
    facts = Facts(person_state=PersonState(ME, 3), seats_taken={slot(1): 0})
    theirs = booking(1, YOU, slot(1))

    assert facts.after(theirs) == Facts(person_state=PersonState(ME, 3), seats_taken={slot(1): 1})


def test_the_facts_before_are_not_touched():
    seats_taken: dict[SeatKey, int] = {slot(1): 0}
    facts = Facts(person_state=PersonState(ME), seats_taken=seats_taken)

    facts.after(Change(seats=(SeatChange(slot(1), 1, 1), SeatChange(slot(2), 1, 1))))

    assert seats_taken == {slot(1): 0}
    assert facts == Facts(person_state=PersonState(ME), seats_taken={slot(1): 0})


def test_the_end_of_a_hold_is_in_the_state_of_its_person_and_raises_no_version():
    (hold,) = held(1, at=slot(1)).appointments
    facts = Facts(person_state=PersonState(ME, 4, (hold, appointment(2))), seats_taken={slot(1): 1})
    change = expiring(hold)

    after = facts.after(change)

    (expired,) = change.appointments
    assert after == Facts(person_state=PersonState(ME, 4, (expired, appointment(2))), seats_taken={slot(1): 0})


def test_an_empty_change_writes_nothing():
    assert Change() == Change(
        registrations=(),
        answer=None,
        seats=(),
        person_state=None,
        unchanged=None,
        appointments=(),
        events=(),
    )


def test_guards_are_reported_in_the_documented_order():
    assert list(Guard) == [
        "request",
        "person",
        "once",
        "calendar",
        "person-state",
        "appointment",
        "attempts",
        "session",
        "seats",
    ]


def test_a_command_is_another_one_as_soon_as_anything_differs():
    command = CancelAppointment(request_id=RequestId("r"), actor=ME, number=number(1))

    assert command == CancelAppointment(request_id=RequestId("r"), actor=ME, number=number(1))
    assert command != copy_with(command, actor=YOU)
    assert command != copy_with(command, number=number(2))
