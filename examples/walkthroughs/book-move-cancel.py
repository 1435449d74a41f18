"""A walk from Python: find a slot, hold it, book it, print its ticket, move it, be refused, cancel, and ask why.

Run it with `.venv/bin/python examples/walkthroughs/book-move-cancel.py`. It writes to a temporary folder only.
"""

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from traffic_booking import Booked, BookingDesk, Cancelled, Held, Moved, NationalId, Refused, SlotKey

ME = NationalId("1000000008")  # made up; its check digit is right
SERVICE = "licence-renewal"


def walk(desk: BookingDesk) -> None:
    """One appointment from the search to the cancellation."""
    # A week ahead: shortly before its start, an appointment can be moved or cancelled for some minutes only (CN-05).
    next_week = desk.clock.now() + timedelta(days=7)
    slots = desk.find_slots(service=SERVICE, branch="riyadh-traffic", from_=next_week, limit=5)
    first, *_, last = (slot.key for slot in slots)
    print("Found:", *(f"{slot.starts_at:%Y-%m-%d %H:%M} ({slot.free} free)" for slot in slots), sep="\n  ")

    held = desk.hold(first, applicant=ME, request_id="walk-hold")
    assert isinstance(held, Held)  # another applicant can't take this seat for a few minutes
    print("Held until", held.appointment.hold_ends_at, "(UTC)")

    # Pass agreed=True after the applicant has read the instructions.
    booked = desk.book(held, applicant=ME, agreed=True, request_id="walk-book")
    assert isinstance(booked, Booked)
    number = booked.appointment.number
    print(desk.ticket(number, by=ME, language="ar"))
    print(desk.ticket(number, by=ME, language="en"))

    moved = desk.move(number, last, by=ME, request_id="walk-move")
    assert isinstance(moved, Moved)
    assert moved.appointment.number == number  # the printed ticket has the old time: print it again
    print("Moved to", moved.appointment.starts_at)

    be_refused(desk, last)

    may = desk.may_cancel(number, by=ME)
    assert may
    print("May be cancelled before", may.until, "(UTC)")
    cancelled = desk.cancel(number, by=ME, request_id="walk-cancel")
    assert isinstance(cancelled, Cancelled)
    print(desk.ticket(number, by=ME, language="en"))  # now the proof of the cancellation

    ask_why(desk, number)


def be_refused(desk: BookingDesk, slot: SlotKey) -> None:
    """A second booking of the same time: two rules refuse it, and the refusal names both."""
    refused = desk.book(slot, applicant=ME, agreed=True, request_id="walk-second")
    assert isinstance(refused, Refused)
    assert [verdict.rule_id for verdict in refused.verdicts] == ["BK-07", "BK-09"]
    for verdict in refused.verdicts:
        print(verdict.rule_id, verdict.message("en"))
        print("     ", verdict.message("ar"))
        print("      observed:", verdict.observed, "limit:", verdict.limit, "allowed from:", verdict.allowed_from)


def ask_why(desk: BookingDesk, number: str) -> None:
    """The recorded decisions, also after the cancellation."""
    (why,) = desk.explain(request_id="walk-second", by=ME)
    assert [verdict.rule_id for verdict in why.refused] == ["BK-07", "BK-09"]
    print(f"{why.use.value}: refused; {len(why.verdicts)} rules were evaluated, and {len(why.refused)} were broken")
    for decision in desk.explain(number, by=ME):
        print(f"{decision.use.value}: {'granted' if decision else 'refused'} under rulebook {decision.rulebook}")


if __name__ == "__main__":
    with TemporaryDirectory() as folder, BookingDesk.open(f"sqlite:///{Path(folder) / 'walk.db'}") as opened:
        walk(opened)
