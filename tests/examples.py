"""Examples of public values, as a desk returns them: of every class that hosts see."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any, Final

import attrs
from attrs import evolve

import traffic_booking as tb
from tests.calendar_records import RECORDS
from tests.calendars import PLAIN
from tests.desks import open_desk
from tests.gates import seen_at_a_gate
from tests.small_town import small_rulebook
from tests.tickets_signed import A_TICKET, SIGNER
from traffic_booking.adapters.tickets import HtmlTicket, TextTicket
from traffic_booking.domain.appointments.tickets import ticket_of
from traffic_booking.domain.calendars.authority import AuthorityId
from traffic_booking.domain.text_input import RequestId
from traffic_booking.testing import made_up_person
from traffic_booking.testing.samples.appointments import number as other_number

ME: Final = made_up_person(1)
AUDITOR: Final = tb.Auditor("auditor-1")
NOON: Final = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
A_REVOCATION: Final = tb.RevokedTicket(ticket_id=A_TICKET.ticket_id, starts_at=NOON, reason=tb.Revocation.MOVED)

INSTALLED: Final = tb.Installed(
    number=1,
    at=NOON,
    actor=tb.Clerk("desk-1"),
    reason="Circular 12",
    rulebook="r" * 43,
    catalogue="c" * 43,
    calendar="d" * 43,
)


A_SEAL: Final = tb.SealReport(
    checkpoint=tb.Checkpoint(origin="example.org/log", size=3, root=bytes(range(32))),
    sealed=2,
    witnesses=(
        tb.WitnessResult(name="https://witness.example/"),
        tb.WitnessResult(name="-", error=tb.Bilingual("خلل", "fault")),
    ),
)


def examples() -> list[object]:
    """Values of every kind, as a desk returns them."""
    desk = open_desk(tickets={"text": TextTicket(), "html": HtmlTicket()})
    page = desk.find_slots(service="renewal", limit=3)
    held = desk.hold(page[1].token, applicant=made_up_person(2), request_id="h")
    booked = desk.book(page[0], applicant=ME, agreed=True, request_id="b")
    assert isinstance(booked, tb.Booked)
    words = tb.Bilingual("جملة", "a sentence")
    number, applicant = booked.appointment.number, booked.appointment.applicant
    refused = desk.book(page[2], applicant=ME, agreed=True, request_id="r")
    closure = tb.BranchException(
        id="pipe",
        branch="north",
        first_day=date(2026, 11, 24),
        last_day=date(2026, 11, 24),
        effect=tb.Effect.OTHER_HOURS,
        reason=tb.Bilingual("أنبوب", "pipe"),
        hours=(tb.Hours(480, 600),),
    )
    declared = desk.calendar.declare(closure, reason="pipe", by=tb.Clerk("desk-1"), request_id="d")
    withdrawn = desk.calendar.declare(tb.Withdrawal("pipe"), reason="pipe", by=tb.Clerk("desk-1"), request_id="w")
    tightened = small_rulebook("2")
    suspension = tb.Suspension(
        service="renewal", branch=None, from_day=date(2027, 1, 1), until_day=date(2027, 1, 2), reason=closure.reason
    )
    tightening = tb.Tightening(rule="BK-12", figures={"minutes": 600}, branch="north")
    stricter = evolve(tightened, version="3", suspensions=(suspension,), tightenings=(tightening,))
    return [
        *(page, *page, page[0].slot, page[0].key, page[0].day, page[0].day.hijri),
        *(held, booked, booked.appointment, booked.appointment.applicant, refused, declared, withdrawn),
        *(desk.appointments(ME), desk.may_cancel(number, by=ME), desk.may_cancel(other_number(7), by=ME)),
        *(desk.ticket(number, by=ME), desk.ticket(number, by=ME, form="html")),
        *(*desk.explain(number, by=ME), *desk.explain(request_id="r", by=ME), desk.what_if().cancel(number, by=ME)),
        *(desk.audit.verify(), *desk.audit.history(number, by=ME), desk.feed()),
        *(desk.calendar.working_day("north", day) for day in (date(2026, 11, 24), date(2026, 11, 27))),
        *desk.month_view(service="renewal", branch="north", year=2026, month_of_year=11),
        *(desk.catalogue, desk.rulebook, desk.rulebooks, *desk.rulebook.rules),
        *(tb.rulebook_differences(desk.rulebook, stricter), suspension, tightening, stricter),
        *(tb.shipped_catalogue(), tb.shipped_retention(), tb.SchemaSteps(names=("1",), script="x")),
        *(
            desk.health(),
            *desk.health().checks,
            tb.Throttled(NOON),
            tb.Clerk("desk-1"),
            tb.System(),
            tb.Coordinates(24.5, 46),
            tb.Hours(450, 1440),
            tb.Hours(1320, 1560),
            tb.Hours(1470, 1560),
        ),
        tb.Delegate(person=applicant, applicant=applicant, services={"renewal"}, until=NOON),
        tb.Challenge(content={"maxnumber": 5, "parts": ["a", None, True, 1.5]}, expires_at=NOON),
        *(tb.NotSignedIn(fault, NOON) for fault in tb.SignInFault),
        tb.Assertions(checked_at=NOON, birth_date=date(2000, 2, 29), met={"fee-paid"}),
        *(tb.Verdict("X", tb.Result.BROKEN, words, words, seen, NOON, NOON) for seen in (None, 3, "a, b", NOON)),
    ]


EXAMPLES: Final = examples()
"""Values that have a JSON form."""


def own_data_of(desk: tb.Desk) -> list[object]:
    """A person's own data, and its parts."""
    own = desk.maintenance.own_data(ME, by=ME)
    began = tb.OwnSession(started_at=NOON, ends_at=NOON, ended=True)
    return [own, began, own.appointments[0], own.decisions[0]]


def others() -> list[object]:
    """Values that a desk returns seldom, and those that are configuration."""
    desk = open_desk()
    booked = desk.book(desk.find_slots(service="renewal")[0], applicant=ME, agreed=True, request_id="b")
    assert isinstance(booked, tb.Booked)
    appointment = booked.appointment
    event = desk.audit.history(appointment.number, by=ME)[0]
    happened: dict[str, Any] = {
        name: getattr(event, name) for name in ("number", "version", "at", "actor", "rulebook", "request_id")
    }
    moved: dict[str, Any] = {
        "slot_ends_at": NOON,
        "time_zone": "Asia/Riyadh",
        "instructions": "2026-11-22",
        "slot_was_closed": False,
    }
    session = tb.Session(applicant=ME, started_at=NOON, ends_at=NOON, token="a secret")
    lost: Any = tb.LostSlot(
        how=tb.SlotLoss.DAY_CLOSED, rules=(AuthorityId("weekend"),), reason=tb.Bilingual("سبب", "reason")
    )
    restored = tb.StoreRestored(
        at=NOON,
        actor=tb.System(),
        request_id=RequestId("a"),
        after=tb.FeedPosition(1, 2),
        until=tb.FeedPosition(1, 5),
        leaves=3,
        revoked=(A_REVOCATION,),
    )
    erased = tb.PersonErased(
        subject=appointment.applicant.subject,
        at=NOON,
        actor=tb.System(),
        reason="a form",
        request_id=RequestId("e"),
        cancelled=(appointment.number,),
    )
    return [
        *(kind(appointment) for kind in (tb.Cancelled, tb.Moved, tb.CheckedIn, tb.Served, tb.NoShowRecorded)),
        *(kind(**happened) for kind in (tb.HoldExpired, tb.HoldReleased, tb.AppointmentCancelled)),
        tb.Excused(appointment, "a report"),
        tb.AppointmentCheckedIn(**happened),
        tb.AppointmentServed(**happened),
        tb.AppointmentMissed(**happened),
        tb.AppointmentExcused(**happened),
        tb.AppointmentMoved(from_slot=appointment.slot, slot=appointment.slot, **moved, **happened),
        *(session, tb.SignedIn(session), tb.ResetRequested(NOON), tb.PasswordChanged()),
        *(ME, made_up_person(2, tb.Holder.RESIDENT), tb.UserName("sara.q7")),
        tb.PersonRevealed(subject=appointment.applicant.subject, at=NOON, actor=tb.System()),
        *own_data_of(desk),
        *(restored, tb.Restoration(restored=restored, erased=(appointment.applicant.subject,))),
        *(erased, tb.Erasure(erased=erased, overwritten=True), tb.Erasure(active=(appointment.number,))),
        tb.UpkeepDone(at=NOON, actor=tb.System(), what="refusals", count=3),
        *(desk.audit.person_log(ME, by=AUDITOR, limit=1), AUDITOR, desk.audit.count_refusals(by=AUDITOR)),
        tb.QuestionAsked(at=NOON, actor=AUDITOR, question="clerk", about={"clerk": "desk-1"}),
        tb.RefusalCount(value="BK-07", refusals=3),
        INSTALLED,
        tb.PendingInstallation(
            installed=INSTALLED,
            parts=("calendar",),
            differences=("calendar: rules[x]: got y; installed z",),
            rulebook=None,
        ),
        tb.BrokenInvariant(invariant=tb.Invariant.READABLE, where="x", found="y", expected="z"),
        tb.VerifiedCode(claims=A_TICKET, key_id=tb.key_id_of(SIGNER.public_keys[0])),
        *(tb.UnsignedCode(A_TICKET.number), *map(tb.RefusedCode, tb.CodeFault), A_REVOCATION),
        tb.RevokedTickets(as_of=NOON, position=tb.BEGINNING, tickets=(A_REVOCATION,)),
        *(A_SEAL, A_SEAL.checkpoint, *A_SEAL.witnesses),
        *(lost, evolve(appointment, lost_slot=lost), ticket_of(desk.catalogue, appointment, ME)),
        tb.DecisionObserved(verb="book", outcome="granted", seconds=0.5),
        tb.BatchObserved(size=2, retried=0, seconds=0.5),
        tb.SearchObserved(verb="find_slots", found=2, seconds=0.5),
        tb.StoreObserved(verb="read", size=2, seconds=0.5),
        tb.FeedObserved(entries=2, lag_seconds=0, seconds=0.5),
        tb.Fault(file="services.toml", entry="renewal", field="name", got="nothing", expected="a value"),
        *(PLAIN, *RECORDS, *seen_at_a_gate()),
        *(desk.catalogue.find("town")[0], desk.catalogue.nearest(tb.Coordinates(24.5, 46))[0]),
    ]


def inside(value: object, seen: set[int]) -> Iterator[object]:
    """The value and all values of ours in its fields."""
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, tuple | list | frozenset):
        for each in value:
            yield from inside(each, seen)
    if not type(value).__module__.startswith("traffic_booking"):
        return
    yield value
    for each in getattr(type(value), "__attrs_attrs__", ()):
        yield from inside(getattr(value, each.name), seen)


def of_every_class() -> dict[type, object]:
    """One example for each class of values on the public face."""
    found: dict[type, object] = {}
    seen: set[int] = set()
    for value in (each for example in (*EXAMPLES, *others()) for each in inside(example, seen)):
        found.setdefault(type(value), value)
    return {kind: found[kind] for kind in PUBLIC if kind in found}


PUBLIC: Final = [kind for name in tb.__all__ if attrs.has(kind := getattr(tb, name)) and kind is not tb.PersonId]
"""The classes of values on the public face."""
