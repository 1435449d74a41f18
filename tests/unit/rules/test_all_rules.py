"""Tests of every rule: the first allowed time, the order of the answers, the time in force, evidence for each.

Over 400 lines: the tests of all rules alike, over one set of cases.
"""

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

import pytest
from attrs import evolve as copy_with
from hypothesis import assume, event, example, given
from hypothesis import strategies as st

from tests import people
from tests.bookings import ME, YOU
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
    hold,
    move_case,
    slot_key,
    verdicts_on_request,
)
from tests.small_town import START, named, small_rulebook
from traffic_booking import (
    AppointmentState,
    Assertions,
    Delegate,
    InvalidInput,
    NotFound,
    Rulebook,
    Suspension,
    Tightening,
)
from traffic_booking.domain.people.attempts import Failures, SignInCase
from traffic_booking.domain.people.sign_in import ResumeCase, Session
from traffic_booking.domain.rules.cases import AppointmentCase, OwnCancellation
from traffic_booking.domain.rules.rule import EARLIEST_DAY, Rule, RuleDefinition, Status, Use
from traffic_booking.domain.rules.rulebook import DEFINITIONS
from traffic_booking.domain.rules.verdict import BROKEN, KEPT, Result
from traffic_booking.domain.wording import counted

IDS = [definition.id for definition in DEFINITIONS]
RIYADH = timezone(timedelta(hours=3))
WITHOUT_A_RULE_NOTHING_IS_DECIDED = [
    "BK-02",
    "BK-05",
    "BK-06",
    "BK-11",
    "BK-16",
    "BK-17",
    "BK-18",
    "CN-01",
    "CN-02",
    "MV-01",
    "MV-02",
    "MV-03",
    "AT-01",
    "AT-02",
    "AT-05",
    "AT-06",
    "AT-09",
    "CL-01",
    "SI-01",
    "SI-02",
    "SI-03",
    "SI-04",
    "SI-05",
    "SI-06",
]


def test_every_rule_has_a_test_that_carries_its_id(carried):
    assert [rule_id for rule_id in IDS if rule_id not in carried] == []


def test_ids_are_unique_and_their_families_stand_together():
    assert len(set(IDS)) == len(IDS)
    families = ["BK", "EL", "CD", "HD", "CN", "MV", "AT", "CL", "SI"]
    assert sorted(IDS, key=lambda rule_id: (families.index(rule_id[:2]), rule_id)) == IDS


@st.composite
def figures(draw):
    """A rulebook with any figures within their bounds, small limits more often than not."""
    given_figures = {
        definition.id.replace("-", "_"): {
            parameter.name: draw(
                st.integers(parameter.least, min(parameter.greatest, parameter.least + 2))
                | st.integers(parameter.least, parameter.greatest)
            )
            for parameter in definition.parameters
        }
        for definition in DEFINITIONS
        if definition.parameters
    }
    return small_rulebook("test-1", **given_figures)


@st.composite
def person_states(draw):
    """A person's appointments: several services, short slots with long holds, some over; none counts as missed yet."""
    moments = st.integers(-30, 300)
    return tuple(
        appointment(
            serial,
            starts_at=START + draw(moments) * MINUTE,
            minutes=draw(st.sampled_from([5, 15, 60])),
            service=draw(st.sampled_from(["renewal", "transfer", "foreign"])),
            state=draw(st.sampled_from([AppointmentState.HELD, AppointmentState.CHECKED_IN])),
            hold_ends_at=START + draw(moments) * MINUTE,
        )
        for serial in range(1, draw(st.integers(1, 7)) + 1)
    )


@st.composite
def records(draw):
    """A person's missed and cancelled appointments, in the year before START."""
    ago = st.integers(1, 400 * 24 * 60) | st.integers(1, 24).map(lambda hours: hours * 60)
    missed = [
        appointment(serial, starts_at=START - draw(ago) * MINUTE, minutes=0)
        for serial in range(21, 21 + draw(st.integers(0, 5)))
    ]
    cancelled = []
    for serial in range(31, 31 + draw(st.integers(0, 3))):
        at = START - draw(ago) * MINUTE
        starts_at = at + draw(st.integers(1, 3 * 24 * 60)) * MINUTE
        cancelled.append(
            appointment(serial, starts_at=starts_at, state=AppointmentState.CANCELLED, cancelled_by_applicant_at=at)
        )
    return (*missed, *cancelled)


def check_first_allowed_time(refused, ask):
    """Each broken rule grants the same request from its `allowed_from` on, and not a microsecond before."""
    for rule_id, verdict in refused.items():
        if verdict.allowed_from is not None:
            event(f"{rule_id} has a first allowed time")
            assert rule_id not in ask(verdict.allowed_from)
            assert rule_id in ask(verdict.allowed_from - TICK)


@pytest.mark.rule("BK-04", evidence="property")
@pytest.mark.rule("BK-07", evidence="property")
@pytest.mark.rule("BK-08", evidence="property")
@pytest.mark.rule("BK-09", evidence="property")
@pytest.mark.rule("BK-13", evidence="property")
@pytest.mark.rule("BK-14", evidence="property")
@pytest.mark.rule("CD-01", evidence="property")
@pytest.mark.rule("CD-02", evidence="property")
@pytest.mark.rule("HD-01", evidence="property")
@given(
    use=st.sampled_from([Use.HOLD, Use.BOOK]),
    rulebook=figures(),
    person_state=st.builds(tuple.__add__, person_states(), records()),
    service=st.sampled_from(["renewal", "transfer"]),
    minutes=st.integers(0, 20).map(lambda fives: 5 * fives) | st.integers(0, 400 * 24 * 60),
)
def test_a_refused_booking_is_granted_from_the_time_that_each_rule_names(use, rulebook, person_state, service, minutes):
    key = slot_key("north", service, START + minutes * MINUTE)

    def ask(now):
        return verdicts_on_request(use, key, person_state=person_state, now=now, rulebook=rulebook)

    check_first_allowed_time(ask(START), ask)


@pytest.mark.rule("CN-01", evidence="property")
@pytest.mark.rule("CN-02", evidence="property")
@pytest.mark.rule("CN-03", evidence="property")
@pytest.mark.rule("AT-03", evidence="property")
@given(
    use=st.sampled_from([Use.CANCEL, Use.CHECK_IN]),
    rulebook=figures(),
    state=st.sampled_from(AppointmentState),
    ahead=st.timedeltas(-2 * DAY, 20 * DAY),
    actor=st.sampled_from([ME, YOU, CLERK]),
)
def test_a_refused_check_in_or_cancellation_is_granted_from_the_time_that_each_rule_names(
    use, rulebook, state, ahead, actor
):
    case = AppointmentCase(actor, appointment(starts_at=START + ahead, state=state))

    def ask(now):
        return {verdict.rule_id: verdict for verdict in rulebook.evaluate(use, case, now).refused}

    check_first_allowed_time(ask(START), ask)


@pytest.mark.rule("SI-01", evidence="property")
@pytest.mark.rule("SI-06", evidence="property")
@given(
    use=st.sampled_from([Use.SIGN_IN, Use.REQUEST_RESET]),
    rulebook=figures(),
    counts=st.tuples(st.integers(0, 5), st.integers(0, 5)),
    ago=st.tuples(st.timedeltas(timedelta(0), DAY), st.timedeltas(timedelta(0), DAY)),
    known=st.booleans(),
)
def test_a_refused_sign_in_is_granted_from_the_time_that_its_rule_names(use, rulebook, counts, ago, known):
    device, strangers = (Failures(count, START - since) for count, since in zip(counts, ago, strict=True))
    case = SignInCase(device=device, strangers=strangers, known=known)

    def ask(now):
        return {verdict.rule_id: verdict for verdict in rulebook.evaluate(use, case, now).refused}

    check_first_allowed_time(ask(START), ask)


OF_WALK_INS = ("BK-17", "BK-18")
ALL_OF_BOOKING = [
    rule_id for rule_id in IDS if rule_id.startswith(("BK", "EL", "CD", "HD")) and rule_id not in OF_WALK_INS
]
DELEGATE = Delegate(person=YOU, applicant=ME, services={"renewal", "transfer", "foreign"}, until=OPENING + DAY)
FIRST = appointment(1, starts_at=OPENING + 3 * DAY, service="transfer")
OVERLAPPING = appointment(3, service="transfer")
A_SUSPENSION = Suspension(
    service="renewal", from_day=date(2026, 11, 22), until_day=date(2026, 11, 23), reason=named("flood")
)
A_HOLD = hold(4, starts_at=OPENING + 4 * DAY, service="transfer")


def case_that_breaks(wanted):
    """A booking case, a rulebook and a time that break exactly these rules."""
    now = START
    if "BK-03" in wanted:
        now = OPENING + TICK
    if "BK-04" in wanted:
        now = OPENING - 61 * DAY
    service = "foreign" if "BK-10" in wanted else "renewal"
    others = tuple(
        one
        for one, rule_id in (
            (FIRST, "BK-08"),
            (appointment(2, starts_at=OPENING + 2 * DAY, service=service), "BK-07"),
            (OVERLAPPING, "BK-09"),
            (copy_with(FIRST, slot=slot_key("south", "other", OPENING + 30 * MINUTE)), "BK-14"),
            (A_HOLD, "HD-01"),
        )
        if rule_id in wanted
    )
    needs: dict[str, Any] = {
        "minimum_age_years": 18 if "EL-01" in wanted else 17,
        "window_days_before_expiry": 10,
        "prerequisites": ("medical-check",),
    }
    actor = {frozenset(): ME, frozenset({"BK-11"}): YOU, frozenset({"BK-16"}): DELEGATE}[wanted & {"BK-11", "BK-16"}]
    key = slot_key("north", service, OPENING)
    case = booking_case(
        key=key,
        others=others,
        offered="BK-01" not in wanted,
        seats_taken=2 if "BK-05" in wanted else 1,
        agreed="2020-01-01" if "BK-06" in wanted else "2026-11-01",
        actor=copy_with(actor, until=now) if actor is DELEGATE else actor,
        service=copy_with(CATALOGUE.conditions_of(service), **needs),
        missed=(now - DAY,) if "CD-02" in wanted else (),
        cancelled_by_applicant=(OwnCancellation(service=key.service, starts_at=now, at=now - TICK),)
        if "CD-01" in wanted
        else (),
        suspension=A_SUSPENSION if "BK-15" in wanted else None,
        assertions=Assertions(
            checked_at=now - (61 if "EL-04" in wanted else 60) * MINUTE,
            birth_date=date(2009, 11, 22),
            expires_on=date(2026, 12, 3 if "EL-02" in wanted else 2),
            met=set() if "EL-03" in wanted else {"medical-check"},
        ),
    )
    if "BK-02" in wanted:
        case = copy_with(case, slot=None)
    limits: dict[str, Any] = {
        "BK_08": {"appointments": max(1, len(others)) if "BK-08" in wanted else 20},
        "BK_13": {"appointments": 1 if "BK-13" in wanted else 20},
        "BK_12": {"minutes": 61 if "BK-12" in wanted else 0},
        "BK_14": {"minutes": 20 if "BK-14" in wanted else 0},
        "CD_01": {"minutes": 1, "days": 1},
        "CD_02": {"missed": 1, "window_days": 2, "days": 2},
        "HD_01": {"holds": 1, "minutes": 10},
    }
    return case, small_rulebook(**limits), now


def can_be_broken_together(wanted):
    """True if these rules can be the only ones that one request breaks."""
    apart = (
        {"BK-03", "BK-04"},  # a slot is not both over and too far ahead
        {"BK-04", "BK-12"},
        {"BK-02", "BK-05"},  # a slot that doesn't exist isn't full
        {"BK-02", "EL-01"},
        {"BK-02", "EL-02"},
        {"BK-11", "BK-16"},  # a stranger is no delegate
    )
    others = wanted & {"BK-07", "BK-08", "BK-09", "BK-14", "HD-01"}
    in_group = others - {"BK-14"}
    return (
        not any(pair <= wanted for pair in apart)
        and ("BK-08" not in wanted or others)
        and ("BK-13" not in wanted or in_group)
    )


@given(use=st.sampled_from([Use.HOLD, Use.BOOK]), wanted=st.sets(st.sampled_from(ALL_OF_BOOKING)))
@example(use=Use.BOOK, wanted=set())
@example(use=Use.BOOK, wanted=set(ALL_OF_BOOKING) - {"BK-02", "BK-03", "BK-12", "BK-16", "HD-01"})
@example(use=Use.HOLD, wanted=set(ALL_OF_BOOKING) - {"BK-04", "BK-05", "BK-06", "BK-11", "EL-01", "EL-02"})
def test_a_refusal_names_every_broken_rule_in_the_documented_order(use, wanted):
    wanted = frozenset(wanted - ({"BK-06"} if use is Use.HOLD else {"HD-01"}))
    assume(can_be_broken_together(wanted))
    case, rulebook, now = case_that_breaks(wanted)

    evaluation = rulebook.evaluate(use, case, now)
    verdicts = tuple(evaluation)

    assert [verdict.rule_id for verdict in verdicts] == [d.id for d in DEFINITIONS if use in d.uses]
    refused = [verdict.rule_id for verdict in evaluation.refused]
    assert refused == sorted(wanted, key=IDS.index), "each rule of booking needs its part in case_that_breaks"
    assert evaluation.refused == tuple(verdict for verdict in verdicts if not verdict.granted)
    assert evaluation.granted is not bool(wanted)
    for verdict in verdicts:
        check_sentences(verdict)


@given(
    rulebook=figures(),
    person_state=person_states(),
    now=st.integers(-400, 400).map(lambda minutes: START + minutes * MINUTE),
)
def test_a_decision_refuses_by_broken_rules_alone_each_once_and_in_order(rulebook, person_state, now):
    refused = verdicts_on_request(
        Use.BOOK,
        slot_key("south", "foreign", OPENING),
        person_state=person_state,
        now=now,
        agreed=False,
        rulebook=rulebook,
    )

    assert list(refused) == sorted(refused, key=IDS.index)
    assert {"BK-01", "BK-02", "BK-06", "BK-10"} <= set(refused)
    assert not any(verdict.granted for verdict in refused.values())


def with_days(rulebook, rule_id, from_, until=None):
    """The rulebook with one rule in force on other days."""
    return copy_with(
        rulebook,
        rules=tuple(
            copy_with(rule, in_force_from=from_, in_force_until=until) if rule.id == rule_id else rule
            for rule in rulebook.rules
        ),
    )


days = st.dates(date(1900, 1, 1), date(2500, 1, 1))


@pytest.mark.rule("BK-04")
@given(from_=days, lasting=st.integers(1, 1000), ticks=st.sampled_from([-1, 0, 1]), at_end=st.booleans())
def test_a_rule_binds_from_midnight_in_riyadh_until_just_before_midnight_in_riyadh(from_, lasting, ticks, at_end):
    until = from_ + timedelta(days=lasting)
    rule = next(r for r in with_days(small_rulebook(), "BK-04", from_, until).rules if r.id == "BK-04")
    midnight = datetime.combine(until if at_end else from_, time(), _riyadh_then(until if at_end else from_))
    now = (midnight + ticks * TICK).astimezone(UTC)

    assert rule.in_force(now) == ((ticks < 0) if at_end else (ticks >= 0))


def _riyadh_then(day):
    """Riyadh kept local mean time, 3:06:52 ahead, until midnight of 14 March 1947, and is 3 hours ahead since."""
    return RIYADH if day > date(1947, 3, 14) else timezone(timedelta(hours=3, minutes=6, seconds=52))


@pytest.mark.rule("BK-04")
def test_a_rule_that_is_not_in_force_refuses_nothing_and_is_not_evaluated():
    key = slot_key("north", "renewal", OPENING + 98 * DAY)
    tomorrow, yesterday = date(2026, 11, 23), date(2026, 11, 21)
    not_yet, no_more = (
        with_days(small_rulebook(), "BK-04", *in_force) for in_force in ((tomorrow,), (date(2020, 1, 1), yesterday))
    )

    assert set(verdicts_on_request(Use.BOOK, key)) == {"BK-04"}
    for rulebook in (not_yet, no_more):
        assert verdicts_on_request(Use.BOOK, key, rulebook=rulebook) == {}
        assert "BK-04" not in [v.rule_id for v in rulebook.evaluate(Use.BOOK, booking_case(key=key), START)]


def test_the_rules_without_which_nothing_is_decided():
    assert [d.id for d in DEFINITIONS if d.indispensable] == WITHOUT_A_RULE_NOTHING_IS_DECIDED


@pytest.mark.parametrize(
    "rule_id", [pytest.param(rule_id, marks=pytest.mark.rule(rule_id)) for rule_id in WITHOUT_A_RULE_NOTHING_IS_DECIDED]
)
def test_before_such_a_rule_is_in_force_nothing_is_decided_rather_than_anything_granted(rule_id):
    rulebook = with_days(small_rulebook(), rule_id, date(2026, 11, 23))
    definition = next(d for d in DEFINITIONS if d.id == rule_id)

    for use in definition.uses:
        case: Any = AppointmentCase(CLERK, appointment())
        if use in {Use.BOOK, Use.HOLD, Use.MOVE}:
            case = move_case() if use is Use.MOVE else booking_case()
        with pytest.raises(InvalidInput, match=rf"^rulebook: got {rule_id} not in force at 2026-11-22T04:00:00\+00:00"):
            rulebook.evaluate(use, case, START)


BEGINS, ENDS = date(2026, 1, 1), date(2027, 1, 1)


@pytest.mark.parametrize(
    ("from_", "until", "refused"),
    [
        (BEGINS, ENDS, None),
        (BEGINS - DAY, ENDS + DAY, None),
        (BEGINS, None, None),
        (BEGINS + DAY, None, "in_force_from: got 2026-01-02; expected 2026-01-01 or before"),
        (BEGINS, ENDS - DAY, "in_force_until: got 2026-12-31; expected 2027-01-01 or later"),
    ],
)
def test_such_a_rule_is_in_force_for_the_whole_of_its_version(from_, until, refused):
    version = copy_with(small_rulebook(), in_force_from=BEGINS, in_force_until=ENDS)
    for rule_id in WITHOUT_A_RULE_NOTHING_IS_DECIDED:
        if refused is None:
            with_days(version, rule_id, from_, until)
        else:
            with pytest.raises(InvalidInput, match=rf"^{refused}: nothing is decided without {rule_id}$"):
                with_days(version, rule_id, from_, until)


def test_another_rule_may_come_and_go_within_its_version():
    version = copy_with(small_rulebook(), in_force_from=BEGINS, in_force_until=ENDS)
    assert with_days(version, "BK-04", BEGINS + DAY, ENDS - DAY)["BK-04"].in_force_until < ENDS


def test_such_a_rule_ends_in_no_version_without_an_end_nor_in_one_that_names_no_beginning():
    for version in (small_rulebook(), copy_with(small_rulebook(), in_force_from=BEGINS)):
        with pytest.raises(InvalidInput, match=r"^in_force_until: got 2027-01-01; expected no end: nothing is decided"):
            with_days(version, "BK-05", BEGINS, ENDS)


def test_a_clock_that_has_lost_the_time_grants_nothing():
    for use in (Use.HOLD, Use.BOOK):
        with pytest.raises(InvalidInput, match="or a right clock"):
            verdicts_on_request(use, slot_key(), now=datetime(1970, 1, 1, tzinfo=UTC))


def bounds():
    """Every parameter of every rule."""
    return [
        pytest.param(definition, parameter, id=f"{definition.id}-{parameter.name}")
        for definition in DEFINITIONS
        for parameter in definition.parameters
    ]


@pytest.mark.parametrize(("definition", "parameter"), bounds())
def test_a_figure_is_taken_from_its_least_to_its_greatest_value_and_not_beyond(definition, parameter):
    for value in (parameter.least, parameter.greatest):
        rule = made(definition, {parameter.name: value})
        assert rule[parameter.name] == value
        expected = counted(value, parameter.unit)
        assert expected.en in rule.statement("en")
        assert expected.ar in rule.statement("ar")
    for value in (
        parameter.least - 1,
        parameter.greatest + 1,
        True,
        float(parameter.least),
        str(parameter.least),
        None,
        10**5000,
        "long" * 1000,
    ):
        with pytest.raises(InvalidInput) as refused:
            made(definition, {parameter.name: value})
        assert len(str(refused.value)) < 200
        assert refused.value.field == parameter.name
        assert refused.value.expected == f"{parameter.least} to {parameter.greatest} {parameter.unit}"


def made(definition, figures_given, **parts):
    """A rule with these figures, and the least value for the rest."""
    all_figures = {parameter.name: parameter.least for parameter in definition.parameters} | figures_given
    given_parts: dict[str, Any] = {
        "status": Status.UNOFFICIAL,
        "source": "made up",
        "in_force_from": date(2020, 1, 1),
    } | parts
    return Rule(definition=definition, figures=all_figures, **given_parts)


def test_figures_stay_as_they_were_checked_even_if_the_passed_values_change():
    definition = small_rulebook()["BK-04"].definition
    passed = {"days": 60}
    rule = Rule(definition=definition, figures=passed, status=Status.UNOFFICIAL, source="x", in_force_from=EARLIEST_DAY)
    stricter = Tightening(rule="BK-04", branch="north", figures=passed)
    passed["days"] = 9_999
    assert (rule["days"], stricter.figures["days"]) == (60, 60)


@pytest.mark.parametrize("figures_given", [None, 60, ["days"], {1: 60}], ids=repr)
def test_figures_that_have_no_names_are_refused(figures_given):
    rule = small_rulebook()["BK-04"]
    for make in (rule.tightened, lambda given: Tightening(rule="BK-04", branch="north", figures=given)):
        with pytest.raises(InvalidInput, match=r"^figures: got "):
            make(figures_given)


def test_unknown_and_missing_figures_are_refused_with_the_known_ones():
    for definition in DEFINITIONS:
        expected = ", ".join(sorted(parameter.name for parameter in definition.parameters)) or "none"
        with pytest.raises(InvalidInput, match=f"expected {expected}$"):
            made(definition, {"fee": 1})
        if definition.parameters:
            with pytest.raises(InvalidInput, match=f"figures: got none; expected {expected}$"):
                Rule(definition=definition, status=Status.UNOFFICIAL, source="x", in_force_from=date(2020, 1, 1))


@pytest.mark.parametrize(
    "parts",
    [
        {"in_force_until": date(2020, 1, 1)},
        {"in_force_until": date(2019, 12, 31)},
        {"in_force_from": EARLIEST_DAY - timedelta(days=1)},
        {"in_force_from": datetime(2020, 1, 1, tzinfo=UTC)},
        {"in_force_until": datetime(2027, 1, 1, tzinfo=UTC)},
        {"source": "  "},
        {"source": "x" * 401},
    ],
    ids=str,
)
def test_a_rule_that_is_never_in_force_or_has_no_source_is_refused(parts):
    with pytest.raises(InvalidInput) as refused:
        made(DEFINITIONS[0], {}, **parts)
    assert refused.value.field in parts


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda rules: rules[1:], id="one missing"),
        pytest.param(lambda rules: (rules[1], rules[0], *rules[2:]), id="out of order"),
        pytest.param(lambda rules: (*rules, rules[-1]), id="one twice"),
        pytest.param(lambda _rules: (), id="none"),
    ],
)
def test_a_rulebook_has_every_rule_once_and_in_the_documented_order(change):
    rules = small_rulebook().rules

    with pytest.raises(InvalidInput, match=r"^rules: got .*; expected BK-01, .*, SI-06$"):
        Rulebook(version="test", rules=change(rules))


@pytest.mark.parametrize("version", ["", " ", "x" * 41, "a\u202eb", "a\x1bb"])
def test_a_rulebooks_version_is_a_short_visible_text(version):
    with pytest.raises(InvalidInput, match=r"^version: "):
        small_rulebook(version=version)


def test_a_rule_is_found_by_its_id_and_an_unknown_id_is_named():
    assert small_rulebook()["CN-03"].id == "CN-03"
    with pytest.raises(NotFound, match=r"^no rule 'XX-99'; known: BK-01, .*…$"):
        small_rulebook()["XX-99"]


def test_a_granted_verdict_has_no_first_allowed_time():
    rule = small_rulebook()["BK-04"]

    assert rule.verdict_of(KEPT._replace(allowed_from=START)).allowed_from is None
    assert rule.verdict_of(BROKEN._replace(allowed_from=START)).allowed_from == START


def test_a_session_is_evaluated_like_any_other_case():
    session = Session(applicant=people.ME, started_at=START, ends_at=START + 30 * MINUTE)

    assert small_rulebook().evaluate(Use.RESUME, ResumeCase(session=session), START).refused == ()


def test_every_use_has_a_rule():
    assert {use for definition in DEFINITIONS for use in definition.uses} == set(Use)
    assert all(isinstance(definition, RuleDefinition) for definition in DEFINITIONS)


OFF_AT_ZERO = {
    (definition.id, parameter.name)
    for definition in DEFINITIONS
    for parameter in definition.parameters
    if parameter.off_at_zero
}


@pytest.mark.parametrize(("rule_id", "name"), sorted(OFF_AT_ZERO))
def test_a_rule_that_a_figure_of_zero_switches_off_has_a_sentence_for_it_in_both_languages(rule_id, name):
    definition = next(one for one in DEFINITIONS if one.id == rule_id)
    others = {parameter.name: 1 for parameter in definition.parameters}
    off, on = (made(definition, others | {name: figure}) for figure in (0, 1))

    assert (off.is_off, on.is_off) == (True, False)
    assert off.statement("en").endswith(" (Not in use: its figure is 0.)")
    assert off.statement("ar").endswith(" (القاعدة غير مفعّلة: قيمتها صفر.)")
    assert "Not in use" not in on.statement("en")


def test_the_rules_that_a_figure_of_zero_switches_off():
    expected = {("BK-12", "minutes"), ("BK-14", "minutes"), ("CD-01", "days"), ("CD-01", "minutes"), ("CD-02", "days")}
    assert expected | {("CN-04", "minutes"), ("CN-05", "minutes")} == OFF_AT_ZERO


@pytest.mark.rule("BK-12")
@pytest.mark.rule("BK-14")
@pytest.mark.rule("CD-01")
@pytest.mark.rule("CD-02")
@pytest.mark.rule("CN-04")
@given(ago=st.integers(0, 100), missed=st.integers(0, 5))
def test_a_rule_that_is_off_refuses_nothing(ago, missed):
    now = OPENING + ago * MINUTE
    case = booking_case(
        others=(appointment(2, service="transfer"),),
        missed=(now - MINUTE,) * missed,
        cancelled_by_applicant=(OwnCancellation(service=slot_key().service, starts_at=now, at=now - TICK),),
    )
    rulebook = small_rulebook(BK_08={"appointments": 20}, CD_02={"missed": 1, "window_days": 1, "days": 0})

    for rule in rulebook.rules:
        if rule.is_off:
            own_case = AppointmentCase(ME, appointment()) if rule.id in {"CN-04", "CN-05"} else case
            assert rule.check(own_case, now).result is Result.NOT_APPLICABLE
