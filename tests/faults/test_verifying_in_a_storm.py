"""A store is verified while its callers compete: no false alarm, and a broken store is found."""

from threading import Event, Thread

import pytest

from tests.recorded_histories import desk_over, desks_beside, workloads
from tests.small_town import START
from tests.unsound_stores import IgnoresPersonState, ReleasesTwice
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.application._sync import verifying
from traffic_booking.ports.primitives import EntriesOfStreams
from traffic_booking.testing import MovableClock, record_history

pytestmark = [pytest.mark.long, pytest.mark.race]

STORMS = 2
ROUNDS = 5
"""How often the broken store gets its storms: whether a commit comes between two reads depends on the machine."""
FEW = 3
"""Pages so small that traffic always comes between them."""
COMMITS_BETWEEN = 3
PATIENCE = 0.2
"""Seconds after which no further commit is expected: the storm is over."""


def verified_in_storms(opened, *, storms=STORMS, operations=240):
    """The findings during storms, each over a store of its own, and after each storm."""
    during, after = [], []
    for workload in workloads(range(storms), operations=operations, clients=8):
        clock = MovableClock(START)
        with desk_over(opened(workload.seed), clock, workload.seed) as desk:
            over = Event()

            def verify(desk=desk, over=over):
                while not over.is_set():
                    during.append(desk.audit.verify())

            auditor = Thread(target=verify)
            auditor.start()
            try:
                record_history(desk, clock, workload, beside=desks_beside(desk))
            finally:
                over.set()
                auditor.join()
            after.append(desk.audit.verify())
    return during, after


@pytest.mark.parametrize("store", ["memory", "sqlite"])
def test_a_sound_store_gives_no_false_alarm_in_a_storm(store, tmp_path, monkeypatch):
    monkeypatch.setattr(verifying, "PAGE", FEW)
    during, after = verified_in_storms(
        lambda seed: MemoryStore() if store == "memory" else SqliteStore(tmp_path / f"{seed}.db")
    )
    assert [report.broken for report in during if not report] == []
    assert sum(0 < report.appointments < after[-1].appointments for report in during) >= STORMS
    assert all(after)
    assert all(report.appointments > 3 for report in after)


class ReadsPagesInTwoSteps(SqliteStore):
    """Broken on purpose: a page's appointments and their events are of two snapshots, with commits in between."""

    def __init__(self, path):
        super().__init__(path)
        self._committed = Event()

    def commit(self, changes):
        results = super().commit(changes)
        self._committed.set()
        return results

    def read(self, queries):
        of_log = [isinstance(each, EntriesOfStreams) for each in queries]
        if all(of_log) or not any(of_log):
            return super().read(queries)
        records = iter(super().read([each for each, is_log in zip(queries, of_log, strict=True) if not is_log]))
        for _ in range(COMMITS_BETWEEN):
            self._committed.clear()
            self._committed.wait(timeout=PATIENCE)
        entries = iter(super().read([each for each in queries if isinstance(each, EntriesOfStreams)]))
        return [next(entries if is_log else records) for is_log in of_log]


def test_a_store_whose_pages_are_of_two_moments_gives_false_alarms_in_a_storm(tmp_path):
    for round_ in range(ROUNDS):
        during, after = verified_in_storms(
            lambda seed, round_=round_: ReadsPagesInTwoSteps(tmp_path / f"{round_}-{seed}.db")
        )
        assert all(after)
        if not all(during):
            return
    pytest.fail(f"no false alarm in {ROUNDS * STORMS} storms")


@pytest.mark.parametrize(("store", "invariant"), [(IgnoresPersonState, "person-states"), (ReleasesTwice, "seats")])
def test_the_faults_of_a_broken_store_in_a_storm_are_found_after_it(store, invariant):
    _, after = verified_in_storms(lambda _: store())
    assert invariant in {broken.invariant for report in after for broken in report.broken}
