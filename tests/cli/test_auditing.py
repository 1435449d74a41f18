"""`audit`: a sound store, one that was damaged by hand, and one that differs from its sealed log."""

import re
import sqlite3
import sys
from contextlib import closing
from importlib.resources import files

import pytest
from attrs import fields

from tests.cli.conftest import CANARY
from traffic_booking import Appointment, Booked, BookingDesk, Clerk, install, read_rulebooks
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.cli.audit_words import FIELDS, FINDINGS, finding_in, place_in


def damaged(tmp_path, statement, values=()):
    with closing(sqlite3.connect(tmp_path / "bookings.db", isolation_level=None)) as connection:
        assert connection.execute(statement, values).rowcount == 1


def test_a_sound_store_is_reported_as_sound(shell, number):
    reply = shell("audit", "--json")
    assert reply.code == 0
    assert reply.form == {
        "appointments": 1,
        "events": 1,
        "slots": 1,
        "answers": 1,
        "without_case": 0,
        "records": 0,
        "entries": 0,
        "sealed": 0,
        "not_sealed": 0,
        "checkpoints": 0,
        "lost": 0,
        "restores": [],
        "has_log": False,
        "not_evidence": reply.form["not_evidence"],
        "unknown_versions": [],
        "without_key": False,
        "broken_count": 0,
        "broken": [],
    }
    assert {each["table"] for each in reply.form["not_evidence"]} == {
        *("accounts", "attempts", "codes", "sessions"),
        *("migrations", "sqlite_sequence"),
    }
    shown = shell("audit").out
    assert shown.startswith("The store is sound.")
    assert "versions, state, seats, capacity, limits, requests, person states, persons, rules, tables," in shown
    assert "No sealed log was compared." in shown
    assert "not inspected" not in shown
    assert "قاعدة البيانات سليمة." in shell("audit", "--language", "ar").out


def test_tables_that_were_not_inspected_are_not_listed_as_compared(shell, number, monkeypatch):
    """A store on a cluster is one that can't."""
    monkeypatch.setattr(SqliteStore, "inspect", None)
    shown = shell("audit").out
    assert "persons, rules, readability" in shown
    assert "The tables themselves were not inspected" in shown


@pytest.mark.parametrize(
    "command",
    [
        ("audit",),
        ("explain", "0A1K-3M9Q-X27C"),
        ("show", "0A1K-3M9Q-X27C"),
        ("closures",),
        ("health",),
    ],
)
def test_a_command_that_looks_back_makes_no_store(shell, tmp_path, command):
    reply = shell(*command, "--db", f"sqlite:///{tmp_path}/typo.db")
    assert reply.code == (1 if command == ("health",) else 3)
    assert not list(tmp_path.iterdir())
    assert shell(*command, "--db", "memory://").code == 2


def test_an_audit_changes_nothing(shell, number, tmp_path):
    before = (tmp_path / "bookings.db").read_bytes()
    for command in (("audit",), ("explain", number)):
        assert shell(*command).code == 0
    assert (tmp_path / "bookings.db").read_bytes() == before


def test_a_file_that_others_may_read_is_warned_about_in_the_language_of_the_answer(shell, number, tmp_path):
    (tmp_path / "bookings.db").chmod(0o644)
    reply = shell("audit", "--json")
    assert reply.code == 0
    assert reply.err.startswith("traffic-booking: Others than its owner can read ")
    assert "chmod 600" in shell("appointments", "--language", "ar").err


def test_faults_are_listed_and_the_exit_code_is_one(shell, number, tmp_path):
    damaged(tmp_path, "UPDATE seats SET value = value + 1")
    damaged(tmp_path, "DELETE FROM log WHERE kind = 'booked'")
    reply = shell("audit", "--json")
    assert reply.code == 1
    assert reply.form["broken_count"] == 3
    assert reply.form["broken"][0] == {
        "invariant": "versions",
        "where": number,
        "found": "events []",
        "expected": "1 to 1",
    }
    assert [each["invariant"] for each in reply.form["broken"]] == ["versions", "seats", "requests"]
    shown = shell("audit")
    assert shown.code == 1
    assert "2 seats taken" in shown.out
    assert "nothing has been repaired" in shown.out
    assert shell("audit", "--limit", "1", "--json").form["broken_count"] == 3


def test_the_cells_of_the_faults_are_in_arabic_if_that_is_asked_for(shell, number, tmp_path):
    damaged(tmp_path, "UPDATE seats SET value = value + 1")
    damaged(tmp_path, "DELETE FROM log WHERE kind = 'booked'")
    shown = re.sub("[\u2066-\u2069]", "", shell("audit", "--language", "ar").out)
    for cell in ("الأحداث []", "من 1 إلى 1", "عدد المقاعد المحجوزة 2", "1، واحد لكل موعد أو حجز مؤقت", "عدد أحداثه 0"):
        assert cell in shown
    assert not re.search("[a-z]{3,} (events|seats|one|to) ", shown)


def test_a_step_of_a_pool_is_named_in_the_language_of_the_reader():
    where = "north pool counters 2026-11-23T05:00:00Z"
    assert place_in(where, "en") == where
    assert place_in(where, "ar") == "north المقاعد المشتركة counters 2026-11-23T05:00:00Z"
    assert place_in("north renewal 2026-11-23T05:00:00Z", "ar") == "north renewal 2026-11-23T05:00:00Z"


@pytest.mark.parametrize("text", FINDINGS, ids=lambda text: text.en)
def test_every_finding_of_the_library_has_its_words_in_arabic(text):
    values = dict.fromkeys(re.findall(r"\{(\w+)\}", text.en), "7")
    assert finding_in(text.en.format(**values), "ar") == text.ar.format(**values)
    assert finding_in(text.en.format(**values), "en") == text.en.format(**values)


@pytest.mark.parametrize(
    ("english", "arabic"),
    [
        ("no answer to the request of version 2", "لا رد على الطلب الذي نتجت عنه النسخة 2"),
        ("the answer Refused to the request of version 2", "الرد Refused على الطلب الذي نتجت عنه النسخة 2"),
        ("the answer that caused it", "الرد الذي نتج عنه"),
        ("it, as it is booked", "وجوده فيه بحالته: محجوز"),
        ("state cancelled", "الحالة: ملغى"),
        ("state cancelled, another time zone", "الحالة: ملغى، المنطقة الزمنية بقيمة أخرى"),
        ("no hold ends at", "دون نهاية الحجز المؤقت"),
        ("a seat of its own service: recount the seats", "مقعد لخدمته وحدها: أعد عدّ المقاعد"),
        ("a check of the host's own", "a check of the host's own"),
    ],
)
def test_a_finding_with_parts_is_put_together_in_arabic(english, arabic):
    assert finding_in(english, "ar") == arabic


def test_every_stored_field_of_an_appointment_has_a_name_for_findings():
    assert set(FIELDS) == {field.name.replace("_", " ") for field in fields(Appointment) if field.eq}


def test_decisions_under_a_replaced_rulebook_are_explained_and_audited_from_the_store(shell, number, tmp_path):
    shipped = (files("traffic_booking") / "data" / "rulebook.toml").read_text(encoding="utf-8")
    (tmp_path / "lost.toml").write_text(re.sub(r'(?m)^version = "[^"]+"', 'version = "lost"', shipped), "utf-8")
    url, rulebook = f"sqlite:///{tmp_path / 'bookings.db'}", read_rulebooks(tmp_path / "lost.toml")
    by = Clerk("rules-office")
    install(url, rulebook=rulebook, by=by, reason="for a while")
    with BookingDesk.open(url, rulebook=rulebook) as desk:
        (first,) = desk.appointments(CANARY)  # limits are compared for a person with another appointment
        found = desk.find_slots(service="licence-replacement", branch="riyadh-traffic", limit=100)
        slot = next(each for each in reversed(found) if each.day != first.day)
        assert isinstance(desk.book(slot, applicant=CANARY, agreed=True, request_id="second"), Booked)
    install(url, by=by, reason="the shipped one again")
    reply = shell("audit", "--json")
    assert (reply.code, reply.form["broken_count"], reply.form["unknown_versions"]) == (0, 0, [])
    explained = shell("explain", "--request-id", "second", "--clerk", "desk-1")
    assert explained.code == 0
    assert re.search(r"^rulebook +lost", explained.out, re.MULTILINE)


def test_a_version_whose_text_is_damaged_is_reported_as_missing(shell, number, tmp_path):
    url, by = f"sqlite:///{tmp_path / 'bookings.db'}", Clerk("rules-office")
    shipped = (files("traffic_booking") / "data" / "rulebook.toml").read_text(encoding="utf-8")
    (tmp_path / "next.toml").write_text(re.sub(r'(?m)^version = "[^"]+"', 'version = "next"', shipped), "utf-8")
    install(url, rulebook=read_rulebooks(tmp_path / "next.toml"), by=by, reason="another one")
    assert shell("audit", "--json").form["unknown_versions"] == []
    with closing(sqlite3.connect(tmp_path / "bookings.db", isolation_level=None)) as connection:
        connection.execute(
            "UPDATE installed_texts SET body = replace(body, '2026-11-22', '2026-11-23')"
            """ WHERE body LIKE '{"versions"%'"""
        )
    reply = shell("audit", "--json")
    assert (reply.code, reply.form["unknown_versions"]) == (1, ["2026-11-22"])
    assert shell("explain", number, "--clerk", "desk-1").code == 3


def test_a_person_id_in_a_request_id_is_masked(shell, number, tmp_path):
    damaged(
        tmp_path,
        "UPDATE answers SET request_id = :id, body = replace(body, request_id, :id)",
        {"id": CANARY.reveal()},
    )
    reply = shell("audit", "--json")
    assert reply.code == 1
    assert any("******" in each["where"] for each in reply.form["broken"])


@pytest.mark.parametrize("limit", ["0", "1000001"])
@pytest.mark.usefixtures("number")
def test_how_much_is_listed_is_bounded(shell, limit):
    assert shell("audit", "--limit", limit).code == 2


def test_a_record_that_cannot_be_read_is_listed(shell, number, tmp_path):
    damaged(tmp_path, "UPDATE appointments SET state = 'lost'")
    reply = shell("audit", "--json")
    assert reply.code == 1
    broken = {(each["invariant"], each["where"]) for each in reply.form["broken"]}
    assert ("readable", f"appointments {number}") in broken
    assert "readability" in shell("audit").out


def test_a_store_that_cannot_be_read_is_an_error(shell, number, tmp_path):
    for log in tmp_path.glob("bookings.db-*"):
        log.unlink()
    (tmp_path / "bookings.db").write_bytes(b"no database" * 1_000)
    reply = shell("audit")
    assert reply.code == 3
    assert "bookings.db" in reply.err


def test_a_terminal_shows_how_far_it_has_come(shell, number, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    reply = shell("audit")
    assert reply.code == 0
    assert "answers 1" in reply.err or "reading" in reply.err
    assert shell("audit", "--json").err == ""
