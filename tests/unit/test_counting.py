"""Numbers with the thing counted."""

import pytest

from traffic_booking.domain.wording import counted


@pytest.mark.parametrize(
    ("number", "arabic", "english"),
    [
        (0, "0 دقيقة", "0 minutes"),
        (1, "دقيقة واحدة", "1 minute"),
        (2, "دقيقتين", "2 minutes"),
        (3, "3 دقائق", "3 minutes"),
        (10, "10 دقائق", "10 minutes"),
        (11, "11 دقيقة", "11 minutes"),
        (100, "100 دقيقة", "100 minutes"),
        (103, "103 دقائق", "103 minutes"),
        (60, "60 دقيقة", "60 minutes"),
        (119, "119 دقيقة", "119 minutes"),
        (120, "ساعتين", "2 hours"),
        (121, "121 دقيقة", "121 minutes"),
        (240, "4 ساعات", "4 hours"),
        (1440, "24 ساعة", "24 hours"),
        (6000, "100 ساعة", "100 hours"),
    ],
)
def test_minutes_are_counted_as_each_language_does_in_hours_where_they_are_whole(
    number: int, arabic: str, english: str
) -> None:
    assert counted(number, "minutes").ar == arabic
    assert counted(number, "minutes").en == english


@pytest.mark.parametrize(
    ("number", "arabic"),
    [(1, "يوم واحد"), (2, "يومين"), (5, "5 أيام"), (60, "60 يومًا"), (100, "100 يوم"), (366, "366 يومًا")],
)
def test_days_have_the_forms_of_the_arabic_noun(number: int, arabic: str) -> None:
    assert counted(number, "days").ar == arabic


def test_a_unit_without_forms_gives_the_bare_number() -> None:
    assert counted(3, "failures").ar == counted(3, "failures").en == "3"


@pytest.mark.parametrize(
    ("number", "unit", "arabic", "english"),
    [
        (1, "appointments", "موعد واحد", "1 appointment"),
        (2, "appointments", "موعدين", "2 appointments"),
        (5, "appointments", "5 مواعيد", "5 appointments"),
        (20, "appointments", "20 موعدًا", "20 appointments"),
        (1, "holds", "حجز مؤقت واحد", "1 hold"),
        (2, "holds", "حجزين مؤقتين", "2 holds"),
        (10, "holds", "10 حجوزات مؤقتة", "10 holds"),
        (1, "moves", "مرة واحدة", "1 time"),
        (2, "moves", "مرتين", "2 times"),
        (3, "moves", "3 مرات", "3 times"),
        (18, "years", "18 سنة", "18 years"),
        (10, "years", "10 سنوات", "10 years"),
    ],
)
def test_things_that_rules_count_agree_with_their_number(number: int, unit: str, arabic: str, english: str) -> None:
    assert (counted(number, unit).ar, counted(number, unit).en) == (arabic, english)
