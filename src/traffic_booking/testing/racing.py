"""Callers that compete: threads that start together."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Final, TypeVar

T = TypeVar("T")

RACERS: Final = 8
PATIENCE_SECONDS: Final = 120.0
THREAD_NAME: Final = "racer"
"""How the names of competing threads begin, for adapters that watch who calls them."""


def at_once(tasks: Sequence[Callable[[], T]]) -> list[T]:
    """What each task gave, in their order; each has a thread of its own, and none begins before all can."""
    everyone = Barrier(len(tasks))

    def started_together(task: Callable[[], T]) -> T:
        everyone.wait(PATIENCE_SECONDS)
        return task()

    with ThreadPoolExecutor(len(tasks), thread_name_prefix=THREAD_NAME) as pool:
        return list(pool.map(started_together, tasks))


def race(task: Callable[[int], T]) -> list[T]:
    """What each of eight threads was told, each with its place from 0 to 7."""
    return at_once([partial(task, place) for place in range(RACERS)])
