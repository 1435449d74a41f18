"""The settings of one portal, and the parts of the library that it opens once for its process."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from secrets import token_bytes
from typing import Any, Self

from traffic_booking import BookingDesk, Clerk, NationalId, PersonId, SignInGate
from traffic_booking.adapters.embedded_identity import EmbeddedIdentity
from traffic_booking.adapters.image_captcha import ImageCaptcha
from traffic_booking.web import BrowserSignIn

DEMO_STAFF: Mapping[PersonId, Clerk] = {NationalId("1000000016"): Clerk("counter-1", branches=["riyadh-traffic"])}


class ShiftedClock:
    """A clock that shows `start` when it is made and goes on from there, for a demonstration at another hour."""

    def __init__(self, start: datetime) -> None:
        self._ahead = start - datetime.now(UTC)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The choices of the host. `staff` are the clerks, by the id with which they sign in."""

    database: str = "sqlite:///portal.db"
    secret: bytes = field(default_factory=lambda: token_bytes(32), repr=False)  # the same one for all processes
    https: bool | None = None  # None: the scheme of each request says it
    demo: bool = False
    staff: Mapping[PersonId, Clerk] = field(default_factory=dict, repr=False)
    draw_code: Callable[[], str] | None = None  # a test can't read a picture
    clock: Any = None  # one of the library's port, for a demonstration or a test

    @classmethod
    def from_environment(cls) -> Self:
        """Read DB, SECRET (in hexadecimal), HTTPS=1, DEMO=0, STAFF=0, CODE, and NOW, such as 2026-12-01T06:00Z."""
        given = os.environ
        parts: dict[str, Any] = {"database": given["DB"]} if "DB" in given else {}
        if "SECRET" in given:
            parts["secret"] = bytes.fromhex(given["SECRET"])
        if "CODE" in given:
            parts["draw_code"] = lambda: given["CODE"]
        if "NOW" in given:
            parts["clock"] = ShiftedClock(datetime.fromisoformat(given["NOW"]).astimezone(UTC))
        demo = given.get("DEMO") != "0"
        staff = DEMO_STAFF if demo and given.get("STAFF") != "0" else {}
        return cls(demo=demo, https=given.get("HTTPS") == "1" or None, staff=staff, **parts)


class Portal:
    """The desk, the gate and the accounts of one process; every thread uses them."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        parts: Any = {} if settings.clock is None else {"clock": settings.clock}
        self.desk = BookingDesk.open(settings.database, **parts)
        self.now = self.desk.clock.now
        self.identity = EmbeddedIdentity(self.desk.store, clock=self.desk.clock)
        drawn: Any = {} if settings.draw_code is None else {"draw": settings.draw_code}
        captcha, books = ImageCaptcha(settings.secret, **drawn), self.desk.rulebooks
        own: Any = {"store": self.desk.store, "clock": self.desk.clock}
        gate = SignInGate(**own, rulebook=books, identity=self.identity, captcha=captcha)
        self.sign_in = BrowserSignIn(gate, https=settings.https)
