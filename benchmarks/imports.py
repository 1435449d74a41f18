"""The processor time that a host waits for before it can use the library, in a fresh interpreter each time.

Three ratios, against importing `attrs` and `cattrs` alone, measured turn by turn in the same run:

- `library_to_floor`: `import traffic_booking`, which imports nothing else before a name is used;
- `names_to_floor`: `from traffic_booking import Booked, BookingDesk, NationalId, Refused`;
- `first_slots_to_floor`: from nothing to the first slots that are found, on `memory://` with the shipped catalogue,
  rulebook and calendar. Wanted: 3.5 or less.

No adapter may be imported before one is needed, and neither asyncio nor cattrs for a search.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Mapping
from functools import partial
from operator import truediv
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from benchmarks._in_turns import seconds_in_turns, show

NAMES: Final = "from traffic_booking import Booked, BookingDesk, NationalId, Refused"
SEARCH: Final = """
from traffic_booking import BookingDesk
desk = BookingDesk.open("memory://")
assert desk.find_slots(service="licence-renewal", governorate="riyadh", limit=5)
"""
CONTENDERS: Final = {
    "floor": ("import attrs, cattrs", ("traffic_booking",)),
    "library": ("import traffic_booking", ("traffic_booking.", "attrs", "asyncio")),
    "names": (NAMES, ("traffic_booking.adapters.", "traffic_booking.testing", "asyncio", "cattrs")),
    "first_slots": (SEARCH, ("traffic_booking.application.desk", "traffic_booking.testing", "asyncio", "cattrs")),
}
"""The code of each contender, and the beginnings of the names of modules that it must not import."""

TIMED: Final = """
from time import process_time
start = process_time()
{code}
print(process_time() - start)
import sys
unwanted = [name for name in sys.modules if name.startswith({unwanted!r})]
assert not unwanted, f"got {{unwanted}}; expected none of them before it is needed"
"""


def seconds(contender: str, environment: Mapping[str, str]) -> float:
    """The processor time of a contender in a fresh interpreter."""
    code, unwanted = CONTENDERS[contender]
    command = [sys.executable, "-c", TIMED.format(code=code, unwanted=unwanted)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout)


def measure(turns: int) -> dict[str, float | int]:
    """The ratios, and the times that they come from. The first turn only fills the cache of compiled files."""
    took: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    with TemporaryDirectory() as cache:  # of its own, as the host's may be switched off or read-only
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment["PYTHONPYCACHEPREFIX"] = cache

        def once(name: str, _turn: int) -> None:
            took[name].append(seconds(name, environment))

        seconds_in_turns({name: partial(once, name) for name in CONTENDERS}, turns + 1)
    counted = {name: times[1:] for name, times in took.items()}
    found: dict[str, float | int] = {"turns": turns}
    for name in ("library", "names", "first_slots"):
        found[f"{name}_to_floor"] = round(median(map(truediv, counted[name], counted["floor"])), 2)
    return found | {f"{name}_ms": round(median(times) * 1e3, 1) for name, times in counted.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=15, help="how often each is timed (default 15)")
    parser.add_argument("--json", action="store_true", help="print JSON alone")
    options = parser.parse_args()
    show(measure(options.turns), as_json=options.json)


if __name__ == "__main__":
    main()
