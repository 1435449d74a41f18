"""Accounts with passwords of the library's own, hashed with Argon2id by `argon2-cffi` and kept in the store.

A password is normalised to NFKC, so that the same text typed on another keyboard or telephone is the same password,
and then has 8 to 128 characters of any script, blanks included; control characters, unassigned ones and halves of
surrogate pairs are refused. Nothing else is asked of it. (NIST SP 800-63B: length, not composition; a normal form.)
"""

import unicodedata
from datetime import UTC, datetime
from secrets import token_urlsafe
from typing import Final

from traffic_booking.domain.errors import InvalidInput, MissingExtra, StoreUnavailable, StoreUnreadable
from traffic_booking.domain.people.identity import PersonId
from traffic_booking.domain.people.sign_in import IdentityAnswer
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
    """An `IdentityProvider` over accounts in the store. May be used by several threads at once.

    Whatever is asked, `verify` checks one hash: the account's, or one of nobody's that was made with the same
    parameters. A `hasher` with other parameters takes effect for an account when its password is set, or next found
    right; until then that account's hash costs what it did.
    """

    def __init__(
        self,
        store: Store,
        *,
        hasher: PasswordHasher | None = None,
        clock: Clock | None = None,
        pseudonym_key: PseudonymKeys = None,
    ) -> None:
        now = clock.now if clock else lambda: datetime.now(UTC)
        self._accounts = Accounts(store, now, pseudonym_key)
        self._hasher = hasher or PasswordHasher()
        self._nobodys = self._hasher.hash(token_urlsafe())

    def register(self, person: PersonId, password: str) -> None:
        """Open an account. The host vouches that it is this person who asks.

        Raises `InvalidInput`, which never shows the password: for one that is not as this module says, or where there
        is an account already.
        """
        encoded = self._hashed(_checked(password))
        if not self._accounts.replace_password_hash(person, seen=None, encoded=encoded):
            raise InvalidInput("person id", got="one that has an account", expected="one without, or set_password")

    def set_password(self, person: PersonId, password: str) -> None:
        """Give the account a new password, and open it where there is none. As `register`, the host vouches."""
        self._accounts.set_password_hash(person, self._hashed(_checked(password)))

    def verify(self, applicant: PersonId, password: str) -> IdentityAnswer:
        secret = _normal(password)
        fault = _fault(secret)
        encoded = self._accounts.password_hash(applicant)
        try:
            self._hasher.verify(
                self._nobodys if encoded is None else encoded, secret if fault is None else _NO_PASSWORD
            )
        except VerifyMismatchError:
            return IdentityAnswer.REJECTED
        except VerificationError:  # Argon2 could not run, for want of memory, say
            return IdentityAnswer.UNAVAILABLE
        except ValueError:  # whose text may quote what is stored, so no cause
            raise StoreUnreadable("a password hash: got something else; expected what argon2 encodes") from None
        if encoded is None or fault is not None:
            return IdentityAnswer.REJECTED
        return IdentityAnswer.VERIFIED

    def renew(self, person: PersonId, password: str) -> bool:
        """Hash the password anew where the stored hash has older parameters; say whether.

        For after a sign-in: `verify` itself writes nothing, so that a refused attempt leaves no trace in its duration.
        """
        encoded = self._accounts.password_hash(person)
        if encoded is None or not self._hasher.check_needs_rehash(encoded):
            return False
        if self.verify(person, password) is not IdentityAnswer.VERIFIED:
            return False
        return self._accounts.replace_password_hash(person, seen=encoded, encoded=self._hashed(_normal(password)))

    def _hashed(self, secret: str) -> str:
        try:
            return self._hasher.hash(secret)
        except HashingError as error:
            raise StoreUnavailable(f"a password hash: got {error}; expected memory and threads for Argon2") from error


def _checked(password: object) -> str:
    if not isinstance(password, str):
        raise InvalidInput("password", got=type(password).__name__, expected="text")
    secret = _normal(password)
    fault = _fault(secret)
    if fault is not None:
        raise InvalidInput(
            "password", got=fault, expected=f"{SHORTEST} to {LONGEST} characters, none of them a control character"
        )
    return secret


def _normal(password: str) -> str:
    """The normal form; text that is far too long is left as it is, and so stays too long."""
    return password if len(password) > _LONGEST_TYPED else unicodedata.normalize("NFKC", password)


def _fault(secret: str) -> str | None:
    """What is wrong with a password in its normal form, without showing any of it."""
    if not SHORTEST <= len(secret) <= LONGEST:
        return f"{len(secret)} characters"
    if any(unicodedata.category(character) in _UNFIT for character in secret):
        return "a control, unassigned or surrogate character"
    return None
