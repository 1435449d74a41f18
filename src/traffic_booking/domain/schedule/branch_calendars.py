"""The working calendar as it stands: the rules and records that ship, and all that staff have added since."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from attrs import evolve, field, frozen

from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.calendars.announcements import Announcement
from traffic_booking.domain.calendars.authority import AuthorityId
from traffic_booking.domain.calendars.holiday_rules import Weekend
from traffic_booking.domain.errors import InvalidInput, StoreUnreadable
from traffic_booking.domain.places.geography import BranchId
from traffic_booking.domain.schedule.entries import CalendarRecord, UnreadableEntry, Withdrawal
from traffic_booking.domain.schedule.exceptions import BranchException, SpecialOrder
from traffic_booking.domain.schedule.working_calendar import WorkingCalendar
from traffic_booking.domain.schedule.working_day import WorkingDay

RecordInForce = Announcement | SpecialOrder | BranchException


@frozen
class BranchCalendars:
    """One calendar for all branches, with the exceptions of each.

    `records` are those that staff have added, first to last. They were checked when they were declared, perhaps against
    other rules than those that ship now, and are taken as they are: the last of an id holds, a withdrawal of what isn't
    there does nothing, and beside what ships they prevail as `WorkingCalendar.declared` says. It never changes: `after`
    gives another.

    `unreadable` are the entries that can't be decoded. A later withdrawal of an id that no record has withdraws one of
    them.
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
        self._take_up(in_force.values())
        weekends = (rule.id for rule in self.shipped.rules if isinstance(rule, Weekend))
        object.__setattr__(self, "weekends", frozenset(weekends))

    def _take_up(self, in_force: Iterable[RecordInForce]) -> None:
        declared: list[Announcement | SpecialOrder] = []
        exceptions = defaultdict[BranchId, list[BranchException]](list)
        for record in in_force:
            if isinstance(record, BranchException):
                exceptions[record.branch].append(record)
            else:
                declared.append(record)
        national = self.shipped  # with the days that it remembers
        if declared:
            national = evolve(self.shipped, declared=tuple(declared))
        object.__setattr__(self, "_national", national)
        object.__setattr__(self, "_exceptions", {branch: tuple(of_one) for branch, of_one in exceptions.items()})

    @property
    def revision(self) -> int:
        """How many records have been added."""
        return len(self.records)

    def check_readable(self) -> None:
        """Raise `StoreUnreadable` for an entry that can't be decoded: it may close any day."""
        for entry in self.unreadable:
            raise StoreUnreadable(
                f"a record of calendar_entries, {entry.key}: got one that can't be decoded; expected it as written,"
                " or a withdrawal of its id",
                collection="calendar_entries",
                key=entry.key,
            )

    def working_day(self, branch: BranchId, day: date) -> WorkingDay:
        """Whether and when the branch works on `day`."""
        return self._national.working_day(day, self._exceptions.get(branch, ()))

    def statement(self, authority_id: str) -> Bilingual:
        """The sentence of the rule or record that an answer cites or once cited; for an exception its reason.

        Raises `NotFound`.
        """
        shipped = any(authority.id == authority_id for authority in self.shipped.authorities())
        for record in self._in_force.values() if shipped else self.records:
            if record.id == authority_id and not isinstance(record, Withdrawal):
                return record.reason if isinstance(record, BranchException) else record.statement
        return self.shipped.authority(authority_id).statement

    def holds(self, record: CalendarRecord) -> bool:
        """Whether `record` itself has been added, whatever became of it."""
        return record in self.records

    def has_withdrawn(self, record: CalendarRecord) -> bool:
        """Whether `record` was added and withdrawn."""
        return not isinstance(record, Withdrawal) and Withdrawal(record.id) in self.records

    def branch_of(self, record: CalendarRecord) -> BranchId | None:
        """The one branch that `record`, or what it withdraws, concerns; None if it concerns the whole country."""
        about = self._in_force.get(record.id) if isinstance(record, Withdrawal) else record
        return about.branch if isinstance(about, BranchException) else None

    def before(self, record: CalendarRecord) -> "BranchCalendars":
        """The calendars as they were when `record`, one of them, was added, less what has been withdrawn since."""
        place = self.records.index(record)
        gone = {each.id for each in self.records[place + 1 :] if isinstance(each, Withdrawal)}
        kept = [each for each in self.records[:place] if isinstance(each, Withdrawal) or each.id not in gone]
        return BranchCalendars(self.shipped, tuple(kept))

    def after(self, *records: CalendarRecord) -> "BranchCalendars":
        """The calendars once `records` are declared.

        Raises `InvalidInput` for an id used before, a withdrawal of what doesn't hold, and an announcement that doesn't
        fit (`WorkingCalendar.check`). If there are unreadable entries, a withdrawal may name an id that no record has.
        """
        calendars = self
        for record in records:
            calendars._check(record)
            calendars = calendars.joined(record)
        return calendars

    def joined(self, *records: CalendarRecord) -> "BranchCalendars":
        """The calendars with `records` that a store holds: they were checked when they were declared."""
        return BranchCalendars(self.shipped, (*self.records, *records))

    def _check(self, record: CalendarRecord) -> None:
        known = {each.id for each in (*self.shipped.authorities(), *self.records)}
        if isinstance(record, Withdrawal):
            if record.id not in self._in_force and (record.id in known or not self.unreadable):
                gone = ", which is withdrawn already" if record in self.records else ""
                raise InvalidInput(
                    "record", got=f"{record.id!r}{gone}", expected="the id of a record of staff that still holds"
                )
            return
        if record.id in known:
            raise InvalidInput("id", got=f"{record.id} twice", expected="each once")
        if not isinstance(record, BranchException):
            self._national.check(record)
