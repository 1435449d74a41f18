"""What a race is, and how its rounds are run: every racer reads first, then all of them write at once."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, BrokenBarrierError
from time import monotonic
from typing import Any, Final, NamedTuple, Protocol

from traffic_booking.ports.collections import Schema
from traffic_booking.ports.store import Store
from traffic_booking.testing.racing import PATIENCE_SECONDS, RACERS, THREAD_NAME, switching_often

ROUNDS: Final = 12
MOST_ROUNDS: Final = 96
LONG_ENOUGH_SECONDS: Final = 0.4
"""Threads of one process meet by chance: if a commit takes microseconds, a dozen rounds are too few."""


class Turn(NamedTuple):
    """One racer in one round; `place` counts the racers from 0, and `seen` is what it read before it began."""

    round: int
    place: int
    racers: int
    seen: Any = None


class Race(NamedTuple):
    """Callers who compete for one thing, round after round, each round for another one.

    `prepare` writes what they compete for; `warm` reads it as a caller does before it decides, so that no race is
    decided by whose connection is opened first; `attempt` is what each racer does; `check` has the results of a round.
    """

    schema: Schema
    prepare: Callable[[Store, int], object]
    warm: Callable[[Store, int], object]
    attempt: Callable[[Store, Turn], Any]
    check: Callable[[Store, int, list[Any]], None]
    rounds: int = ROUNDS


class Waiting(Protocol):
    """A barrier of threads or of processes."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait for all the others."""
        ...

    def abort(self) -> None:
        """Let nobody wait any longer."""
        ...


def run_rounds(race: Race, rounds: Sequence[int], store: Store, everyone: Waiting, turn: Turn) -> list[Any]:
    """The result of one racer in each round."""
    results = []
    try:
        for round_ in rounds:
            turn = turn._replace(round=round_, seen=race.warm(store, round_))
            everyone.wait(PATIENCE_SECONDS)
            results.append(race.attempt(store, turn))
    except BaseException:
        everyone.abort()
        raise
    return results


def run_threads(
    race: Race, rounds: Sequence[int], stores: Sequence[Store], everyone: Waiting, turns: Sequence[Turn]
) -> list[list[Any]]:
    """The results of the racers of `turns`, each in a thread of its own, the stores dealt out in turn."""
    with switching_often(), ThreadPoolExecutor(len(turns), thread_name_prefix=THREAD_NAME) as pool:
        running = [
            pool.submit(run_rounds, race, rounds, stores[turn.place % len(stores)], everyone, turn) for turn in turns
        ]
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
        prepare(race, rounds, stores[0])
        check(race, rounds, stores[-1], run_threads(race, rounds, stores, Barrier(RACERS), turns))
        if monotonic() > until:
            break


def prepare(race: Race, rounds: Sequence[int], store: Store) -> None:
    """Prepare every round."""
    for round_ in rounds:
        race.prepare(store, round_)


def check(race: Race, rounds: Sequence[int], store: Store, results: list[list[Any]]) -> None:
    """Compare the results of every round with what it leaves."""
    for round_, of_round in zip(rounds, zip(*results, strict=True), strict=True):
        race.check(store, round_, list(of_round))
