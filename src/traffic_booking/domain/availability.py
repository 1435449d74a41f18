"""Which slots have free seats: the slots that there are less the seats taken."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta

from traffic_booking.domain.day import Day
from traffic_booking.domain.places import Branch
from traffic_booking.domain.services import Service
from traffic_booking.domain.slots import DayAvailability, Slot, SlotKey, Taken
from traffic_booking.domain.terms import Terms

NONE_TAKEN = Taken(0)


def free_seats(slot: Slot, taken: Mapping[SlotKey, Taken]) -> int:
    """The seats of `slot` that can be had; a hold that has run out counts as free. Never below 0."""
    of_slot = taken.get(slot.key, NONE_TAKEN)
    return max(0, slot.capacity - of_slot.seats + of_slot.lapsed)


def slots_of_days(
    terms: Terms, branch: Branch, service: Service, first: date, days: int, now: datetime
) -> Iterator[Slot]:
    """The slots of `days` civil days from `first` on that have not started, in order of their start."""
    for offset in range(days):
        day = terms.slots_of_day(branch, service, first + timedelta(days=offset))
        yield from day[bisect_right(day.starts, now) :]


def day_availability(day: date, slots: list[Slot], taken: Mapping[SlotKey, Taken]) -> DayAvailability:
    """The seats that `slots`, those of one civil day, have and have free."""
    return DayAvailability(
        Day(day), seats=sum(slot.capacity for slot in slots), free=sum(free_seats(slot, taken) for slot in slots)
    )
