"""Dates as people type them."""

from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from traffic_booking import Day, InvalidInput, parse_date
from traffic_booking.domain.date_reading import _GREGORIAN_NAMES, _HIJRI_NAMES, GREGORIAN_YEARS
from traffic_booking.domain.day import ARABIC_DIGITS
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
        "يوم الاثنين ١ رمضان ١٤٤٥",
        "1 من رمضان 1445",
        "١ من شهر رمضان عام ١٤٤٥هـ",
        "1 رمضان سنة 1445 هـ",
        "1st of Ramadan 1445",
        "11th March 2024",
        "1445\u201109\u201101",
        "2024\u201303\u201311",
        "2024-03-11 (1445-09-01 AH)",
        "1 Ramadan 1445 AH \u2013 11 March 2024",
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
        ("جمادی الاولی", "Jumada I"),
        ("ذی الحجه", "Thul-Hijjah"),
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
        ("1 Ramadan 2024", "date"),
        ("15 March 1445", "date"),
        ("1 January 0001", "year"),
        ("1 Rajab\u0436 1445", "month"),
        ("1 Ramadan \U0001f4a5 1445", "month"),
        ("1 May\u754c 2024", "month"),
        ("2024-03-11 (1445-09-02 AH)", "date"),
        ("2024-03-11 \u2013 2024-03-12", "date"),
        ("2024-03-11 (soon)", "date"),
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
    assert parse_date(day.text(language, digits)) == day  # type: ignore[arg-type]
    assert parse_date(day.gregorian.isoformat()) == day
    assert parse_date(str(day)) == day


MARKS = "\u200f\u200e\u061c\u2066\u2069\u0640\u064e"
"""What is dropped wherever it stands."""
SIGNS = st.characters() | st.sampled_from("0123456789٠١٢٣٤٥٦٧٨٩۰۹/-–. ,()[]هـمAH" + MARKS)
NAMES = sorted({*_HIJRI_NAMES, *_GREGORIAN_NAMES})
ERAS = ["", "", "", " AH", " هـ", "ه", " AD", " م", " BC", " (provisional)", "[u-ca=islamic-umalqura]", "[u-ca=hebrew]"]


@st.composite
def typed(draw):
    """What looks like a date: its parts in some order, with words around them."""
    weekday = draw(st.sampled_from(["", "", "", "يوم ", "Mon ", "الجمعة، ", "Someday "]))
    day, year = draw(st.integers(0, 32)), draw(st.integers(1300, 1500) | st.integers(1850, 2250) | st.integers(0, 9999))
    month = draw(st.sampled_from(NAMES) | st.integers(0, 13).map(str))
    between = draw(st.sampled_from([" ", " ", "-", "/", ".", " من ", " of ", "st "]))
    parts = draw(st.permutations([str(day), month, f"{year:04d}"]) | st.just((str(day), month, f"{year:04d}")))
    text = weekday + between.join(parts) + draw(st.sampled_from(ERAS))
    return text.translate(ARABIC_DIGITS) if draw(st.booleans()) else text


@st.composite
def printed(draw):
    """A date as it is printed."""
    day, language, digits = draw(days), draw(st.sampled_from(["ar", "en"])), draw(st.sampled_from(["ascii", "arabic"]))
    forms = (day.hijri_text, day.gregorian_text, day.text)
    return draw(st.sampled_from([str(day), *(form(language, digits) for form in forms)]))


@st.composite
def spoilt(draw, texts):
    """One of `texts`, with up to three signs put in, taken out or replaced."""
    text = draw(texts)
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(text)))
        text = text[:place] + draw(SIGNS | st.just("")) + text[place + draw(st.integers(0, 1)) :]
    return text


def read_of(texts, examples):
    """How many of so many texts are read; a text raises nothing but `InvalidInput`."""
    read = []

    @given(texts)
    @settings(max_examples=examples, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    def read_one(text):
        with suppress(InvalidInput):
            day = parse_date(text)
            assert isinstance(day, Day)
            if day.gregorian.year in GREGORIAN_YEARS:  # any other needs an era, which ISO doesn't have
                assert parse_date(str(day)) == day
            read.append(text)

    read_one()
    return len(set(read))


FUZZED = st.text(SIGNS, max_size=90) | spoilt(typed()) | spoilt(printed())


def test_no_text_raises_anything_but_our_error_and_a_good_part_of_the_dates_is_read():
    assert read_of(FUZZED, 1_000) > 30


@pytest.mark.slow
def test_no_text_of_a_long_fuzz_raises_anything_but_our_error():
    assert read_of(FUZZED, 200_000) > 5_000


@pytest.mark.parametrize("mark", MARKS)
def test_marks_of_direction_and_vowels_count_for_nothing(mark):
    assert parse_date(mark.join("1 رمضان 1445")) == FIRST_OF_RAMADAN
