from datetime import UTC, datetime, timedelta, timezone

import pytest

from tests.bookings import slot
from traffic_booking import AvailableSlot, Day, InvalidInput, Slot
from traffic_booking.domain.instants import instant

KEY = slot(15.5)
"""22:30 on Sunday, 22 November 2026 in Riyadh."""

LATE = Slot(key=KEY, ends_at=KEY.starts_at + timedelta(minutes=45), capacity=2, time_zone="Asia/Riyadh")


class TestInstant:
    def test_is_the_same_moment_in_utc(self):
        there = datetime(2026, 11, 22, 8, 0, tzinfo=timezone(timedelta(hours=3)))
        assert instant(there) == there
        assert instant(there).tzinfo is UTC

    def test_needs_an_offset(self):
        with pytest.raises(InvalidInput, match="a datetime without an offset"):
            instant(KEY.starts_at.replace(tzinfo=None))

    @pytest.mark.parametrize(("year", "fine"), [(1799, False), (1800, True), (9998, True), (9999, False)])
    def test_is_in_the_years_1800_to_9998(self, year, fine):
        moment = datetime(year, 12, 31, 23, 59, tzinfo=UTC)
        if fine:
            assert instant(moment) == moment
        else:
            with pytest.raises(InvalidInput, match=f"the year {year}"):
                instant(moment)


class TestSlot:
    def test_shows_its_times_and_its_day_as_the_branch_has_them(self):
        assert LATE.starts_at.isoformat() == "2026-11-22T22:30:00+03:00"
        assert LATE.day == Day(LATE.starts_at.date())

    def test_that_is_available_shows_the_same_and_ends_where_it_ends(self):
        available = AvailableSlot(slot=LATE, free=1, as_of=KEY.starts_at)
        assert (available.key, available.branch, available.service) == (KEY, "north", "renewal")
        assert (available.starts_at, available.day) == (LATE.starts_at, LATE.day)
        assert available.ends_at.isoformat() == "2026-11-22T23:15:00+03:00"

    def test_has_the_same_key_for_a_start_in_any_time_zone(self):
        in_riyadh = slot(15.5).starts_at.astimezone(timezone(timedelta(hours=3)))
        assert type(KEY)(KEY.branch, KEY.service, in_riyadh) == KEY
        assert hash(type(KEY)(KEY.branch, KEY.service, in_riyadh)) == hash(KEY)
