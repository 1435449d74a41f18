"""BK-01 to BK-11, each at its limit, one step to either side, and as a property.

Over 400 lines: one family of rules, one file.
"""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bookings import ME, YOU
from tests.cases import (
    CATALOGUE,
    CLERK,
    DAY,
    IN_FORCE,
    MINUTE,
    OPENING,
    STAFF,
    TICK,
    appointment,
    booking_case,
    check_sentences,
    conditions_of,
    hold,
    slot_key,
    verdict_of,
    verdicts_on_request,
)
from tests.small_town import START, small_catalogue, small_rulebook
from traffic_booking import AppointmentState, Holder
from traffic_booking.domain.rules.rule import Use
from traffic_booking.testing import made_up_applicant

USES = (Use.HOLD, Use.BOOK)
offsets = st.timedeltas(min_value=-400 * DAY, max_value=400 * DAY)
near_offsets = st.one_of(st.sampled_from([-TICK, 0 * TICK, TICK]), offsets)
RESIDENT = made_up_applicant(3, Holder.RESIDENT)


@pytest.mark.rule("BK-01", evidence="table")
@pytest.mark.parametrize("offered", [True, False])
def test_a_service_is_granted_where_the_branch_offers_it(offered):
    verdict = verdict_of("BK-01", booking_case(offered=offered))

    assert verdict.granted is offered
    assert (verdict.observed, verdict.limit, verdict.allowed_from) == ("renewal", None, None)
    check_sentences(verdict)


@pytest.mark.rule("BK-01", evidence="property")
@given(
    use=st.sampled_from(USES),
    branch=st.sampled_from(["north", "south"]),
    service=st.sampled_from(["renewal", "transfer", "foreign"]),
)
def test_only_what_stands_in_the_branchs_timetable_is_offered(use, branch, service):
    refused = verdicts_on_request(use, slot_key(branch, service, OPENING), actor=CLERK, applicant=RESIDENT)

    assert ("BK-01" in refused) == ((branch, service) == ("south", "foreign"))


@pytest.mark.rule("BK-02", evidence="table")
@pytest.mark.parametrize(
    ("after_opening", "granted"),
    [
        (-15 * MINUTE, False),
        (-TICK, False),
        (0 * MINUTE, True),
        (TICK, False),
        (timedelta(seconds=1), False),
        (14 * MINUTE, False),
        (15 * MINUTE, True),
        (16 * MINUTE, False),
        (345 * MINUTE, True),  # 13:45, the last
        (346 * MINUTE, False),
        (360 * MINUTE, False),
        (4 * DAY, True),  # Thursday
        (5 * DAY, False),  # Friday
        (6 * DAY, False),  # Saturday
        (7 * DAY, True),
    ],
)
def test_a_time_is_granted_where_the_timetable_has_it(after_opening, granted):
    key = slot_key("north", "renewal", OPENING + after_opening)
    verdict = verdict_of("BK-02", booking_case(key=key))

    assert verdict.granted is granted
    assert (verdict.observed, verdict.limit, verdict.allowed_from) == (key.starts_at, None, None)
    check_sentences(verdict)


@pytest.mark.rule("BK-02", evidence="property")
@given(
    use=st.sampled_from(USES),
    minutes=st.one_of(st.integers(0, 14 * 24 * 60), st.integers(0, 14 * 24 * 12).map(lambda fives: 5 * fives)),
    ticks=st.sampled_from([0, 0, 0, 1, 59_999_999]),
    service=st.sampled_from([("renewal", 15), ("transfer", 20)]),
)
def test_exactly_the_multiples_of_the_duration_in_the_open_hours_are_slots(use, minutes, ticks, service):
    name, duration = service
    starts_at = START + minutes * MINUTE + ticks * TICK  # START is 07:00 on a Sunday
    day, minute_of_day = divmod(7 * 60 + minutes, 24 * 60)
    is_slot = (
        ticks == 0 and day % 7 < 5 and (minute_of_day - 480) % duration == 0 and 480 <= minute_of_day <= 840 - duration
    )

    assert ("BK-02" in verdicts_on_request(use, slot_key("north", name, starts_at))) != is_slot


@pytest.mark.rule("BK-03", evidence="table")
@pytest.mark.parametrize(("before_start", "granted"), [(TICK, True), (0 * TICK, False), (-TICK, False)])
def test_a_slot_is_granted_until_just_before_it_starts(before_start, granted):
    now = OPENING - before_start
    verdict = verdict_of("BK-03", booking_case(), now)

    assert verdict.granted is granted
    assert (verdict.observed, verdict.limit, verdict.allowed_from) == (OPENING, now, None)
    check_sentences(verdict)


@pytest.mark.rule("BK-03", evidence="property")
@given(use=st.sampled_from(USES), offset=near_offsets)
def test_whatever_starts_now_or_before_now_is_refused(use, offset):
    refused = verdicts_on_request(use, slot_key(), now=OPENING + offset)

    assert ("BK-03" in refused) == (offset >= timedelta(0))


@pytest.mark.rule("BK-04", evidence="table")
@pytest.mark.parametrize("days", [1, 60, 366])
@pytest.mark.parametrize(("after_limit", "granted"), [(-TICK, True), (0 * TICK, True), (TICK, False)])
def test_a_slot_is_granted_up_to_the_horizon_and_at_it(days, after_limit, granted):
    starts_at = START + days * DAY + after_limit
    verdict = verdict_of("BK-04", booking_case(key=slot_key("north", "renewal", starts_at)), days=days)

    assert verdict.granted is granted
    assert (verdict.observed, verdict.limit) == (starts_at, START + days * DAY)
    assert verdict.allowed_from == (None if granted else START + after_limit)
    check_sentences(verdict, days)


@pytest.mark.rule("BK-04", evidence="property")
@given(use=st.sampled_from(USES), days=st.integers(1, 366), offset=near_offsets)
def test_a_slot_is_refused_exactly_while_it_is_further_off_than_the_horizon(use, days, offset):
    now = OPENING - days * DAY + offset
    refused = verdicts_on_request(use, slot_key(), now=now, rulebook=small_rulebook(BK_04={"days": days}))

    assert ("BK-04" in refused) == (offset < timedelta(0))


@pytest.mark.rule("BK-05", evidence="table")
@pytest.mark.parametrize("capacity", [1, 2, 10_000])
@pytest.mark.parametrize(("beyond", "granted"), [(-1, True), (0, False), (1, False)])
def test_a_seat_is_granted_while_fewer_are_taken_than_there_are(capacity, beyond, granted):
    slot = conditions_of(small_catalogue(capacity=capacity)).slot(slot_key())
    verdict = verdict_of("BK-05", booking_case(slot=slot, seats_taken=capacity + beyond))

    assert verdict.granted is granted
    assert (verdict.observed, verdict.limit, verdict.allowed_from) == (capacity + beyond, capacity, None)
    check_sentences(verdict)


@pytest.mark.rule("BK-05")
def test_where_there_is_no_slot_the_seat_is_not_what_is_missing():
    assert verdict_of("BK-05", booking_case(slot=None, seats_taken=7)).granted


@pytest.mark.rule("BK-05", evidence="property")
@given(use=st.sampled_from(USES), capacity=st.integers(1, 5), others=st.integers(0, 7), own_hold=st.booleans())
def test_the_seat_of_ones_own_live_hold_is_not_taken_by_somebody_else(use, capacity, others, own_hold):
    person_state = (hold(),) if own_hold else ()
    refused = verdicts_on_request(
        use,
        slot_key(),
        person_state=person_state,
        seats_taken=others + own_hold,
        catalogue=small_catalogue(capacity=capacity),
    )

    assert set(refused) == ({"BK-05"} if others >= capacity and not own_hold else set())
    if refused:
        assert (refused["BK-05"].observed, refused["BK-05"].limit) == (others, capacity)


@pytest.mark.rule("BK-06", evidence="table")
@pytest.mark.parametrize(
    ("agreed", "granted"), [(None, False), (IN_FORCE, True), ("2026-10-31", False), ("2026-11-01.2", False)]
)
def test_agreement_counts_for_the_version_in_force_alone(agreed, granted):
    verdict = verdict_of("BK-06", booking_case(agreed=agreed))

    assert verdict.granted is granted
    assert (verdict.observed, verdict.limit, verdict.allowed_from) == (agreed, IN_FORCE, None)
    check_sentences(verdict)


@pytest.mark.rule("BK-06", evidence="property")
@given(agreed=st.one_of(st.booleans(), st.dates().map(str), st.just(IN_FORCE)))
def test_a_booking_needs_agreement_and_a_hold_none(agreed):
    key = slot_key()

    assert ("BK-06" in verdicts_on_request(Use.BOOK, key, agreed=agreed)) == (agreed not in {True, IN_FORCE})
    assert verdicts_on_request(Use.HOLD, key) == {}


def person_state_of(count, services=("renewal",)):
    """So many booked appointments, one a day from the second day on, for these services in turn."""
    return tuple(
        appointment(day, starts_at=OPENING + day * DAY, service=services[day % len(services)])
        for day in range(1, count + 1)
    )


@pytest.mark.parametrize(
    "rule_id", [pytest.param(name, marks=pytest.mark.rule(name, evidence="table")) for name in ("BK-07", "BK-08")]
)
@pytest.mark.parametrize("limit", [1, 2, 5])
@pytest.mark.parametrize(("beyond", "granted"), [(-1, True), (0, False), (1, False)])
def test_one_more_is_granted_while_there_are_fewer_than_the_limit(rule_id, limit, beyond, granted):
    count = limit + beyond
    others = person_state_of(count)
    verdict = verdict_of(rule_id, booking_case(others=others), appointments=limit)

    assert verdict.granted is granted
    assert (verdict.observed, verdict.limit) == (count, limit)
    # The first to end makes room if the limit is just reached; if it is exceeded by one, the second.
    assert verdict.allowed_from == (None if granted else others[beyond].slot_ends_at)
    check_sentences(verdict, limit)


@pytest.mark.rule("BK-07")
def test_appointments_for_other_services_do_not_count_against_the_limit_of_one():
    others = person_state_of(4, services=("transfer", "foreign"))

    assert verdict_of("BK-07", booking_case(others=others), appointments=1).observed == 0
    assert verdict_of("BK-08", booking_case(others=others), appointments=4).observed == 4


def is_counted(one, now):
    """True if an appointment counts against the limits, by the sentence of the rules: active, and not over."""
    match one.state:
        case AppointmentState.HELD:
            return now < one.hold_ends_at
        case AppointmentState.BOOKED | AppointmentState.CHECKED_IN:
            return now < one.slot_ends_at
        case _:
            return False


@st.composite
def person_states(draw):
    """A person's appointments of any state, some over, some overlapping, some of the requested service."""
    return tuple(
        appointment(
            serial,
            starts_at=OPENING + draw(st.integers(-4, 40)) * 15 * MINUTE,
            minutes=draw(st.sampled_from([5, 15, 20, 60])),
            service=draw(st.sampled_from(["renewal", "transfer", "foreign"])),
            state=draw(st.sampled_from(AppointmentState)),
            hold_ends_at=START + draw(st.integers(-10, 120)) * MINUTE,
        )
        for serial in range(1, draw(st.integers(0, 6)) + 1)
    )


def others_of(person_state, key, now):
    """Those that count, without the live holds that the request books or gives back."""
    counted = [one for one in person_state if is_counted(one, now)]
    return [one for one in counted if one.state is not AppointmentState.HELD or one.slot.service != key.service]


@pytest.mark.rule("BK-07", evidence="property")
@pytest.mark.rule("BK-08", evidence="property")
@given(
    use=st.sampled_from(USES),
    person_state=person_states(),
    for_one=st.integers(1, 5),
    in_all=st.integers(1, 6),
    now=st.integers(-60, 180).map(lambda minutes: START + minutes * MINUTE),
)
def test_both_limits_count_what_is_active_and_not_given_back(use, person_state, for_one, in_all, now):
    key = slot_key("north", "renewal", OPENING + 7 * DAY)
    refused = verdicts_on_request(
        use,
        key,
        person_state=person_state,
        now=now,
        rulebook=small_rulebook(BK_07={"appointments": for_one}, BK_08={"appointments": in_all}),
    )

    others = others_of(person_state, key, now)
    same = [one for one in others if one.slot.service == "renewal"]
    assert ("BK-07" in refused) == (len(same) >= for_one)
    assert ("BK-08" in refused) == (len(others) >= in_all)


@pytest.mark.rule("BK-09", evidence="table")
@pytest.mark.parametrize(
    ("starts", "ends", "granted"),
    [
        (-20 * MINUTE, 0 * MINUTE, True),
        (-20 * MINUTE, TICK, False),
        (-20 * MINUTE, 60 * MINUTE, False),
        (0 * MINUTE, 15 * MINUTE, False),
        (5 * MINUTE, 6 * MINUTE, False),
        (15 * MINUTE - TICK, 20 * MINUTE, False),
        (15 * MINUTE, 20 * MINUTE, True),
        (15 * MINUTE + TICK, 20 * MINUTE, True),
    ],
)
@pytest.mark.parametrize("slot_exists", [True, False])
def test_appointments_may_touch_and_not_overlap(starts, ends, granted, slot_exists):
    other = appointment(starts_at=OPENING + starts, minutes=(ends - starts) / MINUTE, service="transfer")
    case = booking_case(others=(other,)) if slot_exists else booking_case(others=(other,), slot=None)
    verdict = verdict_of("BK-09", case)

    assert verdict.granted is granted
    assert (verdict.observed, verdict.limit) == (None if granted else other.number, None)
    assert verdict.allowed_from == (None if granted else OPENING + ends)
    check_sentences(verdict)


@pytest.mark.rule("BK-09", evidence="property")
@given(
    use=st.sampled_from(USES),
    person_state=person_states(),
    service=st.sampled_from(["renewal", "transfer"]),
    at=st.integers(0, 5),
)
def test_a_request_is_refused_exactly_where_it_shares_time_with_another(use, person_state, service, at):
    starts_at = OPENING + at * 60 * MINUTE
    ends_at = starts_at + (15 if service == "renewal" else 20) * MINUTE
    key = slot_key("north", service, starts_at)
    refused = verdicts_on_request(use, key, person_state=person_state)

    shared = [
        min(ends_at, one.slot_ends_at) - max(starts_at, one.slot.starts_at)
        for one in others_of(person_state, key, START)
    ]
    assert ("BK-09" in refused) == any(time > timedelta(0) for time in shared)


@pytest.mark.rule("BK-10", evidence="table")
@pytest.mark.parametrize(
    ("applicant", "service", "granted", "limit"),
    [
        (ME, "renewal", True, "citizen, resident"),
        (RESIDENT, "renewal", True, "citizen, resident"),
        (ME, "foreign", False, "resident"),
        (RESIDENT, "foreign", True, "resident"),
    ],
)
def test_a_service_is_open_to_the_holders_that_the_catalogue_names(applicant, service, granted, limit):
    verdict = verdict_of("BK-10", booking_case(applicant=applicant, key=slot_key("north", service, OPENING)))

    assert verdict.granted is granted
    assert (verdict.observed, verdict.limit, verdict.allowed_from) == (applicant.holder.value, limit, None)
    check_sentences(verdict)


@pytest.mark.rule("BK-10", evidence="property")
@given(use=st.sampled_from(USES), serial=st.integers(0, 10**8 - 1), holder=st.sampled_from(Holder))
def test_a_service_for_residents_refuses_citizens_and_nobody_else(use, serial, holder):
    person = made_up_applicant(serial, holder)
    refused = verdicts_on_request(use, slot_key("north", "foreign", OPENING), actor=person, applicant=person)

    assert set(refused) == ({"BK-10"} if holder is Holder.CITIZEN else set())


@pytest.mark.rule("BK-11", evidence="table")
@pytest.mark.parametrize(
    ("actor", "granted"), [(ME, True), (YOU, False), (RESIDENT, False), *((s, True) for s in STAFF)]
)
def test_the_applicant_and_staff_may_ask_and_nobody_else(actor, granted):
    verdict = verdict_of("BK-11", booking_case(actor=actor))

    assert verdict.granted is granted
    assert (verdict.observed, verdict.limit, verdict.allowed_from) == (None, None, None)
    check_sentences(verdict)


@pytest.mark.rule("BK-11", evidence="property")
@given(use=st.sampled_from(USES), actor=st.integers(0, 3), applicant=st.integers(0, 3))
def test_people_ask_for_themselves(use, actor, applicant):
    refused = verdicts_on_request(
        use,
        slot_key(),
        actor=made_up_applicant(actor),
        applicant=made_up_applicant(applicant),
    )

    assert set(refused) == ({"BK-11"} if actor != applicant else set())


@pytest.mark.rule("BK-11", evidence="property")
@given(use=st.sampled_from(USES), person_state=person_states(), seats_taken=st.integers(0, 3))
def test_another_person_learns_nothing_of_the_state_of_the_applicant(use, person_state, seats_taken):
    key = slot_key()
    rulebook = small_rulebook(BK_08={"appointments": 1}, HD_01={"holds": 1, "minutes": 10})
    of_them = verdicts_on_request(
        use, key, actor=YOU, person_state=person_state, seats_taken=seats_taken, rulebook=rulebook
    )
    of_nobody = verdicts_on_request(use, key, actor=YOU, seats_taken=seats_taken, rulebook=rulebook)

    assert of_them == of_nobody
    assert "BK-11" in of_them


def test_start_of_the_small_town_is_a_sunday_in_riyadh_at_seven():
    assert datetime(2026, 11, 22, 4, tzinfo=UTC) == START
    assert START.weekday() == 6
    assert CATALOGUE.branch("north").time_zone == "Asia/Riyadh"
