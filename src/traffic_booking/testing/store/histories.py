"""Callers who get into each other's way at several desks over one store: what they get fits into one order."""

from datetime import datetime, timedelta
from typing import Final

from traffic_booking.domain.audit.invariants import Invariant
from traffic_booking.ports.store import Store
from traffic_booking.testing.clock import MovableClock
from traffic_booking.testing.history_check import check_history, explain_finding
from traffic_booking.testing.history_workload import HistoryWorkload, record_history
from traffic_booking.testing.linearizability import Linearizable
from traffic_booking.testing.sample_changes import START
from traffic_booking.testing.sample_desk import sample_desk, sample_slots
from traffic_booking.testing.store.base import StoreCases

HISTORIES: Final = 6
OPERATIONS: Final = 100
CLIENTS: Final = 8
PEOPLE: Final = 6
DESKS: Final = 4


class HistoryCases(StoreCases):
    """Histories one after another, each in a week and about people of its own; in the end the store is verified.

    But for what people were granted beside each other: that is what a history shows. Verifying takes the clocks of
    desks to be a minute apart at most; here the clock jumps by up to six while requests are under way, and one that was
    begun before may be written after what others did at the later time.
    """

    def test_what_callers_get_fits_into_one_order_and_all_of_it_is_stored(self, shipped: Store) -> None:
        for seed in range(HISTORIES):
            _meet(shipped, seed, START + timedelta(weeks=seed))
        audit = sample_desk(shipped, MovableClock(START)).verify()
        broken = [each for each in audit.broken if each.invariant is not Invariant.LIMITS]
        assert broken == [], "\n".join(map(str, broken))


def _meet(store: Store, seed: int, start: datetime) -> None:
    """Have callers meet at several desks, and check what they get."""
    clock, seats = MovableClock(start), 1 + seed % 2
    desks = [sample_desk(store, clock, capacity=seats, seed=DESKS * seed + place) for place in range(DESKS)]
    workload = HistoryWorkload(
        seed=seed,
        slots=sample_slots(desks[0], start + timedelta(hours=6)),
        operations=OPERATIONS,
        clients=CLIENTS,
        people=PEOPLE,
        first_person=PEOPLE * seed,
        check_ins=True,
    )
    history = record_history(desks[0], clock, workload, beside=desks[1:])
    finding = check_history(history, workload.slots, desks[0].rulebook)
    assert isinstance(finding, Linearizable), explain_finding(history, finding)
    assert [each for each in history.operations if each.told is None] == []
    clock.move_to(start + timedelta(days=1))
    desks[0].expire_holds(limit=1_000)  # those that are left would be swept in the next history
