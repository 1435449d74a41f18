"""The cost of a store with a million past appointments, compared with a new store on the same server.

One server has two databases. One of them is filled with past appointments of 300,000 people at all branches, with their
answers, log, seats and versions. Each piece of work is done on both in turn. Each ratio is the median time on the
filled database, divided by that on the new one. Wanted: at most 1.2 each. No piece of work reads a past appointment:
only their presence is measured. No desk would give their numbers.

- `book`, `cancel`, `explain`: the verbs of a desk
- `find_slots`: the earliest twenty slots of a branch
- `appointments_of`: the appointments of a person
- `appointments_at`: the appointments at a branch on a day, as a closure reads them
"""

import argparse
from collections.abc import Callable
from contextlib import ExitStack, closing
from datetime import timedelta
from statistics import median
from typing import Any, Final

if __name__ == "__main__":
    import sys
    from pathlib import Path

    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from benchmarks._in_turns import seconds_in_turns, show
from benchmarks.booking import WARM_UP, Workload
from tests.postgres_server import ask, durable_server, own_database
from traffic_booking import Booked, BookingDesk
from traffic_booking.adapters.postgres import PostgresStore
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.testing import made_up_person

WANTED: Final = 1.2
WORKS: Final = ("book", "cancel", "find_slots", "appointments_of", "appointments_at", "explain")
PAST: Final = """
CREATE TABLE public.past AS
SELECT
    'past-' || serial AS id,
    'subject-' || (serial % 300000) AS applicant,
    branch,
    service,
    timestamptz '2026-11-21 05:00Z' - (serial / (20 * cardinality(%s::text[]))) * interval '1 day'
        + (serial %% 20) * interval '15 minutes' AS starts_at
FROM generate_series(1, %s) AS serial,
    LATERAL (SELECT (%s::text[])[1 + serial / 20 %% cardinality(%s::text[])] AS branch) AS there,
    LATERAL (SELECT (%s::text[])[1 + serial %% cardinality(%s::text[])] AS service) AS wanted
"""
FILLED: Final = (
    """
    INSERT INTO traffic_booking.appointments
    SELECT id, 2, 'checked-in', branch, service, starts_at, starts_at + interval '15 minutes', applicant, 'citizen',
        NULL, repeat('b', 60)
    FROM public.past
    """,
    """
    INSERT INTO traffic_booking.seats
    SELECT branch || '/' || service || '/' || to_char(starts_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS'), count(*)
    FROM public.past GROUP BY 1
    """,
    "INSERT INTO traffic_booking.people SELECT applicant, count(*), 'citizen', '' FROM public.past GROUP BY 1",
    """
    INSERT INTO traffic_booking.persons
    SELECT '3' || lpad(substr(applicant, 9), 9, '0'), 1, applicant, '' FROM public.past GROUP BY applicant
    """,
    """
    INSERT INTO traffic_booking.answers
    SELECT 'request-' || id, 1, starts_at, repeat('c', 300) FROM public.past
    """,
    """
    INSERT INTO traffic_booking.log (generation, xid, place, stream, kind, body)
    SELECT 1, (3 + (serial - 1) / 1000000)::text::xid8, 1 + mod(serial - 1, 1000000), id, 'booked',
        repeat('e', 250)
    FROM (SELECT id, row_number() OVER () AS serial FROM public.past, generate_series(1, 2)) AS numbered
    """,
    "DROP TABLE public.past",
    "VACUUM (ANALYZE)",
)


def fill(url: str, desk: BookingDesk, appointments: int) -> None:
    """Put that many appointments into the past of the store, and let the server update its statistics."""
    branches = [branch.id for branch in desk.catalogue.branches]
    services = [service.id for service in desk.catalogue.services]
    ask(
        url,
        PAST.replace("serial % 300000", "serial %% 300000"),
        branches,
        appointments,
        *[branches] * 2,
        *[services] * 2,
    )
    for statement in FILLED:
        ask(url, statement)


class Store:
    """One of the two stores, with its pieces of work."""

    def __init__(self, url: str, workload: Workload) -> None:
        store = PostgresStore(url)
        self.desk, self._book_of = workload.desk(store), AppointmentBook(store)
        self._workload = workload
        self._made: list[Booked] = []

    def works(self) -> dict[str, Callable[[int], object]]:
        """Each piece of work, by the number of the turn."""
        return {work: getattr(self, f"_{work}") for work in WORKS}

    def _book(self, turn: int) -> None:
        made = self._workload.request(self.desk, turn)()
        assert isinstance(made, Booked)
        self._made.append(made)

    def _cancel(self, turn: int) -> None:
        made = self._made[turn].appointment
        self.desk.cancel(made.number, by=made_up_person(turn), request_id=f"cancel-{turn:032}")

    def _find_slots(self, turn: int) -> None:
        slot = self._workload.slots[turn]
        assert self.desk.find_slots(service=slot.service, branch=slot.branch)

    def _appointments_of(self, turn: int) -> None:
        assert self._book_of.appointments_of(made_up_person(turn), limit=20)

    def _appointments_at(self, turn: int) -> None:
        slot = self._workload.slots[turn]
        day = slot.starts_at - timedelta(hours=12)
        self._book_of.appointments_at(slot.branch, from_=day, until=day + timedelta(days=1))

    def _explain(self, turn: int) -> None:
        made = self._made[turn].appointment
        assert self.desk.explain(made.number, by=made_up_person(turn))


def measure(urls: tuple[str, str], appointments: int, turns: int) -> dict[str, Any]:
    """The ratio of each piece of work, and the times that it comes from."""
    workload = Workload(turns)
    with ExitStack() as opened:
        new, filled = (Store(url, workload) for url in urls)
        for store in (new, filled):
            opened.enter_context(closing(store.desk))
        fill(urls[1], filled.desk, appointments)
        stored = ask(urls[1], "SELECT count(*) FROM traffic_booking.appointments")[0][0]
        assert stored == appointments, f"got {stored} appointments; expected {appointments}"
        times = {}
        for work in WORKS:
            took = seconds_in_turns({"new": new.works()[work], "filled": filled.works()[work]}, turns)
            times[work] = {name: median(seconds[WARM_UP:]) for name, seconds in took.items()}
    return {
        "appointments": appointments,
        "turns": turns,
        "server": ask(urls[0], "SHOW server_version")[0][0],
        "filled_to_new": {work: round(each["filled"] / each["new"], 2) for work, each in times.items()},
        "wanted": WANTED,
        "new_us": {work: round(each["new"] * 1e6) for work, each in times.items()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--appointments", type=int, default=1_000_000, help="in the past (default 1000000)")
    parser.add_argument("--turns", type=int, default=300, help="how often each piece of work is done (default 300)")
    parser.add_argument("--json", action="store_true", help="print JSON alone")
    options = parser.parse_args()
    with (
        durable_server() as server,
        own_database(server, "traffic_booking_new") as new,
        own_database(server, "traffic_booking_filled") as filled,
    ):
        for url in (new, filled):
            PostgresStore(url).close()
        found = measure((new, filled), options.appointments, options.turns)
    show(found, as_json=options.json)


if __name__ == "__main__":
    main()
