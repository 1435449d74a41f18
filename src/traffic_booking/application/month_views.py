"""The days of a month, with their seats."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from traffic_booking.application.slot_search import slot_range
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.availability import day_availability
from traffic_booking.domain.places.geography import Branch
from traffic_booking.domain.places.services import Service
from traffic_booking.domain.schedule.day_availability import DayAvailability
from traffic_booking.domain.searching.question import bounds_of
from traffic_booking.persistence.seat_book import AsyncSeatBook


async def month(
    book: AsyncSeatBook,
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
    seats_taken = await book.seats_taken([span], lapsed_by=now)
    return tuple([day_availability(configuration, branch, service, day, seats_taken, now) for day in days])
