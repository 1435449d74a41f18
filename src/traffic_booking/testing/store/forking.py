"""Children that are forked from the process of a store: each reports within a deadline, or is ended."""

import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterable
from select import select
from time import monotonic
from typing import Final

CAN_FORK: Final = hasattr(os, "fork")
DEADLINE_SECONDS: Final = 10.0
LONGEST_REPORT: Final = 4_096


def forked(task: Callable[[], Iterable[str]]) -> str:
    """What `task` reports from a forked child, piece by piece; the child is ended.

    It ends in `hangs` if the task has not ended in time, and is `nothing` if it reported nothing.
    """
    receiving, sending = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of a fork beside threads, which is the point here
        child = os.fork()
    if child == 0:
        _report(task, sending)
    os.close(sending)
    report, until = b"", monotonic() + DEADLINE_SECONDS
    try:
        while True:
            ready, _, _ = select([receiving], [], [], max(0.0, until - monotonic()))
            piece = os.read(receiving, LONGEST_REPORT) if ready else b"hangs"
            report += piece
            if not (ready and piece):
                break
    finally:
        os.close(receiving)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return report.decode() or "nothing"


def _report(task: Callable[[], Iterable[str]], sending: int) -> None:
    """The whole life of a child: nothing of the parent's cleaning up is done in it."""
    sys.setswitchinterval(0.005)
    try:
        for piece in task():
            os.write(sending, piece.encode())
    except BaseException as error:  # noqa: BLE001 - whatever it is, the case shows it
        os.write(sending, f"{type(error).__name__}: {error}".encode()[:LONGEST_REPORT])
    os._exit(0)
