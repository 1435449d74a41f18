"""What tests of hosts and adapters use: a clock that stands still until it is moved, and made-up identities."""

from traffic_booking.testing.clock import MovableClock
from traffic_booking.testing.people import made_up_person

__all__ = ["MovableClock", "made_up_person"]
