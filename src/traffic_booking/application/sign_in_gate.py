"""The gate of the embedded sign-in: the visual code, the password, sessions, and resets of passwords.

A host with its own sign-in leaves the gate out and passes the applicant to the desk.
"""

from collections.abc import Callable
from typing import Final, assert_never

from attrs import evolve as copy_with

from traffic_booking.application.pending_requests import ATTEMPTS
from traffic_booking.domain.decisions.changes import Committed, Conflict, Guard, SignInChange
from traffic_booking.domain.decisions.outcomes import Refused
from traffic_booking.domain.decisions.signing_in import (
    SignInDecision,
    decide_reset,
    decide_reset_request,
    decide_resume,
    decide_sign_in,
)
from traffic_booking.domain.errors import InvalidInput, StoreContended
from traffic_booking.domain.instants import instant
from traffic_booking.domain.people.attempts import SignInFacts
from traffic_booking.domain.people.captcha import (
    CaptchaPassed,
    CaptchaRejected,
    CaptchaRejection,
    CaptchaUnavailable,
    Challenge,
)
from traffic_booking.domain.people.identity import PersonId, checked_person
from traffic_booking.domain.people.sign_in import (
    NotSignedIn,
    PasswordChanged,
    ResetRequested,
    Session,
    SignedIn,
    SignInFault,
)
from traffic_booking.domain.people.user_names import Account, UserName, account_of
from traffic_booking.domain.rules.rulebook import Rulebook, Rulebooks, rulebooks
from traffic_booking.domain.text_input import cleaned, compact, plain_text, visible_ascii
from traffic_booking.domain.value_input import is_a, remade, truth, with_methods
from traffic_booking.persistence.one_time import hash_of, is_reset_code, new_reset_code, new_token, reset_hash
from traffic_booking.persistence.persons import PseudonymKeys
from traffic_booking.persistence.sign_ins import SignIns
from traffic_booking.ports.captcha import Captcha
from traffic_booking.ports.clock import Clock
from traffic_booking.ports.identity import IdentityProvider, ResettableIdentity
from traffic_booking.ports.reset_channel import ResetChannel
from traffic_booking.ports.store import Store

PURPOSE: Final = "sign-in"
"""The purpose of this gate's codes."""

_LONGEST_TYPED: Final = 64
"""Of tokens and reset codes, in characters; both are shorter."""
_RESETS: Final = ("has_account", "check_password", "set_password")


class SignInGate:
    """Signs people in: code, lock, password, in one commit. May be used by several threads at once.

    Args:
        store: the desk's store, in which attempts and sessions are recorded.
        identity: checks passwords; for resets it is a `ResettableIdentity`.
        captcha: makes and checks the visual codes.
        clock: the desk's clock.
        rulebook: the figures of SI-01 to SI-06.
        pseudonym_key: the key of the desk, if it has one.
        sliding: `resume` renews a session, until the end that SI-04 sets.
        reset_channel: sends the codes with which a password is reset; None: passwords can't be reset.
    """

    def __init__(
        self,
        *,
        store: Store,
        identity: IdentityProvider,
        captcha: Captcha,
        clock: Clock,
        rulebook: Rulebook | Rulebooks,
        pseudonym_key: PseudonymKeys = None,
        sliding: bool = False,
        reset_channel: ResetChannel | None = None,
    ) -> None:
        with_methods(store, "store", "commit", "read")
        self._clock = with_methods(clock, "clock", "now")
        self._sign_ins = SignIns(store, lambda: instant(clock.now()), pseudonym_key)
        self._identity = with_methods(identity, "identity", "verify")
        self._captcha = with_methods(captcha, "captcha", "issue", "verify")
        self._rulebooks = rulebooks(rulebook)
        self._sliding = truth(sliding, "sliding")
        self._channel = reset_channel
        if reset_channel is not None:
            with_methods(reset_channel, "reset_channel", "send")
            with_methods(identity, "identity", *_RESETS)

    def challenge(self, *, session: str) -> Challenge:
        """A visual code to show in the browser session that the host calls `session`.

        Example: `challenge = gate.challenge(session=browser_session)`.

        Raises:
            InvalidInput: `session` is not 1 to 128 visible ASCII characters.
        """
        return self._captcha.issue(session=session, purpose=PURPOSE, now=instant(self._clock.now()))

    def sign_in(
        self, applicant: PersonId | UserName | str, password: str, *, code: str, session: str, device: str | None = None
    ) -> SignedIn | NotSignedIn:
        """Sign in with a password and the answer to a challenge of this browser session.

        An unknown id, an unknown user name and a wrong password get the same answer after the same work. The code is
        spent in each case. Example: `result = gate.sign_in(typed, password, code=code, session=browser_session)`.

        Args:
            applicant: an id, or typed text: a user name, or the digits of an id.
            password: as typed.
            code: the answer to the challenge.
            session: the host's name of the browser session that got the challenge.
            device: a random name that the host keeps in a long-lived cookie of the browser; `session` if left out. A
                device that has signed in is never locked by the failures of others.

        Raises:
            InvalidInput: `applicant` is neither an id nor a possible user name; the password is no text; `session` or
                `device` is not 1 to 128 visible ASCII characters.
            StoreContended: Other attempts for the same id were committed in between, again and again.
        """
        account, device = account_of(applicant), _device(session if device is None else device)
        password = plain_text(password, "password")
        once = self._once(code, session)
        if isinstance(once, NotSignedIn):
            return once
        person = self._person(account)
        holder, token = person or account, new_token()
        before = self._sign_ins.facts(holder, device)
        identity = self._identity.verify(person, password)

        def decide(facts: SignInFacts) -> SignInDecision:
            # The password was checked before, so the session belongs to the password of then.
            checked = copy_with(facts, generation=before.generation)
            now = instant(self._clock.now())
            return decide_sign_in(self._rulebooks.at(now), checked, person, identity, now, token=token, once=(once,))

        outcome = self._decided(holder, device, before, decide)
        assert isinstance(outcome, SignedIn | NotSignedIn)
        return outcome

    def request_reset(
        self, applicant: PersonId | UserName | str, *, code: str, session: str, device: str | None = None
    ) -> ResetRequested | NotSignedIn:
        """Send a code to the person of the account, for `reset_password` in this browser.

        The answer is the same whether or not there is an account. The arguments and errors are those of `sign_in`.
        Example: `result = gate.request_reset(typed, code=code, session=browser_session)`.

        Raises:
            InvalidInput: The gate has no `reset_channel`; or as `sign_in`.
            StoreContended: As `sign_in`.
        """
        identity, channel = self._resets()
        account, device = account_of(applicant), _device(session if device is None else device)
        once = self._once(code, session)
        if isinstance(once, NotSignedIn):
            return once
        person = self._person(account)
        holder, reset_code = person or account, new_reset_code()
        hashed = reset_hash(reset_code)

        def decide(facts: SignInFacts) -> SignInDecision:
            now = instant(self._clock.now())
            return decide_reset_request(self._rulebooks.at(now), facts, hashed, now, once=(once,))

        outcome = self._decided(holder, device, self._sign_ins.facts(holder, device), decide)
        if isinstance(outcome, ResetRequested) and person is not None and identity.has_account(person):
            channel.send(person, reset_code, outcome.expires_at)
        assert isinstance(outcome, ResetRequested | NotSignedIn)
        return outcome

    def reset_password(
        self,
        applicant: PersonId | UserName | str,
        reset_code: str,
        new_password: str,
        *,
        session: str,
        device: str | None = None,
    ) -> PasswordChanged | NotSignedIn:
        """Give the account a new password, with the code that this browser asked for; all sessions end.

        The right code is used up, and ends the locks of this device. Without an account, every code is a wrong one.
        Example: `result = gate.reset_password(typed, typed_code, new_password, session=browser_session)`.

        Raises:
            InvalidInput: The new password is refused, which uses up nothing; the gate has no `reset_channel`; or as
                `sign_in`.
            StoreContended: As `sign_in`.
        """
        identity, _ = self._resets()
        account, device = account_of(applicant), _device(session if device is None else device)
        reset_code = plain_text(reset_code, "reset code")
        identity.check_password(new_password)
        person = self._person(account)
        holder, typed = person or account, compact(_typed(reset_code))
        has_account = person is not None and identity.has_account(person)

        def decide(facts: SignInFacts) -> SignInDecision:
            sent = facts.attempts.of(facts.device).reset
            matches = is_reset_code(typed, None if sent is None else sent.hashed) and has_account
            now = instant(self._clock.now())
            return decide_reset(self._rulebooks.at(now), facts, now, matches=matches)

        outcome = self._decided(holder, device, self._sign_ins.facts(holder, device), decide)
        if isinstance(outcome, PasswordChanged) and person is not None:
            identity.set_password(person, new_password)
            self._sign_ins.end_sessions(person)
        assert isinstance(outcome, PasswordChanged | NotSignedIn)
        return outcome

    def resume(self, session: Session | str) -> SignedIn | Refused:
        """The session again while it is live; refused, with the rules, once it has ended or if it was not issued here.

        Pass the token from the browser's cookie, or the session. With `sliding`, the returned session ends later.
        Example: `result = gate.resume(token)`.

        Raises:
            InvalidInput: `session` is neither; or no version of the rulebook is in force.
            StoreContended: Other requests renewed the session in between, again and again.
        """
        token = _token(session)
        given = remade("session", lambda: copy_with(session)) if is_a(session, Session) else None
        for _ in range(ATTEMPTS):
            now = instant(self._clock.now())
            issued = self._sign_ins.issued(token)
            decision = decide_resume(self._rulebooks.at(now), issued, given, now, sliding=self._sliding)
            if decision.renewed is None or self._is_committed(SignInChange(session=decision.renewed)):
                return decision.outcome
        raise _contended()

    def sign_out(self, session: Session | str) -> None:
        """End the session; nothing happens if it has ended or was not issued here.

        Example: `gate.sign_out(token)`.

        Raises:
            InvalidInput: `session` is neither a session nor a token.
            StoreContended: Other requests renewed the session in between, again and again.
        """
        token = _token(session)
        for _ in range(ATTEMPTS):
            issued = self._sign_ins.issued(token)
            if issued is None or issued.ended:
                return
            ended = copy_with(issued, ended=True, version=issued.version + 1)
            if self._is_committed(SignInChange(session=ended)):
                return
        raise _contended()

    def sign_out_everywhere(self, applicant: PersonId) -> None:
        """End all sessions of a person: for a provider of your own, after each change of a password.

        Example: `gate.sign_out_everywhere(me)`.

        Raises:
            InvalidInput: `applicant` is no id.
        """
        self._sign_ins.end_sessions(checked_person(applicant, "applicant"))

    def _once(self, code: str, session: str) -> str | NotSignedIn:
        """The name under which the code is spent, or the outcome without one. No work is done for a used code."""
        checked = self._captcha.verify(code, session=session, purpose=PURPOSE, now=instant(self._clock.now()))
        match checked:
            case CaptchaUnavailable():
                return NotSignedIn(SignInFault.CODE_UNAVAILABLE)
            case CaptchaRejected(once=str(once)):
                is_first = self._is_committed(SignInChange(once=(once,)))  # a wrong guess uses the code up
                return NotSignedIn(SignInFault.CODE_REJECTED if is_first else SignInFault.CODE_USED)
            case CaptchaRejected(CaptchaRejection.EXPIRED):
                return NotSignedIn(SignInFault.CODE_EXPIRED)
            case CaptchaRejected():
                return NotSignedIn(SignInFault.CODE_REJECTED)
            case CaptchaPassed(once):
                return NotSignedIn(SignInFault.CODE_USED) if self._sign_ins.is_spent(once) else once
            case never:
                assert_never(never)

    def _decided(
        self, account: Account, device: str, facts: SignInFacts, decide: Callable[[SignInFacts], SignInDecision]
    ) -> SignedIn | ResetRequested | PasswordChanged | NotSignedIn:
        """The outcome of the attempt, once its change is committed; decided again if a newer attempt came first."""
        for _ in range(ATTEMPTS):
            decision = decide(facts)
            match self._sign_ins.commit([decision.change])[0]:
                case Committed():
                    return decision.outcome
                case Conflict(guard=Guard.ONCE):
                    return NotSignedIn(SignInFault.CODE_USED)
                case _:
                    facts = self._sign_ins.facts(account, device)
        raise _contended()

    def _is_committed(self, change: SignInChange) -> bool:
        return isinstance(self._sign_ins.commit([change])[0], Committed)

    def _person(self, account: Account) -> PersonId | None:
        return self._identity.person_of(account) if isinstance(account, UserName) else account

    def _resets(self) -> tuple[ResettableIdentity, ResetChannel]:
        """The parts that reset passwords."""
        if self._channel is None:
            raise InvalidInput("password reset", got="no channel for reset codes", expected="a service that sends them")
        return self._identity, self._channel  # type: ignore[return-value] # the constructor has checked it


def _device(name: str) -> str:
    """A hash of the device's name, which is a secret of the browser."""
    return hash_of(visible_ascii(name, "device"))


def _token(session: object) -> str:
    """The token of a session. Other text was not issued either, so it needs no check."""
    given = remade("session", lambda: session.token) if is_a(session, Session) else session
    return _typed(plain_text(given, "session", "a Session or its token"))


def _typed(text: str) -> str:
    """A token or a reset code, cleaned; nothing for longer text, which is neither."""
    clean = cleaned(text) if len(text) <= 2 * _LONGEST_TYPED else ""
    return clean if len(clean) <= _LONGEST_TYPED else ""


def _contended() -> StoreContended:
    tried = f"sign-in: got a conflict with a newer attempt {ATTEMPTS} times"
    return StoreContended(f"{tried}; expected an attempt without one, try again")
