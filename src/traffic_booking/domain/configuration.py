"""What decisions go by: the catalogue, the rulebook in force, and the working calendar as it stands."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from attrs import evolve, field, frozen

from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.errors import Fault, InvalidCatalogue, NotFound
from traffic_booking.domain.places.geography import Branch
from traffic_booking.domain.places.services import Service, ServiceTerms
from traffic_booking.domain.rules.restrictions import Suspension, Tightening
from traffic_booking.domain.rules.rulebook import Rulebook, Rulebooks, rulebooks
from traffic_booking.domain.schedule.branch_calendars import BranchCalendars
from traffic_booking.domain.schedule.branch_days import BranchDay, branch_day, timetable_authority
from traffic_booking.domain.schedule.catalogue import Catalogue
from traffic_booking.domain.schedule.day_slots import DaySlots, day_slots
from traffic_booking.domain.schedule.entries import CalendarRecord
from traffic_booking.domain.schedule.slots import OpenHours, Slot, SlotKey

REMEMBERED_DAYS: Final = 4_096
"""How many days of a service at a branch are remembered: 8 to 16 MB where a day has some forty starts."""

REMEMBERED_SLOTS: Final = 4_096
"""Of how many keys it is remembered what they name: some 2 MB."""


@frozen(kw_only=True)
class SlotTerms:
    """What a key names: its service, as the rules see it; whether the branch offers that; the slot.

    `slot` is None where the timetable has none at that time.
    """

    service: ServiceTerms
    offered: bool
    slot: Slot | None


LONGEST_LOOK_BACK_DAYS: Final = 366
"""How far back open hours are looked for."""


@frozen
class Configuration:
    """A catalogue, the versions of the rulebook and the calendars of branches: all that a decision knows but the facts.

    A rulebook by itself stands for its only version. Slots follow from the rest and are remembered, 4,096 branch-days
    of a service at most, and as many by their keys; several threads may ask. Raises `InvalidCatalogue` where a version
    of the rulebook tightens or suspends something for a service or a branch that the catalogue doesn't have.
    """

    catalogue: Catalogue
    rulebooks: Rulebooks = field(converter=rulebooks)
    calendars: BranchCalendars
    _days: dict[tuple[str, str, date], DaySlots] = field(init=False, eq=False, repr=False, factory=dict)
    _asked: dict[tuple[str, str, datetime], SlotTerms] = field(init=False, eq=False, repr=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        faults = tuple(fault for book in self.rulebooks.versions for fault in _unknown_names(book, self.catalogue))
        if faults:
            raise InvalidCatalogue(faults, kind="rulebook")

    def rulebook(self, now: datetime) -> Rulebook:
        """The version that decides at `now`. Raises `InvalidInput` where none does."""
        return self.rulebooks.at(now)

    def slots_of_day(self, branch: Branch, service: Service, day: date) -> DaySlots:
        """The slots of `service` at `branch` that start on the civil day `day`."""
        key = (branch.id, service.id, day)
        known = self._days.get(key)
        if known is None:
            working_day = self.calendars.working_day(branch.id, day)
            pattern = self.catalogue.timetable(branch).pattern(service.id, service.duration_minutes, working_day)
            known = day_slots(branch, service, day, pattern)
            if len(self._days) >= REMEMBERED_DAYS:
                self._days.clear()
            self._days[key] = known
        return known

    def slot(self, key: SlotKey) -> Slot | None:
        """The slot of that key; None where there is none. Raises `NotFound` for unknown names."""
        return self.of_slot(key).slot

    def of_slot(self, key: SlotKey) -> SlotTerms:
        """What `key` names. Raises `NotFound` for unknown names."""
        asked = (key.branch, key.service, key.starts_at)
        known = self._asked.get(asked)
        if known is None:
            branch, service = self.catalogue.branch(key.branch), self.catalogue.service(key.service)
            known = SlotTerms(
                service=self.catalogue.terms_of(service.id),
                offered=bool(self.catalogue.timetable(branch).shifts(service.id)),
                slot=self.slots_of_day(branch, service, civil_day(branch, key.starts_at)).at(key.starts_at),
            )
            if len(self._asked) >= REMEMBERED_SLOTS:
                self._asked.clear()
            self._asked[asked] = known
        return known

    def has_closed(self, key: SlotKey) -> bool:
        """Whether staff's records have taken that slot away, and none has given it back.

        One that no record ever bore on, such as a slot of a timetable that was replaced, was never closed.
        """
        records = self.calendars.records
        return (
            bool(records)
            and not _gives(self, key)
            and any(_gives(self.before(each), key) for each in reversed(records))
        )

    def open_hours_before(self, key: SlotKey, at_least: timedelta) -> tuple[OpenHours, ...]:
        """The hours in which the branch of a slot is open before its start, the latest first: more than `at_least`.

        Fewer where the branch isn't open as much in the 366 days before; none where it has left the catalogue.
        """
        try:
            branch = self.catalogue.branch(key.branch)
        except NotFound:
            return ()
        day, found, left = civil_day(branch, key.starts_at), list[OpenHours](), at_least
        for _ in range(LONGEST_LOOK_BACK_DAYS):
            for open_ in reversed(tuple(self._open_hours(branch, day, key.starts_at))):
                found.append(open_)
                left -= open_.lasting
            if left < timedelta():
                break
            day -= timedelta(days=1)
        return tuple(found)

    def branch_day(self, branch: Branch, day: date) -> BranchDay:
        """When `branch` is open on `day`, for what, and by whose word."""
        calendars = self.calendars
        working_day = calendars.working_day(branch.id, day)
        return branch_day(branch, self.catalogue.timetable(branch), working_day, calendars.weekends)

    def statement(self, rule_id: str) -> Bilingual:
        """The sentence behind an id that a `BranchDay` cites; for a timetable its name. Raises `NotFound`."""
        for timetable in self.catalogue.timetables:
            if rule_id == timetable_authority(timetable):
                return timetable.name
        return self.calendars.statement(rule_id)

    def _open_hours(self, branch: Branch, day: date, until: datetime) -> Iterator[OpenHours]:
        """The hours of a civil day, as far as they lie before `until`."""
        midnight = datetime.combine(day, time(), ZoneInfo(branch.time_zone))
        for hours in self.branch_day(branch, day).hours:
            opens_at = (midnight + timedelta(minutes=hours.opens_minute)).astimezone(UTC)
            closes_at = min(until, (midnight + timedelta(minutes=hours.closes_minute)).astimezone(UTC))
            if opens_at < closes_at:
                yield OpenHours(opens_at, closes_at)

    def before(self, record: CalendarRecord) -> "Configuration":
        """The terms as they were when `record`, which is in the calendar, was added, less what was withdrawn since."""
        return evolve(self, calendars=self.calendars.before(record))

    def after(self, *records: CalendarRecord) -> "Configuration":
        """The terms once `records` are declared. Raises `InvalidInput` where one doesn't fit."""
        return evolve(self, calendars=self.calendars.after(*records))

    def joined(self, *records: CalendarRecord) -> "Configuration":
        """The terms with `records` that a store holds."""
        return evolve(self, calendars=self.calendars.joined(*records))


def civil_day(branch: Branch, moment: datetime) -> date:
    """The day that it is at `branch` at that instant."""
    return moment.astimezone(ZoneInfo(branch.time_zone)).date()


def _gives(configuration: Configuration, key: SlotKey) -> bool:
    try:
        return configuration.slot(key) is not None
    except NotFound:
        return False


def _unknown_names(book: Rulebook, catalogue: Catalogue) -> Iterator[Fault]:
    services = {service.id for service in catalogue.services}
    branches = {branch.id for branch in catalogue.branches}
    places: tuple[tuple[str, Sequence[Tightening | Suspension]], ...] = (
        ("tighten", book.tightenings),
        ("suspend", book.suspensions),
    )
    for kind, listed in places:
        for position, entry in enumerate(listed, start=1):
            for name, value, known in (("service", entry.service, services), ("branch", entry.branch, branches)):
                if value is not None and value not in known:
                    yield Fault(
                        file="rulebook",
                        entry=book.version,
                        field=f"{kind}[{position}].{name}",
                        got=repr(value),
                        expected=f"a {name} of the catalogue",
                    )
