"""The results of all callers of the shipped stores fit into one order; broken stores are found by their histories."""

from itertools import islice

import pytest

from tests import unsound_stores
from tests.one_slot import WithoutSeatGuard
from tests.recorded_histories import (
    RULEBOOK,
    desk_over,
    desks_beside,
    record_in_processes,
    record_with_a_kill,
    workloads,
)
from tests.small_town import START
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.testing.histories.check import HistoryTally, check_history, explain_finding, run_history_campaign
from traffic_booking.testing.histories.linearizability import Linearizable, NotLinearizable

pytestmark = [pytest.mark.long, pytest.mark.race]

IN_MEMORY, IN_FILES, IN_PROCESSES = 200, 20, 20
ENOUGH = 50
"""How many histories of a broken store may be needed until one shows the fault."""

UNSOUND = [
    unsound_stores.WithoutLock,
    unsound_stores.ReleasesTwice,
    unsound_stores.ReadsStale,
    unsound_stores.ForgetsRequests,
    unsound_stores.IgnoresPersonState,
    unsound_stores.AcknowledgesConflicts,
    unsound_stores.KeepsSeatsOfHolds,
]


def campaign(open_store, planned, **options):
    reported: list[HistoryTally] = []
    tally = run_history_campaign(
        lambda clock, seed: desk_over(open_store(seed), clock, seed),
        planned,
        start=START,
        beside=desks_beside,
        progress=reported.append,
        **options,
    )
    assert [each.histories for each in reported] == list(range(1, tally.histories + 1))
    return tally


@pytest.mark.parametrize("clients", [8, 16])
def test_histories_of_the_memory_store_are_linearizable(clients):
    tally = campaign(lambda _: MemoryStore(), workloads(range(IN_MEMORY // 2), operations=64, clients=clients))
    assert tally.faults == ()
    assert (tally.linearizable, tally.operations, tally.unknown) == (IN_MEMORY // 2, IN_MEMORY // 2 * 64, 0)


def test_a_history_of_400_operations_of_16_callers_is_decided():
    tally = campaign(lambda _: MemoryStore(), workloads(range(4), operations=400, clients=16))
    assert (tally.linearizable, tally.faults) == (4, ())


def test_histories_of_threads_on_the_sqlite_store_are_linearizable(tmp_path):
    tally = campaign(
        lambda seed: SqliteStore(tmp_path / f"{seed}.db"), workloads(range(IN_FILES), operations=60, clients=8)
    )
    assert (tally.linearizable, tally.faults) == (IN_FILES, ())


def test_histories_of_processes_on_the_sqlite_store_are_linearizable(tmp_path):
    planned = workloads(range(IN_PROCESSES), operations=60, clients=9)
    for workload, history in zip(planned, record_in_processes(tmp_path, planned, processes=3), strict=True):
        finding = check_history(history, workload.slots, RULEBOOK)
        assert isinstance(finding, Linearizable), explain_finding(history, finding)
        assert len(history.operations) == 60


@pytest.mark.parametrize("seed", range(3))
def test_the_history_of_a_killed_process_and_one_that_goes_on_is_linearizable(tmp_path, seed):
    [workload] = workloads([seed], operations=160, clients=8)
    history, killed = record_with_a_kill(tmp_path, workload, lines=40)
    assert 20 <= len(killed.operations) < 80
    assert any(operation.result is None for operation in killed.operations)
    finding = check_history(history, workload.slots, RULEBOOK)
    assert isinstance(finding, Linearizable), explain_finding(history, finding)


@pytest.mark.parametrize("store", UNSOUND, ids=lambda store: store.__name__)
def test_a_broken_store_is_found_by_its_histories(store):
    tally = campaign(lambda _: store(), workloads(range(ENOUGH), operations=120, clients=8), faults=1)
    assert tally.not_linearizable == 1, f"{tally.histories} histories, {tally.undecided} undecided"
    assert tally.faults[0].startswith(f"seed {tally.histories - 1}: not linearizable")


def test_a_store_that_gives_seats_twice_to_several_processes_is_found_by_its_histories(tmp_path):
    planned = workloads(range(10), operations=120, clients=9)
    histories = record_in_processes(tmp_path, planned, processes=3, opener=WithoutSeatGuard)
    findings = (
        check_history(history, workload.slots, RULEBOOK) for workload, history in zip(planned, histories, strict=True)
    )
    reported = (finding for finding in findings if isinstance(finding, NotLinearizable))
    assert len(list(islice(reported, 1))) == 1
