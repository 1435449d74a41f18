"""Signing in through the gate, over every store that ships: the code, the lock, the password, in one commit.

Over 400 lines: the parts that come between gate and store are beside the tests that they break.
"""

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from attrs import evolve

from tests.entrance import (
    FAILURES,
    KNOWN,
    LOCKED_MINUTES,
    RIGHT,
    SESSION_MINUTES,
    STEP,
    STORES,
    UNKNOWN,
    WRONG,
    WRONG_CREDENTIALS,
    opened,
)
from tests.small_town import START
from tests.unsound_stores import without
from traffic_booking import NotSignedIn, Refused, Session, SignedIn, SignInFault
from traffic_booking.adapters.altcha import solve
from traffic_booking.adapters.image_captcha import ImageCaptcha, answer
from traffic_booking.domain.errors import StoreContended, StoreUnavailable
from traffic_booking.domain.people.attempts import SignInAttempts
from traffic_booking.domain.people.captcha import CaptchaUnavailable
from traffic_booking.domain.people.sign_in import IdentityAnswer
from traffic_booking.persistence.one_time import hash_of
from traffic_booking.persistence.schema import ATTEMPTS, CODES
from traffic_booking.persistence.sign_ins import SignIns
from traffic_booking.ports.primitives import FailedGuard, StoreConflict


class StoreBehind:
    """A store, for tests that come between the gate and its commits."""

    def __init__(self, store):
        self.store = store

    def read(self, queries):
        return self.store.read(queries)

    def commit(self, changes):
        return self.store.commit(changes)


class ForgetsOnceKeys(StoreBehind):
    """A broken store: it does not keep used keys."""

    def commit(self, changes):
        return super().commit([without(CODES.name, change) for change in changes])


class FailsToCommit(StoreBehind):
    """A store that can't be reached for its first commits."""

    def __init__(self, store, times):
        super().__init__(store)
        self.times = times

    def commit(self, changes):
        if self.times:
            self.times -= 1
            raise StoreUnavailable("the store: got no reply; expected one")
        return super().commit(changes)


class MeetsNewerAttempts(StoreBehind):
    """A store whose first commits come too late: another caller commits before them, and they write nothing."""

    def __init__(self, store, times):
        super().__init__(store)
        self.times = times

    def commit(self, changes):
        if self.times:
            self.times -= 1
            return [StoreConflict((FailedGuard(ATTEMPTS.name, KNOWN.reveal(), 1),)) for _ in changes]
        return super().commit(changes)


class MeetsOthers:
    """An identity that answers once all sign-ins have reached it: all codes are checked, none is spent."""

    def __init__(self, identity, others):
        self.identity = identity
        self.barrier = Barrier(others, timeout=30)

    def verify(self, applicant, password):
        self.barrier.wait()
        return self.identity.verify(applicant, password)


class UnavailableIdentity:
    """An identity service that can't be reached."""

    def verify(self, applicant, password):
        return IdentityAnswer.UNAVAILABLE


class UnavailableCaptcha:
    """A code service that can't be reached."""

    def issue(self, *, session, purpose, now):
        raise AssertionError("no test asks it for a challenge")

    def verify(self, answer, *, session, purpose, now):
        return CaptchaUnavailable()


@pytest.fixture(params=STORES)
def entrance(request, tmp_path):
    with opened(request.param, tmp_path) as made:
        yield made


def attempts(entrance, person=KNOWN):
    return SignIns(entrance.store, lambda: START).attempts(person)


def failures(entrance, person=KNOWN):
    """The number of failures from the usual browser that a lock would count."""
    sign_ins = SignIns(entrance.store, lambda: START)
    facts = sign_ins.facts(person, hash_of("browser"))
    return facts.attempts.of(facts.device).failures.count


@pytest.mark.journey("J-02")
@pytest.mark.journey("J-04")
@pytest.mark.journey("C-02")
@pytest.mark.journey("C-03")
@pytest.mark.rule("SI-02")
def test_the_right_password_with_a_fresh_code_signs_in(entrance):
    ends_at = START + timedelta(minutes=SESSION_MINUTES)

    assert entrance.enter() == SignedIn(Session(applicant=KNOWN, started_at=START, ends_at=ends_at))


@pytest.mark.journey("J-04")
def test_a_wrong_password_and_an_unknown_id_get_the_same_answer_after_the_same_work(entrance):
    outcomes, work = [], []
    for person in (KNOWN, UNKNOWN):
        before = entrance.hasher.verified
        outcomes.append(entrance.enter(person, WRONG))
        work.append(entrance.hasher.verified - before)

    assert outcomes == [WRONG_CREDENTIALS] * 2
    assert work == [1, 1]


@pytest.mark.rule("SI-01")
@pytest.mark.parametrize("person", [KNOWN, UNKNOWN])
def test_repeated_failures_lock_an_id_whether_or_not_it_has_an_account(entrance, person):
    until = START + timedelta(minutes=LOCKED_MINUTES)
    for _ in range(FAILURES):
        assert entrance.enter(person, WRONG) == WRONG_CREDENTIALS
    before = entrance.hasher.verified

    locked = [entrance.enter(person, password) for password in (WRONG, RIGHT)]

    assert locked == [NotSignedIn(SignInFault.LOCKED, until)] * 2
    assert entrance.hasher.verified == before + 2
    assert failures(entrance, person) == FAILURES


@pytest.mark.rule("SI-01")
def test_one_failure_short_of_the_limit_locks_nothing_and_a_sign_in_clears_the_count(entrance):
    for _ in range(2):
        for _ in range(FAILURES - 1):
            assert entrance.enter(password=WRONG) == WRONG_CREDENTIALS
        assert isinstance(entrance.enter(), SignedIn)
        assert failures(entrance) == 0


@pytest.mark.rule("SI-01")
def test_a_lock_passes_by_the_clock(entrance):
    for _ in range(FAILURES):
        entrance.enter(password=WRONG)

    entrance.clock.advance(timedelta(minutes=LOCKED_MINUTES) - STEP)
    assert entrance.enter().fault is SignInFault.LOCKED
    entrance.clock.advance(STEP)
    assert isinstance(entrance.enter(), SignedIn)


@pytest.mark.rule("SI-01")
def test_one_persons_failures_lock_nobody_else(entrance):
    for _ in range(FAILURES):
        entrance.enter(UNKNOWN, WRONG)

    assert isinstance(entrance.enter(), SignedIn)


def rewritten(code):
    sent = json.loads(base64.b64decode(code))
    sent["solution"] |= {"counter": sent["solution"]["counter"] + 1, "time": 1}
    return base64.b64encode(json.dumps(sent | {"more": 1}, indent=1).encode()).decode()


@pytest.mark.journey("J-06")
@pytest.mark.journey("C-05")
@pytest.mark.parametrize("password", [RIGHT, WRONG])
@pytest.mark.parametrize("again", [str, rewritten])
def test_a_code_is_good_once_however_it_is_written_and_whatever_came_of_it(entrance, password, again):
    code = entrance.code()
    first = entrance.enter(password=password, code=code)

    for person in (KNOWN, UNKNOWN):
        assert entrance.enter(person, code=again(code)) == NotSignedIn(SignInFault.CODE_USED)
    assert first.__class__ is (SignedIn if password == RIGHT else NotSignedIn)


def test_the_rewritten_code_of_these_tests_would_pass_if_it_were_fresh(entrance):
    assert isinstance(entrance.enter(code=rewritten(entrance.code())), SignedIn)


@pytest.mark.rule("SI-01")
def test_a_used_code_is_no_way_to_guess_passwords_or_to_lock_somebody_out(entrance):
    code = entrance.code()
    entrance.enter(password=WRONG, code=code)
    accounts = SignIns(entrance.store, lambda: START)
    before, work, stored = attempts(entrance), entrance.hasher.verified, accounts.password_hash(KNOWN)

    for password in (*[WRONG] * FAILURES, RIGHT):
        assert entrance.enter(password=password, code=code) == NotSignedIn(SignInFault.CODE_USED)

    assert attempts(entrance) == before
    assert (entrance.hasher.verified, accounts.password_hash(KNOWN)) == (work, stored)


@pytest.mark.journey("J-06")
@pytest.mark.parametrize("code", ["", "12345", "رمز", "x" * 10_000])
def test_without_an_answer_to_a_challenge_nobody_gets_as_far_as_the_password(entrance, code):
    before = entrance.hasher.verified

    outcome = entrance.gate.sign_in(KNOWN, RIGHT, code=code, session="browser")

    assert outcome == NotSignedIn(SignInFault.CODE_REJECTED)
    assert entrance.hasher.verified == before
    assert attempts(entrance).version == 0


@pytest.mark.journey("J-06")
def test_a_code_of_another_browser_session_or_purpose_is_rejected(entrance):
    elsewhere = entrance.captcha.issue(session="browser", purpose="booking", now=START)

    for code in (entrance.code(session="another"), solve(elsewhere)):
        assert entrance.enter(code=code) == NotSignedIn(SignInFault.CODE_REJECTED)


@pytest.mark.journey("J-06")
def test_a_code_expires_by_the_clock_of_the_gate(entrance):
    challenge = entrance.gate.challenge(session="browser")

    entrance.clock.move_to(challenge.expires_at)
    assert entrance.enter(code=solve(challenge)) == NotSignedIn(SignInFault.CODE_EXPIRED)
    entrance.clock.move_to(challenge.expires_at - STEP)
    assert isinstance(entrance.enter(code=solve(challenge)), SignedIn)


@pytest.fixture
def guessed(entrance):
    """The same entrance with a visual code, which always shows 234567."""
    captcha = ImageCaptcha("a secret of the host, 32 bytes and more", draw=lambda: "234567")
    return evolve(entrance, captcha=captcha, gate=entrance.with_parts(captcha=captcha))


@pytest.mark.journey("J-06")
@pytest.mark.journey("C-05")
def test_each_visual_code_allows_one_guess_and_a_wrong_one_costs_no_work_and_locks_nobody(guessed):
    token = guessed.gate.challenge(session="browser").content["token"]
    before = guessed.hasher.verified

    outcomes = [guessed.enter(code=answer(token, typed)).fault for typed in ("999999", "999998", "999999", "234567")]

    assert outcomes == [SignInFault.CODE_REJECTED, *[SignInFault.CODE_USED] * 3]
    assert guessed.hasher.verified == before
    assert attempts(guessed).version == 0


def test_a_visual_code_typed_incompletely_or_elsewhere_can_still_be_used(guessed):
    token = guessed.gate.challenge(session="browser").content["token"]

    for typed in ("", "23456", "2345678"):
        assert guessed.enter(code=answer(token, typed)) == NotSignedIn(SignInFault.CODE_REJECTED)
    elsewhere = guessed.enter(code=answer(token, "999999"), session="another")

    assert elsewhere == NotSignedIn(SignInFault.CODE_REJECTED)
    assert isinstance(guessed.enter(code=answer(token, "234567")), SignedIn)


@pytest.mark.race
def test_of_simultaneous_guesses_at_a_visual_code_one_counts(guessed):
    token = guessed.gate.challenge(session="browser").content["token"]
    guesses = ["999999", "888888", "777777", "666666"]

    with ThreadPoolExecutor(len(guesses)) as pool:
        outcomes = list(pool.map(lambda typed: guessed.enter(code=answer(token, typed)).fault, guesses))

    assert sorted(outcomes) == sorted([SignInFault.CODE_REJECTED, *[SignInFault.CODE_USED] * (len(guesses) - 1)])


def test_if_the_commit_of_a_wrong_guess_fails_nothing_is_spent(guessed):
    gate = guessed.with_parts(store=FailsToCommit(guessed.store, times=1))
    token = gate.challenge(session="browser").content["token"]

    with pytest.raises(StoreUnavailable):
        gate.sign_in(KNOWN, RIGHT, code=answer(token, "999999"), session="browser")

    assert isinstance(guessed.enter(code=answer(token, "234567")), SignedIn)


def test_an_unreachable_code_service_lets_nobody_in(entrance):
    gate = entrance.with_parts(captcha=UnavailableCaptcha())
    before = entrance.hasher.verified

    outcome = gate.sign_in(KNOWN, RIGHT, code=entrance.code(), session="browser")

    assert outcome == NotSignedIn(SignInFault.CODE_UNAVAILABLE)
    assert entrance.hasher.verified == before
    assert attempts(entrance).version == 0


def test_an_unreachable_identity_lets_nobody_in_and_counts_no_failure(entrance):
    gate, code = entrance.with_parts(identity=UnavailableIdentity()), entrance.code()

    outcome = gate.sign_in(KNOWN, RIGHT, code=code, session="browser")

    assert outcome == NotSignedIn(SignInFault.IDENTITY_UNAVAILABLE)
    assert attempts(entrance).version == 0
    assert entrance.enter(code=code) == NotSignedIn(SignInFault.CODE_USED)


@pytest.mark.parametrize("password", [RIGHT, WRONG])
def test_where_the_commit_fails_neither_the_code_is_spent_nor_the_attempt_counted(entrance, password):
    gate, code = entrance.with_parts(store=FailsToCommit(entrance.store, times=1)), entrance.code()

    with pytest.raises(StoreUnavailable):
        gate.sign_in(KNOWN, password, code=code, session="browser")
    assert attempts(entrance) == SignInAttempts(account=KNOWN)

    assert isinstance(gate.sign_in(KNOWN, RIGHT, code=code, session="browser"), SignedIn)


def test_an_attempt_that_meets_a_newer_one_is_decided_again_and_counted_once(entrance):
    gate = entrance.with_parts(store=MeetsNewerAttempts(entrance.store, times=3))

    assert gate.sign_in(KNOWN, WRONG, code=entrance.code(), session="browser") == WRONG_CREDENTIALS
    assert (attempts(entrance).version, failures(entrance)) == (1, 1)


def test_an_attempt_that_never_gets_in_between_leaves_its_code_unspent(entrance):
    gate, code = entrance.with_parts(store=MeetsNewerAttempts(entrance.store, times=1_000)), entrance.code()

    with pytest.raises(StoreContended):
        gate.sign_in(KNOWN, WRONG, code=code, session="browser")

    assert attempts(entrance).version == 0
    assert isinstance(entrance.enter(code=code), SignedIn)


def sign_in_at_once(entrance, store, codes, password):
    """The outcomes of several people with these codes whose passwords are all checked at the same moment."""
    gate = entrance.with_parts(store=store, identity=MeetsOthers(entrance.identity, len(codes)))
    with ThreadPoolExecutor(len(codes)) as people:
        return list(people.map(lambda code: gate.sign_in(KNOWN, password, code=code, session="browser"), codes))


@pytest.mark.race
def test_two_who_use_one_code_at_once_pass_once(entrance):
    code = entrance.code()

    outcomes = sign_in_at_once(entrance, entrance.store, [code, rewritten(code)], RIGHT)

    assert [isinstance(outcome, SignedIn) for outcome in outcomes].count(True) == 1
    assert NotSignedIn(SignInFault.CODE_USED) in outcomes


@pytest.mark.race
def test_the_race_for_one_code_is_lost_by_a_store_that_forgets_what_was_used(entrance):
    code = entrance.code()

    outcomes = sign_in_at_once(entrance, ForgetsOnceKeys(entrance.store), [code, rewritten(code)], RIGHT)

    assert all(isinstance(outcome, SignedIn) for outcome in outcomes)


@pytest.mark.race
@pytest.mark.rule("SI-01")
def test_guesses_at_once_get_no_more_tries_than_guesses_in_turn(entrance):
    outcomes = sign_in_at_once(entrance, entrance.store, [entrance.code() for _ in range(FAILURES + 3)], WRONG)

    assert outcomes.count(WRONG_CREDENTIALS) == FAILURES
    assert [outcome.fault for outcome in outcomes].count(SignInFault.LOCKED) == 3


@pytest.mark.journey("J-07")
@pytest.mark.rule("SI-02")
@pytest.mark.parametrize(("offset", "live"), [(STEP * 0, True), (-STEP, True), (STEP, False)])
def test_a_session_ends_by_the_clock_and_names_the_rule(entrance, offset, live):
    session = entrance.enter().session
    last = session.ends_at - STEP
    entrance.clock.move_to(last + offset)
    resumed: SignedIn | Refused = entrance.gate.resume(session)

    match resumed:
        case SignedIn(same):
            assert live
            assert same == session
        case Refused(verdicts):
            assert not live
            (verdict,) = verdicts
            assert (verdict.rule_id, verdict.observed, verdict.limit) == ("SI-02", last + offset, session.ends_at)
