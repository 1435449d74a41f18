"""The gate of the embedded sign-in: the verification code, the password, and sessions.

A host with its own sign-in leaves the gate out and passes the applicant to the desk.
"""

from typing import Final, assert_never

from traffic_booking.application.pending_requests import ATTEMPTS
from traffic_booking.domain.decisions.changes import Committed, Conflict, Guard, SignInChange
from traffic_booking.domain.decisions.outcomes import Refused
from traffic_booking.domain.decisions.signing_in import decide_sign_in
from traffic_booking.domain.errors import StoreContended
from traffic_booking.domain.instants import instant
from traffic_booking.domain.people.captcha import (
    CaptchaPassed,
    CaptchaRejected,
    CaptchaRejection,
    CaptchaUnavailable,
    Challenge,
)
from traffic_booking.domain.people.identity import PersonId
from traffic_booking.domain.people.sign_in import NotSignedIn, Session, SignedIn, SignInFault
from traffic_booking.domain.rules.rule import Use
from traffic_booking.domain.rules.rulebook import Rulebook, Rulebooks, rulebooks
from traffic_booking.persistence.accounts import Accounts
from traffic_booking.persistence.persons import PseudonymKeys
from traffic_booking.ports.captcha import Captcha
from traffic_booking.ports.clock import Clock
from traffic_booking.ports.identity import IdentityProvider
from traffic_booking.ports.store import Store

PURPOSE: Final = "sign-in"
"""The purpose of this gate's codes."""


class SignInGate:
    """Signs people in: code, lock, password, in one commit. May be used by several threads at once."""

    def __init__(
        self,
        *,
        store: Store,
        identity: IdentityProvider,
        captcha: Captcha,
        clock: Clock,
        rulebook: Rulebook | Rulebooks,
        pseudonym_key: PseudonymKeys = None,
    ) -> None:
        self._accounts = Accounts(store, lambda: instant(clock.now()), pseudonym_key)
        self._identity = identity
        self._captcha = captcha
        self._clock = clock
        self._rulebooks = rulebooks(rulebook)

    def challenge(self, *, session: str) -> Challenge:
        """A verification code to show in the browser session that the host calls `session`.

        Example: `challenge = gate.challenge(session=browser_session)`.

        Raises:
            InvalidInput: `session` is not 1 to 128 visible ASCII characters.
        """
        return self._captcha.issue(session=session, purpose=PURPOSE, now=instant(self._clock.now()))

    def sign_in(self, applicant: PersonId, password: str, *, code: str, session: str) -> SignedIn | NotSignedIn:
        """Sign in with a password and the answer to a challenge of this browser session.

        An unknown id and a wrong password get the same answer after the same work. The code is spent either way.
        Example: `result = gate.sign_in(me, password, code=code, session=browser_session)`.

        Raises:
            InvalidInput: `session` is not 1 to 128 visible ASCII characters.
            StoreContended: Other attempts for the same id were committed in between, again and again.
        """
        checked = self._captcha.verify(code, session=session, purpose=PURPOSE, now=instant(self._clock.now()))
        match checked:
            case CaptchaUnavailable():
                return NotSignedIn(SignInFault.CODE_UNAVAILABLE)
            case CaptchaRejected(once=str(once)):
                return NotSignedIn(SignInFault.CODE_REJECTED if self._spend(once) else SignInFault.CODE_USED)
            case CaptchaRejected(CaptchaRejection.EXPIRED):
                return NotSignedIn(SignInFault.CODE_EXPIRED)
            case CaptchaRejected():
                return NotSignedIn(SignInFault.CODE_REJECTED)
            case CaptchaPassed(once):
                return self._with_code(applicant, password, once)
            case never:
                assert_never(never)

    def resume(self, session: Session) -> SignedIn | Refused:
        """The session again while it is live; refused, with the rule, once it has ended.

        Example: `result = gate.resume(signed_in.session)`.

        Raises:
            InvalidInput: No version of the rulebook is in force.
        """
        now = instant(self._clock.now())
        refused = self._rulebooks.at(now).evaluate(Use.RESUME, session, now).refused
        return Refused(refused) if refused else SignedIn(session)

    def _spend(self, once: str) -> bool:
        """Spend the code of a wrong guess; False if it was spent before."""
        return isinstance(self._accounts.commit([SignInChange(once=(once,))])[0], Committed)

    def _with_code(self, applicant: PersonId, password: str, once: str) -> SignedIn | NotSignedIn:
        if self._accounts.is_spent(once):  # first: no password work is done for a used code
            return NotSignedIn(SignInFault.CODE_USED)
        identity = self._identity.verify(applicant, password)
        for _ in range(ATTEMPTS):
            attempts = self._accounts.sign_in_attempts(applicant)
            now = instant(self._clock.now())
            decision = decide_sign_in(self._rulebooks.at(now), attempts, identity, (once,), now)
            match self._accounts.commit([decision.change])[0]:
                case Committed():
                    return decision.outcome
                case Conflict(guard=Guard.ONCE):
                    return NotSignedIn(SignInFault.CODE_USED)
                case _:
                    continue
        tried = f"sign-in: got a conflict with a newer attempt {ATTEMPTS} times"
        raise StoreContended(f"{tried}; expected an attempt without one, sign in again")
