"""Whether somebody is signed in: the code first, then the lock, then the password; and what is written of it."""

from datetime import datetime, timedelta
from typing import assert_never

from attrs import frozen

from traffic_booking.domain.decisions.changes import SignInChange
from traffic_booking.domain.people.sign_in import (
    IdentityAnswer,
    NotSignedIn,
    Session,
    SignedIn,
    SignInAttempts,
    SignInFault,
)
from traffic_booking.domain.rules.rule import Use
from traffic_booking.domain.rules.rulebook import Rulebook


@frozen
class SignInDecision:
    """What to tell, and what to commit before telling it."""

    outcome: SignedIn | NotSignedIn
    change: SignInChange


def decide_sign_in(
    rulebook: Rulebook,
    attempts: SignInAttempts,
    identity: IdentityAnswer,
    once: tuple[str, ...],
    now: datetime,
) -> SignInDecision:
    """Sign in, or count the failure; either way `once` (the spent code) is written by the same change.

    A locked person id gets the same answer whatever the password, and whether or not there is an account. A lock that
    has passed starts the count anew; so does a sign-in.
    """
    locked = rulebook.evaluate(Use.SIGN_IN, attempts, now).refused
    if locked:
        return SignInDecision(NotSignedIn(SignInFault.LOCKED, locked[0].allowed_from), SignInChange(once=once))
    match identity:
        case IdentityAnswer.UNAVAILABLE:
            return SignInDecision(NotSignedIn(SignInFault.IDENTITY_UNAVAILABLE), SignInChange(once=once))
        case IdentityAnswer.REJECTED:
            failed = _after_failure(rulebook, attempts, now)
            return SignInDecision(NotSignedIn(SignInFault.WRONG_CREDENTIALS), SignInChange(once=once, attempts=failed))
        case IdentityAnswer.VERIFIED:
            session = Session(
                applicant=attempts.applicant,
                started_at=now,
                ends_at=now + timedelta(minutes=rulebook["SI-02"]["minutes"]),
            )
            cleared = SignInAttempts(applicant=attempts.applicant, version=attempts.version + 1)
            change = SignInChange(once=once, attempts=cleared if attempts.failures else None)
            return SignInDecision(SignedIn(session), change)
        case never:
            assert_never(never)


def _after_failure(rulebook: Rulebook, attempts: SignInAttempts, now: datetime) -> SignInAttempts:
    rule = rulebook["SI-01"]
    failures = 1 if attempts.locked_until is not None else attempts.failures + 1
    return SignInAttempts(
        applicant=attempts.applicant,
        version=attempts.version + 1,
        failures=failures,
        failed_at=now,
        locked_until=now + timedelta(minutes=rule["minutes"]) if failures >= rule["failures"] else None,
    )
