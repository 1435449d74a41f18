"""Announcing the beginning of a Hijri month in the shell, with the consequence before and after."""

import pytest

CLERK = ("--clerk", "desk-1")
SOURCE = ("--source", "المحكمة العليا")
LATE = ("announce", "1450-09", "--first-day", "2029-01-17", *SOURCE, *CLERK)
"""A day after the table's, in which Ramadan of 1450 has 29 days and Shaban 30."""
BRANCH = ("--branch", "riyadh-traffic")

ISOLATES = str.maketrans("", "", "\u2066\u2067\u2068\u2069")


def moved(form):
    return {(each["year"], each["month"]): each for each in form["preview"]["months"]}


@pytest.mark.parametrize(
    ("language", "parts"),
    [
        (
            "en",
            (
                "Shaban 1450 would have 31 days if no other month moved, so others move with it.",
                "Ramadan 1450 would have 28 days if no other month moved",
                "2029-01-17",
                "announcement",
                "counting from one",
                "Announce the next month as well",
                "2029-02-19",
                "2029-02-20",
                "No appointment is affected.",
                "Not declared",
            ),
        ),
        (
            "ar",
            (
                "لو لم يتغيّر شهر آخر لكان عدد أيام شعبان 1450 31",
                "لكان عدد أيام رمضان 1450 28",
                "2029-02-19",
                "سجّل بداية الشهر التالي أيضًا",
                "لا يتأثر أي موعد.",
                "لم يُسجّل شيء",
            ),
        ),
    ],
)
def test_a_dry_run_shows_the_months_and_days_that_move_and_declares_nothing(shell, language, parts):
    answer = shell(*LATE, "--dry-run", "--language", language)
    assert answer.code == 0
    out = answer.out.translate(ISOLATES)
    for part in parts:
        assert part in out
    assert "Rajab 1450 would have" not in out, "it would have 29 days, which is possible"
    assert shell("closures", "--json").form == {"entries": []}


def test_the_machine_form_of_a_dry_run_has_the_whole_preview(shell):
    form = shell(*LATE, "--dry-run", "--json").form
    assert set(form) == {"outcome", "record", "preview", "affected"}
    assert (form["outcome"], form["affected"]) == ("not-declared", [])
    record = form["record"]
    assert (record["kind"], record["year"], record["month"], record["first_day"]) == (
        "month-start",
        1450,
        9,
        "2029-01-17",
    )
    assert record["source"] == "المحكمة العليا"
    assert record["statement"]["en"].startswith("1 Ramadan 1450 AH is 17 January 2029")
    ramadan = moved(form)[1450, 9]
    assert (ramadan["days_alone"], ramadan["days"], ramadan["announced"]) == (28, 29, True)
    changes = {each["day"]["gregorian"]: (each["open_before"], each["open"]) for each in form["preview"]["days"]}
    assert changes["2029-02-19"] == (True, False)
    assert "2029-02-20" in [day["gregorian"] for day in form["preview"]["in_doubt"]]


def test_a_declared_beginning_closes_the_days_and_the_preview_is_the_same(shell):
    before = shell(*LATE, "--dry-run", "--request-id", "one", "--json").form
    declared = shell(*LATE, "--request-id", "one", "--json").form
    assert declared["outcome"] == "declared"
    assert (declared["entry"]["record"], declared["preview"]) == (before["record"], before["preview"])
    assert declared["entry"]["record"]["id"].startswith("start.1450-09.")
    days = {each["day"]["gregorian"]: each for each in shell("calendar", "2029-02", *BRANCH, "--json").form["days"]}
    assert (days["2029-02-19"]["open"], days["2029-02-20"]["open"]) == (False, True)
    assert [day for day, each in days.items() if each["in_doubt"]] == ["2029-02-15", "2029-02-20", "2029-02-21"]
    assert days["2029-02-15"]["day"]["hijri"] == "1450-10-02", "dates are converted by the table"


@pytest.mark.parametrize(
    ("language", "mark", "sentence"),
    [("en", "2?", "? A Hijri month was announced"), ("ar", "2؟", "؟ أُعلنت بداية شهر هجري")],
)
def test_a_month_marks_the_days_that_may_still_change(shell, language, mark, sentence):
    month = ("calendar", "2029-02", *BRANCH, "--language", language)
    assert sentence not in shell(*month).out.translate(ISOLATES)
    assert shell(*LATE).code == 0
    hijri = shell("calendar", "1450-10", *BRANCH, "--language", language).out.translate(ISOLATES)
    assert mark in hijri
    assert sentence in hijri


def test_the_same_request_declares_once_and_gives_the_same_answer(shell):
    first = shell(*LATE, "--request-id", "one", "--json")
    assert shell(*LATE, "--request-id", "one", "--json") == first
    assert len(shell("closures", "--json").form["entries"]) == 1
    other = shell(*LATE[:3], "2029-01-16", *LATE[4:], "--request-id", "one")
    assert other.code == 2


@pytest.mark.long
@pytest.mark.parametrize(("language", "word"), [("en", "withdrawn"), ("ar", "سُحبت بداية الشهر.")])
def test_a_withdrawn_beginning_gives_the_days_back_and_may_be_announced_again(shell, language, word):
    there = shell(*LATE, "--request-id", "one", "--json").form
    record = there["entry"]["record"]["id"]
    back = shell("reopen", record, "--reason", "wrong day", *CLERK, "--request-id", "two", "--json").form
    assert back["outcome"] == "declared"
    assert {month: each["first_day"] for month, each in moved(back).items()} == {
        month: each["first_day_before"] for month, each in moved(there).items()
    }
    again = ("reopen", record, "--reason", "wrong day", *CLERK, "--request-id", "two", "--language", language)
    assert word in shell(*again).out
    repeated = shell(*LATE, "--request-id", "one")
    assert (repeated.code, "withdrawn since, and no longer holds" in repeated.out) == (0, True)
    assert shell(*LATE[:3], "2029-01-16", *LATE[4:]).code == 0, "the month may be announced anew"


@pytest.mark.long
@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (("announce", "2029-01", *LATE[2:]), "Month is not accepted: 2029-01. Expected: a Hijri month such as 1448-09"),
        (("announce", "1450-13", *LATE[2:]), "Month is not accepted"),
        (("announce", "1450", *LATE[2:]), "Month is not accepted"),
        (("announce", "1501-01", *LATE[2:]), "1343 to 1500"),
        ((*LATE[:3], "soon", *LATE[4:]), "--first-day is not accepted"),
        ((*LATE[:3], "2029-01-25", *LATE[4:]), "--first-day is not accepted"),
        ((*LATE[:4], "--source", " ", *CLERK), "--source is missing"),
        ((*LATE[:4], "--source", "x" * 401, *CLERK), "401 characters"),
        (LATE[:4] + CLERK, "--source"),
        (LATE[:-2], "--clerk"),
    ],
    ids=lambda value: " ".join(value)[:60] if isinstance(value, tuple) else None,
)
@pytest.mark.usefixtures("number")
def test_misuse_is_one_line_with_the_expected_input_and_declares_nothing(shell, command, expected):
    plain, machine = shell(*command), shell(*command, "--dry-run", "--json")
    assert plain.code == machine.code == 2
    assert plain.err.count("\n") == 1
    assert expected in plain.err
    assert expected in machine.form["error"]["message"]
    assert shell("closures", "--json").form == {"entries": []}


def test_a_beginning_that_leaves_a_month_of_28_days_is_refused_with_both_months(shell):
    assert shell(*LATE).code == 0
    near = ("announce", "1450-10", "--first-day", "2029-02-14", *SOURCE, *CLERK)
    for answer in (shell(*near, "--dry-run"), shell(*near)):
        assert answer.code == 2
        assert "28 days from 1450-09 to 1450-10" in answer.err
    assert len(shell("closures", "--json").form["entries"]) == 1
