"""Whole systems drawn from a seed: the invariants hold after every turn, and the same seed gives the same run."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path

import pytest

from tests.campaigns.simulations import simulate, simulation_of
from tests.one_slot import without_seat_guard
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.persistence.schema import ANSWERS, PEOPLE
from traffic_booking.ports.collections import Collection
from traffic_booking.ports.primitives import StoreChange, StoreConflict
from traffic_booking.ports.store import Store
from traffic_booking.testing import SimulationError

pytestmark = pytest.mark.long

IN_MEMORY = 20
IN_FILES = 1
SEEDS_OF_A_CONTROL = 20
PRINT_DIGEST = """
from tests.campaigns.simulations import simulation_of
from tests.faults.test_simulation import digest
from traffic_booking.adapters.memory import MemoryStore
print(digest(simulation_of(7).run(MemoryStore())))
"""
ROOT = Path(__file__).resolve().parents[2]


class WithoutSeatGuard(MemoryStore):
    """Broken on purpose: it never checks if there is a seat left."""

    def commit(self, changes: Sequence[StoreChange]) -> Sequence[StoreConflict | None]:
        return super().commit([without_seat_guard(change) for change in changes])


class WithoutPersonStateGuard(MemoryStore):
    """Broken on purpose: it never checks if the person's state has changed."""

    def commit(self, changes: Sequence[StoreChange]) -> Sequence[StoreConflict | None]:
        return super().commit([without_puts(change, PEOPLE) for change in changes])


class WithoutRequests(MemoryStore):
    """Broken on purpose: it keeps no answers."""

    def commit(self, changes: Sequence[StoreChange]) -> Sequence[StoreConflict | None]:
        return super().commit([without_puts(change, ANSWERS) for change in changes])


class SinksBatches(MemoryStore):
    """Broken on purpose: it reports commits that it did not make."""

    def commit(self, changes: Sequence[StoreChange]) -> Sequence[StoreConflict | None]:
        return [*super().commit(changes[:1]), *[None] * len(changes[1:])]


def without_puts(change: StoreChange, collection: Collection) -> StoreChange:
    return change._replace(puts=tuple(put for put in change.puts if put.collection != collection.name))


class GuardsTheFirstStepAlone(MemoryStore):
    """Broken on purpose: of the steps of a pool that a change takes seats in, it guards the first."""

    def commit(self, changes: Sequence[StoreChange]) -> Sequence[StoreConflict | None]:
        loose = zip(changes, map(without_seat_guard, changes), strict=True)
        return super().commit([each._replace(counts=(*was.counts[:1], *each.counts[1:])) for was, each in loose])


def digest(trace: Sequence[str]) -> str:
    return sha256("\n".join(trace).encode()).hexdigest()


def failure(seed: int, open_store: Callable[[], Store], pool: str | None = None) -> SimulationError | None:
    try:
        simulation_of(seed, pool=pool).run(open_store())
    except SimulationError as found:
        return found
    return None


def test_the_invariants_hold_after_every_turn_in_memory():
    found = simulate(lambda _: MemoryStore(), simulations=IN_MEMORY, seed=1)
    assert found["wrong"] == []
    assert found["faults"] > 10 * IN_MEMORY


def test_a_pool_is_found_with_too_many_if_a_store_does_not_guard_all_of_its_steps():
    found = next(filter(None, (failure(seed, GuardsTheFirstStepAlone, "counters") for seed in range(60, 180))), None)
    assert found is not None
    assert any(
        " pool counters " in line and "appointments at once; expected at most 2" in line for line in found.broken
    )
    assert failure(found.seed, MemoryStore, "counters") is None


def test_the_invariants_hold_after_every_turn_in_files(tmp_path):
    found = simulate(lambda place: SqliteStore(tmp_path / f"{place}.db"), simulations=IN_FILES, seed=1)
    assert found["wrong"] == []


def test_the_same_seed_gives_the_same_trace_on_any_store(tmp_path):
    store = SqliteStore(tmp_path / "bookings.db")
    assert simulation_of(7).run(MemoryStore()) == simulation_of(7).run(store)
    store.close()


def test_another_seed_gives_another_trace():
    assert simulation_of(7).run(MemoryStore()) != simulation_of(8).run(MemoryStore())


def test_the_same_seed_gives_the_same_trace_in_another_process():
    output = subprocess.run(
        [sys.executable, "-c", PRINT_DIGEST],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": "1"},
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    assert output == digest(simulation_of(7).run(MemoryStore()))


@pytest.mark.race
@pytest.mark.parametrize("broken", [WithoutSeatGuard, WithoutPersonStateGuard, WithoutRequests, SinksBatches])
def test_a_broken_store_is_found_out_by_some_seed_and_again_by_the_same(broken):
    found = next(filter(None, (failure(seed, broken) for seed in range(SEEDS_OF_A_CONTROL))), None)
    assert found is not None
    assert f"seed {found.seed}" in str(found)
    again = failure(found.seed, broken)
    assert again is not None
    assert (again.broken, again.trace) == (found.broken, found.trace)
