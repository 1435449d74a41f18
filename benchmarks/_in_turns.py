"""Measures contenders next to each other, and prints the results. The benchmarks share it."""

import json
import sys
from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any


def seconds_in_turns(
    contenders: Mapping[str, Callable[[int], object]], turns: int, clock: Callable[[], float] = perf_counter
) -> dict[str, list[float]]:
    """The seconds that each contender takes in each turn; it gets the turn's number (0 for the first).

    All have the same disk and the same clock speed; the contender that goes first changes from turn to turn.
    """
    times: dict[str, list[float]] = {name: [] for name in contenders}
    order = list(contenders.items())
    for turn in range(turns):
        for name, work in order if turn % 2 else reversed(order):
            start = clock()
            work(turn)
            times[name].append(clock() - start)
    return times


def show(found: Mapping[str, Any], *, as_json: bool, width: int = 20) -> None:
    """Print the results: as JSON alone, or a line each."""
    if as_json:
        json.dump(found, sys.stdout)
        print()
        return
    for name, value in found.items():
        print(f"{name:>{width}}  {value}")
