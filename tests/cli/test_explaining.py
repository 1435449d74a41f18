"""`explain`: why, rule by rule, from the record; and whether an audit finds the same results."""

import re
import sqlite3
from contextlib import closing
from datetime import datetime
from importlib.resources import files

import pytest

from tests.cli.conftest import CANARY
from traffic_booking import Booked, BookingDesk, read_rulebooks, shipped_catalogue
from traffic_booking.cli.reply import LEGAL_TIME, name_of

BOOK = ("book", "--service", "licence-renewal", "--branch", "riyadh-traffic", "--agree")


@pytest.fixture
def booked(shell):
    """An appointment, and the request for a second one, which was refused."""
    found = shell("slots", "--service", "licence-renewal", "--branch", "riyadh-traffic", "--limit", "9", "--json")
    first, *_, last = (slot["starts_at"] for slot in found.form["slots"])
    made = shell(*BOOK, "--at", first, "--request-id", "one", "--json")
    assert made.code == 0
    assert shell(*BOOK, "--at", last, "--request-id", "two").code == 1
    return made.form["appointment"]["number"]


def test_a_refusal_is_explained_rule_by_rule(shell, booked):
    reply = shell("explain", "--request-id", "two", "--json")
    assert reply.code == 0
    (decision,) = reply.form["decisions"]
    assert (decision["use"], decision["granted"]) == ("book", False)
    assert (decision["slot"]["branch"], decision["slot"]["service"]) == ("riyadh-traffic", "licence-renewal")
    words = {verdict["rule_id"]: verdict["result"] for verdict in decision["verdicts"]}
    assert (words["BK-04"], words["BK-07"], words["EL-03"]) == ("kept", "broken", "not applicable")
    shown = shell("explain", "--request-id", "two").out
    assert "Refused. The result of each rule:" in shown
    assert "Riyadh traffic branch (synthetic)" in shown
    assert "Renewal of a driving licence" in shown
    assert re.search(r"^broken rules +BK-07(, BK-09)?$", shown, re.MULTILINE)
    assert re.search(r"^rulebook +2026-11-22, in force from 2026-01-01, no end set$", shown, re.MULTILINE)


def test_an_explanation_shows_from_when_the_request_would_be_granted(shell, booked):
    (verdict, *_) = (
        each
        for each in shell("explain", "--request-id", "two", "--json").form["decisions"][0]["verdicts"]
        if each["rule_id"] == "BK-07"
    )
    allowed_from = datetime.fromisoformat(verdict["allowed_from"]).astimezone(LEGAL_TIME)
    assert f"{allowed_from:%Y-%m-%d %H:%M}" in shell("explain", "--request-id", "two").out


def test_staff_and_auditors_explain_without_the_id_of_the_applicant(shell, booked, monkeypatch):
    monkeypatch.delenv("TRAFFIC_BOOKING_APPLICANT")
    assert shell("explain", "--request-id", "two").code == 2
    for asked in (("--request-id", "two"), (booked,)):
        reply = shell("explain", *asked, "--clerk", "auditor-1")
        assert reply.code == 0
        assert "BK-07" in reply.out
    both = shell("explain", booked, "--clerk", "auditor-1", "--applicant", "1000000008")
    assert (both.code, both.out) == (2, "")
    assert "is not accepted: both. Expected: one of them" in both.err


def test_an_explanation_shows_the_ids_of_a_branch_and_a_service_that_the_catalogue_lacks():
    catalogue = shipped_catalogue()
    assert name_of(catalogue.branch, "riyadh-traffic", "en") == "Riyadh traffic branch (synthetic)"
    assert name_of(catalogue.service, "gone", "ar") == "gone"


def test_an_appointment_is_explained_by_its_number_in_either_language(shell, booked):
    (decision,) = shell("explain", booked, "--json").form["decisions"]
    assert (decision["request_id"], decision["granted"]) == ("one", True)
    reply = shell("explain", booked).out
    assert booked in reply
    assert "kind of request" in reply
    assert "قُبل الطلب. نتيجة كل قاعدة:" in shell("explain", booked, "--language", "ar").out


@pytest.mark.parametrize("arguments", [(), ("001Y-F1YX-GD4X", "--request-id", "one")])
def test_one_thing_is_explained_at_a_time(shell, arguments):
    reply = shell("explain", *arguments)
    assert reply.code == 2
    assert "is not accepted: none or both. Expected: one of them" in reply.err


def test_the_help_says_which_request_is_explained(shell):
    shown = shell("explain", "--help").out
    assert "The id of the request to explain" in shown
    assert "a new name" not in shown, "explain draws no id"


def test_an_audit_reports_a_record_that_contradicts_the_rules(shell, booked, tmp_path):
    with closing(sqlite3.connect(tmp_path / "bookings.db", isolation_level=None)) as connection:
        (text,) = connection.execute("SELECT body FROM answers WHERE request_id = 'one'").fetchone()
        assert '"taken"' not in text, "no seat was taken"
        connection.execute("UPDATE answers SET body = json_set(body, '$.taken', 9999) WHERE request_id = 'one'")
    reply = shell("audit", "--json")
    assert reply.code == 1
    (broken,) = [each for each in reply.form["broken"] if each["invariant"] == "rules"]
    assert broken == {
        "invariant": "rules",
        "where": "request one",
        "found": "rule BK-05 broken when it is evaluated again",
        "expected": "not broken, as recorded",
    }
    shown = re.sub("[\u2066-\u2069]", "", shell("audit", "--language", "ar").out)
    assert "القاعدة BK-05 غير مستوفاة عند إعادة التقييم" in shown
    assert "لم تُخالف كما سُجّل" in shown


def test_a_store_that_other_rules_decided_is_looked_at_by_those(shell, tmp_path):
    shipped = files("traffic_booking") / "data" / "rulebook.toml"
    ours = tmp_path / "ours.toml"
    text = re.sub(r'(?m)^version = "[^"]+"', 'version = "ours-1"', shipped.read_text(encoding="utf-8"))
    ours.write_text(text, encoding="utf-8")
    catalogue = str(files("traffic_booking") / "data")
    with BookingDesk.open(f"sqlite:///{tmp_path / 'bookings.db'}", rulebook=read_rulebooks(ours)) as desk:
        (slot,) = desk.find_slots(service="licence-renewal", branch="riyadh-traffic", limit=1)
        assert isinstance(desk.book(slot, applicant=CANARY, agreed=True, request_id="one"), Booked)
    assert shell("audit", "--json").code == 0  # with the installed rulebook
    reply = shell("audit", "--rulebook", str(shipped), "--json")  # the store still has the installed one
    assert (reply.code, reply.form["unknown_versions"]) == (0, [])
    for command in (("audit",), ("explain", "--request-id", "one")):
        done = shell(*command, "--rulebook", str(ours), "--catalogue", catalogue, "--json")
        assert done.code == 0, (command, done.err)
    assert shell("audit", "--rulebook", str(tmp_path / "none.toml")).code == 2
    assert shell("audit", "--catalogue", str(tmp_path / "none")).code == 2
