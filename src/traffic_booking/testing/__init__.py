"""What tests of hosts and adapters use.

A clock that stands still until it is moved, made-up identities, a store with planted faults, callers in turn and
simulations of both, histories (recorded from a desk in use, and checked for being linearizable), and the conformance
suite of each port. The suites are pytest classes and need `pip install 'traffic-booking[testing]'`; everything else
needs nothing. Load the plugin `traffic_booking.testing.reporting` to see, and keep, how an adapter did.
"""

from importlib import import_module
from sys import modules
from typing import TYPE_CHECKING, Any, Final

from traffic_booking.domain.errors import MissingExtra
from traffic_booking.testing.booking_specification import BookingSpecification
from traffic_booking.testing.capabilities import Capability
from traffic_booking.testing.clock import MovableClock
from traffic_booking.testing.faulty_store import FaultPlan, FaultyStore, StoreCall, StoreFault, faults_at, seeded_faults
from traffic_booking.testing.histories import ExpireHolds, History, HoldsEnded, Operation
from traffic_booking.testing.history_campaign import HistoryTally, run_history_campaign
from traffic_booking.testing.history_check import check_history, explain_finding
from traffic_booking.testing.history_files import load_history, save_history
from traffic_booking.testing.history_workload import HistoryWorkload, record_history
from traffic_booking.testing.invariants import Limits, Watched, broken_invariants
from traffic_booking.testing.linearizability import (
    Linearizable,
    NotLinearizable,
    Specification,
    Undecided,
    check_linearizable,
)
from traffic_booking.testing.people import made_up_applicant, made_up_person
from traffic_booking.testing.recorder import Recorder
from traffic_booking.testing.simulation import Simulation, SimulationError
from traffic_booking.testing.turns import Turns

if TYPE_CHECKING:
    from traffic_booking.testing.captcha_suite import CaptchaConformance
    from traffic_booking.testing.clock_suite import ClockConformance
    from traffic_booking.testing.identity_suite import IdentityConformance
    from traffic_booking.testing.numbering_suite import NumberingConformance
    from traffic_booking.testing.store import StoreConformance
    from traffic_booking.testing.ticket_suite import TicketConformance

__all__ = [
    "BookingSpecification",
    "Capability",
    "CaptchaConformance",
    "ClockConformance",
    "ExpireHolds",
    "FaultPlan",
    "FaultyStore",
    "History",
    "HistoryTally",
    "HistoryWorkload",
    "HoldsEnded",
    "IdentityConformance",
    "Limits",
    "Linearizable",
    "MovableClock",
    "NotLinearizable",
    "NumberingConformance",
    "Operation",
    "Recorder",
    "Simulation",
    "SimulationError",
    "Specification",
    "StoreCall",
    "StoreConformance",
    "StoreFault",
    "TicketConformance",
    "Turns",
    "Undecided",
    "Watched",
    "broken_invariants",
    "check_history",
    "check_linearizable",
    "explain_finding",
    "faults_at",
    "load_history",
    "made_up_applicant",
    "made_up_person",
    "record_history",
    "run_history_campaign",
    "save_history",
    "seeded_faults",
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
