"""The command that draws a month of a branch in both calendars, with closed days and special hours."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final

from traffic_booking import Bilingual, BranchDay, Day, Hours, Language, to_json
from traffic_booking.cli import words
from traffic_booking.cli.options import DEFAULTS, BranchText, MonthText, Options
from traffic_booking.cli.reply import Listing, MonthGrid, NamedValues, Reply, Sentence
from traffic_booking.cli.typed_values import month_of
from traffic_booking.domain.bidi import left_to_right

WEEK: Final = 7
_SUNDAY: Final = dt.date(2026, 11, 22)
_SHORT_NAME: Final = 3
_DISPUTED: Final = "~"
_IN_DOUBT: Final = Bilingual("؟", "?")


def calendar(month: MonthText, /, *, branch: BranchText, options: Options = DEFAULTS) -> Reply:
    """Draw a month of a branch: both calendars, closed days and special hours, and their rules."""
    year, month_of_year, is_hijri = month_of(month)
    language = options.output_language
    with options.desk() as desk:
        days = desk.calendar.working_month(
            branch, year=year, month_of_year=month_of_year, calendar="hijri" if is_hijri else "gregorian"
        )
        rules = dict.fromkeys(rule for day in days for rule in day.rules)
        statements: dict[str, Bilingual] = {rule: desk.calendar.statement(rule) for rule in rules}
        name = desk.catalogue.branch(days[0].branch).name(language)
    first, last = (_in_both(entry.day, language, is_hijri=is_hijri) for entry in (days[0], days[-1]))
    disputed = (Sentence(words.DISPUTED),) if any(_is_disputed(entry.day) for entry in days) else ()
    in_doubt = (Sentence(words.IN_DOUBT),) if any(entry.in_doubt for entry in days) else ()
    form = {
        "branch": branch,
        "days": to_json(days),
        "statements": {rule: to_json(statement) for rule, statement in statements.items()},
    }
    parts = (
        NamedValues((words.BRANCH, name), (words.FROM, first), (words.UNTIL, last)),
        _grid(days, language, is_hijri=is_hijri),
        *disputed,
        *in_doubt,
        _reasons(days, statements, language, is_hijri=is_hijri),
    )
    return Reply(options, form, *parts)


def _in_both(day: Day, language: Language, *, is_hijri: bool) -> str:
    """A day in both calendars, that of the month first; the Gregorian date alone beyond the Hijri table."""
    gregorian = day.gregorian_text(language)
    if not day.has_hijri:
        return gregorian
    hijri = day.hijri_text(language)
    return f"{hijri} – {gregorian}" if is_hijri else f"{gregorian} – {hijri}"


def _grid(days: Sequence[BranchDay], language: Language, *, is_hijri: bool) -> MonthGrid:
    cells: list[tuple[str, str, str] | None] = [None] * (days[0].day.gregorian.isoweekday() % WEEK)
    cells += [_cell(entry, language, is_hijri=is_hijri) for entry in days]
    cells += [None] * (-len(cells) % WEEK)
    weeks = [cells[start : start + WEEK] for start in range(0, len(cells), WEEK)]
    weekdays = [Day(_SUNDAY + dt.timedelta(days=offset)).weekday for offset in range(WEEK)]
    return MonthGrid(headers=tuple(Bilingual(name.ar, name.en[:_SHORT_NAME]) for name in weekdays), weeks=weeks)


def _cell(entry: BranchDay, language: Language, *, is_hijri: bool) -> tuple[str, str, str]:
    """The day's number, its date in the other calendar, and a note."""
    day = entry.day
    gregorian, hijri = f"{day.gregorian:%m-%d}", words.hijri_date(day)[-5:]
    mark = (_DISPUTED if _is_disputed(day) else "") + (_IN_DOUBT(language) if entry.in_doubt else "")
    special = "" if entry.usual else words.WORKED["special"](language)
    note = special if entry.open else words.WORKED["closed"](language)
    return (f"{day.hijri.day}{mark}", gregorian, note) if is_hijri else (str(day.gregorian.day), hijri + mark, note)


def _is_disputed(day: Day) -> bool:
    return day.has_hijri and not day.hijri.agreed


def _reasons(
    days: Sequence[BranchDay], statements: Mapping[str, Bilingual], language: Language, *, is_hijri: bool
) -> Listing:
    """A line for each rule: first of each period that differs from the usual, then of the weekends."""
    closed = words.WORKED["closed"](language)
    weekly = [day for day in days if day.usual and not day.open]
    usual_rules = {rule for day in days if day.usual for rule in day.rules}
    periods: list[tuple[str, str, Sequence[str]]] = []
    for period in _periods(days):
        ends = (period[0].day, period[-1].day)
        first, last = (words.hijri_date(day) if is_hijri else day.gregorian.isoformat() for day in ends)
        hours = [_times(hours, language) for hours in period[0].hours]
        rules = [rule for rule in period[0].rules if rule not in usual_rules]
        periods.append((words.between(first, last, language), words.listed(hours, language) or closed, rules))
    for weekend in dict.fromkeys(day.rules for day in weekly):
        dates = {day.day.gregorian.isoweekday() % WEEK: day.day for day in weekly if day.rules == weekend}
        names = [day.weekday(language) for _, day in sorted(dates.items())]
        periods.append((words.listed(names, language), closed, weekend))
    rows = [
        (*((when, hours) if place == 0 else ("", "")), rule, statements[rule](language))
        for when, hours, rules in periods
        for place, rule in enumerate(rules)
    ]
    return Listing(headers=(words.DAYS, words.HOURS, words.RULE, words.STATEMENT), rows=rows)


def _times(hours: Hours, language: Language) -> str:
    """Such as `22:00–02:00`, or `00:30–02:00 (next day)` if the hours begin after midnight."""
    times = left_to_right(f"{hours.opens}–{hours.closes}", language)
    return f"{times} ({words.NEXT_DAY(language)})" if hours.on_next_day else times


def _periods(days: Sequence[BranchDay]) -> list[list[BranchDay]]:
    """Runs of days with the same unusual hours and rules. Weekends do not end a run; usual working days do."""
    periods: list[list[BranchDay]] = []
    ended = True
    for day in days:
        if day.usual:
            ended = ended or day.open
        elif not ended and (day.hours, day.rules) == (periods[-1][0].hours, periods[-1][0].rules):
            periods[-1].append(day)
        else:
            periods.append([day])
            ended = False
    return periods
