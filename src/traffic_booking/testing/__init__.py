"""What tests of hosts and adapters use: a clock to move, made-up identities, and the conformance suite of each port.

The suites are pytest classes and need `pip install 'traffic-booking[testing]'`; clock and identities need nothing. Load
the plugin `traffic_booking.testing.reporting` to see, and keep, how an adapter did.
"""

from importlib import import_module
from sys import modules
from typing import TYPE_CHECKING, Any, Final

from traffic_booking.domain.errors import MissingExtra
from traffic_booking.testing.capabilities import Capability
from traffic_booking.testing.clock import MovableClock
from traffic_booking.testing.people import made_up_person

if TYPE_CHECKING:
    from traffic_booking.testing.captcha_suite import CaptchaConformance
    from traffic_booking.testing.clock_suite import ClockConformance
    from traffic_booking.testing.identity_suite import IdentityConformance
    from traffic_booking.testing.numbering_suite import NumberingConformance
    from traffic_booking.testing.store import StoreConformance
    from traffic_booking.testing.ticket_suite import TicketConformance

__all__ = [
    "Capability",
    "CaptchaConformance",
    "ClockConformance",
    "IdentityConformance",
    "MovableClock",
    "NumberingConformance",
    "StoreConformance",
    "TicketConformance",
    "made_up_person",
]

_SUITES: Final = {
    "CaptchaConformance": "captcha_suite",
    "ClockConformance": "clock_suite",
    "IdentityConformance": "identity_suite",
    "NumberingConformance": "numbering_suite",
    "StoreConformance": "store",
    "TicketConformance": "ticket_suite",
}


def __getattr__(name: str) -> Any:
    """A suite, imported when it is asked for, so that nobody else needs pytest."""
    if name not in _SUITES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        pytest = import_module("pytest")
        import_module("hypothesis")
    except ImportError as missing:
        raise MissingExtra("the conformance kit", "testing") from missing
    module = f"{__name__}.{_SUITES[name]}"
    if module not in modules:
        pytest.register_assert_rewrite(module)  # so that a failed case shows what was compared
    return getattr(import_module(module), name)
