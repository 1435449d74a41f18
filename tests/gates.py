"""Desks with a signer, and gates without a store beside them."""

from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.calendars import PLAIN
from tests.small_town import RETENTION, START, small_catalogue, small_rulebook
from tests.tickets_signed import SIGNER
from traffic_booking import Clerk, DeskParts, RefusedScan, Scan
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.numbering import RandomNumbering
from traffic_booking.adapters.ticket_codes import CoseCodes
from traffic_booking.application._sync.desk import Desk
from traffic_booking.domain.appointments.ticket_codes import claims_of
from traffic_booking.gate import OfflineGate
from traffic_booking.testing import MovableClock, made_up_person

CLERK = Clerk("gate-0")


def signing_desk(store=None, *, clock=None, rulebook=None, catalogue=None, signer=SIGNER, numbering=None):
    """A desk at the small town that signs."""
    return Desk(
        DeskParts(
            store=store or MemoryStore(),
            clock=clock or MovableClock(START),
            catalogue=catalogue or small_catalogue(capacity=3),
            rulebook=rulebook or small_rulebook(CN_03={"minutes": 0}, MV_05={"minutes": 0}, MV_04={"moves": 99}),
            calendar=PLAIN,
            numbering=numbering or RandomNumbering(),
            tickets={},
            retention=RETENTION,
            signer=signer,
            codes=CoseCodes(),
        )
    )


def code_of(desk, appointment, signer=SIGNER):
    """The signed code of an appointment as it is now."""
    branch = desk.catalogue.branch(appointment.slot.branch)
    return CoseCodes().write(claims_of(appointment, branch.code), signer).text


@contextmanager
def offline_gate(listed, *, gate="gate-1", clock, keys=SIGNER.public_keys, journal=None):
    """A gate that has the list, with a journal of its own unless one is given."""
    with TemporaryDirectory() as folder:
        path = journal or Path(folder) / f"{gate}.journal"
        with OfflineGate(listed, path, gate=gate, public_keys=keys, clock=clock) as opened:
            yield opened


def seen_at_a_gate():
    """The values that hosts see at a gate: a list, the answers of both kinds of gates, and the report of a merge."""
    clock = MovableClock(START)
    desk = signing_desk(clock=clock)
    numbers = []
    for serial in (1, 2):
        slot = desk.find_slots(service="renewal", branch="north")[0]
        booked = desk.book(slot, applicant=made_up_person(serial), agreed=True, request_id=f"book-{serial}")
        numbers.append(booked.appointment.number)
    listed = desk.gate.day_list("north", START.date(), by=CLERK)
    found = []
    scans: tuple[Scan, ...] = ()
    for gate in ("gate-1", "gate-2"):
        with offline_gate(listed, gate=gate, clock=clock) as opened:
            found += [opened.scan(numbers[-1]), opened.scan("no code")]
            scans = opened.scans
            found += scans
    refused = RefusedScan(scan=scans[0], verdicts=())
    merged = desk.gate.merge([each for each in found if isinstance(each, Scan)], by=CLERK)
    online = desk.gate.scan(numbers[-1], branch="north", by=CLERK, scan_id="late")
    return [listed, *found, merged, refused, online]
