"""Callers that start at once: threads, tasks of one event loop, and processes. The benchmarks share them.

Only the work of the callers is measured: the garbage collector skips the objects that were made beforehand.
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
"""How long each caller waits for the others, to begin or to end, before all give up."""

Span = tuple[float, float]
"""When the work began and ended, on the clock that all processes of a machine share."""
Start = Callable[[], object]
"""Each caller calls it as soon as it is ready; it returns once all are ready."""


def processors() -> int:
    """How many processors this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def seconds_of_threads(call: Callable[[int], object], callers: int) -> float:
    """How long so many threads take; each runs `call` with its own number (0 for the first)."""
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
        took = perf_counter() - began
    if failed:
        raise failed[0]
    return took


async def span_of_tasks(
    requests: Sequence[Callable[[], Awaitable[object]]], callers: int, start: Start = lambda: None
) -> Span:
    """When so many tasks began and ended; the requests are shared out to them in turn."""

    async def call(caller: int) -> None:
        for request in requests[caller::callers]:
            await request()

    with uncollected():
        start()
        began = perf_counter()
        await asyncio.gather(*map(call, range(callers)))
        return began, perf_counter()


def seconds_of_processes(work: Callable[[int, Start], Span], count: int) -> float:
    """The seconds from the first beginning to the last end of `work` in so many processes, each with its own number.

    A process that ends before it has sent its span is an error at once. All processes are ended.
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
        _received(lines)
        for line in lines:
            with suppress(BrokenPipeError):  # of one that has ended already: reported below
                line.send("begin")
        spans: list[Span] = _received(lines)
    return max(ended for _, ended in spans) - min(began for began, _ in spans)


def _in_process(work: Callable[[int, Start], Span], place: int, line: "Connection[Any, Any]") -> None:
    def start() -> None:
        line.send("ready")
        line.recv()

    line.send(work(place, start))


def _received(lines: "Sequence[Connection[Any, Any]]") -> list[Any]:
    """The next message of each line, in the order in which they come."""
    messages: list[Any] = []
    waited_for = list(lines)
    while waited_for:
        ready = wait(waited_for, PATIENCE_SECONDS)
        if not ready:
            raise TimeoutError(f"got nothing from {len(waited_for)} processes in {PATIENCE_SECONDS} s")
        for line in [line for line in waited_for if line in ready]:
            messages.append(line.recv())
            waited_for.remove(line)
    return messages


@contextmanager
def uncollected() -> Iterator[None]:
    """Within it, the garbage collector skips all objects made so far."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
