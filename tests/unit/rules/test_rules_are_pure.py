"""No rule reads anything but its arguments: each check runs while clocks and random sources raise."""

import inspect
import random
import secrets
import time
import uuid
from datetime import date, datetime

import pytest
from attrs import evolve as copy_with

from tests import people
from tests.bookings import ME
from tests.cases import CATALOGUE, CLERK, MINUTE, OPENING, appointment, booking_case, hold, move_case
from tests.small_town import START, named, small_rulebook
from traffic_booking import AppointmentState, Assertions, Delegate, Suspension
from traffic_booking.domain.people.attempts import Failures, ResetCode, SignInCase
from traffic_booking.domain.people.sign_in import ResumeCase, Session
from traffic_booking.domain.places.services import service_id
from traffic_booking.domain.rules.cases import AppointmentCase, DeclarationCase, MissedCase, OwnCancellation, StayCase
from traffic_booking.domain.rules.restrictions import SlotCase
from traffic_booking.domain.rules.rule import Use
from traffic_booking.domain.rules.rulebook import DEFINITIONS
from traffic_booking.domain.rules.verdict import Result

FULL = booking_case(
    service=copy_with(
        CATALOGUE.conditions_of("renewal"),
        minimum_age_years=18,
        window_days_before_expiry=180,
        prerequisites=("medical-check",),
    ),
    actor=Delegate(person=ME, applicant=ME, services=["renewal"], until=OPENING),
    others=(appointment(1), hold(2, starts_at=OPENING + 20 * MINUTE)),
    missed=(START - MINUTE,) * 3,
    cancelled_by_applicant=(OwnCancellation(service=service_id("renewal"), starts_at=START, at=START - MINUTE),),
    assertions=Assertions(checked_at=START, birth_date=date(2000, 1, 1), expires_on=date(2027, 1, 1), met={"x"}),
    suspension=Suspension(
        service="renewal", from_day=date(2026, 11, 1), until_day=date(2026, 12, 1), reason=named("works")
    ),
)
FAILED = SignInCase(device=Failures(3, START), strangers=Failures(200, START - MINUTE), known=False)
CASES = {
    Use.HOLD: (FULL, booking_case()),
    Use.BOOK: (FULL, booking_case()),
    Use.SEARCH: (SlotCase(FULL.key, FULL.suspension), SlotCase(FULL.key)),
    Use.CANCEL: (AppointmentCase(ME, appointment()), AppointmentCase(CLERK, None)),
    Use.CHECK_IN: (AppointmentCase(CLERK, appointment()), AppointmentCase(ME, None)),
    Use.SERVE: (AppointmentCase(CLERK, appointment(state=AppointmentState.CHECKED_IN)), AppointmentCase(ME, None)),
    Use.NO_SHOW: (MissedCase(CLERK, appointment()), MissedCase(CLERK, appointment(), slot_was_closed=True)),
    Use.EXCUSE: (AppointmentCase(CLERK, appointment(state=AppointmentState.NO_SHOW)), AppointmentCase(ME, None)),
    Use.WALK_IN: (FULL, booking_case(actor=CLERK)),
    Use.DECLARE: (DeclarationCase(CLERK), DeclarationCase(ME)),
    Use.SIGN_IN: (FAILED, copy_with(FAILED, known=True)),
    Use.REQUEST_RESET: (FAILED,),
    Use.RESET_PASSWORD: (ResetCode(hashed="", issued_at=START - MINUTE, tries=1),),
    Use.RESUME: (ResumeCase(session=Session(applicant=people.ME, started_at=START, ends_at=OPENING)), ResumeCase()),
}
MOVING = move_case(appointment(state=AppointmentState.CHECKED_IN), actor=CLERK)
CASES[Use.MOVE] = CASES[Use.HOLD_TO_MOVE] = (MOVING, copy_with(MOVING, slot_was_closed=True))
CASES[Use.STAY] = (StayCase(ME, appointment()), StayCase(CLERK, appointment(state=AppointmentState.CHECKED_IN)))
CASES[Use.FIND_TO_MOVE] = (MOVING, AppointmentCase(ME, None))
RULEBOOK = small_rulebook(
    CN_04={"minutes": 60},
    BK_14={"minutes": 60},
    CD_01={"minutes": 60, "days": 3},
    CD_02={"missed": 1, "window_days": 9, "days": 9},
)


class Poisoned(datetime):
    """A datetime class without a clock."""

    @classmethod
    def now(cls, tz=None):
        raise AssertionError("a rule has read the clock")

    utcnow = today = now

    @classmethod
    def of(cls, moment: datetime) -> "Poisoned":
        """The same moment, of a class without a clock."""
        return cls(*moment.timetuple()[:6], moment.microsecond, tzinfo=moment.tzinfo)


def poison(monkeypatch):
    def read(*_args, **_kwargs):
        raise AssertionError("a rule has read a clock or a random source")

    for module, names in (
        (time, ("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "localtime")),
        (random, ("random", "randint", "randrange", "choice", "getrandbits", "shuffle")),
        (secrets, ("token_bytes", "token_hex", "randbelow", "choice")),
        (uuid, ("uuid1", "uuid4")),
    ):
        for name in names:
            monkeypatch.setattr(module, name, read)
    monkeypatch.setattr("os.urandom", read)
    for definition in DEFINITIONS:
        rules = inspect.getmodule(definition.check)
        monkeypatch.setattr(rules, "datetime", Poisoned, raising=False)


@pytest.mark.parametrize(
    "definition", [pytest.param(one, id=one.id, marks=pytest.mark.rule(one.id)) for one in DEFINITIONS]
)
def test_a_check_reads_nothing_but_its_arguments(definition, monkeypatch):
    checks = [(RULEBOOK[definition.id], case) for use in definition.uses for case in CASES[use]]
    before = [rule.bound_check()(case, START) for rule, case in checks]
    with monkeypatch.context() as poisoned:
        poison(poisoned)
        after = [rule.bound_check()(case, Poisoned.of(START)) for rule, case in checks]

    assert after == before


def test_the_observations_of_a_check_are_no_truth_values():
    """The codec caches the text of a finding by the finding, and `True` equals 1 as a key."""
    for definition, case in ((one, case) for one in DEFINITIONS for use in one.uses for case in CASES[use]):
        result, *details = RULEBOOK[definition.id].bound_check()(case, START)
        assert type(result) is Result
        assert not any(isinstance(each, bool) for each in details), definition.id


def test_a_check_is_a_plain_function_that_takes_a_rules_figures_in_their_order():
    for definition in DEFINITIONS:
        assert definition.check.__closure__ is None
        assert not definition.check.__defaults__
        _case, _now, *amounts = inspect.signature(definition.check).parameters
        assert amounts == [parameter.name for parameter in definition.parameters]
