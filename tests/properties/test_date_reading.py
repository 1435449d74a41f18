"""Dates as people type them."""

from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from traffic_booking import Day, InvalidInput, parse_date
from traffic_booking.domain.hijri import FIRST_DAY, LAST_DAY

days = st.integers(0, (LAST_DAY - FIRST_DAY).days).map(lambda n: Day(FIRST_DAY + timedelta(days=n)))
FIRST_OF_RAMADAN = Day(date(2024, 3, 11))


@pytest.mark.parametrize(
    "text",
    [
        "1445-09-01",
        "1445/9/1",
        "1445.9.1",
        "1/9/1445",
        "01-09-1445 AH",
        "١٤٤٥/٩/١",
        "۱۴۴۵/۹/۱ هـ",
        "1 Ramadan 1445 AH",
        "1 ramadhan 1445",
        "Ramadan 1, 1445",
        "١ رمضان ١٤٤٥هـ",
        "١ رمضان ١٤٤٥ ه",
        "1 رَمَضَان 1445 هـ",
        "1 رمـضان 1445",
        "\u200f1\u200f رمضان \u20661445\u2069 هـ",
        "الاثنين ١ رمضان ١٤٤٥هـ",
        "Monday, 1 Ramadan 1445",
        "Mon 11 Mar 2024",
        "2024-03-11",
        "11/3/2024",
        "11 March 2024",
        "March 11, 2024 AD",
        "١١ مارس ٢٠٢٤ م",
        "2024-03-11[u-ca=islamic-umalqura]",
        "2024-03-11[u-ca=gregory]",
        "  2024-03-11  ",
    ],
)
def test_one_day_is_read_from_every_accepted_form(text: str) -> None:
    assert parse_date(text) == FIRST_OF_RAMADAN


@pytest.mark.parametrize(
    ("arabic", "latin"),
    [
        ("ربيع الثاني", "Rabi II"),
        ("ربيع الآخر", "Rabi' al-Thani"),
        ("جمادى الآخرة", "Jumada al-Akhirah"),
        ("ذو القعدة", "Dhul-Qa'dah"),
        ("ذي الحجة", "Zulhijja"),
        ("شعبان", "Sha'ban"),
    ],
)
def test_month_names_have_many_spellings(arabic: str, latin: str) -> None:
    assert parse_date(f"5 {arabic} 1445") == parse_date(f"5 {latin} 1445 AH")


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("", "date"),
        ("tomorrow", "date"),
        ("1700-01-01", "year"),
        ("1250/9/1", "year"),
        ("1445-09-31", "Hijri day"),
        ("1445-05-30", "Hijri day"),
        ("31/2/2024", "date"),
        ("3/14/2024", "date"),
        ("12/11/10", "date"),
        ("1445/9-1", "date"),
        ("1 Ramadan 2024 AD", "date"),
        ("1 Brumaire 1445", "month"),
        ("Tuesday 11 March 2024", "date"),
        ("2024-03-11[u-ca=hebrew]", "date"),
        ("1445-09-01[u-ca=islamic-umalqura]", "date"),
        ("1924-07-31[u-ca=islamic-umalqura]", "date"),
        ("2077-11-17[u-ca=islamic-umalqura]", "date"),
        ("2024-03-11 BC", "date"),
        ("²/1/1445", "date"),
        ("1445-09-01" + " " * 80, "date"),
        ("1300-01-01", "Hijri month"),
    ],
)
def test_other_text_is_an_error_that_names_what_is_wrong(text: str, field: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        parse_date(text)
    assert raised.value.field == field


def test_an_error_shows_what_was_read_and_what_would_be_accepted() -> None:
    with pytest.raises(InvalidInput) as raised:
        parse_date("32 thingummy")
    assert raised.value.got == "'32 thingummy'"
    assert "1445-09-01" in raised.value.expected


def test_only_text_is_read() -> None:
    with pytest.raises(InvalidInput, match="got int"):
        parse_date(20240311)  # type: ignore[arg-type]


@given(days, st.sampled_from(["ar", "en"]), st.sampled_from(["ascii", "arabic"]))
def test_reading_what_was_printed_gives_the_day_back(day: Day, language: str, digits: str) -> None:
    assert parse_date(day.hijri_text(language, digits)) == day  # type: ignore[arg-type]
    assert parse_date(day.gregorian_text(language, digits)) == day  # type: ignore[arg-type]
    assert parse_date(day.gregorian.isoformat()) == day


ALPHABET = st.characters() | st.sampled_from("0123456789٠١٢٣٤٥٦٧٨٩۰۹/-. هـمAHرمضانRamadan\u200f\u2066")


@given(st.text(ALPHABET, max_size=90) | st.from_regex(r"[0-9٠-٩]{1,4}[-/. ][0-9a-z٠-٩]{1,9}[-/. ][0-9٠-٩]{1,4}.{0,4}"))
@settings(max_examples=500)
def test_no_text_raises_anything_but_our_error(text: str) -> None:
    with suppress(InvalidInput):
        assert isinstance(parse_date(text), Day)


@pytest.mark.slow
@given(st.text(ALPHABET, max_size=90))
@settings(max_examples=200_000, deadline=None)
def test_no_text_of_a_long_fuzz_raises_anything_but_our_error(text: str) -> None:
    with suppress(InvalidInput):
        parse_date(text)
