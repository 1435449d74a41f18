"""The working calendar: for every day, whether it is worked, in which hours, and who said so.

The highest of five layers that has something to say decides: branch exception, special order, announcement, rule,
weekend. An answer cites at least one of them; an ordinary working day cites the weekend that it is not part of.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from attrs import evolve, field, frozen

from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.calendars.announcements import AnnouncedClosure, Announcement, MonthStart
from traffic_booking.domain.calendars.authority import Authority, AuthorityId, authority_id
from traffic_booking.domain.calendars.holiday_rules import AnnouncedDays, CalendarRule, Weekend
from traffic_booking.domain.calendars.holidays import Holidays, Weekends, YearRules, holidays_around
from traffic_booking.domain.calendars.month_starts import MonthStarts, check_lengths
from traffic_booking.domain.errors import InvalidInput, NotFound
from traffic_booking.domain.schedule.exceptions import BranchException, SpecialOrder
from traffic_booking.domain.schedule.working_day import Limits, WorkingDay, with_exceptions

CACHED_DAYS: Final = 16_384
"""How many days a calendar remembers: 44 years, about 5 MB."""

_MOST_DAYS_OF_A_YEAR: Final = 366


def _months(records: Iterable[object]) -> list[MonthStart]:
    """The beginnings of months among `records`; where two are about one month, the last."""
    return list({record.begins: record for record in records if isinstance(record, MonthStart)}.values())


def _ids(ids: Iterable[str]) -> tuple[AuthorityId, ...]:
    return tuple(authority_id(text) for text in ids)


@frozen(kw_only=True)
class Profile:
    """Whose holidays a calendar follows: the rules that belong together, by id; `unofficial` where that is assumed."""

    id: AuthorityId = field(converter=authority_id)
    name: Bilingual
    rules: tuple[AuthorityId, ...] = field(converter=_ids)
    unofficial: bool = True


@frozen(kw_only=True)
class WorkingCalendar:
    """The rules of one profile, with the announcements and orders that are known.

    `declared` are those that staff have added since, in their order. They prevail: one stands in place of what is given
    under its id or for its month, and an announced closure counts for nothing where its rule is gone. Raises
    `InvalidInput` for an id given twice, a name that leads nowhere, a month announced twice or with other than 29 or 30
    days, and a profile without a weekend on some day. A calendar never changes: `with_record` gives another. Days are
    remembered by the year, up to 16,384 of them; reading from several threads is safe. Outside the Umm al-Qura table,
    before 1924-08-01 and after 2077-11-16, Hijri rules don't apply: days there know weekends, fixed days, announced
    days and orders.
    """

    profile: Profile
    rules: tuple[CalendarRule, ...]
    announcements: tuple[Announcement, ...] = ()
    orders: tuple[SpecialOrder, ...] = ()
    declared: tuple[Announcement | SpecialOrder, ...] = ()
    _orders: tuple[SpecialOrder, ...] = field(init=False, eq=False, repr=False)
    _authorities: Mapping[str, Authority] = field(init=False, eq=False, repr=False)
    _year_rules: YearRules = field(init=False, eq=False, repr=False)
    _days: dict[int, WorkingDay] = field(init=False, eq=False, repr=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        authorities: dict[str, Authority] = {}
        for authority in (*self.rules, *self.announcements, *self.orders):
            if authorities.setdefault(authority.id, authority) is not authority:
                raise InvalidInput("id", got=f"{authority.id} twice", expected="each once")
        self._names_lead_somewhere(authorities)
        given = MonthStarts([record for record in self.announcements if isinstance(record, MonthStart)])
        check_lengths(given.announced)
        authorities.update((record.id, record) for record in self.declared)
        object.__setattr__(self, "_authorities", authorities)
        told = {record.id: record for record in (*self.announcements, *self.orders)}
        told = {name: record for name, record in told.items() if record is authorities[name]}
        in_effect = (*told.values(), *self.declared)
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
        """Whether and when people work on `day`.

        `exceptions` are those of the one branch that is asked about, in the order in which they were made; those for
        other days are passed over.
        """
        ordinal = day.toordinal()
        usual = self._days.get(ordinal) or self._remember(ordinal)
        return with_exceptions(usual, exceptions) if exceptions else usual

    def working_days(self, first: date, days: int, exceptions: Sequence[BranchException] = ()) -> list[WorkingDay]:
        """The answers for `days` days from `first` on; as `working_day`. Raises `InvalidInput` beyond year 9999."""
        begins = first.toordinal()
        if begins + days - 1 > date.max.toordinal():
            raise InvalidInput("days", got=f"{days} from {first}", expected=f"days up to {date.max}")
        known = self._days
        found = [known.get(each) or self._remember(each) for each in range(begins, begins + days)]
        return [with_exceptions(usual, exceptions) for usual in found] if exceptions else found

    def authority(self, authority_id: str) -> Authority:
        """The rule, announcement or order that an answer cites; a branch's exceptions are not the calendar's.

        Raises `NotFound`.
        """
        if not isinstance(authority_id, str):
            raise InvalidInput("calendar rule", got=type(authority_id).__name__, expected="text")
        try:
            return self._authorities[authority_id]
        except KeyError:
            raise NotFound("calendar rule", authority_id[:64], known=sorted(self._authorities)) from None

    def authorities(self) -> Collection[Authority]:
        """All rules, announcements and orders."""
        return self._authorities.values()

    def with_record(self, record: Announcement | SpecialOrder) -> "WorkingCalendar":
        """The calendar with one more announcement or order; an order takes precedence over those before it."""
        if isinstance(record, SpecialOrder):
            return evolve(self, orders=(*self.orders, record))
        return evolve(self, announcements=(*self.announcements, record))

    def check(self, record: Announcement | SpecialOrder) -> None:
        """Raise `InvalidInput` where `record`, which staff are about to declare, doesn't fit.

        A month that they have announced already or that would have other than 29 or 30 days; days for a rule that isn't
        one of the profile's for announced days.
        """
        match record:
            case MonthStart():
                if other := next((each for each in _months(self.declared) if each.begins == record.begins), None):
                    got = f"{record.year}-{record.month} by {other.id} and by {record.id}"
                    raise InvalidInput("announcements", got=got, expected="one beginning for each month")
                check_lengths({**self._year_rules.months.announced, record.begins: record})
            case AnnouncedClosure(rule=rule):
                known = sorted(each.id for each in self._year_rules.rules if isinstance(each, AnnouncedDays))
                if rule not in known:
                    rules = f"a rule of announced days in the profile {self.profile.id}"
                    raise InvalidInput(
                        "rule", got=repr(rule), expected=f"{rules}, which has {', '.join(known) or 'none'}"
                    )
            case _:  # an order fits whatever else there is
                pass

    def _names_lead_somewhere(self, authorities: Mapping[str, Authority]) -> None:
        for rule_id in self.profile.rules:
            if not isinstance(authorities.get(rule_id), CalendarRule):
                raise InvalidInput("profile.rules", got=repr(rule_id), expected="the id of a rule")
        for record in self.announcements:
            rule = authorities.get(record.rule) if isinstance(record, AnnouncedClosure) else None
            if isinstance(record, AnnouncedClosure) and not isinstance(rule, AnnouncedDays):
                raise InvalidInput("rule", got=repr(record.rule), expected="the id of a rule of announced days")

    def _remember(self, ordinal: int) -> WorkingDay:
        days = self._days_of(date.fromordinal(ordinal).year)
        if len(self._days) + _MOST_DAYS_OF_A_YEAR > CACHED_DAYS:
            self._days.clear()
        self._days.update(days)
        return days[ordinal]

    def _days_of(self, year: int) -> dict[int, WorkingDay]:
        holidays = holidays_around(year, self._year_rules)
        first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
        ordered: dict[int, SpecialOrder] = {}
        for order in self._orders:
            begins, ends = order.first_day.toordinal(), order.last_day.toordinal()
            ordered.update(dict.fromkeys(range(max(first, begins), min(last, ends) + 1), order))
        return {day: self._reckoned(day, holidays, ordered.get(day)) for day in range(first, last + 1)}

    def _reckoned(self, ordinal: int, holidays: Holidays, order: SpecialOrder | None) -> WorkingDay:
        day = date.fromordinal(ordinal)
        weekends = self._year_rules.weekends
        holiday = holidays.official.get(ordinal) or holidays.touching.get(ordinal)
        closing = holiday or weekends.closing(ordinal)
        opening = (*holidays.moved_away.get(ordinal, ()), *weekends.in_force(ordinal))
        hours, ids = holidays.ramadan.get(ordinal, (None, ()))
        limits = Limits(None, ()) if hours is None else Limits((hours,), ids, seasonal=True)
        if order is not None:
            closing, opening = ((), (order.id,)) if order.opens else ((order.id,), ())
            limits = limits if order.hours is None else Limits(order.hours, (order.id,))
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
