"""Days, instants and intervals in words."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tests.bookings import slot
from tests.desks import open_desk
from tests.strategies import ZONES, instants
from traffic_booking import AvailableSlot, Booked, Day, HijriDate, Hours, InvalidInput, Language, Slot, instant_text
from traffic_booking.testing import made_up_person

MONDAY = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
LATE = Slot(key=slot(15.5), ends_at=slot(15.5).starts_at + timedelta(minutes=90), capacity=2, time_zone="Asia/Riyadh")
"""22:30 to midnight in Riyadh."""
ANY_ZONE = st.sampled_from(ZONES)
EACH_TEXT = (
    lambda *kind: Day(MONDAY.date()).text(*kind),
    lambda *kind: HijriDate(1445, 9, 1).text(*kind),
    lambda *kind: instant_text(MONDAY, *kind),
    lambda *kind: Hours(450, 870).text(*kind),
    LATE.text,
    LATE.time_text,
    lambda *kind: AvailableSlot(slot=LATE, free=1, as_of=MONDAY).text(*kind),
    lambda *kind: open_desk().calendar.working_day("north", MONDAY.date()).text(*kind),
)
TEXTS = pytest.mark.parametrize(
    "text", EACH_TEXT, ids=["day", "hijri", "instant", "hours", "slot", "time", "found", "branch day"]
)


def bare(text: str) -> str:
    """`text` without its isolates."""
    return text.replace("\u2066", "").replace("\u2069", "")


def test_an_instant_has_its_weekday_both_dates_time_and_zone():
    english, arabic = instant_text(MONDAY, "en"), instant_text(MONDAY, "ar")
    assert english == "Monday, 23 November 2026 – 13 Jumada al-Akhirah 1448 AH, at 09:00 (Saudi time)"
    assert bare(arabic) == "يوم الاثنين، 13 جمادى الآخرة 1448 هـ – 23 نوفمبر 2026 م، الساعة 09:00 (توقيت السعودية)"
    assert "\u206609:00\u2069" in arabic


def test_an_instant_is_shown_in_another_zone_with_its_name_and_offset():
    assert instant_text(MONDAY, "en", time_zone="Asia/Kathmandu").endswith("at 11:45 (Asia/Kathmandu, UTC+05:45)")
    assert "(\u2066Asia/Kathmandu, UTC+05:45\u2069)" in instant_text(MONDAY, "ar", time_zone="Asia/Kathmandu")
    night = datetime(2026, 11, 22, 22, 0, tzinfo=UTC)
    assert instant_text(night, "en").startswith("Monday")
    assert instant_text(night, "en", time_zone="UTC").startswith("Sunday")


@given(instants, ANY_ZONE, st.sampled_from(["ar", "en"]))
def test_any_instant_has_a_text_that_begins_with_its_day(moment, zone, language):
    text, arabic = (
        instant_text(moment, language, time_zone=zone),
        instant_text(moment, language, "arabic", time_zone=zone),
    )
    assert text.count("\u2066") == text.count("\u2069")
    assert not any("0" <= mark <= "9" for mark in arabic)
    assert [unarabic(mark) for mark in arabic] == list(text)


def unarabic(mark: str) -> str:
    return str("٠١٢٣٤٥٦٧٨٩".index(mark)) if mark in "٠١٢٣٤٥٦٧٨٩" else mark


@pytest.mark.parametrize("moment", [None, "2026-11-23", date(2026, 11, 23), MONDAY.replace(tzinfo=None)])
def test_another_value_is_no_instant(moment):
    with pytest.raises(InvalidInput, match=r"^instant: "):
        instant_text(moment, "en")


@pytest.mark.parametrize("zone", [None, "", "Mars/Base", "../../etc/passwd", "\0", 3])
def test_an_unknown_zone_is_invalid(zone):
    with pytest.raises(InvalidInput, match=r"^time_zone: "):
        instant_text(MONDAY, "en", time_zone=zone)


def test_hours_are_isolated_in_arabic():
    assert Hours(450, 870).text("en") == "from 07:30 to 14:30"
    assert Hours(450, 870).text("ar") == "من \u206607:30\u2069 إلى \u206614:30\u2069"
    assert bare(Hours(450, 1440).text("ar", "arabic")) == "من ٠٧:٣٠ إلى ٢٤:٠٠"


def test_a_hijri_date_is_marked_if_it_is_disputed():
    assert HijriDate(1445, 9, 1).text("ar") == "1 رمضان 1445 هـ"
    assert HijriDate(1500, 1, 1).text("en") == "1 Muharram 1500 AH (provisional)"


def test_a_slot_and_its_appointment_have_their_day_and_hours():
    assert (
        LATE.text("en") == "Sunday, 22 November 2026 – 12 Jumada al-Akhirah 1448 AH, from 22:30 to 24:00 (Saudi time)"
    )
    desk, me = open_desk(), made_up_person(1)
    found = desk.find_slots(service="renewal", branch="north")[0]
    booked = desk.book(found, applicant=me, agreed=True, request_id="1")
    assert isinstance(booked, Booked)
    for language in ("ar", "en"):
        assert booked.appointment.text(language) == found.text(language) == found.slot.text(language)
        assert booked.appointment.time_text(language) == found.time_text(language) == found.slot.time_text(language)
    assert bare(found.text("ar")).endswith("من 08:00 إلى 08:15 (توقيت السعودية)")
    assert (found.time_text("en"), found.time_text("ar")) == ("08:00–08:15", "\u206608:00–08:15\u2069")


def test_the_time_alone_has_an_end_at_midnight_and_the_digits_that_were_asked_for():
    assert LATE.time_text("en") == "22:30–24:00"
    assert LATE.time_text("ar", "arabic") == "\u2066٢٢:٣٠–٢٤:٠٠\u2069"
    abroad = evolve(LATE, time_zone="UTC")
    assert abroad.time_text("en") == "19:30–21:00"


def test_a_day_of_a_branch_has_its_hours_or_is_closed():
    desk = open_desk()
    assert desk.calendar.working_day("north", date(2026, 11, 22)).text("en").endswith(" AH: from 08:00 to 14:00")
    assert desk.calendar.working_day("north", date(2026, 11, 27)).text("en").endswith(" AH: closed")
    assert desk.calendar.working_day("north", date(2026, 11, 27)).text("ar").endswith(" م: مغلق")


@TEXTS
@pytest.mark.parametrize("language", ["ar", "en"])
def test_every_text_is_in_digits_of_one_kind(text, language: Language):
    assert not any(mark in "٠١٢٣٤٥٦٧٨٩" for mark in text(language))
    assert not any("0" <= mark <= "9" for mark in text(language, "arabic"))


@TEXTS
@pytest.mark.parametrize("digits", ["latin", "", "ARABIC", None, 1, ["arabic"], "x" * 1_000])
def test_unknown_digits_are_invalid(text, digits: Any):
    with pytest.raises(InvalidInput, match=r"^digits: got .{1,40}; expected ascii or arabic$"):
        text("ar", digits)


@TEXTS
@pytest.mark.parametrize("language", ["fr", "", "AR", None, 1, ["ar"], "x" * 1_000])
def test_an_unknown_language_is_invalid(text, language: Any):
    with pytest.raises(InvalidInput, match=r"^language: got .{1,40}; expected ar or en$"):
        text(language)
