"""The configuration of decisions: the catalogue, the versions of the rulebook, and the working calendar."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from attrs import evolve, field

from traffic_booking.domain.appointments.states import AppointmentState
from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.calendars.authority import TIMETABLES
from traffic_booking.domain.errors import Fault, InvalidCatalogue, NotFound
from traffic_booking.domain.places.geography import Branch
from traffic_booking.domain.places.services import Service, ServiceConditions
from traffic_booking.domain.rules.restrictions import Suspension, Tightening
from traffic_booking.domain.rules.rulebook import Rulebook, Rulebooks, rulebooks
from traffic_booking.domain.schedule.branch_calendars import BranchCalendars
from traffic_booking.domain.schedule.branch_days import BranchDay, branch_day, civil_hours, timetable_authority
from traffic_booking.domain.schedule.catalogue import Catalogue
from traffic_booking.domain.schedule.day_slots import DaySlots, day_slots
from traffic_booking.domain.schedule.entries import CalendarRecord
from traffic_booking.domain.schedule.slots import OpenHours, SeatKey, Slot, SlotKey
from traffic_booking.domain.schedule.timetables import ONE_DAY, Pattern
from traffic_booking.domain.text_input import plain_text
from traffic_booking.domain.values import frozen

if TYPE_CHECKING:
    from traffic_booking.domain.appointments.appointment import Appointment
    from traffic_booking.domain.appointments.lost_slots import LostSlot

CACHED_DAYS: Final = 16_384
"""The most days of a service at a branch in the cache: three services in a month of the whole country."""
CACHED_SLOTS: Final = 4_096
"""The most slots in the cache."""
LONGEST_LOOK_BACK_DAYS: Final = 366
"""Days before a slot that are searched for open hours."""


@frozen(kw_only=True)
class SlotFacts:
    """The facts behind a slot's key: its service, whether the branch offers it, and the slot.

    `slot` is None if the timetable has none at that time.
    """

    service: ServiceConditions
    offered: bool
    slot: Slot | None


@frozen
class Configuration:
    """A catalogue, the versions of the rulebook and the calendars of branches: all that a decision reads but the facts.

    A single rulebook becomes the only version. Slots are computed and cached; several threads may read.

    Raises:
        InvalidCatalogue: a tightening or suspension is about a service or branch that the catalogue lacks.
    """

    catalogue: Catalogue
    rulebooks: Rulebooks = field(converter=rulebooks)
    calendars: BranchCalendars
    _days: dict[tuple[str, str, date], DaySlots] = field(init=False, eq=False, repr=False, factory=dict)
    _slots: dict[tuple[str, str, datetime], SlotFacts] = field(init=False, eq=False, repr=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        faults = tuple(fault for book in self.rulebooks.versions for fault in _unknown_names(book, self.catalogue))
        if faults:
            raise InvalidCatalogue(faults, kind="rulebook")

    def rulebook(self, now: datetime) -> Rulebook:
        """The version in force at `now`. Raises `InvalidInput` if there is none."""
        return self.rulebooks.at(now)

    def slots_of_day(self, branch: Branch, service: Service, day: date) -> DaySlots:
        """The slots of `service` at `branch` that start on the civil day `day`.

        Those of a shift past midnight are slots of the working day before.
        """
        key = (branch.id, service.id, day)
        slots = self._days.get(key)
        if slots is None:
            pattern = self._pattern(branch, service, day)
            if service.id in self.catalogue.timetable(branch).services_past_midnight:
                pattern = pattern.on_civil_day(self._pattern(branch, service, day - ONE_DAY))
            if len(self._days) >= CACHED_DAYS:  # cleared at once: counting uses would slow every look-up
                self._days.clear()
            pool = self.catalogue.pool_of(branch.id, service.id)
            slots = self._days[key] = day_slots(branch, service, day, pattern, pool)
        return slots

    def _pattern(self, branch: Branch, service: Service, day: date) -> Pattern:
        working_day = self.calendars.working_day(branch.id, day)
        return self.catalogue.timetable(branch).pattern(service.id, service.duration_minutes, working_day)

    def slot(self, key: SlotKey) -> Slot | None:
        """The slot of that key, if there is one. Raises `NotFound` for unknown names."""
        return self.slot_facts(key).slot

    def slot_facts(self, key: SlotKey) -> SlotFacts:
        """The facts behind `key`. Raises `NotFound` for unknown names."""
        names = (key.branch, key.service, key.starts_at)
        facts = self._slots.get(names)
        if facts is None:
            branch, service = self.catalogue.branch(key.branch), self.catalogue.service(key.service)
            if len(self._slots) >= CACHED_SLOTS:
                self._slots.clear()
            facts = self._slots[names] = SlotFacts(
                service=self.catalogue.conditions_of(service.id),
                offered=bool(self.catalogue.timetable(branch).shifts(service.id)),
                slot=self.slots_of_day(branch, service, civil_day(branch, key.starts_at)).at(key.starts_at),
            )
        return facts

    def has_closed(self, key: SlotKey) -> bool:
        """True if records of staff have closed that slot, and none has opened it again.

        A slot that disappeared for another reason, such as a new timetable, was never closed.
        """
        records = self.calendars.records
        if not records or self._has(key):
            return False
        return any(self.before(each)._has(key) for each in reversed(records))  # noqa: SLF001 - the same class

    def _has(self, key: SlotKey) -> bool:
        return self._slot_of_known(key) is not None

    def _slot_of_known(self, key: SlotKey) -> Slot | None:
        """The slot of that key; None also for unknown names."""
        try:
            return self.slot(key)
        except NotFound:
            return None

    def as_read(self, appointment: Appointment, now: datetime) -> Appointment:
        """`appointment` as it is at `now`, with its lost slot if it is live.

        An appointment that is over or checked in has lost none: it can be neither moved nor cancelled.
        """
        appointment = appointment.as_of(now)
        live = appointment.state is not AppointmentState.CHECKED_IN and appointment.is_active(now)
        if not live or self.calendars.unreadable or self._has(appointment.slot):
            return appointment
        return evolve(appointment, lost_slot=self._lost_slot(appointment))

    def _lost_slot(self, appointment: Appointment) -> LostSlot:
        from traffic_booking.domain.appointments.lost_slots import LostSlot, SlotLoss

        key = appointment.slot
        try:
            branch, service = self.catalogue.branch(key.branch), self.catalogue.service(key.service)
        except NotFound:
            return LostSlot(how=SlotLoss.NOT_OFFERED)
        if not self.catalogue.timetable(branch).shifts(service.id):
            return LostSlot(how=SlotLoss.NOT_OFFERED)
        day = self.branch_day(branch, self.opening_day(key))
        how = SlotLoss.HOURS_MOVED if day.open else SlotLoss.DAY_CLOSED
        if day.usual:
            return LostSlot(how=how)
        return LostSlot(how=how, rules=day.rules, reason=self.reason(day))

    def capacity_of(self, seat: SeatKey) -> int:
        """The seats of a slot or, in a step of a pool, of the largest of its slots; 0 if the timetable has none."""
        if isinstance(seat, SlotKey):
            slot = self._slot_of_known(seat)
            return 0 if slot is None else slot.capacity
        services = self.catalogue.services_in(seat.branch, seat.pool)
        if not services:
            return 0
        branch = self.catalogue.branch(seat.branch)
        day = civil_day(branch, seat.starts_at)
        return max(
            self.slots_of_day(branch, service, each).capacity_at(seat.starts_at)
            for service in services
            for each in (day - ONE_DAY, day)  # a slot may run past midnight
        )

    def counts_elsewhere(self, appointment: Appointment, now: datetime) -> bool:
        """True if a live appointment has its seat in other counts than a new one of its slot would have.

        That is so after an edit of the pools. An appointment keeps its counts if its service is not offered any more.
        """
        branch, service = appointment.slot.branch, appointment.slot.service
        if self.catalogue.pool_of(branch, service) == appointment.pool or not self.catalogue.offers(branch, service):
            return False
        return appointment.has_seat and appointment.is_active(now)

    def open_hours_before(self, key: SlotKey, at_least: timedelta) -> tuple[OpenHours, ...]:
        """The open hours of a slot's branch before its start, latest first, until they exceed `at_least`.

        Fewer if the 366 days before don't have as much; none if the branch is no longer in the catalogue.
        """
        try:
            branch = self.catalogue.branch(key.branch)
        except NotFound:
            return ()
        last, found, left = civil_day(branch, key.starts_at), list[OpenHours](), at_least
        for days in range(LONGEST_LOOK_BACK_DAYS):
            hours = [*self._open_hours(branch, last - timedelta(days=days), key.starts_at)]
            found += reversed(hours)
            left -= sum((each.lasting for each in hours), start=timedelta())
            if left < timedelta():
                break
        return tuple(found)

    def opening_day(self, key: SlotKey) -> date:
        """The working day of the slot `key`: its civil day, or the day before if a shift of that day has it.

        Raises `NotFound` if the branch is unknown.
        """
        branch = self.catalogue.branch(key.branch)
        at = key.starts_at.astimezone(ZoneInfo(branch.time_zone))
        return self.catalogue.timetable(branch).opening_day(key.service, at)

    def branch_day(self, branch: Branch, day: date) -> BranchDay:
        """The shifts of `branch` on `day`, and the rules behind them."""
        calendars = self.calendars
        working_day = calendars.working_day(branch.id, day)
        return branch_day(branch, self.catalogue.timetable(branch), working_day, calendars.weekends)

    def statement(self, rule_id: str) -> Bilingual:
        """The sentence of a rule of a `BranchDay`, for a timetable its name. Raises `NotFound`."""
        name = plain_text(rule_id, "calendar rule")
        for timetable in self.catalogue.timetables:
            if name == timetable_authority(timetable):
                return timetable.name
        return self.calendars.statement(name)

    def reason(self, day: BranchDay) -> Bilingual:
        """The short name of what decides `day`: of an open one, what else than the weekend, if anything."""
        decide = [rule for rule in day.rules if not (day.open and rule in self.calendars.weekends)] or day.rules
        return self.statement(decide[0]) if decide[0].startswith(TIMETABLES) else self.calendars.name(decide)

    def _open_hours(self, branch: Branch, day: date, until: datetime) -> Iterator[OpenHours]:
        """The open hours of a civil day before `until`, in order."""
        midnight = datetime.combine(day, time(), ZoneInfo(branch.time_zone))
        of_day = self.branch_day(branch, day)
        late = self.catalogue.timetable(branch).services_past_midnight
        for hours in civil_hours(of_day, self.branch_day(branch, day - ONE_DAY)) if late else of_day.hours:
            opens_at = (midnight + timedelta(minutes=hours.opens_minute)).astimezone(UTC)
            closes_at = min(until, (midnight + timedelta(minutes=hours.closes_minute)).astimezone(UTC))
            if opens_at < closes_at:
                yield OpenHours(opens_at, closes_at)

    def before(self, record: CalendarRecord) -> Configuration:
        """The configuration just before `record` was added, without the records withdrawn since."""
        return evolve(self, calendars=self.calendars.before(record))

    def after(self, *records: CalendarRecord) -> Configuration:
        """The configuration once `records` are declared. Raises as `BranchCalendars.after`."""
        return evolve(self, calendars=self.calendars.after(*records))

    def joined(self, *records: CalendarRecord) -> Configuration:
        """The configuration with stored `records`."""
        return evolve(self, calendars=self.calendars.joined(*records))


def civil_day(branch: Branch, moment: datetime) -> date:
    """The civil day at `branch` at that instant."""
    return moment.astimezone(ZoneInfo(branch.time_zone)).date()


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
