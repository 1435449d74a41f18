"""Processes that compete: each opens the store itself, all at once."""

import multiprocessing
from collections.abc import Callable
from functools import partial
from multiprocessing.queues import Queue
from typing import Any, Final

from traffic_booking.ports.store import Store
from traffic_booking.testing.racing import PATIENCE_SECONDS, at_once
from traffic_booking.testing.store.base import StoreOpener, opened

Task = Callable[[Store, int], Any]
"""What one caller does with the store, told its place among all callers: a function of a module."""

PROCESSES: Final = 3
CONTEXT: Final = multiprocessing.get_context("spawn")


def race_of_processes(opener: StoreOpener, task: Task, *, awaited: bool, threads: int) -> list[Any]:
    """What each of several processes, with that many threads each, was told by the store that it opened itself."""
    everyone = CONTEXT.Barrier(PROCESSES)
    told: Queue[Any] = CONTEXT.Queue()
    places = [range(start * threads, (start + 1) * threads) for start in range(PROCESSES)]
    racers = [
        CONTEXT.Process(target=_race_in_process, args=(opener, awaited, task, each, everyone, told), daemon=True)
        for each in places
    ]
    for racer in racers:
        racer.start()
    found: list[Any] = [told.get(timeout=PATIENCE_SECONDS) for _ in racers]
    for racer in racers:
        racer.join(PATIENCE_SECONDS)
        racer.close()
    for each in found:
        assert isinstance(each, list), each
    return [result for each in found for result in each]


def _race_in_process(
    opener: StoreOpener,
    awaited: bool,  # noqa: FBT001 - passed on as it came
    task: Task,
    places: range,
    everyone: Any,
    told: "Queue[Any]",
) -> None:
    try:
        everyone.wait(PATIENCE_SECONDS)
        store = opened(opener, awaited=awaited)
        everyone.wait(PATIENCE_SECONDS)
        told.put(at_once([partial(task, store, place) for place in places]))
        store.close()
    except Exception as error:  # noqa: BLE001 - whatever it is, the case shows it
        told.put(f"{type(error).__name__}: {error}")
