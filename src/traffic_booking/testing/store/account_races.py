"""Races of the embedded sign-in: failed attempts, used codes and passwords."""

from typing import Any, Final

from traffic_booking.domain.changes import Change, Conflict, Guard
from traffic_booking.domain.sign_in import SignInAttempts
from traffic_booking.persistence.accounts import Accounts
from traffic_booking.persistence.schema import SCHEMA
from traffic_booking.ports.store import Store
from traffic_booking.testing.people import made_up_person
from traffic_booking.testing.store.rounds import Race, Turn
from traffic_booking.testing.store.trade_races import COMMITTED, Result, nothing, won


def _warm_account(store: Store, round_: int) -> object:
    person, accounts = made_up_person(round_), Accounts(store)
    return accounts.password_hash(person), accounts.sign_in_attempts(person), accounts.is_spent(f"code-{round_}")


def _fail_sign_in(store: Store, turn: Turn) -> Result:
    attempts = SignInAttempts(applicant=made_up_person(turn.round), version=1, failures=turn.place + 1)
    (result,) = Accounts(store).commit([Change(attempts=attempts)])
    return result


def _check_attempts(store: Store, round_: int, results: list[Any]) -> None:
    won(results, 1, Conflict(guard=Guard.ATTEMPTS))
    counted = Accounts(store).sign_in_attempts(made_up_person(round_))
    assert (counted.version, counted.failures) == (1, results.index(COMMITTED) + 1)


def _check_code(store: Store, round_: int, results: list[Any]) -> None:
    won(results, 1, Conflict(guard=Guard.ONCE))
    assert Accounts(store).is_spent(f"code-{round_}")


def _replace_hash(store: Store, turn: Turn) -> bool:
    person = made_up_person(turn.round)
    return Accounts(store).replace_password_hash(person, seen="first", encoded=f"hash-{turn.place}")


def _check_hash(store: Store, round_: int, results: list[Any]) -> None:
    assert results.count(True) == 1
    assert Accounts(store).password_hash(made_up_person(round_)) == f"hash-{results.index(True)}"


ACCOUNT_RACES: Final[dict[str, Race]] = {
    "failed sign-ins": Race(SCHEMA, nothing, _warm_account, _fail_sign_in, _check_attempts),
    "a code": Race(
        SCHEMA,
        nothing,
        _warm_account,
        lambda store, turn: Accounts(store).commit([Change(once=(f"code-{turn.round}",))])[0],
        _check_code,
    ),
    "a password": Race(
        SCHEMA,
        lambda store, round_: Accounts(store).set_password_hash(made_up_person(round_), "first"),
        _warm_account,
        _replace_hash,
        _check_hash,
    ),
}
