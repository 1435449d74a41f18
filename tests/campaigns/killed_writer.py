"""The process for campaigns of kills: it forks a writer for each order that it gets.

Each line of standard input is an order: the store and its file, the seed, the requests to send and how many threads
send them. Each line of standard output is a report, written at once and whole:

- `started`, with the process id
- `acknowledged`, with the serial and the answer of a request
- `skipped`, for a request that can't be sent yet
- `wrong`
- `ended`, once the writer is dead
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
from traffic_booking.persistence.codecs import OUTCOME
from traffic_booking.ports.primitives import StoreChange, StoreConflict
from traffic_booking.testing import MovableClock

COMMITS_BETWEEN_CHECKPOINTS = 7
"""Writers with a short life checkpoint more often than others, so that kills occur during checkpoints too."""


class AcknowledgesFirst(SqliteStore):
    """Broken on purpose: it writes acknowledged changes only when the next changes come."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._later: list[StoreChange] = []

    def commit(self, changes: Sequence[StoreChange]) -> Sequence[StoreConflict | None]:
        super().commit(self._later)
        self._later = list(changes)
        return [None] * len(changes)


STORES: Final = {store.__name__: store for store in (SqliteStore, AcknowledgesFirst)}


def report(*words: Any) -> None:
    """Print one report on standard output, in one write, so that it is never cut in half."""
    os.write(1, (json.dumps(words) + "\n").encode())


def write_until_killed(store: SqliteStore, requests: list[Request], threads: int) -> None:
    """Send the requests from several threads; each thread reports its acknowledged requests."""
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
    """Send the waiting requests until none is left."""
    while waiting:
        try:
            request = waiting.popleft()
        except IndexError:
            return
        try:
            report("acknowledged", request.serial, OUTCOME.text(request.send(desk)))
        except NothingThereError:  # its appointment was not requested yet, or the request is under way
            report("skipped", request.serial)
        except Exception as error:  # noqa: BLE001 - whatever it is, the campaign shows it
            report("wrong", f"{request.request_id}: {type(error).__name__}: {error}")


def main() -> None:
    """Obey each order in a fork of its own."""
    known_requests = cache(requests_of)
    for line in sys.stdin:
        order = json.loads(line)
        requests = known_requests(order["seed"], order["until"])
        child = os.fork()
        if not child:
            report("started", os.getpid())
            signal.alarm(order["patience_seconds"])
            try:
                vars(connections)["COMMITS_BETWEEN_CHECKPOINTS"] = COMMITS_BETWEEN_CHECKPOINTS
                store = STORES[order["store"]](Path(order["path"]))
                write_until_killed(store, [requests[each] for each in order["send"]], order["threads"])
            except Exception as error:  # noqa: BLE001 - whatever it is, the campaign shows it
                report("wrong", f"{type(error).__name__}: {error}")
            signal.pause()
        os.waitpid(child, 0)
        report("ended")


if __name__ == "__main__":
    main()
