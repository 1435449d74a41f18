"""The reference portal behind a clock that tests move, on a port of this machine, for browsers and HTTP clients."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import uvicorn
from attrs import frozen

from examples.portal.app import portal_app
from examples.portal.settings import DEMO_STAFF, Settings
from traffic_booking import BookingDesk
from traffic_booking.testing import MovableClock

RIYADH: Final = ZoneInfo("Asia/Riyadh")
NOW: Final = datetime(2026, 11, 22, 7, tzinfo=RIYADH)
"""A Sunday, an hour before the branches open."""
CODE: Final = "472983"
"""The digits of every visual code: a test can't read a picture."""
PHONE: Final[dict[str, Any]] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESKTOP: Final[dict[str, Any]] = {"viewport": {"width": 1280, "height": 900}}
BRANCH, SERVICE = "riyadh-traffic", "licence-renewal"


@frozen
class Host:
    """A portal that runs: its address, its clock, and another desk on its bookings."""

    address: str
    clock: MovableClock
    desk: BookingDesk

    def advance(self, **by: float) -> None:
        """Move the clock of the portal, such as `advance(minutes=11)`."""
        self.clock.advance(timedelta(**by))


@contextmanager
def portal_host(folder: Path, now: datetime = NOW) -> Iterator[Host]:
    """Serve a portal with demo data from a new database in `folder`."""
    clock, database = MovableClock(now), f"sqlite:///{folder / 'portal.db'}"
    settings = Settings(
        database=database, secret=b"s" * 32, demo=True, staff=DEMO_STAFF, draw_code=lambda: CODE, clock=clock
    )
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(portal_app(settings), log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    with BookingDesk.open(database, clock=clock) as desk:
        try:
            yield Host(f"http://127.0.0.1:{listening.getsockname()[1]}", clock, desk)
        finally:
            server.should_exit = True
            thread.join(timeout=30)
            listening.close()
