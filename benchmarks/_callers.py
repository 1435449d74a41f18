"""Callers that ask all at once: threads, tasks of one event loop, and processes. What the benchmarks share.

Only what callers do is measured: what was made beforehand stays out of the garbage collector's rounds meanwhile.
"""

import asyncio
import gc
import os
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from threading import Barrier, Thread
from time import perf_counter
from typing import Any, Final

PATIENCE_SECONDS: Final = 600
"""How long anybody waits for the others, to begin or to end, before all give up."""

Span = tuple[float, float]
"""When work began and ended, on the clock that all processes of a machine share."""
Start = Callable[[], object]
"""Called by whoever is ready; returns once all are."""


def processors() -> int:
    """How many processors this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def seconds_of_threads(call: Callable[[int], object], callers: int) -> float:
    """How long so many threads take, each doing `call` with its own number (0 for the first)."""
    start = Barrier(callers + 1)
    failed: list[BaseException] = []

    def work(caller: int) -> None:
        start.wait(PATIENCE_SECONDS)
        try:
            call(caller)
        except BaseException as error:
            failed.append(error)
            raise

    threads = [Thread(target=work, args=(caller,)) for caller in range(callers)]
    with uncollected():
        for thread in threads:
            thread.start()
        start.wait(PATIENCE_SECONDS)
        began = perf_counter()
        for thread in threads:
            thread.join()
        seats_taken = perf_counter() - began
    if failed:
        raise failed[0]
    return seats_taken


async def span_of_tasks(
    requests: Sequence[Callable[[], Awaitable[object]]], callers: int, start: Start = lambda: None
) -> Span:
    """When so many tasks, each making every so manieth request, began and ended."""

    async def ask_for(caller: int) -> None:
        for request in requests[caller::callers]:
            await request()

    with uncollected():
        start()
        began = perf_counter()
        await asyncio.gather(*map(ask_for, range(callers)))
        return began, perf_counter()


def seconds_of_processes(work: Callable[[int, Start], Span], count: int) -> float:
    """From the first beginning to the last end of `work` in so many processes, each given its own number.

    A process that ends before it has told is an error at once, beside what it wrote itself; none is left behind.
    """
    forked = get_context("fork")
    with ExitStack() as ending:
        lines: list[Connection[Any, Any]] = []
        for place in range(count):
            ours, theirs = forked.Pipe()
            process = forked.Process(target=_in_process, args=(work, place, theirs), daemon=True)
            process.start()
            ending.callback(process.join, PATIENCE_SECONDS)
            ending.callback(process.kill)
            theirs.close()
            lines.append(ours)
        _told(lines)
        for line in lines:
            with suppress(BrokenPipeError):  # of one that has ended already, which is told below
                line.send("begin")
        spans: list[Span] = _told(lines)
    return max(ended for _, ended in spans) - min(began for began, _ in spans)


def _in_process(work: Callable[[int, Start], Span], place: int, line: "Connection[Any, Any]") -> None:
    def start() -> None:
        line.send("ready")
        line.recv()

    line.send(work(place, start))


def _told(lines: "Sequence[Connection[Any, Any]]") -> list[Any]:
    """What each says next, heard as it comes."""
    told: list[Any] = []
    waited_for = list(lines)
    while waited_for:
        heard = wait(waited_for, PATIENCE_SECONDS)
        if not heard:
            raise TimeoutError(f"got nothing from {len(waited_for)} processes in {PATIENCE_SECONDS} s")
        for line in [line for line in waited_for if line in heard]:
            told.append(line.recv())
            waited_for.remove(line)
    return told


@contextmanager
def uncollected() -> Iterator[None]:
    """What has been made so far stays out of the collector's rounds."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
