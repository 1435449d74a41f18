"""Accounts with passwords and user names in the store; passwords are hashed with Argon2id by `argon2-cffi`.

A password is normalised to NFKC, so that every keyboard gives the same password. It then has 8 to 128 characters of any
script, including blanks. Control characters, unassigned characters and lone surrogates are refused. There is no other
condition (NIST SP 800-63B: length, not composition).
"""

import unicodedata
from datetime import UTC, datetime
from functools import partial
from secrets import token_urlsafe
from typing import Final

from traffic_booking.domain.errors import InvalidInput, MissingExtra, StoreUnavailable, StoreUnreadable
from traffic_booking.domain.people.identity import PersonId, checked_person
from traffic_booking.domain.people.sign_in import IdentityAnswer
from traffic_booking.domain.people.user_names import UserName, checked_name
from traffic_booking.domain.text_input import plain_text
from traffic_booking.domain.value_input import with_methods
from traffic_booking.persistence.accounts import Accounts
from traffic_booking.persistence.persons import PseudonymKeys
from traffic_booking.ports.clock import Clock
from traffic_booking.ports.store import Store

try:
    from argon2 import PasswordHasher
    from argon2.exceptions import HashingError, VerificationError, VerifyMismatchError
except ImportError as missing:
    raise MissingExtra("the embedded sign-in", "identity") from missing

SHORTEST: Final = 8
LONGEST: Final = 128
"""In characters of the normal form, both inclusive."""

_LONGEST_TYPED: Final = 4 * LONGEST
_UNFIT: Final = frozenset({"Cc", "Cn", "Cs"})
_NO_PASSWORD: Final = ""


class EmbeddedIdentity:
    """A `ResettableIdentity` over accounts in the store, for any number of threads.

    `verify` always checks one hash, so that its duration does not reveal whether there is an account. A `hasher` with
    other parameters takes effect for an account when its password is set or renewed.

    Example::

        identity = EmbeddedIdentity(store)
        identity.register(NationalId("1000000008"), password, user_name="sara.q7")
    """

    def __init__(
        self,
        store: Store,
        *,
        hasher: PasswordHasher | None = None,
        clock: Clock | None = None,
        pseudonym_key: PseudonymKeys = None,
    ) -> None:
        now = partial(datetime.now, UTC) if clock is None else with_methods(clock, "clock", "now").now
        self._accounts = Accounts(with_methods(store, "store", "commit", "read"), now, pseudonym_key)
        self._hasher = PasswordHasher() if hasher is None else with_methods(hasher, "hasher", "hash", "verify")
        self._hash_without_account = self._hasher.hash(token_urlsafe())

    def register(self, person: PersonId, password: str, *, user_name: str | None = None) -> None:
        """Open an account, with a user name if one is given. The host vouches that the request comes from this person.

        Raises:
            InvalidInput: The password or the user name is refused (the message never shows them), somebody has the user
                name, or the person has an account.
        """
        encoded = self._hashed(_checked(password))
        name = None if user_name is None else UserName(user_name)
        if self.has_account(person):
            raise _has_account()
        if name is not None:
            self._give(person, name)
        if not self._accounts.replace_password_hash(person, seen=None, encoded=encoded):
            raise _has_account()

    def set_user_name(self, person: PersonId, user_name: str | None) -> None:
        """Give the account another user name, or none. The host vouches as in `register`.

        Raises:
            InvalidInput: The user name is refused, somebody else has it, or there is no account.
        """
        if not self.has_account(person):
            raise InvalidInput("person id", got="one without an account", expected="one that `register` has opened")
        if user_name is None:
            self._accounts.set_user_name(person, None)
        else:
            self._give(person, UserName(user_name))

    def set_password(self, person: PersonId, password: str) -> None:
        """Give the account a new password, or open one; all sessions end. The host vouches as in `register`.

        Raises:
            InvalidInput: The password is refused; the message never shows it.
        """
        self._accounts.set_password_hash(checked_person(person, "person id"), self._hashed(_checked(password)))

    def has_account(self, person: PersonId) -> bool:
        return self._accounts.password_hash(checked_person(person, "person id")) is not None

    def check_password(self, password: str) -> None:
        _checked(password)

    def person_of(self, name: UserName) -> PersonId | None:
        return self._accounts.person_named(checked_name(name))

    def verify(self, applicant: PersonId | None, password: str) -> IdentityAnswer:
        secret = _normal(plain_text(password, "password"))
        fault = _fault(secret)
        person = None if applicant is None else checked_person(applicant, "person id")
        encoded = None if person is None else self._accounts.password_hash(person)
        try:
            self._hasher.verify(
                self._hash_without_account if encoded is None else encoded, secret if fault is None else _NO_PASSWORD
            )
        except VerifyMismatchError:
            return IdentityAnswer.REJECTED
        except VerificationError:  # Argon2 could not run: too little memory
            return IdentityAnswer.UNAVAILABLE
        except ValueError:  # its text may quote the stored hash, so no cause
            raise StoreUnreadable("a password hash: got something else; expected what argon2 encodes") from None
        return IdentityAnswer.REJECTED if encoded is None or fault is not None else IdentityAnswer.VERIFIED

    def renew(self, person: PersonId, password: str) -> bool:
        """Hash the password anew if the stored hash has older parameters, and return whether that was done.

        Call it after a sign-in: `verify` writes nothing, so that its duration does not reveal the result.
        """
        encoded = self._accounts.password_hash(checked_person(person, "person id"))
        if encoded is None or not self._hasher.check_needs_rehash(encoded):
            return False
        if self.verify(person, password) is not IdentityAnswer.VERIFIED:
            return False
        return self._accounts.replace_password_hash(person, seen=encoded, encoded=self._hashed(_normal(password)))

    def _give(self, person: PersonId, name: UserName) -> None:
        if not self._accounts.set_user_name(person, name):
            raise InvalidInput("user name", got="one that somebody has", expected="another one")

    def _hashed(self, secret: str) -> str:
        try:
            return self._hasher.hash(secret)
        except HashingError as error:
            raise StoreUnavailable(f"a password hash: got {error}; expected memory and threads for Argon2") from error


def _has_account() -> InvalidInput:
    return InvalidInput("person id", got="one that has an account", expected="one without, or set_password")


def _checked(password: object) -> str:
    secret = _normal(plain_text(password, "password"))
    fault = _fault(secret)
    if fault is not None:
        expected = f"{SHORTEST} to {LONGEST} characters, none of them a control character"
        raise InvalidInput("password", got=fault, expected=expected)
    return secret


def _normal(password: str) -> str:
    """The normal form of a password; text that is far too long stays as it is."""
    return password if len(password) > _LONGEST_TYPED else unicodedata.normalize("NFKC", password)


def _fault(secret: str) -> str | None:
    """The fault of a password in its normal form, without any part of it; None if there is none."""
    if not SHORTEST <= len(secret) <= LONGEST:
        return f"{len(secret)} characters"
    if any(unicodedata.category(character) in _UNFIT for character in secret):
        return "a control, unassigned or surrogate character"
    return None
