"""Locks that strangers can't turn against the person of an account: they never lock a device that has signed in."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count
from threading import Barrier

import pytest

from tests.entrance import FAILURES, KNOWN, RIGHT, STORES, UNKNOWN, WRONG, WRONG_CREDENTIALS, opened
from tests.small_town import small_rulebook
from traffic_booking import SignedIn, SignInFault

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
BURST, STEP_MINUTES = 5, 30
RULEBOOK = small_rulebook(SI_06={"failures": BURST, "minutes": STEP_MINUTES})
MOST_A_DAY = BURST + DAY // (STEP_MINUTES * MINUTE)


@pytest.fixture(params=STORES)
def entrance(request, tmp_path):
    with opened(request.param, tmp_path) as made:
        yield made.with_gate(rulebook=RULEBOOK)


def attack(entrance, *, times=BURST, person=KNOWN):
    """Wrong passwords, each from a new device."""
    return [entrance.enter(person, WRONG, device=f"elsewhere-{place}") for place in range(times)]


@pytest.mark.rule("SI-06")
def test_an_attacker_who_fails_for_days_never_locks_the_victims_own_device_and_gets_few_guesses(entrance):
    assert isinstance(entrance.enter(device="mine"), SignedIn)
    guesses, names = 0, count()
    for _hour in range(2 * 24):
        for _ in range(4):
            outcome = entrance.enter(password=WRONG, device=f"elsewhere-{next(names)}")
            guesses += outcome == WRONG_CREDENTIALS
            entrance.clock.advance(15 * MINUTE)
        assert isinstance(entrance.enter(device="mine"), SignedIn)
    assert MOST_A_DAY < guesses <= 2 * MOST_A_DAY


@pytest.mark.rule("SI-06")
@pytest.mark.parametrize("person", [KNOWN, UNKNOWN, "nobody.has-this"], ids=["known", "unknown id", "unknown name"])
def test_new_devices_get_no_new_guesses_whether_or_not_there_is_an_account(entrance, person):
    outcomes = attack(entrance, times=BURST + 2, person=person)

    until = entrance.clock.now() + STEP_MINUTES * MINUTE
    assert outcomes[:BURST] == [WRONG_CREDENTIALS] * BURST
    assert [(each.fault, each.allowed_from) for each in outcomes[BURST:]] == [(SignInFault.LOCKED, until)] * 2
    assert entrance.enter(person, RIGHT, device="new").fault is SignInFault.LOCKED


@pytest.mark.rule("SI-06")
def test_a_new_device_of_the_person_gets_in_at_the_next_step(entrance):
    attack(entrance)
    assert entrance.enter(device="new").fault is SignInFault.LOCKED

    entrance.clock.advance(STEP_MINUTES * MINUTE)
    assert isinstance(entrance.enter(device="new"), SignedIn)
    attack(entrance, times=1)
    assert isinstance(entrance.enter(device="new"), SignedIn)


@pytest.mark.rule("SI-01")
def test_the_persons_own_failures_lock_the_device_they_come_from_and_no_other(entrance):
    entrance.enter(device="phone")
    entrance.enter(device="laptop")
    for _ in range(FAILURES):
        assert entrance.enter(password=WRONG, device="phone") == WRONG_CREDENTIALS

    assert entrance.enter(device="phone").fault is SignInFault.LOCKED
    assert isinstance(entrance.enter(device="laptop"), SignedIn)


@pytest.mark.rule("SI-06")
def test_a_device_is_known_to_the_account_that_it_signed_in_to_alone(entrance):
    entrance.identity.register(UNKNOWN, RIGHT)
    entrance.enter(KNOWN, device="shared")
    attack(entrance, person=UNKNOWN)

    assert isinstance(entrance.enter(KNOWN, device="shared"), SignedIn)
    assert entrance.enter(UNKNOWN, device="shared").fault is SignInFault.LOCKED


@pytest.mark.rule("SI-06")
def test_after_a_change_of_the_password_no_device_is_known(entrance):
    entrance.enter(device="mine")
    entrance.identity.set_password(KNOWN, "another password")
    attack(entrance)

    assert entrance.enter(password="another password", device="mine").fault is SignInFault.LOCKED


@pytest.mark.rule("SI-06")
def test_a_device_stays_known_after_signing_out(entrance):
    entrance.gate.sign_out(entrance.session(device="mine"))
    attack(entrance)

    assert isinstance(entrance.enter(device="mine"), SignedIn)


def test_without_a_name_of_the_device_the_browser_session_is_one(entrance):
    entrance.enter(session="mine")
    attack(entrance)

    assert isinstance(entrance.enter(session="mine"), SignedIn)
    assert isinstance(entrance.enter(device="mine", session="new"), SignedIn)


class MeetsOthers:
    """An identity that answers once all sign-ins have reached it: all have read the counts of before."""

    def __init__(self, identity, others):
        self.identity = identity
        self.barrier = Barrier(others, timeout=30)

    def person_of(self, name):
        return self.identity.person_of(name)

    def verify(self, applicant, password):
        self.barrier.wait()
        return self.identity.verify(applicant, password)


@pytest.mark.race
@pytest.mark.rule("SI-06")
def test_guesses_at_once_from_many_devices_get_no_more_tries_than_in_turn(entrance):
    devices = [f"elsewhere-{place}" for place in range(BURST + 4)]
    gate = entrance.with_parts(identity=MeetsOthers(entrance.identity, len(devices)), rulebook=RULEBOOK)
    codes = [entrance.code() for _ in devices]

    def enter(code, device):
        return gate.sign_in(KNOWN, WRONG, code=code, session="browser", device=device)

    with ThreadPoolExecutor(len(devices)) as people:
        outcomes = list(people.map(enter, codes, devices))

    assert outcomes.count(WRONG_CREDENTIALS) == BURST
    assert [outcome.fault for outcome in outcomes].count(SignInFault.LOCKED) == 4
