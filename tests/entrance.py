"""A gate with its parts, over the stores that ship, for tests of signing in."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import Any

from argon2 import PasswordHasher
from attrs import evolve, frozen

from tests.small_town import START, small_rulebook
from traffic_booking import NotSignedIn, SignedIn, SignInFault, SignInGate
from traffic_booking.adapters.altcha import AltchaCaptcha, solve
from traffic_booking.adapters.embedded_identity import EmbeddedIdentity
from traffic_booking.ports.store import Store
from traffic_booking.testing import MovableClock, made_up_person
from traffic_booking.wiring import open_store

KNOWN, UNKNOWN = made_up_person(1), made_up_person(2)
RIGHT, WRONG = "the right password", "a wrong password"
FAILURES, LOCKED_MINUTES, SESSION_MINUTES = 3, 15, 30
STEP = timedelta(microseconds=1)
WRONG_CREDENTIALS = NotSignedIn(SignInFault.WRONG_CREDENTIALS)


class CountingHasher(PasswordHasher):
    """An Argon2 with hardly any work that counts its verifications."""

    def __init__(self):
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.verified = 0

    def verify(self, hash, password):  # noqa: A002 - the name that argon2 gave it
        self.verified += 1
        return super().verify(hash, password)


@frozen(kw_only=True)
class Entrance:
    """A gate with its parts."""

    gate: SignInGate
    store: Store
    clock: MovableClock
    captcha: AltchaCaptcha
    identity: EmbeddedIdentity
    hasher: CountingHasher

    def with_parts(self, **parts):
        """The same gate with other parts."""
        given: dict[str, Any] = {"store": self.store, "identity": self.identity, "captcha": self.captcha} | parts
        return SignInGate(clock=self.clock, **{"rulebook": small_rulebook()} | given)

    def with_gate(self, **parts):
        """The same parts, with a gate of others."""
        return evolve(self, gate=self.with_parts(**parts))

    def code(self, session="browser"):
        """A fresh code, solved."""
        return solve(self.gate.challenge(session=session))

    def enter(self, person=KNOWN, password=RIGHT, *, code=None, session="browser", device=None):
        """Sign in, with a fresh code unless one is given."""
        code = code or self.code(session)
        return self.gate.sign_in(person, password, code=code, session=session, device=device)

    def session(self, **named):
        """The session of a successful sign-in."""
        outcome = self.enter(**named)
        assert isinstance(outcome, SignedIn)
        return outcome.session


STORES = ("memory", "sqlite")


@contextmanager
def opened(name, tmp_path) -> Iterator[Entrance]:
    """A gate over a new store of that name, in which `KNOWN` alone has an account."""
    url = "memory://" if name == "memory" else f"sqlite:///{tmp_path}/bookings.db"
    with closing(open_store(url)) as store:
        hasher, clock = CountingHasher(), MovableClock(START)
        captcha = AltchaCaptcha("a secret of the host, 32 bytes and more", iterations=1, most_tries=4)
        identity = EmbeddedIdentity(store, hasher=hasher, clock=clock)
        identity.register(KNOWN, RIGHT)
        gate = SignInGate(store=store, identity=identity, captcha=captcha, clock=clock, rulebook=small_rulebook())
        yield Entrance(gate=gate, store=store, clock=clock, captcha=captcha, identity=identity, hasher=hasher)
