"""`audit refusals`, `counts`, `clerk`, `appointment` and `person`: the questions of auditors in the shell."""

import csv
import io
import re

import pytest

from tests.cli.conftest import CANARY
from traffic_booking import BookingDesk, Clerk, QuestionAsked, install

BY = ("--auditor", "auditor-1")


@pytest.fixture
def used(shell, slot, number):
    """An appointment, a refused request for a second one, and a cancellation by a clerk."""
    assert shell("book", *slot[:-1], f"{slot[-1][:-5]}10:00", "--agree", "--request-id", "second").code == 1
    assert shell("cancel", number, "--clerk", "desk-1", "--yes").code == 0
    return number


def asked(tmp_path):
    with BookingDesk.open(f"sqlite:///{tmp_path / 'bookings.db'}") as desk:
        return [each.what for each in desk.feed().entries if isinstance(each.what, QuestionAsked)]


def test_refusals_are_listed_and_counted(shell, used, tmp_path):
    answer = shell("audit", "refusals", "--rule", "BK-07", *BY)
    assert answer.code == 0
    assert re.search(r"request refused +person:\S{22} .* second +BK-07", answer.out)
    assert "auditor-1" in answer.out
    form = shell("audit", "refusals", *BY, "--branch", "riyadh-traffic", "--json").form
    assert [each["request_id"] for each in form["occurrences"]] == ["second"]
    counted = shell("audit", "counts", *BY, "--json").form
    assert (counted["refusals"], counted["counts"][0]["value"]) == (1, "BK-07")
    assert shell("audit", "counts", "branch", *BY).out.startswith("branch id")
    assert [each.question for each in asked(tmp_path)] == ["refusals", "refusals", "refusal-counts", "refusal-counts"]


def test_what_a_clerk_did_and_what_happened_to_an_appointment_and_a_person(shell, used):
    def kinds(*command):
        return [each["kind"] for each in shell("audit", *command, *BY, "--json").form["occurrences"]]

    assert kinds("clerk", "desk-1") == ["appointment-cancelled"]
    assert kinds("appointment", used) == ["appointment-booked", "appointment-cancelled"]
    life = ["person-registered", "appointment-booked", "request-refused", "appointment-cancelled"]
    assert kinds("person") == life
    subject = shell("audit", "appointment", used, *BY, "--json").form["occurrences"][0]["subject"]
    assert kinds("person", f"--subject={subject}")[:4] == life


def test_a_question_about_a_person_names_what_is_missing_and_bounds_are_named_in_plain_words(shell, used, monkeypatch):
    monkeypatch.delenv("TRAFFIC_BOOKING_APPLICANT", raising=False)
    missing = shell("audit", "person", *BY)
    assert (missing.code, "--applicant, --subject" in missing.err) == (2, True)
    bounds = (("--from", "2026-12-02", "--until", "2026-12-01"), ("--day", "2026-12-01", "--until", "2026-12-02"))
    for each in bounds:
        reply = shell("audit", "refusals", *BY, *each)
        assert (reply.code, "from_" in reply.err) == (2, False)


def test_pages_go_on_behind_the_cursor_that_the_answer_names(shell, used):
    first = shell("audit", "person", *BY, "--limit", "3")
    (cursor,) = re.findall(r"--after (\S+)", first.out)
    rest = shell("audit", "person", *BY, "--after", cursor, "--json").form
    assert [each["kind"] for each in rest["occurrences"]] == ["appointment-cancelled"]
    assert rest["next"] is None


def test_the_answer_as_csv_is_a_table(shell, used):
    plain, excel = (shell("audit", "appointment", used, *BY, way).out for way in ("--csv", "--excel"))
    assert excel[0] == "\ufeff"
    rows = list(csv.DictReader(io.StringIO(plain, newline="")))
    assert [row["kind"] for row in rows] == ["appointment-booked", "appointment-cancelled"]
    assert shell("audit", "counts", *BY, "--csv").out.splitlines() == ['"rule","refusals"', '"BK-07","1"']
    assert shell("audit", "counts", *BY, "--csv", "--json").code == 2


@pytest.mark.long
@pytest.mark.parametrize(
    "command",
    [
        ("refusals",),
        ("refusals", *BY, "--rule", "BK-99"),
        ("refusals", *BY, "--branch", "nowhere"),
        ("clerk", "Desk 1", *BY),
        ("clerk", CANARY.reveal(), *BY),
        ("refusals", "--auditor", CANARY.reveal()),
        ("appointment", "x", *BY),
        ("person", *BY, "--subject", "x"),
        ("person", *BY, "--subject", "x" * 22, "--applicant", "-"),
        ("refusals", *BY, "--from", "2026-12-01", "--until", "2026-12-01"),
        ("refusals", *BY, "--after", "x"),
    ],
    ids=" ".join,
)
def test_a_malformed_question_is_misuse_and_is_not_logged(shell, used, command, tmp_path):
    assert shell("audit", *command).code == 2
    assert asked(tmp_path) == []


def test_an_auditor_is_explained_each_decision_and_the_log_keeps_it(shell, used, tmp_path):
    reply = shell("explain", used, *BY, "--json")
    assert [each["use"] for each in reply.form["decisions"]] == ["book", "cancel"]
    shown = shell("explain", "--request-id", "second", *BY, "--language", "ar")
    assert "BK-07" in shown.out
    assert [each.about for each in asked(tmp_path)] == [{"number": used}, {"request": "second"}]
    assert shell("explain", used, *BY, "--clerk", "desk-1").code == 2


def test_who_installed_the_rulebook_and_which_version_is_in_force_when(shell, tmp_path):
    install(f"sqlite:///{tmp_path / 'bookings.db'}", by=Clerk("desk-9"), reason="the first one")
    answer = shell("audit", "rulebooks", *BY)
    assert answer.code == 0
    assert re.search(r"^installed at +by +reason", answer.out, re.MULTILINE), answer.out
    assert re.search(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +clerk:desk-9 +the first one", answer.out, re.MULTILINE)
    assert re.search(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +2026-11-22 +2026-01-01 +no end set", answer.out, re.MULTILINE)
    form = shell("audit", "rulebooks", *BY, "--json").form
    assert [each["kind"] for each in form["occurrences"]] == ["installed"]
    assert [each["version"] for each in form["versions"]] == ["2026-11-22"]
