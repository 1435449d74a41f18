"""Which slots can be had: those that are offered at a moment, less the seats taken."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta

from attrs import frozen

from traffic_booking.domain.calendars.day import Day
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.places.geography import Branch
from traffic_booking.domain.places.services import Service
from traffic_booking.domain.rules.restrictions import Suspension
from traffic_booking.domain.rules.rule import Rule
from traffic_booking.domain.schedule.slots import DayAvailability, SeatCount, Slot, SlotKey

NO_SEATS_TAKEN = SeatCount(0)


@frozen(kw_only=True)
class Offer:
    """What can be asked for at a moment of a service at a branch: slots from `first` to `last`, none suspended.

    It is what BK-04, BK-12 and BK-15 say, which look at nothing but the slot.
    """

    first: datetime
    last: datetime
    suspensions: tuple[Suspension, ...]

    def includes(self, slot: SlotKey) -> bool:
        """Whether the rules about the slot alone let it be booked."""
        if not self.first <= slot.starts_at <= self.last:
            return False
        return not any(suspension.covers(slot) for suspension in self.suspensions)


def offer_of(configuration: Configuration, branch: Branch, service: Service, now: datetime) -> Offer:
    """What is offered at `now` of `service` at `branch`."""
    rulebook = configuration.rulebook(now)
    any_slot = SlotKey(branch.id, service.id, now)
    notice = rulebook.rule("BK-12", any_slot)
    return Offer(
        first=now + timedelta(minutes=notice["minutes"] if notice.in_force(now) else 0),
        last=now + _days_ahead(rulebook.rule("BK-04", any_slot), now),
        suspensions=rulebook.suspensions if rulebook["BK-15"].in_force(now) else (),
    )


def horizon(configuration: Configuration, now: datetime) -> timedelta:
    """How far ahead the rulebook lets any slot be booked; services and branches may ask for less.

    Without a rule in force, as far as any rulebook may.
    """
    return _days_ahead(configuration.rulebook(now)["BK-04"], now)


def _days_ahead(opening: Rule, now: datetime) -> timedelta:
    (days,) = opening.definition.parameters
    return timedelta(days=opening[days.name] if opening.in_force(now) else days.greatest)


def free_seats(slot: Slot, seats_taken: Mapping[SlotKey, SeatCount]) -> int:
    """The seats of `slot` that can be had; a hold that has run out counts as free. Never below 0."""
    of_slot = seats_taken.get(slot.key, NO_SEATS_TAKEN)
    return max(0, slot.capacity - of_slot.seats + of_slot.lapsed)


def slots_of_days(
    configuration: Configuration, branch: Branch, service: Service, first: date, days: int, now: datetime
) -> Iterator[Slot]:
    """The slots of `days` civil days from `first` on that have not started, in order of their start."""
    for offset in range(days):
        day = configuration.slots_of_day(branch, service, first + timedelta(days=offset))
        yield from day[bisect_right(day.starts, now) :]


def day_availability(day: date, slots: list[Slot], seats_taken: Mapping[SlotKey, SeatCount]) -> DayAvailability:
    """The seats that `slots`, those of one civil day, have and have free."""
    return DayAvailability(
        Day(day), seats=sum(slot.capacity for slot in slots), free=sum(free_seats(slot, seats_taken) for slot in slots)
    )
