"""Accounts with passwords: the same answer and the same work for every failed sign-in."""

import importlib
import sys
import unicodedata
from typing import Any

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import HashingError, VerificationError

from tests.small_town import START
from traffic_booking import InvalidInput, MissingExtra, StoreUnavailable, StoreUnreadable
from traffic_booking.adapters.embedded_identity import LONGEST, SHORTEST, EmbeddedIdentity
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.domain.people.sign_in import IdentityAnswer
from traffic_booking.persistence.accounts import Accounts
from traffic_booking.testing import made_up_person

KNOWN, UNKNOWN = made_up_person(1), made_up_person(2)
PASSWORD = "correct horse بطارية"


class CountingHasher(PasswordHasher):
    """An Argon2 with hardly any work that counts its calls."""

    def __init__(self, time_cost=1):
        super().__init__(time_cost=time_cost, memory_cost=8, parallelism=1)
        self.hashed = self.verified = 0

    def hash(self, password, *, salt=None):
        self.hashed += 1
        return super().hash(password, salt=salt)

    def verify(self, hash, password):  # noqa: A002 - the name that argon2 gave it
        self.verified += 1
        return super().verify(hash, password)


def hash_of(store, person):
    """The encoded hash of a person's password; Any, because most tests know that there is one."""
    encoded: Any = Accounts(store, lambda: START).password_hash(person)
    return encoded


@pytest.fixture
def hasher():
    return CountingHasher()


@pytest.fixture
def store():
    return MemoryStore()


@pytest.fixture
def identity(store, hasher):
    identity = EmbeddedIdentity(store, hasher=hasher)
    identity.register(KNOWN, PASSWORD)
    return identity


@pytest.mark.journey("J-04")
def test_the_right_password_is_verified_and_a_wrong_one_is_not(identity):
    assert identity.verify(KNOWN, PASSWORD) is IdentityAnswer.VERIFIED
    assert identity.verify(KNOWN, PASSWORD + "!") is IdentityAnswer.REJECTED


@pytest.mark.parametrize(
    "password",
    [PASSWORD, "wrong password", "", "short", "x" * LONGEST, "x" * (LONGEST + 1), "x" * 1_000_000, "\ud800" * 9],
)
def test_an_unknown_id_is_rejected_after_the_same_work_as_a_known_one(identity, hasher, password):
    work = []
    for person in (KNOWN, UNKNOWN):
        before = (hasher.hashed, hasher.verified)
        identity.verify(person, password)
        work.append((hasher.hashed - before[0], hasher.verified - before[1]))

    assert work == [(0, 1), (0, 1)]
    assert identity.verify(UNKNOWN, password) is IdentityAnswer.REJECTED


def test_not_even_the_password_of_nobodys_hash_opens_an_account_that_is_not_there(store):
    class FindsEverythingRight(CountingHasher):
        def verify(self, hash, password):  # noqa: A002 - the name that argon2 gave it
            return True

    identity = EmbeddedIdentity(store, hasher=FindsEverythingRight())
    identity.register(KNOWN, PASSWORD)

    assert identity.verify(UNKNOWN, PASSWORD) is IdentityAnswer.REJECTED
    assert identity.verify(KNOWN, "") is IdentityAnswer.REJECTED
    assert identity.verify(KNOWN, PASSWORD) is IdentityAnswer.VERIFIED


def test_the_hash_for_nobody_costs_what_an_account_costs(store, hasher):
    checked = []

    class Listening(CountingHasher):
        def verify(self, hash, password):  # noqa: A002 - the name that argon2 gave it
            checked.append(hash)
            return super().verify(hash, password)

    identity = EmbeddedIdentity(store, hasher=Listening())
    identity.register(KNOWN, PASSWORD)
    identity.verify(KNOWN, "wrong password")
    identity.verify(UNKNOWN, "wrong password")

    parameters = [encoded.rsplit("$", 2)[0] for encoded in checked]
    assert checked[0] != checked[1]
    assert parameters[0] == parameters[1]


@pytest.mark.parametrize(
    ("length", "accepted"),
    [
        (SHORTEST - 1, False),
        (SHORTEST, True),
        (SHORTEST + 1, True),
        (LONGEST - 1, True),
        (LONGEST, True),
        (LONGEST + 1, False),
        (100_000, False),
    ],
)
@pytest.mark.parametrize("character", ["x", "ش", "𝛑"])
def test_a_password_has_8_to_128_characters(store, hasher, length, accepted, character):
    identity, password = EmbeddedIdentity(store, hasher=hasher), character * length
    if accepted:
        identity.register(KNOWN, password)
        assert identity.verify(KNOWN, password) is IdentityAnswer.VERIFIED
    else:
        with pytest.raises(InvalidInput, match=f"password: got {length} characters; expected 8 to 128") as error:
            identity.register(KNOWN, password)
        assert password not in str(error.value)
        assert identity.verify(KNOWN, password) is IdentityAnswer.REJECTED


@pytest.mark.parametrize("character", ["\n", "\0", "\x7f", "\ud800", "\uffff", "\U000e0080"])
def test_a_password_holds_no_control_unassigned_or_surrogate_character(store, hasher, character):
    identity = EmbeddedIdentity(store, hasher=hasher)
    for write in (identity.register, identity.set_password):
        with pytest.raises(InvalidInput, match="password: got a control, unassigned or surrogate character") as error:
            write(KNOWN, PASSWORD + character)
        assert PASSWORD not in str(error.value)
    assert hash_of(store, KNOWN) is None


@pytest.mark.parametrize("mark", [" ", "\xa0", "\u200f", "\u200b", "\u2066", "\ufeff"], ids=ascii)
def test_a_password_is_compared_as_typed_with_its_blanks_and_marks(store, hasher, mark):
    identity = EmbeddedIdentity(store, hasher=hasher)
    identity.register(KNOWN, PASSWORD + mark)
    assert identity.verify(KNOWN, PASSWORD + mark) is IdentityAnswer.VERIFIED
    assert identity.verify(KNOWN, PASSWORD) is IdentityAnswer.REJECTED


def test_a_value_that_is_no_text_is_no_password(store, hasher):
    with pytest.raises(InvalidInput, match="password: got bytes; expected text"):
        EmbeddedIdentity(store, hasher=hasher).register(KNOWN, b"a password in bytes")  # type: ignore[arg-type]


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
def test_a_password_is_the_same_in_every_unicode_form(store, hasher, form):
    identity = EmbeddedIdentity(store, hasher=hasher)
    password = "آإؤ é ＰＩＮ ﷲ " + "é" * 100

    identity.register(KNOWN, password)

    assert identity.verify(KNOWN, unicodedata.normalize(form, password)) is IdentityAnswer.VERIFIED


def test_the_store_holds_argon2id_and_never_the_password(identity, store):
    encoded = hash_of(store, KNOWN)

    assert encoded.startswith("$argon2id$")
    assert PASSWORD not in encoded
    assert len(encoded) <= 512


def test_an_account_is_opened_once_and_its_first_password_stays(identity):
    with pytest.raises(InvalidInput, match="person id: got one that has an account"):
        identity.register(KNOWN, "somebody else's password")

    assert identity.verify(KNOWN, PASSWORD) is IdentityAnswer.VERIFIED


def test_a_password_that_is_set_takes_the_place_of_the_one_before(identity):
    identity.set_password(KNOWN, "another password")

    assert identity.verify(KNOWN, "another password") is IdentityAnswer.VERIFIED
    assert identity.verify(KNOWN, PASSWORD) is IdentityAnswer.REJECTED


def test_a_hash_of_old_parameters_is_made_anew_when_the_password_is_right(identity, store):
    old = hash_of(store, KNOWN)
    stronger = EmbeddedIdentity(store, hasher=CountingHasher(time_cost=2))

    assert stronger.verify(KNOWN, "wrong password") is IdentityAnswer.REJECTED
    assert hash_of(store, KNOWN) == old
    assert stronger.verify(KNOWN, PASSWORD) is IdentityAnswer.VERIFIED
    assert hash_of(store, KNOWN) == old
    assert not stronger.renew(KNOWN, "wrong password")
    assert stronger.renew(KNOWN, PASSWORD)
    assert not stronger.renew(KNOWN, PASSWORD)
    assert not stronger.renew(UNKNOWN, PASSWORD)
    assert "t=2" in hash_of(store, KNOWN)
    assert stronger.verify(KNOWN, PASSWORD) is IdentityAnswer.VERIFIED


def test_a_hash_made_anew_never_undoes_a_new_password(identity, store):
    class Meanwhile(CountingHasher):
        def check_needs_rehash(self, hash):  # noqa: A002 - the name that argon2 gave it
            identity.set_password(KNOWN, "set at the same time")
            return super().check_needs_rehash(hash)

    stronger = EmbeddedIdentity(store, hasher=Meanwhile(time_cost=2))

    assert not stronger.renew(KNOWN, PASSWORD)
    assert identity.verify(KNOWN, "set at the same time") is IdentityAnswer.VERIFIED
    assert identity.verify(KNOWN, PASSWORD) is IdentityAnswer.REJECTED


@pytest.mark.parametrize("encoded", ["", "not a hash", "مفتاح"])
def test_a_stored_hash_that_is_none_is_an_unreadable_store(identity, store, encoded):
    Accounts(store, lambda: START).set_password_hash(KNOWN, encoded)

    with pytest.raises(StoreUnreadable, match="password hash"):
        identity.verify(KNOWN, PASSWORD)


def test_an_argon2_that_cannot_verify_is_unavailable(identity, store):
    class OutOfMemory(CountingHasher):
        def verify(self, hash, password):  # noqa: A002 - the name that argon2 gave it
            raise VerificationError("Memory allocation error")

    assert EmbeddedIdentity(store, hasher=OutOfMemory()).verify(KNOWN, PASSWORD) is IdentityAnswer.UNAVAILABLE


def test_an_argon2_that_cannot_hash_opens_no_account_and_keeps_nobody_out(identity, store):
    class OutOfMemory(CountingHasher):
        def hash(self, password, *, salt=None):
            if self.hashed:
                raise HashingError("Memory allocation error")
            return super().hash(password, salt=salt)

    short_of_memory = EmbeddedIdentity(store, hasher=OutOfMemory(time_cost=2))

    for write in (short_of_memory.register, short_of_memory.set_password):
        with pytest.raises(StoreUnavailable, match="Memory allocation error"):
            write(UNKNOWN, PASSWORD)
    assert hash_of(store, UNKNOWN) is None
    assert short_of_memory.verify(KNOWN, PASSWORD) is IdentityAnswer.VERIFIED


def test_the_hasher_of_argon2_itself_is_used_unless_given(store):
    identity = EmbeddedIdentity(store)
    identity.register(KNOWN, PASSWORD)

    assert not PasswordHasher().check_needs_rehash(hash_of(store, KNOWN))
    assert identity.verify(KNOWN, PASSWORD) is IdentityAnswer.VERIFIED


def test_without_the_package_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "argon2", None)
    monkeypatch.delitem(sys.modules, "traffic_booking.adapters.embedded_identity")

    with pytest.raises(MissingExtra, match=r"traffic-booking\[identity\]"):
        importlib.import_module("traffic_booking.adapters.embedded_identity")
