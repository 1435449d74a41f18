"""CD-01 and CD-02 at their limits, one step to either side, and as properties: late cancellations and missed visits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bookings import ME, YOU, number
from tests.calendars import PLAIN, exception
from tests.cases import (
    CATALOGUE,
    CLERK,
    DAY,
    MINUTE,
    OPENING,
    TICK,
    appointment,
    booking_case,
    check_sentences,
    slot_key,
    verdict_of,
    verdicts_on_request,
)
from tests.small_town import START, small_catalogue, small_rulebook
from traffic_booking import (
    AppointmentState,
    Booked,
    BookingDesk,
    Cancelled,
    Delegate,
    DeskParts,
    Refused,
    System,
    Withdrawal,
)
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.domain.appointments.appointment import evolve
from traffic_booking.domain.appointments.commands import BookSlot
from traffic_booking.domain.appointments.events import AppointmentCancelled
from traffic_booking.domain.appointments.person_state import PersonState
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.booking import decide_booking
from traffic_booking.domain.decisions.facts import Facts
from traffic_booking.domain.rules.cases import OwnCancellation
from traffic_booking.domain.rules.rule import Use
from traffic_booking.domain.schedule.branch_calendars import BranchCalendars
from traffic_booking.domain.schedule.exceptions import Effect
from traffic_booking.domain.text_input import RequestId
from traffic_booking.testing import MovableClock, made_up_person


def withdrawal(at, *, ahead=MINUTE, service="renewal"):
    return OwnCancellation(service=service, starts_at=at + ahead, at=at)


@pytest.mark.rule("CD-01", evidence="table")
@pytest.mark.parametrize("days", [1, 45])
@pytest.mark.parametrize(("after", "granted"), [(-TICK, False), (0 * TICK, True), (TICK, True)])
def test_a_late_cancellation_is_waited_out(days, after, granted):
    cancelled_at = START - days * DAY - after
    verdict = verdict_of(
        "CD-01", booking_case(cancelled_by_applicant=(withdrawal(cancelled_at),)), minutes=60, days=days
    )

    assert verdict.granted is granted
    assert (verdict.observed, verdict.limit) == (cancelled_at, cancelled_at + days * DAY)
    assert verdict.allowed_from == (None if granted else cancelled_at + days * DAY)
    check_sentences(verdict, 60, days)


@pytest.mark.rule("CD-01", evidence="table")
@pytest.mark.parametrize(("ahead", "late"), [(-TICK, True), (0 * TICK, False), (TICK, False)])
def test_a_cancellation_is_late_when_it_comes_less_than_the_notice_before_the_start(ahead, late):
    cancelled = withdrawal(START - MINUTE, ahead=60 * MINUTE + ahead)

    assert (
        verdict_of("CD-01", booking_case(cancelled_by_applicant=(cancelled,)), minutes=60, days=1).granted is not late
    )


@pytest.mark.rule("CD-01", evidence="table")
@pytest.mark.parametrize(("minutes", "days", "granted"), [(0, 1, True), (1, 0, True), (1, 1, False)])
def test_a_figure_of_zero_holds_not_even_a_cancellation_after_the_start_against_anybody(minutes, days, granted):
    cancelled = withdrawal(START - MINUTE, ahead=-MINUTE)

    assert (
        verdict_of("CD-01", booking_case(cancelled_by_applicant=(cancelled,)), minutes=minutes, days=days).granted
        is granted
    )


@pytest.mark.rule("CD-01", evidence="property")
@given(
    ages=st.lists(st.tuples(st.integers(0, 200), st.sampled_from(["renewal", "transfer"])), max_size=5),
    days=st.integers(0, 180),
)
def test_the_last_late_cancellation_of_the_same_service_counts(ages, days):
    cancelled = tuple(withdrawal(START - age * DAY, service=service) for age, service in ages)
    own = [age for age, service in ages if service == "renewal"]

    verdict = verdict_of("CD-01", booking_case(cancelled_by_applicant=cancelled), minutes=60, days=days)
    assert verdict.granted == (not own or min(own) >= days)


@pytest.mark.rule("CD-02", evidence="table")
@pytest.mark.parametrize(("count", "granted"), [(1, True), (2, False), (3, False)])
def test_a_person_who_missed_too_many_waits_longer_with_each(count, granted):
    missed = tuple(START - serial * DAY for serial in range(count, 0, -1))
    verdict = verdict_of("CD-02", booking_case(missed=missed), missed=2, window_days=30, days=7)

    assert verdict.granted is granted
    assert (verdict.observed, verdict.limit) == (count, 2)
    assert verdict.allowed_from == (None if granted else START - DAY + (count - 1) * 7 * DAY)
    check_sentences(verdict, 2, 30, 7)


@pytest.mark.rule("CD-02", evidence="table")
@pytest.mark.parametrize(("after", "granted"), [(-TICK, False), (0 * TICK, True), (TICK, True)])
def test_the_wait_ends_after_its_days(after, granted):
    verdict = verdict_of("CD-02", booking_case(missed=(START - 7 * DAY - after,)), missed=1, window_days=30, days=7)

    assert verdict.granted is granted
    assert verdict.allowed_from == (None if granted else START - after)


@pytest.mark.rule("CD-02", evidence="table")
@pytest.mark.parametrize(("after", "counted"), [(-TICK, 1), (0 * TICK, 0), (TICK, 0)])
def test_missed_appointments_count_within_the_window(after, counted):
    verdict = verdict_of("CD-02", booking_case(missed=(START - 30 * DAY - after,)), missed=1, window_days=30, days=90)

    assert (verdict.observed, verdict.granted) == (counted, counted == 0)


@pytest.mark.rule("CD-02")
def test_the_wait_is_over_at_once_when_what_made_it_long_leaves_the_window():
    missed = (START - 29 * DAY, START - DAY)
    verdict = verdict_of("CD-02", booking_case(missed=missed), missed=1, window_days=30, days=2)

    # Four days from the last for two of them; the first leaves the window tomorrow, and two days are then over.
    assert verdict.allowed_from == START + DAY


@pytest.mark.rule("CD-02", evidence="property")
@given(
    ages=st.lists(st.integers(0, 100 * 24), max_size=8),
    limit=st.integers(1, 4),
    window=st.integers(1, 60),
    days=st.integers(0, 60),
)
def test_the_same_record_is_refused_until_the_first_allowed_time_and_granted_from_then_on(ages, limit, window, days):
    case = booking_case(missed=tuple(sorted(START - hours * 60 * MINUTE for hours in ages)))
    figures = {"missed": limit, "window_days": window, "days": days}
    verdict = verdict_of("CD-02", case, **figures)

    assert verdict.observed == (sum(hours < window * 24 for hours in ages) if days else None)
    if not verdict.granted:
        assert verdict.allowed_from is not None
        assert verdict_of("CD-02", case, verdict.allowed_from, **figures).granted
        assert not verdict_of("CD-02", case, verdict.allowed_from - TICK, **figures).granted


@pytest.mark.rule("CD-02")
def test_missed_is_what_was_booked_and_is_over_and_was_never_checked_in():
    person_state = [
        appointment(1, starts_at=START - DAY, state=AppointmentState.CHECKED_IN),
        appointment(2, starts_at=START - DAY, state=AppointmentState.CANCELLED),
        appointment(3, starts_at=START - 15 * MINUTE + TICK, service="transfer"),
    ]
    rulebook = small_rulebook(CD_02={"missed": 1, "window_days": 30, "days": 7})

    assert verdicts_on_request(Use.BOOK, slot_key(), person_state=person_state, rulebook=rulebook) == {}
    person_state.append(appointment(4, starts_at=START - 15 * MINUTE))
    refused = verdicts_on_request(Use.BOOK, slot_key(), person_state=person_state, rulebook=rulebook)
    assert set(refused) == {"CD-02"}
    strangers = verdicts_on_request(Use.BOOK, slot_key(), person_state=person_state, rulebook=rulebook, actor=YOU)
    assert set(strangers) == {"BK-11"}


@pytest.mark.rule("CD-02")
@pytest.mark.parametrize("recorded", [False, True])
@pytest.mark.parametrize(("after_its_end", "refused"), [(-TICK, False), (0 * TICK, True), (TICK, True)])
def test_a_missed_appointment_counts_from_its_end_recorded_or_not(recorded, after_its_end, refused):
    state = AppointmentState.NO_SHOW if recorded else AppointmentState.BOOKED
    one = appointment(1, starts_at=START - 15 * MINUTE - after_its_end, state=state, service="transfer")
    rulebook = small_rulebook(CD_02={"missed": 1, "window_days": 30, "days": 7})

    found = verdicts_on_request(Use.BOOK, slot_key(), person_state=[one], rulebook=rulebook)

    assert set(found) == ({"CD-02"} if refused else set())
    assert [verdict.observed for verdict in found.values()] == [1] * refused


@pytest.mark.rule("CD-02")
@pytest.mark.parametrize("state", [AppointmentState.SERVED, AppointmentState.EXCUSED])
def test_an_appointment_that_was_served_or_excused_is_not_missed(state):
    one = appointment(1, starts_at=START - DAY, state=state)
    rulebook = small_rulebook(CD_02={"missed": 1, "window_days": 30, "days": 7})

    assert verdicts_on_request(Use.BOOK, slot_key(), person_state=[one], rulebook=rulebook) == {}


@pytest.mark.rule("CD-02")
@pytest.mark.parametrize("state", [AppointmentState.BOOKED, AppointmentState.NO_SHOW])
@pytest.mark.parametrize("cancelled_by_applicant", [False, True])
def test_whose_slot_was_closed_has_missed_nothing(cancelled_by_applicant, state):
    closure = exception(Effect.CLOSED, START.date())
    records = (closure, Withdrawal(closure.id)) if cancelled_by_applicant else (closure,)
    rulebook = small_rulebook(CD_02={"missed": 1, "window_days": 30, "days": 7})
    configuration = Configuration(CATALOGUE, rulebook, BranchCalendars(PLAIN, records))
    key, now = slot_key(starts_at=OPENING + DAY), OPENING + 60 * MINUTE
    facts = Facts(
        person_state=PersonState(ME, 1, (appointment(1, service="transfer", state=state),)), seats_taken={key: 0}
    )
    command = BookSlot(request_id=RequestId("r"), actor=ME, applicant=ME, slot=key, agreed=True)

    change = decide_booking(configuration, command, facts, number(2), now)
    assert change.answer is not None
    assert isinstance(change.answer.outcome, Refused if cancelled_by_applicant else Booked)


@pytest.mark.rule("CD-01", evidence="table")
@pytest.mark.parametrize(
    ("actor", "own"),
    [
        (ME, True),
        (Delegate(person=YOU, applicant=ME, services=["renewal"], until=OPENING), True),
        (CLERK, False),
        (System(), False),
    ],
)
def test_only_what_the_applicant_or_a_delegate_cancels_is_held_against_them(actor, own):
    one = appointment(1)
    event = AppointmentCancelled(number=one.number, version=2, at=START, actor=actor, rulebook="test-1")

    assert evolve(one, event).cancelled_by_applicant_at == (START if own else None)


@pytest.mark.rule("CD-01")
@pytest.mark.rule("CD-02")
def test_the_desk_reads_as_far_back_as_the_rulebook_looks():
    clock, me = MovableClock(START), made_up_person(1)
    rulebook = small_rulebook(
        BK_08={"appointments": 20},
        CN_03={"minutes": 0},
        CD_01={"minutes": 60, "days": 5},
        CD_02={"missed": 1, "window_days": 20, "days": 15},
    )
    desk = BookingDesk(
        DeskParts(store=MemoryStore(), clock=clock, catalogue=small_catalogue(capacity=2), rulebook=rulebook)
    )

    def book(request_id, *, days=0, minutes=0):
        key = slot_key(starts_at=OPENING + days * DAY + minutes * MINUTE)
        return desk.book(key, applicant=me, agreed=True, request_id=request_id)

    first = book("first", minutes=15)
    assert isinstance(first, Booked)
    assert isinstance(desk.cancel(first.appointment.number, by=me, request_id="cancel"), Cancelled)
    assert isinstance(book("in-time", minutes=15), Booked)
    clock.move_to(OPENING + DAY)
    again = book("missed-the-first", days=2)
    assert isinstance(again, Refused)
    assert [verdict.rule_id for verdict in again.verdicts] == ["CD-02"]
    allowed_from = again.verdicts[0].allowed_from
    assert allowed_from is not None
    clock.move_to(allowed_from)
    assert isinstance(book("waited", days=21), Booked)
