"""The slots that a search shows: those that the rules about a slot alone allow, with their free seats."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.places.geography import Branch
from traffic_booking.domain.places.services import Service
from traffic_booking.domain.rules.evaluation import Evaluation
from traffic_booking.domain.rules.restrictions import SlotCase
from traffic_booking.domain.rules.rule import Use
from traffic_booking.domain.rules.rulebook import Rulebook
from traffic_booking.domain.schedule.slots import SeatCount, SeatKey, Slot, SlotKey


def evaluate_slot(rulebook: Rulebook, slot: SlotKey, now: datetime) -> Evaluation:
    """The results of the rules about a slot alone, with the figures for its service and branch."""
    suspension = rulebook.suspension_of(slot) if rulebook.suspensions else None
    return rulebook.evaluate(Use.SEARCH, SlotCase(slot, suspension), now, slot)


def horizon(configuration: Configuration, now: datetime) -> datetime:
    """The end of what a search reads (exclusive): the longest time of BK-04 for any slot, from `now` on.

    If the rule is not in force, the greatest value that any rulebook may have.
    """
    opening = configuration.rulebook(now)["BK-04"]
    (days,) = opening.definition.parameters
    ahead = timedelta(days=opening[days.name] if opening.in_force(now) else days.greatest)
    return now + ahead + timedelta(microseconds=1)


def free_seats(
    seats: Iterable[SeatKey],
    capacity: int,
    seats_taken: Mapping[SeatKey, SeatCount],
    own: Mapping[SeatKey, int] | None = None,
) -> int:
    """The free seats of a slot with that capacity, at least 0; the seat of an expired hold is free.

    `seats` are the counts of the slot: the one with the fewest free seats decides. `own` seats would be given back with
    the request: they are free as well.
    """
    free = capacity
    for seat in seats:
        taken = seats_taken.get(seat)
        if taken is not None:
            given_back = own.get(seat, 0) if own else 0
            free = min(free, capacity - taken.seats + taken.lapsed + given_back)
    return max(0, free)


def slots_between(
    configuration: Configuration,
    branch: Branch,
    service: Service,
    from_: datetime,
    until: datetime,
    *,
    latest_first: bool = False,
) -> Iterator[Slot]:
    """The slots that start in `from_` (inclusive) to `until` (exclusive), by start; each is made on demand."""
    zone = ZoneInfo(branch.time_zone)
    first, last = from_.astimezone(zone).toordinal(), until.astimezone(zone).toordinal()
    order = reversed if latest_first else iter
    for ordinal in order(range(first, last + 1)):
        slots = configuration.slots_of_day(branch, service, date.fromordinal(ordinal))
        for place in order(range(bisect_left(slots.starts, from_), bisect_left(slots.starts, until))):
            yield slots[place]
