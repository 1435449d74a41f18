"""Messages of errors for any arguments: readable in both languages, bounded, without the ids that were typed."""

import re

from hypothesis import example, given
from hypothesis import strategies as st

from tests.small_town import START
from traffic_booking import (
    Bilingual,
    BookingDesk,
    Clerk,
    Coordinates,
    HijriDate,
    Hours,
    InvalidInput,
    NationalId,
    ResidentId,
    SlotKey,
    TrafficBookingError,
    appointment_number,
    parse_date,
    person_id,
    shipped_catalogue,
)
from traffic_booking.domain.calendars.pattern import DayPattern
from traffic_booking.domain.places.geography import BranchId, time_zone
from traffic_booking.domain.places.services import ServiceId
from traffic_booking.domain.text_input import request_id
from traffic_booking.testing import made_up_person

RUN = re.compile("\u2066[^\u2066-\u2069]*\u2069")
ID = made_up_person(31_415_926).reveal()

CATALOGUE = shipped_catalogue()

numbers = st.integers(-(10**20), 10**20) | st.floats()
texts = st.text(max_size=80) | st.sampled_from(
    [ID, f" {ID} ", "1445-13-01", "٣٢ رمضان ١٤٤٥", "a b", "FREQ=DAILY;COUNT=x"]
)
things = st.none() | st.booleans() | numbers | texts | st.dates() | st.datetimes() | st.lists(numbers, max_size=3)

CALLS = (
    NationalId,
    ResidentId,
    person_id,
    Clerk,
    parse_date,
    appointment_number,
    request_id,
    time_zone,
    DayPattern,
    lambda value: Bilingual(value, value),
    Bilingual("أ", "a"),
    lambda value: HijriDate(value, 1, 1),
    lambda value: HijriDate(1445, value, 1),
    lambda value: HijriDate(1445, 9, value),
    HijriDate.from_gregorian,
    lambda value: Coordinates(value, 0),
    lambda value: HijriDate(1445, 9, 1).plus_months(1, missing=value),
    lambda value: Hours(value, 600),
    lambda value: SlotKey(BranchId("north"), ServiceId("renewal"), value),
    lambda value: SlotKey(value, ServiceId("renewal"), START),
    lambda value: BookingDesk.open(f"x{value}://"),
    CATALOGUE.branch,
    CATALOGUE.region,
)


def fault_of(call, value):
    """The library's error for a call, or None; a type that Python itself refuses is no matter here."""
    try:
        call(value)
    except TrafficBookingError as error:
        return error
    except (TypeError, AttributeError, ValueError, OverflowError):
        return None
    return None


@given(st.sampled_from(CALLS), things)
def test_an_arabic_message_is_arabic_but_for_isolated_values(call, value):
    error = fault_of(call, value)
    if error is not None:
        message = error.message("ar")
        assert re.search(r"[\u0621-\u064a]{3,}", message)
        outside = RUN.sub("", message)
        assert re.findall(r"[A-Za-z]{2,}", outside) == []
        assert not re.search("[\u2066-\u2069]", outside)  # every run is closed


@given(st.sampled_from(CALLS), things, st.sampled_from(["ar", "en"]))
def test_a_message_is_bounded_printable_and_without_the_id_that_was_typed(call, value, language):
    error = fault_of(call, value)
    if error is not None:
        message = error.message(language)
        assert len(message) < 2_000
        assert RUN.sub("", message).isprintable()
        assert not re.search(r"\d{9,}", message)


@example("a record of {collection}, {key}", "{number} characters", "{least} to {greatest} {unit}")
@given(st.text(max_size=300), st.text(max_size=300), st.text(max_size=300))
def test_texts_of_a_host_have_messages_too(field, got, expected):
    error = InvalidInput(field, got=got, expected=expected)
    assert re.search(r"[\u0621-\u064a]{3,}", error.message("ar"))
    assert error.message("en")
