"""Numbers that a host gives are whole and bounded; a truth value is refused, although Python takes it for 1."""

from datetime import date

import pytest

from tests.small_town import named, small_service
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.places.services import Eligibility, Holder
from traffic_booking.domain.schedule.exceptions import BranchException, Effect
from traffic_booking.domain.schedule.timetables import Shift, Weekday


def exception(seats):
    day = date(2026, 11, 22)
    return BranchException(
        id="e",
        branch="north",
        first_day=day,
        last_day=day,
        effect=Effect.OTHER_CAPACITY,
        reason=named("e"),
        capacity=seats,
    )


MADE = {
    "capacity": exception,
    "capacity ": lambda seats: Shift(weekdays=frozenset(Weekday), opens_minute=480, closes_minute=720, capacity=seats),
    "duration_minutes": lambda minutes: small_service("renewal", minutes),
    "minimum_age_years": lambda years: Eligibility(holders=frozenset(Holder), minimum_age_years=years),
    "window_days_before_expiry": lambda days: Eligibility(holders=frozenset(Holder), window_days_before_expiry=days),
}


@pytest.mark.parametrize("name", MADE)
@pytest.mark.parametrize(
    ("value", "shown"),
    [
        pytest.param(True, "bool", id="true"),
        pytest.param(6.0, "float", id="float"),
        pytest.param("6", "str", id="text"),
        pytest.param(10**5000, "a longer number", id="huge"),
        pytest.param(-6, "-6", id="negative"),
    ],
)
def test_a_value_that_is_no_whole_number_within_its_bounds_is_refused_in_a_short_message(name, value, shown):
    with pytest.raises(InvalidInput, match=rf"^{name.strip()}: got {shown}; expected \d+ to \d+"):
        MADE[name](value)


@pytest.mark.parametrize("name", MADE)
def test_a_whole_number_within_its_bounds_is_taken(name):
    assert MADE[name](6)
