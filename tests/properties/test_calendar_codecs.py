"""Days as text for machines: every day is read back in both forms, and no other text is read."""

from datetime import date, timedelta

import pytest
from cattrs import Converter
from hypothesis import given
from hypothesis import strategies as st

from traffic_booking import Day, HijriDate
from traffic_booking.domain.calendars.hijri import FIRST_DAY, LAST_DAY
from traffic_booking.persistence.value_codecs import HIJRI_SUFFIX, encode_hijri, register_days

CONVERTER = Converter()
register_days(CONVERTER)

ALL_DAYS = [FIRST_DAY + timedelta(days=n) for n in range((LAST_DAY - FIRST_DAY).days + 1)]
WRITTEN = ("2024-03-11", f"2024-03-11{HIJRI_SUFFIX}", "0001-01-01", "9999-12-31")
KINDS = (date, Day, HijriDate)


def read_or_refused(kind, text):
    """The value that `text` is read as; None if it is refused with the documented error."""
    try:
        return CONVERTER.structure(text, kind)
    except (TypeError, ValueError):
        return None


def test_every_day_of_1343_to_1500_comes_back_in_both_forms():
    assert len(ALL_DAYS) == 55_991
    for day in ALL_DAYS:
        hijri = HijriDate.from_gregorian(day)
        gregorian_text, text = CONVERTER.unstructure(day), CONVERTER.unstructure(hijri)
        assert text == encode_hijri(hijri) == gregorian_text + HIJRI_SUFFIX
        assert CONVERTER.structure(gregorian_text, date) == day
        assert CONVERTER.structure(text, HijriDate) == hijri


@given(day=st.dates())
def test_any_gregorian_day_comes_back_as_a_date_and_as_a_day(day):
    text = CONVERTER.unstructure(Day(day))
    assert text == day.isoformat()
    assert (CONVERTER.structure(text, date), CONVERTER.structure(text, Day)) == (day, Day(day))


def test_the_first_of_ramadan_1445_is_written_as_its_gregorian_day_with_the_calendar_behind_it():
    assert CONVERTER.unstructure(HijriDate(1445, 9, 1)) == "2024-03-11[u-ca=islamic-umalqura]"


@st.composite
def damaged(draw):
    """A written text with some of its characters replaced, left out, doubled or inserted."""
    text = list(draw(st.sampled_from(WRITTEN)))
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(text)))
        put = draw(st.one_of(st.just(""), st.sampled_from("0123456789-T[]=+ \n٠۹²\u2066"), st.characters()))
        text[place : place + draw(st.integers(0, 2))] = put
    return "".join(text)


@pytest.mark.parametrize("kind", KINDS)
@given(text=st.one_of(damaged(), st.text(max_size=40)))
def test_a_text_is_read_only_where_it_is_letter_for_letter_what_is_written(kind, text):
    value = read_or_refused(kind, text)
    assert value is None or CONVERTER.unstructure(value) == text


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("value", [None, 0, 20240311, 2024.0, b"2024-03-11", [], {}, True, date(2024, 3, 11)])
def test_a_value_that_is_no_text_is_refused(kind, value):
    assert read_or_refused(kind, value) is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("20240311", date),
        ("2024-W11-1", date),
        ("2024-3-11", date),
        ("2024-02-30", date),
        ("2024-03-11T00:00", date),
        ("٢٠٢٤-٠٣-١١", date),
        (" 2024-03-11", Day),
        ("2024-03-11\n", Day),
        (f"2024-03-11{HIJRI_SUFFIX}", date),
        (f"2024-03-11{HIJRI_SUFFIX}", Day),
        ("2024-03-11", HijriDate),
        ("2024-03-11[u-ca=islamic]", HijriDate),
        ("2024-03-11[U-CA=islamic-umalqura]", HijriDate),
        ("2024-03-11[!u-ca=islamic-umalqura]", HijriDate),
        (f"2024-03-11{HIJRI_SUFFIX}{HIJRI_SUFFIX}", HijriDate),
        (f"1445-09-01{HIJRI_SUFFIX}", HijriDate),
        (f"{FIRST_DAY - timedelta(days=1)}{HIJRI_SUFFIX}", HijriDate),
        (f"{LAST_DAY + timedelta(days=1)}{HIJRI_SUFFIX}", HijriDate),
        (HIJRI_SUFFIX, HijriDate),
    ],
)
def test_other_ways_to_write_a_day_are_refused(text, kind):
    assert read_or_refused(kind, text) is None
