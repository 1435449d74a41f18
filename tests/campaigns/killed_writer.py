"""The process that kills are tried on: it stands ready, and forks a writer as often as it is told to.

Each line of standard input is an order: the store and its file, the seed, the requests to send and how many threads
send them. What happens is told on standard output, a line at a time, each written at once and whole: `started` with the
process id, `told` with the serial and the answer of a request that was acknowledged, `skipped` for one that can't be
sent yet, `wrong`, and `ended` once the writer is dead.
"""

import json
import os
import signal
import sys
from collections import deque
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from threading import Thread
from typing import Any, Final

from tests.campaigns.workload import NothingThereError, Request, busy_desk, now_at, requests_of
from traffic_booking.adapters.sqlite import SqliteStore, connections
from traffic_booking.application._sync.desk import Desk
from traffic_booking.persistence import OUTCOME
from traffic_booking.ports.primitives import StoreChange, StoreConflict
from traffic_booking.testing import MovableClock

COMMITS_BETWEEN_CHECKPOINTS = 7
"""Writers that don't live for long checkpoint oftener than others, so that kills meet checkpoints too."""


class AcknowledgesFirst(SqliteStore):
    """Broken on purpose: what it has acknowledged it writes when the next changes come."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._later: list[StoreChange] = []

    def commit(self, changes: Sequence[StoreChange]) -> Sequence[StoreConflict | None]:
        super().commit(self._later)
        self._later = list(changes)
        return [None] * len(changes)


STORES: Final = {store.__name__: store for store in (SqliteStore, AcknowledgesFirst)}


def tell(*words: Any) -> None:
    """Say one thing on standard output, in one write, so that half of it is never heard."""
    os.write(1, (json.dumps(words) + "\n").encode())


def write_until_killed(store: SqliteStore, requests: list[Request], threads: int) -> None:
    """Send the requests from several threads, each telling of its own what was acknowledged."""
    desk = busy_desk(store)
    assert isinstance(desk.clock, MovableClock)
    desk.clock.move_to(now_at(requests[0]))
    waiting = deque(requests)
    senders = [Thread(target=send, args=(desk, waiting)) for _ in range(threads)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()


def send(desk: Desk, waiting: deque[Request]) -> None:
    """Send what is waiting, until nothing is."""
    while waiting:
        try:
            request = waiting.popleft()
        except IndexError:
            return
        try:
            tell("told", request.serial, OUTCOME.text(request.send(desk)))
        except NothingThereError:  # what it is about was not sent yet, or is under way
            tell("skipped", request.serial)
        except Exception as error:  # noqa: BLE001 - whatever it is, the campaign shows it
            tell("wrong", f"{request.request_id}: {type(error).__name__}: {error}")


def main() -> None:
    """Obey each order in a fork of its own."""
    known_requests = cache(requests_of)
    for line in sys.stdin:
        order = json.loads(line)
        requests = known_requests(order["seed"], order["until"])
        child = os.fork()
        if not child:
            signal.alarm(order["patience_seconds"])
            try:
                vars(connections)["COMMITS_BETWEEN_CHECKPOINTS"] = COMMITS_BETWEEN_CHECKPOINTS
                store = STORES[order["store"]](Path(order["path"]))
                write_until_killed(store, [requests[each] for each in order["send"]], order["threads"])
            except Exception as error:  # noqa: BLE001 - whatever it is, the campaign shows it
                tell("wrong", f"{type(error).__name__}: {error}")
            signal.pause()
        tell("started", child)
        os.waitpid(child, 0)
        tell("ended")


if __name__ == "__main__":
    main()
