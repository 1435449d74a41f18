"""The costs of the seam to the stores, compared with those of another commit (`--base`), turn by turn.

Each tree has a worker process of its own, with the same interpreter, and a new store. Both do the same pieces of work
in turn; which of them goes first changes. After a few pairs both begin anew, because one process may be faster than
another that runs the same code. A ratio is the median, over the pairs, of the old tree's time divided by the new one's:
above 1, the new tree is faster. The exit status is 1 if a ratio is below `--floor`, or
a booking takes more than `MOST_FRAMES`.

- `booking`: one caller, for somebody new each time (registered by the new tree); `booking_again`: the second booking of
  such a person; `storm_spread`, `storm_hot`: 64 threads at one desk, in many slots and in one;
- `search_governorate`, `search_all`: the earliest 20 slots of a governorate, and of the whole country;
- `list`: a person's appointments; `verify`: a store with 300 appointments.

`one_booking` is what one booking on a warm desk takes, first of the old tree, then of the new one:

- `round_trips`: transactions on SQLite, replies that are waited for on PostgreSQL; `statements`: of SQL;
- `syncs`: commits that wait for the disk; `frames`: calls of Python functions of `src`.
"""

import argparse
import io
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from json import loads
from pathlib import Path
from statistics import median
from typing import Any, Final

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from benchmarks._in_turns import show
from tests.postgres_server import durable_server, own_database

ROOT: Final = Path(__file__).resolve().parent.parent
WORKS: Final = (
    "verify",
    "list",
    "search_governorate",
    "search_all",
    "booking",
    "booking_again",
    "storm_spread",
    "storm_hot",
)
"""In this order: the first need a small store, the last fill it."""
STORES: Final = ("sqlite", "postgres")
BASE: Final = "f983e61"
COUNTS: Final = ("round_trips", "statements", "syncs", "frames")
MOST_FRAMES: Final = {"sqlite": 240, "postgres": 300}
"""Of one booking on a warm desk. The base wrote JSON with generated functions, which are not counted."""
MOST_CALLED: Final = 25
PAIRS_A_PROCESS: Final = 4


class Worker:
    """A process with the library of one tree, and a desk over a store of its own."""

    def __init__(self, tree: Path, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks._seam_side", *arguments],
            cwd=ROOT,
            env={"PYTHONPATH": str(tree / "src"), "PATH": "/usr/bin:/bin"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._answer() == "ready"

    def do(self, name: str) -> Any:
        """The worker's answer to a piece of work."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{name}\n")
        self._process.stdin.flush()
        return loads(self._answer())

    def close(self) -> None:
        """End the process."""
        self._process.communicate()

    def _answer(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        assert line, "the worker has ended; its error stands above"
        return line


@contextmanager
def tree_of(commit: str) -> Iterator[Path]:
    """A folder with `src` as it was at `commit`."""
    command = ["git", "archive", commit, "src"]
    packed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            archive.extractall(folder, filter="data")
        yield Path(folder)


@contextmanager
def new_stores(store: str) -> Iterator[tuple[str, str]]:
    """The URLs of two empty stores: two files beside each other, or two databases of one server."""
    with ExitStack() as opened:
        if store == "sqlite":
            folder = opened.enter_context(tempfile.TemporaryDirectory())
            yield f"sqlite:///{folder}/old.db", f"sqlite:///{folder}/new.db"
        else:
            server = opened.enter_context(durable_server())
            old, new = (opened.enter_context(own_database(server, f"seam_{name}")) for name in ("old", "new"))
            yield old, new


def new_key(folder: Path) -> str:
    """The path of a new key file."""
    from traffic_booking.adapters.pseudonyms import PseudonymKey  # noqa: PLC0415 - needs the extra, for `--key` alone

    PseudonymKey.make_file(folder / "ids.key")
    return str(folder / "ids.key")


def measure(store: str, base: Path, works: Sequence[str], pairs: int, *, key: bool) -> dict[str, Any]:
    """The ratio of each piece of work on one kind of store, and the counts of one booking."""
    seconds: dict[str, list[tuple[float, float]]] = {work: [] for work in works}
    counts: list[dict[str, Any]] = []
    for first in range(0, pairs, PAIRS_A_PROCESS):
        with ExitStack() as opened, new_stores(store) as urls:
            key_file = [new_key(Path(opened.enter_context(tempfile.TemporaryDirectory())))] if key else []
            old, new = Worker(base, urls[0]), Worker(ROOT, urls[1], *key_file)
            for worker in (old, new):
                opened.callback(worker.close)
            counts = [worker.do("counts") for worker in (old, new)]
            for work in works:
                for pair in range(min(PAIRS_A_PROCESS, pairs - first) + 1):
                    took = (old.do(work), new.do(work)) if pair % 2 else (new.do(work), old.do(work))[::-1]
                    if pair:  # the first of each process is a warm-up
                        seconds[work].append(took)
    called = sorted(counts[1]["functions"].items(), key=lambda each: -each[1])[:MOST_CALLED]
    return {
        "ratios": {work: round(median(old / new for old, new in took), 3) for work, took in seconds.items()},
        "milliseconds": {
            work: [round(median(each) * 1e3, 2) for each in zip(*took, strict=True)] for work, took in seconds.items()
        },
        "one_booking": {name: [each[name] for each in counts] for name in COUNTS},
        "most_called": dict(called),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--base", default=BASE, help=f"the commit to compare with (default {BASE}, before the store port)"
    )
    parser.add_argument("--pairs", type=int, default=31, help="how often each piece of work is done (default 31)")
    parser.add_argument("--only", help=f"pieces of work by the beginnings of their names, of {', '.join(WORKS)}")
    parser.add_argument("--store", choices=STORES, help="default: both")
    parser.add_argument("--key", action="store_true", help="open the new tree's store with a pseudonym key")
    parser.add_argument("--floor", type=float, default=0.90, help="the least ratio (default 0.90)")
    parser.add_argument("--json", action="store_true", help="print JSON alone")
    options = parser.parse_args()
    wanted = tuple(options.only.split(",")) if options.only else WORKS
    works = [work for work in WORKS if work.startswith(wanted)]
    stores = [options.store] if options.store else STORES
    with tree_of(options.base) as base:
        found = {store: measure(store, base, works, options.pairs, key=options.key) for store in stores}
    ratios = {f"{store} {work}": ratio for store in stores for work, ratio in found[store]["ratios"].items()}
    slow = [name for name, ratio in ratios.items() if ratio < options.floor]
    heavy = [store for store in stores if found[store]["one_booking"]["frames"][1] > MOST_FRAMES[store]]
    summary = {
        "base": options.base,
        "key": options.key,
        "pairs": options.pairs,
        "below_floor": slow,
        "above_frames": heavy,
    }
    show({**summary, **found}, as_json=options.json)
    return bool(slow or heavy)


if __name__ == "__main__":
    sys.exit(main())
