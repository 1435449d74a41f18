"""The working calendar as it stands: the rules and records that ship, and all that staff have added since."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from attrs import evolve, field, frozen

from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.places import BranchId
from traffic_booking.domain.working_time.authority import AuthorityId
from traffic_booking.domain.working_time.calendar import WorkingCalendar
from traffic_booking.domain.working_time.entries import CalendarRecord, Withdrawal
from traffic_booking.domain.working_time.records import Announcement, BranchException, SpecialOrder
from traffic_booking.domain.working_time.rules import Weekend
from traffic_booking.domain.working_time.working_day import WorkingDay

Standing = Announcement | SpecialOrder | BranchException


@frozen
class BranchCalendars:
    """One calendar for all branches, with the exceptions of each.

    `records` are those that staff have added, first to last. Raises `InvalidInput` for an id used twice, and for a
    withdrawal of what isn't there. It never changes: `after` gives another.
    """

    shipped: WorkingCalendar
    records: tuple[CalendarRecord, ...] = ()
    _national: WorkingCalendar = field(init=False, eq=False, repr=False)
    _exceptions: Mapping[BranchId, tuple[BranchException, ...]] = field(init=False, eq=False, repr=False)
    weekends: frozenset[AuthorityId] = field(init=False, eq=False, repr=False)
    """The ids of the rules about weekends."""

    def __attrs_post_init__(self) -> None:
        used = {authority.id for authority in self.shipped.authorities()}
        standing: dict[AuthorityId, Standing] = {}
        for record in self.records:
            if isinstance(record, Withdrawal):
                if standing.pop(record.id, None) is None:
                    gone = ", which is withdrawn already" if self.records.count(record) > 1 else ""
                    raise InvalidInput(
                        "record", got=f"{record.id!r}{gone}", expected="the id of a record of staff that still holds"
                    )
            elif record.id in used:
                raise InvalidInput("id", got=f"{record.id} twice", expected="each once")
            else:
                used.add(record.id)
                standing[record.id] = record
        self._take_up(standing.values())
        weekends = (rule.id for rule in self.shipped.rules if isinstance(rule, Weekend))
        object.__setattr__(self, "weekends", frozenset(weekends))

    def _take_up(self, standing: Iterable[Standing]) -> None:
        announcements: list[Announcement] = []
        orders: list[SpecialOrder] = []
        exceptions = defaultdict[BranchId, list[BranchException]](list)
        for record in standing:
            match record:
                case BranchException():
                    exceptions[record.branch].append(record)
                case SpecialOrder():
                    orders.append(record)
                case announcement:
                    announcements.append(announcement)
        national = self.shipped  # with the days that it remembers
        if announcements or orders:
            national = evolve(
                self.shipped,
                announcements=(*self.shipped.announcements, *announcements),
                orders=(*self.shipped.orders, *orders),
            )
        object.__setattr__(self, "_national", national)
        object.__setattr__(self, "_exceptions", {branch: tuple(of_one) for branch, of_one in exceptions.items()})

    @property
    def revision(self) -> int:
        """How many records have been added."""
        return len(self.records)

    def working_day(self, branch: BranchId, day: date) -> WorkingDay:
        """Whether and when the branch works on `day`."""
        return self._national.working_day(day, self._exceptions.get(branch, ()))

    def statement(self, authority_id: str) -> Bilingual:
        """The sentence of the rule or record that an answer cites or once cited; for an exception its reason.

        Raises `NotFound`.
        """
        for record in self.records:
            if record.id == authority_id and not isinstance(record, Withdrawal):
                return record.reason if isinstance(record, BranchException) else record.statement
        return self.shipped.authority(authority_id).statement

    def holds(self, record: CalendarRecord) -> bool:
        """Whether `record` itself has been added, whatever became of it."""
        return record in self.records

    def before(self, record: CalendarRecord) -> "BranchCalendars":
        """The calendars as they were when `record`, one of them, was added."""
        return BranchCalendars(self.shipped, self.records[: self.records.index(record)])

    def after(self, *records: CalendarRecord) -> "BranchCalendars":
        """The calendars with `records` added."""
        return BranchCalendars(self.shipped, (*self.records, *records))
