"""The slots that can be booked: those offered at an instant, without the seats taken."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta

from traffic_booking.domain.calendars.day import Day
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.places.geography import Branch
from traffic_booking.domain.places.services import Service
from traffic_booking.domain.rules.restrictions import Suspension
from traffic_booking.domain.rules.rule import Rule
from traffic_booking.domain.schedule.slots import DayAvailability, SeatCount, Slot, SlotKey
from traffic_booking.domain.values import frozen

NO_SEATS_TAKEN = SeatCount(0)


@frozen(kw_only=True)
class BookableSlots:
    """The slots of a service at a branch that can be booked at an instant: from `first` to `last`, none suspended.

    These are the results of BK-04, BK-12 and BK-15, which read only the slot.
    """

    first: datetime
    last: datetime
    suspensions: tuple[Suspension, ...]

    def includes(self, slot: SlotKey) -> bool:
        """True if the rules about the slot alone allow it."""
        if not self.first <= slot.starts_at <= self.last:
            return False
        return not any(suspension.covers(slot) for suspension in self.suspensions)


def bookable_slots(configuration: Configuration, branch: Branch, service: Service, now: datetime) -> BookableSlots:
    """The bookable slots of `service` at `branch` at `now`."""
    rulebook = configuration.rulebook(now)
    any_slot = SlotKey(branch.id, service.id, now)  # figures depend on the place alone, not on the start
    notice = rulebook.rule("BK-12", any_slot)
    return BookableSlots(
        first=now + timedelta(minutes=notice["minutes"] if notice.in_force(now) else 0),
        last=now + _days_ahead(rulebook.rule("BK-04", any_slot), now),
        suspensions=rulebook.suspensions if rulebook["BK-15"].in_force(now) else (),
    )


def horizon(configuration: Configuration, now: datetime) -> timedelta:
    """The longest time ahead for any slot; services and branches may allow less.

    If the rule is not in force, the greatest value that any rulebook may have.
    """
    return _days_ahead(configuration.rulebook(now)["BK-04"], now)


def _days_ahead(opening: Rule, now: datetime) -> timedelta:
    (days,) = opening.definition.parameters
    return timedelta(days=opening[days.name] if opening.in_force(now) else days.greatest)


def free_seats(slot: Slot, seats_taken: Mapping[SlotKey, SeatCount]) -> int:
    """The free seats of `slot`, at least 0; the seat of an expired hold is free."""
    of_slot = seats_taken.get(slot.key, NO_SEATS_TAKEN)
    return max(0, slot.capacity - of_slot.seats + of_slot.lapsed)


def slots_of_days(
    configuration: Configuration, branch: Branch, service: Service, first: date, days: int, now: datetime
) -> Iterator[Slot]:
    """The slots of `days` civil days from `first` on that have not started, by start."""
    for offset in range(days):
        day = configuration.slots_of_day(branch, service, first + timedelta(days=offset))
        yield from day[bisect_right(day.starts, now) :]


def day_availability(day: date, slots: list[Slot], seats_taken: Mapping[SlotKey, SeatCount]) -> DayAvailability:
    """The seats, and the free seats, of the slots of one civil day."""
    return DayAvailability(
        Day(day), seats=sum(slot.capacity for slot in slots), free=sum(free_seats(slot, seats_taken) for slot in slots)
    )
