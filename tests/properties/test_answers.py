"""Every answer is read back equal from its records: generated answers, and answers of drawn decisions."""

from datetime import date, timedelta
from json import loads
from typing import Any

from attrs import evolve as copy_with
from hypothesis import given
from hypothesis import strategies as st

from tests.answer_strategies import answers
from tests.bookings import ME, YOU, number
from tests.calendar_records import RECORDS
from tests.calendars import PLAIN
from tests.cases import CLERK, appointment, slot_key
from tests.small_town import START, small_catalogue, small_rulebook
from traffic_booking.domain.appointments.commands import (
    BookSlot,
    CancelAppointment,
    CheckInApplicant,
    DeclareRecord,
    HoldSlot,
    MoveAppointment,
)
from traffic_booking.domain.appointments.person_state import PersonState, listed
from traffic_booking.domain.appointments.states import AppointmentState
from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.booking import decide_booking, decide_hold
from traffic_booking.domain.decisions.cancelling import decide_cancellation
from traffic_booking.domain.decisions.checking_in import decide_check_in
from traffic_booking.domain.decisions.declaring import decide_declaration
from traffic_booking.domain.decisions.facts import Facts
from traffic_booking.domain.decisions.moving import decide_move
from traffic_booking.domain.decisions.outcomes import Refused
from traffic_booking.domain.people.actors import Delegate, System
from traffic_booking.domain.people.assertions import Assertions
from traffic_booking.domain.places.services import Condition, Eligibility, Holder
from traffic_booking.domain.rules.eligibility import PERSONAL_RULES
from traffic_booking.domain.rules.restrictions import Suspension
from traffic_booking.domain.schedule.branch_calendars import BranchCalendars
from traffic_booking.domain.text_input import RequestId
from traffic_booking.persistence.answer_codec import answer_of, answer_records, parts_of

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
WORDS = Bilingual("نص", "words")
HELD, BOOKED = AppointmentState.HELD, AppointmentState.BOOKED


def row_of(put):
    """A record as a store returns it."""
    return (put.key, put.expected + 1, *put.columns, put.body)


def read_back(answer):
    """The answer as it is read from its records."""
    records = answer_records(answer)
    texts = {each.key: each.text for each in records.wordings}
    parts = parts_of(row_of(records.answer))
    assert set(parts.wordings) == set(texts)
    assert parts.has_assertions == (records.assertions is not None)
    return answer_of(parts, texts, row_of(records.assertions) if records.assertions else None)


def check_read_back(answer):
    read = read_back(answer)
    assert read == answer
    assert getattr(read.command, "assertions", None) == getattr(answer.command, "assertions", None)


@given(answers)
def test_every_answer_is_read_back_equal(answer):
    check_read_back(answer)


def demanding_town():
    """The small town, whose service `transfer` needs assertions of the host."""
    catalogue = small_catalogue(capacity=2)
    demands = Eligibility(
        holders=frozenset(Holder),
        minimum_age_years=18,
        window_days_before_expiry=180,
        conditions=(Condition("medical", WORDS, asserted=True),),
    )
    services = [copy_with(one, eligibility=demands) if one.id == "transfer" else one for one in catalogue.services]
    return copy_with(catalogue, services=tuple(services))


def rulebook_of(*, strict):
    """Loose limits, or strict ones with rules of conduct and a suspended service."""
    if not strict:
        figures = {"BK_07": {"appointments": 5}, "BK_08": {"appointments": 20}}
        return small_rulebook("loose", **figures, CN_03={"minutes": 0}, MV_05={"minutes": 0})
    rulebook = small_rulebook(
        "strict",
        MV_05={"minutes": 60},
        CD_01={"minutes": 60, "days": 30},
        CD_02={"missed": 1, "window_days": 30, "days": 10},
    )
    suspended = Suspension(
        service="renewal", branch="south", from_day=date(2026, 11, 1), until_day=date(2026, 12, 1), reason=WORDS
    )
    return copy_with(rulebook, suspensions=(suspended,))


CONFIGURATIONS = [
    Configuration(demanding_town(), rulebook_of(strict=strict), BranchCalendars(PLAIN)) for strict in (False, True)
]
every_configuration = st.sampled_from(CONFIGURATIONS)

SLOTS = [
    slot_key(branch, service, START + minutes * MINUTE)
    for branch, service, minutes in [
        ("north", "renewal", 60),
        ("north", "renewal", 75),
        ("north", "transfer", 60),
        ("south", "renewal", 24 * 60 + 60),
        ("south", "transfer", 80),
        ("south", "foreign", 60),  # not offered there
        ("north", "renewal", 67),  # no slot
    ]
]
slots = st.sampled_from([*SLOTS[:5] * 4, *SLOTS[5:]])
agreements = st.sampled_from([True] * 6 + [False, "2026-11-01", "2026-01-01"])
days = st.sampled_from([date(1990, 1, 1), date(2015, 1, 1), date(2026, 12, 1), date(2028, 1, 1)])
ENOUGH = Assertions(checked_at=START, birth_date=date(1990, 1, 1), expires_on=date(2026, 12, 1), met={"medical"})
vouched = st.one_of(
    st.none(),
    st.just(ENOUGH),
    st.just(ENOUGH),
    st.builds(
        Assertions,
        checked_at=st.integers(0, 100).map(lambda minutes: START - minutes * MINUTE),
        birth_date=st.one_of(st.none(), days),
        expires_on=st.one_of(st.none(), days),
        met=st.sampled_from([frozenset(), frozenset({"medical"})]),
    ),
)
delegates = st.builds(
    Delegate,
    person=st.just(YOU),
    applicant=st.sampled_from([ME, ME, YOU]),
    services=st.sampled_from([{"renewal"}, {"renewal", "transfer"}]),
    until=st.sampled_from([START, *[START + 2 * DAY] * 3]),
)
actors = st.one_of(*[st.just(ME)] * 5, st.just(YOU), st.just(CLERK), st.just(System()), delegates)


@st.composite
def had(draw, serial, states=(*AppointmentState, HELD, BOOKED)):
    """An appointment of the person: a hold, one to come, or one that is over."""
    slot = draw(st.sampled_from(SLOTS[:5]))
    before = draw(st.sampled_from([0, 0, 0, 1, 40])) * DAY
    state = draw(st.sampled_from(states))
    cancelled_by_applicant = state is AppointmentState.CANCELLED and draw(st.booleans())
    return appointment(
        serial,
        starts_at=slot.starts_at - before,
        service=slot.service,
        branch=slot.branch,
        state=state,
        hold_ends_at=START + draw(st.sampled_from([-1, 5, 10])) * MINUTE if state is HELD else None,
        cancelled_by_applicant_at=slot.starts_at - before - draw(st.sampled_from([10, 100])) * MINUTE
        if cancelled_by_applicant
        else None,
    )


how_many = st.sampled_from([0, 0, 1, 1, 2, 4])
person_states = how_many.flatmap(lambda most: st.tuples(*(had(serial) for serial in range(1, most + 1))))
seats = st.sampled_from([0, 0, 0, 1, 2])


def facts_of(theirs, slot, seats_taken, about=None):
    person_state = PersonState(ME, 7, tuple(listed(one) for one in theirs))
    return Facts(person_state=person_state, appointment=about, seats_taken={slot: seats_taken})


@given(
    configuration=every_configuration,
    theirs=person_states,
    slot=slots,
    seats_taken=seats,
    actor=actors,
    agreed=agreements,
    assertions=vouched,
)
def test_answers_to_holds_and_bookings_are_read_back_equal(
    configuration, theirs, slot, seats_taken, actor, agreed, assertions
):
    parts = {"request_id": "r", "actor": actor, "applicant": ME, "slot": slot, "assertions": assertions}
    facts = facts_of(theirs, slot, seats_taken + sum(one.slot == slot and one.has_seat for one in theirs))
    check_read_back(decide_hold(configuration, HoldSlot(**parts), facts, number(99), START).answer)
    check_read_back(decide_booking(configuration, BookSlot(**parts, agreed=agreed), facts, number(99), START).answer)


@given(
    configuration=every_configuration,
    theirs=person_states,
    about=st.one_of(st.none(), had(50), *[had(50, [BOOKED])] * 4),
    slot=slots,
    actor=actors,
    agreed=agreements,
    assertions=vouched,
)
def test_answers_about_an_appointment_are_read_back_equal(
    configuration, theirs, about, slot, actor, agreed, assertions
):
    parts = {"request_id": "r", "actor": actor, "number": number(50)}
    everything = theirs if about is None else (*theirs, about)
    facts = facts_of(everything, slot, sum(one.slot == slot and one.has_seat for one in everything), about)
    move = MoveAppointment(**parts, slot=slot, agreed=agreed, assertions=assertions)
    check_read_back(decide_move(configuration, move, facts, START).answer)
    holding = HoldSlot(
        request_id=RequestId("r"), actor=actor, applicant=ME, slot=slot, moving=number(50), assertions=assertions
    )
    check_read_back(decide_hold(configuration, holding, facts, number(99), START).answer)
    check_read_back(decide_cancellation(configuration, CancelAppointment(**parts), facts, START).answer)
    rulebook = configuration.rulebook(START)
    check_read_back(decide_check_in(rulebook, CheckInApplicant(**parts), facts, START + 60 * MINUTE).answer)


@given(
    configuration=every_configuration,
    record=st.sampled_from([one for one in RECORDS if not hasattr(one, "rule")][:-1]),
    actor=actors,
)
def test_answers_to_declarations_are_read_back_equal(configuration, record, actor):
    command = DeclareRecord(request_id=RequestId("r"), actor=actor, reason="عطل", record=record)
    check_read_back(decide_declaration(configuration, command, Facts(), START).answer)


def test_assertions_of_a_host_are_in_no_answer():
    """The observations of rules don't show them either: once the record of assertions is deleted, nothing does."""
    assertions = Assertions(checked_at=START, birth_date=date(2015, 7, 13), expires_on=date(2026, 12, 1))
    command = BookSlot(
        request_id=RequestId("r"), actor=ME, applicant=ME, slot=SLOTS[2], agreed=True, assertions=assertions
    )
    answer = decide_booking(CONFIGURATIONS[1], command, facts_of((), SLOTS[2], 0), number(99), START).answer
    assert answer is not None
    assert isinstance(answer.outcome, Refused)
    assert PERSONAL_RULES & {each.rule_id for each in answer.outcome.verdicts}
    records = answer_records(answer)
    texts = {each.key: each.text for each in records.wordings}
    shown = records.answer.body + "".join(texts.values())
    assert records.assertions is not None
    assert "2015-07-13" in records.assertions.body
    assert "2015-07-13" not in shown
    erased: Any = answer_of(parts_of(row_of(records.answer)), texts, None)
    assert erased.case is None
    assert erased.command.assertions is None
    assert erased.outcome != answer.outcome
    assert [each.rule_id for each in erased.outcome.verdicts] == [each.rule_id for each in answer.outcome.verdicts]


def test_the_record_of_an_answer_stays_what_it_was():
    """Stored text outlives releases: a change here needs a migration."""
    command = BookSlot(request_id=RequestId("r"), actor=CLERK, applicant=ME, slot=SLOTS[0], agreed=True)
    answer = decide_booking(CONFIGURATIONS[0], command, facts_of((), SLOTS[0], 1), number(99), START).answer
    assert answer is not None
    records = answer_records(answer)
    (terms,) = records.wordings
    assert records.answer.columns == (START,)
    assert records.assertions is None
    assert loads(records.answer.body) == {
        "do": "book",
        "for": f"citizen:{ME.subject}",
        "by": "clerk:counter-3",
        "slot": ["north", "renewal", "2026-11-22T05:00:00Z"],
        "taken": 1,
        "terms": terms.key,
        "done": [[1, number(99)]],
    }
