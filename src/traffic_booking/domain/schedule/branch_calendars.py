"""The working calendar of all branches: shipped rules and records, with the records that staff have added."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from attrs import evolve, field

from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.calendars.announcements import Announcement
from traffic_booking.domain.calendars.authority import AuthorityId
from traffic_booking.domain.calendars.holiday_rules import CalendarRule, Weekend
from traffic_booking.domain.calendars.month_starts import MonthStarts
from traffic_booking.domain.errors import InvalidInput, StoreUnreadable
from traffic_booking.domain.places.geography import BranchId
from traffic_booking.domain.schedule.entries import CalendarRecord, UnreadableEntry, Withdrawal
from traffic_booking.domain.schedule.exceptions import BranchException, SpecialOrder
from traffic_booking.domain.schedule.working_calendar import WorkingCalendar
from traffic_booking.domain.schedule.working_day import WorkingDay
from traffic_booking.domain.values import frozen

RecordInForce = Announcement | SpecialOrder | BranchException


@frozen
class BranchCalendars:
    """One calendar for all branches, with the exceptions of each. It never changes: `after` returns another.

    `records` contains the records of staff, first to last. They were checked when they were declared, perhaps under
    other shipped rules, and are not checked again: the last record of an id is in force, and a withdrawal of an unknown
    id does nothing. They take precedence over shipped records, as in `WorkingCalendar.declared`.

    `unreadable` contains the entries that can't be decoded. Each later withdrawal of an unknown id removes one of them.
    """

    shipped: WorkingCalendar
    records: tuple[CalendarRecord, ...] = ()
    _in_force: Mapping[AuthorityId, RecordInForce] = field(init=False, eq=False, repr=False)
    _national: WorkingCalendar = field(init=False, eq=False, repr=False)
    _exceptions: Mapping[BranchId, tuple[BranchException, ...]] = field(init=False, eq=False, repr=False)
    unreadable: tuple[UnreadableEntry, ...] = field(init=False, eq=False, repr=False)
    weekends: frozenset[AuthorityId] = field(init=False, eq=False, repr=False)
    """The ids of the rules about weekends."""

    def __attrs_post_init__(self) -> None:
        in_force: dict[AuthorityId, RecordInForce] = {}
        unreadable: list[UnreadableEntry] = []
        for record in self.records:
            if isinstance(record, UnreadableEntry):
                unreadable.append(record)
            elif not isinstance(record, Withdrawal):
                in_force[record.id] = record
            elif in_force.pop(record.id, None) is None and unreadable:
                unreadable.pop()
        object.__setattr__(self, "_in_force", in_force)
        object.__setattr__(self, "unreadable", tuple(unreadable))
        declared: list[Announcement | SpecialOrder] = []
        exceptions = defaultdict[BranchId, list[BranchException]](list)
        for each in in_force.values():
            if isinstance(each, BranchException):
                exceptions[each.branch].append(each)
            else:
                declared.append(each)
        # The shipped calendar itself keeps its cached days.
        national = evolve(self.shipped, declared=tuple(declared)) if declared else self.shipped
        object.__setattr__(self, "_national", national)
        object.__setattr__(self, "_exceptions", {branch: tuple(of_one) for branch, of_one in exceptions.items()})
        weekends = (rule.id for rule in self.shipped.rules if isinstance(rule, Weekend))
        object.__setattr__(self, "weekends", frozenset(weekends))

    @property
    def revision(self) -> int:
        """The number of records that staff have added."""
        return len(self.records)

    def check_readable(self) -> None:
        """Raise `StoreUnreadable` if an entry can't be decoded: it may close any day."""
        for entry in self.unreadable:
            place = f"a record of calendar_entries, {entry.key}"
            message = f"{place}: got one that can't be decoded; expected it as written, or a withdrawal of its id"
            raise StoreUnreadable(message, collection="calendar_entries", key=entry.key)

    def working_day(self, branch: BranchId, day: date) -> WorkingDay:
        """The working day of the branch on `day`: its open hours, if any, and why."""
        return self._national.working_day(day, self.exceptions_of(branch))

    def exceptions_of(self, branch: BranchId) -> tuple[BranchException, ...]:
        """The exceptions of a branch that are in force, in the order of their making."""
        return self._exceptions.get(branch, ())

    def country_day(self, day: date) -> WorkingDay:
        """The working day on `day` of a branch without exceptions."""
        return self._national.working_day(day)

    @property
    def months(self) -> MonthStarts:
        """The beginnings of Hijri months, announced or carried on."""
        return self._national.months

    def statement(self, authority_id: str) -> Bilingual:
        """The sentence of a rule or record, for an exception its reason. Raises `NotFound`."""
        shipped = any(authority.id == authority_id for authority in self.shipped.authorities())
        for record in self._in_force.values() if shipped else self.records:
            if record.id == authority_id and not isinstance(record, Withdrawal):
                return record.reason if isinstance(record, BranchException) else record.statement
        return self.shipped.authority(authority_id).statement

    def name(self, rules: Sequence[AuthorityId]) -> Bilingual:
        """The short name of what decides a day with these rules: the first one's, or its sentence if it has none.

        A month start or an announced closure has the name of the rule behind it, and an exception its reason.
        """
        deciding = self._in_force.get(rules[0]) or self.shipped.authority(rules[0])
        match deciding:
            case BranchException(reason=reason):
                return reason
            case CalendarRule(name=name):
                return name or deciding.statement
            case SpecialOrder():
                return deciding.statement
            case _:
                names = {rule.id: rule.name for rule in self.shipped.rules}
                return next(filter(None, map(names.get, rules)), deciding.statement)

    def holds(self, record: CalendarRecord) -> bool:
        """True if `record` has been added, withdrawn or not."""
        return record in self.records

    def has_withdrawn(self, record: CalendarRecord) -> bool:
        """True if `record` was added and withdrawn."""
        return not isinstance(record, Withdrawal) and Withdrawal(record.id) in self.records

    def about(self, record: CalendarRecord) -> RecordInForce | None:
        """`record`, or the record that it withdraws; None if that is not in force."""
        return self._in_force.get(record.id) if isinstance(record, Withdrawal) else record

    def branch_of(self, record: CalendarRecord) -> BranchId | None:
        """The branch of `record`, or of the record that it withdraws; None if it is about the whole country."""
        about = self.about(record)
        return about.branch if isinstance(about, BranchException) else None

    def before(self, record: CalendarRecord) -> "BranchCalendars":
        """The calendars just before `record` was added, without the records withdrawn since."""
        place = self.records.index(record)
        gone = {each.id for each in self.records[place + 1 :] if isinstance(each, Withdrawal)}
        kept = [each for each in self.records[:place] if isinstance(each, Withdrawal) or each.id not in gone]
        return BranchCalendars(self.shipped, tuple(kept))

    def after(self, *records: CalendarRecord) -> "BranchCalendars":
        """The calendars once `records` are declared.

        Raises `InvalidInput` for a repeated id, for a withdrawal of a record that is not in force, and if
        `WorkingCalendar.check` does. If there are unreadable entries, a withdrawal may name an unknown id.
        """
        calendars = self
        for record in records:
            calendars._check(record)
            calendars = calendars.joined(record)
        return calendars

    def joined(self, *records: CalendarRecord) -> "BranchCalendars":
        """The calendars with stored `records`, which were checked when they were declared."""
        return BranchCalendars(self.shipped, (*self.records, *records))

    def _check(self, record: CalendarRecord) -> None:
        known = {each.id for each in (*self.shipped.authorities(), *self.records)}
        if isinstance(record, Withdrawal):
            if record.id not in self._in_force and (record.id in known or not self.unreadable):
                gone = ", which is withdrawn already" if record in self.records else ""
                expected = "the id of a record of staff that still holds"
                raise InvalidInput("record", got=f"{record.id!r}{gone}", expected=expected)
        elif record.id in known:
            raise InvalidInput("id", got=f"{record.id} twice", expected="each once")
        elif not isinstance(record, BranchException):
            self._national.check(record)
