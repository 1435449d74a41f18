"""The command that draws a month of a branch: both calendars, closed days and special hours with whoever says so."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final

from traffic_booking import Bilingual, BookingDesk, BranchDay, Day
from traffic_booking.cli import words
from traffic_booking.cli.calendar_forms import branch_day_form
from traffic_booking.cli.machine_form import names
from traffic_booking.cli.options import Options, month_of
from traffic_booking.cli.reply import DayCell, Facts, Listing, MonthGrid, Reply, Sentence, hijri_date

WEEK: Final = 7
_SUNDAY: Final = dt.date(2026, 11, 22)
_SHORT: Final = 3
_DISPUTED: Final = "~"


def calendar(month: str, /, *, branch: str, options: Options | None = None) -> Reply:
    """Draw a month of a branch: both calendars, closed days and special hours, and the rules that say so.

    Parameters
    ----------
    month
        YYYY-MM: 2026-12, or 1448-06 for a Hijri month.
    branch
        At this branch (an id of `branches`).
    """
    options = options or Options()
    year, month_of_year, is_hijri = month_of(month)
    with options.desk() as desk:
        days = desk.working_month(
            branch, year=year, month_of_year=month_of_year, calendar="hijri" if is_hijri else "gregorian"
        )
        rules = dict.fromkeys(rule for day in days for rule in day.rules)
        statements: dict[str, Bilingual] = {rule: desk.calendar_statement(rule) for rule in rules}
        facts = _heading(desk, days, options, is_hijri=is_hijri)
    disputed = any(_is_disputed(entry.day) for entry in days)
    form = {
        "branch": branch,
        "days": [branch_day_form(entry) for entry in days],
        "statements": {rule: names(statement) for rule, statement in statements.items()},
    }
    parts = (
        facts,
        _grid(days, options, is_hijri=is_hijri),
        *((Sentence(words.DISPUTED),) if disputed else ()),
        _reasons(days, statements, options, is_hijri=is_hijri),
    )
    return Reply(options, form, parts)


def _heading(desk: BookingDesk, days: Sequence[BranchDay], options: Options, *, is_hijri: bool) -> Facts:
    first, last = (_in_both(entry.day, options, is_hijri=is_hijri) for entry in (days[0], days[-1]))
    branch = desk.catalogue.branch(days[0].branch).name(options.spoken)
    return Facts(((words.BRANCH, branch), (words.FROM, first), (words.UNTIL, last)))


def _in_both(day: Day, options: Options, *, is_hijri: bool) -> str:
    """A day in words, in the calendar of the month before the other; the latter where the table reaches it."""
    gregorian = day.gregorian_text(options.spoken)
    if not day.has_hijri:
        return gregorian
    hijri = day.hijri_text(options.spoken)
    return f"{hijri} – {gregorian}" if is_hijri else f"{gregorian} – {hijri}"


def _grid(days: Sequence[BranchDay], options: Options, *, is_hijri: bool) -> MonthGrid:
    before = days[0].day.gregorian.isoweekday() % WEEK
    cells: list[DayCell | None] = [None] * before
    cells += [_cell(entry, options, is_hijri=is_hijri) for entry in days]
    cells += [None] * (-len(cells) % WEEK)
    weeks = [cells[start : start + WEEK] for start in range(0, len(cells), WEEK)]
    weekdays = [Day(_SUNDAY + dt.timedelta(days=offset)).weekday for offset in range(WEEK)]
    return MonthGrid(headers=tuple(Bilingual(name.ar, name.en[:_SHORT]) for name in weekdays), weeks=weeks)


def _cell(entry: BranchDay, options: Options, *, is_hijri: bool) -> DayCell:
    day = entry.day
    gregorian, hijri = f"{day.gregorian:%m-%d}", hijri_date(day)[-5:]
    mark = _DISPUTED if _is_disputed(day) else ""
    number = f"{day.hijri.day}{mark}" if is_hijri else str(day.gregorian.day)
    note = "closed" if not entry.open else "" if entry.usual else "special"
    return DayCell(
        number=number,
        other=gregorian if is_hijri else hijri + mark,
        note=words.WORKED[note](options.spoken) if note else "",
    )


def _is_disputed(day: Day) -> bool:
    return day.has_hijri and not day.hijri.agreed


def _reasons(
    days: Sequence[BranchDay], statements: Mapping[str, Bilingual], options: Options, *, is_hijri: bool
) -> Listing:
    """Each period that isn't as usual, then the weekends; a line for each rule."""
    weekly = [day for day in days if day.usual and not day.open]
    said_by_the_week = {rule for day in days if day.usual for rule in day.rules}
    rows: list[tuple[str, str, str, str]] = []
    for period in _periods(days):
        first, last = (_written(period[place].day, is_hijri=is_hijri) for place in (0, -1))
        head = (words.between(first, last, options.spoken), _hours(period[0], options))
        rules = [rule for rule in period[0].rules if rule not in said_by_the_week]
        rows += _rows(head, rules, statements, options)
    for said in dict.fromkeys(day.rules for day in weekly):
        dates = {day.day.gregorian.isoweekday() % WEEK: day.day for day in weekly if day.rules == said}
        weekdays = [day.weekday(options.spoken) for _, day in sorted(dates.items())]
        head = (words.listed(weekdays, options.spoken), words.WORKED["closed"](options.spoken))
        rows += _rows(head, said, statements, options)
    return Listing(headers=(words.DAYS, words.HOURS, words.RULE, words.STATEMENT), rows=rows)


def _rows(
    head: tuple[str, str], rules: Sequence[str], statements: Mapping[str, Bilingual], options: Options
) -> list[tuple[str, str, str, str]]:
    return [
        (*(head if place == 0 else ("", "")), rule, statements[rule](options.spoken))
        for place, rule in enumerate(rules)
    ]


def _periods(days: Sequence[BranchDay]) -> list[list[BranchDay]]:
    """Days with the same hours by the same word; weekends between them don't part them."""
    periods: list[list[BranchDay]] = []
    parted = True
    for day in days:
        if day.usual:
            parted = parted or day.open
        elif not parted and (day.hours, day.rules) == (periods[-1][0].hours, periods[-1][0].rules):
            periods[-1].append(day)
        else:
            periods.append([day])
            parted = False
    return periods


def _written(day: Day, *, is_hijri: bool) -> str:
    return hijri_date(day) if is_hijri else day.gregorian.isoformat()


def _hours(day: BranchDay, options: Options) -> str:
    """When the branch is open on that day."""
    language = options.spoken
    shown = [words.isolated(f"{hours.opens}–{hours.closes}", language) for hours in day.hours]
    return words.listed(shown, language) if shown else words.WORKED["closed"](language)
