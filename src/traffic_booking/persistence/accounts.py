"""Accounts of the embedded sign-in: password hashes, failed attempts and used codes, over any store."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from traffic_booking.domain.decisions.changes import Change, Committed, Conflict, SignInChange
from traffic_booking.domain.people.applicants import Applicant, Registration
from traffic_booking.domain.people.identity import PersonId
from traffic_booking.domain.people.sign_in import SignInAttempts
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.persistence.changes import COMMITTED, guard_of
from traffic_booking.persistence.persons import PseudonymKeys, new_applicant, of_subject
from traffic_booking.persistence.records import attempts_of, attempts_put
from traffic_booking.persistence.schema import ACCOUNTS, ATTEMPTS, CODES, PEOPLE, PERSONS
from traffic_booking.ports.collections import Collection
from traffic_booking.ports.primitives import Check, Put, RecordsByIndex, RecordsByKey, Row, StoreChange
from traffic_booking.ports.store import Store


class Accounts:
    """Accounts in a store; a host with its own identity provider stores none.

    A person without a record is registered, at the instant that `now` returns, with a password or a failed sign-in.
    """

    def __init__(self, store: Store, now: Callable[[], datetime], pseudonym_key: PseudonymKeys = None) -> None:
        self._store = store
        self._now = now
        self._book = AppointmentBook(store, pseudonym_key)

    def password_hash(self, person: PersonId) -> str | None:
        """Return the encoded password hash, None if there is no account."""
        row = self._row(ACCOUNTS, person)
        return None if row is None else str(row[-1])

    def set_password_hash(self, person: PersonId, encoded: str) -> None:
        """Write the account's hash; it replaces the one before."""
        while not self._put(self._account(person), encoded):
            pass

    def replace_password_hash(self, person: PersonId, *, seen: str | None, encoded: str) -> bool:
        """Write the hash and return True, if the stored one still is `seen` (None: no account)."""
        while True:
            account = self._account(person)
            if account.encoded != seen:
                return False
            if self._put(account, encoded):
                return True

    def is_spent(self, key: str) -> bool:
        """Return whether a committed change has used the code `key`."""
        return self._store.read([RecordsByKey(CODES.name, [key])])[0][0] is not None

    def sign_in_attempts(self, person: PersonId) -> SignInAttempts:
        """Return the count of failed sign-ins; version 0 if nothing is stored."""
        return attempts_of(person, self._row(ATTEMPTS, person))

    def commit(self, changes: Sequence[SignInChange]) -> list[Committed | Conflict]:
        """Write used codes and counts of attempts: each change whole or not at all, in their order."""
        written = []
        for change in changes:
            puts = [Put(CODES.name, code, 0, (self._now(),), "") for code in change.once]
            if change.attempts is not None:
                puts.append(attempts_put(self._registered(change.attempts.applicant).subject, change.attempts))
            written.append(StoreChange(puts=tuple(puts)))
        results = self._store.commit(written)
        return [COMMITTED if result is None else Conflict(guard=guard_of(result)) for result in results]

    def _registered(self, person: PersonId) -> Applicant:
        """The applicant of `person`, who is registered first if necessary."""
        while not (known := self._book.applicants([person])):
            new = Registration(person=person, applicant=new_applicant(person), at=self._now())
            self._book.commit([Change(registrations=(new,))])
        return known[person]

    def _account(self, person: PersonId) -> "_Account":
        """The account of a person who was registered when it was read; the version of their record guards that."""
        while True:
            subject = self._registered(person).subject
            (account,), (people,), (persons,) = self._store.read(
                [
                    RecordsByKey(ACCOUNTS.name, [subject]),
                    RecordsByKey(PEOPLE.name, [subject]),
                    RecordsByIndex(PERSONS.name, "by_subject", [of_subject(subject)]),
                ]
            )
            if people is not None and persons:
                version, encoded = (0, None) if account is None else (account[1], account[-1])
                return _Account(subject, people[1], version, encoded)

    def _row(self, collection: Collection, person: PersonId) -> Row | None:
        known = self._book.applicants([person])
        query = [RecordsByKey(collection.name, [each.subject for each in known.values()])]
        return self._store.read(query)[0][0] if known else None

    def _put(self, account: "_Account", encoded: str) -> bool:
        """Write a hash if neither the account nor the person has changed: an erased person gets no account."""
        put = Put(ACCOUNTS.name, account.subject, account.version, (), encoded)
        check = Check(PEOPLE.name, account.subject, account.person_version)
        return self._store.commit([StoreChange(puts=(put,), checks=(check,))])[0] is None


class _Account(NamedTuple):
    """An account as it was read: version 0 and no hash if there is none."""

    subject: str
    person_version: int
    version: int
    encoded: str | None
