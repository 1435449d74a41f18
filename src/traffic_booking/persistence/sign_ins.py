"""Sign-ins: used codes, failed attempts and sessions, over any store."""

from collections.abc import Sequence

from traffic_booking.domain.decisions.changes import Committed, Conflict, SignInChange
from traffic_booking.domain.people.attempts import SignInAttempts, SignInFacts
from traffic_booking.domain.people.identity import PersonId
from traffic_booking.domain.people.sign_in import IssuedSession
from traffic_booking.domain.people.user_names import Account, UserName
from traffic_booking.persistence.account_records import account_of
from traffic_booking.persistence.accounts import Accounts
from traffic_booking.persistence.changes import COMMITTED, guard_of
from traffic_booking.persistence.one_time import hash_of
from traffic_booking.persistence.schema import ACCOUNTS, ATTEMPTS, CODES, SESSIONS
from traffic_booking.persistence.sign_in_codec import (
    attempts_of,
    attempts_put,
    generation_of,
    session_of,
    session_put,
)
from traffic_booking.ports.primitives import Check, Put, RecordsByIndex, RecordsByKey, Span, StoreChange, Via


class SignIns(Accounts):
    """Attempts and sessions in a store, also of persons whose passwords are elsewhere; made as `Accounts` are."""

    def is_spent(self, key: str) -> bool:
        """Return whether a committed change has used the code `key`."""
        return self._store.read([RecordsByKey(CODES.name, [key])])[0][0] is not None

    def attempts(self, account: Account) -> SignInAttempts:
        """Return the attempts under an account's name; version 0 if nothing is stored."""
        return self.facts(account, "").attempts

    def facts(self, account: Account, device: str) -> SignInFacts:
        """Return the facts of an attempt from a device, by a hash of its name."""
        key = self._name_key(account) if isinstance(account, UserName) else self._subject(account)
        if key is None:
            return SignInFacts(attempts=SignInAttempts(account=account), device=device)
        (attempts,), (found,), (sessions,) = self._store.read(
            [
                RecordsByKey(ATTEMPTS.name, [key]),
                RecordsByKey(ACCOUNTS.name, [key]),
                RecordsByIndex(SESSIONS.name, "of_device", [Span((key, device))], descending=True, limit=1),
            ]
        )
        generation = 0 if found is None else account_of(found, 0).generation
        return SignInFacts(
            attempts=attempts_of(account, attempts),
            device=device,
            known=any(generation_of(each) == generation for each in sessions),
            generation=generation,
        )

    def commit(self, changes: Sequence[SignInChange]) -> list[Committed | Conflict]:
        """Write used codes, attempts and sessions: each change whole or not at all, in their order."""
        results = self._store.commit([self._written(each) for each in changes])
        return [COMMITTED if result is None else Conflict(guard=guard_of(result)) for result in results]

    def issued(self, token: str) -> IssuedSession | None:
        """Return the session under a token, None if there is none or if its person was erased."""
        key = hash_of(token)
        accounts = RecordsByKey(ACCOUNTS.name, [Via(SESSIONS.name, key, "subject")])
        (row,), (account,) = self._store.read([RecordsByKey(SESSIONS.name, [key]), accounts])
        person = None if row is None else self._book.person_of(row[2])
        if row is None or person is None:
            return None
        return session_of(row, person, token, 0 if account is None else account_of(account, 0).generation)

    def _written(self, change: SignInChange) -> StoreChange:
        puts = [Put(CODES.name, code, 0, (self._now(),), "") for code in change.once]
        checks: dict[str, Check] = {}
        if change.attempts is not None:
            account = change.attempts.account
            key = self._name_key(account) if isinstance(account, UserName) else self._present(account, checks)
            puts.append(attempts_put(key, change.attempts))
        if change.session is not None:
            puts.append(session_put(self._present(change.session.session.applicant, checks), change.session))
        return StoreChange(puts=tuple(puts), checks=tuple(checks.values()))

    def _present(self, person: PersonId, checks: dict[str, Check]) -> str:
        """The subject of a person, with the guard that they are not erased meanwhile."""
        account = self.account(person)
        checks[account.subject] = account.check
        return account.subject

    def _name_key(self, name: UserName) -> str:
        """The key of the attempts under a user name that no account has."""
        self._book.open_persons()
        return f"name:{hash_of(self._book.keys.keys_of_name(name.reveal())[0])}"
