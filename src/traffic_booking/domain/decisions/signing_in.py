"""The decisions on sign-ins, on sessions, and on resets of passwords."""

from datetime import datetime, timedelta
from typing import Final

from attrs import evolve as copy_with

from traffic_booking.domain.decisions.changes import SignInChange
from traffic_booking.domain.decisions.outcomes import Refused
from traffic_booking.domain.people.attempts import DeviceAttempts, Failures, ResetCode, SignInCase, SignInFacts
from traffic_booking.domain.people.identity import PersonId
from traffic_booking.domain.people.sign_in import (
    IdentityAnswer,
    IssuedSession,
    NotSignedIn,
    PasswordChanged,
    ResetRequested,
    ResumeCase,
    Session,
    SignedIn,
    SignInFault,
)
from traffic_booking.domain.rules.rule import Use
from traffic_booking.domain.rules.rulebook import Rulebook
from traffic_booking.domain.values import frozen

LEAST_RENEWAL: Final = timedelta(minutes=1)
"""A session is renewed if its end moves by this much or more: each renewal is a write."""


@frozen
class SignInDecision:
    """The outcome of an attempt, and the change to commit before it is returned."""

    outcome: SignedIn | ResetRequested | PasswordChanged | NotSignedIn
    change: SignInChange


def decide_sign_in(
    rulebook: Rulebook,
    facts: SignInFacts,
    person: PersonId | None,
    identity: IdentityAnswer,
    now: datetime,
    *,
    token: str,
    once: tuple[str, ...],
) -> SignInDecision:
    """Sign in with a session under `token`, or count the failure. The change always writes `once`, the spent code.

    A locked device gets the same outcome for any password, with or without an account.
    """
    locked = _locked(rulebook, Use.SIGN_IN, facts, now)
    if locked is not None:
        return SignInDecision(locked, SignInChange(once=once))
    if identity is IdentityAnswer.UNAVAILABLE:
        return SignInDecision(NotSignedIn(SignInFault.IDENTITY_UNAVAILABLE), SignInChange(once=once))
    attempts, device = facts.attempts, facts.attempts.of(facts.device)
    if identity is IdentityAnswer.REJECTED or person is None:
        failures = device.failures.and_one(now, of=rulebook["SI-01"]["failures"])
        failed = attempts.followed(now, facts.device, copy_with(device, failures=failures), _strangers(facts, now))
        return SignInDecision(NotSignedIn(SignInFault.WRONG_CREDENTIALS), SignInChange(once=once, attempts=failed))
    life = timedelta(minutes=min(rulebook["SI-02"]["minutes"], rulebook["SI-04"]["minutes"]))
    session = Session(applicant=person, started_at=now, ends_at=now + life, token=token)
    issued = IssuedSession(session=session, device=facts.device, generation=facts.generation)
    cleared = attempts.followed(now, facts.device, DeviceAttempts(), attempts.strangers)
    # A stranger's success guards the count too: of many guesses at once, no more than the rules allow are decided.
    guards = not facts.known or device.failures.count > 0
    return SignInDecision(
        SignedIn(session), SignInChange(once=once, attempts=cleared if guards else None, session=issued)
    )


def decide_reset_request(
    rulebook: Rulebook, facts: SignInFacts, hashed: str, now: datetime, *, once: tuple[str, ...]
) -> SignInDecision:
    """Store a new code of this device, as a hash, in the place of the one before. A stranger's request is counted."""
    locked = _locked(rulebook, Use.REQUEST_RESET, facts, now)
    if locked is not None:
        return SignInDecision(locked, SignInChange(once=once))
    attempts = facts.attempts
    device = copy_with(attempts.of(facts.device), reset=ResetCode(hashed=hashed, issued_at=now))
    requested = attempts.followed(now, facts.device, device, _strangers(facts, now))
    expires_at = now + timedelta(minutes=rulebook["SI-03"]["minutes"])
    return SignInDecision(ResetRequested(expires_at), SignInChange(once=once, attempts=requested))


def decide_reset(rulebook: Rulebook, facts: SignInFacts, now: datetime, *, matches: bool) -> SignInDecision:
    """Use up the code of this device if the typed one `matches` it, else count the wrong try.

    The right code ends every lock of this device, and every other code of the account.
    """
    attempts, device = facts.attempts, facts.attempts.of(facts.device)
    rejected, code = NotSignedIn(SignInFault.RESET_REJECTED), device.reset
    if code is None or rulebook.evaluate(Use.RESET_PASSWORD, code, now).refused:
        return SignInDecision(rejected, SignInChange())
    if not matches:
        tried = copy_with(device, reset=copy_with(code, tries=code.tries + 1))
        counted = attempts.followed(now, facts.device, tried, attempts.strangers)
        return SignInDecision(rejected, SignInChange(attempts=counted))
    proven = copy_with(attempts, devices={}).followed(
        now, facts.device, DeviceAttempts(proven_at=now), attempts.strangers
    )
    return SignInDecision(PasswordChanged(), SignInChange(attempts=proven))


@frozen
class ResumeDecision:
    """The outcome of resuming a session, and the renewed session to store, if any."""

    outcome: SignedIn | Refused
    renewed: IssuedSession | None = None


def decide_resume(
    rulebook: Rulebook, issued: IssuedSession | None, given: Session | None, now: datetime, *, sliding: bool
) -> ResumeDecision:
    """Resume the issued session, renewed if it is `sliding`; refuse a `given` value that was not issued like that."""
    if issued is not None and given is not None and not _was_issued(given, issued.session):
        issued = None
    case = ResumeCase() if issued is None else ResumeCase(session=issued.session, ended=issued.ended)
    refused = rulebook.evaluate(Use.RESUME, case, now).refused
    if issued is None or refused:
        return ResumeDecision(Refused(refused))
    session = issued.session
    last_end = session.started_at + timedelta(minutes=rulebook["SI-04"]["minutes"])
    ends_at = min(now + timedelta(minutes=rulebook["SI-02"]["minutes"]), last_end)
    if not sliding or ends_at - session.ends_at < LEAST_RENEWAL:
        return ResumeDecision(SignedIn(session))
    renewed = copy_with(issued, session=copy_with(session, ends_at=ends_at), version=issued.version + 1)
    return ResumeDecision(SignedIn(renewed.session), renewed)


def _was_issued(given: Session, stored: Session) -> bool:
    """False if somebody changed the value: a session of before a renewal has an earlier end."""
    return (given.applicant, given.started_at) == (stored.applicant, stored.started_at) and (
        given.ends_at <= stored.ends_at
    )


def _strangers(facts: SignInFacts, now: datetime) -> Failures:
    """The count of all strangers after a failure; a known device is none of them."""
    return facts.attempts.strangers if facts.is_known(now) else facts.attempts.strangers.and_one(now)


def _locked(rulebook: Rulebook, use: Use, facts: SignInFacts, now: datetime) -> NotSignedIn | None:
    """The outcome for a device that is locked at `now`."""
    failures = facts.attempts.of(facts.device).failures.at(now)
    case = SignInCase(device=failures, strangers=facts.attempts.strangers.at(now), known=facts.is_known(now))
    refused = rulebook.evaluate(use, case, now).refused
    if not refused:
        return None
    return NotSignedIn(SignInFault.LOCKED, max((v.allowed_from for v in refused if v.allowed_from), default=None))
