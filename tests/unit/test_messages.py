"""Messages of errors: both languages, for every error, with isolated values and without personal data."""

import copy
import inspect
import pickle
import re
from datetime import date
from typing import Any

import pytest

from tests.small_town import small_catalogue
from traffic_booking import (
    Bilingual,
    Clerk,
    Coordinates,
    Day,
    HijriDate,
    SlotKey,
    UserName,
    parse_date,
    person_id,
)
from traffic_booking.domain import errors
from traffic_booking.domain.calendars.day import WEEKDAYS
from traffic_booking.domain.calendars.hijri import MONTHS
from traffic_booking.domain.messages.arabic import VALUES
from traffic_booking.domain.messages.sentences import LONGEST, SENTENCES
from traffic_booking.domain.messages.translating import left_to_right, translated

FAULTS = [errors.Fault(file="services.toml", entry="renewal", field="name_ar", got="nothing", expected="text")]
EVERY = {
    "TrafficBookingError": errors.TrafficBookingError("a text of a host"),
    "InvalidInput": errors.InvalidInput("person id", got="5 digits", expected="ten digits as on the card"),
    "InvalidCatalogue": errors.InvalidCatalogue(FAULTS),
    "NotInstalled": errors.NotInstalled(
        "working calendar",
        got="another one than the installed: rules[weekend].pattern is fr",
        expected="fr sa, as installed since 2026-11-22T07:00Z",
        parts=["calendar"],
    ),
    "NotFound": errors.NotFound("branch", "nort", known=["north", "south"]),
    "AppointmentNotFound": errors.AppointmentNotFound("0010-0000-0000"),
    "RequestMismatch": errors.RequestMismatch("r-1"),
    "MissingExtra": errors.MissingExtra("pseudonyms", "pseudonyms"),
    "UnsafeFile": errors.UnsafeFile("/b.db", 0o644),
    "StoreError": errors.StoreError("/b.db: got a store that is closed; expected one in use"),
    "StoreUnavailable": errors.StoreUnavailable("/b.db: got database is locked; expected room on the disk"),
    "StoreUnreadable": errors.StoreUnreadable("/b.db: got a folder; expected a database file"),
    "StoreMisconfigured": errors.StoreMisconfigured("a@b: got a database in LATIN1; expected one made in UTF8"),
    "StoreContended": errors.StoreContended("/b.db: got no turn to write in 5 s"),
    "StoreBehindLog": errors.StoreBehindLog("/b.db: got a store that is older than the log"),
    "LogUnreadable": errors.LogUnreadable(
        "checkpoint: got a damaged signature; expected a signed checkpoint of this log"
    ),
    "StoreClosed": errors.StoreClosed("/b.db: got a store that is closed; expected one in use"),
}
OUTSIDE_RUNS = re.compile("\u2066[^\u2069]*\u2069")


def with_runs(text):
    """`text` with marks of direction in place of the angles, which an editor shows."""
    return text.replace("‹", "\u2066").replace("›", "\u2069")


def latin(message):
    """The English words of an Arabic message that stand outside the isolated values."""
    return re.findall(r"[A-Za-z]{2,}", OUTSIDE_RUNS.sub("", message))


def test_every_error_has_an_example_here():
    ours = {name for name, kind in vars(errors).items() if inspect.isclass(kind) and issubclass(kind, Exception)}
    assert ours == set(EVERY)


@pytest.mark.parametrize("error", EVERY.values(), ids=EVERY)
def test_every_error_has_a_message_in_both_languages_also_in_another_process(error):
    for each in (error, copy.copy(error), pickle.loads(pickle.dumps(error))):
        arabic, english = each.message("ar"), each.message("en")
        assert re.search(r"[\u0621-\u064a]{3,}", arabic)
        assert latin(arabic) == []
        assert not re.search(r"[\u0621-\u064a]", english)
        assert arabic.rstrip().endswith((".", "؟"))
        assert (each.message("ar"), str(each)) == (error.message("ar"), str(error))


@pytest.mark.parametrize(
    ("make", "arabic", "english"),
    [
        (
            lambda: person_id("12345"),
            (
                "قيمة «رقم الهوية» غير مقبولة: عدد أرقامه ‹5›. المطلوب: الأرقام العشرة كما في البطاقة."
                " صحّحها ثم أعد المحاولة."
            ),
            "Person id is not accepted: 5 digits. Expected: ten digits as on the card. Correct it and try again.",
        ),
        (
            lambda: person_id(" "),
            "لم تُدخل قيمة «رقم الهوية». المطلوب: الأرقام العشرة كما في البطاقة. أدخلها ثم أعد المحاولة.",
            "Person id is missing. Expected: ten digits as on the card. Enter it and try again.",
        ),
        (
            lambda: SlotKey.from_token("north.renewal.20261399T0600Z"),
            (
                "قيمة «الوقت المطلوب» غير مقبولة: نص لا يدل على وقت. المطلوب: وقت من القائمة: اختره من جديد."
                " صحّحها ثم أعد المحاولة."
            ),
            (
                "Slot is not accepted: a text that names no time. Expected: a time from the list: choose it again."
                " Correct it and try again."
            ),
        ),
        (
            lambda: UserName("ab"),
            ("قيمة «اسم المستخدم» غير مقبولة: نص عدد أحرفه ‹2›. المطلوب: من ‹3› إلى 64 حرفًا. صحّحها ثم أعد المحاولة."),
            "User name is not accepted: 2 characters. Expected: 3 to 64 characters. Correct it and try again.",
        ),
        (
            lambda: HijriDate(1445, 9, 31),
            (
                "قيمة «اليوم الهجري» غير مقبولة: ‹31›. المطلوب: من 1 إلى ‹30› في رمضان ‹1445› هـ (تقويم أم القرى)."
                " صحّحها ثم أعد المحاولة."
            ),
            (
                "Hijri day is not accepted: 31. Expected: 1 to 30 in Ramadan 1445 AH (Umm al-Qura)."
                " Correct it and try again."
            ),
        ),
        (
            lambda: parse_date("Sunday 2024-03-11"),
            (
                "قيمة «التاريخ» غير مقبولة: يوم الأحد مع التاريخ ‹2024-03-11 (1445-09-01 AH)›، وهو يوم الاثنين."
                " المطلوب: اسم يوم الأسبوع الموافق للتاريخ. صحّحها ثم أعد المحاولة."
            ),
            (
                "Date is not accepted: the weekday Sunday with 2024-03-11 (1445-09-01 AH), a Monday."
                " Expected: the weekday of that day. Correct it and try again."
            ),
        ),
        (
            lambda: Clerk(""),
            "لم تُدخل قيمة «الموظف». المطلوب: من ‹1› إلى 64 حرفًا. أدخلها ثم أعد المحاولة.",
            "Clerk is missing. Expected: 1 to 64 characters. Enter it and try again.",
        ),
        (
            lambda: Coordinates(91, 0),
            "قيمة «خط العرض» غير مقبولة: ‹91›. المطلوب: من ‹-90› إلى 90 درجة. صحّحها ثم أعد المحاولة.",
            "Latitude is not accepted: 91. Expected: -90 to 90 degrees. Correct it and try again.",
        ),
        (
            lambda: small_catalogue().branch("nort"),
            "لم يُعثر على فرع بالمعرّف ‹'nort'›. هل تقصد ‹north›؟ تحقق من المعرّف ثم أعد المحاولة.",
            "There is no branch 'nort'. Did you mean north? Check the id and try again.",
        ),
    ],
    ids=["digits", "no digits", "token", "user name", "Hijri day", "weekday", "nothing", "degrees", "branch"],
)
def test_a_message_has_the_fault_the_value_the_accepted_values_and_the_next_step(make, arabic, english):
    with pytest.raises(errors.TrafficBookingError) as raised:
        make()
    assert raised.value.message("ar") == with_runs(arabic)
    assert raised.value.message("en") == english


def test_every_fault_of_a_file_is_a_line_with_the_names_of_the_file():
    message = errors.InvalidCatalogue(FAULTS).message("ar")
    assert message.splitlines()[1] == with_runs(
        "  ‹services.toml›، المدخل ‹renewal›، الحقل ‹name_ar›: الموجود: لا شيء؛ المطلوب: نص."
    )


def test_a_store_says_whether_the_request_may_be_sent_again():
    assert EVERY["StoreUnavailable"].message("ar") == with_runs(
        "قاعدة البيانات غير متاحة الآن. ‹/b.db›: قاعدة البيانات مقفلة. المطلوب: مساحة خالية على القرص."
        " أعد المحاولة لاحقًا. وإن كنت قد أرسلت طلبًا فأعد إرساله بمعرّفه نفسه."
    )
    assert errors.StoreClosed("").message("en") == "The store is closed. Open the store again."


def test_no_value_at_all_is_called_missing():
    with pytest.raises(errors.InvalidInput) as raised:
        parse_date(None)  # type: ignore[arg-type]
    assert raised.value.message("ar").startswith("لم تُدخل قيمة «التاريخ». المطلوب: ")
    assert raised.value.message("en").startswith("Date is missing. Expected: ")
    assert raised.value.message("en").endswith(" Enter it and try again.")


@pytest.mark.parametrize(
    ("expected", "arabic"),
    [
        ("1 to 2 characters", "من ‹1› إلى حرفين"),
        ("1 to 10 characters", "من ‹1› إلى 10 أحرف"),
        ("5 to 240 minutes", "من ‹5› إلى 240 دقيقة"),
        ("1 to 11 seats", "من ‹1› إلى 11 مقعدًا"),
        ("0 to 5 lamps", "من ‹0› إلى ‹5› ‹lamps›"),
        ("no turn to write in 1 s", "لم يأت دور الكتابة خلال ثانية واحدة"),
        ("one of law, published", "واحد من: ‹law›، ‹published›"),
        ("no reply in 5 s", "لم يصل رد خلال 5 ثوانٍ"),
        ("no free connection in 0.5 s", "لم يتوفر اتصال خلال ‹0.5› ثانية"),
    ],
)
def test_a_counted_noun_agrees_with_its_number(expected, arabic):
    assert translated(expected, "TEXTS").text == with_runs(arabic)


def test_english_counts_one_thing_in_the_singular():
    error = errors.InvalidInput("x", got="1 characters", expected="11 characters")
    assert error.message("en") == "X is not accepted: 1 character. Expected: 11 characters. Correct it and try again."


@pytest.mark.parametrize("text", ["a text that no table has", "'nothing'", "red and blue things", "\u2067\u2069x"])
def test_a_text_of_a_host_is_shown_as_it_is_within_a_run_of_its_own(text):
    shown = translated(text, "TEXTS")
    assert shown == (left_to_right(text), False)
    assert shown.text.count("\u2069") == 1


def test_ids_are_masked_and_long_values_cut_in_every_language():
    error = errors.NotFound("branch", "1000000008", known=["9" * 30])
    far = errors.InvalidInput("x", got="y" * 10_000, expected="z" * 10_000)
    for language in ("ar", "en"):
        assert "******0008" in error.message(language)
        assert not re.search(r"\d{9}", error.message(language))
        assert len(far.message(language)) < 3 * LONGEST


@pytest.mark.parametrize("language", ["fr", "", "AR", None, 1, [], "1000000008", "x" * 10_000])
def test_an_unknown_language_is_misuse_everywhere(language: Any):
    day = Day(date(2024, 3, 11))
    calls: list[Any] = [
        *(error.message for error in EVERY.values()),
        FAULTS[0].message,
        Bilingual("أ", "a"),
        day.text,
        day.gregorian_text,
        day.hijri_text,
        day.weekday,
        day.hijri.month_name,
    ]
    for call in calls:
        with pytest.raises(errors.InvalidInput) as raised:
            call(language)
        assert raised.value.field == "language"
        assert "1000000008" not in str(raised.value)
        assert len(str(raised.value)) < 80


def test_weekdays_and_hijri_months_are_named_as_in_dates():
    assert {name.en: VALUES[name.en] for name in (*WEEKDAYS, *MONTHS)} == {n.en: n.ar for n in (*WEEKDAYS, *MONTHS)}


def test_a_sentence_has_the_same_places_in_both_languages():
    for name, texts in SENTENCES.items():
        arabic, english = (set(re.findall(r"\{(\w+)\}", text)) for text in texts)
        assert arabic == english, name
