"""Records of sign-in attempts and of sessions, made of values and decoded to them."""

from datetime import datetime
from json import loads
from typing import Any

from traffic_booking.domain.people.attempts import DeviceAttempts, Failures, ResetCode, SignInAttempts
from traffic_booking.domain.people.identity import PersonId
from traffic_booking.domain.people.sign_in import IssuedSession, Session
from traffic_booking.domain.people.user_names import Account
from traffic_booking.persistence.basic_codecs import (
    decode_instant,
    encode_instant,
    exactly,
    optional,
    rebuilt,
    to_json,
)
from traffic_booking.persistence.decoding import decoded
from traffic_booking.persistence.one_time import hash_of
from traffic_booking.persistence.schema import ATTEMPTS, SESSIONS
from traffic_booking.ports.primitives import Put, Row


def attempts_put(key: str, attempts: SignInAttempts) -> Put:
    """The record of the attempts under one account's name, which replaces that of the version before."""
    devices = {name: _encoded(each) for name, each in attempts.devices.items()}
    body = to_json([_of_failures(attempts.strangers), devices])
    return Put(ATTEMPTS.name, key, attempts.version - 1, (attempts.last_at,), body)


def attempts_of(account: Account, row: Row | None) -> SignInAttempts:
    """The attempts under an account's name; none if there is no record."""
    if row is None:
        return SignInAttempts(account=account)

    def decode(row: Row) -> SignInAttempts:
        strangers, devices = loads(row[-1])
        return SignInAttempts(
            account=account,
            version=row[1],
            strangers=_failures(strangers),
            devices={name: _decoded(each) for name, each in exactly(devices, dict).items()},
        )

    return decoded(ATTEMPTS.name, decode, row)


def session_put(subject: str, issued: IssuedSession) -> Put:
    """The record of a session, which replaces that of the version before."""
    session = issued.session
    columns = (subject, issued.device, session.ends_at)
    body = to_json([encode_instant(session.started_at), issued.generation, issued.ended])
    return Put(SESSIONS.name, hash_of(session.token), issued.version - 1, columns, body)


def session_of(row: Row, applicant: PersonId, token: str, generation: int) -> IssuedSession:
    """The session of a record, of an account whose password was changed `generation` times."""

    def decode(row: Row) -> IssuedSession:
        _, version, _, device, ends_at, body = row
        started_at, of_generation, ended = loads(body)
        session = rebuilt(
            Session,
            applicant=applicant,
            started_at=decode_instant(started_at),
            ends_at=exactly(ends_at, datetime),
            token=token,
        )
        return IssuedSession(
            session=session,
            device=device,
            generation=exactly(of_generation, int),
            version=version,
            ended=exactly(ended, bool) or of_generation != generation,
        )

    return decoded(SESSIONS.name, decode, row)


def generation_of(row: Row) -> int:
    """How often the password had been changed when the session of a record began."""
    generation: int = decoded(SESSIONS.name, lambda row: exactly(loads(row[-1])[1], int), row)
    return generation


def _encoded(attempts: DeviceAttempts) -> list[Any]:
    code = attempts.reset
    reset = None if code is None else [code.hashed, encode_instant(code.issued_at), code.tries]
    return [_of_failures(attempts.failures), reset, optional(encode_instant, attempts.proven_at)]


def _decoded(data: Any) -> DeviceAttempts:
    failures, reset, proven_at = exactly(data, list)
    code = None
    if reset is not None:
        hashed, issued_at, tries = exactly(reset, list)
        code = ResetCode(hashed=exactly(hashed, str), issued_at=decode_instant(issued_at), tries=exactly(tries, int))
    return DeviceAttempts(failures=_failures(failures), reset=code, proven_at=optional(decode_instant, proven_at))


def _of_failures(failures: Failures) -> list[Any]:
    return [failures.count, optional(encode_instant, failures.last_at)]


def _failures(data: Any) -> Failures:
    count, last_at = exactly(data, list)
    return Failures(exactly(count, int), optional(decode_instant, last_at))
