"""Password hashes and failed sign-ins."""

from datetime import timedelta

from traffic_booking.domain.changes import Change, Committed
from traffic_booking.domain.sign_in import SignInAttempts
from traffic_booking.ports.store import Store
from traffic_booking.testing.sample_changes import ME, START, TICK, YOU
from traffic_booking.testing.store.base import StoreCases

LONGEST_HASH = 512


class AccountCases(StoreCases):
    """The part of the port that the embedded identity uses."""

    def test_nobody_has_an_account_at_first(self, store: Store) -> None:
        assert store.password_hash(ME) is None

    def test_a_hash_is_written_over_the_one_before(self, store: Store) -> None:
        store.set_password_hash(ME, "first")
        store.set_password_hash(ME, "$argon2id$v=19$" + "h" * (LONGEST_HASH - 15))
        assert store.password_hash(ME) == "$argon2id$v=19$" + "h" * (LONGEST_HASH - 15)
        assert store.password_hash(YOU) is None

    def test_a_hash_is_replaced_only_where_it_is_the_one_seen(self, store: Store) -> None:
        assert not store.replace_password_hash(ME, seen="another", encoded="x")
        assert store.replace_password_hash(ME, seen=None, encoded="first")
        assert not store.replace_password_hash(ME, seen=None, encoded="x")
        assert not store.replace_password_hash(ME, seen="FIRST", encoded="x")
        assert store.replace_password_hash(ME, seen="first", encoded="second")
        assert store.password_hash(ME) == "second"

    def test_failed_sign_ins_begin_at_version_zero(self, store: Store) -> None:
        assert store.sign_in_attempts(ME) == SignInAttempts(applicant=ME)

    def test_failed_sign_ins_are_kept_to_the_microsecond(self, store: Store) -> None:
        counts = [
            SignInAttempts(applicant=ME, version=1, failures=1),
            SignInAttempts(applicant=ME, version=2, failures=2, locked_until=START + TICK),
            SignInAttempts(applicant=ME, version=3, locked_until=START + timedelta(hours=1) - TICK),
            SignInAttempts(applicant=ME, version=4),
        ]
        for each in counts:
            assert list(store.commit([Change(attempts=each)])) == [Committed()]
            assert store.sign_in_attempts(ME) == each
        assert store.sign_in_attempts(YOU).version == 0
