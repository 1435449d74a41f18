"""The speed of one desk under a storm of callers, on SQLite with synchronous FULL.

Every rate is divided by the rate of raw bookings one by one, taken in the same turn. Raw bookings are hand-written code
that runs the same round trips with ready-made rows: the floor of `booking.py`, without rules and objects. Each caller
is a thread that books again as soon as it has its answer, each time for another person, in a slot of its own.

- `storm_to_raw`: bookings a second, for 1, 2, 4, 8, 16, 32 and 64 callers. Wanted: 1.5 at 16, 2.0 at 64.
- `syncs_per_booking`: how often the store waited for the disk, counted and not timed. Wanted: at most 0.1 at 16, 0.05
  at 64. Each transaction of the store syncs the write-ahead log once, each checkpoint the log and the file. The count
  of transactions is compared with the commit marks in the log itself, until a checkpoint starts the log anew.
- `p50_ms`, `p99_ms`: how long callers waited for their answer.
- `desk_to_floor`, `memory_to_decision`: one caller, as in `booking.py`. Wanted: at least 0.75, at most 1.5.
"""

import argparse
import struct
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Any, Final

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from attrs import frozen

from benchmarks._callers import seconds_of_threads, uncollected
from benchmarks._in_turns import show
from benchmarks.booking import Floor, Workload, rows_of
from benchmarks.booking import measure as measure_one_caller
from traffic_booking import Booked
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.adapters.sqlite.connections import COMMITS_BETWEEN_CHECKPOINTS
from traffic_booking.ports.primitives import StoreChange, StoreConflict

CALLERS: Final = (1, 2, 4, 8, 16, 32, 64)
RAW_BOOKINGS: Final = 200
SYNCS_OF_A_CHECKPOINT: Final = 2
LOG_HEADER: Final = struct.Struct(">8x I 4x 8s 8x")
"""Of SQLite's write-ahead log: the page size, and the two salts that its frames repeat."""
FRAME_HEADER: Final = struct.Struct(">4x I 8s 8x")
"""Of a frame: the pages of the database after a commit (0 if the transaction goes on), and the salts."""


class CountingStore(SqliteStore):
    """A store that counts its transactions."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._log = Path(f"{path}-wal")
        self._before = commit_marks(self._log)
        self.commits = 0

    def commit(self, changes: Sequence[StoreChange]) -> Sequence[StoreConflict | None]:
        """Commit, and count it."""
        self.commits += 1
        return super().commit(changes)

    def syncs(self) -> int:
        """How often the store waited for the disk."""
        checkpoints = self.commits // COMMITS_BETWEEN_CHECKPOINTS
        if not checkpoints:
            marks = commit_marks(self._log) - self._before
            assert marks == self.commits, f"got {marks} commits in the log; expected the {self.commits} counted"
        return self.commits + SYNCS_OF_A_CHECKPOINT * checkpoints


def commit_marks(log: Path) -> int:
    """The transactions in a write-ahead log: frames with the size of the database after them."""
    content = log.read_bytes()
    if len(content) < LOG_HEADER.size:
        return 0
    page_size, salts = LOG_HEADER.unpack_from(content)
    marks = 0
    for start in range(LOG_HEADER.size, len(content), FRAME_HEADER.size + page_size):
        pages_after, frame_salts = FRAME_HEADER.unpack_from(content, start)
        if frame_salts != salts:
            break  # left over from before the log was started anew
        marks += pages_after > 0
    return marks


@frozen(kw_only=True)
class Storm:
    """The results of one storm."""

    rate: float
    syncs_per_booking: float
    waits_ms: list[float]


def storm(workload: Workload, callers: int, path: Path) -> Storm:
    """All bookings of the workload, by that many threads."""
    store = CountingStore(path)
    workload.opened(store)
    with workload.desk(store) as desk:
        requests = [workload.request(desk, place) for place in range(len(workload.slots))]
        waits = [0.0] * len(requests)

        def call(caller: int) -> None:
            for place in range(caller, len(requests), callers):
                before = perf_counter()
                assert isinstance(requests[place](), Booked)
                waits[place] = perf_counter() - before

        took = seconds_of_threads(call, callers)
        assert all(waits), "everybody got a booking"
        return Storm(
            rate=len(requests) / took,
            syncs_per_booking=store.syncs() / len(requests),
            waits_ms=[wait * 1e3 for wait in waits],
        )


def raw_rate(rows: Sequence[dict[str, Any]], path: Path) -> float:
    """Raw bookings a second, one by one."""
    with closing(Floor(path)) as floor, uncollected():
        began = perf_counter()
        for each in rows:
            floor.book(each)
        return len(rows) / (perf_counter() - began)


def measure(bookings: int, turns: int, levels: Sequence[int], folder: Path) -> dict[str, Any]:
    """The curve over `levels`; each figure is the median of the turns."""
    workload = Workload(bookings)
    rows = [rows_of(workload.change(place)) for place in range(bookings)]
    storms: dict[int, list[Storm]] = {callers: [] for callers in levels}
    ratios: dict[int, list[float]] = {callers: [] for callers in levels}
    for turn in range(turns):
        for callers in levels if turn % 2 else reversed(levels):
            with tempfile.TemporaryDirectory(dir=folder) as fresh:
                raw = raw_rate(rows[:RAW_BOOKINGS], Path(fresh) / "raw.db")
                made = storm(workload, callers, Path(fresh) / "desk.db")
            storms[callers].append(made)
            ratios[callers].append(made.rate / raw)
    return {
        "bookings": bookings,
        "turns": turns,
        "storm_to_raw": {callers: round(median(ratios[callers]), 2) for callers in levels},
        "syncs_per_booking": {
            callers: round(median(made.syncs_per_booking for made in storms[callers]), 4) for callers in levels
        },
        "bookings_per_second": {callers: round(median(made.rate for made in storms[callers])) for callers in levels},
        "p50_ms": {callers: round(percentile(storms[callers], 50), 2) for callers in levels},
        "p99_ms": {callers: round(percentile(storms[callers], 99), 2) for callers in levels},
    }


def percentile(storms: Sequence[Storm], hundredth: int) -> float:
    """The median, over the storms, of that percentile of the waits."""
    return median(quantiles(made.waits_ms, n=100)[hundredth - 1] for made in storms)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bookings", type=int, default=640, help="how many bookings each storm makes (default 640)")
    parser.add_argument("--turns", type=int, default=5, help="how often each number of callers is tried (default 5)")
    parser.add_argument("--callers", type=int, nargs="*", default=CALLERS, help="how many at once (default 1 to 64)")
    parser.add_argument("--folder", help="where to keep the databases (default: a temporary folder)")
    parser.add_argument("--json", action="store_true", help="print JSON alone")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        found = measure(options.bookings, options.turns, options.callers, Path(folder))
        found |= {"one_caller": measure_one_caller(options.bookings, Path(folder))}
    show(found, as_json=options.json)


if __name__ == "__main__":
    main()
