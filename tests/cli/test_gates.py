"""A gate by the shell: the list, its export, scans with the store and without, and the merge."""

import io
import json
import os
import sys
from datetime import timedelta

import pytest
from attrs import evolve

from tests.gates import code_of
from traffic_booking import BookingDesk, System, to_json
from traffic_booking.adapters.signing_keys import SigningKeys
from traffic_booking.domain.gate import merging
from traffic_booking.domain.gate.results import GateResult
from traffic_booking.gate import read_journal
from traffic_booking.testing import MovableClock

BRANCH = "riyadh-traffic"
CLERK = ("--clerk", "gate-1")


@pytest.fixture
def type_in(monkeypatch):
    """Puts lines on standard input."""

    def put(*lines):
        content = "".join(f"{line}\n" for line in lines).encode()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))

    return put


@pytest.fixture
def booked(shell, slot):
    """The number of an appointment, and its day."""
    appointment = shell("book", *slot, "--agree", "--json").form["appointment"]
    return appointment["number"], appointment["starts_at"][:10]


@pytest.fixture
def at_the_start(booked, shell, monkeypatch):
    """The clock at the start of the appointment."""
    from datetime import datetime

    from traffic_booking.adapters import clock

    starts_at = shell("show", booked[0], "--json").form["appointment"]["starts_at"]
    monkeypatch.setattr(clock.SystemClock, "now", MovableClock(datetime.fromisoformat(starts_at)).now)


@pytest.fixture
def keys(tmp_path, shell):
    """The options that sign and that verify."""
    file = tmp_path / "tickets.key"
    assert shell("ticket", "keys", str(file)).code == 0
    return ("--sign-with", str(file)), ("--key", f"{file}.pub")


@pytest.mark.usefixtures("at_the_start")
def test_a_gate_without_the_store_scans_and_its_journal_is_merged(shell, booked, keys, tmp_path, type_in):
    number, day = booked
    sign, verify = keys
    list_file, journal = str(tmp_path / "day.list"), str(tmp_path / "gate-1.journal")
    exported = shell("gate", "export", BRANCH, day, *CLERK, "--output", list_file, *sign, "--json")
    assert (exported.code, exported.form["outcome"], exported.form["tickets"]) == (0, "signed", 1)
    offline = ("gate", "scan", "--list", list_file, "--journal", journal, "--gate", "gate-1", *verify)
    type_in(number)
    answered = shell(*offline)
    assert (answered.code, answered.out.startswith("YES On time.")) == (0, True)
    type_in("", number, "x" * 9_999, "another", number)
    again = shell(*offline, "--json")
    results = [json.loads(line)["result"] for line in again.out.splitlines()]
    assert (again.code, results) == (1, ["already-used", "unreadable", "unreadable", "already-used"])
    merged = shell("gate", "merge", journal, journal, *CLERK, "--json")
    assert (merged.code, len(merged.form["accepted"]), len(merged.form["turned_away"])) == (0, 1, 4)
    assert len(shell("gate", "merge", journal, *CLERK, "--json").form["known"]) == 1
    assert shell("show", number, "--json").form["appointment"]["state"] == "checked-in"


@pytest.mark.usefixtures("at_the_start")
@pytest.mark.parametrize(("language", "words"), [("en", ["YES", "NO"]), ("ar", ["نعم", "لا"])])
def test_a_gate_with_the_store_answers_each_line(shell, booked, type_in, language, words):
    type_in(booked[0].lower(), booked[0])
    answered = shell("gate", "scan", "--branch", BRANCH, *CLERK, "--language", language)
    assert (answered.code, [line.split()[0] for line in answered.out.splitlines()]) == (1, words)


@pytest.mark.usefixtures("at_the_start")
@pytest.mark.parametrize("offline", [True, False])
def test_a_line_of_marks_alone_is_skipped_and_later_lines_are_read(shell, booked, tmp_path, type_in, offline):
    number, day = booked
    options: tuple[str, ...] = ("--branch", BRANCH, *CLERK)
    if offline:
        list_file = str(tmp_path / "day.list")
        assert shell("gate", "export", BRANCH, day, *CLERK, "--output", list_file).code == 0
        options = ("--list", list_file, "--journal", str(tmp_path / "j"), "--gate", "gate-1", "--unsigned")
    type_in("\u200f", "\ufeff", " \t", "\u200f" * 1_000, f"\ufeff{number}")
    answered = shell("gate", "scan", *options, "--json")
    results = [json.loads(line)["result"] for line in answered.out.splitlines()]
    assert (answered.code, results) == (0, ["on-time"])


def test_the_list_of_a_day_shows_masked_ids(shell, booked):
    number, day = booked
    listed = shell("gate", "list", BRANCH, day, *CLERK)
    assert listed.code == 0
    assert number in listed.out
    assert "******" in listed.out
    assert shell("gate", "list", BRANCH, day, *CLERK, "--json").form["tickets"][0]["number"] == number


def test_two_gates_with_one_ticket_are_shown(shell, booked, at_the_start, tmp_path, type_in):
    number, day = booked
    list_file = str(tmp_path / "day.list")
    assert shell("gate", "export", BRANCH, day, *CLERK, "--output", list_file).code == 0
    journals = []
    for gate in ("gate-1", "gate-2"):
        journals.append(str(tmp_path / gate))
        type_in(number)
        offline = ("gate", "scan", "--list", list_file, "--journal", journals[-1], "--gate", gate)
        assert shell(*offline).code == 2
        type_in(number)
        assert shell(*offline, "--unsigned").code == 0
    merged = shell("gate", "merge", *journals, *CLERK)
    assert merged.code == 1
    assert all(text in merged.out for text in ("gate-1", "gate-2", number))


@pytest.fixture
def journal(shell, booked, at_the_start, keys, tmp_path, type_in):
    """The journal of a gate that admitted a signed ticket."""
    (number, day), (sign, verify) = booked, keys
    list_file, file = str(tmp_path / "day.list"), str(tmp_path / "gate-1")
    assert shell("gate", "export", BRANCH, day, *CLERK, "--output", list_file, *sign).code == 0
    with BookingDesk.open(os.environ["TRAFFIC_BOOKING_DB"]) as desk:
        type_in(code_of(desk, desk.appointment(number, by=System()), SigningKeys.open(sign[1])))
    assert shell("gate", "scan", "--list", list_file, "--journal", file, "--gate", "gate-1", *verify).code == 0
    return file


def test_signed_codes_without_the_keys_are_said_to_lack_them(shell, journal, keys):
    without = shell("gate", "merge", journal, *CLERK)
    assert (without.code, without.out.count("public keys are missing"), "rules refuse" in without.out) == (1, 1, False)
    assert len(shell("gate", "merge", journal, *CLERK, *keys[0], "--json").form["accepted"]) == 1


def test_a_damaged_journal_is_named_and_the_others_are_merged(shell, journal, keys, tmp_path):
    damaged = tmp_path / "damaged.journal"
    damaged.write_text("no scan\n")
    merged = shell("gate", "merge", str(damaged), journal, *CLERK, *keys[0], "--json")
    assert (merged.code, len(merged.form["accepted"])) == (1, 1)
    assert [each["file"] for each in merged.form["unread"]] == [str(damaged)]
    shown = shell("gate", "merge", journal, str(damaged), *CLERK, *keys[0]).out
    assert all(text in shown for text in ("damaged.journal", "line 1"))


def test_more_scans_than_one_merge_takes_are_merged_in_parts_with_one_report(
    shell, journal, keys, tmp_path, monkeypatch
):
    monkeypatch.setattr(merging, "MOST_SCANS", 2)
    (scan,) = read_journal(journal)
    earlier = evolve(scan, scan_id="earlier", happened_at=scan.happened_at - timedelta(microseconds=1))
    away = [evolve(scan, scan_id=f"away-{each}", result=GateResult.WRONG_DAY) for each in range(4)]
    more = tmp_path / "more.journal"
    more.write_text("".join(f"{json.dumps(to_json(each))}\n" for each in (earlier, *away)))
    form = shell("gate", "merge", str(more), journal, *CLERK, *keys[0], "--json").form
    assert ([each["scan_id"] for each in form["accepted"]], len(form["turned_away"])) == (["earlier"], 4)
    assert [each["use"]["scan_id"] for each in form["conflicts"]] == [scan.scan_id]


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ((), "--branch is missing"),
        (("--branch", BRANCH), "--clerk is missing"),
        (("--branch", BRANCH, *CLERK, "--gate", "gate-1"), "--gate is not accepted"),
        (("--list", "none", "--gate", "gate-1"), "--journal is missing"),
        (("--list", "none", "--journal", "none"), "--gate is missing"),
        (("--list", "none", "--journal", "none", "--gate", "gate-1"), "list"),
        (("--list", "none", "--journal", "none", "--gate", "gate-1", "--branch", BRANCH), "--branch is not accepted"),
    ],
)
def test_a_scan_without_the_right_options_is_misuse_and_the_option_is_named(shell, type_in, options, named):
    type_in("any")
    answer = shell("gate", "scan", *options, "--language", "en")
    assert (answer.code, named in answer.err) == (2, True)
