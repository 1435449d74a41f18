"""The candidates of a search among the seats that were read: one lazy stream for each branch and service."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.availability import free_seats
from traffic_booking.domain.places.geography import Branch
from traffic_booking.domain.places.services import Service
from traffic_booking.domain.schedule.day_slots import DaySlots
from traffic_booking.domain.schedule.slots import SeatCount, SeatKey, Slot, SlotKey
from traffic_booking.domain.searching.question import Candidate, Question, SearchedBranch
from traffic_booking.domain.values import frozen


@frozen(kw_only=True)
class Span:
    """A part of a search: the slots of one service at one branch that start in `from_` to `until` (exclusive).

    The further slots of a row start before `closing`, the end of the search.
    """

    at: SearchedBranch
    service: Service
    from_: datetime
    until: datetime
    closing: datetime

    def read_until(self, adjacent: int) -> datetime:
        """The end of the seats to read, so that each row that begins in the span is whole."""
        if adjacent == 1:
            return self.until
        further = (adjacent - 1) * timedelta(minutes=self.service.duration_minutes)
        return min(self.closing, self.until + further)


def candidates(
    configuration: Configuration,
    question: Question,
    span: Span,
    seats_taken: Mapping[SeatKey, SeatCount],
    own: Mapping[SeatKey, int] | None = None,
) -> Iterator[Candidate]:
    """The slots, or first slots of rows, of `span` that have enough free seats, by start; each is made on demand.

    The rules about a slot alone are not evaluated.
    """
    at, branch, service = span.at, span.at.branch, span.service
    place, adjacent, most = question.services.index(service), question.adjacent, span.until
    row: list[tuple[Slot, int]] = []
    for slots, indices in _searched(configuration, question, branch, service, span.from_, span.read_until(adjacent)):
        for index in indices:
            key = SlotKey(branch.id, service.id, slots.starts[index])
            free = free_seats(slots.seats_of(key), slots.capacities[index], seats_taken, own)
            if free < question.seats:
                row.clear()
                continue
            slot = slots.slot(key, index)
            if row and row[-1][0].ends_at != key.starts_at:
                row.clear()
            row.append((slot, free))
            if len(row) == adjacent:
                first, _ = row[0]
                if most <= first.key.starts_at:
                    return
                fewest, following = min([each for _, each in row]), tuple([each for each, _ in row][1:])
                yield Candidate(question.key(at, place, first.key.starts_at), at, first, fewest, following)
                del row[0]


def _searched(
    configuration: Configuration, question: Question, branch: Branch, service: Service, from_: datetime, until: datetime
) -> Iterator[tuple[DaySlots, range]]:
    """The slots of the question between two instants, full or not, by start: those of a day, and their indices."""
    zone = ZoneInfo(branch.time_zone)
    any_time = question.weekdays is None and question.between is None
    for ordinal in range(from_.astimezone(zone).toordinal(), until.astimezone(zone).toordinal() + 1):
        day = date.fromordinal(ordinal)
        for opens, closes in ((from_, until),) if any_time else question.times_on(branch, day):
            slots = configuration.slots_of_day(branch, service, day)
            starts = slots.starts
            yield slots, range(bisect_left(starts, max(from_, opens)), bisect_left(starts, min(until, closes)))
