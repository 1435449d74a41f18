"""`explain` and `replay`: why, rule by rule, from the record; and whether the rules would say so again."""

import sqlite3
from contextlib import closing

import pytest

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
    told = shell("explain", "--request-id", "two", "--json")
    assert told.code == 0
    (decision,) = told.form["decisions"]
    assert (decision["use"], decision["granted"]) == ("book", False)
    assert (decision["slot"]["branch"], decision["slot"]["service"]) == ("riyadh-traffic", "licence-renewal")
    words = {verdict["rule_id"]: verdict["granted"] for verdict in decision["verdicts"]}
    assert (words["BK-04"], words["BK-07"]) == (True, False)
    shown = shell("explain", "--request-id", "two").out
    assert "Refused. What each rule said:" in shown
    assert "riyadh-traffic licence-renewal 20" in shown
    assert "broken" in shown


def test_an_appointment_is_explained_by_its_number_in_either_language(shell, booked):
    (decision,) = shell("explain", booked, "--json").form["decisions"]
    assert (decision["request_id"], decision["granted"]) == ("one", True)
    told = shell("explain", booked).out
    assert booked in told
    assert "heard for" in told
    assert "قُبل الطلب. ما قالته كل قاعدة:" in shell("explain", booked, "--language", "ar").out


@pytest.mark.parametrize("arguments", [(), ("001Y-F1YX-GD4X", "--request-id", "one")])
def test_one_thing_is_explained_at_a_time(shell, arguments):
    told = shell("explain", *arguments)
    assert told.code == 2
    assert "got none or both; expected one of them" in told.err


def test_a_replay_counts_what_it_heard_again_and_finds_no_difference(shell, booked):
    told = shell("replay", "--json")
    assert told.code == 0
    assert told.form == {"decisions": 2, "without_case": 0, "unknown_versions": [], "differences": []}
    assert "decisions" in shell("replay").out


def test_a_replay_tells_of_a_record_that_the_rules_do_not_bear_out(shell, booked, tmp_path):
    with closing(sqlite3.connect(tmp_path / "bookings.db", isolation_level=None)) as connection:
        (text,) = connection.execute("SELECT decided_on FROM answers WHERE request_id = 'one'").fetchone()
        assert '"taken":0' in text
        connection.execute(
            "UPDATE answers SET decided_on = ? WHERE request_id = 'one'", (text.replace('"taken":0', '"taken":9999'),)
        )
    told = shell("replay", "--json")
    assert told.code == 1
    assert told.form["differences"] == [{"request_id": "one", "rule_id": "BK-05", "recorded": True, "replayed": False}]
    assert "BK-05" in shell("replay").out
