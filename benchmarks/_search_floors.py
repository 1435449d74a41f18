"""The floor of a search: SQL by hand for the same answers, over a table of free slots that SQLite keeps in memory.

Such a table would have to be written with each booking; here it is only read. It has two indexes: by branch and start,
and by start and branch. `PER_BRANCH` reads the first twenty of each branch and merges them; `BY_START` walks the index
by start, and is the best if many branches are searched and few slots are free at once.
"""

import sqlite3
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from benchmarks._search_towns import NOW, SERVICE, STATES, Town

SAUDI_OFFSET: Final = 3 * 3600
DAY: Final = 86_400
MONTH_BOUNDS: Final = ((2026, 12, 1), (2027, 1, 1))

PER_BRANCH: Final = """
SELECT free.branch, free.starts_at FROM branches JOIN free ON free.branch = branches.branch AND free.starts_at IN
  (SELECT each.starts_at FROM free AS each WHERE each.branch = branches.branch AND each.starts_at >= :since
   ORDER BY each.starts_at LIMIT 20)
ORDER BY free.starts_at, free.branch LIMIT 20"""
BY_START: Final = """
SELECT branch, starts_at FROM free INDEXED BY by_start WHERE starts_at >= :since ORDER BY starts_at, branch LIMIT 20"""
EACH: Final = """
SELECT branch, (SELECT starts_at FROM free WHERE free.branch = branches.branch AND starts_at >= :since
  ORDER BY starts_at LIMIT 1) AS first
FROM branches WHERE first IS NOT NULL ORDER BY first, branch LIMIT 500"""
ROW_OF_4: Final = """
SELECT branch, starts_at FROM free INDEXED BY by_start WHERE starts_at >= :since
  AND EXISTS (SELECT 1 FROM free AS b WHERE b.branch = free.branch AND b.starts_at = free.starts_at + :step)
  AND EXISTS (SELECT 1 FROM free AS c WHERE c.branch = free.branch AND c.starts_at = free.starts_at + 2 * :step)
  AND EXISTS (SELECT 1 FROM free AS d WHERE d.branch = free.branch AND d.starts_at = free.starts_at + 3 * :step)
ORDER BY starts_at, branch LIMIT 20"""
IN_RIYADH: Final = """
SELECT branch, starts_at FROM branches JOIN free USING (branch) WHERE in_riyadh AND starts_at >= :since
ORDER BY starts_at, branch LIMIT 20"""
PER_DAY: Final = """
INSERT INTO days SELECT branch, (starts_at + :offset) / :day, sum(seats) FROM free GROUP BY 1, 2"""
MONTH: Final = "SELECT day, free FROM days WHERE branch = :branch AND day >= :first AND day < :until ORDER BY day"


class RawTable:
    """The free slots of a town in a state, read by SQL alone."""

    def __init__(self, town: Town, state: str) -> None:
        self._town = town
        self._branches = town.catalogue.branches
        self._connection = sqlite3.connect(":memory:")
        run = self._connection.execute
        run("CREATE TABLE branches (branch INTEGER PRIMARY KEY, in_riyadh INT)")
        run("CREATE TABLE free (branch INT, starts_at INT, seats INT, PRIMARY KEY (branch, starts_at)) WITHOUT ROWID")
        here = ((place, each.governorate == "riyadh") for place, each in enumerate(self._branches))
        self._connection.executemany("INSERT INTO branches VALUES (?, ?)", here)
        run("CREATE INDEX riyadh ON branches (branch) WHERE in_riyadh")
        self._connection.executemany("INSERT INTO free VALUES (?, ?, ?)", self._free(state))
        run("CREATE INDEX by_start ON free (starts_at, branch)")
        run("CREATE TABLE days (branch INT, day INT, free INT, PRIMARY KEY (branch, day)) WITHOUT ROWID")
        run(PER_DAY, {"offset": SAUDI_OFFSET, "day": DAY})
        run("ANALYZE")
        notice = town.desk.rulebook["BK-12"]
        minutes = notice["minutes"] if notice.in_force(NOW) else 0
        self._since = int((NOW + timedelta(minutes=minutes)).timestamp())

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _free(self, state: str) -> Iterator[tuple[int, int, int]]:
        taken, drawn = STATES[state], Random(1)  # drawn in the order of `Town.take`
        stamps = {start.at: int(start.at.timestamp()) for each in self._town.starts.values() for start in each}
        for place, branch in enumerate(self._branches):
            for start in self._town.starts[branch.id]:
                if not taken(start, drawn):
                    yield place, stamps[start.at], start.capacity

    def _rows(self, statement: str, **given: Any) -> list[tuple[int, int]]:
        return self._connection.execute(statement, {"since": self._since, **given}).fetchall()

    def questions(self) -> dict[str, dict[str, Callable[[], list[tuple[int, int]]]]]:
        """For each question of the benchmark, its statements by name."""
        (branch,) = (place for place, each in enumerate(self._branches) if each.id == "riyadh-traffic")
        step = self._town.catalogue.service(SERVICE).duration_minutes * 60
        first, until = (int(datetime(*each, tzinfo=NOW.tzinfo).timestamp()) // DAY for each in MONTH_BOUNDS)
        return {
            "earliest 20": {
                "per branch": lambda: self._rows(PER_BRANCH),
                "by start": lambda: self._rows(BY_START),
            },
            "each branch": {"per branch": lambda: self._rows(EACH)},
            "adjacent 4": {"by start": lambda: self._rows(ROW_OF_4, step=step)},
            "governorate": {"per branch": lambda: self._rows(IN_RIYADH)},
            "month": {"per day": lambda: self._rows(MONTH, branch=branch, first=first, until=until)},
        }

    def places(self, found: Any) -> list[tuple[int, int]]:
        """The slots of an answer of a desk, in the form of a row."""
        place_of = {branch.id: place for place, branch in enumerate(self._branches)}
        return [(place_of[slot.branch], int(slot.starts_at.timestamp())) for slot in found]
