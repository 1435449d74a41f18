"""Dates as people type them."""

import re
from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from traffic_booking import Day, InvalidInput, parse_date
from traffic_booking.domain.calendars.date_reading import _GREGORIAN_NAMES, _HIJRI_NAMES
from traffic_booking.domain.calendars.hijri import FIRST_DAY, LAST_DAY

days = st.integers(0, (LAST_DAY - FIRST_DAY).days).map(lambda n: Day(FIRST_DAY + timedelta(days=n)))
any_days = days | st.dates().map(Day)
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
        "1 \u2013 9 \u2013 1445",
        "1445\u221209\u221201",
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
        ("1300-01-01", "year"),
        ("1501-01-01", "year"),
        ("1445-13-01", "Hijri month"),
        ("2024-03-11 of AD", "date"),
        ("1445-09-1st", "date"),
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


@pytest.mark.parametrize(
    "text", ["2026-13-09", " 9/02/2026x", "٢٠٢٦-١٣-٠٩", "31 February 2026", "2026-02-30[u-ca=gregory]"]
)
def test_an_error_about_a_day_shows_it_as_it_was_typed(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_date(text)
    assert refused.value.got == repr(text)


def test_only_text_is_read() -> None:
    with pytest.raises(InvalidInput, match="got int"):
        parse_date(20240311)  # type: ignore[arg-type]


def test_a_year_outside_the_table_is_named_with_the_calendar_in_which_it_was_read() -> None:
    with pytest.raises(InvalidInput, match="year: got 1501, a Hijri year; expected 1343 to 1500 AH"):
        parse_date("1501-01-01")


def test_an_error_shows_no_long_number_that_stands_where_a_calendar_should() -> None:
    with pytest.raises(InvalidInput) as raised:
        parse_date("2024-03-11[u-ca=" + "7" * 10 + "]")
    assert "77" not in str(raised.value)


@given(days, st.sampled_from(["ar", "en"]), st.sampled_from(["ascii", "arabic"]))
def test_reading_a_printed_hijri_date_gives_the_day_back(day: Day, language: str, digits: str) -> None:
    assert parse_date(day.hijri_text(language, digits)) == day  # type: ignore[arg-type]
    assert parse_date(day.gregorian.isoformat()) == day


@given(any_days, st.sampled_from(["ar", "en"]), st.sampled_from(["ascii", "arabic"]))
@example(Day(date(999, 1, 1)), "en", "ascii")
@example(Day(date(1500, 1, 1)), "en", "ascii")
@example(Day(date(2201, 1, 1)), "ar", "arabic")
def test_reading_what_a_day_prints_gives_it_back_in_every_year(day: Day, language: str, digits: str) -> None:
    assert parse_date(day.gregorian_text(language, digits)) == day  # type: ignore[arg-type]
    assert parse_date(day.text(language, digits)) == day  # type: ignore[arg-type]
    assert parse_date(str(day)) == day


MARKS = "\u200f\u200e\u061c\u2066\u2069\u0640\u064e"
"""Signs that are dropped at any place."""
SIGNS = st.characters() | st.sampled_from("0123456789٠١٢٣٤٥٦٧٨٩۰۹/-–. ,()[]هـمAH" + MARKS)
HIJRI_MONTHS, GREGORIAN_MONTHS = sorted(_HIJRI_NAMES), sorted(_GREGORIAN_NAMES)
ERAS = {"hijri": ["", "", " AH", " هـ", "ه"], "gregorian": ["", "", " AD", " م", " ميلادي"]}
TAILS = ["", "", "", "", "", " BC", " AD", " AH", " (provisional)", "[u-ca=islamic-umalqura]", "[u-ca=hebrew]"]
DIGITS = ["0123456789", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "0١2٣4۵6٧8٩"]


@st.composite
def typed(draw):
    """A date in a form that people use: mostly a day that exists, and sometimes a part that is wrong."""
    calendar = draw(st.sampled_from(["hijri", "gregorian"]))
    names, years = {
        "hijri": (HIJRI_MONTHS, st.integers(1343, 1500)),
        "gregorian": (GREGORIAN_MONTHS, st.integers(1900, 2200)),
    }[calendar]
    day = draw(st.sampled_from([*range(1, 30), 0, 30, 30, 31, 31, 32]))
    year = draw(years | years | years | years | st.integers(0, 2400))
    weekday = draw(st.sampled_from([""] * 9 + ["يوم الاثنين ", "Mon ", "الجمعة، ", "Someday "]))
    if draw(st.booleans()):
        month = draw(st.sampled_from(names * 3 + HIJRI_MONTHS + GREGORIAN_MONTHS + ["brumaire"]))
        first = draw(st.sampled_from([f"{day} {month} ", f"{day}st of {month} ", f"{day} من شهر {month} سنة "]))
        text = draw(st.just(first) | st.just(f"{month} {day}, ")) + f"{year:04d}"
    else:
        month = draw(st.sampled_from([*range(1, 13), 0, 13, 14]))
        joint = draw(st.sampled_from(["-", "/", ".", " - ", "\u2011", "\u2013"]))
        parts = [f"{year:04d}", f"{month:02d}", f"{day:02d}"]
        text = joint.join(draw(st.sampled_from([parts, parts, parts[::-1], parts[::-1], [*parts[1:], "10"]])))
    text = weekday + text + draw(st.sampled_from(ERAS[calendar])) + draw(st.sampled_from(TAILS))
    return text.translate(str.maketrans("0123456789", draw(st.sampled_from(DIGITS))))


@st.composite
def printed(draw):
    """A date as it is printed, or the names of two days as if they were one."""
    day, language, digits = (
        draw(any_days),
        draw(st.sampled_from(["ar", "en"])),
        draw(st.sampled_from(["ascii", "arabic"])),
    )
    forms = [str(day), day.gregorian_text(language, digits), day.text(language, digits), f"{day} ({draw(days).hijri})"]
    forms += [f"{day.gregorian}[u-ca={calendar}]" for calendar in ("islamic-umalqura", "gregory", "hebrew")]
    if day.has_hijri:
        forms += [day.hijri_text(language, digits)]
    return draw(st.sampled_from(forms))


@st.composite
def spoilt(draw, texts):
    """One of `texts`, with one to three signs inserted, removed or replaced."""
    text = draw(texts)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(text)))
        text = text[:place] + draw(SIGNS | st.just("")) + text[place + draw(st.integers(0, 1)) :]
    return text


DATES = typed() | printed()
FUZZED = (
    DATES | spoilt(DATES) | st.text(SIGNS, max_size=90) | st.sampled_from([None, 20240311, "2024-03-11" + " " * 80])
)


def outcomes_of(texts, examples, *, same_each_time=False):
    """How often texts were read ("read"), or refused for which reason; nothing but `InvalidInput` is raised."""
    outcomes: Counter[object] = Counter()

    @given(texts)
    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=same_each_time,
        suppress_health_check=[HealthCheck.too_slow],
    )
    def read_one(text):
        try:
            day = parse_date(text)
        except InvalidInput as error:
            outcomes[error.field, re.sub(r"[0-9].*", "", error.expected)] += 1
            return
        assert isinstance(day, Day)
        assert parse_date(str(day)) == day
        outcomes["read"] += 1

    read_one()
    return outcomes


REASONS = {
    ("date", "a date such as "),
    ("date", "a year of four digits, first or last"),
    ("date", "islamic-umalqura or gregory"),
    ("date", "a Gregorian day before the bracket, "),
    ("date", "both of one calendar; a year may have its era, such as AH or AD"),
    ("date", "AH, هـ, AD or م after the year, or nothing"),
    ("date", "a day of the Gregorian calendar"),
    ("date", "the weekday of that day"),
    ("month", "the name of a month, Hijri or Gregorian"),
    ("year", ""),
    ("Hijri month", "months "),
    ("Hijri day", ""),
}
"""Every reason to refuse a text, except the reasons that quote the day that was read."""


@pytest.mark.long
def test_a_third_of_the_dates_of_a_fuzz_is_read_and_every_reason_to_refuse_one_is_met():
    outcomes = outcomes_of(DATES, 2_000, same_each_time=True)
    assert outcomes["read"] > sum(outcomes.values()) / 3
    assert outcomes.keys() >= REASONS
    assert any("names of one day" in reason for _, reason in outcomes.keys() - {"read"})


def test_no_text_raises_anything_but_our_error():
    assert outcomes_of(FUZZED, 1_000)["read"]


@pytest.mark.slow
def test_no_text_of_a_long_fuzz_raises_anything_but_our_error():
    assert outcomes_of(FUZZED, 200_000)["read"] > 20_000


@pytest.mark.parametrize("mark", MARKS)
def test_marks_of_direction_and_vowels_count_for_nothing(mark):
    assert parse_date(mark.join("1 رمضان 1445")) == FIRST_OF_RAMADAN
