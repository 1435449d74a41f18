"""SI-01 to SI-06, and the decisions and writes of a sign-in, at the limits and one step to either side."""

from datetime import timedelta

import pytest
from attrs import evolve as copy_with
from hypothesis import given
from hypothesis import strategies as st

from tests.small_town import START, small_rulebook
from traffic_booking import InvalidInput, NotSignedIn, Session, SignedIn, SignInFault
from traffic_booking.domain.decisions.signing_in import decide_reset, decide_sign_in
from traffic_booking.domain.people.attempts import (
    DeviceAttempts,
    Failures,
    ResetCode,
    SignInAttempts,
    SignInCase,
    SignInFacts,
)
from traffic_booking.domain.people.sign_in import IdentityAnswer, ResumeCase
from traffic_booking.domain.rules.rule import Use
from traffic_booking.testing import made_up_person

STEP, MINUTE, DAY = timedelta(microseconds=1), timedelta(minutes=1), timedelta(days=1)
PERSON = made_up_person(1)
DEVICE = "a device"
SPANS = st.timedeltas(timedelta(0), 2 * DAY)


def facts(device=Failures(), strangers=Failures(), *, version=0, known=False):  # noqa: B008 - values don't change
    attempts = SignInAttempts(
        account=PERSON, version=version, strangers=strangers, devices={DEVICE: DeviceAttempts(failures=device)}
    )
    return SignInFacts(attempts=attempts, device=DEVICE, known=known)


def decided(rulebook, given_facts, identity, now=START):
    return decide_sign_in(rulebook, given_facts, PERSON, identity, now, token="token", once=("code",))


def case(device=Failures(), strangers=Failures(), *, known=False):  # noqa: B008 - values don't change
    return SignInCase(device=device, strangers=strangers, known=known)


def verdict_of(rule_id, use, given_case, now, **figures):
    verdicts = small_rulebook(**figures).evaluate(use, given_case, now)
    return next(each for each in verdicts if each.rule_id == rule_id)


@pytest.mark.rule("SI-01", evidence="table")
@pytest.mark.parametrize(
    ("limit", "before", "counted", "locks"), [(3, 1, 2, False), (3, 2, 3, True), (3, 3, 1, False), (1, 0, 1, True)]
)
def test_the_failure_that_reaches_the_limit_locks_and_the_count_begins_anew_after_a_lock(limit, before, counted, locks):
    rulebook = small_rulebook(SI_01={"failures": limit, "minutes": 15})
    before_now = facts(Failures(before, START - 15 * MINUTE), version=7)

    decision = decided(rulebook, before_now, IdentityAnswer.REJECTED)

    written = decision.change.attempts
    assert decision.outcome == NotSignedIn(SignInFault.WRONG_CREDENTIALS)
    assert written is not None
    assert (written.version, written.of(DEVICE).failures) == (8, Failures(counted, START))
    then = decided(rulebook, copy_with(before_now, attempts=written), IdentityAnswer.VERIFIED, START)
    assert (then.outcome == NotSignedIn(SignInFault.LOCKED, START + 15 * MINUTE)) is locks


@pytest.mark.rule("SI-01", evidence="table")
@pytest.mark.parametrize(("after_the_end", "granted"), [(-STEP, False), (STEP * 0, True), (STEP, True)])
@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("identity", IdentityAnswer)
def test_a_lock_holds_until_its_end_and_not_at_it_whatever_the_password(after_the_end, granted, known, identity):
    failed, end = Failures(3, START), START + timedelta(minutes=15)
    now = end + after_the_end

    verdict = verdict_of("SI-01", Use.SIGN_IN, case(failed, known=known), now)
    decision = decided(small_rulebook(), facts(failed, known=known), identity, now)

    assert verdict.granted is granted
    assert (verdict.observed, verdict.limit, verdict.allowed_from) == (3, 3, None if granted else end)
    assert (decision.outcome == NotSignedIn(SignInFault.LOCKED, end)) is not granted
    if not granted:
        assert decision.change.attempts is decision.change.session is None


@pytest.mark.rule("SI-01", evidence="property")
@given(count=st.integers(0, 20), ago=SPANS, limit=st.integers(1, 20), minutes=st.integers(1, 24 * 60))
def test_a_device_is_locked_exactly_for_so_long_after_so_many_failures(count, ago, limit, minutes):
    failed = case(Failures(count, START - ago))

    verdict = verdict_of("SI-01", Use.SIGN_IN, failed, START, SI_01={"failures": limit, "minutes": minutes})

    assert verdict.granted is (count < limit or ago >= minutes * MINUTE)
    assert (verdict.observed, verdict.limit) == (count, limit)


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
    resumed = ResumeCase(session=Session(applicant=PERSON, started_at=START, ends_at=end))

    verdict = verdict_of("SI-02", Use.RESUME, resumed, START + offset)

    assert verdict.granted is granted
    assert (verdict.observed, verdict.limit) == (START + offset, end)


@pytest.mark.rule("SI-02", evidence="property")
@given(started=st.timedeltas(-timedelta(days=2), timedelta(days=2)), minutes=st.integers(1, 24 * 60))
def test_a_session_is_live_exactly_for_its_length_from_its_start_on(started, minutes):
    began = START + started
    session = Session(applicant=PERSON, started_at=began, ends_at=began + timedelta(minutes=minutes))

    verdict = verdict_of("SI-02", Use.RESUME, ResumeCase(session=session), START, SI_02={"minutes": minutes})

    assert verdict.granted is (timedelta(0) <= START - began < timedelta(minutes=minutes))
    assert verdict.allowed_from is None


@pytest.mark.rule("SI-02")
@pytest.mark.rule("SI-04")
@pytest.mark.parametrize(("minutes", "at_most", "lasts"), [(1, 60, 1), (30, 60, 30), (60, 60, 60), (61, 60, 60)])
def test_a_session_lasts_as_long_as_the_rulebook_sets(minutes, at_most, lasts):
    rulebook = small_rulebook(SI_02={"minutes": minutes}, SI_04={"minutes": at_most})

    ends_at = START + timedelta(minutes=lasts)
    expected = SignedIn(Session(applicant=PERSON, started_at=START, ends_at=ends_at))
    assert decided(rulebook, facts(), IdentityAnswer.VERIFIED).outcome == expected


@pytest.mark.rule("SI-03", evidence="table")
@pytest.mark.parametrize(
    ("after", "tries", "granted"),
    [
        (-STEP, 0, False),
        (STEP * 0, 0, True),
        (10 * MINUTE - STEP, 0, True),
        (10 * MINUTE, 0, False),
        (10 * MINUTE + STEP, 0, False),
        (MINUTE, 1, True),
        (MINUTE, 2, True),
        (MINUTE, 3, False),
        (MINUTE, 4, False),
    ],
)
def test_a_reset_code_is_accepted_in_time_and_before_too_many_wrong_ones(after, tries, granted):
    code = ResetCode(hashed="a hash", issued_at=START, tries=tries)

    verdict = verdict_of("SI-03", Use.RESET_PASSWORD, code, START + after)

    assert (verdict.granted, verdict.observed, verdict.limit) == (granted, tries, 3)


@pytest.mark.rule("SI-03", evidence="property")
@given(ago=SPANS, tries=st.integers(0, 12), minutes=st.integers(1, 60), attempts=st.integers(1, 10))
def test_a_reset_code_is_good_for_its_minutes_and_tries(ago, tries, minutes, attempts):
    code = ResetCode(hashed="a hash", issued_at=START - ago, tries=tries)
    figures = {"minutes": minutes, "attempts": attempts}

    verdict = verdict_of("SI-03", Use.RESET_PASSWORD, code, START, SI_03=figures)

    assert verdict.granted is (ago < minutes * MINUTE and tries < attempts)
    assert verdict.allowed_from is None


@pytest.mark.rule("SI-03")
@pytest.mark.parametrize(("tries", "matches", "counted"), [(0, False, 1), (2, False, 3), (3, False, 3), (3, True, 3)])
def test_a_wrong_code_is_counted_until_none_is_looked_at_any_more(tries, matches, counted):
    code = ResetCode(hashed="a hash", issued_at=START, tries=tries)
    attempts = SignInAttempts(account=PERSON, devices={DEVICE: DeviceAttempts(reset=code)})

    decision = decide_reset(small_rulebook(), SignInFacts(attempts=attempts, device=DEVICE), START, matches=matches)

    assert decision.outcome == NotSignedIn(SignInFault.RESET_REJECTED)
    written = decision.change.attempts or attempts
    assert written.of(DEVICE).reset == copy_with(code, tries=counted)


@pytest.mark.rule("SI-04", evidence="table")
@pytest.mark.parametrize(("before_the_end", "granted"), [(STEP, True), (STEP * 0, False), (-STEP, False)])
def test_a_session_that_was_renewed_ends_at_its_absolute_end(before_the_end, granted):
    end = START + timedelta(minutes=90)
    renewed = ResumeCase(session=Session(applicant=PERSON, started_at=START, ends_at=end + DAY))

    verdict = verdict_of("SI-04", Use.RESUME, renewed, end - before_the_end, SI_04={"minutes": 90})

    assert (verdict.granted, verdict.observed, verdict.limit) == (granted, end - before_the_end, end)


@pytest.mark.rule("SI-04", evidence="property")
@given(ago=st.timedeltas(timedelta(0), 8 * DAY), minutes=st.integers(1, 7 * 24 * 60))
def test_no_session_is_older_than_its_longest_life(ago, minutes):
    renewed = ResumeCase(session=Session(applicant=PERSON, started_at=START - ago, ends_at=START + DAY))

    verdict = verdict_of("SI-04", Use.RESUME, renewed, START, SI_04={"minutes": minutes})

    assert verdict.granted is (ago < minutes * MINUTE)


@pytest.mark.rule("SI-05", evidence="table")
@pytest.mark.parametrize(
    ("issued", "ended", "granted"), [(True, False, True), (True, True, False), (False, False, False)]
)
def test_only_an_issued_session_that_was_not_ended_is_resumed(issued, ended, granted):
    session = Session(applicant=PERSON, started_at=START, ends_at=START + MINUTE)
    resumed = ResumeCase(session=session if issued else None, ended=ended)

    refused = small_rulebook().evaluate(Use.RESUME, resumed, START).refused

    assert [verdict.rule_id for verdict in refused] == ([] if granted else ["SI-05"])


@pytest.mark.rule("SI-05", evidence="property")
@given(started=st.timedeltas(-2 * DAY, 2 * DAY), length=st.timedeltas(timedelta(0), DAY), ended=st.booleans())
def test_an_ended_session_is_refused_at_every_time(started, length, ended):
    session = Session(applicant=PERSON, started_at=START + started, ends_at=START + started + length)

    verdict = verdict_of("SI-05", Use.RESUME, ResumeCase(session=session, ended=ended), START)

    assert verdict.granted is not ended


@pytest.mark.rule("SI-06", evidence="table")
@pytest.mark.parametrize("use", [Use.SIGN_IN, Use.REQUEST_RESET])
@pytest.mark.parametrize(
    ("count", "after", "known", "granted"),
    [
        (3, STEP, False, True),
        (4, STEP, False, False),
        (5, STEP, False, False),
        (5, STEP, True, True),
        (5, 20 * MINUTE - STEP, False, False),
        (5, 20 * MINUTE, False, True),
        (5, 20 * MINUTE + STEP, False, True),
    ],
)
def test_many_failures_of_strangers_slow_strangers_down(use, count, after, known, granted):
    failed, figures = Failures(count, START), {"failures": 4, "minutes": 20}

    verdict = verdict_of("SI-06", use, case(strangers=failed, known=known), START + after, SI_06=figures)

    assert (verdict.granted, verdict.allowed_from) == (granted, None if granted else START + 20 * MINUTE)


@pytest.mark.rule("SI-06", evidence="property")
@given(
    failures=st.integers(1, 20),
    minutes=st.integers(1, 24 * 60),
    waits=st.lists(st.timedeltas(timedelta(0), 3 * timedelta(hours=1)), max_size=60),
)
def test_strangers_get_no_more_guesses_a_day_than_the_figures_allow(failures, minutes, waits):
    """Guesses from ever new devices at any times: in no 24 hours are more decided than the burst and one a step."""
    rulebook = small_rulebook(SI_06={"failures": failures, "minutes": minutes})
    attempts, now, guesses = SignInAttempts(account=PERSON), START, []
    for place, wait in enumerate([*waits, *[timedelta(0)] * failures, *[minutes * MINUTE] * 5]):
        now += wait
        stranger = SignInFacts(attempts=attempts, device=f"device-{place}")
        decision = decided(rulebook, stranger, IdentityAnswer.REJECTED, now)
        if decision.change.attempts is not None:
            attempts = decision.change.attempts
            guesses.append(now)
    most = failures + -(-DAY // (minutes * MINUTE))
    assert all(sum(start <= each < start + DAY for each in guesses) <= most for start in guesses)


@pytest.mark.rule("SI-06")
def test_failures_of_a_known_device_are_not_counted_against_strangers():
    for known in (False, True):
        written = decided(small_rulebook(), facts(known=known), IdentityAnswer.REJECTED).change.attempts
        assert written is not None
        assert written.of(DEVICE).failures == Failures(1, START)
        assert written.strangers == (Failures() if known else Failures(1, START))


@pytest.mark.rule("SI-06")
def test_a_sign_in_gives_strangers_no_new_guesses():
    strangers = Failures(9, START - MINUTE)

    written = decided(small_rulebook(), facts(strangers=strangers), IdentityAnswer.VERIFIED).change.attempts

    assert written is not None
    assert written.strangers == strangers


@pytest.mark.rule("SI-01")
@pytest.mark.rule("SI-06")
@pytest.mark.parametrize(("ago", "counted"), [(DAY - STEP, 3), (DAY, 1)])
def test_a_count_is_forgotten_a_day_after_its_last_failure(ago, counted):
    before = Failures(2, START - ago)

    written = decided(small_rulebook(), facts(before, before), IdentityAnswer.REJECTED).change.attempts

    assert written is not None
    assert (written.of(DEVICE).failures.count, written.strangers.count) == (counted, counted)


def test_devices_of_which_nothing_counts_any_more_are_not_stored_again():
    old = SignInAttempts(account=PERSON, devices={"old": DeviceAttempts(failures=Failures(1, START - DAY))})
    given_facts = SignInFacts(attempts=old, device=DEVICE)

    written = decided(small_rulebook(), given_facts, IdentityAnswer.REJECTED).change.attempts

    assert written is not None
    assert list(written.devices) == [DEVICE]


@pytest.mark.parametrize("count", [0, 1, 2])
@pytest.mark.parametrize("known", [False, True])
def test_signing_in_clears_the_count_and_a_known_device_writes_nothing_where_there_is_none(count, known):
    given_facts = facts(Failures(count, START) if count else Failures(), version=7, known=known)

    decision = decided(small_rulebook(), given_facts, IdentityAnswer.VERIFIED)

    cleared = SignInAttempts(account=PERSON, version=8)
    assert decision.change.attempts == (None if known and not count else cleared)


def test_an_unreachable_identity_counts_no_failure():
    decision = decided(small_rulebook(), facts(), IdentityAnswer.UNAVAILABLE)

    assert decision.outcome == NotSignedIn(SignInFault.IDENTITY_UNAVAILABLE)
    assert decision.change.attempts is decision.change.session is None


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("identity", IdentityAnswer)
def test_the_code_is_spent_by_the_same_change_whatever_comes_of_it(identity, count):
    given_facts = facts(Failures(count, START), version=1)

    assert decided(small_rulebook(), given_facts, identity).change.once == ("code",)


def test_nobody_is_signed_in_under_a_name_that_nobody_has():
    decision = decide_sign_in(
        small_rulebook(), facts(), None, IdentityAnswer.VERIFIED, START, token="token", once=("code",)
    )

    assert decision.outcome == NotSignedIn(SignInFault.WRONG_CREDENTIALS)


@pytest.mark.parametrize("fault", SignInFault)
def test_every_fault_has_a_sentence_in_both_languages(fault):
    outcome = NotSignedIn(fault)

    assert outcome.statement("ar")
    assert outcome.statement("en")
    assert outcome.statement("ar") != outcome.statement("en")
    for language in ("ar", "en"):
        assert outcome.message(language) == outcome.statement(language)


@pytest.mark.parametrize(
    ("after", "clock"), [(timedelta(0), "07:15"), (STEP, "07:16"), (MINUTE, "07:16"), (timedelta(hours=17), "00:15")]
)
def test_a_locked_device_is_told_from_when_it_may_try_again(after, clock):
    locked = NotSignedIn(SignInFault.LOCKED, START + timedelta(minutes=15) + after)
    day = "Monday, 23 November 2026" if clock == "00:15" else "Sunday, 22 November 2026"

    assert locked.message("en").startswith(f"{locked.statement('en')} Try again from {day} ")
    assert locked.message("en").endswith(f", at {clock} (Saudi time).")
    assert locked.message("ar").endswith(f"الساعة \u2066{clock}\u2069 (توقيت السعودية).")
    assert "نوفمبر 2026" in locked.message("ar")


@pytest.mark.parametrize("language", ["fr", "", "AR", None, 7, "x" * 1_000])
@pytest.mark.parametrize("fault", [SignInFault.LOCKED, SignInFault.WRONG_CREDENTIALS])
def test_a_message_in_an_unknown_language_is_an_error(fault, language):
    with pytest.raises(InvalidInput, match=r"^language: got ") as refused:
        NotSignedIn(fault, START).message(language)
    assert len(str(refused.value)) < 200
