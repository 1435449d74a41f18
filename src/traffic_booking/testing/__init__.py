"""What tests of hosts and adapters use: a clock that can be moved, made-up identities, faults, and callers in turn."""

from traffic_booking.testing.clock import MovableClock
from traffic_booking.testing.faulty_store import (
    FaultPlan,
    FaultyStore,
    StoreCall,
    StoreFault,
    faults_at,
    seeded_faults,
)
from traffic_booking.testing.invariants import Limits, Watched, broken_invariants
from traffic_booking.testing.people import made_up_person
from traffic_booking.testing.simulation import Simulation, SimulationError
from traffic_booking.testing.turns import Turns

__all__ = [
    "FaultPlan",
    "FaultyStore",
    "Limits",
    "MovableClock",
    "Simulation",
    "SimulationError",
    "StoreCall",
    "StoreFault",
    "Turns",
    "Watched",
    "broken_invariants",
    "faults_at",
    "made_up_person",
    "seeded_faults",
]
