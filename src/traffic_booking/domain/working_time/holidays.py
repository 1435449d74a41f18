"""The holidays of a Gregorian year, reckoned from the rules and the announcements.

Occurrences of the years beside it are reckoned too, so that the ends of the year are right. Hijri rules don't apply
where the Umm al-Qura table doesn't reach, before 1924-08-01 and after 2077-11-16.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import MAXYEAR, MINYEAR, date
from typing import Final, TypeVar

from attrs import Factory, frozen

from traffic_booking.domain.working_time.authority import AuthorityId
from traffic_booking.domain.working_time.hours import Hours
from traffic_booking.domain.working_time.month_starts import TABLE, MonthStarts, Stretch
from traffic_booking.domain.working_time.records import AnnouncedClosure
from traffic_booking.domain.working_time.rules import (
    AnnouncedDays,
    Bridge,
    CalendarRule,
    FixedDay,
    HijriRule,
    HijriSpan,
    LabourDays,
    RamadanHours,
)
from traffic_booking.domain.working_time.weekends import Weekends

Ids = tuple[AuthorityId, ...]
Rule = TypeVar("Rule", bound=CalendarRule)
Hijri = TypeVar("Hijri", bound=HijriRule)

LATEST_DAY_IN_LIEU: Final = 31
"""How many days after a labour holiday a working day is looked for that makes up for its weekend."""

_HIJRI_YEARS_AROUND: Final = range(-2, 4)


@frozen(kw_only=True)
class Terms:
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


def holidays_around(year: int, terms: Terms) -> Holidays:
    """The holidays of the Gregorian year `year`.

    The order matters: what other holidays must give way to comes first, and no day is given twice.
    """
    found = Holidays()
    for closure in terms.closures:
        _announced(found, closure, terms)
    for span in _occurrences(found, HijriSpan, year, terms):
        _close(found.official, span.by_day())
        touching = terms.weekends.touching(span.stretch.first, span.stretch.last)
        _close(found.touching, ((day, (span.rule_id,)) for day in touching))
    labour = list(_occurrences(found, LabourDays, year, terms))
    for leave in labour:
        _close(found.official, leave.by_day())
    _fixed_days(found, year, terms)
    for leave in labour:
        _make_up_for_weekends(found, leave, terms)
    _ramadan(found, year, terms)
    _bridges(found, terms)
    return found


def _announced(found: Holidays, closure: AnnouncedClosure, terms: Terms) -> None:
    for rule in terms.of_kind(AnnouncedDays):
        first, last = closure.first_day.toordinal(), closure.last_day.toordinal()
        if rule.id == closure.rule and rule.in_force(first):
            ids = (closure.id, rule.id)
            _close(found.official, ((day, ids) for day in range(first, last + 1)))
            _close(found.touching, ((day, ids) for day in terms.weekends.touching(first, last)))


def _occurrences(found: Holidays, kind: type[Hijri], year: int, terms: Terms) -> Iterator[Occurrence]:
    """The occurrences of the rules of a kind in the Hijri years around `year`; what was moved out of them is noted."""
    about = (year - 622) * 33 // 32  # a Hijri year is shorter by some 11 days
    for rule in terms.of_kind(kind):
        months = terms.months if rule.by_sighting else TABLE
        for hijri_year in (about + around for around in _HIJRI_YEARS_AROUND):
            kept, tabled = rule.occurrence(hijri_year, months), rule.occurrence(hijri_year, TABLE)
            if kept is None or tabled is None or not rule.in_force(tabled.first):
                continue
            moved = kept.moved_from(tabled)
            _close(found.moved_away, ((day, ids) for day, ids in moved.items() if day not in kept.days))
            yield Occurrence(rule.id, kept, moved)


def _fixed_days(found: Holidays, year: int, terms: Terms) -> None:
    """Those that fall on a working day come first: another that is kept on the same day adds nothing."""
    moved: list[tuple[int, AuthorityId]] = []
    kept: list[tuple[int, AuthorityId]] = []
    for rule in terms.of_kind(FixedDay):
        for day in _in_years_around(rule, year):
            observed = terms.weekends.observed(day)
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


def _make_up_for_weekends(found: Holidays, leave: Occurrence, terms: Terms) -> None:
    owed = sum(1 for day in leave.stretch.days if terms.weekends.closing(day))
    for day in range(leave.stretch.last + 1, leave.stretch.last + 1 + LATEST_DAY_IN_LIEU):
        if owed and not found.includes(day) and not terms.weekends.closing(day):
            found.official[day] = (leave.rule_id,)
            owed -= 1


def _ramadan(found: Holidays, year: int, terms: Terms) -> None:
    hours = {rule.id: rule.hours for rule in terms.of_kind(RamadanHours)}
    for month in _occurrences(found, RamadanHours, year, terms):
        for day, ids in month.by_day():
            found.ramadan[day] = (hours[month.rule_id], ids)


def _bridges(found: Holidays, terms: Terms) -> None:
    lone: dict[int, Ids] = {}
    for rule in terms.of_kind(Bridge):
        for holiday in found.official:
            for day in (holiday - 1, holiday + 1):
                beside = (day - 1, day + 1)
                working = not _is_off(found, day, terms) and rule.in_force(day)
                if working and all(_is_off(found, neighbour, terms) for neighbour in beside):
                    lone[day] = (rule.id,)
    found.official.update(lone)


def _is_off(found: Holidays, day: int, terms: Terms) -> bool:
    return day in found.official or bool(terms.weekends.closing(day))


def _close(days: dict[int, Ids], which: Iterable[tuple[int, Ids]]) -> None:
    for day, ids in which:
        days[day] = tuple(dict.fromkeys((*days.get(day, ()), *ids)))
