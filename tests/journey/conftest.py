"""A portal as a host builds it: a desk on an SQLite file with the shipped data, the gate, and a clock to move."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from attrs import field, frozen

from tests.async_desk import DrivenDesk
from traffic_booking import (
    AsyncBookingDesk,
    Booked,
    BookingDesk,
    NationalId,
    PersonId,
    Session,
    SignedIn,
    SignInGate,
    SlotKey,
)
from traffic_booking.adapters.embedded_identity import EmbeddedIdentity
from traffic_booking.adapters.image_captcha import ImageCaptcha, answer
from traffic_booking.testing import MovableClock, made_up_person
from traffic_booking.wiring import open_store

SUNDAY = datetime(2026, 11, 22, 4, tzinfo=UTC)
"""07:00 in Riyadh, an hour before the branches open."""
SHOWN = "482739"
"""The digits in every picture."""


@frozen(kw_only=True)
class Portal:
    """The parts of a host, and an applicant who has an account with it."""

    desk: BookingDesk
    gate: SignInGate
    clock: MovableClock
    applicant: NationalId
    password: str = "كلمة سر طويلة ١٢"
    user_name: str = "سارة.٧"
    browser: str = "browser-1"
    requests: Iterator[int] = field(factory=count)

    def request(self) -> str:
        """A new request id."""
        return f"request-{next(self.requests)}"

    def code(self, typed: str = SHOWN) -> str:
        """The answer to a new visual code of this browser session, with these digits typed."""
        return answer(str(self.gate.challenge(session=self.browser).content["token"]), typed)

    def sign_in(self) -> Session:
        """The session that the right password and a new code open."""
        outcome = self.gate.sign_in(self.applicant, self.password, code=self.code(), session=self.browser)
        assert isinstance(outcome, SignedIn)
        return outcome.session

    def free(self, key: SlotKey) -> int:
        """The number of free seats of a slot that a search shows."""
        found = self.desk.find_slots(
            service=key.service, branch=key.branch, from_=key.starts_at, until=key.starts_at.replace(second=1)
        )
        return sum(slot.free for slot in found)

    def book(self, slot: SlotKey, applicant: PersonId | None = None) -> Booked:
        """The slot, booked."""
        outcome = self.desk.book(slot, applicant=applicant or self.applicant, agreed=True, request_id=self.request())
        assert isinstance(outcome, Booked)
        return outcome


def driven(url: str, clock: MovableClock) -> DrivenDesk:
    """The desk for asyncio at `url`."""
    return DrivenDesk(lambda: AsyncBookingDesk.open(url, clock=clock))


@pytest.fixture(params=["threads", "asyncio"])
def portal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Portal]:
    """A portal that has just opened, on a Sunday morning; also one whose desk is the one for asyncio."""
    clock = MovableClock(SUNDAY)
    url = f"sqlite:///{tmp_path / 'bookings.db'}"
    opened: Any = BookingDesk.open(url, clock=clock) if request.param == "threads" else driven(url, clock)
    with opened as desk, closing(open_store(url)) as accounts:
        identity = EmbeddedIdentity(accounts, hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        applicant = made_up_person(20_261_122)
        assert isinstance(applicant, NationalId)
        made = Portal(
            desk=desk,
            gate=SignInGate(
                store=accounts,
                identity=identity,
                captcha=ImageCaptcha(b"a secret of the host, 32 bytes or more", draw=lambda: SHOWN),
                clock=clock,
                rulebook=desk.rulebook,
            ),
            clock=clock,
            applicant=applicant,
        )
        identity.register(applicant, made.password, user_name=made.user_name)
        yield made


@pytest.fixture
def rules_of() -> Callable[[object], list[str]]:
    """The ids of the rules that refuse; empty for any other outcome."""
    return lambda outcome: [verdict.rule_id for verdict in getattr(outcome, "verdicts", ())]
