"""Races of the embedded sign-in: failed attempts, used codes and passwords."""

from typing import Any, Final

from traffic_booking.domain.decisions.changes import Conflict, Guard, SignInChange
from traffic_booking.domain.people.sign_in import SignInAttempts
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.persistence.accounts import Accounts
from traffic_booking.persistence.schema import SCHEMA
from traffic_booking.ports.store import Store
from traffic_booking.testing.people import made_up_applicant, made_up_person
from traffic_booking.testing.sample_changes import START, registering
from traffic_booking.testing.store.rounds import Race, Turn
from traffic_booking.testing.store.trade_races import COMMITTED, Result, nothing, won


def _accounts(store: Store) -> Accounts:
    return Accounts(store, lambda: START)


def _warm_account(store: Store, round_: int) -> Accounts:
    person, accounts = made_up_person(round_), _accounts(store)
    accounts.password_hash(person)
    accounts.sign_in_attempts(person)
    accounts.is_spent(f"code-{round_}")
    return accounts


def _register(store: Store, round_: int) -> None:
    AppointmentBook(store).commit([registering(made_up_applicant(round_))])


def _commit(accounts: Accounts, change: SignInChange) -> Result:
    (result,) = accounts.commit([change])
    return result


def _fail_sign_in(_store: Store, turn: Turn) -> Result:
    attempts = SignInAttempts(applicant=made_up_person(turn.round), version=1, failures=turn.place + 1)
    return _commit(turn.seen, SignInChange(attempts=attempts))


def _check_attempts(store: Store, round_: int, results: list[Any]) -> None:
    won(results, 1, Conflict(guard=Guard.ATTEMPTS))
    counted = _accounts(store).sign_in_attempts(made_up_person(round_))
    assert (counted.version, counted.failures) == (1, results.index(COMMITTED) + 1)


def _check_code(store: Store, round_: int, results: list[Any]) -> None:
    won(results, 1, Conflict(guard=Guard.ONCE))
    assert _accounts(store).is_spent(f"code-{round_}")


def _replace_hash(_store: Store, turn: Turn) -> bool:
    person, accounts = made_up_person(turn.round), turn.seen
    return bool(accounts.replace_password_hash(person, seen="first", encoded=f"hash-{turn.place}"))


def _check_hash(store: Store, round_: int, results: list[Any]) -> None:
    assert results.count(True) == 1
    assert _accounts(store).password_hash(made_up_person(round_)) == f"hash-{results.index(True)}"


ACCOUNT_RACES: Final[dict[str, Race]] = {
    "failed sign-ins": Race(SCHEMA, _register, _warm_account, _fail_sign_in, _check_attempts),
    "failed sign-ins of a new person": Race(SCHEMA, nothing, _warm_account, _fail_sign_in, _check_attempts),
    "a code": Race(
        SCHEMA,
        nothing,
        _warm_account,
        lambda _store, turn: _commit(turn.seen, SignInChange(once=(f"code-{turn.round}",))),
        _check_code,
    ),
    "a password": Race(
        SCHEMA,
        lambda store, round_: _accounts(store).set_password_hash(made_up_person(round_), "first"),
        _warm_account,
        _replace_hash,
        _check_hash,
    ),
}
