"""The rates of the rungs above one machine, divided by those of one PostgreSQL server, turn by turn.

All servers and the desk share the processors of this machine, so the work of a second server counts too.

- `standby`: bookings a second that wait for a synchronous standby, divided by those of the same primary that don't, by
  the number of callers of one desk. The standby follows in both cases.
- `replica`: searches a second of one caller that read a standby, divided by those that read the primary. `reads` counts
  both kinds of reads of the desk with the replica: the primary answers if the standby is too old.
- `cluster`: bookings a second on the cluster at `CITUS_URL`, divided by those of one server, by the number of callers.
  Left out without `CITUS_URL`. It empties that database.

Nothing is wanted of these ratios. When a rung is worth them: `docs/explanation/scaling.md`.
"""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, Final

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from benchmarks._callers import processors
from benchmarks._in_turns import show
from benchmarks.booking import Workload
from benchmarks.postgres import Bench, rate
from tests.campaigns.failovers import LOCAL
from tests.cluster import cluster_url, emptied_cluster, new_schema
from tests.postgres_pair import Pair, running_pair
from tests.postgres_server import durable_server, own_database
from traffic_booking import BookingDesk
from traffic_booking.adapters.postgres import CitusStore, PostgresStore
from traffic_booking.ports.observations import Observation, StoreObserved

CALLERS: Final = (1, 8, 64)


def in_turns(ours: Callable[[], float], other: Callable[[], float], turns: int) -> dict[str, Any]:
    """The median ratio of the two rates, the ratios of all turns, and the median rates."""
    found = [(ours(), other()) if turn % 2 else (other(), ours())[::-1] for turn in range(turns)]
    ratios = [round(a / b, 2) for a, b in found]
    return {
        "ratio": median(ratios),
        "turns": ratios,
        "per_second": [round(median(each)) for each in zip(*found, strict=True)],
    }


def bookings(ours: Bench, other: Bench, turns: int) -> dict[str, Any]:
    """The ratio of both rates of bookings, by the number of callers."""
    workload = Workload(ours.bookings)
    return {
        str(callers): in_turns(partial(ours.desk, workload, callers), partial(other.desk, workload, callers), turns)
        for callers in CALLERS
    }


class Reads:
    """An observer that counts the reads of the store and of its replica."""

    def __init__(self) -> None:
        self.counted = Counter[str]()

    def seconds(self) -> float:
        """Return the time."""
        return perf_counter()

    def observe(self, observation: Observation) -> None:
        """Count it if it is a read."""
        if isinstance(observation, StoreObserved) and observation.error is None:
            self.counted[observation.verb] += 1


def searches(pair: Pair, count: int, turns: int) -> dict[str, Any]:
    """The ratio of the rate of searches that read the standby to that of searches that read the primary."""
    reads = Reads()
    with (
        closing(BookingDesk.open(pair.primary.url)) as desk,
        closing(BookingDesk.open(pair.primary.url, read_url=pair.standby.url, observer=reads)) as reader,
    ):
        service, branches = desk.catalogue.services[0].id, desk.catalogue.branches
        places = [branches[each % len(branches)].id for each in range(count)]

        def searched(asked: BookingDesk) -> float:
            return rate([partial(asked.find_slots, service=service, branch=each, limit=20) for each in places], 1)

        return in_turns(partial(searched, reader), partial(searched, desk), turns) | {"reads": dict(reads.counted)}


def measure(count: int, turns: int) -> dict[str, Any]:
    """All ratios."""
    found: dict[str, Any] = {"bookings": count, "processors": processors()}
    with running_pair() as pair:
        PostgresStore(pair.primary.url).close()
        waiting, local = (Bench(pair.primary.url + options, count) for options in ("", LOCAL))
        found["standby"] = bookings(waiting, local, turns)
        found["replica"] = searches(pair, count, turns)
    if os.environ.get("CITUS_URL"):
        cluster = Bench(new_schema(cluster_url()), count, opened=CitusStore, empty=emptied_cluster)
        with durable_server() as server, own_database(server, "traffic_booking_benchmark") as url:
            PostgresStore(url).close()
            found["cluster"] = bookings(cluster, Bench(url, count), turns)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bookings", type=int, default=640, help="how many each measurement makes (default 640)")
    parser.add_argument("--turns", type=int, default=3, help="how often each pair is measured (default 3)")
    parser.add_argument("--json", action="store_true", help="print JSON alone")
    options = parser.parse_args()
    show(measure(options.bookings, options.turns), as_json=options.json)


if __name__ == "__main__":
    main()
