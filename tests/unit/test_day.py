from datetime import date, timedelta

import pytest

from traffic_booking import Day, HijriDate, InvalidInput

AGREED = Day(date(2026, 11, 22))
DISPUTED = Day(HijriDate(1500, 1, 1).to_gregorian())
LAST = Day(date(2077, 11, 16))


@pytest.mark.journey("J-14")
class TestText:
    def test_names_the_day_in_both_calendars_gregorian_first_in_english(self):
        assert AGREED.text("en") == "Sunday, 22 November 2026 – 12 Jumada al-Akhirah 1448 AH"

    def test_names_the_day_in_both_calendars_hijri_first_in_arabic(self):
        assert AGREED.text("ar") == "الأحد، 12 جمادى الآخرة 1448 هـ – 22 نوفمبر 2026 م"

    def test_says_provisional_where_the_tables_dispute_the_day(self):
        assert not DISPUTED.hijri.agreed
        assert DISPUTED.hijri_text("en").endswith(" 1500 AH (provisional)")
        assert DISPUTED.hijri_text("ar").endswith(" 1500 هـ (مبدئي)")
        assert "provisional" not in DISPUTED.gregorian_text("en")

    def test_in_short_is_both_dates(self):
        assert str(AGREED) == "2026-11-22 (1448-06-12 AH)"

    def test_names_the_seven_weekdays(self):
        week = [Day(AGREED.gregorian + timedelta(days=offset)) for offset in range(7)]
        assert [day.weekday("en")[:3] for day in week] == ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        assert [day.weekday("ar") for day in week] == [
            "الأحد",
            "الاثنين",
            "الثلاثاء",
            "الأربعاء",
            "الخميس",
            "الجمعة",
            "السبت",
        ]

    def test_names_the_twelve_gregorian_months(self):
        for month in range(1, 13):
            day = date(2026, month, 1)
            assert Day(day).gregorian_text("en") == f"1 {day:%B} 2026"
            assert Day(day).gregorian_text("ar").startswith("1 ")

    def test_may_be_in_arabic_digits(self):
        assert AGREED.text("ar", "arabic") == "الأحد، ١٢ جمادى الآخرة ١٤٤٨ هـ – ٢٢ نوفمبر ٢٠٢٦ م"


class TestOrder:
    def test_is_that_of_time(self):
        assert Day(date(2026, 11, 22)) < Day(date(2026, 11, 23))
        assert sorted([DISPUTED, AGREED]) == [AGREED, DISPUTED]


class TestBounds:
    def test_a_day_has_a_hijri_name_from_1343_to_1500(self):
        assert Day(date(1924, 8, 1)).hijri == HijriDate(1343, 1, 1)
        assert LAST.hijri == HijriDate(1500, 12, 30)

    @pytest.mark.parametrize("day", [date(1924, 7, 31), date(2077, 11, 17), date.min, date.max])
    def test_a_day_outside_has_none(self, day):
        with pytest.raises(InvalidInput, match="a day of 1343 to 1500 AH"):
            _ = Day(day).hijri

    @pytest.mark.parametrize("day", [date(1924, 7, 31), date(2077, 11, 17)])
    def test_a_day_outside_is_shown_by_its_gregorian_date_alone(self, day):
        assert not Day(day).has_hijri
        assert Day(day).text("en").endswith(f" {day:%B} {day.year}")
        assert Day(day).text("ar").endswith(f" {day.year} م")
        assert str(Day(day)) == day.isoformat()
