"""The cost of `import traffic_booking`, in a fresh interpreter each time.

One ratio, with a floor measured in the same run, turn by turn:

- `library_to_floor`: the processor time of the import, divided by that of importing `attrs` and `cattrs` alone. Wanted:
  2.5 or less. The import may load no adapter.
"""

import argparse
import subprocess
import sys
from functools import partial
from operator import truediv
from pathlib import Path
from statistics import median
from typing import Final

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from benchmarks._in_turns import seconds_in_turns, show

CONTENDERS: Final = {"floor": "attrs, cattrs", "library": "traffic_booking"}
TIMED: Final = """\
from time import process_time
start = process_time()
import {modules}
print(process_time() - start)
import sys
adapters = [name for name in sys.modules if name.startswith("traffic_booking.adapters.")]
assert not adapters, f"got {{adapters}}; expected no adapter before one is needed"
"""


def seconds(modules: str) -> float:
    """The processor time of importing some modules, measured by a fresh interpreter."""
    command = [sys.executable, "-c", TIMED.format(modules=modules)]
    ended = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(ended.stdout)


def measure(turns: int) -> dict[str, float | int]:
    """The ratio, and the times that it comes from; the first turn of each only fills the cache of compiled files."""
    took: dict[str, list[float]] = {name: [] for name in CONTENDERS}

    def once(name: str, _turn: int) -> None:
        took[name].append(seconds(CONTENDERS[name]))

    seconds_in_turns({name: partial(once, name) for name in CONTENDERS}, turns + 1)
    floor, library = took["floor"][1:], took["library"][1:]
    return {
        "turns": turns,
        "library_to_floor": round(median(map(truediv, library, floor)), 2),
        "library_ms": round(median(library) * 1e3, 1),
        "floor_ms": round(median(floor) * 1e3, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=15, help="how often each is imported (default 15)")
    parser.add_argument("--json", action="store_true", help="print JSON alone")
    options = parser.parse_args()
    show(measure(options.turns), as_json=options.json)


if __name__ == "__main__":
    main()
