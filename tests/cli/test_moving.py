"""The command that gives an appointment another slot."""

import re
from datetime import date

import pytest

from traffic_booking import Day
from traffic_booking.testing import made_up_person


@pytest.fixture
def later(slot):
    """The same slot's branch and service, at another time of that day."""
    return slot[-1][:-5] + "11:30"


@pytest.mark.parametrize("language", ["ar", "en"])
def test_moving_takes_two_steps_and_keeps_the_number(shell, number, slot, later, language):
    question = shell("move", number, "--at", later, "--language", language)
    assert question.code == 0
    assert "--yes" in question.out
    assert re.search(rf"(new time|الوقت الجديد) +\u2068?{later[-5:]}\b", question.out)
    assert Day(date.fromisoformat(later[:10])).text(language) in question.out.splitlines()[-3]
    preview = shell("move", number, "--at", later, "--json").form
    assert (preview["outcome"], preview["to"]["starts_at"][:16]) == ("not-confirmed", later)
    assert shell("show", number, "--json").form["appointment"]["starts_at"][:16] == slot[-1]

    done = shell("move", number, "--at", later, "--yes", "--json").form
    assert (done["outcome"], done["appointment"]["number"], done["appointment"]["moves"]) == ("moved", number, 1)
    assert (done["before"]["starts_at"][:16], done["appointment"]["starts_at"][:16]) == (slot[-1], later)
    shown = shell("show", number, "--json").form
    assert [event["kind"] for event in shown["events"]] == ["appointment-booked", "appointment-moved"]
    shown = shell("move", number, "--at", slot[-1], "--yes", "--language", language)
    assert (shown.code, ("تم نقل الموعد" if language == "ar" else "Moved;") in shown.out) == (0, True)


@pytest.mark.rule("MV-04")
def test_a_move_that_the_rules_refuse_is_refused_before_and_after_it_is_confirmed(shell, number, slot, later):
    for at in (later, slot[-1]):
        assert shell("move", number, "--at", at, "--yes").code == 0
    for confirmed in ([], ["--yes"]):
        answer = shell("move", number, "--at", later, *confirmed, "--json")
        assert (answer.code, answer.form["outcome"]) == (1, "refused")
        assert [verdict["rule_id"] for verdict in answer.form["verdicts"]] == ["MV-04"]
        shown = shell("move", number, "--at", later, *confirmed).out
        assert "MV-04" in shown
        assert ("request id" in shown, answer.form["request_id"] is not None) == (bool(confirmed),) * 2


def test_to_another_branch_or_to_the_earliest_slot_of_a_governorate(shell, number, slot):
    elsewhere = shell("move", number, "--branch", "jeddah-traffic", "--at", slot[-1], "--yes", "--json")
    assert (elsewhere.code, elsewhere.form["appointment"]["branch"]) == (0, "jeddah-traffic")
    first = shell("move", number, "--first", "--governorate", "riyadh", "--yes", "--json")
    assert (first.code, first.form["appointment"]["branch"]) == (0, "riyadh-traffic")
    assert shell("move", number, "--yes").code == 2, "a slot has to be named"


def test_somebody_elses_appointment_is_not_moved(shell, number, later):
    stranger = made_up_person(4).reveal()
    answer = shell("move", number, "--at", later, "--yes", "--applicant", stranger, "--json")
    assert (answer.code, answer.form["error"]["kind"]) == (2, "appointment-not-found")


@pytest.mark.parametrize("language", ["ar", "en"])
def test_the_new_slot_is_held_until_the_move_is_confirmed(shell, number, slot, later, language):
    new = (*slot[:-1], later)
    assert [each["rule_id"] for each in shell("hold", *new, "--json").form["verdicts"]] == ["BK-07"]
    held = shell("hold", *new, "--moving", number.lower(), "--request-id", "hold", "--language", language)
    assert held.code == 0
    assert f"traffic-booking move {number} --branch {slot[3]} --at {later}" in re.sub("[\u2066-\u2069]", "", held.out)
    (seat,) = shell("appointments", "--json").form["appointments"]["held"]
    first, *_ = shell("show", seat["number"], "--json").form["events"]
    assert (first["kind"], first["moving"]) == ("appointment-held", number)
    done = shell("move", number, "--branch", slot[3], "--at", later, "--yes", "--json").form
    assert (done["appointment"]["number"], done["appointment"]["starts_at"][:16]) == (number, later)
    assert shell("appointments", "--json").form["appointments"]["held"] == []


@pytest.mark.parametrize("other", ["0000-0000-0001", "x"])
def test_a_hold_for_a_malformed_number_is_misuse(shell, slot, other):
    assert shell("hold", *slot, "--moving", other, "--json").code == 2


def test_a_hold_for_an_unknown_appointment_is_refused(shell, slot):
    answer = shell("hold", *slot, "--moving", "0010-0000-0Z8H", "--json")
    assert (answer.code, [each["rule_id"] for each in answer.form["verdicts"]]) == (1, ["MV-01"])
