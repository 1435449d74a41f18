"""The working calendar: for every day, whether it is worked, in which hours, and by which rules.

The highest of five layers with an entry for the day decides: branch exception, special order, announcement, rule,
weekend. Every day has the id of at least one of them: on an ordinary working day, that of the weekend rule.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from attrs import evolve, field

from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.calendars.announcements import AnnouncedClosure, Announcement, MonthStart
from traffic_booking.domain.calendars.authority import Authority, AuthorityId, authority_id
from traffic_booking.domain.calendars.holiday_rules import AnnouncedDays, CalendarRule, Weekend
from traffic_booking.domain.calendars.holidays import Holidays, Weekends, YearRules, holidays_around
from traffic_booking.domain.calendars.month_starts import MonthStarts, check_lengths
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.instants import plain_date
from traffic_booking.domain.number_input import bounded_number
from traffic_booking.domain.schedule.exceptions import BranchException, SpecialOrder
from traffic_booking.domain.schedule.working_day import DayLimits, WorkingDay, with_exceptions
from traffic_booking.domain.value_input import (
    MOST_MEMBERS,
    bounded_list,
    keep_lists,
    look_up,
    of_type,
    reading_members,
    remade,
)
from traffic_booking.domain.values import frozen

MOST_DAYS: Final = 100_000
"""The most days that are asked for at once, 270 years."""
CACHED_DAYS: Final = 16_384
"""The most days in the cache of a calendar, 44 years."""


def _months(records: Iterable[object]) -> list[MonthStart]:
    """The beginnings of months among `records`, of each month the last."""
    return list({record.begins: record for record in records if isinstance(record, MonthStart)}.values())


def _ids(ids: object) -> tuple[AuthorityId, ...]:
    return tuple(authority_id(text) for text in bounded_list(ids, "rules", most=MOST_MEMBERS))


@frozen(kw_only=True)
class Profile:
    """A set of rules, by id, for one kind of employer; `unofficial` if the set is assumed."""

    id: AuthorityId = field(converter=authority_id)
    name: Bilingual = field(validator=of_type(Bilingual))
    rules: tuple[AuthorityId, ...] = field(converter=_ids)
    unofficial: bool = field(default=True, validator=of_type(bool))


@frozen(kw_only=True)
class WorkingCalendar:
    """The rules of one profile, with announcements and orders. It never changes: `with_record` returns another.

    `declared` contains the records that staff have added, in order. One replaces an earlier record with its id or for
    its month, and does nothing if its rule is gone. Outside the Umm al-Qura table, before 1924-08-01 and after
    2077-11-16, Hijri rules don't apply. Days are cached by the year; several threads may read.

    Raises:
        InvalidInput: an id is repeated, a name is unknown, a month is announced twice or too near to another one or too
            far from it, or no weekend rule is in force on some day.
    """

    profile: Profile = field(validator=of_type(Profile))
    rules: tuple[CalendarRule, ...]
    announcements: tuple[Announcement, ...] = ()
    orders: tuple[SpecialOrder, ...] = ()
    declared: tuple[Announcement | SpecialOrder, ...] = ()
    _orders: tuple[SpecialOrder, ...] = field(init=False, eq=False, repr=False)
    _authorities: Mapping[str, Authority] = field(init=False, eq=False, repr=False)
    _year_rules: YearRules = field(init=False, eq=False, repr=False)
    _days: dict[int, WorkingDay] = field(init=False, eq=False, repr=False, factory=dict)

    @reading_members("calendar")
    def __attrs_post_init__(self) -> None:
        records = (MonthStart, AnnouncedClosure)
        keep_lists(self, rules=CalendarRule, announcements=records, orders=SpecialOrder)
        keep_lists(self, declared=(*records, SpecialOrder))
        authorities: dict[str, Authority] = {}
        for authority in (*self.rules, *self.announcements, *self.orders):
            if authorities.setdefault(authority.id, authority) is not authority:
                raise InvalidInput("id", got=f"{authority.id} twice", expected="each once")
        self._check_names(authorities)
        check_lengths(
            MonthStarts([each for each in self.announcements if isinstance(each, MonthStart)]).announced.values()
        )
        authorities.update((record.id, record) for record in self.declared)
        object.__setattr__(self, "_authorities", authorities)
        given_records = (*self.announcements, *self.orders)
        in_effect = (*(record for record in given_records if record is authorities[record.id]), *self.declared)
        object.__setattr__(self, "_orders", tuple(each for each in in_effect if isinstance(each, SpecialOrder)))
        in_use = tuple(rule for rule in self.rules if rule.id in self.profile.rules)
        year_rules = YearRules(
            rules=in_use,
            weekends=Weekends(tuple(rule for rule in in_use if isinstance(rule, Weekend))),
            months=MonthStarts(_months(in_effect)),
            closures=tuple(record for record in in_effect if isinstance(record, AnnouncedClosure)),
        )
        object.__setattr__(self, "_year_rules", year_rules)

    def working_day(self, day: date, exceptions: Sequence[BranchException] = ()) -> WorkingDay:
        """The working day on `day` of a branch with these `exceptions`, in the order of their making."""
        ordinal = plain_date(day, "day").toordinal()
        usual = self._days.get(ordinal) or self._cached(ordinal)
        return with_exceptions(usual, exceptions) if exceptions else usual

    def working_days(self, first: date, days: int, exceptions: Sequence[BranchException] = ()) -> list[WorkingDay]:
        """`days` days from `first` on, each as `working_day`. Raises `InvalidInput` beyond year 9999."""
        begins = plain_date(first, "day").toordinal()
        if begins + bounded_number(days, "days", least=0, greatest=MOST_DAYS) - 1 > date.max.toordinal():
            raise InvalidInput("days", got=f"{days} from {first}", expected=f"days up to {date.max}")
        found = [self._days.get(each) or self._cached(each) for each in range(begins, begins + days)]
        return [with_exceptions(usual, exceptions) for usual in found] if exceptions else found

    @property
    def months(self) -> MonthStarts:
        """The beginnings of Hijri months, announced or carried on."""
        return self._year_rules.months

    def authority(self, authority_id: str) -> Authority:
        """The rule, announcement or order of that id; exceptions of branches are elsewhere. Raises `NotFound`."""
        return look_up("calendar rule", authority_id, self._authorities)

    def authorities(self) -> Collection[Authority]:
        """All rules, announcements and orders."""
        return self._authorities.values()

    def with_record(self, record: Announcement | SpecialOrder) -> "WorkingCalendar":
        """The calendar with one more announcement or order; an order takes precedence over earlier ones."""
        added = remade("record", lambda: evolve(record))
        if isinstance(added, SpecialOrder):
            return evolve(self, orders=(*self.orders, added))
        return evolve(self, announcements=(*self.announcements, added))

    def check(self, record: Announcement | SpecialOrder) -> None:
        """Raise `InvalidInput` if `record` can't be declared.

        That is a month that staff have announced before, or that leaves a month without 29 or 30 days. It is also an
        announced closure for a rule without announced days in this profile.
        """
        record = remade("record", lambda: evolve(record))
        match record:
            case MonthStart():
                if other := next((each for each in _months(self.declared) if each.begins == record.begins), None):
                    got = f"{record.year}-{record.month} by {other.id} and by {record.id}"
                    raise InvalidInput("announcements", got=got, expected="one beginning for each month")
                check_lengths({**self._year_rules.months.announced, record.begins: record}.values())
            case AnnouncedClosure(rule=rule):
                known = sorted(each.id for each in self._year_rules.rules if isinstance(each, AnnouncedDays))
                if rule not in known:
                    rules = f"a rule of announced days in the profile {self.profile.id}"
                    expected = f"{rules}, which has {', '.join(known) or 'none'}"
                    raise InvalidInput("rule", got=repr(rule), expected=expected)
            case _:  # every order is accepted
                pass

    def _check_names(self, authorities: Mapping[str, Authority]) -> None:
        for rule_id in self.profile.rules:
            if not isinstance(authorities.get(rule_id), CalendarRule):
                raise InvalidInput("profile.rules", got=repr(rule_id), expected="the id of a rule")
        for record in self.announcements:
            if isinstance(record, AnnouncedClosure) and not isinstance(authorities.get(record.rule), AnnouncedDays):
                raise InvalidInput("rule", got=repr(record.rule), expected="the id of a rule of announced days")

    def _cached(self, ordinal: int) -> WorkingDay:
        year = date.fromordinal(ordinal).year
        first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
        months = self._year_rules.months
        days, in_doubt = self._year(year, self._year_rules), set(months.in_doubt(first, last))
        if (otherwise := months.otherwise(first, last)) is not None:
            others = self._year(year, evolve(self._year_rules, months=otherwise))
            in_doubt.update(day for day, other in others.items() if other.shape != days[day].shape)
        days.update({day: evolve(days[day], in_doubt=True) for day in in_doubt})
        if len(self._days) + len(days) > CACHED_DAYS:
            self._days.clear()
        self._days.update(days)
        return days[ordinal]

    def _year(self, year: int, year_rules: YearRules) -> dict[int, WorkingDay]:
        """Every day of a Gregorian year by these rules, by ordinal."""
        holidays = holidays_around(year, year_rules)
        first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
        ordered: dict[int, SpecialOrder] = {}
        for order in self._orders:
            begins, ends = order.first_day.toordinal(), order.last_day.toordinal()
            ordered.update(dict.fromkeys(range(max(first, begins), min(last, ends) + 1), order))
        return {day: self._working_day(day, holidays, ordered.get(day)) for day in range(first, last + 1)}

    def _working_day(self, ordinal: int, holidays: Holidays, order: SpecialOrder | None) -> WorkingDay:
        day = date.fromordinal(ordinal)
        weekends = self._year_rules.weekends
        holiday = holidays.official.get(ordinal) or holidays.touching.get(ordinal)
        closing = holiday or weekends.closing(ordinal)
        opening = (*holidays.moved_away.get(ordinal, ()), *weekends.in_force(ordinal))
        hours, ids = holidays.ramadan.get(ordinal, (None, ()))
        limits = DayLimits(None, ()) if hours is None else DayLimits((hours,), ids, seasonal=True)
        if order is not None:
            closing, opening = ((), (order.id,)) if order.opens else ((order.id,), ())
            limits = limits if order.hours is None else DayLimits(order.hours, (order.id,))
        rules = closing or tuple(dict.fromkeys((*opening, *limits.rules)))
        return WorkingDay(
            day=day,
            open=not closing,
            hours=None if closing else limits.hours,
            capacity=None,
            rules=rules,
            weekend=bool(closing) and not holiday and order is None,
            ramadan=hours is not None,
            limits=limits,
        )
