"""Reads slots and days: free slots, the seats of a month, and the appointments that a calendar change affects.

Made from `traffic_booking.application.searching` by `python -m tools.check_sync --write`: change that.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime, timedelta
from heapq import merge
from itertools import chain, islice
from typing import TYPE_CHECKING, Final

from attrs import evolve

from traffic_booking.application.slot_search import Search, bounds_of, checkpoint, free_slots, slot_range
from traffic_booking.domain.configuration import Configuration, civil_day
from traffic_booking.domain.decisions.availability import day_availability, horizon
from traffic_booking.domain.errors import NotFound
from traffic_booking.domain.places.geography import Branch
from traffic_booking.domain.places.services import Service
from traffic_booking.domain.schedule.day_availability import DayAvailability
from traffic_booking.domain.schedule.slots import AvailableSlot, SlotKey, SlotPage
from traffic_booking.persistence._sync.seat_book import SeatBook

if TYPE_CHECKING:
    from traffic_booking.domain.appointments.appointment import Appointment
    from traffic_booking.domain.schedule.entries import CalendarRecord
    from traffic_booking.persistence._sync.appointment_book import AppointmentBook

STRIDE_DAYS: Final = 7
"""How many days are read at once; most searches end in the first read."""
DAYS_AHEAD: Final = 367
"""No rulebook lets anybody book further ahead than 366 days."""


def find(
    book: SeatBook, configuration: Configuration, search: Search, now: datetime, *, first: datetime
) -> tuple[AvailableSlot, ...]:
    """At most `search.limit` slots from `first` on with a free seat that are offered now, the soonest first.

    At the same instant the nearer branch comes first, then the one that is listed first in `search.branches`.
    """
    configuration.calendars.check_readable()
    last = horizon(configuration, now)
    windows = [(branch, *search.window(branch, first, last)) for branch in search.branches]
    windows = [(branch, opening, closing) for branch, opening, closing in windows if opening < closing]
    start = min((opening for _, opening, _ in windows), default=last)
    until = max((closing for *_, closing in windows), default=last)
    found: list[AvailableSlot] = []
    while start < until and len(found) < search.limit:
        end = min(until, start + timedelta(days=STRIDE_DAYS))
        spans = [
            slot_range(configuration, branch, search.service, max(start, opening), min(end, closing))
            for branch, opening, closing in windows
            if max(start, opening) < min(end, closing)
        ]
        seats_taken = book.seats_taken(spans, lapsed_by=now)
        there: list[Iterator[AvailableSlot]] = []
        for span in spans:
            checkpoint()
            slots = free_slots(configuration, span, seats_taken, now, near=search.near)
            there.append(chain([*islice(slots, 1)], slots))
        by_start = merge(*there, key=lambda each: (each.slot.key.starts_at, each.distance_km or 0.0))
        found += islice(by_start, search.limit - len(found))
        start = end
    return tuple(found)


def nearest(
    book: SeatBook,
    configuration: Configuration,
    asked: SlotKey,
    wanted: int,
    now: datetime,
    *,
    without: SlotKey | None = None,
    branches: Collection[str] | None = None,
) -> tuple[AvailableSlot, ...]:
    """At most `wanted` other slots for the same service that have a free seat and are allowed now.

    Not the slot `without`, and at `branches` alone if they are given. First those within 7 days before or after: at the
    same branch, the nearest in time first, then at the other branches of the governorate, the nearest branch first.
    Then, in the same order, those within 14 days, within 28, and so on. None if the catalogue no longer has the branch
    or the service.
    """
    configuration.calendars.check_readable()
    try:
        branch, service = configuration.catalogue.branch(asked.branch), configuration.catalogue.service(asked.service)
    except NotFound:
        return ()
    offering = configuration.catalogue.branches_for(
        service=service.id, governorate=branch.governorate, near=branch.location
    )
    allowed = [each for each in offering if branches is None or each.id in branches]
    groups = [[each for each in allowed if (each.id == branch.id) is own] for own in (True, False)]
    last = horizon(configuration, now)
    centre = min(max(asked.starts_at, now), last)
    found: list[AvailableSlot] = []
    near, far = timedelta(), timedelta(days=STRIDE_DAYS)
    while len(found) < wanted and (now < centre - near or centre + near < last):
        sides = [(max(now, centre - far), centre - near), (centre + near, min(last, centre + far))]
        for group in groups:
            if not group or len(found) >= wanted:
                continue
            spans = [
                [slot_range(configuration, each, service, *side) for side in sides if side[0] < side[1]]
                for each in group
            ]
            seats_taken = book.seats_taken([*chain(*spans)], lapsed_by=now)
            for of_branch in spans:
                checkpoint()
                slots = [
                    free_slots(
                        configuration, span, seats_taken, now, near=branch.location, latest_first=span.until <= centre
                    )
                    for span in of_branch
                ]
                by_nearness = merge(*slots, key=lambda each: abs(each.slot.key.starts_at - asked.starts_at))
                found += islice((each for each in by_nearness if each.key not in {asked, without}), wanted - len(found))
        near, far = far, far * 2
    return tuple(found)


def find_page(
    book: SeatBook, configuration: Configuration, search: Search, now: datetime, *, after: str | None
) -> SlotPage:
    """The slots that `find` returns, those behind the cursor `after` if it is given.

    Raises `InvalidInput` if the cursor is of another search.
    """
    from traffic_booking.application.cursors import cursor_of, position_of

    start, place = (now, -1) if after is None else position_of(search, after)
    wanted = evolve(search, limit=search.limit + place + 2)
    passed = {branch.id for branch in search.branches[: place + 1]}
    found = [
        slot
        for slot in find(book, configuration, wanted, now, first=max(now, start))
        if slot.key.starts_at > start or slot.branch not in passed
    ]
    slots = tuple(found[: search.limit])
    if len(found) > len(slots):
        return SlotPage(slots, as_of=now, next=cursor_of(search, slots[-1]), searched_until=slots[-1].key.starts_at)
    last = horizon(configuration, now)
    ends = [search.window(branch, now, last)[1] for branch in search.branches]
    return SlotPage(slots, as_of=now, searched_until=max(ends, default=last))


def month(
    book: SeatBook,
    configuration: Configuration,
    branch: Branch,
    service: Service,
    days: Sequence[date],
    now: datetime,
) -> tuple[DayAvailability, ...]:
    """The availability of each of `days`, which are consecutive and in order."""
    configuration.calendars.check_readable()
    start, end = bounds_of(branch, days[0], days[-1])
    span = slot_range(configuration, branch, service, start, end)
    seats_taken = book.seats_taken([span], lapsed_by=now)
    return tuple([day_availability(configuration, branch, service, day, seats_taken, now) for day in days])


def affected_by(
    book: AppointmentBook, configuration: Configuration, record: CalendarRecord, now: datetime
) -> list[Appointment]:
    """The live appointments that `record` affects, in the order of their start.

    If the record has been added already: those that it affected and that have not got their slot and seat back since.
    If two records affect the same appointments, the earlier record has them until it is withdrawn. A withdrawn record
    affects none.
    """
    from traffic_booking.domain.schedule.exceptions import BranchException

    calendars = configuration.calendars
    if not calendars.holds(record):
        if isinstance(record, BranchException):
            configuration.catalogue.branch(record.branch)
        return _affected(book, configuration, configuration.after(record), record, now)
    if calendars.has_withdrawn(record):
        return []
    before = configuration.before(record)
    lost = {appointment.number for appointment in _affected(book, before, configuration, record, now)}
    return [each for each in _affected(book, before, before.joined(record), record, now) if each.number in lost]


def _affected(
    book: AppointmentBook, before: Configuration, after: Configuration, record: CalendarRecord, now: datetime
) -> list[Appointment]:
    from traffic_booking.domain.decisions.declaring import affected, changed_days
    from traffic_booking.domain.schedule.exceptions import BranchException

    found: list[Appointment] = []
    for branch in after.catalogue.branches:
        if not isinstance(record, BranchException) or record.branch == branch.id:
            late = bool(after.catalogue.timetable(branch).services_past_midnight)
            first = civil_day(branch, now) - timedelta(days=late)
            changed = changed_days(before, after, branch, first, DAYS_AHEAD + late)
            for day in sorted({day + timedelta(days=more) for day in changed for more in range(1 + late)}):
                start, end = bounds_of(branch, day, day)
                there = book.appointments_at(branch.id, from_=start, until=end)
                found += affected(before, after, [each for each in there if each.is_active(now)])
    return sorted(found, key=lambda appointment: (appointment.slot.starts_at, appointment.number))
