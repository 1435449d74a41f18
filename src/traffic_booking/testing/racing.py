"""Callers that compete: threads that start together."""

import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from threading import Barrier
from typing import Final, TypeVar

T = TypeVar("T")

RACERS: Final = 8
PATIENCE_SECONDS: Final = 120.0
THREAD_NAME: Final = "racer"
"""The prefix of the names of competing threads, for adapters that watch their callers."""
SWITCH_SECONDS: Final = 1e-5
"""How long the interpreter runs one thread before it switches to another: far shorter than by default."""


@contextmanager
def switching_often() -> Iterator[None]:
    """Within it, threads take turns so often that a race of a few microseconds is lost sooner or later."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def at_once(tasks: Sequence[Callable[[], T]]) -> list[T]:
    """The result of each task, in their order; each has a thread of its own, and all begin together."""
    everyone = Barrier(len(tasks))

    def started_together(task: Callable[[], T]) -> T:
        everyone.wait(PATIENCE_SECONDS)
        return task()

    with switching_often(), ThreadPoolExecutor(len(tasks), thread_name_prefix=THREAD_NAME) as pool:
        return list(pool.map(started_together, tasks))


def race(task: Callable[[int], T]) -> list[T]:
    """The result of each of eight threads, which get their places from 0 to 7."""
    return at_once([partial(task, place) for place in range(RACERS)])
