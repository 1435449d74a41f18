"""Races and their rounds, of threads and of processes: every racer reads first, then all of them write at once."""

import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from threading import Barrier, BrokenBarrierError
from time import monotonic
from typing import Any, ClassVar, Final, NamedTuple, Protocol

from traffic_booking.ports.collections import Schema
from traffic_booking.ports.store import Store
from traffic_booking.testing.kit.base import StoreOpener, check_pickles, check_takes_schema, opened
from traffic_booking.testing.kit.sample_schema import SAMPLE
from traffic_booking.testing.racing import PATIENCE_SECONDS, RACERS, THREAD_NAME, switching_often

MOST_ROUNDS: Final = 96
LONG_ENOUGH_SECONDS: Final = 0.4
"""Threads of one process meet by chance: if a commit takes microseconds, a dozen rounds are too few."""


class Turn(NamedTuple):
    """One racer in one round; `place` counts the racers from 0, and `seen` is what it read before it began."""

    round: int
    place: int
    racers: int
    seen: Any = None


class Race:
    """Callers who compete for one thing, round after round, each round for another one; processes can pickle it."""

    name: ClassVar[str]
    schema: ClassVar[Schema] = SAMPLE
    rounds: ClassVar[int] = 12

    def prepare(self, store: Store, number: int) -> None:
        """Write what the racers of that round compete for."""

    def warm(self, store: Store, number: int) -> Any:
        """Read it as a caller does before it decides, so that no round is decided by whose connection opens first."""
        raise NotImplementedError

    def attempt(self, store: Store, turn: Turn) -> Any:
        """Compete, and return the result of this racer."""
        raise NotImplementedError

    def check(self, store: Store, number: int, results: list[Any]) -> None:
        """Compare the results of a round with what is stored."""
        raise NotImplementedError


class Waiting(Protocol):
    """A barrier of threads or of processes."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait for all the others."""
        ...

    def abort(self) -> None:
        """Let nobody wait any longer."""
        ...


def run_threads(
    race: Race, rounds: Sequence[int], stores: Sequence[Store], everyone: Waiting, turns: Sequence[Turn]
) -> list[list[Any]]:
    """The results of the racers of `turns`, each in a thread of its own, the stores dealt out in turn."""

    def run(turn: Turn) -> list[Any]:
        store, results = stores[turn.place % len(stores)], []
        try:
            for number in rounds:
                seen = race.warm(store, number)
                everyone.wait(PATIENCE_SECONDS)
                results.append(race.attempt(store, turn._replace(round=number, seen=seen)))
        except BaseException:
            everyone.abort()
            raise
        return results

    with switching_often(), ThreadPoolExecutor(len(turns), thread_name_prefix=THREAD_NAME) as pool:
        running = [pool.submit(run, turn) for turn in turns]
    errors = [each.exception() for each in running]
    for error in sorted((each for each in errors if each), key=lambda each: isinstance(each, BrokenBarrierError)):
        raise error
    return [each.result() for each in running]


def race_on(race: Race, stores: Sequence[Store]) -> None:
    """Eight threads on the handles of one store; a store in which a round is over soon has to run more of them."""
    turns = [Turn(0, place, RACERS) for place in range(RACERS)]
    until = monotonic() + LONG_ENOUGH_SECONDS
    for first in range(0, MOST_ROUNDS, race.rounds):
        rounds = range(first, first + race.rounds)
        for number in rounds:
            race.prepare(stores[0], number)
        check(race, rounds, stores[-1], run_threads(race, rounds, stores, Barrier(RACERS), turns))
        if monotonic() > until:
            break


def check(race: Race, rounds: Sequence[int], store: Store, results: list[list[Any]]) -> None:
    """Compare the results of every round with the state of the store."""
    for number, of_round in zip(rounds, zip(*results, strict=True), strict=True):
        race.check(store, number, list(of_round))


PROCESSES: Final = 3
THREADS: Final = 2  # of each process
CONTEXT: Final = multiprocessing.get_context("spawn")


class RacePool(NamedTuple):
    """The processes that compete, the ends of the pipes to them, and the barriers that they share."""

    processes: list[Any]
    pipes: list[Any]
    opening: Any
    everyone: Any

    def end(self) -> None:
        """End the processes, because one of them is not in step with the others."""
        for process in self.processes:
            process.kill()
            process.join(PATIENCE_SECONDS)
        for pipe in self.pipes:
            pipe.close()


def race_of_processes(opener: StoreOpener, race: Race, *, is_async: bool) -> list[list[Any]]:
    """The results of six racers in three processes, each of which opens the store for itself."""
    check_takes_schema(opener)
    check_pickles(opener)
    pool = _pool()
    try:
        for pipe in pool.pipes:
            pipe.send((opener, race, is_async))
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
def _pool() -> RacePool:
    pool = RacePool([], [], CONTEXT.Barrier(PROCESSES), CONTEXT.Barrier(PROCESSES * THREADS))
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
            opener, race, is_async = pipe.recv()
        except EOFError:
            return
        try:
            pipe.send(_raced(opener, race, places, opening, everyone, is_async=is_async))
        except Exception as error:  # noqa: BLE001 - the case shows it, whatever it is
            opening.abort()
            everyone.abort()
            pipe.send(f"{type(error).__name__}: {error}")


def _raced(
    opener: StoreOpener, race: Race, places: range, opening: Any, everyone: Any, *, is_async: bool
) -> list[list[Any]]:
    opening.wait(PATIENCE_SECONDS)
    store = opened(opener, race.schema, is_async=is_async)
    try:
        turns = [Turn(0, place, PROCESSES * THREADS) for place in places]
        return run_threads(race, range(race.rounds), [store], everyone, turns)
    finally:
        store.close()
