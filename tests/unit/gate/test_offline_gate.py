"""The gate without a store: its list, its journal, and what survives a failure."""

import os
import signal
import stat
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from tests.gate_vectors import SUNDAY, book
from tests.gates import CLERK, code_of, offline_gate, signing_desk
from tests.small_town import START
from tests.tickets_signed import OTHER, SIGNER
from traffic_booking import InvalidInput, RequestMismatch, StoreClosed, StoreUnavailable, from_json, to_json
from traffic_booking.domain.gate.day_list import DayList
from traffic_booking.domain.gate.results import GateResult
from traffic_booking.domain.gate.scans import LONGEST_SCANNED
from traffic_booking.gate import OfflineGate, day_list_document, read_day_list, read_journal
from traffic_booking.testing import MovableClock


@pytest.fixture
def clock():
    return MovableClock(START)


@pytest.fixture
def desk(clock):
    return signing_desk(clock=clock)


@pytest.fixture
def appointment(desk):
    return book(desk)


@pytest.fixture
def listed(desk, appointment):
    return desk.gate.day_list("north", SUNDAY, by=CLERK)


def test_a_list_is_read_back_as_it_was_written(listed):
    signed = day_list_document(listed, SIGNER)
    assert (signed.media_type, signed.file_name) == ("application/cose", "north-2026-11-22.list")
    assert read_day_list(signed.content, SIGNER.public_keys) == listed
    unsigned = day_list_document(listed)
    assert read_day_list(unsigned.content, accept_unsigned=True) == listed
    assert from_json(DayList, to_json(listed)) == listed


@pytest.mark.parametrize("wrong", [{"until": "soon"}, {"until": START.replace(tzinfo=None)}, {"revoked": []}])
def test_a_wrong_argument_of_a_list_is_named(desk, wrong):
    with pytest.raises(InvalidInput) as caught:
        desk.gate.day_list("north", SUNDAY, by=CLERK, **wrong)
    assert [caught.value.field] == list(wrong)


def test_a_list_has_no_name_and_no_whole_id(desk, appointment, listed):
    text = str(day_list_document(listed))
    person = desk.person_of(appointment.applicant.subject, by=CLERK).reveal()
    assert person not in text
    assert appointment.applicant.subject not in text
    assert [each.masked_id for each in listed.tickets] == [f"******{person[-4:]}"]


def test_a_list_without_a_known_signature_is_refused(listed):
    for content, keys in (
        (day_list_document(listed).content, SIGNER.public_keys),
        (day_list_document(listed, OTHER).content, SIGNER.public_keys),
        (day_list_document(listed, SIGNER).content, ()),
        (b"", SIGNER.public_keys),
        (b"{}", SIGNER.public_keys),
    ):
        with pytest.raises(InvalidInput):
            read_day_list(content, keys)


def test_a_signed_ticket_is_no_list(desk, appointment):
    from traffic_booking.adapters.ticket_codes import base45

    with pytest.raises(InvalidInput, match="signature is wrong"):
        read_day_list(base45.decode(code_of(desk, appointment)), SIGNER.public_keys)


def test_a_signed_ticket_that_was_booked_after_the_list_is_accepted_by_its_signature(desk, clock, listed):
    late = book(desk, serial=2)
    clock.advance(timedelta(hours=2))
    with offline_gate(listed, clock=clock) as gate:
        assert gate.scan(late.number).result is GateResult.NOT_LISTED
        answer = gate.scan(code_of(desk, late))
        assert (answer.result, answer.listed, answer.signed) == (GateResult.ON_TIME, False, True)
        assert gate.scan(code_of(desk, late)).result is GateResult.ALREADY_USED


def test_a_list_is_used_in_its_validity_alone(desk, clock, appointment):
    listed = desk.gate.day_list("north", SUNDAY, by=CLERK, until=START + timedelta(hours=2))
    code = code_of(desk, appointment)
    clock.advance(timedelta(hours=2) - timedelta(seconds=1))
    with offline_gate(listed, clock=clock) as gate:
        assert gate.scan(code).result is GateResult.ON_TIME
        clock.advance(timedelta(seconds=1))
        assert gate.scan(code).result is GateResult.OUTDATED_LIST
        clock.advance(timedelta(hours=-3))
        assert gate.scan(code).result is GateResult.OUTDATED_LIST


@pytest.mark.parametrize("text", ["", " ", "\u200f"])
def test_an_empty_scan_is_misuse(listed, clock, text):
    with offline_gate(listed, clock=clock) as gate, pytest.raises(InvalidInput):
        gate.scan(text)


@pytest.mark.parametrize("text", ["\0", "\ud800", "x" * 10_000, "\u202e", "1\n2", "=cmd()", "😀" * 600])
def test_any_other_text_is_an_answer(listed, clock, text, tmp_path):
    path = tmp_path / "journal"
    with offline_gate(listed, clock=clock, journal=path) as gate:
        assert gate.scan(text).result is GateResult.UNREADABLE
    assert [len(each.code) <= LONGEST_SCANNED for each in read_journal(path)] == [True]


@pytest.mark.parametrize("behind", ["", " 1012345678", "-ABDULLAH", " عبدالله"])
def test_a_journal_keeps_no_text_that_is_no_code(listed, clock, desk, appointment, tmp_path, behind):
    path = tmp_path / "journal"
    code = code_of(desk, appointment)
    typed = [f"Abdullah 1012345678{behind}", f"{appointment.number}{behind or ' 1012345678'}", f"{code}{behind or '*'}"]
    with offline_gate(listed, clock=clock, journal=path) as gate:
        for text in typed:
            assert not gate.scan(text)
    kept = path.read_text()
    assert not any(each in kept for each in ("Abdullah", "ABDULLAH", "5678", "عبدالله"))
    assert {f"{text[:2]}… {len(text)}" for text in typed} == {each.code for each in read_journal(path)}


def test_the_same_scan_gets_the_same_answer_also_from_a_gate_that_was_opened_again(
    listed, clock, desk, appointment, tmp_path
):
    clock.advance(timedelta(hours=2))
    code, path = code_of(desk, appointment), tmp_path / "journal"
    with offline_gate(listed, clock=clock, journal=path) as gate:
        first = gate.scan(code, scan_id="scan-1")
        clock.advance(timedelta(hours=5))
        assert gate.scan(code, scan_id="scan-1").result is first.result
    with offline_gate(listed, clock=clock, journal=path) as gate:
        again = gate.scan(code, scan_id="scan-1")
        assert (again.result, again.happened_at) == (first.result, first.happened_at)
        assert gate.scan(code, scan_id="scan-2").result is GateResult.ALREADY_USED or clock.now() > listed.until
        assert len(gate.scans) == 2
        with pytest.raises(RequestMismatch):
            gate.scan("another", scan_id="scan-1")


def test_a_journal_is_for_its_owner_and_for_one_gate_at_a_time(listed, clock, tmp_path):
    path = tmp_path / "journal"
    with offline_gate(listed, clock=clock, journal=path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        with pytest.raises(InvalidInput, match="another gate has open"):
            OfflineGate(listed, path, gate="gate-2", clock=clock)


def test_a_closed_gate_answers_nothing(listed, clock):
    with offline_gate(listed, clock=clock) as gate:
        pass
    with pytest.raises(StoreClosed):
        gate.scan("001G-EFNE-826R")


def test_a_torn_last_line_is_dropped_and_any_other_damage_is_refused(listed, clock, desk, appointment, tmp_path):
    path = tmp_path / "journal"
    with offline_gate(listed, clock=clock, journal=path) as gate:
        gate.scan(appointment.number)
        gate.scan("another")
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    for end in range(len(lines[0]), len(whole)):
        path.write_bytes(whole[:end])
        assert len(read_journal(path)) == 1
    with offline_gate(listed, clock=clock, journal=path) as gate:
        gate.scan("one more")
    assert [each.code for each in read_journal(path)] == [appointment.number, "on… 8"]
    path.write_bytes(lines[0][:-9] + b"\n" + lines[1])
    with pytest.raises(InvalidInput, match="line 1"):
        read_journal(path)


def test_a_full_disk_admits_nobody_and_leaves_whole_lines(listed, clock, appointment, tmp_path, monkeypatch):
    path = tmp_path / "journal"
    write = os.write
    with offline_gate(listed, clock=clock, journal=path) as gate:
        gate.scan("before")

        def full(file, data):
            if len(data) <= 10:
                raise OSError(28, "No space left on device")
            return write(file, data[:10])

        monkeypatch.setattr(os, "write", lambda file, data: full(file, data[:15]))
        with pytest.raises(StoreUnavailable):
            gate.scan(appointment.number, scan_id="scan-1")
        monkeypatch.undo()
        assert len(gate.scans) == 1
        assert gate.scan(appointment.number, scan_id="scan-1").result is GateResult.TOO_EARLY
    assert [each.code for each in read_journal(path)] == ["be… 6", appointment.number]


KILLED = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from traffic_booking.gate import OfflineGate

with OfflineGate.open(sys.argv[1], sys.argv[2], gate="gate-1", accept_unsigned=True) as gate:
    place = 0
    while True:
        gate.scan(f"scan {place}", scan_id=f"scan-{place}")
        print(place, flush=True)
        place += 1
"""


def test_every_answered_scan_survives_a_kill(listed, tmp_path):
    list_file, journal = tmp_path / "list", tmp_path / "journal"
    list_file.write_bytes(day_list_document(listed).content)
    command = [sys.executable, "-c", KILLED, str(list_file), str(journal)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        answered = [running.stdout.readline() for _ in range(20)]
        running.send_signal(signal.SIGKILL)
        answered += running.stdout.readlines()
    kept = [each.scan_id for each in read_journal(journal)]
    assert len(answered) >= 20
    assert kept[: len(answered)] == [f"scan-{place}" for place in range(len(answered))]


def test_a_missing_file_is_misuse(tmp_path):
    with pytest.raises(InvalidInput, match="list"):
        OfflineGate.open(tmp_path / "none", tmp_path / "journal", gate="gate-1")
    with pytest.raises(InvalidInput, match="journal"):
        read_journal(tmp_path / "none")
    with pytest.raises(InvalidInput, match="another text in line 1"):
        read_journal(Path(__file__))
