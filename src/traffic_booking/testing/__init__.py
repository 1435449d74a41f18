"""Helpers for tests of hosts and adapters.

- a clock that stands still until it is moved, and made-up identities;
- a store with faults, callers in turn, and simulations of both;
- histories: recorded from a desk in use, and checked for being linearizable;
- the conformance suite of each port.

The suites are pytest classes and need `pip install 'traffic-booking[testing]'`; everything else needs nothing. Load the
plugin `traffic_booking.testing.reporting` to get a report on each adapter.
"""

from importlib import import_module
from sys import modules
from typing import TYPE_CHECKING, Any

from traffic_booking.domain.errors import MissingExtra
from traffic_booking.testing.histories.booking_specification import BookingSpecification
from traffic_booking.testing.histories.check import HistoryTally, check_history, explain_finding, run_history_campaign
from traffic_booking.testing.histories.files import load_history, save_history
from traffic_booking.testing.histories.history import ExpireHolds, History, HoldsEnded, Operation
from traffic_booking.testing.histories.linearizability import (
    Linearizable,
    NotLinearizable,
    Specification,
    Undecided,
    check_linearizable,
)
from traffic_booking.testing.histories.recorder import Recorder
from traffic_booking.testing.histories.workload import HistoryWorkload, record_history
from traffic_booking.testing.kit.capabilities import Capability
from traffic_booking.testing.samples.people import MovableClock, made_up_applicant, made_up_person
from traffic_booking.testing.simulation.faulty_store import (
    FaultPlan,
    FaultyStore,
    StoreCall,
    StoreFault,
    faults_at,
    seeded_faults,
)
from traffic_booking.testing.simulation.invariants import Limits, Watched, broken_invariants
from traffic_booking.testing.simulation.simulation import Simulation, SimulationError
from traffic_booking.testing.simulation.turns import Turns

if TYPE_CHECKING:
    from traffic_booking.testing.kit.captcha_suite import CaptchaConformance
    from traffic_booking.testing.kit.clock_suite import ClockConformance
    from traffic_booking.testing.kit.identity_suite import IdentityConformance
    from traffic_booking.testing.kit.numbering_suite import NumberingConformance
    from traffic_booking.testing.kit.observer_suite import ObserverConformance
    from traffic_booking.testing.kit.signer_suite import SignerConformance
    from traffic_booking.testing.kit.store_suite import StoreConformance
    from traffic_booking.testing.kit.ticket_suite import TicketConformance

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
    "ObserverConformance",
    "Operation",
    "Recorder",
    "SignerConformance",
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


def __getattr__(name: str) -> Any:
    """A suite, imported at its first use, so that nobody else needs pytest."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        pytest = import_module("pytest")
        import_module("hypothesis")
    except ImportError as missing:
        raise MissingExtra("the conformance kit", "testing") from missing
    module = f"{__name__}.kit.{name.removesuffix('Conformance').lower()}_suite"
    if module not in modules:
        pytest.register_assert_rewrite(module)  # so that a failed case shows both values
    return getattr(import_module(module), name)
