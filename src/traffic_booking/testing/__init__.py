"""What tests of hosts and adapters use.

A clock that stands still until it is moved, made-up identities, and histories: recorded from a desk in use, and checked
for being linearizable.
"""

from traffic_booking.testing.booking_specification import BookingSpecification
from traffic_booking.testing.clock import MovableClock
from traffic_booking.testing.histories import ExpireHolds, History, HoldsEnded, Operation
from traffic_booking.testing.history_campaign import HistoryTally, run_history_campaign
from traffic_booking.testing.history_check import check_history, explain_finding
from traffic_booking.testing.history_files import load_history, save_history
from traffic_booking.testing.history_workload import HistoryWorkload, record_history
from traffic_booking.testing.linearizability import (
    Linearizable,
    NotLinearizable,
    Specification,
    Undecided,
    check_linearizable,
)
from traffic_booking.testing.people import made_up_person
from traffic_booking.testing.recorder import Recorder

__all__ = [
    "BookingSpecification",
    "ExpireHolds",
    "History",
    "HistoryTally",
    "HistoryWorkload",
    "HoldsEnded",
    "Linearizable",
    "MovableClock",
    "NotLinearizable",
    "Operation",
    "Recorder",
    "Specification",
    "Undecided",
    "check_history",
    "check_linearizable",
    "explain_finding",
    "load_history",
    "made_up_person",
    "record_history",
    "run_history_campaign",
    "save_history",
]
