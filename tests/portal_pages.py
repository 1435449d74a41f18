"""Every page of the reference portal in each of its states, for tests and pictures that visit them all."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Final

from attrs import frozen

from tests.bookings import number
from tests.portal_host import BRANCH, RIYADH, SERVICE, Host
from traffic_booking import (
    AvailableSlot,
    Bilingual,
    Booked,
    BranchException,
    Cancelled,
    Clerk,
    Effect,
    Held,
    NationalId,
)

SARA, CLERK = NationalId("1000000008"), NationalId("1000000016")
DAY: Final = "2026-11-24"


@frozen
class Shown:
    """A page: its name, its path after the language, who opens it, and what is clicked on it first."""

    name: str
    path: str
    who: str | None = "sara"
    clicks: tuple[str, ...] = ()
    slot: str = ""
    """The time that is sent from the page, though it may not be on it any more."""


def _free(host: Host, service: str, hour: int, day: int) -> AvailableSlot:
    at = datetime(2026, 11, day, hour, tzinfo=RIYADH)
    (slot,) = host.desk.find_slots(service=service, branch=BRANCH, from_=at, limit=1)
    return slot


def _booked(host: Host, service: str, hour: int, name: str, day: int = 24) -> str:
    outcome = host.desk.book(_free(host, service, hour, day), applicant=SARA, agreed=True, request_id=name)
    assert isinstance(outcome, Booked), outcome
    return outcome.appointment.number


def fill(host: Host) -> dict[str, str]:
    """Book, cancel, miss and hold for the demonstration's person. Returns the numbers by what they stand for."""
    numbers = {"next": _booked(host, "vehicle-registration", 10, "pages-next")}
    numbers["lost"] = _booked(host, "licence-issue", 9, "pages-lost", day=26)
    numbers["gone"] = _booked(host, "licence-replacement", 12, "pages-gone")
    assert isinstance(host.desk.cancel(numbers["gone"], by=SARA, request_id="pages-cancel"), Cancelled)
    closed = BranchException(
        id="pages-closed",
        branch=BRANCH,
        first_day=date(2026, 11, 26),
        last_day=date(2026, 11, 26),
        effect=Effect.CLOSED,
        reason=Bilingual("أعمال صيانة", "maintenance"),
    )
    host.desk.calendar.declare(closed, reason="maintenance", by=Clerk("counter-1"), request_id="pages-close")
    return numbers


def hold(
    host: Host, name: str, *, hour: int = 11, moving: str | None = None, service: str = SERVICE, day: int = 25
) -> str:
    """Hold a time for the person. Returns the number of the hold."""
    slot = _free(host, service, hour, day)
    outcome = host.desk.hold(slot, applicant=SARA, moving=moving, request_id=name)
    assert isinstance(outcome, Held), outcome
    return outcome.appointment.number


def pages(host: Host) -> Iterator[Shown]:
    """All pages. Some need a hold that lives, so the clock has to stand while they are shown."""
    numbers, place = fill(host), f"branch={BRANCH}&service={SERVICE}"
    over = hold(host, "pages-over")
    host.advance(minutes=11)
    held, move_to = (
        hold(host, "pages-held", hour=13),
        hold(host, "pages-move", moving=numbers["next"], service="vehicle-registration"),
    )
    yield Shown("open", "/", None)
    yield Shown("sign-in", "/sign-in", None)
    yield Shown("sign-in-faults", "/sign-in", None, ("#submit",))
    yield Shown("home", "/home")
    yield Shown("services", "/services")
    yield Shown("traffic", "/services/traffic")
    yield Shown("governorates", "/governorates")
    yield Shown("governorates-found", "/governorates?q=ri")
    yield Shown("governorates-none", "/governorates?q=xyzxyz")
    yield Shown("branches", "/branches?governorate=riyadh")
    yield Shown("choose-service", f"/choose-service?branch={BRANCH}")
    yield Shown("new", f"/new?{place}")
    yield Shown("new-refused", f"/new?branch={BRANCH}&service=vehicle-registration")
    yield Shown("month", f"/month?{place}&day={DAY}")
    yield Shown("month-gregorian", f"/month?{place}&day={DAY}&calendar=gregorian")
    yield Shown("month-missing", f"/month?{place}&day={DAY}&missing=1")
    yield Shown(
        "month-moving", f"/month?branch={BRANCH}&service=vehicle-registration&moving={numbers['next']}&earlier=1"
    )
    yield Shown("month-refused", f"/month?branch={BRANCH}&service=vehicle-registration")
    yield Shown("refusal", f"/month?{place}&day={DAY}", slot=_free(host, "vehicle-registration", 12, 25).token)
    yield Shown("instructions", f"/instructions/{held}")
    yield Shown("hold-over", f"/instructions/{over}")
    yield Shown("documents", f"/documents/{numbers['next']}?note=booked")
    yield Shown("ticket", f"/tickets/{numbers['next']}")
    yield Shown("ticket-lost", f"/tickets/{numbers['lost']}")
    yield Shown("appointments", "/appointments/traffic/booked")
    yield Shown("appointments-past", "/appointments/traffic/past")
    yield Shown("appointments-cancelled", "/appointments/traffic/cancelled")
    yield Shown("move", f"/move/{numbers['next']}")
    yield Shown("move-confirm", f"/move/{numbers['next']}/confirm?hold={move_to}")
    yield Shown("cancel", f"/cancel/{numbers['next']}")
    yield Shown("cancel-confirm", f"/cancel/{numbers['next']}/confirm")
    yield Shown("cancelled", f"/cancelled/{numbers['gone']}")
    yield Shown("menu", "/home", "sara", (".menu summary",))
    yield Shown("not-found", f"/tickets/{number(7)}")
    yield Shown("for-staff", "/staff")
    yield Shown("staff-day", "/staff", "clerk")
    yield Shown("staff-scan", "/staff", "clerk", ("#scan button",))
    yield Shown("staff-closed", "/staff?day=2026-11-27", "clerk")
    yield Shown("walk-in", "/staff/walk-in", "clerk")
    yield Shown("walk-in-faults", "/staff/walk-in", "clerk", ("main form button",))
    yield Shown("closures", "/staff/closures", "clerk")
    yield Shown("closures-faults", "/staff/closures/preview?first=2026-11-30", "clerk")
    yield Shown(
        "closure-preview",
        "/staff/closures/preview?first=2026-11-24&reason=%D8%B5%D9%8A%D8%A7%D9%86%D8%A9&reason_en=Works",
        "clerk",
    )
    yield Shown("audit", "/staff/audit", "clerk")


def show(page: Any, shown: Shown, language: str) -> None:
    """Open a page, and do its clicks."""
    page.goto(f"/{language}{shown.path}")
    if shown.slot:
        script = "(box, slot) => { box.value = slot; box.checked = true }"
        page.locator("#choose input[name=slot]").first.evaluate(script, shown.slot)
        page.click("#continue")
    for click in shown.clicks:
        page.locator(click).first.click()
        page.wait_for_load_state()
