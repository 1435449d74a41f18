"""Password hashes and failed sign-ins."""

from datetime import timedelta

from tests.bookings import ME, YOU
from tests.small_town import START
from traffic_booking.domain.changes import Change, Committed
from traffic_booking.domain.sign_in import SignInAttempts


def test_nobody_has_an_account_at_first(store):
    assert store.password_hash(ME) is None


def test_a_hash_is_written_over_the_one_before(store):
    store.set_password_hash(ME, "first")
    store.set_password_hash(ME, "second" * 80)
    assert store.password_hash(ME) == "second" * 80
    assert store.password_hash(YOU) is None


def test_a_hash_is_replaced_only_where_it_is_the_one_seen(store):
    assert not store.replace_password_hash(ME, seen="another", encoded="x")
    assert store.replace_password_hash(ME, seen=None, encoded="first")
    assert not store.replace_password_hash(ME, seen=None, encoded="x")
    assert store.replace_password_hash(ME, seen="first", encoded="second")
    assert store.password_hash(ME) == "second"


def test_failed_sign_ins_begin_at_version_zero(store):
    assert store.sign_in_attempts(ME) == SignInAttempts(applicant=ME)


def test_failed_sign_ins_are_kept_to_the_microsecond(store):
    counts = [
        SignInAttempts(applicant=ME, version=1, failures=1),
        SignInAttempts(applicant=ME, version=2, failures=2, locked_until=START + timedelta(microseconds=1)),
        SignInAttempts(applicant=ME, version=3),
    ]
    for count in counts:
        assert store.commit([Change(attempts=count)]) == [Committed()]
        assert store.sign_in_attempts(ME) == count
    assert store.sign_in_attempts(YOU).version == 0
