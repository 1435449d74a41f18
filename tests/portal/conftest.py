"""The reference portal over a store in memory, on a working morning that stands still until a test moves it."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from argon2 import PasswordHasher
from starlette.applications import Starlette

from examples.portal import settings
from examples.portal.app import portal_app
from examples.portal.demo import ACCOUNTS
from examples.portal.settings import DEMO_STAFF, Portal, Settings
from tests.portal.visitor import CODE, PASSWORD, Visitor
from traffic_booking import BookingDesk
from traffic_booking.adapters.embedded_identity import EmbeddedIdentity
from traffic_booking.testing import MovableClock

PLACE: dict[str, Any] = {"branch": "riyadh-traffic", "service": "licence-renewal"}


@pytest.fixture(scope="session")
def shared() -> dict[str, Any]:
    """One catalogue and rulebook for all tests: reading them takes most of the time of opening a desk."""
    with BookingDesk.open("memory://") as desk:
        return {"catalogue": desk.catalogue, "rulebook": desk.rulebooks}


@pytest.fixture(scope="session")
def morning():
    """A little after the first slot of a working day."""
    with BookingDesk.open("memory://") as desk:
        next_week = desk.clock.now() + timedelta(days=7)
        day = desk.find_slots(**PLACE, from_=next_week, limit=1)[0].day
        return desk.find_slots(**PLACE, day=day, limit=1)[0].starts_at + timedelta(minutes=5)


@pytest.fixture
def clock(morning) -> MovableClock:
    return MovableClock(morning)


@pytest.fixture
def app(clock, shared) -> Iterator[Starlette]:
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "EmbeddedIdentity", partial(EmbeddedIdentity, hasher=cheap))
        patch.setattr(BookingDesk, "open", partial(BookingDesk.open, **shared))
        made = portal_app(
            Settings(database="memory://", secret=b"portal" * 6, staff=DEMO_STAFF, draw_code=lambda: CODE, clock=clock)
        )
    for person, name in ACCOUNTS.items():
        made.state.portal.identity.register(person, PASSWORD, user_name=name)
    yield made
    made.state.portal.sign_in.close()
    made.state.portal.desk.close()


@pytest.fixture
def portal(app) -> Portal:
    made: Portal = app.state.portal
    return made


@pytest.fixture
def sara(app) -> Visitor:
    """A citizen who is signed in, in Arabic."""
    visitor = Visitor(app)
    visitor.sign_in("sara")
    return visitor


@pytest.fixture
def omar(app) -> Visitor:
    """A resident who is signed in, in English."""
    visitor = Visitor(app, "en")
    visitor.sign_in("omar")
    return visitor


@pytest.fixture
def clerk(app) -> Visitor:
    visitor = Visitor(app)
    visitor.sign_in("clerk")
    return visitor
