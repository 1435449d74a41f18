"""Accounts of the embedded sign-in: password hashes, failed attempts and used codes, over any store."""

from collections.abc import Sequence

from traffic_booking.domain.changes import Change, Committed, Conflict
from traffic_booking.domain.identity import PersonId
from traffic_booking.domain.sign_in import SignInAttempts
from traffic_booking.persistence.appointment_book import AppointmentBook
from traffic_booking.persistence.records import attempts_of
from traffic_booking.persistence.schema import ACCOUNTS, ATTEMPTS, CODES
from traffic_booking.ports.primitives import Put, RecordsByKey, Row, StoreChange
from traffic_booking.ports.store import Store


class Accounts:
    """Accounts in a store. A host with its own identity provider has no use for them, and nothing is stored then."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def password_hash(self, applicant: PersonId) -> str | None:
        """The encoded password hash, None if there is no account."""
        row = self._account(applicant)
        return None if row is None else str(row[-1])

    def set_password_hash(self, applicant: PersonId, encoded: str) -> None:
        """Write the account's hash over the one before."""
        while not self._put(applicant, self._account(applicant), encoded):
            pass

    def replace_password_hash(self, applicant: PersonId, *, seen: str | None, encoded: str) -> bool:
        """Write the hash if the stored one still is `seen` (None: no account), and return whether it was."""
        while True:
            row = self._account(applicant)
            if (None if row is None else row[-1]) != seen:
                return False
            if self._put(applicant, row, encoded):
                return True

    def is_spent(self, key: str) -> bool:
        """Whether a committed change has used the code `key`."""
        return self._store.read([RecordsByKey(CODES.name, [key])])[0][0] is not None

    def sign_in_attempts(self, applicant: PersonId) -> SignInAttempts:
        """The count of failed sign-ins; version 0 if nothing is stored."""
        return attempts_of(applicant, self._store.read([RecordsByKey(ATTEMPTS.name, [applicant.reveal()])])[0][0])

    def commit(self, changes: Sequence[Change]) -> list[Committed | Conflict]:
        """As `AppointmentBook.commit`."""
        return AppointmentBook(self._store).commit(changes)

    def _account(self, applicant: PersonId) -> Row | None:
        row: Row | None = self._store.read([RecordsByKey(ACCOUNTS.name, [applicant.reveal()])])[0][0]
        return row

    def _put(self, applicant: PersonId, before: Row | None, encoded: str) -> bool:
        expected = 0 if before is None else before[1]
        change = StoreChange(puts=(Put(ACCOUNTS.name, applicant.reveal(), expected, (), encoded),))
        return self._store.commit([change])[0] is None
