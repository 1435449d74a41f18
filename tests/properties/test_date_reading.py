"""Dates as people type them."""

import re
from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from traffic_booking import Day, InvalidInput, parse_date
from traffic_booking.domain.calendars.date_reading import LONGEST
from traffic_booking.domain.calendars.date_words import GREGORIAN_MONTHS, HIJRI_MONTHS, month_named
from traffic_booking.domain.calendars.hijri import FIRST_DAY, LAST_DAY

days = st.integers(0, (LAST_DAY - FIRST_DAY).days).map(lambda n: Day(FIRST_DAY + timedelta(days=n)))
any_days = days | st.dates().map(Day)
MARKS = "\u200f\u200e\u061c\u2066\u2069\u200b\u200c\ufeff\u202a"
"""Marks that are dropped at any place."""
FIRST_OF_RAMADAN = Day(date(2024, 3, 11))


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


@given(any_days, st.sampled_from(["ar", "en"]), st.sampled_from(["ascii", "arabic"]), st.text(MARKS, max_size=4))
def test_what_a_day_prints_is_read_back_with_marks_and_other_blanks_around_it(day, language, digits, marks):
    printed = [str(day), day.text(language, digits), day.gregorian_text(language, digits)]
    printed += [f"{day.weekday(language)} {day.gregorian}"]
    if day.has_hijri:
        printed += [day.hijri_text(language, digits), f"{day.weekday(language)} {day.hijri}"]
    for text in printed:
        if day.gregorian.year in range(1900, 2201) or str(day.gregorian) not in text:  # an ISO date has no era
            assert parse_date(f"{marks} {text}\r\n{marks}".replace(" ", "\u00a0")) == day
            assert parse_date(f"\u2068{text}\u2069{marks}") == day


SIGNS = st.characters() | st.sampled_from("0123456789٠١٢٣٤٥٦٧٨٩۰۹/-–. ,()[]هـمAH" + MARKS)
MONTHS = {"hijri": HIJRI_MONTHS, "gregorian": GREGORIAN_MONTHS}
NAMES = {
    calendar: st.sampled_from(months).flatmap(lambda name: st.from_regex(name, fullmatch=True))
    for calendar, months in MONTHS.items()
}
ERAS = {"hijri": ["", "", " AH", " هـ", "ه"], "gregorian": ["", "", " AD", " م", " ميلادي"]}
TAILS = ["", "", "", "", "", " BC", " AD", " AH", " (provisional)", "[u-ca=islamic-umalqura]", "[u-ca=hebrew]"]
DIGITS = ["0123456789", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "0١2٣4۵6٧8٩"]


@st.composite
def typed(draw):
    """A date in a form that people use: mostly a day that exists, and sometimes a part that is wrong."""
    calendar = draw(st.sampled_from(["hijri", "gregorian"]))
    years = {"hijri": st.integers(1343, 1500), "gregorian": st.integers(1900, 2200)}[calendar]
    day = draw(st.sampled_from([*range(1, 30), 0, 30, 30, 31, 31, 32]))
    year = draw(years | years | years | years | st.integers(0, 2400))
    weekday = draw(st.sampled_from([""] * 9 + ["يوم الاثنين ", "Mon ", "الجمعة، ", "Someday "]))
    if draw(st.booleans()):
        named = NAMES[calendar]
        month = draw(named | named | named | NAMES["hijri"] | NAMES["gregorian"] | st.just("brumaire"))
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
    DATES
    | spoilt(DATES)
    | st.text(SIGNS, max_size=LONGEST + 10)
    | st.sampled_from([None, 20240311, "2024-03-11" + " " * LONGEST])
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
def test_invisible_marks_count_for_nothing_at_any_place(mark):
    assert parse_date(mark.join("1 رمضان 1445")) == FIRST_OF_RAMADAN


@given(st.sampled_from(sorted(MONTHS)), st.integers(1, 12), st.data())
def test_a_name_of_a_month_is_no_name_of_another(calendar, number, data):
    words = data.draw(st.from_regex(MONTHS[calendar][number - 1], fullmatch=True))
    assert month_named(words) == (calendar, number)
