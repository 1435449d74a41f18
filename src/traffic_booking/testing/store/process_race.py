"""Processes that compete: each opens the store itself. They are started once, and serve all cases of a run."""

import multiprocessing
from collections.abc import Callable
from functools import cache
from typing import Any, Final, NamedTuple

from traffic_booking.testing.racing import PATIENCE_SECONDS
from traffic_booking.testing.store.base import StoreOpener, check_pickles, check_takes_schema, opened
from traffic_booking.testing.store.rounds import Race, Turn, run_threads

PROCESSES: Final = 3
THREADS: Final = 2
"""Of each process."""
CONTEXT: Final = multiprocessing.get_context("spawn")


class Pool(NamedTuple):
    """The processes that compete, the ends of the pipes to them, and the barriers that they share."""

    processes: list[Any]
    pipes: list[Any]
    opening: Any
    everyone: Any

    def end(self) -> None:
        """End the processes, because one of them is not where the others are."""
        for process in self.processes:
            process.kill()
            process.join(PATIENCE_SECONDS)
        for pipe in self.pipes:
            pipe.close()


def race_of_processes(opener: StoreOpener, find: Callable[[], Race], *, awaited: bool) -> list[list[Any]]:
    """The results of six racers in three processes, each of which opens the store for itself.

    `find` returns the race, in each process; it can be pickled.
    """
    check_takes_schema(opener)
    check_pickles(opener)
    pool = _pool()
    try:
        for pipe in pool.pipes:
            pipe.send((opener, find, awaited))
        found = []
        for pipe in pool.pipes:
            assert pipe.poll(PATIENCE_SECONDS), "a racing process reported nothing"
            found.append(pipe.recv())
        reports = [each for each in found if isinstance(each, str)]
        assert not reports, "\n".join(sorted(reports, key=lambda report: report.startswith("BrokenBarrier")))
    except BaseException:
        _pool.cache_clear()
        pool.end()
        raise
    return [results for each in found for results in each]


@cache
def _pool() -> Pool:
    pool = Pool([], [], CONTEXT.Barrier(PROCESSES), CONTEXT.Barrier(PROCESSES * THREADS))
    for place in range(PROCESSES):
        here, there = CONTEXT.Pipe()
        process = CONTEXT.Process(target=_serve, args=(place, there, pool.opening, pool.everyone), daemon=True)
        process.start()
        there.close()
        pool.processes.append(process)
        pool.pipes.append(here)
    return pool


def _serve(place: int, pipe: Any, opening: Any, everyone: Any) -> None:
    """Take part in one race after another."""
    places = range(place * THREADS, (place + 1) * THREADS)
    while True:
        try:
            opener, find, awaited = pipe.recv()
        except EOFError:
            return
        try:
            pipe.send(_raced(opener, find(), places, opening, everyone, awaited=awaited))
        except Exception as error:  # noqa: BLE001 - whatever it is, the case shows it
            opening.abort()
            everyone.abort()
            pipe.send(f"{type(error).__name__}: {error}")


def _raced(
    opener: StoreOpener, race: Race, places: range, opening: Any, everyone: Any, *, awaited: bool
) -> list[list[Any]]:
    opening.wait(PATIENCE_SECONDS)
    store = opened(opener, race.schema, awaited=awaited)
    try:
        turns = [Turn(0, place, PROCESSES * THREADS) for place in places]
        return run_threads(race, range(race.rounds), [store], everyone, turns)
    finally:
        store.close()
