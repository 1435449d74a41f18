"""Checks that the awaited forms of the desk and of stores are what their sources say; with --write, makes them so."""

import sys
from typing import Final

from tools.awaiting import EVERYTHING, Awaiting, Source

APPLICATION: Final = "traffic_booking.application"
STORE: Final = "traffic_booking.ports.store.Store"
TERMS: Final = f"{APPLICATION}.standing_terms.StandingTerms"
BOOK: Final = "traffic_booking.persistence.appointment_book.AppointmentBook"
UPKEEP: Final = "traffic_booking.persistence.upkeep.Upkeep"
AUDITS: Final = "traffic_booking.persistence.audit_reading.AuditReading"
PRUNING: Final = "traffic_booking.persistence.pruning.Pruning"
STORES: Final = {
    "store": STORE,
    "_store": STORE,
    "book": BOOK,
    "_book": BOOK,
    "_standing": TERMS,
    "standing": TERMS,
    "upkeep": UPKEEP,
    "pruning": PRUNING,
    "reading": AUDITS,
    "_reading": AUDITS,
}
"""What variables and attributes are called that hold a store, a book over one, or terms that follow one."""

GIVEN: Final = {
    STORE: frozenset({EVERYTHING}),
    f"{APPLICATION}.gathering.Gathering": frozenset({"serve"}),
    "traffic_booking.adapters.postgres.connections.Connections": frozenset({"read", "write", "close"}),
}
"""What is awaited to begin with: its awaited form is written by hand."""

SOURCES: Final = (
    Source(
        module="traffic_booking.ports.store",
        target="traffic_booking.ports.async_store",
        docstring="""The port to the stores for one event loop: the methods of `Store`, awaited.

Everything that `Store` states holds. A call that is cancelled is a failure like any other: each of its changes is
written whole or not at all. Calls may be under way side by side.""",
        all_of=("Store",),
        renamed={"Store": "AsyncStore"},
    ),
    Source(
        module="traffic_booking.persistence.appointment_book",
        target="traffic_booking.persistence.async_appointment_book",
        docstring="The appointment book over a store whose methods are awaited.",
        receivers=STORES,
        renamed={"AppointmentBook": "AsyncAppointmentBook"},
    ),
    Source(
        module="traffic_booking.persistence.audit_reading",
        target="traffic_booking.persistence.async_audit_reading",
        docstring="What only audits read of a store whose methods are awaited.",
        receivers=STORES,
        renamed={"AuditReading": "AsyncAuditReading"},
    ),
    Source(
        module="traffic_booking.persistence.pruning",
        target="traffic_booking.persistence.async_pruning",
        docstring="The pruning of a store whose methods are awaited.",
        receivers=STORES,
        renamed={"Pruning": "AsyncPruning"},
    ),
    Source(
        module="traffic_booking.persistence.upkeep",
        target="traffic_booking.persistence.async_upkeep",
        docstring="The upkeep of a store whose methods are awaited.",
        receivers=STORES,
        renamed={"Upkeep": "AsyncUpkeep"},
    ),
    Source(
        module=f"{APPLICATION}.maintenance",
        target=f"{APPLICATION}.awaited.maintenance",
        docstring="The maintenance of a store whose methods are awaited.",
        receivers=STORES,
        renamed={"Maintenance": "AsyncMaintenance"},
    ),
    Source(
        module=f"{APPLICATION}.standing_terms",
        target=f"{APPLICATION}.awaited.standing_terms",
        docstring="The terms as they stand, of a store whose methods are awaited.",
        receivers=STORES,
        renamed={"StandingTerms": "AsyncStandingTerms"},
        moved={"threading.Lock": "from asyncio import Lock"},
        words={
            "several threads may ask": "several tasks may ask",
            ", *, new_lock: NewLock = Lock": "",
            "new_lock()": "Lock()",
        },
    ),
    Source(
        module=f"{APPLICATION}.settling",
        target=f"{APPLICATION}.awaited.settling",
        docstring="How requests are settled, in rounds, on a store whose methods are awaited.",
        receivers={**STORES, "round_": f"{APPLICATION}.settling._Round"},
    ),
    Source(
        module=f"{APPLICATION}.searching",
        target=f"{APPLICATION}.awaited.searching",
        docstring="Looking for slots on a store whose methods are awaited; others get a turn after each branch.",
        receivers=STORES,
        moved={"zoneinfo.ZoneInfo": "from asyncio import sleep\nfrom zoneinfo import ZoneInfo"},
        words={
            "    for order, branch in enumerate(search.branches):\n": (
                "    for order, branch in enumerate(search.branches):\n        await sleep(0)\n"
            )
        },
    ),
    Source(
        module=f"{APPLICATION}.closing",
        target=f"{APPLICATION}.awaited.closing",
        docstring="Whom a change of the working calendar hits, on a store whose methods are awaited.",
        receivers=STORES,
    ),
    Source(
        module=f"{APPLICATION}.answer_pages",
        target=f"{APPLICATION}.awaited.answer_pages",
        docstring="All answers of a store whose methods are awaited, page by page.",
        receivers=STORES,
    ),
    Source(
        module=f"{APPLICATION}.explaining",
        target=f"{APPLICATION}.awaited.explaining",
        docstring="Looking back at decisions on a store whose methods are awaited.",
        receivers=STORES,
    ),
    Source(
        module=f"{APPLICATION}.verifying",
        target=f"{APPLICATION}.awaited.verifying",
        docstring="Holding every part of a store against the others, where its methods are awaited.",
        receivers={**STORES, "audit": f"{APPLICATION}.verifying._Audit"},
    ),
    Source(
        module=f"{APPLICATION}.what_if",
        target=f"{APPLICATION}.awaited.what_if",
        docstring="Deciding without doing, on a store whose methods are awaited.",
        receivers=STORES,
        renamed={"WhatIf": "AsyncWhatIf"},
    ),
    Source(
        module=f"{APPLICATION}.desk",
        target=f"{APPLICATION}.awaited.desk",
        docstring="""The booking desk for asyncio: the verbs of `Desk`, awaited, over any store whose methods are.

Over 400 lines, as what it is made from: every verb of the one face.""",
        receivers={**STORES, "_gathering": f"{APPLICATION}.gathering.Gathering"},
        renamed={"Desk": "AsyncDesk"},
        moved={
            f"{APPLICATION}.gathering.Gathering": (
                f"from {APPLICATION}.async_gathering import AsyncGathering as Gathering"
            )
        },
        words={
            "May be used by several threads at once. Outcomes": (
                "Belongs to one event loop; any number of its tasks may use it at once. A task that is cancelled in a"
                " verb hears no\n    outcome: nothing was done, or all of it, and the same request, sent again with its"
                " id, learns which.\n\n    Outcomes"
            ),
            " `new_lock` makes the locks with which callers wait for one another.": "",
            "        new_lock: NewLock = Lock,\n": "",
            ", new_lock=new_lock": "",
            "`RequestMismatch`) and for stores": "`RequestMismatch`) and\n    for stores",
            "(`InvalidInput`,\n    `NotFound`": "(`InvalidInput`, `NotFound`",
            ", now or `at` another instant: `desk.what_if().book(…)`.": (
                ", now or `at` another instant.\n\n        `await (await desk.what_if()).book(…)`.\n        "
            ),
            "        await self.store.close()": (
                "        await self._gathering.at_rest()\n        await self.store.close()"
            ),
            "Let go of the store; closing twice is fine.": (
                "Let go of the store, once what is under way is settled; closing twice is fine."
            ),
        },
    ),
    Source(
        module="traffic_booking.adapters.postgres.store",
        target="traffic_booking.adapters.postgres.async_store",
        docstring="The store on PostgreSQL for asyncio: every method is one round trip, awaited.",
        receivers={"_connections": "traffic_booking.adapters.postgres.connections.Connections"},
        renamed={"PostgresStore": "AsyncPostgresStore"},
        moved={
            "traffic_booking.adapters.postgres.connections.Connections": (
                "from traffic_booking.adapters.postgres.async_connections import AsyncConnections as Connections"
            )
        },
        words={
            "A `Store` in": "An `AsyncStore` in",
            "Threads share one store and its": "Tasks of one event loop share it and its",
            "`connections` (1 to 64); every process opens its own, after it was forked.": (
                "`connections` (1 to 64). Opening it blocks: do so in a thread."
            ),
        },
    ),
)


def main() -> int:
    """Exit code 0 where every awaited form is current, 1 where one is stale."""
    awaiting = Awaiting(SOURCES, GIVEN)
    stale = 0
    for source in SOURCES:
        form, path = awaiting.form_of(source.module), source.target_path
        if "--write" in sys.argv[1:]:
            path.write_text(form, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != form:
            print(f"{path}: stale; expected what `.venv/bin/python -m tools.check_async --write` writes")
            stale = 1
    return stale


if __name__ == "__main__":
    raise SystemExit(main())
