"""Changes of an availability index on the way to the next one: days and branches added, and free seats set anew."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from traffic_booking.domain.configuration import Configuration, civil_day
from traffic_booking.domain.places.geography import Branch, BranchId
from traffic_booking.domain.places.services import LONGEST_MINUTES, Service, ServiceId
from traffic_booking.domain.schedule.day_slots import DaySlots
from traffic_booking.domain.schedule.slots import Pool, PoolStep, SeatCount, SeatKey, SlotRange
from traffic_booking.domain.schedule.timetables import ONE_DAY
from traffic_booking.domain.searching.bit_days import BitDay, Column, Tables, frozen_day, midnight, size_of, thawed
from traffic_booking.domain.searching.bit_index import AlikeBranches, BitIndex, places_of
from traffic_booking.domain.searching.bit_places import joined_bits

LONGEST_DURATION: Final = timedelta(minutes=LONGEST_MINUTES)
TICK: Final = timedelta(microseconds=1)
COLUMNS_AT_ONCE: Final = 500
"""How many starts are changed between two steps: 1 ms of work, for 5,000 branches."""


class ChangedSlot(NamedTuple):
    """A slot whose seats may have changed; `ends_at` bounds the steps of a pool that may have changed with it."""

    branch: BranchId
    service: ServiceId
    starts_at: datetime
    ends_at: datetime


class BitDraft:
    """The next index in the making, for one thread or task. `before` stays as it is; None begins with nothing.

    Methods that return an iterator work in steps, so that other tasks of an event loop can run in between.
    """

    def __init__(self, configuration: Configuration, days: range, before: BitIndex | None = None) -> None:
        self._configuration = configuration
        self._catalogue = configuration.catalogue
        self._before = before
        self.days = days
        """The days that the draft has; `add_days` extends them."""
        self._place_of = places_of(configuration)
        self._branches = {branch.id: branch for branch in self._catalogue.branches}
        self._services = {service.id: service for service in self._catalogue.services}
        self._with_own_seats: dict[tuple[str, ServiceId], bool] = {}
        self._thawed: dict[tuple[ServiceId, int], dict[datetime, Column]] = {}
        self._alike = AlikeBranches(configuration)
        self._pools_of: dict[str, list[tuple[Pool, list[Service]]]] = {}
        self._size = sum(
            size_of(len(day.starts), len(day.planes), len(self._place_of))
            for table in (before.tables if before is not None else {}).values()
            for ordinal, day in table.items()
            if ordinal in days
        )
        """The memory in bytes that the days take at most."""

    def add(self, branches: Collection[Branch], days: range, most: int | None = None) -> Iterator[None]:
        """Add the slots of some branches on some days, all of whose seats are free.

        If `most` bytes are given, it ends before the first day that would exceed them, which ends `days`.
        """
        groups: dict[BranchId, list[int]] = {}
        for branch in branches:
            groups.setdefault(self._alike.of(branch).id, []).append(self._place_of[branch.id])
        masks = {branch: joined_bits(bits, len(self._place_of)) for branch, bits in groups.items()}
        done = 0
        for ordinal in days:
            for branch_id, mask in masks.items():
                for added in self._add_day(self._branches[branch_id], mask, ordinal):
                    done += added
                    if done >= COLUMNS_AT_ONCE:
                        done = 0
                        yield
            self._size += sum(self._size_on(service.id, ordinal) for service in self._catalogue.services)
            if most is not None and self._size > most:
                for service in self._catalogue.services:
                    self._thawed.pop((service.id, ordinal), None)
                self.days = range(self.days.start, ordinal)
                return

    def remove(self, branches: Collection[Branch]) -> Iterator[None]:
        """Remove all slots of some branches."""
        kept = ~joined_bits([self._place_of[each.id] for each in branches], len(self._place_of))
        done = 0
        for service, ordinal in self._all_days():
            columns = self._day(service, ordinal)
            for column in columns.values():
                column[:] = [plane & kept for plane in column]
            done += len(columns)
            if done >= COLUMNS_AT_ONCE:
                done = 0
                yield

    def ranges(self, branch: Branch, days: range) -> list[SlotRange]:
        """The ranges of the counts of all slots of a branch on some days: one for each service or pool."""
        from_, until = midnight(days.start), midnight(days.stop)
        pools: dict[str, SlotRange] = {}
        for service in sorted(self._catalogue.timetable(branch).services):
            pool = self._catalogue.pool_of(branch.id, service)
            name = service if pool is None else f"+{pool.id}"
            pools[name] = SlotRange(branch=branch.id, service=service, from_=from_, until=until, pool=pool)
        return list(pools.values())

    def ranges_of(self, changed: ChangedSlot) -> list[SlotRange]:
        """The ranges of the counts of the slots that a change affects: of its own, and of slots in a pool beside it."""
        branch_id, service, start, end = changed
        if branch_id not in self._place_of:
            return []
        ranges = [
            SlotRange(branch=branch_id, service=there[0].id, from_=start - LONGEST_DURATION, until=end, pool=pool)
            for pool, there in self._pools(self._branches[branch_id])
        ]
        if self._own_seats(branch_id, service):
            ranges.append(SlotRange(branch=branch_id, service=service, from_=start, until=start + TICK))
        return ranges

    def free_again(self, changed: ChangedSlot) -> None:
        """Set the slots that a change affects to all of their seats; `take` takes the others away again."""
        for branch, service, from_, until in self._affected(changed):
            for slots, index in self._slots(branch, service, from_, until):
                self._set(branch, service, slots.starts[index], slots.capacities[index])

    def hide(self, changed: ChangedSlot) -> None:
        """Set the slots that a change affects to no free seat."""
        for branch, service, from_, until in self._affected(changed):
            for slots, index in self._slots(branch, service, from_, until):
                self._set(branch, service, slots.starts[index], 0)

    def _affected(self, changed: ChangedSlot) -> Iterator[tuple[Branch, Service, datetime, datetime]]:
        """The slots that a change affects: of a service, between two instants."""
        branch_id, service, start, end = changed
        if branch_id not in self._place_of:
            return
        branch = self._branches[branch_id]
        if self._own_seats(branch_id, service):
            yield branch, self._services[service], start, start + TICK
        for _, services in self._pools(branch):
            for each in services:
                yield branch, each, start - timedelta(minutes=each.duration_minutes) + TICK, end

    def take(self, seat: SeatKey, count: SeatCount) -> None:
        """Take seats away from the slots that have this count, if there are any; expired holds have none."""
        branch, taken = self._branches.get(seat.branch), count.seats - count.lapsed
        if branch is None:
            return
        if isinstance(seat, PoolStep):
            for pool, services in self._pools(branch):
                if pool.id == seat.pool:
                    for service in services:
                        self._take(branch, service, seat.starts_at, pool, taken)
        elif self._own_seats(seat.branch, seat.service):
            self._take(branch, self._services[seat.service], seat.starts_at, None, taken)

    def take_counts(self, counts: Iterable[tuple[SeatKey, int]]) -> None:
        """Take these seats away, those of expired holds too."""
        for seat, seats in counts:
            self.take(seat, SeatCount(seats))

    def freeze(self) -> Iterator[None]:
        """Make the tables of `index`, some days at a step."""
        before: Tables = self._before.tables if self._before is not None else {}
        tables: dict[ServiceId, dict[int, BitDay]] = {service.id: {} for service in self._catalogue.services}
        for service, table in tables.items():
            old = before.get(service, {})
            table.update((ordinal, day) for ordinal, day in old.items() if ordinal in self.days)
        done = 0
        for (service, ordinal), columns in self._thawed.items():
            if ordinal in self.days:
                tables[service][ordinal] = frozen_day(columns)
                done += len(columns)
            if done >= COLUMNS_AT_ONCE:
                done = 0
                yield
        self._tables = tables

    def index(self, as_of: datetime) -> BitIndex:
        """The next index, once it is frozen."""
        following = BitIndex if self._before is None else self._before.followed_by
        return following(self._configuration, self._tables, self.days, as_of)

    def _add_day(self, branch: Branch, mask: int, ordinal: int) -> Iterator[int]:
        """Add a day of branches that are alike; yields the number of slots of each service."""
        begins, ends = midnight(ordinal), midnight(ordinal + 1)
        for service_id in self._catalogue.timetable(branch).services:
            service, added = self._services[service_id], 1
            for slots, index in self._slots(branch, service, begins, ends):
                column, capacity = self._column(service_id, slots.starts[index]), slots.capacities[index]
                column += [0] * (capacity.bit_length() - len(column))
                for place in range(capacity.bit_length()):
                    if capacity >> place & 1:
                        column[place] |= mask
                added += 1
            yield added

    def _set(self, branch: Branch, service: Service, start: datetime, free: int) -> None:
        """Set the free seats of a slot, if the draft has its day."""
        if start.toordinal() in self.days:
            column, own = self._column(service.id, start), 1 << self._place_of[branch.id]
            column += [0] * (free.bit_length() - len(column))
            for place, plane in enumerate(column):
                column[place] = plane | own if free >> place & 1 else plane & ~own

    def _take(self, branch: Branch, service: Service, at: datetime, pool: Pool | None, taken: int) -> None:
        """Leave at most the free seats of one count in the slot that has it: the one at `at`, or around it."""
        day = civil_day(branch, at)
        for each in (day,) if pool is None else (day - ONE_DAY, day):
            slots = self._day_slots(branch, service, each)
            index = bisect_right(slots.starts, at) - 1
            if index < 0 or not _has_count(slots, index, at, pool) or slots.starts[index].toordinal() not in self.days:
                continue
            column, bit = self._column(service.id, slots.starts[index]), self._place_of[branch.id]
            free = sum((plane >> bit & 1) << place for place, plane in enumerate(column))
            if slots.capacities[index] - taken < free:
                self._set(branch, service, slots.starts[index], max(0, slots.capacities[index] - taken))

    def _slots(
        self, branch: Branch, service: Service, from_: datetime, until: datetime
    ) -> Iterator[tuple[DaySlots, int]]:
        """The slots that start in `from_` to `until` (exclusive): a day's slots, and the index of one."""
        zone = ZoneInfo(branch.time_zone)
        day, last = from_.astimezone(zone).date(), until.astimezone(zone).date()
        while day <= last:
            slots = self._day_slots(branch, service, day)
            for index in range(bisect_left(slots.starts, from_), bisect_left(slots.starts, until)):
                yield slots, index
            day += ONE_DAY

    def _day_slots(self, branch: Branch, service: Service, day: date) -> DaySlots:
        return self._configuration.slots_of_day(self._alike.of(branch), service, day)

    def _pools(self, branch: Branch) -> list[tuple[Pool, list[Service]]]:
        """The pools of a branch, each with its services."""
        known = self._pools_of.get(branch.timetable)
        if known is None:
            pools: dict[str, tuple[Pool, list[Service]]] = {}
            for service in sorted(self._catalogue.timetable(branch).services):
                pool = self._catalogue.pool_of(branch.id, service)
                if pool is not None:
                    pools.setdefault(pool.id, (pool, []))[1].append(self._services[service])
            known = self._pools_of[branch.timetable] = list(pools.values())
        return known

    def _own_seats(self, branch: BranchId, service: ServiceId) -> bool:
        """True if the service is offered there and has seats of its own."""
        names = (self._branches[branch].timetable, service)
        known = self._with_own_seats.get(names)
        if known is None:
            offered = self._catalogue.offers(branch, service)
            known = self._with_own_seats[names] = offered and self._catalogue.pool_of(branch, service) is None
        return known

    def _all_days(self) -> list[tuple[ServiceId, int]]:
        tables: Tables = {} if self._before is None else self._before.tables
        old = ((service, ordinal) for service, table in tables.items() for ordinal in table if ordinal in self.days)
        return list(dict.fromkeys([*old, *self._thawed]))

    def _day(self, service: ServiceId, ordinal: int) -> dict[datetime, Column]:
        """The columns of a day, to be changed."""
        columns = self._thawed.get((service, ordinal))
        if columns is None:
            old = None if self._before is None else self._before.tables.get(service, {}).get(ordinal)
            columns = self._thawed[service, ordinal] = {} if old is None else thawed(old)
        return columns

    def _column(self, service: ServiceId, start: datetime) -> Column:
        return self._day(service, start.toordinal()).setdefault(start, [])

    def _size_on(self, service: ServiceId, ordinal: int) -> int:
        columns = self._thawed.get((service, ordinal), {})
        planes = max((len(column) for column in columns.values()), default=0)
        return size_of(len(columns), planes, len(self._place_of))


def _has_count(slots: DaySlots, index: int, at: datetime, pool: Pool | None) -> bool:
    """True if the slot of that index has its seats in the count that starts at `at`."""
    behind = at - slots.starts[index]
    if pool is None:
        return not behind
    return behind < slots.duration and not behind % timedelta(minutes=pool.step_minutes)
