"""The cost of searches on SQLite, with and without the availability index, for catalogues of 154 to 5,000 branches.

A catalogue of 154 branches is the shipped one; larger ones have copies of its branches. Seats are taken by committing
counters for 60 days: none (`empty`), all seats of 60 % of the slots (`60 % taken`), or all of the first 21 days
(`21 days full`). Times are processor times in milliseconds, medians of turns in which the contenders take turns:

- `store_ms`, `index_ms`: a search of the store, and of the index (`availability="index"`), which was built before.
- `raw_ms`: SQL by hand for the same answer, over a table of free slots that is read only. `by start` walks one index
  over all branches. `per branch` takes the first of each branch and merges them, as a table by branch would.
- `store_to_raw`, `index_to_raw`: divided by the quickest of these statements. Wanted for the index: 2 or less.
- `store_units`, `index_units`: in units of building one `attrs.frozen` object of five fields.

Wanted of `earliest 20` in an empty store: 15 ms over 154 branches, 0.5 ms with the index, and the same over 5,000. One
governorate: 1 ms. A month view never reads the index.

- `elsewhere`: the same search in a store with a million more bookings of other services and years, divided by the
  search in a store without them. Wanted: at most 1.1.
- `index`: the processor time and the memory of building it, from the first search on.
- `storm`: a clock goes on in steps of 50 ms, in each of which another desk books 25 times: 500 bookings a second. The
  searches between them refresh the index or not: `refresh_ms`, `search_ms`. `share_of_a_core`: the refreshes of a
  second. `stalest_ms`: the greatest staleness of an answer, by the clock of the desk.
- `loop`: the longest gap of the event loop during searches of an asyncio desk, measured by a task that wakes again and
  again. `gap_ms` is the processor time of the loop's thread, `wall_ms` the time on a clock, which other work on the
  machine lengthens: medians of the longest gaps of several searches, with Python's garbage collector off. It is on in
  `gap_with_collections_ms`. `first_gap_ms` is that of the first search, which fills caches. Wanted: 5 or less.
- `django_appointment`: the slots of a day, its time divided by ours, if `benchmarks/peers.py` has installed it.

By default 500 branches are searched in one state, and 5,000 in an empty store, without the statements by hand; `--full`
measures all of it.
`--plot FILE` measures three curves instead, and draws them as SVG.
"""

import argparse
import asyncio
import gc
import sys
import tempfile
import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter, process_time, thread_time
from typing import Any, Final

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from rich.console import Console
from rich.table import Table

from benchmarks._in_turns import seconds_in_turns, show
from benchmarks._search_curves import curves, drawing
from benchmarks._search_floors import RawTable
from benchmarks._search_towns import NOW, SERVICE, SHIPPED, STATES, Town
from benchmarks.decide import build_object
from benchmarks.peers import ROOT, peer_python
from benchmarks.peers import measure as measure_peers
from traffic_booking import AsyncBookingDesk, Booked, BookingDesk
from traffic_booking.testing import made_up_person

MANY: Final = 5_000
SIZES: Final = (SHIPPED, 500, MANY)
QUICK: Final = {SHIPPED: tuple(STATES), 500: ("60 % taken",), MANY: ("empty",)}
"""The states that are measured without `--full`."""
MILLION: Final = 1_000_000
LEAST_SECONDS: Final = 0.004
"""A contender repeats its work in a turn until it takes as long, so that the clock is fine enough."""
MOST_SECONDS: Final = 1.0
"""A contender takes about so long in all its turns, and three turns at least."""
LONG_SECONDS: Final = 0.3
"""Work that takes longer is not tried once more before it is measured."""
MOST_TURNS: Final = 15
STEP: Final = timedelta(milliseconds=50)
BOOKINGS_A_STEP: Final = 25
STEPS: Final = 40

QUESTIONS: Final[dict[str, Callable[[BookingDesk], Any]]] = {
    "earliest 20": lambda desk: desk.find_slots(service=SERVICE),
    "each branch": lambda desk: desk.find_slots(service=SERVICE, each_branch=True, limit=500),
    "adjacent 4": lambda desk: desk.find_slots(service=SERVICE, adjacent=4),
    "governorate": lambda desk: desk.find_slots(service=SERVICE, governorate="riyadh"),
    "month": lambda desk: desk.month_view(service=SERVICE, branch="riyadh-traffic", year=2026, month_of_year=12),
}


def milliseconds(contenders: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    """The processor time of each, the median of the turns."""
    seconds, repeats = {}, {}
    for name, work in contenders.items():
        first = _seconds(work)
        seconds[name] = first if first > LONG_SECONDS else _seconds(work)
        repeats[name] = max(1, int(LEAST_SECONDS / max(seconds[name], 1e-7)))
    slowest = max(seconds[name] * repeats[name] for name in contenders)
    turns = min(MOST_TURNS, max(3, int(MOST_SECONDS / slowest)))
    batches = {name: partial(_repeated, work, repeats[name]) for name, work in contenders.items()}
    times = seconds_in_turns(batches, turns, process_time)
    return {name: median(each) / repeats[name] * 1_000 for name, each in times.items()}


def _seconds(work: Callable[[], object]) -> float:
    began = process_time()
    work()
    return process_time() - began


def _repeated(work: Callable[[], object], times: int, _turn: int) -> None:
    for _ in range(times):
        work()


def questions(folder: Path, branches: int, state: str, *, with_floor: bool) -> dict[str, Any]:
    """Each question in one town: the store, the index, the statements by hand, and the unit."""
    town = Town(folder, branches, state)
    raw = RawTable(town, state) if with_floor else None
    by_hand = {} if raw is None else raw.questions()
    found: dict[str, Any] = {}
    for name, ask in QUESTIONS.items():
        floors = by_hand.get(name, {})
        contenders: dict[str, Callable[[], object]] = {"store": partial(ask, town.desk), "unit": build_object}
        if name != "month":
            contenders["index"] = partial(ask, town.indexed)
            slots = ask(town.desk)
            assert slots == ask(town.indexed), "the index has the same slots"
            for statement in floors.values():
                assert raw is not None
                assert raw.places(slots) == statement(), "a statement by hand has the same slots"
        times = milliseconds(contenders | {f"raw {kind}": work for kind, work in floors.items()})
        found[name] = _figures(times)
    town.close()
    if raw is not None:
        raw.close()
    return found


def _figures(times: Mapping[str, float]) -> dict[str, Any]:
    unit = times["unit"]
    raw = {name.removeprefix("raw "): round(took, 4) for name, took in times.items() if name.startswith("raw ")}
    found: dict[str, Any] = {"raw_ms": raw} if raw else {}
    for name in ("store", "index"):
        if name in times:
            found |= {f"{name}_ms": round(times[name], 3), f"{name}_units": round(times[name] / unit)}
            if raw:
                found[f"{name}_to_raw"] = round(times[name] / min(raw.values()), 1)
    return found


def elsewhere(folder: Path) -> dict[str, float]:
    """The ratios of a search in a store with a million more bookings elsewhere to one in a store without them."""
    few, many = (Town(folder, SHIPPED, "60 % taken") for _ in range(2))
    many.book_elsewhere(MILLION)
    ask = QUESTIONS["earliest 20"]
    contenders = {
        f"{kind} {name}": partial(ask, getattr(town, kind))
        for name, town in (("few", few), ("many", many))
        for kind in ("desk", "indexed")
    }
    times = milliseconds(contenders)
    few.close()
    many.close()
    return {
        name: round(times[f"{kind} many"] / times[f"{kind} few"], 2)
        for name, kind in (("store", "desk"), ("index", "indexed"))
    }


def index(folder: Path, branches: int) -> dict[str, float]:
    """The cost of building the index, and its memory with what it caches."""
    town = Town(folder, branches)
    ask = QUESTIONS["earliest 20"]
    build = _seconds(partial(ask, town.indexed))
    with town.open(availability="index") as desk:
        tracemalloc.start()
        ask(desk)
        size, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    town.close()
    return {"build_ms": round(build * 1_000), "megabytes": round(size / 1e6, 1)}


def storm(folder: Path, branches: int, steps: int) -> dict[str, float]:
    """Searches of the index while another desk books 500 times a second, by the clock of both."""
    town, ask = Town(folder, branches), QUESTIONS["earliest 20"]
    firsts = [
        town.desk.find_slots(service=SERVICE, each_branch=True, limit=500, from_=NOW + timedelta(days=ahead))
        for ahead in range(1, 8)
    ]
    free = {slot.key: slot.free for page in firsts for slot in page}
    slots = [slot for slot, seats in free.items() for _ in range(seats)]
    ask(town.indexed)
    costs: dict[bool, list[float]] = {True: [], False: []}
    stalest, person = timedelta(), 0
    for _ in range(steps):
        town.clock.advance(STEP)
        for _ in range(BOOKINGS_A_STEP):
            person += 1
            outcome = town.desk.book(
                slots[person], applicant=made_up_person(person), agreed=True, request_id=f"r{person}"
            )
            assert isinstance(outcome, Booked), outcome
        began = process_time()
        page = ask(town.indexed)
        costs[not page.staleness].append(process_time() - began)
        stalest = max(stalest, page.staleness)
    town.close()
    refresh, search = (median(costs[kind]) * 1_000 for kind in (True, False))
    seconds = steps * STEP.total_seconds()
    return {
        "bookings": person,
        "refresh_ms": round(refresh, 2),
        "search_ms": round(search, 3),
        "share_of_a_core": round(sum(costs[True]) / seconds, 3),
        "stalest_ms": round(stalest.total_seconds() * 1_000),
    }


def loop(folder: Path, branches: int, state: str, searches: int = 5) -> dict[str, Any]:
    """The longest gaps of the event loop, in searches of the store and of the index."""
    town = Town(folder, branches, state)

    async def measured(**parts: Any) -> dict[str, float]:
        desk = await AsyncBookingDesk.open(town.url, clock=town.clock, catalogue=town.catalogue, **parts)

        async def gaps(times: int) -> tuple[float, float]:
            found = [await _gaps(lambda: desk.find_slots(service=SERVICE)) for _ in range(times)]
            gap, wall = (median(each) for each in zip(*found, strict=True))
            return round(gap, 2), round(wall, 2)

        async with desk:
            gc.disable()
            first, _ = await gaps(1)
            gap, wall = await gaps(searches)
            gc.enable()
            collected, _ = await gaps(searches)
        return {"gap_ms": gap, "wall_ms": wall, "first_gap_ms": first, "gap_with_collections_ms": collected}

    found = {"store": asyncio.run(measured()), "index": asyncio.run(measured(availability="index"))}
    town.close()
    return found


async def _gaps(search: Callable[[], Any]) -> tuple[float, float]:
    """The longest gap of the loop during a search: the processor time of its thread, and the time, in ms."""
    longest = [0.0, 0.0]

    async def wake() -> None:
        while True:
            before = thread_time(), perf_counter()
            await asyncio.sleep(0)
            for place, (was, now) in enumerate(zip(before, (thread_time(), perf_counter()), strict=True)):
                longest[place] = max(longest[place], now - was)

    waking = asyncio.create_task(wake())
    await asyncio.sleep(0)
    await search()
    waking.cancel()
    return longest[0] * 1_000, longest[1] * 1_000


def peer() -> dict[str, Any]:
    """The day view of django-appointment beside ours, or how to get it."""
    folder = ROOT / "build" / "peers"
    if not (folder / "installed.txt").exists():
        return {"missing": "not installed; `python benchmarks/peers.py` installs it in build/peers, and compares"}
    peer_python(folder)
    found = measure_peers(1, 20, 2, 1)
    return {
        "time_ratio": found["time_ratio"]["slots_of_a_day"],
        "ours_ms": found["microseconds"]["ours"]["slots_of_a_day_us"] / 1_000,
        "peer_ms": found["microseconds"]["peer"]["slots_of_a_day_us"] / 1_000,
    }


def measure(folder: Path, *, full: bool, only: Sequence[str]) -> dict[str, Any]:
    """All figures, or those of some parts."""
    states = dict.fromkeys(SIZES, tuple(STATES)) if full else QUICK
    parts: dict[str, Callable[[], Any]] = {
        "searches": lambda: {
            str(branches): {
                state: questions(folder, branches, state, with_floor=full or branches < MANY)
                for state in states[branches]
            }
            for branches in SIZES
        },
        "elsewhere": lambda: elsewhere(folder),
        "index": lambda: {str(branches): index(folder, branches) for branches in SIZES},
        "storm": lambda: {str(branches): storm(folder, branches, STEPS) for branches in (SIZES if full else SIZES[:2])},
        "loop": lambda: {
            f"{branches}, {state}": loop(folder, branches, state) for branches in SIZES for state in states[branches]
        },
        "django_appointment": peer,
    }
    return {"full": full} | {name: part() for name, part in parts.items() if name in (only or parts)}


def show_tables(found: Mapping[str, Any]) -> None:
    """The searches as a table, and the rest a line each."""
    table = Table(title="processor time of a search, ms")
    for header in ("branches", "seats", "question", "store", "index", "by hand", "store/hand", "index/hand"):
        table.add_column(header, justify="left" if header in ("seats", "question") else "right")
    for branches, states in found.get("searches", {}).items():
        for state, asked in states.items():
            for name, each in asked.items():
                by_hand = "  ".join(f"{kind} {took:.3f}" for kind, took in each.get("raw_ms", {}).items())
                ratios = (str(each.get(f"{kind}_to_raw", "")) for kind in ("store", "index"))
                index_ms = f"{each['index_ms']:.3f}" if "index_ms" in each else ""
                table.add_row(branches, state, name, f"{each['store_ms']:.3f}", index_ms, by_hand, *ratios)
    Console(width=140).print(table)
    show({name: part for name, part in found.items() if name not in ("searches", "full")}, as_json=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="all states and statements at 5,000 branches: some minutes")
    parser.add_argument(
        "--only", nargs="+", default=(), metavar="PART", help="some parts, such as `searches` or `loop`"
    )
    parser.add_argument("--plot", type=Path, metavar="FILE", help="measure three curves, and draw them as SVG")
    parser.add_argument("--json", action="store_true", help="print JSON alone")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options.plot:
            found: dict[str, Any] = curves(folder, milliseconds, QUESTIONS["earliest 20"])
            options.plot.write_text(drawing(found), encoding="utf-8")
            show(found, as_json=options.json)
            return
        found = measure(folder, full=options.full, only=options.only)
    if options.json:
        show(found, as_json=True)
    else:
        show_tables(found)


if __name__ == "__main__":
    main()
