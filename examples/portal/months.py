"""The grid of a month: Hijri days with the Gregorian ones beside them, or in the other order."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from examples.portal.page import Page
from traffic_booking import Day, DayAvailability, DayState

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


class Month(NamedTuple):
    """A month: its heading in both calendars, its weeks from Sunday on, and why days have nothing."""

    heading: str
    beside: str
    weeks: list[list[Cell | None]]
    reasons: dict[str, list[str]]
    before: str | None
    after: str | None


def month_of(
    page: Page, days: Sequence[DayAvailability], calendar: str, chosen: date | None, last: date | None
) -> Month:
    """The month of `days`; with `last`, later days are no choice (an earlier time is wanted)."""
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
    return Month(
        heading,
        beside,
        [cells[start : start + 7] for start in range(0, len(cells), 7)],
        _reasons(page, days, calendar),
        None if first.gregorian <= page.today() else before,
        None if is_last else after,
    )


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
