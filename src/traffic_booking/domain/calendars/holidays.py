"""The holidays and weekends around a Gregorian year, from the rules and the announcements."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import MAXYEAR, MINYEAR, date
from itertools import takewhile
from typing import Final, TypeVar

from attrs import Factory, field

from traffic_booking.domain.calendars.announcements import AnnouncedClosure
from traffic_booking.domain.calendars.authority import AuthorityId
from traffic_booking.domain.calendars.holiday_rules import (
    AnnouncedDays,
    Bridge,
    CalendarRule,
    FixedDay,
    HijriRule,
    HijriSpan,
    LabourDays,
    RamadanHours,
    Weekend,
)
from traffic_booking.domain.calendars.hours import Hours
from traffic_booking.domain.calendars.month_starts import TABLE, MonthStarts, Stretch
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.values import frozen

WEEK: Final = 7
"""Days beside a holiday that are searched for a weekend."""


def _without_gap(rules: tuple[Weekend, ...]) -> tuple[Weekend, ...]:
    """`rules` if one of them is in force on every day, so that every working day can cite one."""
    reached = date.min
    for rule in sorted(rules, key=lambda rule: rule.in_force_from or date.min):
        if (rule.in_force_from or date.min) > reached:
            break
        if rule.in_force_until is None:
            return rules
        reached = max(reached, rule.in_force_until)
    raise InvalidInput("rules", got=f"no weekend in force on {reached}", expected="a weekend in force on every day")


@frozen
class Weekends:
    """The weekend rules of a profile. Days are proleptic Gregorian ordinals."""

    rules: tuple[Weekend, ...] = field(converter=_without_gap)

    def in_force(self, ordinal: int) -> tuple[AuthorityId, ...]:
        """The ids of the rules in force on the day, at least one."""
        return tuple(rule.id for rule in self.rules if rule.in_force(ordinal))

    def closing(self, ordinal: int) -> tuple[AuthorityId, ...]:
        """The ids of the rules that close the day, none on a working day."""
        return tuple(rule.id for rule in self.rules if rule.in_force(ordinal) and rule.falls_on(ordinal))

    def touching(self, first: int, last: int) -> tuple[int, ...]:
        """The weekend days right before `first` and right after `last`, at most seven on either side."""
        before = takewhile(self.closing, range(first - 1, first - 1 - WEEK, -1))
        return (*reversed([*before]), *takewhile(self.closing, range(last + 1, last + 1 + WEEK)))

    def observed(self, ordinal: int) -> int | None:
        """The working day on which a holiday of that day is observed; None if there is none within a week."""
        days = (ordinal, ordinal - 1, *range(ordinal + 1, ordinal + 2 + WEEK))
        return next((day for day in days if not self.closing(day)), None)


Ids = tuple[AuthorityId, ...]
Rule = TypeVar("Rule", bound=CalendarRule)
Hijri = TypeVar("Hijri", bound=HijriRule)

LATEST_DAY_IN_LIEU: Final = 31
"""Days after a labour holiday that are searched for working days in lieu of its weekend days."""

_HIJRI_YEARS_AROUND: Final = range(-2, 4)


@frozen(kw_only=True)
class YearRules:
    """The rules of one profile, and all announcements: the input of a year's holidays."""

    rules: tuple[CalendarRule, ...]
    weekends: Weekends
    months: MonthStarts
    closures: tuple[AnnouncedClosure, ...]

    def of_kind(self, kind: type[Rule]) -> Iterator[Rule]:
        """The rules of one kind, in their order."""
        return (rule for rule in self.rules if isinstance(rule, kind))


@frozen
class Holidays:
    """The holidays of a year, by ordinal, each with the ids behind it; days of the years beside it are not complete.

    `official` has the holidays themselves, `touching` the weekend days beside them, `ramadan` the hours of Ramadan.
    `moved_away` has the days that an announcement took out of a holiday or a month of the table.
    """

    official: dict[int, Ids] = Factory(dict)
    touching: dict[int, Ids] = Factory(dict)
    moved_away: dict[int, Ids] = Factory(dict)
    ramadan: dict[int, tuple[Hours, Ids]] = Factory(dict)

    def includes(self, ordinal: int) -> bool:
        """True if the day is a holiday, or a weekend day that joins one."""
        return ordinal in self.official or ordinal in self.touching


@frozen
class Occurrence:
    """The days of one occurrence of a Hijri rule, and the days that announcements moved into it or out of it."""

    rule_id: AuthorityId
    stretch: Stretch
    moved: Mapping[int, Ids]

    def by_day(self) -> Iterator[tuple[int, Ids]]:
        """Each day with the ids behind it."""
        return ((day, (*self.moved.get(day, ()), self.rule_id)) for day in self.stretch.days)


def holidays_around(year: int, year_rules: YearRules) -> Holidays:
    """The holidays of the Gregorian year `year`. The order matters: earlier rules take precedence over later ones."""
    found = Holidays()
    for closure in year_rules.closures:
        _announced(found, closure, year_rules)
    for span in _occurrences(found, HijriSpan, year, year_rules):
        _close(found.official, span.by_day())
        touching = year_rules.weekends.touching(span.stretch.first, span.stretch.last)
        _close(found.touching, ((day, (span.rule_id,)) for day in touching))
    # Labour holidays close their days first, and get days in lieu once the other holidays are known.
    labour = list(_occurrences(found, LabourDays, year, year_rules))
    for leave in labour:
        _close(found.official, leave.by_day())
    _fixed_days(found, year, year_rules)
    for leave in labour:
        _make_up_for_weekends(found, leave, year_rules)
    hours = {rule.id: rule.hours for rule in year_rules.of_kind(RamadanHours)}
    for month in _occurrences(found, RamadanHours, year, year_rules):
        found.ramadan.update((day, (hours[month.rule_id], ids)) for day, ids in month.by_day())
    _bridges(found, year_rules)
    return found


def _announced(found: Holidays, closure: AnnouncedClosure, year_rules: YearRules) -> None:
    for rule in year_rules.of_kind(AnnouncedDays):
        first, last = closure.first_day.toordinal(), closure.last_day.toordinal()
        if rule.id == closure.rule and rule.in_force(first):
            ids = (closure.id, rule.id)
            _close(found.official, ((day, ids) for day in range(first, last + 1)))
            _close(found.touching, ((day, ids) for day in year_rules.weekends.touching(first, last)))


def _occurrences(found: Holidays, kind: type[Hijri], year: int, year_rules: YearRules) -> Iterator[Occurrence]:
    """The occurrences of the rules of a kind in the Hijri years around `year`; adds the days moved out of them."""
    about = (year - 622) * 33 // 32  # 33 Hijri years last about 32 Gregorian ones
    for rule in year_rules.of_kind(kind):
        months = year_rules.months if rule.by_sighting else TABLE
        for hijri_year in (about + around for around in _HIJRI_YEARS_AROUND):
            kept, tabled = rule.occurrence(hijri_year, months), rule.occurrence(hijri_year, TABLE)
            if kept is None or tabled is None or not rule.in_force(tabled.first):
                continue
            moved = kept.moved_from(tabled)
            _close(found.moved_away, ((day, ids) for day, ids in moved.items() if day not in kept.days))
            yield Occurrence(rule.id, kept, moved)


def _fixed_days(found: Holidays, year: int, year_rules: YearRules) -> None:
    """Holidays on a working day come first: one moved to the same day adds nothing."""
    moved: list[tuple[int, AuthorityId]] = []
    kept: list[tuple[int, AuthorityId]] = []
    for rule in year_rules.of_kind(FixedDay):
        for day in _in_years_around(rule, year):
            observed = year_rules.weekends.observed(day)
            if rule.in_force(day) and not found.includes(day) and observed is not None:
                (kept if observed == day else moved).append((observed, rule.id))
    for day, rule_id in (*kept, *moved):
        if not found.includes(day):
            found.official[day] = (rule_id,)


def _in_years_around(rule: FixedDay, year: int) -> Iterator[int]:
    for each in range(max(MINYEAR, year - 1), min(MAXYEAR, year + 1) + 1):
        try:
            yield date(each, rule.month, rule.day).toordinal()
        except ValueError:  # 29 February of a common year
            continue


def _make_up_for_weekends(found: Holidays, leave: Occurrence, year_rules: YearRules) -> None:
    owed = sum(1 for day in leave.stretch.days if year_rules.weekends.closing(day))
    for day in range(leave.stretch.last + 1, leave.stretch.last + 1 + LATEST_DAY_IN_LIEU):
        if owed and not found.includes(day) and not year_rules.weekends.closing(day):
            found.official[day] = (leave.rule_id,)
            owed -= 1


def _bridges(found: Holidays, year_rules: YearRules) -> None:
    lone: dict[int, Ids] = {}
    for rule in year_rules.of_kind(Bridge):
        for holiday in found.official:
            for day in (holiday - 1, holiday + 1):
                beside = (day - 1, day + 1)
                working = not _is_off(found, day, year_rules) and rule.in_force(day)
                if working and all(_is_off(found, neighbour, year_rules) for neighbour in beside):
                    lone[day] = (rule.id,)
    found.official.update(lone)


def _is_off(found: Holidays, day: int, year_rules: YearRules) -> bool:
    return day in found.official or bool(year_rules.weekends.closing(day))


def _close(days: dict[int, Ids], which: Iterable[tuple[int, Ids]]) -> None:
    for day, ids in which:
        days[day] = tuple(dict.fromkeys((*days.get(day, ()), *ids)))
