"""The costs of tickets, in units: a unit is the processor time of building one `attrs.frozen` object of five fields.

The floor and the contenders are measured in the same run, turn by turn. Each figure is the median of the ratios of
single turns. Everything is warm: no figure has the import of a package or the first reading of a font.

- each form of ticket by its name, such as `pdf` or `ics`: the rendering of one ticket that is ready;
- `ticket_of_desk`: the same text ticket by `desk.ticket`, on a memory store, with the reading, the rules and the code;
- `sign`: the signed code of a ticket, from ready claims; `read_code`: reading and verifying it without a desk;
- `offline_check`: one scan by a gate without a store, of a list of one day, with its journal on the disk.

`absent` names what this installation can't do: a form whose package is missing, or a part that is not there.
`bytes_*` are the sizes of the documents, and `code_characters` is the length of the code in them.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from operator import truediv
from pathlib import Path
from pkgutil import resolve_name
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any, Final

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from benchmarks._in_turns import seconds_in_turns, show
from benchmarks.decide import build_object
from traffic_booking import Booked, BookingDesk, Clerk, DeskParts, Document, MissingExtra
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.discovery import TicketForms
from traffic_booking.domain.appointments.tickets import ticket_of
from traffic_booking.testing import MovableClock, made_up_person

NOW: Final = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
SERVICE: Final = "licence-renewal"
BRANCH: Final = "riyadh-traffic"
CLERK: Final = Clerk("gate")
QUICK: Final = 0.000_1
"""Seconds; quicker work is repeated, so that the clock can measure it."""
MOST_REPEATED: Final = 2_000


def part(name: str) -> Any:
    """A part of the library by its module and name; `None` if this release or this installation lacks it."""
    try:
        return resolve_name(name)
    except (ImportError, AttributeError):
        return None


class Workload:
    """A booked appointment and its ticket, on a desk that signs if it can."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.person = folder, made_up_person(1)
        keys = part("traffic_booking.adapters.signing_keys:SigningKeys")
        self.signer: Any = None if keys is None else keys.open(folder / "tickets.key")
        signing: Any = {} if self.signer is None else {"signer": self.signer}
        self.desk = BookingDesk(DeskParts(store=MemoryStore(), clock=MovableClock(NOW), **signing))
        slot = self.desk.find_slots(service=SERVICE, branch=BRANCH, from_=NOW, limit=30)[-1]
        outcome = self.desk.book(slot, applicant=self.person, agreed=True, request_id="booked")
        assert isinstance(outcome, Booked), outcome
        self.appointment = outcome.appointment
        self.sign = self._sign()
        code: Any = {} if self.sign is None else {"code": self.sign()}
        self.ticket = ticket_of(self.desk.catalogue, self.appointment, self.person, **code)

    def contenders(self, opened: ExitStack) -> Iterator[tuple[str, Callable[[], object] | None]]:
        """Each work by its name; `None` if it is absent."""
        forms = TicketForms()
        for form in forms:
            yield form, present(partial(forms[form].render, self.ticket, "ar"))
        yield "ticket_of_desk", partial(self.desk.ticket, self.appointment.number, by=self.person)
        yield "sign", self.sign
        read = part("traffic_booking:read_ticket_code")
        signed = self.sign is not None and read is not None
        yield "read_code", partial(read, self.ticket.code.text, self.signer.public_keys) if signed else None
        yield "offline_check", self._check(opened)

    def _sign(self) -> Callable[[], Any] | None:
        codes = part("traffic_booking.adapters.ticket_codes:CoseCodes")
        claims_of = part("traffic_booking.domain.appointments.ticket_codes:claims_of")
        if self.signer is None or codes is None or claims_of is None:
            return None
        claims = claims_of(self.appointment, self.desk.catalogue.branch(BRANCH).code)
        return partial(codes().write, claims, self.signer)

    def _check(self, opened: ExitStack) -> Callable[[], object] | None:
        """Scans of one ticket: the first is admitted, and the others are answered as already used."""
        offline = part("traffic_booking.gate:OfflineGate")
        listing = getattr(self.desk.gate, "day_list", None)
        if offline is None or listing is None or self.sign is None:
            return None
        listed = listing(BRANCH, self.appointment.day, by=CLERK)
        clock, keys = MovableClock(self.appointment.starts_at), self.signer.public_keys
        made = offline(listed, self.folder / "scans.journal", gate="gate-1", public_keys=keys, clock=clock)
        gate = opened.enter_context(made)
        answer = gate.scan(self.ticket.code.text)
        assert answer.result.admits, answer
        return partial(gate.scan, self.ticket.code.text)


def present(work: Callable[[], object]) -> Callable[[], object] | None:
    """The work, done once before; `None` if a package that it needs is not installed."""
    try:
        work()
    except MissingExtra:
        return None
    return work


def repeated(work: Callable[[], object]) -> int:
    """The times to do the work in one turn, by a first measurement."""
    start = process_time()
    for _ in range(20):
        work()
    each = (process_time() - start) / 20
    return 1 if each > QUICK * 10 else min(MOST_REPEATED, max(5, int(QUICK * 100 / max(each, 1e-9))))


def measure(turns: int) -> dict[str, Any]:
    """The ratios, and the times that they come from."""
    with TemporaryDirectory() as folder, ExitStack() as opened:
        workload = Workload(Path(folder))
        found = dict(workload.contenders(opened))
        works = {"object": build_object} | {name: work for name, work in found.items() if work is not None}
        times = {name: repeated(work) for name, work in works.items()}
        batches = {name: partial(_batch, work, times[name]) for name, work in works.items()}
        took = seconds_in_turns(batches, turns, process_time)
        each = {name: [seconds / times[name] * 1e6 for seconds in of] for name, of in took.items()}
        units = {
            f"{name}_units": round(median(map(truediv, of, each["object"])), 1)
            for name, of in each.items()
            if name != "object"
        }
        sizes = {
            f"bytes_{name}": len(document.content)
            for name, work in works.items()
            if name != "ticket_of_desk" and isinstance(document := work(), Document)
        }
        return {
            "turns": turns,
            **units,
            **{f"{name}_us": round(median(of), 1) for name, of in each.items()},
            **sizes,
            "code_signed": workload.ticket.code.signed,
            "code_characters": len(workload.ticket.code.text),
            "absent": sorted(name for name, work in found.items() if work is None),
        }


def _batch(work: Callable[[], object], times: int, _turn: int) -> None:
    for _ in range(times):
        work()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=60, help="how often each is measured (default 60)")
    parser.add_argument("--json", action="store_true", help="print JSON alone")
    options = parser.parse_args()
    show(measure(options.turns), as_json=options.json, width=24)


if __name__ == "__main__":
    main()
