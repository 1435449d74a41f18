"""Accounts of the embedded sign-in: password hashes and user names, over any store."""

from collections.abc import Callable
from datetime import datetime

from traffic_booking.domain.decisions.changes import Change
from traffic_booking.domain.people.applicants import Registration, Subject
from traffic_booking.domain.people.identity import PersonId
from traffic_booking.domain.people.user_names import UserName
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.persistence.account_records import Account, account_of
from traffic_booking.persistence.basic_codecs import to_json
from traffic_booking.persistence.marks import marked, subjects_in
from traffic_booking.persistence.persons import PersonKeys, PseudonymKeys, new_applicant, of_subject
from traffic_booking.persistence.records import deletes_of
from traffic_booking.persistence.schema import ACCOUNTS, NAMES, PEOPLE, PERSONS
from traffic_booking.ports.primitives import Put, RecordsByIndex, RecordsByKey, Row, Span, StoreChange
from traffic_booking.ports.store import Store


class Accounts:
    """Accounts in a store; a host with its own identity provider stores no passwords.

    A person without a record is registered, at the instant that `now` returns, with a password or a failed sign-in.
    """

    def __init__(self, store: Store, now: Callable[[], datetime], pseudonym_key: PseudonymKeys = None) -> None:
        self._store = store
        self._now = now
        self._book = AppointmentBook(store, pseudonym_key)

    def password_hash(self, person: PersonId) -> str | None:
        """Return the encoded password hash, None if there is no account."""
        subject = self._subject(person)
        row = None if subject is None else self._store.read([RecordsByKey(ACCOUNTS.name, [subject])])[0][0]
        return None if row is None else account_of(row, 0).encoded

    def set_password_hash(self, person: PersonId, encoded: str) -> None:
        """Write the account's hash; it replaces the one before and ends all sessions."""
        self.change(person, lambda account: account._replace(encoded=encoded, generation=account.generation + 1))

    def replace_password_hash(self, person: PersonId, *, seen: str | None, encoded: str) -> bool:
        """Write the hash and return True, if the stored one still is `seen` (None: no account)."""
        return self.change(person, lambda found: found._replace(encoded=encoded) if found.encoded == seen else None)

    def end_sessions(self, person: PersonId) -> None:
        """End all sessions of the person."""
        self.change(person, lambda account: account._replace(generation=account.generation + 1))

    def change(self, person: PersonId, change: Callable[[Account], Account | None]) -> bool:
        """Write the account that `change` returns for the stored one, until nothing came in between; False for None.

        It is not written if the person has changed meanwhile: an erased person gets no account.
        """
        while True:
            account = self.account(person)
            changed = change(account)
            if changed is None:
                return False
            body = to_json([changed.generation, changed.encoded])
            put = Put(ACCOUNTS.name, account.subject, account.version, (), body)
            if self._store.commit([StoreChange(puts=(put,), checks=(account.check,))])[0] is None:
                return True

    def person_named(self, name: UserName) -> PersonId | None:
        """Return the person whose account has the user name."""
        row = self._named(name)
        return None if row is None else self._book.person_of(row[2])

    def set_user_name(self, person: PersonId, name: UserName | None) -> bool:
        """Give the person the user name in the place of the one before, None for no name; False if another has it."""
        while True:
            account, taken = self.account(person), None if name is None else self._named(name)
            if taken is not None:
                return bool(taken[2] == account.subject)
            query = RecordsByIndex(NAMES.name, "of_subject", [Span((account.subject,))])
            named = self._store.read([query])[0][0]
            keys = self._book.keys
            puts = () if name is None else (keys.name_record(name.reveal(), account.subject, self._now()),)
            change = StoreChange(puts=puts, deletes=deletes_of(NAMES, named), checks=(account.check, keys.check()))
            if self._store.commit([marked(change, subjects_in(named))])[0] is None:
                return True
            keys.forget()

    def account(self, person: PersonId) -> Account:
        """The account of a person who was registered when it was read."""
        while True:
            subject = self._registered(person)
            (account,), (people,), (persons,) = self._store.read(
                [
                    RecordsByKey(ACCOUNTS.name, [subject]),
                    RecordsByKey(PEOPLE.name, [subject]),
                    RecordsByIndex(PERSONS.name, "by_subject", [of_subject(subject)]),
                ]
            )
            if people is not None and persons:
                return Account(subject, people[1]) if account is None else account_of(account, people[1])

    def _named(self, name: UserName) -> Row | None:
        """The record of a user name, under the key of now or the one before."""
        while True:
            self._book.open_persons()
            keys = self._book.keys
            names = RecordsByKey(NAMES.name, keys.keys_of_name(name.reveal()))
            rows, (current,) = self._store.read([names, PersonKeys.query])
            found = next((row for row in rows if row is not None), None)
            before = keys.check()
            keys.take(current)
            if found is not None or keys.check() == before:
                return found

    def _registered(self, person: PersonId) -> Subject:
        """The subject of `person`, who is registered first if necessary."""
        while (subject := self._subject(person)) is None:
            new = Registration(person=person, applicant=new_applicant(person), at=self._now())
            self._book.commit([Change(registrations=(new,))])
        return subject

    def _subject(self, person: PersonId) -> Subject | None:
        known = self._book.applicants([person]).get(person)
        return None if known is None else known.subject
