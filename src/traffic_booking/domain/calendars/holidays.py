"""The holidays and weekends around a Gregorian year, from the rules and the announcements."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import MAXYEAR, MINYEAR, date
from typing import Final, TypeVar

from attrs import Factory, field, frozen

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

WEEK: Final = 7
"""How far beside a day a weekend is looked for, in days."""


def _without_gap(rules: tuple[Weekend, ...]) -> tuple[Weekend, ...]:
    """`rules` where one of them holds on every day there is: then every answer has something to cite."""
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
    """The weekend rules of a profile; days are proleptic Gregorian ordinals."""

    rules: tuple[Weekend, ...] = field(converter=_without_gap)

    def in_force(self, ordinal: int) -> tuple[AuthorityId, ...]:
        """The ids of the rules that hold on the day; there is always one."""
        return tuple(rule.id for rule in self.rules if rule.in_force(ordinal))

    def closing(self, ordinal: int) -> tuple[AuthorityId, ...]:
        """The ids of the rules that close the day; none on a working day."""
        return tuple(rule.id for rule in self.rules if rule.in_force(ordinal) and rule.falls_on(ordinal))

    def touching(self, first: int, last: int) -> tuple[int, ...]:
        """The weekend days right before `first` and right after `last`, at most seven on either side."""
        before = self._run(range(first - 1, first - 1 - WEEK, -1))
        return (*reversed(before), *self._run(range(last + 1, last + 1 + WEEK)))

    def observed(self, ordinal: int) -> int | None:
        """The working day on which a holiday of that day is kept; None where there is none within a week."""
        if not self.closing(ordinal):
            return ordinal
        if not self.closing(ordinal - 1):
            return ordinal - 1
        after = ordinal + 1 + len(self._run(range(ordinal + 1, ordinal + 1 + WEEK)))
        return None if self.closing(after) else after

    def _run(self, days: range) -> list[int]:
        run: list[int] = []
        for day in days:
            if not self.closing(day):
                break
            run.append(day)
        return run


Ids = tuple[AuthorityId, ...]
Rule = TypeVar("Rule", bound=CalendarRule)
Hijri = TypeVar("Hijri", bound=HijriRule)

LATEST_DAY_IN_LIEU: Final = 31
"""How many days after a labour holiday a working day is looked for that makes up for its weekend."""

_HIJRI_YEARS_AROUND: Final = range(-2, 4)


@frozen(kw_only=True)
class YearRules:
    """What holidays are reckoned from: the rules of one profile, and all announcements."""

    rules: tuple[CalendarRule, ...]
    weekends: Weekends
    months: MonthStarts
    closures: tuple[AnnouncedClosure, ...]

    def of_kind(self, kind: type[Rule]) -> Iterator[Rule]:
        """The rules of one kind, in their order."""
        return (rule for rule in self.rules if isinstance(rule, kind))


@frozen
class Holidays:
    """The holidays around a year, by ordinal, each with the ids that say so; neighbouring days are not complete.

    `official` are holidays in their own right, `touching` the weekend days that join them, `moved_away` the days that
    the table would have closed or shortened if an announcement had not moved them, `ramadan` the hours of Ramadan.
    """

    official: dict[int, Ids] = Factory(dict)
    touching: dict[int, Ids] = Factory(dict)
    moved_away: dict[int, Ids] = Factory(dict)
    ramadan: dict[int, tuple[Hours, Ids]] = Factory(dict)

    def includes(self, ordinal: int) -> bool:
        """Whether the day is a holiday, or a weekend day that joins one."""
        return ordinal in self.official or ordinal in self.touching


@frozen
class Occurrence:
    """The days of one occurrence of a Hijri rule, and those that announcements moved into it or out of it."""

    rule_id: AuthorityId
    stretch: Stretch
    moved: Mapping[int, Ids]

    def by_day(self) -> Iterator[tuple[int, Ids]]:
        """Each day with the ids that put it there."""
        return ((day, (*self.moved.get(day, ()), self.rule_id)) for day in self.stretch.days)


def holidays_around(year: int, year_rules: YearRules) -> Holidays:
    """The holidays of the Gregorian year `year`.

    The order matters: what other holidays must give way to comes first, and no day is given twice.
    """
    found = Holidays()
    for closure in year_rules.closures:
        _announced(found, closure, year_rules)
    for span in _occurrences(found, HijriSpan, year, year_rules):
        _close(found.official, span.by_day())
        touching = year_rules.weekends.touching(span.stretch.first, span.stretch.last)
        _close(found.touching, ((day, (span.rule_id,)) for day in touching))
    labour = list(_occurrences(found, LabourDays, year, year_rules))
    for leave in labour:
        _close(found.official, leave.by_day())
    _fixed_days(found, year, year_rules)
    for leave in labour:
        _make_up_for_weekends(found, leave, year_rules)
    _ramadan(found, year, year_rules)
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
    """The occurrences of the rules of a kind in the Hijri years around `year`; what was moved out of them is noted."""
    about = (year - 622) * 33 // 32  # a Hijri year is shorter by some 11 days
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
    """Those that fall on a working day come first: another that is kept on the same day adds nothing."""
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
        except ValueError:  # 29 February
            continue


def _make_up_for_weekends(found: Holidays, leave: Occurrence, year_rules: YearRules) -> None:
    owed = sum(1 for day in leave.stretch.days if year_rules.weekends.closing(day))
    for day in range(leave.stretch.last + 1, leave.stretch.last + 1 + LATEST_DAY_IN_LIEU):
        if owed and not found.includes(day) and not year_rules.weekends.closing(day):
            found.official[day] = (leave.rule_id,)
            owed -= 1


def _ramadan(found: Holidays, year: int, year_rules: YearRules) -> None:
    hours = {rule.id: rule.hours for rule in year_rules.of_kind(RamadanHours)}
    for month in _occurrences(found, RamadanHours, year, year_rules):
        for day, ids in month.by_day():
            found.ramadan[day] = (hours[month.rule_id], ids)


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
