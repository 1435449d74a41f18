"""`slots`: the questions that people have, typed."""

import pytest

from tests.cli.conftest import CANARY
from traffic_booking.testing import made_up_person

SEARCH = ("slots", "--service", "licence-renewal", "--json")
RIYADH = ("--branch", "riyadh-traffic")


def found(shell, *options):
    """The slots that `slots` finds with these options."""
    answer = shell(*SEARCH, *options)
    assert answer.code == 0, answer.err
    return answer.form["slots"]


@pytest.mark.journey("J-11")
@pytest.mark.parametrize("weekdays", ["sun,mon", "الأحد,الاثنين", "Sunday،monday", "احد,إثنين"])
@pytest.mark.parametrize("between", ["8:00-12:00", "08:00–12:00", "٨:٠٠-١٢:٠٠", "8 am - noon"])
def test_near_on_some_days_between_two_times_the_first_at_each_branch(shell, weekdays, between):
    slots = found(
        *(shell, "--near", "24.7,46.7", "--weekday", weekdays, "--between", between, "--each-branch", "--limit", "9"),
    )
    assert len({slot["branch"] for slot in slots}) == len(slots) == 9
    assert all("08:00" <= slot["starts_at"][11:16] < "12:00" for slot in slots)
    assert {slot["weekday"] if "weekday" in slot else slot["day"]["weekday"]["en"] for slot in slots} <= {
        "Sunday",
        "Monday",
    }


def test_several_places_and_services_with_commas_or_again(shell):
    both = found(shell, "--branch", "riyadh-traffic,diriyah-traffic", "--each-branch")
    again = found(shell, "--branch", "riyadh-traffic", "--branch", "diriyah-traffic", "--each-branch")
    assert [slot["starts_at"] for slot in both] == [slot["starts_at"] for slot in again]
    assert {slot["branch"] for slot in both} == {"riyadh-traffic", "diriyah-traffic"}
    assert found(shell, "--region", "SA-14", "--limit", "1")
    assert "service" in shell("slots", "--service", "licence-renewal,licence-replacement", *RIYADH).out


def test_rows_and_seats(shell):
    row = found(shell, *RIYADH, "--adjacent", "3", "--limit", "1")[0]
    assert len(row["following"]) == 2
    assert "until" in shell(*SEARCH[:-1], *RIYADH, "--adjacent", "3").out
    assert all(slot["free"] >= 2 for slot in found(shell, *RIYADH, "--seats", "2"))


def test_nearest_first_and_balanced(shell):
    for order in ("nearest", "balanced"):
        slots = found(shell, "--near", "21.5,39.2", "--order", order, "--limit", "3")
        assert slots[0]["distance_km"] < 20
    assert shell(*SEARCH, "--order", "nearest").code == 2


@pytest.mark.usefixtures("number")
def test_what_a_person_could_book_and_where_they_could_move(shell, number):
    me = ("--applicant", CANARY.reveal(), *RIYADH)
    refused = shell(*SEARCH[:-1], *me)
    assert refused.code == 0
    assert "already have an appointment" in refused.out
    assert found(shell, *me, "--moving", number, "--limit", "1")
    assert found(shell, "--moving", number, "--limit", "1")  # the applicant is that of the environment
    stranger = made_up_person(7).reveal()
    assert shell(*SEARCH, "--moving", number, "--earlier-only", "--applicant", stranger).code == 2


@pytest.mark.parametrize(
    ("option", "typed"),
    [
        ("--weekday", "someday"),
        ("--weekday", ","),
        ("--between", "8:00"),
        ("--between", "8:00-8:00"),
        ("--between", "eight-nine"),
        ("--day", "tomorrow"),
        ("--seats", "0"),
        ("--adjacent", "99"),
        ("--after", "x"),
    ],
)
def test_misuse_names_the_option_in_both_languages(shell, option, typed):
    for language in ("ar", "en"):
        answer = shell(*SEARCH[:-1], option, typed, "--language", language)
        assert (answer.code, answer.out) == (2, "")
        assert len(answer.err.splitlines()) == 1
