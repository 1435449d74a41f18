"""Closing a branch, listing the affected people, and opening it again."""

import os

import pytest

from tests.calendars import exception, month_start, order
from tests.cli.conftest import CANARY
from traffic_booking import BookingDesk, Clerk, Effect, HijriDate

CLERK = ("--clerk", "desk-1")


@pytest.fixture
def day(slot):
    return slot[-1][:10]


@pytest.fixture
def closing(day):
    return ("close", "--branch", "riyadh-traffic", "--from", day, "--reason", "صيانة", *CLERK)


def free_on(shell, day):
    found = shell(
        *(
            "slots",
            "--service",
            "licence-renewal",
            "--branch",
            "riyadh-traffic",
            "--from",
            day,
            "--limit",
            "1",
            "--json",
        )
    )
    return found.form["slots"][0]["starts_at"][:10] == day


def test_a_dry_run_lists_the_affected_people_and_declares_nothing(shell, closing, day, number):
    answer, machine = shell(*closing, "--dry-run"), shell(*closing, "--dry-run", "--json")
    assert (answer.code, machine.code) == (0, 0)
    assert number in answer.out
    [hit] = machine.form["affected"]
    assert hit["subject"] in answer.out
    assert hit["applicant"] is None
    assert str(CANARY) not in answer.out
    assert machine.form["outcome"] == "not-declared"
    assert [entry["number"] for entry in machine.form["affected"]] == [number]
    assert machine.form["record"]["first_day"] == machine.form["record"]["last_day"] == day
    assert shell("closures", "--json").form == {"entries": []}
    assert free_on(shell, day)


@pytest.mark.rule("CL-01")
@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_closure_is_declared_and_lists_the_affected_people_who_keep_their_appointments(
    shell, closing, day, number, language
):
    answer = shell(*closing, "--language", language)
    assert answer.code == 0
    assert number in answer.out
    assert ("لا تُلغى" if language == "ar" else "cancels no appointment") in answer.out
    assert not free_on(shell, day)
    assert shell("show", number, "--json").form["appointment"]["state"] == "booked"


def test_a_closure_without_affected_people_is_shown_as_such(shell, closing):
    assert "No appointment is affected." in shell(*closing).out
    assert shell(*closing, "--language", "ar", "--dry-run").out.startswith("لا يتأثر أي موعد.")


def test_a_closure_lasts_until_its_last_day_and_takes_dates_of_either_calendar(shell):
    closing = ("close", "--branch", "riyadh-traffic", "--reason", "works", *CLERK, "--dry-run", "--json")
    record = shell(*closing, "--from", "2060-12-01", "--until", "1483-07-10").form["record"]
    assert (record["first_day"], record["last_day"]) == ("2060-12-01", "2060-12-03")
    assert (record["kind"], record["effect"], record["branch"]) == ("exception", "closed", "riyadh-traffic")
    assert record["reason"] == {"ar": "works", "en": "works"}


def test_the_same_request_declares_once_and_gives_the_same_answer(shell, closing, number):
    first = shell(*closing, "--request-id", "close-1", "--json").form
    assert shell(*closing, "--request-id", "close-1", "--json").form == first
    assert [entry["number"] for entry in first["affected"]] == [number]
    (entry,) = shell("closures", "--json").form["entries"]
    assert entry == first["entry"]
    assert (entry["number"], entry["by"], entry["reason"]) == (1, {"kind": "clerk", "id": "desk-1"}, "صيانة")
    other = shell(*closing[:-4], "--reason", "other", *CLERK, "--request-id", "close-1")
    assert other.code == 2


def test_a_request_that_closed_may_be_sent_again_after_the_closure_was_withdrawn(shell, closing):
    first = shell(*closing, "--request-id", "close-1", "--json").form
    assert shell("reopen", first["entry"]["record"]["id"], "--reason", "done", *CLERK).code == 0
    again = shell(*closing, "--request-id", "close-1", "--json")
    assert (again.code, again.form["affected"]) == (0, [])
    assert again.form["entry"] == first["entry"] | {"holds": False}


@pytest.mark.long
def test_a_withdrawal_opens_the_branch_again_and_both_stay_on_record(shell, closing, day):
    closed = shell(*closing, "--json").form["entry"]["record"]["id"]
    answer = shell("reopen", closed, "--reason", "done", *CLERK, "--json")
    assert (answer.code, answer.form["outcome"]) == (0, "declared")
    assert answer.form["entry"]["record"] == {"kind": "withdrawal", "id": closed}
    assert free_on(shell, day)
    first, second = shell("closures", "--json").form["entries"]
    assert (first["record"]["id"], first["holds"], second["holds"]) == (closed, False, False)
    listed = shell("closures").out
    assert "no longer holds" in listed
    again = shell("reopen", f"\u2068{closed}\u2069", "--reason", "done", *CLERK)
    assert again.code == 2
    assert "which is withdrawn already" in again.err
    assert shell(*closing).code == 0, "the day may be closed anew"


def test_the_same_withdrawal_sent_again_gets_the_same_answer(shell, closing):
    closed = shell(*closing, "--json").form["entry"]["record"]["id"]
    reopening = ("reopen", closed, "--reason", "done", *CLERK, "--request-id", "open-1", "--json")
    assert shell(*reopening) == shell(*reopening)
    assert "withdrawn" in shell(*reopening[:-1], "--language", "en").out


@pytest.mark.parametrize("language", ["ar", "en"])
def test_declarations_are_listed_with_actor_time_and_reason_in_eighty_columns(shell, monkeypatch, closing, language):
    assert shell("closures", "--language", language).out in {"Nothing has been declared.\n", "لم يُسجّل شيء.\n"}
    closed = shell(*closing, "--json").form["entry"]["record"]["id"]
    monkeypatch.setenv("COLUMNS", "80")
    out = shell("closures", "--language", language).out
    for part in (closed, "Riyadh" if language == "en" else "الرياض", "desk-1", "صيانة"):
        assert part in out


@pytest.mark.long
def test_one_closure_is_listed_with_the_active_appointments_that_it_affects(shell, closing, number):
    closed = shell(*closing, "--json").form["entry"]["record"]["id"]
    later = shell(*closing, "--request-id", "later", "--json").form["entry"]["record"]["id"]
    machine = shell("closures", closed, "--json").form
    assert [entry["record"]["id"] for entry in machine["entries"]] == [closed]
    assert [entry["number"] for entry in machine["affected"]] == [number]
    shown = shell("closures", closed).out
    assert "Affected: active appointments from today on." in shown
    assert number in shown
    assert later not in shown
    assert "No active appointment from today on is affected." in shell("closures", later).out
    assert shell("reopen", closed, "--reason", "done", *CLERK).code == 0
    machine = shell("closures", closed, "--json").form
    assert (len(machine["entries"]), machine["affected"]) == (2, [])
    assert "This record was withdrawn since" in shell("closures", closed).out


def test_records_of_every_kind_are_listed(shell):
    start = HijriDate(1448, 9, 1).to_gregorian()
    records = (
        order(start, name="order.1448"),
        month_start(1448, 9, start),
        exception(Effect.OTHER_CAPACITY, start, branch="riyadh-traffic", capacity=2),
    )
    with BookingDesk.open(os.environ["TRAFFIC_BOOKING_DB"]) as desk:
        for record in records:
            desk.calendar.declare(record, reason="test", by=Clerk("desk-1"), request_id=record.id)
    forms = [entry["record"] for entry in shell("closures", "--json").form["entries"]]
    assert [form["kind"] for form in forms] == ["order", "month-start", "exception"]
    assert (forms[0]["opens"], forms[1]["year"], forms[1]["month"], forms[2]["capacity"]) == (False, 1448, 9, 2)
    english, arabic = shell("closures").out, shell("closures", "--language", "ar").out
    assert all(text in english for text in ("order 2027-", "month start 2027-", "other capacity 2027-"))
    assert all(text in arabic for text in ("أمر", "بداية شهر", "عدد مقاعد مختلف"))
    refused = shell("reopen", "order.1448", "--reason", "x", *CLERK)
    assert (refused.code, "a closure or month start that `closures` lists" in refused.err) == (2, True)


def test_days_that_something_else_closes_are_listed_before_and_after(shell, closing, day):
    first = shell(*closing, "--json").form["entry"]["record"]["id"]
    assert shell(*closing, "--dry-run", "--json").form["closed_already"] == [{"date": day, "rules": [first]}]
    assert "Closed already:" in shell(*closing, "--dry-run").out
    second = shell(*closing, "--json").form["entry"]["record"]["id"]
    reopened = shell("reopen", second, "--reason", "done", *CLERK, "--json").form
    assert reopened["still_closed"] == [{"date": day, "rules": [first]}]
    last = shell("reopen", first, "--reason", "done", *CLERK, "--language", "ar").out
    assert "ما زالت مغلقة" not in last
    assert shell(*closing, "--dry-run", "--json").form["closed_already"] == []


@pytest.mark.long
@pytest.mark.parametrize("language", ["ar", "en"])
def test_reopening_lists_the_people_whom_another_closure_still_affects(shell, closing, number, language):
    first, second = (shell(*closing, "--json").form["entry"]["record"]["id"] for _ in range(2))
    reopened = shell("reopen", first, "--reason", "done", *CLERK, "--request-id", "one", "--json")
    assert [entry["number"] for entry in reopened.form["affected"]] == [number]
    assert (
        number in shell("reopen", first, "--reason", "done", *CLERK, "--request-id", "one", "--language", language).out
    )
    assert shell("reopen", second, "--reason", "done", *CLERK, "--json").form["affected"] == []


def test_a_repeated_request_to_close_reports_that_the_closure_was_withdrawn(shell, closing, number):
    closed = shell(*closing, "--request-id", "close-1", "--json").form["entry"]["record"]["id"]
    assert shell("reopen", closed, "--reason", "done", *CLERK).code == 0
    again = shell(*closing, "--request-id", "close-1").out
    assert "This record was withdrawn since, and no longer holds." in again
    assert number not in again


def test_weekends_are_not_listed_for_a_closed_month(shell):
    month = ("close", "--branch", "riyadh-traffic", "--from", "2061-11-01", "--until", "2061-11-30", "--reason", "x")
    assert shell(*month, *CLERK, "--dry-run", "--json").form["closed_already"] == []


def test_days_that_are_over_are_not_closed(shell):
    over = ("close", "--branch", "riyadh-traffic", "--from", "2024-12-01", "--until", "2024-12-03", "--reason", "x")
    for answer in (shell(*over, *CLERK), shell(*over, *CLERK, "--dry-run")):
        assert answer.code == 2
        assert "--until is not accepted: 2024-12-03, which is over. Expected: 20" in answer.err
    assert shell("closures", "--json").form == {"entries": []}


CLOSE = ("close", "--branch", "riyadh-traffic", "--from", "2060-12-01", "--reason", "x", *CLERK)


@pytest.mark.long
@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (CLOSE[:-2], "--clerk"),
        ((*CLOSE[:5], *CLERK), "--reason"),
        ((*CLOSE, "--until", "2060-11-30"), "--until is not accepted: 2060-11-30. Expected: 2060-12-01 or later"),
        ((*CLOSE, "--until", "soon"), "--until is not accepted:"),
        (("close", "--branch", "nowhere", *CLOSE[3:]), "no branch 'nowhere'"),
        (("close", "--branch", "nowhere", *CLOSE[3:], "--dry-run"), "no branch 'nowhere'"),
        ((*CLOSE[:5], "--reason", " ", *CLERK), "--reason is missing"),
        ((*CLOSE[:5], "--reason", "x" * 401, *CLERK), "Reason is not accepted: 401 characters"),
        ((*CLOSE[:-1], "Desk One"), "Clerk is not accepted:"),
        (("reopen", "closed.00000000", "--reason", "x", *CLERK), "Closure is not accepted: 'closed.00000000'"),
        (("reopen", "CLOSED", "--reason", "x", *CLERK), "Id is not accepted: 'CLOSED'"),
        (("closures", "more"), "Closure is not accepted: 'more'. Expected: the id of a closure that `closures` lists"),
        (("calendar",), "MONTH is missing"),
        (("calendar", "2026-12"), "--branch"),
        (("calendar", "2026", "--branch", "riyadh-traffic"), "YYYY-MM"),
        (("calendar", "2026-13", "--branch", "riyadh-traffic"), "1 to 12"),
        (("calendar", "1501-01", "--branch", "riyadh-traffic"), "1343 to 1500"),
        (("calendar", "2026-12", "--branch", "nowhere"), "no branch 'nowhere'"),
    ],
    ids=lambda value: " ".join(value)[:60] if isinstance(value, tuple) else None,
)
@pytest.mark.usefixtures("number")
def test_misuse_is_one_line_with_the_expected_input_and_declares_nothing(shell, command, expected):
    plain, machine = shell(*command), shell(*command, "--json")
    assert plain.code == machine.code == 2
    assert plain.err.count("\n") == 1
    assert expected in plain.err
    assert expected in machine.form["error"]["message"]
    assert shell("closures", "--json").form == {"entries": []}
