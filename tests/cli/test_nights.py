"""The shell at a branch whose shifts run past midnight."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from attrs import frozen

from tests.calendars import PLAIN, exception
from tests.small_town import WORKING_DAYS, small_rulebook, town_of
from traffic_booking import Booked, BookingDesk, Clerk, Effect, Hours, InvalidInput, Shift
from traffic_booking.cli.closing import close
from traffic_booking.cli.options import Options
from traffic_booking.cli.reply import Listing
from traffic_booking.cli.working_month import calendar
from traffic_booking.ports.signer import Signer
from traffic_booking.testing import MovableClock, made_up_person

SUNDAY = date(2026, 11, 22)
MIDNIGHT = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)
"""The one that ends the Sunday, in Riyadh."""
NIGHT = Shift(weekdays=WORKING_DAYS, opens_minute=1380, closes_minute=1500, capacity=1)
MINUTE = timedelta(minutes=1)


@frozen(kw_only=True)
class AtNight(Options):
    """Options of a shell at the small town, at an instant of the night."""

    now: datetime = MIDNIGHT

    def desk(self, *, read_only: bool = False, signer: Signer | None = None) -> BookingDesk:
        parts: dict[str, Any] = {"catalogue": town_of(NIGHT), "rulebook": small_rulebook(), "calendar": PLAIN}
        return BookingDesk.open(
            self.store_url(read_only=read_only), clock=MovableClock(self.now), signer=signer, **parts
        )


@pytest.fixture
def at_night(tmp_path):
    """Makes options of one store."""
    return lambda **parts: AtNight(db=f"sqlite:///{tmp_path / 'bookings.db'}", **parts)


def close_sunday(options):
    return close(branch="north", from_=SUNDAY.isoformat(), reason="صيانة", clerk="desk-1", options=options)


def test_the_day_before_may_be_closed_until_its_last_shift_has_ended(at_night):
    with at_night().desk() as desk:
        slots = desk.find_slots(service="renewal", branch="north", from_=MIDNIGHT + 40 * MINUTE, limit=1)
        booked = desk.book(slots[0], applicant=made_up_person(1), agreed=True, request_id="book")
    assert isinstance(booked, Booked)
    with pytest.raises(InvalidInput, match="--until: got 2026-11-22, which is over; expected 2026-11-23 or later"):
        close_sunday(at_night(now=MIDNIGHT + 60 * MINUTE))
    closed = close_sunday(at_night(now=MIDNIGHT + 30 * MINUTE))
    assert [each["number"] for each in closed.form["affected"]] == [booked.appointment.number]


@pytest.mark.parametrize(("language", "expected"), [("en", "00:30–01:00 (next day)"), ("ar", "(اليوم التالي)")])
def test_the_month_marks_hours_that_begin_after_midnight(at_night, language, expected):
    with at_night().desk() as desk:
        for name, day, hours in (
            ("a", SUNDAY, Hours(1380, 1470)),
            ("b", SUNDAY + timedelta(days=2), Hours(1470, 1500)),
        ):
            record = exception(Effect.OTHER_HOURS, day, name=name, hours=(hours,))
            desk.calendar.declare(record, reason="why", by=Clerk("desk-1"), request_id=name)
    drawn = calendar("2026-11", branch="north", options=at_night(language=language))
    (listing,) = (part for part in drawn.parts if isinstance(part, Listing))
    sunday, tuesday = (row[1] for row in listing.rows[:2])
    assert "23:00–00:30" in sunday
    assert expected not in sunday
    assert expected in tuesday
