"""The decision on a sign-in: first the code, then the lock, then the password."""

from datetime import datetime, timedelta
from typing import assert_never

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
from traffic_booking.domain.values import frozen


@frozen
class SignInDecision:
    """The outcome of a sign-in, and the change to commit before it is returned."""

    outcome: SignedIn | NotSignedIn
    change: SignInChange


def decide_sign_in(
    rulebook: Rulebook, attempts: SignInAttempts, identity: IdentityAnswer, once: tuple[str, ...], now: datetime
) -> SignInDecision:
    """Sign in, or count the failure. In both cases the change writes `once`, the spent code.

    A locked person id gets the same outcome for any password, with or without an account. The count restarts after a
    lock and after a sign-in.
    """
    locked = rulebook.evaluate(Use.SIGN_IN, attempts, now).refused
    if locked:
        return SignInDecision(NotSignedIn(SignInFault.LOCKED, locked[0].allowed_from), SignInChange(once=once))
    match identity:
        case IdentityAnswer.UNAVAILABLE:
            return SignInDecision(NotSignedIn(SignInFault.IDENTITY_UNAVAILABLE), SignInChange(once=once))
        case IdentityAnswer.REJECTED:
            rule = rulebook["SI-01"]
            failures = 1 if attempts.locked_until is not None else attempts.failures + 1
            failed = SignInAttempts(
                applicant=attempts.applicant,
                version=attempts.version + 1,
                failures=failures,
                failed_at=now,
                locked_until=now + timedelta(minutes=rule["minutes"]) if failures >= rule["failures"] else None,
            )
            return SignInDecision(NotSignedIn(SignInFault.WRONG_CREDENTIALS), SignInChange(once=once, attempts=failed))
        case IdentityAnswer.VERIFIED:
            ends_at = now + timedelta(minutes=rulebook["SI-02"]["minutes"])
            session = Session(applicant=attempts.applicant, started_at=now, ends_at=ends_at)
            cleared = SignInAttempts(applicant=attempts.applicant, version=attempts.version + 1)
            change = SignInChange(once=once, attempts=cleared if attempts.failures else None)
            return SignInDecision(SignedIn(session), change)
        case never:
            assert_never(never)
