"""The command that draws a month of a branch in both calendars, with closed days and special hours."""

from collections.abc import Mapping, Sequence
from typing import Final

from traffic_booking import Bilingual, BranchDay, Hours, Language, to_json
from traffic_booking.cli import words
from traffic_booking.cli.month_grids import WEEK, in_both, in_figures, is_disputed, month_grid
from traffic_booking.cli.options import DEFAULTS, BranchText, MonthText, Options
from traffic_booking.cli.reply import GridCell, Listing, NamedValues, Reply, Sentence
from traffic_booking.cli.typed_values import month_of
from traffic_booking.domain.bidi import left_to_right

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
    first, last = (in_both(entry.day, language, is_hijri=is_hijri) for entry in (days[0], days[-1]))
    disputed = (Sentence(words.DISPUTED),) if any(is_disputed(entry.day) for entry in days) else ()
    in_doubt = (Sentence(words.IN_DOUBT),) if any(entry.in_doubt for entry in days) else ()
    form = {
        "branch": branch,
        "days": to_json(days),
        "statements": {rule: to_json(statement) for rule, statement in statements.items()},
    }
    parts = (
        NamedValues((words.BRANCH, name), (words.FROM, first), (words.UNTIL, last)),
        month_grid(days[0].day, [_cell(entry, language, is_hijri=is_hijri) for entry in days]),
        *disputed,
        *in_doubt,
        _reasons(days, statements, language, is_hijri=is_hijri),
    )
    return Reply(options, form, *parts)


def _cell(entry: BranchDay, language: Language, *, is_hijri: bool) -> GridCell:
    """The day's number, its date in the other calendar, and a note."""
    mark = (_DISPUTED if is_disputed(entry.day) else "") + (_IN_DOUBT(language) if entry.in_doubt else "")
    special = "" if entry.usual else words.WORKED["special"](language)
    note = special if entry.open else words.WORKED["closed"](language)
    return GridCell(*in_figures(entry.day, is_hijri=is_hijri, mark=mark), note)


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
