"""Histories of real stores: desks and workloads over a few crowded slots, from threads and from processes."""

import multiprocessing
from ctypes import c_int64
from datetime import timedelta
from multiprocessing.sharedctypes import RawValue
from pathlib import Path
from time import monotonic_ns
from typing import Any

from attrs import frozen

from tests.calendars import PLAIN
from tests.cases import slot_key
from tests.one_slot import PATIENCE_SECONDS
from tests.small_town import RETENTION, START, small_catalogue, small_rulebook
from traffic_booking.adapters.numbering import RandomNumbering
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.application._sync.desk import Desk
from traffic_booking.application.parts import DeskParts
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.schedule.branch_calendars import BranchCalendars
from traffic_booking.testing.histories.files import load_history
from traffic_booking.testing.histories.history import History
from traffic_booking.testing.histories.recorder import Recorder
from traffic_booking.testing.histories.workload import HistoryWorkload, run_callers

CONTEXT = multiprocessing.get_context("spawn")
RULEBOOK = small_rulebook(AT_03={"minutes": 24 * 60, "early_minutes": 15})
CONFIGURATIONS = [
    Configuration(small_catalogue(capacity=capacity, pool=pool), RULEBOOK, BranchCalendars(PLAIN))
    for pool in (None, "counters")
    for capacity in (1, 2)
]
KEYS = [
    slot_key(branch, service, START + timedelta(minutes=minutes))
    for branch, service, minutes in [
        ("north", "renewal", 330),
        ("north", "renewal", 345),
        ("north", "transfer", 340),
        ("south", "transfer", 300),
        ("south", "renewal", 300),
    ]
]
SLOTS = [tuple(slot for key in KEYS if (slot := configuration.slot(key))) for configuration in CONFIGURATIONS]
"""With one seat each, and with two; then with so many for all services of a branch."""


def workloads(seeds, *, operations, clients):
    return [
        HistoryWorkload(
            seed=seed, slots=SLOTS[seed % len(SLOTS)], operations=operations, clients=clients, check_ins=True
        )
        for seed in seeds
    ]


def desk_over(store, clock, seed):
    """A desk whose slots, or pools, have one seat or two, depending on the seed."""
    return Desk(
        DeskParts(
            store=store,
            clock=clock,
            catalogue=CONFIGURATIONS[seed % len(CONFIGURATIONS)].catalogue,
            rulebook=RULEBOOK,
            calendar=PLAIN,
            numbering=RandomNumbering(),
            tickets={},
            retention=RETENTION,
        )
    )


def desks_beside(desk):
    """Three more desks over the same store, so that it has callers at once."""
    [seed] = [place for place, each in enumerate(CONFIGURATIONS) if each.catalogue is desk.catalogue]
    return [desk_over(desk.store, desk.clock, seed) for _ in range(3)]


class SharedClock:
    """A clock that several processes move and read without a lock, so that a killed process blocks no other."""

    def __init__(self, value):
        self._value = value

    def now(self):
        return START + timedelta(microseconds=self._value.value)

    def move_to(self, moment):
        self._value.value = (moment - START) // timedelta(microseconds=1)


@frozen
class Round:
    """One history of several processes: a file of its own, a clock, a workload."""

    folder: Path
    workload: HistoryWorkload
    clock: Any

    def journal(self, process):
        return self.folder / f"{process}.jsonl"

    def journals(self):
        return sorted(self.folder.glob("*.jsonl"))


def new_rounds(folder, planned):
    rounds = []
    for number, workload in enumerate(planned):
        place = folder / str(number)
        place.mkdir()
        SqliteStore(place / "bookings.db").close()
        rounds.append(Round(place, workload, RawValue(c_int64, 0)))
    return rounds


def take_part(process, processes, rounds, everyone, opener):
    """Run this process's clients in one round after another, all processes at once."""
    for each in rounds:
        clock, seed = SharedClock(each.clock), each.workload.seed
        with (
            desk_over(opener(each.folder / "bookings.db"), clock, seed) as desk,
            Recorder(desk, clock=clock, name=f"p{process}", journal=each.journal(process)) as recorder,
        ):
            everyone.wait(PATIENCE_SECONDS)
            run_callers([recorder], clock, each.workload, range(process, each.workload.clients, processes))


def record_in_processes(folder, planned, *, processes, opener=SqliteStore):
    """The histories of these workloads, each shared out to that many processes."""
    rounds = new_rounds(folder, planned)
    everyone = CONTEXT.Barrier(processes)
    started = [
        CONTEXT.Process(target=take_part, args=(process, processes, rounds, everyone, opener), daemon=True)
        for process in range(processes)
    ]
    for process in started:
        process.start()
    for process in started:
        process.join(PATIENCE_SECONDS)
        assert process.exitcode == 0
        process.close()
    return [load_history(*each.journals()) for each in rounds]


def record_with_a_kill(folder, workload, *, lines):
    """The history of a workload shared by two processes, and the part of the second, killed after that many lines."""
    [only] = new_rounds(folder, [workload])
    everyone = CONTEXT.Barrier(2)
    stays, dies = (
        CONTEXT.Process(target=take_part, args=(process, 2, [only], everyone, SqliteStore), daemon=True)
        for process in range(2)
    )
    stays.start()
    dies.start()
    while dies.is_alive() and _lines(only.journal(1)) < lines:
        dies.join(0.001)
    dies.kill()
    dies.join(PATIENCE_SECONDS)
    gone, latest = monotonic_ns(), SharedClock(only.clock).now()
    stays.join(PATIENCE_SECONDS)
    assert stays.exitcode == 0
    killed = load_history(only.journal(1)).over_by(gone, latest)
    return History.merged([killed, load_history(only.journal(0))]), killed


def _lines(path):
    return path.read_bytes().count(b"\n") if path.exists() else 0
