"""The slots that a search shows: those that the rules about a slot alone allow, with their free seats."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.calendars.authority import TIMETABLES
from traffic_booking.domain.calendars.day import Day
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.places.geography import Branch
from traffic_booking.domain.places.services import Service
from traffic_booking.domain.rules.evaluation import Evaluation
from traffic_booking.domain.rules.restrictions import SlotCase
from traffic_booking.domain.rules.rule import Use
from traffic_booking.domain.rules.rulebook import Rulebook
from traffic_booking.domain.schedule.day_availability import DayAvailability, DayState
from traffic_booking.domain.schedule.slots import SeatCount, SeatKey, Slot, SlotKey

STARTED_RULE: Final = "BK-03"
SUSPENSION_RULE: Final = "BK-15"
_NO_HOURS: Final = Bilingual("لا دوام للفرع في هذا اليوم", "the branch has no hours on this day")


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


def day_availability(
    configuration: Configuration,
    branch: Branch,
    service: Service,
    day: date,
    seats_taken: Mapping[SeatKey, SeatCount],
    now: datetime,
) -> DayAvailability:
    """The seats and the free seats of one civil day, and why there are none."""
    slots = configuration.slots_of_day(branch, service, day)
    if not slots:
        return _without_slots(configuration, branch, day)
    rulebook, zone = configuration.rulebook(now), ZoneInfo(branch.time_zone)
    refused: list[tuple[SlotKey, Evaluation]] = []
    seats, free, first_free = 0, 0, None
    for index in range(bisect_left(slots.starts, now), len(slots)):
        starts_at, capacity = slots.starts[index], slots.capacities[index]
        slot = SlotKey(branch.id, service.id, starts_at)
        evaluation = evaluate_slot(rulebook, slot, now)
        if evaluation.granted:
            of_slot = free_seats(slots.seats_of(slot), capacity, seats_taken)
            seats, free = seats + capacity, free + of_slot
            first_free = first_free or (starts_at.astimezone(zone) if of_slot else None)
        else:
            refused.append((slot, evaluation))
    if seats:
        state = DayState.FREE if free else DayState.FULL
        return DayAvailability(day=Day(day), state=state, seats=seats, free=free, first_free=first_free)
    return _refused(rulebook, Day(day), refused, zone)


def _without_slots(configuration: Configuration, branch: Branch, day: date) -> DayAvailability:
    at_branch = configuration.branch_day(branch, day)
    if at_branch.open:
        return DayAvailability(day=at_branch.day, state=DayState.NO_SERVICE)
    deciding = at_branch.rules[0]
    reason = _NO_HOURS if deciding.startswith(TIMETABLES) else configuration.reason(at_branch)
    return DayAvailability(day=at_branch.day, state=DayState.CLOSED, rules=at_branch.rules, reason=reason)


def _refused(
    rulebook: Rulebook, day: Day, refused: Sequence[tuple[SlotKey, Evaluation]], zone: ZoneInfo
) -> DayAvailability:
    """A day without a slot that the rules allow; `refused` has the slots that are still to come."""
    for slot, evaluation in refused:
        instants = [verdict.allowed_from for verdict in evaluation.refused]
        opens_at = max((each for each in instants if each is not None), default=None)
        if opens_at and None not in instants and evaluate_slot(rulebook, slot, opens_at).granted:
            opens_at = opens_at.astimezone(zone)
            broken = evaluation.findings.broken
            return DayAvailability(day=day, state=DayState.NOT_YET_OPEN, rules=broken, opens_at=opens_at)
    for slot, evaluation in refused:
        suspension = rulebook.suspension_of(slot)
        if suspension is not None and SUSPENSION_RULE in evaluation.findings.broken:
            return DayAvailability(
                day=day,
                state=DayState.SUSPENDED,
                rules=(SUSPENSION_RULE,),
                reason=suspension.reason,
                until=suspension.ends_at.astimezone(zone),
            )
    for _, evaluation in refused:
        verdicts = [verdict for verdict in evaluation.refused if verdict.rule_id != STARTED_RULE]
        if verdicts:
            rules = tuple(verdict.rule_id for verdict in verdicts)
            return DayAvailability(day=day, state=DayState.NOT_BOOKABLE, rules=rules, reason=verdicts[0].statement)
    return DayAvailability(day=day, state=DayState.PAST)
