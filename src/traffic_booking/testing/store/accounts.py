"""Accounts of the embedded sign-in: password hashes, failed attempts and used codes."""

from datetime import timedelta

import pytest
from attrs import evolve as copy_with

from traffic_booking.domain.decisions.changes import Committed, Conflict, Guard, SignInChange
from traffic_booking.domain.people.sign_in import SignInAttempts
from traffic_booking.persistence.accounts import Accounts
from traffic_booking.ports.store import Store
from traffic_booking.testing.capabilities import Capability
from traffic_booking.testing.people import made_up_person
from traffic_booking.testing.sample_changes import START, TICK
from traffic_booking.testing.store.base import StoreCases
from traffic_booking.testing.suite import case

ME, YOU = made_up_person(1), made_up_person(2)
LONGEST_HASH = "$argon2id$v=19$" + "h" * 497


class AccountCases(StoreCases):
    """For a store that promises accounts."""

    @pytest.fixture
    def accounts(self, shipped: Store) -> Accounts:
        """The accounts of a store that has none."""
        return Accounts(shipped, lambda: START)

    @case(needs=[Capability.ACCOUNTS])
    def test_a_hash_is_written_over_the_one_before(self, accounts: Accounts) -> None:
        assert accounts.password_hash(ME) is None
        for encoded in ("first", LONGEST_HASH):
            accounts.set_password_hash(ME, encoded)
            assert (accounts.password_hash(ME), accounts.password_hash(YOU)) == (encoded, None)

    @case(needs=[Capability.ACCOUNTS])
    def test_a_hash_is_replaced_only_if_it_is_the_one_seen(self, accounts: Accounts) -> None:
        assert not accounts.replace_password_hash(ME, seen="another", encoded="x")
        assert accounts.replace_password_hash(ME, seen=None, encoded="first")
        assert not accounts.replace_password_hash(ME, seen=None, encoded="x")
        assert not accounts.replace_password_hash(ME, seen="FIRST", encoded="x")
        assert accounts.replace_password_hash(ME, seen="first", encoded="second")
        assert accounts.password_hash(ME) == "second"

    @case(needs=[Capability.ACCOUNTS])
    def test_failed_sign_ins_are_kept_to_the_microsecond(self, accounts: Accounts) -> None:
        assert accounts.sign_in_attempts(ME) == SignInAttempts(applicant=ME)
        for each in (
            SignInAttempts(applicant=ME, version=1, failures=1),
            SignInAttempts(applicant=ME, version=2, failures=2, locked_until=START + TICK),
            SignInAttempts(applicant=ME, version=3, locked_until=START + timedelta(hours=1) - TICK),
            SignInAttempts(applicant=ME, version=4),
        ):
            assert list(accounts.commit([SignInChange(attempts=each)])) == [Committed()]
            assert accounts.sign_in_attempts(ME) == each
        assert accounts.sign_in_attempts(YOU).version == 0

    @case(needs=[Capability.ACCOUNTS])
    @pytest.mark.parametrize("version", [1, 3])
    def test_failed_sign_ins_follow_the_stored_version(self, accounts: Accounts, version: int) -> None:
        accounts.commit([SignInChange(attempts=SignInAttempts(applicant=ME, version=1, failures=1))])
        stale = SignInChange(attempts=SignInAttempts(applicant=ME, version=version, failures=9))
        assert list(accounts.commit([stale])) == [Conflict(guard=Guard.ATTEMPTS)]
        assert accounts.sign_in_attempts(ME).failures == 1

    @case(needs=[Capability.ACCOUNTS])
    def test_a_used_code_is_reported_before_a_stale_count(self, accounts: Accounts) -> None:
        attempt = SignInChange(once=("code",), attempts=SignInAttempts(applicant=ME, version=1, failures=1))
        stale = copy_with(attempt, once=("another code",))
        assert list(accounts.commit([attempt, attempt, stale])) == [
            Committed(),
            Conflict(guard=Guard.ONCE),
            Conflict(guard=Guard.ATTEMPTS),
        ]
        assert not accounts.is_spent("another code")

    @case(needs=[Capability.ACCOUNTS])
    def test_a_code_is_used_once_and_compared_exactly(self, accounts: Accounts) -> None:
        keys = ["altcha:ab", "altcha:AB", "altcha:a", "altcha:ab ", "A" * 127, "A" * 128]
        assert list(accounts.commit([SignInChange(once=(key,)) for key in keys])) == [Committed()] * len(keys)
        assert list(accounts.commit([SignInChange(once=("fresh", "altcha:ab"))])) == [Conflict(guard=Guard.ONCE)]
        assert [accounts.is_spent(key) for key in (*keys, "fresh", "altcha:aB")] == [True] * len(keys) + [False] * 2
