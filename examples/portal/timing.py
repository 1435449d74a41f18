"""J-14: the day and the time, for a new appointment or for one that is moved."""

from collections.abc import Iterable
from datetime import date
from functools import partial
from typing import Any

from starlette.responses import Response

from examples.portal.months import month_of
from examples.portal.page import Page
from examples.portal.routing import get
from traffic_booking import AvailableSlot, Day, DayAvailability, HijriDate

PARTS = {"morning": range(12), "afternoon": range(12, 16), "evening": range(16, 24)}
MOST_TIMES = 200


@get("/month", "J-14")
def month(page: Page) -> Response:
    """The month on one side, the times of the chosen day on the other; at first those of the first free day."""
    branch, service, number = page.found("branch"), page.found("service"), page.query.get("moving")
    moving = page.desk.appointment(number, by=page.me) if number else None
    earlier = page.query.get("earlier") == "1" and moving is not None
    search: dict[str, Any] = {"service": service.id, "branch": branch.id, "applicant": page.me}
    search |= {"moving": number, "earlier_only": earlier} if moving else {}
    first = page.desk.find_slots(**search, limit=1)
    chosen, shown = page.day_of("day"), page.day_of("show")
    if chosen is None and shown is None and first:
        chosen = first[0].day.gregorian
    calendar = "gregorian" if page.query.get("calendar") == "gregorian" else "hijri"
    days = _days(page, branch.id, service.id, shown or chosen or page.today(), hijri=calendar == "hijri")
    slots = page.desk.find_slots(**search, day=chosen, limit=MOST_TIMES) if chosen else ()
    values: dict[str, Any] = {"calendar": calendar, "chosen": chosen and Day(chosen), "parts_of_day": _parts(slots)}
    values["month"] = month_of(page, days, calendar, chosen, moving.day.gregorian if moving and earlier else None)
    values["chosen_text"] = next((page.say(each.text) for each in days if each.day.gregorian == chosen), "")
    values |= {"part": page.query.get("part"), "picked": page.query.get("slot"), "first": first}
    return page.show("month.html", branch=branch, service=service, moving=moving, earlier=earlier, **values)


def _parts(slots: Iterable[AvailableSlot]) -> list[tuple[str, list[AvailableSlot]]]:
    """The times by the part of the day, without the parts that have none."""
    found = [(name, [slot for slot in slots if slot.starts_at.hour in hours]) for name, hours in PARTS.items()]
    return [(name, times) for name, times in found if times]


def _days(page: Page, branch: str, service: str, around: date, *, hijri: bool) -> tuple[DayAvailability, ...]:
    """The days of the month of `around`, in either calendar."""
    view = partial(page.desk.month_view, service=service, branch=branch)
    if not hijri:
        return view(year=around.year, month_of_year=around.month)
    day = HijriDate.from_gregorian(around)
    return view(year=day.year, month_of_year=day.month, calendar="hijri")
