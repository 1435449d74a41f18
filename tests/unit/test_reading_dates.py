"""Dates as people type and paste them.

Over 400 lines: tables of the texts that people paste.
"""

from datetime import date

import pytest

from traffic_booking import Day, HijriDate, InvalidInput, parse_date
from traffic_booking.domain.text_input import ascii_digits

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
        "01/رمضان/1445",
        "1-رمضان-1445هـ",
        "11-Mar-2024",
        "2024-Mar-11",
        "11Mar2024",
        "11 آذار/مارس 2024",
        "11 مارس (آذار) 2024",
        "الاثنين-11-مارس-2024",
        "یکم رمضان ۱۴۴۵",
        "1445 Ramadan 1",
        "the 1st of Ramadan, 1445 A.H.",
        "1 رمضان المبارك 1445",
        "غرة رمضان 1445",
        "غُرّة شهر رمضان ١٤٤٥ هـ",
        "أول رمضان 1445",
        "1445؍09؍01",
        "1445\u221509\u221501",
        "1445\\09\\01",
        "1445ـ09ـ01",
        "Hijrah-umalqura AH 1445-09-01",
        "AH1445/09/01",
        "AH 1445-09-01 AH",
        "۱ رمضان ۱۴۴۵",
        "۱۴۴۵/۹/۱ ہجری",
        "۱۴۴۵/۹/۱ ه\u200d.ق.",
        "1445/9/1ھ",
        "۱۱ مارچ ۲۰۲۴ء",
        "١ﺭﻣﻀﺎﻥ١٤٤٥",
        "1 رمـَضان 1445",
        "2024-03-11.",
        "التاريخ: ١٤٤٥/٩/١هـ",
        "Date: 2024-03-11",
        "March the 11th, 2024",
    ],
)
def test_one_day_is_read_from_every_accepted_form(text: str) -> None:
    assert parse_date(text) == FIRST_OF_RAMADAN


JOINTS = [
    " الموافق ",
    " الموافق لـ",
    "، الموافق: ",
    " الموافقة ",
    "، ",
    ",",
    " - ",
    "-",
    " \u2013 ",
    "\u2014",
    " / ",
    "/",
    " = ",
    " ",
]
HIJRI_FORMS = ["1 رمضان 1445هـ", "1445/09/01هـ", "١-٩-١٤٤٥", "1 Ramadan 1445 AH"]
GREGORIAN_FORMS = ["11 مارس 2024م", "2024/03/11", "١١/٣/٢٠٢٤م", "March 11, 2024"]
WRONG_DAYS = ["12 مارس 2024م", "2024/03/12", "١٢/٣/٢٠٢٤م", "March 12, 2024"]


@pytest.mark.parametrize("joint", JOINTS)
def test_one_day_may_be_named_in_both_calendars_whatever_joins_the_names(joint):
    for hijri in HIJRI_FORMS:
        for gregorian, wrong in zip(GREGORIAN_FORMS, WRONG_DAYS, strict=True):
            assert parse_date(f"{hijri}{joint}{gregorian}") == FIRST_OF_RAMADAN
            assert parse_date(f"{gregorian}{joint}{hijri}") == FIRST_OF_RAMADAN
            for text in (f"{hijri}{joint}{wrong}", f"{wrong}{joint}{hijri}"):
                with pytest.raises(InvalidInput) as raised:
                    parse_date(text)
                assert "2024-03-11 (1445-09-01 AH)" in raised.value.got
                assert "2024-03-12 (1445-09-02 AH)" in raised.value.got


@pytest.mark.parametrize(
    "text",
    [
        "الاثنين: 1/9/1445",
        "الإثنين، 1/9/1445",
        "الاثنين - 1/9/1445",
        "(الاثنين) 1/9/1445",
        "يوم الاثنين الموافق 1/9/1445",
        "يوم الاثنين، الموافق لـ ١١ مارس ٢٠٢٤",
        "1/9/1445 الاثنين",
        "1/9/1445هـ، يوم الاثنين",
        "1/9/1445 (الاثنين)",
        "1/9/1445هـ - الاثنين - 11/3/2024م",
        "يوم الاثنين 1 رمضان 1445هـ الموافق 11 مارس 2024م",
        "1 رمضان 1445هـ الموافق ليوم الاثنين 11 مارس 2024م",
        "1445/09/01هـ (الموافق 2024/03/11م)",
        "11 March 2024 (Ramadan 1, 1445 AH), Monday",
        "Monday 11 March 2024 corresponding to 1 Ramadan 1445 AH",
        "الموافق 11 مارس 2024م",
        "دوشنبه ۱ رمضان ۱۴۴۵",
        "پیر، 11 مارچ 2024",
        "في يوم الاثنين 1/9/1445",
        "بروز پیر، یکم رمضان المبارک ۱۴۴۵ھ",
    ],
)
def test_the_weekday_stands_before_or_after_the_date(text):
    assert parse_date(text) == FIRST_OF_RAMADAN


@pytest.mark.parametrize(
    "text",
    ["الثلاثاء 1/9/1445", "1/9/1445 (الثلاثاء)", "1 رمضان 1445 الموافق الثلاثاء 11 مارس 2024", "Tue, 11-Mar-2024"],
)
def test_a_wrong_weekday_is_named_with_the_day(text):
    with pytest.raises(InvalidInput) as raised:
        parse_date(text)
    assert raised.value.got == "the weekday Tuesday with 2024-03-11 (1445-09-01 AH), a Monday"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("يوم السبت الموافق ٩ يوليو ٢٠٢٢", date(2022, 7, 9)),
        ("1446/03/08هـ - 2024/09/11م", date(2024, 9, 11)),
        ("Rab. II 1, 1446 AH", date(2024, 10, 4)),
        ("5 Rabi2 1446", date(2024, 10, 8)),
        ("4/13/1446 AH", date(2024, 10, 16)),
        ("13/4/1446 AH", date(2024, 10, 16)),
        ("4/4/1446 AH", date(2024, 10, 7)),
        ("1/2/1446 AH = 5/8/2024 AD", date(2024, 8, 5)),
        ("2/1/1446 AH (8/5/2024 AD)", date(2024, 8, 5)),
        ("1/2/1446H", date(2024, 8, 5)),
        ("3/11/2024", date(2024, 11, 3)),
        ("۳/۱۵/۱۴۴۶ ه\u200d.ق.", date(2024, 9, 18)),
        ("۱۴۴۶/۳/۲ ه\u200d.ق.", date(2024, 9, 5)),
        ("۲/۳/۱۴۴۶ ہجری", date(2024, 9, 5)),
        ("٢/٣/٢٠٢٥م", date(2025, 3, 2)),
    ],
)
def test_a_text_of_these_kinds_names_one_day(text, day):
    assert parse_date(text) == Day(day)


@pytest.mark.parametrize(
    "text",
    [
        "1/2/1446 AH",
        "01/02/1446 A.H.",
        "1/2/1446AH, Monday",
        "3/11/2024 AD",
        "3/11/2024 CE",
        "۳/۵/۱۴۴۶ ه\u200d.ق.",
        "3/5/1446 هجری قمری",
        "۶/۱۰/۲۰۲۴ م.",
    ],
)
def test_numbers_that_may_change_places_are_refused_and_both_days_are_named(text):
    with pytest.raises(InvalidInput) as raised:
        parse_date(text)
    day, month = (int(each) for each in text.split("/")[:2])
    days = [
        HijriDate(1446, *order).to_gregorian() if "1446" in ascii_digits(text) else date(2024, *order)
        for order in [(month, day), (day, month)]
    ]
    assert [str(Day(each)) in raised.value.got for each in days] == [True, True]


MONTH_NAMES = {
    "hijri": [
        "محرم, المحرم, محرم الحرام, Muharram, Moharram, al-Muḥarram, Muharram-ul-Haram, Muh.",
        "صفر, صفر الخير, Safar, Ṣafar, Saf.",
        (
            "ربيع الأول, ربيع اول, ربيع الأوّل, ربيع1, ربيع ١, ربیع\u200cالاول, ر بیع الاول, Rabi I, Rabiʻ I, "
            "Rab. I, Rabi1, Rabi-1, Rabi al-Awwal, Rabi' al-Awal, Rabi-ul-Awwal, Rabiulawal, "
            "Rabīʿ al-ʾAwwal, rabia al awal, Rabee Al-Awwal"
        ),
        (
            "ربيع الثاني, ربيع ثاني, ربيع الثانى, ربيع الآخر, ربيع آخر, ربيع2, ربیع الثانی, Rabi II, "
            "Rab. II, Rabi2, Rabi-II, Rabi-2, Rabi ath-Thani, Rabi' al-Thani, Rabi al-Akhir, Rabi us-Sani, "
            "Rabiulakhir, Rabīʿ aṯ-Ṯānī, Rabi\u2018 II, Rabi Ⅱ, rabia ath-thani"
        ),
        (
            "جمادى الأولى, جماد أول, جمادى الأول, جمادي الاول, جمادى1, جمادی\u200cالاول, جمادی الاولیٰ, Jumada I, "
            "Jum. I, Jumada Awal, Jumada al-Ula, Jumada al-Oula, Jumādā al-ʾŪlā, Jamadi-ul-Awwal, "
            "Jumadilawal, joumada al oula"
        ),
        (
            "جمادى الآخرة, جمادى الثانية, جماد ثاني, جماد الآخر, جمادى الثاني, جمادى2, جمادی الثانی, "
            "Jumada II, Jum. II, Jumada Thani, Jumada al-Akhirah, Jumada al-Thaniyah, Jumada al-Ukhra, "
            "Jamadi us-Sani, Jumadilakhir, joumada ath-thania"
        ),
        "رجب, رجب المرجب, Rajab, Radjab, Rejab, Raj.",
        "شعبان, شعبان المعظم, Shaban, Sha'ban, Shaʻban, Šaʿbān, Shaaban, Chaabane, Syakban, Sha.",
        ("رمضان, رمضان المبارك, رَمَضَان, Ramadan, Ramaḍān, Ramadhan, Ramazan, Ramzan, Ramadan Kareem, Ram."),
        "شوال, شوّال, شوال المكرم, Shawwal, Shawwāl, Shawal, Chawwal, Syawal, Shaw.",
        (
            "ذو القعدة, ذي القعدة, ذوالقعدہ, ذوالقعدۃ, ذیقعده, ذی\u200cقعده, ذو القعده, القعدة, Dhu al-Qadah, "
            "Dhul-Qa'dah, Dhu’l-Qi\u2018dah, Ḏū al-Qaʿdah, Thul Qadah, Zul Qada, Zulqadah, Zulkaidah, Dhuʻl-Q., "
            "dhou al qi`da"
        ),
        (
            "ذو الحجة, ذي الحجة, ذوالحجہ, ذوالحجۃ, ذیحجه, ذو الحجه, الحجة, Dhu al-Hijjah, Dhul-Hijja, "
            "Dhu’l-Ḥijja, Thul Hijjah, Zulhijjah, Zilhaj, Dhuʻl-H., dhou al-hijja"
        ),
    ],
    "gregorian": [
        "يناير, كانون الثاني, كانون ثاني, كانون2, جانفي, جنوری, ژانویه, January, Jan, Jan.",
        "فبراير, شباط, فيفري, فروری, فوریه, February, Feb",
        "مارس, آذار, اذار, مارچ, March, Mar",
        "أبريل, إبريل, ابريل, نيسان, أفريل, اپریل, آوریل, April, Apr",
        "مايو, أيار, ايار, ماي, مئی, مه, May",
        "يونيو, يونيه, يونية, حزيران, جوان, جون, ژوئن, June, Jun",
        "يوليو, يوليه, تموز, يوليوز, جويلية, جولائی, ژوئیه, July, Jul",
        "أغسطس, اغسطس, آب, غشت, أوت, اگست, August, Aug",
        "سبتمبر, أيلول, شتنبر, ستمبر, سپتامبر, September, Sep, Sept.",
        "أكتوبر, اكتوبر, تشرين الأول, تشرين أول, تشرين1, اکتوبر, اکتبر, October, Oct",
        "نوفمبر, تشرين الثاني, تشرين ثاني, نونبر, نومبر, نوامبر, November, Nov",
        "ديسمبر, كانون الأول, كانون أول, كانون1, دجنبر, دسمبر, دسامبر, December, Dec",
    ],
}


@pytest.mark.parametrize(
    ("calendar", "number", "name"),
    [
        (calendar, number, name)
        for calendar, months in MONTH_NAMES.items()
        for number, names in enumerate(months, start=1)
        for name in names.split(", ")
    ],
)
def test_a_month_has_many_spellings_in_arabic_persian_urdu_and_latin_letters(calendar, number, name):
    hijri = calendar == "hijri"
    day = Day(HijriDate(1446, number, 5).to_gregorian() if hijri else date(2024, number, 5))
    year = 1446 if hijri else 2024
    for text in (f"5 {name} {year}", f"05/{name}/{year}", f"5-{name}-{year}", f"{name} 5, {year}", f"{year} {name} 5"):
        assert parse_date(text) == day


@pytest.mark.parametrize(
    "name",
    [
        *(
            "Rabi",
            "Rabii",
            "Rab.",
            "ربيع",
            "Rabi III",
            "Rabi 3",
            "Jumada",
            "Jumadaii",
            "جمادى",
            "Dhul",
            "Dh",
            "ذو",
            "Sh.",
        ),
        *(
            "تشرين",
            "كانون",
            "Ramadan 2",
            "سلخ رمضان",
            "رمضان/شوال",
            "مارس/نيسان",
            "مارس (نيسان)",
            "Ramadan-2",
            "مهر",
            "Ma",
            "J",
        ),
    ],
)
def test_a_name_that_may_mean_two_months_or_none_is_refused(name):
    for text in (f"5 {name} 1446", f"{name} 5, 1446", f"5 {name} 2024"):
        with pytest.raises(InvalidInput) as raised:
            parse_date(text)
        assert raised.value.field in {"month", "date"}


@pytest.mark.parametrize(
    "struck", ["1\u0338", "1\u0336", "1\u20d2", "1\u20dd", "1\ufe0f\u20e3", "1\u064e", "1\u0301", "\u06611\u0338"]
)
def test_a_number_with_a_mark_on_a_digit_is_refused(struck):
    for text in (f"{struck}/9/1445", f"1445-09-0{struck}", f"{struck} Ramadan 1445", f"1 Ramadan {struck}445"):
        with pytest.raises(InvalidInput):
            parse_date(text)


@pytest.mark.parametrize(
    "text", ["1 R\u0338amadan 1445", "1 ر\u0336مضان 1445", "\u064e1/9/1445", "1/\u03389/1445", "1 \u064eرمضان 1445"]
)
def test_a_stroke_through_a_letter_and_a_mark_on_no_letter_are_refused(text):
    with pytest.raises(InvalidInput):
        parse_date(text)


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
        ("²/1/1445", "month"),
        ("1445-09-01" + " " * 200, "date"),
        ("1300-01-01", "year"),
        ("1501-01-01", "year"),
        ("1445-13-01", "Hijri month"),
        ("2024-03-11 of AD", "date"),
        ("1445-09-1st", "date"),
        ("1 Ramadan 2024", "date"),
        ("15 March 1445", "date"),
        ("1 January 0001", "year"),
        ("1 Rajab\u0436 1445", "month"),
        ("1 Ramadan \U0001f4a5 1445", "date"),
        ("1 May\u754c 2024", "month"),
        ("2024-03-11 (1445-09-02 AH)", "date"),
        ("2024-03-11 \u2013 2024-03-12", "date"),
        ("2024-03-11 (soon)", "date"),
        ("2024-03-11 / 2024-03-11 / 2024-03-11", "date"),
        ("(2024-03-11", "date"),
        ("2024-03-11)", "date"),
        ("-1445-09-01", "date"),
        ("11-Mar-24", "date"),
        ("3/11/24", "date"),
        ("1/9/445", "date"),
        ("1 9 1445", "date"),
        ("20240311", "date"),
        ("AH 1445-09-01 AD", "date"),
        ("۱۴۰۳/۷/۱۳", "date"),
        ("۱۴۴۵/۹/۱", "date"),
        ("1 رمضان 1445 هـ.ش", "date"),
        ("منتصف رمضان 1445", "date"),
        ("سلخ رمضان 1445", "date"),
        ("ليلة 1 رمضان 1445", "date"),
        ("2024-03-11T00:00", "date"),
        ("Ramadan 1445", "date"),
        ("1 Ramadan", "date"),
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
    "text", ["2026-13-09", "9/02/2026x", "٢٠٢٦-١٣-٠٩", "31 February 2026", "2026-02-30[u-ca=gregory]"]
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


def test_an_error_is_bounded_and_shows_no_number_as_long_as_an_id_even_with_marks_within():
    for text in ("1000\u200b000\u200c008 Ramadan 1445", "5 " + "\U000e0041" * 190, "5 " + "\ufdfa" * 190 + " 1445"):
        with pytest.raises(InvalidInput) as raised:
            parse_date(text)
        assert "000" not in str(raised.value).replace("U000", "")
        assert len(raised.value.message("en")) < 1_000
        assert len(raised.value.message("ar")) < 1_000
