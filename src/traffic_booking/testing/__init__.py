"""What tests of hosts and adapters use.

A clock that stands still until it is moved, and made-up identities; a store with planted faults, callers in turn, and
simulations of both; histories, recorded from a desk in use and checked for being linearizable.
"""

from traffic_booking.testing.booking_specification import BookingSpecification
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
from traffic_booking.testing.people import made_up_person
from traffic_booking.testing.recorder import Recorder
from traffic_booking.testing.simulation import Simulation, SimulationError
from traffic_booking.testing.turns import Turns

__all__ = [
    "BookingSpecification",
    "ExpireHolds",
    "FaultPlan",
    "FaultyStore",
    "History",
    "HistoryTally",
    "HistoryWorkload",
    "HoldsEnded",
    "Limits",
    "Linearizable",
    "MovableClock",
    "NotLinearizable",
    "Operation",
    "Recorder",
    "Simulation",
    "SimulationError",
    "Specification",
    "StoreCall",
    "StoreFault",
    "Turns",
    "Undecided",
    "Watched",
    "broken_invariants",
    "check_history",
    "check_linearizable",
    "explain_finding",
    "faults_at",
    "load_history",
    "made_up_person",
    "record_history",
    "run_history_campaign",
    "save_history",
    "seeded_faults",
]
