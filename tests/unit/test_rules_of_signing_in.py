"""SI-01 and SI-02, and the decisions and writes of a sign-in, at the limits and one step to either side."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.small_town import START, small_rulebook
from traffic_booking import NotSignedIn, Session, SignedIn, SignInFault
from traffic_booking.domain.decisions.signing_in import decide_sign_in
from traffic_booking.domain.people.sign_in import IdentityAnswer, SignInAttempts
from traffic_booking.domain.rules.rule import Use
from traffic_booking.testing import made_up_person

STEP = timedelta(microseconds=1)
PERSON = made_up_person(1)


@pytest.mark.rule("SI-01", evidence="table")
@pytest.mark.parametrize(("limit", "before", "locks"), [(3, 1, False), (3, 2, True), (3, 3, True), (1, 0, True)])
def test_the_failure_that_reaches_the_limit_locks(limit, before, locks):
    rulebook = small_rulebook(SI_01={"failures": limit, "minutes": 15})
    attempts = SignInAttempts(applicant=PERSON, version=before, failures=before)

    decision = decide_sign_in(rulebook, attempts, IdentityAnswer.REJECTED, ("code",), START)

    written = decision.change.attempts
    assert decision.outcome == NotSignedIn(SignInFault.WRONG_CREDENTIALS)
    assert written is not None
    assert (written.version, written.failures) == (before + 1, before + 1)
    assert written.locked_until == (START + timedelta(minutes=15) if locks else None)


@pytest.mark.rule("SI-01", evidence="table")
@pytest.mark.parametrize(("after_the_end", "granted"), [(-STEP, False), (STEP * 0, True), (STEP, True)])
@pytest.mark.parametrize("identity", IdentityAnswer)
def test_a_lock_holds_until_its_end_and_not_at_it_whatever_the_password(after_the_end, granted, identity):
    end = START + timedelta(minutes=15)
    attempts = SignInAttempts(applicant=PERSON, version=3, failures=3, locked_until=end)
    rulebook, now = small_rulebook(), end + after_the_end

    verdict = next(v for v in rulebook.evaluate(Use.SIGN_IN, attempts, now) if v.rule_id == "SI-01")
    decision = decide_sign_in(rulebook, attempts, identity, ("code",), now)

    assert verdict.granted is granted
    assert (verdict.observed, verdict.limit, verdict.allowed_from) == (3, 3, None if granted else end)
    assert (decision.outcome == NotSignedIn(SignInFault.LOCKED, end)) is not granted
    if not granted:
        assert decision.change.attempts is None


@pytest.mark.rule("SI-01", evidence="property")
@given(left=st.none() | st.timedeltas(-timedelta(days=2), timedelta(days=2)), failures=st.integers(0, 200))
def test_a_sign_in_is_locked_exactly_while_a_lock_is_set_and_not_over(left, failures):
    locked_until = None if left is None else START + left
    attempts = SignInAttempts(applicant=PERSON, version=1, failures=failures, locked_until=locked_until)

    verdict = small_rulebook()["SI-01"].check(attempts, START)
    assert verdict.granted is (left is None or left <= timedelta(0))
    assert verdict.observed == failures


@pytest.mark.rule("SI-01")
def test_after_a_lock_has_passed_the_count_begins_anew():
    attempts = SignInAttempts(applicant=PERSON, version=3, failures=3, locked_until=START)

    decision = decide_sign_in(small_rulebook(), attempts, IdentityAnswer.REJECTED, ("code",), START)

    assert decision.change.attempts == SignInAttempts(applicant=PERSON, version=4, failures=1, failed_at=START)


@pytest.mark.rule("SI-02", evidence="table")
@pytest.mark.parametrize(
    ("offset", "granted"),
    [
        (-STEP, False),
        (STEP * 0, True),
        (timedelta(minutes=30) - STEP, True),
        (timedelta(minutes=30), False),
        (timedelta(minutes=30) + STEP, False),
    ],
)
def test_a_session_is_live_from_its_start_to_just_before_its_end(offset, granted):
    end = START + timedelta(minutes=30)
    session = Session(applicant=PERSON, started_at=START, ends_at=end)

    verdict = next(v for v in small_rulebook().evaluate(Use.RESUME, session, START + offset) if v.rule_id == "SI-02")

    assert verdict.granted is granted
    assert (verdict.observed, verdict.limit) == (START + offset, end)


@pytest.mark.rule("SI-02", evidence="property")
@given(started=st.timedeltas(-timedelta(days=2), timedelta(days=2)), minutes=st.integers(1, 24 * 60))
def test_a_session_is_live_exactly_for_its_length_from_its_start_on(started, minutes):
    began = START + started
    session = Session(applicant=PERSON, started_at=began, ends_at=began + timedelta(minutes=minutes))

    verdict = small_rulebook(SI_02={"minutes": minutes})["SI-02"].check(session, START)
    assert verdict.granted is (timedelta(0) <= START - began < timedelta(minutes=minutes))
    assert verdict.allowed_from is None


@pytest.mark.rule("SI-02")
@pytest.mark.parametrize("minutes", [1, 30, 24 * 60])
def test_a_session_lasts_as_long_as_the_rulebook_sets(minutes):
    decision = decide_sign_in(
        small_rulebook(SI_02={"minutes": minutes}),
        SignInAttempts(applicant=PERSON),
        IdentityAnswer.VERIFIED,
        ("code",),
        START,
    )

    ends_at = START + timedelta(minutes=minutes)
    assert decision.outcome == SignedIn(Session(applicant=PERSON, started_at=START, ends_at=ends_at))


@pytest.mark.parametrize("failures", [0, 1, 2])
def test_signing_in_clears_the_count_and_writes_nothing_where_there_is_none(failures):
    attempts = SignInAttempts(applicant=PERSON, version=7, failures=failures)

    decision = decide_sign_in(small_rulebook(), attempts, IdentityAnswer.VERIFIED, ("code",), START)

    cleared = SignInAttempts(applicant=PERSON, version=8)
    assert decision.change.attempts == (cleared if failures else None)


def test_an_unreachable_identity_counts_no_failure():
    decision = decide_sign_in(
        small_rulebook(), SignInAttempts(applicant=PERSON), IdentityAnswer.UNAVAILABLE, ("code",), START
    )

    assert decision.outcome == NotSignedIn(SignInFault.IDENTITY_UNAVAILABLE)
    assert decision.change.attempts is None


@pytest.mark.parametrize("locked_until", [None, START + STEP])
@pytest.mark.parametrize("identity", IdentityAnswer)
def test_the_code_is_spent_by_the_same_change_whatever_comes_of_it(identity, locked_until):
    attempts = SignInAttempts(applicant=PERSON, version=1, failures=1, locked_until=locked_until)

    assert decide_sign_in(small_rulebook(), attempts, identity, ("code",), START).change.once == ("code",)


@pytest.mark.parametrize("fault", SignInFault)
def test_every_fault_has_a_sentence_in_both_languages(fault):
    outcome = NotSignedIn(fault)

    assert outcome.statement("ar")
    assert outcome.statement("en")
    assert outcome.statement("ar") != outcome.statement("en")
