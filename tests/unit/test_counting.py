"""Numbers with the thing counted."""

import pytest

from traffic_booking.domain.counting import counted


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
    assert counted(3, "appointments").ar == counted(3, "appointments").en == "3"
