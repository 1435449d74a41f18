from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bookings import slot
from tests.desks import open_desk
from tests.strategies import slots
from traffic_booking import AvailableSlot, Booked, Cancelled, Day, Held, InvalidInput, Moved, Slot, SlotKey
from traffic_booking.domain.instants import instant
from traffic_booking.domain.places.geography import BranchId
from traffic_booking.domain.places.services import ServiceId
from traffic_booking.testing import made_up_person

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


class TestToken:
    def test_is_short_and_readable(self):
        key = SlotKey(BranchId("riyadh-traffic"), ServiceId("licence-renewal"), datetime(2026, 11, 23, 6, tzinfo=UTC))
        assert key.token == "riyadh-traffic.licence-renewal.20261123T0600Z"
        assert LATE.token == AvailableSlot(slot=LATE, free=1, as_of=KEY.starts_at).token == KEY.token

    @given(slots)
    def test_names_the_slot_to_the_microsecond_in_characters_that_need_no_escaping(self, key):
        assert SlotKey.from_token(f" {key.token}\n") == key
        assert key.token.isascii()
        assert key.token.replace(".", "").replace("-", "").isalnum()
        assert len(key.token) <= 160

    @given(st.text() | slots.map(lambda key: key.token[:-1]) | st.text("ab.-T0123456789Z", max_size=40))
    def test_that_none_was_made_of_is_invalid(self, text):
        with pytest.raises(InvalidInput):
            SlotKey.from_token(text)

    @pytest.mark.parametrize(
        "text",
        [
            None,
            b"north.renewal.20261123T0600Z",
            "",
            "north.renewal",
            "north.renewal.20261323T0600Z",
            "north.renewal.20261123T2460Z",
            "north.renewal.17991231T2359Z",
            "north.renewal.99990101T0000Z",
            "north.renewal.20261123T0600",
            "north.renewal.20261123T0600+03:00",
            "north.renewal.٢٠٢٦1123T0600Z",
            "North.renewal.20261123T0600Z",
            "north..20261123T0600Z",
            "north.renewal.20261123T0600Z.more",
            "north.renewal.20261123T0600Z\0",
            "x" * 100_000,
        ],
    )
    def test_that_is_malformed_is_invalid_and_names_its_field(self, text):
        with pytest.raises(InvalidInput) as refused:
            SlotKey.from_token(text)
        assert (refused.value.field, refused.value.expected) == ("slot", "a time from the list: choose it again")
        assert len(str(refused.value)) < 300

    def test_of_a_key_that_no_slot_has_is_invalid(self):
        with pytest.raises(InvalidInput):
            _ = SlotKey(BranchId("no such/branch"), KEY.service, KEY.starts_at).token

    def test_is_accepted_by_every_verb_that_takes_a_slot(self):
        desk, me = open_desk(), made_up_person(1)
        found = desk.find_slots(service="renewal", branch="north", from_=date(2026, 11, 23), limit=2)
        first, second = (each.token for each in found)
        assert desk.what_if().hold(first, applicant=me)
        assert desk.what_if().book(first, applicant=me, agreed=True)
        assert isinstance(desk.hold(first, applicant=me, request_id="1"), Held)
        booked = desk.book(first, applicant=me, agreed=True, request_id="2")
        assert isinstance(booked, Booked)
        assert booked.appointment.slot.token == first
        assert desk.what_if().move(booked.appointment.number, second, by=me)
        moved = desk.move(booked.appointment.number, second, by=me, request_id="3")
        assert isinstance(moved, Moved)
        assert moved.appointment.slot.token == second
        assert isinstance(desk.cancel(booked.appointment.number, by=me, request_id="4"), Cancelled)
