"""J-14: the day and the time, for a new appointment or one that is moved; Hijri days with the Gregorian ones beside."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any, NamedTuple

from starlette.responses import Response

from examples.portal.page import Page
from examples.portal.routing import get
from traffic_booking import AvailableSlot, Day, DayAvailability, DayState, HijriDate

FEW = 5
SHORT = {
    DayState.FULL: ("مكتمل", "Full"),
    DayState.NOT_YET_OPEN: ("لاحقًا", "Later"),
    DayState.PAST: ("", ""),
    DayState.CLOSED: ("مغلق", "Closed"),
    DayState.NO_SERVICE: ("لا خدمة", "None"),
    DayState.SUSPENDED: ("موقوفة", "Paused"),
    DayState.NOT_BOOKABLE: ("غير متاح", "No"),
}
LOOKS = {DayState.FREE: "free", DayState.FULL: "full", DayState.NOT_YET_OPEN: "later", DayState.PAST: "past"}
ELSEWHERE = dict.fromkeys(("day", "slot", "missing", "show"))  # what a link to another day or month leaves out
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
    values["month"] = _month(page, days, calendar, chosen, moving.day.gregorian if moving and earlier else None)
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


class Cell(NamedTuple):
    """One day as the grid shows it; `path` is set if it has times to choose."""

    day: Day
    numbers: tuple[str, str]
    look: str
    short: str
    long: str
    text: str
    path: str | None
    chosen: bool


def _month(
    page: Page, days: Sequence[DayAvailability], calendar: str, chosen: date | None, last: date | None
) -> dict[str, Any]:
    """The grid of `days`, with both headings; with `last`, later days are no choice (an earlier time is wanted)."""
    first, end = days[0].day, days[-1].day
    cells: list[Cell | None] = [None] * ((first.gregorian.weekday() + 1) % 7)
    cells += [_cell(page, each, calendar, chosen, last) for each in days]
    texts = first.hijri_text, end.hijri_text, first.gregorian_text, end.gregorian_text
    hijri_first, hijri_end, plain_first, plain_end = (page.say(text) for text in texts)
    if calendar == "hijri":
        heading, beside = hijri_first.split(" ", 1)[1], f"{plain_first} – {plain_end}"
    else:
        heading, beside = plain_first.split(" ", 1)[1], f"{hijri_first} – {hijri_end}"
    is_last = all(each.state in {DayState.NOT_YET_OPEN, DayState.CLOSED} for each in days)
    before = page.here_with(**{**ELSEWHERE, "show": first.gregorian - timedelta(days=1)})
    after = page.here_with(**{**ELSEWHERE, "show": end.gregorian + timedelta(days=1)})
    weeks = [cells[start : start + 7] for start in range(0, len(cells), 7)]
    shown = {"heading": heading, "beside": beside, "weeks": weeks, "reasons": _reasons(page, days, calendar)}
    return shown | {"before": before if first.gregorian > page.today() else "", "after": "" if is_last else after}


def _numbers(page: Page, day: Day, calendar: str) -> tuple[str, str]:
    numbers = page.n(day.hijri.day), page.n(day.gregorian.day)
    return numbers if calendar == "hijri" else (numbers[1], numbers[0])


def _cell(page: Page, each: DayAvailability, calendar: str, chosen: date | None, last: date | None) -> Cell:
    day, state, path = each.day, each.state, None
    look, text, long = LOOKS.get(state, "closed"), page.say(each.text), ""
    short = page.t(*SHORT[state]) if state in SHORT else page.n(each.free)
    if state is DayState.FREE and last is not None and day.gregorian > last:
        look, short, text = "past", "", page.t("بعد موعدك الحالي", "After your present appointment")
    elif state is DayState.FREE:
        path = page.here_with(**{**ELSEWHERE, "day": day.gregorian}) + "#times"
        if each.free <= FEW:
            look, short = "free day-few", page.t(f"بقي {each.free}", f"{each.free} left")
    elif state is DayState.CLOSED and each.reason is not None:
        long = page.say(each.reason)
    both = f"{page.say(day.weekday)} {page.say(day.hijri_text)}، {page.say(day.gregorian_text)}: {text}"
    look += " day-today" if day.gregorian == page.today() else ""
    return Cell(day, _numbers(page, day, calendar), look, short, long, both, path, day.gregorian == chosen)


def _reasons(page: Page, days: Sequence[DayAvailability], calendar: str) -> dict[str, list[str]]:
    """Each reason for which days to come have no time, with the numbers of its days."""
    found: dict[str, list[str]] = {}
    opening = next((page.say(each.text) for each in days if each.state is DayState.NOT_YET_OPEN), "")
    for each in days:
        if each.state not in {DayState.FREE, DayState.PAST} and each.day.gregorian >= page.today():
            # Each later day opens at another instant: that of the first one stands for all.
            text = opening if each.state is DayState.NOT_YET_OPEN else page.say(each.text)
            found.setdefault(text, []).append(_numbers(page, each.day, calendar)[0])
    return found
