"""Times of day as people type them, and as texts print them: read as they were meant, or refused."""

import json
import re
from contextlib import suppress
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import pasted
from traffic_booking import Hours, InvalidInput, instant_text, parse_time
from traffic_booking.domain.calendars.day import interval_text, times_text

INTL = json.loads((Path(__file__).parent.parent / "data" / "intl-times.json").read_text(encoding="utf-8"))["forms"]
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
MIDNIGHT = datetime(2024, 3, 11, tzinfo=ZoneInfo("Asia/Riyadh"))
MINUTES = range(24 * 60)
CLOCK = re.compile("[0-9٠-٩]{2}:[0-9٠-٩]{2}")
STYLES = [(language, digits) for language in ("ar", "en") for digits in ("ascii", "arabic")]


def of_minute(minute):
    return time(minute // 60, minute % 60)


def in_intl(form, minute):
    """How `Intl.DateTimeFormat` prints a minute of the day; a form without minutes prints the hour."""
    digits = str.maketrans("0123456789", form["digits"])
    values = {"hour": form["hours"][minute // 60], "dayPeriod": form["periods"][minute // 60]}
    return form["pattern"].format(
        **values, minute=f"{minute % 60:02d}".translate(digits), second="00".translate(digits)
    )


RARE = ("ar, part of the day", *(f"{locale}, short, 12 hours" for locale in ("fa", "ar-MA", "en-GB")))

READ = {
    "09:00": [
        *("9", "٩", "۹", "09", "9:00", "09:00", "٠٩:٠٠", "09.00", "09:00:00", "09.00.00", "٩：٠٠", "9∶00", "٠٩٫٠٠"),
        *("9am", "9 AM", "9 a.m.", "9:00 A M", "9 ص", "٩ص", "9 صباحا", "9 صباحًا", "9 صباحاً", "9 الصباح", "9 في الصباح"),
        *("الساعة 9", "الساعه ٩ صباحًا", "في الساعة 9", "الساعة: 9:00", "في تمام الساعة التاسعة صباحًا", "التاسعة صباحا"),
        *(
            "at 9",
            "9 o'clock",
            "9 o’clock am",
            "9:00 in the morning",
            "ساعت ۹:۰۰",
            "ساعت ۹ صبح",
            "9 ق.ظ.",
            "9 ضحى",
            "9:00 ص.",
        ),
    ],
    "09:30": [
        *("9:30", "9.30", "٩:٣٠ ص", "٩٫٣٠", "9:30 A.M.", "09:30 AM", "9:30صباحاً", "الساعة التاسعة والنصف صباحًا"),
        *("التاسعة ونصف صباحا", "9 ونصف", "9ونصف ص", "الساعة 9 والنصف صباحا", "التاسعة و30 دقيقة صباحًا"),
    ],
    "09:15": ["التاسعة والربع صباحًا", "9 وربع", "التاسعة وخمس عشرة دقيقة صباحا"],
    "09:20": ["التاسعة والثلث صباحًا", "9 وثلث ص", "التاسعة وعشرين دقيقة صباحا"],
    "09:25": ["التاسعة والنصف إلا خمس دقائق صباحا", "التاسعة وخمس وعشرون دقيقة صباحا"],
    "09:35": ["التاسعة والنصف وخمس دقائق صباحًا"],
    "08:45": ["التاسعة إلا ربعًا صباحًا", "9 إلا ربع", "٩ الا الربع ص", "التاسعة إلَّا رُبعًا صباحًا"],
    "21:30": [
        "9:30 م",
        "٩:٣٠ م",
        "9:30 PM",
        "21:30",
        "21:30 م",
        "21:30 مساءً",
        "9:30 مساءاً",
        "9:30 in the evening",
        "9:30 ليلا",
    ],
    "00:00": [
        "12 ص",
        "12 am",
        "00:00",
        "0:00",
        "midnight",
        "12 midnight",
        "at midnight",
        "منتصف الليل",
        "12 ليلًا",
        "12 صباحا",
    ],
    "00:30": ["12:30 ص", "00:30", "0:30 am", "12:30 at night", "الثانية عشرة والنصف بعد منتصف الليل", "12:30 صباحًا"],
    "03:00": ["3", "الساعة 3", "3 ص", "3 فجرًا", "الثالثة فجرا", "3 ليلا", "3 at night"],
    "11:45": ["الثانية عشرة إلا ربعًا صباحًا", "الثانية عشر إلا ربع ظهرا", "12 إلا ربع"],
    "12:00": [
        "12 م",
        "12 pm",
        "12",
        "noon",
        "midday",
        "12 noon",
        "12:00 noon",
        "منتصف النهار",
        "12 ظهرًا",
        "الثانية عشرة ظهرا",
    ],
    "12:40": ["الواحدة إلا ثلثًا ظهرًا", "12:40 in the afternoon", "12:40 بعد الظهر"],
    "13:00": ["1 ظهرًا", "13:00", "13", "13:00 م", "1 م", "1 بعد الظهر", "الواحدة ظهرا", "1 مساءً"],
    "16:00": ["4 عصرًا", "4 العصر", "الرابعة عصرا", "4 مساء", "4 in the afternoon"],
    "18:10": ["السادسة وعشر دقائق مساءً", "6:10 المغرب", "6:10 مغربا"],
    "23:45": ["الثانية عشرة إلا ربعًا ليلًا", "12 إلا ربع مساء", "الحادية عشرة و45 دقيقة ليلا"],
    "23:59:59": ["23:59:59", "١١:٥٩:٥٩ م"],
}
REFUSED = [
    *(
        "",
        " ",
        "noonish",
        "tomorrow",
        "9 march",
        "9 رمضان",
        "مارس",
        "ص",
        "صباحًا",
        "الساعة",
        ":30",
        "9:",
        "9:3",
        "9:300",
        "9.5",
    ),
    *("930", "0930", "1445", "9h30", "9-30", "9 30", "-9", "+9", "9,30", "9:30.15", "9:30:1", "09:00–09:15", "9:30Z"),
    *("24:00", "24", "25:00", "9:60", "9:30:60", "99:99", "24:00 ص", "2024-03-11", "2024-03-11 09:30"),
    *("13:00 ص", "13:00 am", "0:30 pm", "00:30 م", "15:00 فجرا", "9:30 ظهرا", "9:30 بعد الظهر", "8 عصرا", "21:00 ظهرا"),
    *(
        "12 مساءً",
        "12:30 مساءً",
        "12:30 في المساء",
        "12 in the evening",
        "5 ليلا",
        "12:30 noon",
        "12:01 midnight",
        "12:00:01 noon",
    ),
    *(
        "التاسعة",
        "الساعة التاسعة والنصف",
        "1 إلا ربع",
        "0 إلا ربع",
        "الثالثة عشرة صباحا",
        "التاسعة والنصف والنصف صباحا",
    ),
    *("9:30 ونصف صباحا", "9 وربع وثلث", "9 و 5", "9:30 ص م", "ص 9:30", "am 9", "9 am pm", "9:30 pmx"),
    *("9\u0338:30", "９:30", "⑨", "९:३०", "9\u202e:30", "\u202d9:30", "9:30 \u202eص", "²:30", "9\x00"),
]


@pytest.mark.parametrize(("text", "read"), [(text, read) for read, texts in READ.items() for text in texts])
def test_one_time_is_read_from_every_accepted_form(text, read):
    assert parse_time(text) == time.fromisoformat(read)


@pytest.mark.parametrize("text", REFUSED, ids=ascii)
def test_a_text_with_two_readings_a_contradiction_or_no_time_is_refused(text):
    with pytest.raises(InvalidInput, match=r"^time: got .*; expected ") as refused:
        parse_time(text)
    assert re.search("[ء-ي]", refused.value.message("ar"))


@pytest.mark.parametrize("text", [None, 9, time(9), b"9:30"])
def test_only_text_is_read(text):
    with pytest.raises(InvalidInput, match=f"^time: got {type(text).__name__}; expected a time such as 09:30"):
        parse_time(text)


def test_an_error_shows_no_long_number_and_no_huge_text():
    with pytest.raises(InvalidInput) as of_number:
        parse_time("9:30 1000000008")
    with pytest.raises(InvalidInput) as of_size:
        parse_time("9" * 2_000_000)
    assert "1000000008" not in str(of_number.value)
    assert of_size.value.got == "2000000 characters"


@pytest.mark.long
@pytest.mark.parametrize("name", [name for name in INTL if name not in RARE])
def test_each_minute_of_a_day_is_read_as_intl_prints_it(name):
    for minute in MINUTES:
        printed = in_intl(INTL[name], minute)
        shown = minute if "{minute}" in INTL[name]["pattern"] else minute - minute % 60
        assert parse_time(printed) == parse_time(printed.replace("\u202f", " ")) == of_minute(shown), printed


@pytest.mark.parametrize(
    ("name", "refused_hour"),
    [
        ("ar, part of the day", 0),  # 12:30 in the evening, which is half past noon elsewhere
        ("fa, short, 12 hours", 12),  # 0:30 after noon: a dial from 0 to 11
        ("ar-MA, short, 12 hours", 12),
        ("en-GB, short, 12 hours", 12),
    ],
)
def test_a_rare_form_of_intl_is_read_or_refused_and_never_read_as_another_time(name, refused_hour):
    refused = []
    for minute in MINUTES:
        try:
            assert parse_time(in_intl(INTL[name], minute)) == of_minute(minute)
        except InvalidInput:
            refused.append(minute)
    assert refused == [*range(refused_hour * 60, refused_hour * 60 + 60)]


@pytest.mark.parametrize(("language", "digits"), STYLES)
def test_each_minute_of_a_day_is_read_as_our_own_texts_print_it(language, digits):
    for minute in MINUTES[:-15]:
        starts_at = MIDNIGHT + timedelta(minutes=minute)
        ends_at = starts_at + timedelta(minutes=15)
        texts = [
            interval_text(starts_at, ends_at, language, digits),
            times_text(starts_at, ends_at, language, digits),
            Hours(minute, minute + 15).text(language, digits),
        ]
        for text in texts:
            assert [parse_time(each) for each in CLOCK.findall(text)] == [of_minute(minute), of_minute(minute + 15)]
        (shown,) = CLOCK.findall(instant_text(starts_at, language, digits))
        assert parse_time(shown) == of_minute(minute)


@given(st.times(), st.data())
def test_a_time_is_read_with_marks_around_and_inside(at, data):
    at = at.replace(microsecond=0)
    printed = f"{at:%H:%M:%S}" if data.draw(st.booleans()) else f"{at:%I:%M:%S %p}".translate(ARABIC)
    assert parse_time(data.draw(pasted(printed))) == at


@given(st.text(st.characters() | st.sampled_from("0123456789٠٩:. صمampًاالساعة و")))
def test_any_text_is_a_time_or_refused_with_our_own_error(text):
    with suppress(InvalidInput):
        at = parse_time(text)
        assert parse_time(at.isoformat()) == at
