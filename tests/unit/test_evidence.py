"""Evidence that is handed over: what is in the folder, and that its check finds every change."""

import json
import os
import re
import shutil
import subprocess
from base64 import b64decode
from contextlib import closing
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.bookings import slot
from tests.cases import CLERK
from tests.desks import open_desk
from tests.people import ME, YOU
from tests.small_town import START
from traffic_booking import Auditor, Booked, InvalidInput, LogUnreadable, QuestionAsked, Refused
from traffic_booking.adapters.log_folder import LogFolderWriter
from traffic_booking.adapters.signing_keys import SigningKeys
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.domain.audit.feed import BEGINNING
from traffic_booking.domain.sealing.checkpoints import Checkpoint
from traffic_booking.domain.sealing.notes import sign_note
from traffic_booking.domain.sealing.tiles import GrowingLog
from traffic_booking.evidence import check_evidence, export_evidence
from traffic_booking.persistence.leaves import leaf_of

BY = Auditor("auditor-1")
ORIGIN = "traffic-booking/test"
EARLY, LATE = slot(49), slot(50)


def sealed(store, folder, keys):
    """Seal all entries of a store, as a sealer does."""
    tree = GrowingLog()
    with LogFolderWriter(folder / "log") as files:
        for entry in store.feed(BEGINNING, limit=10_000).entries:
            files.write(tree.add(leaf_of(entry)))
        files.write(tree.edge_files())
        text = Checkpoint(origin=ORIGIN, size=tree.size, root=tree.root()).text
        files.publish(sign_note(text, ORIGIN, keys.public_keys[0], keys.sign).to_bytes(), after=files.checkpoint())


class Case:
    """A store with an appointment, its sealed log, and a folder of evidence about it."""

    def __init__(self, folder):
        self.folder = folder
        self.key = folder / "log.key"
        self.public = folder / "log.key.pub"
        self.desk = open_desk(store=SqliteStore(folder / "bookings.db"))
        booked = self.desk.book(EARLY, applicant=ME, agreed=True, request_id="req/1of=me")
        assert isinstance(booked, Booked)
        self.number = booked.appointment.number
        assert isinstance(self.desk.book(EARLY, applicant=YOU, agreed=True, request_id="full"), Refused)
        assert isinstance(self.desk.cancel(self.number, by=YOU, request_id="not-theirs"), Refused)
        self.desk.cancel(self.number, by=CLERK, request_id="cancelled")
        sealed(self.desk.store, folder, SigningKeys.open(self.key))

    def export(self, name="case", **wanted):
        given = wanted or {"number": self.number}
        return export_evidence(self.desk, by=BY, log=self.folder / "log", key=self.key, out=self.folder / name, **given)

    def check(self, name="case"):
        return check_evidence(self.folder / name, key=self.public)


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    made = Case(tmp_path_factory.mktemp("evidence"))
    made.export()
    yield made
    made.desk.store.close()


def files_of(folder):
    return {each.relative_to(folder).as_posix(): each for each in sorted(folder.rglob("*")) if each.is_file()}


def test_the_folder_holds_and_says_so_in_both_languages(case):
    report = case.check()
    assert report, report.lines("en")
    assert (report.origin, report.entries > 2, report.records > 3) == (ORIGIN, True, True)
    assert len(report.lines("en")) == len(report.lines("ar")) == 4
    assert f"All {report.entries} entries are in the log {ORIGIN}" in report.lines("en")[1]


def test_the_folder_has_the_entries_of_the_appointment_and_its_answers_and_rules(case):
    files = files_of(case.folder / "case")
    leaves = [
        json.loads(path.read_text()) for name, path in files.items() if name.endswith(".json") and "entries" in name
    ]
    assert [each["kind"] for each in leaves if each["stream"] == case.number] == ["booked", "cancelled"]
    assert "refused" in {each["kind"] for each in leaves}
    records = [json.loads(path.read_text()) for name, path in files.items() if name.startswith("records/")]
    assert {each[1] for each in records if each[0] == "answers"} == {"req/1of=me", "not-theirs", "cancelled"}
    assert {each[0] for each in records} == {"answers", "appointments", "wordings"}
    rules = files["rules/01.txt"].read_text()
    assert rules.startswith("rulebook test-1, in force from")
    assert "BK-07" in rules
    assert "المستفيد" in rules


def test_no_id_of_a_person_is_in_the_folder(case):
    content = b"".join(path.read_bytes() for path in files_of(case.folder / "case").values())
    assert ME.reveal().encode() not in content
    assert YOU.reveal().encode() not in content


def test_the_export_is_an_entry_of_the_log(case):
    asked = [each.what for each in case.desk.feed(limit=1_000).entries if isinstance(each.what, QuestionAsked)]
    assert (asked[0].actor, asked[0].question, asked[0].about) == (BY, "export", {"number": case.number})


def test_the_manifest_is_what_sha256sum_reads(case):
    files = files_of(case.folder / "case")
    lines = files["manifest"].read_text().split("\n\n")[0].split("\n")
    assert {line[66:]: line[:64] for line in lines} == {
        name: sha256(path.read_bytes()).hexdigest() for name, path in files.items() if name != "manifest"
    }


def test_a_proof_is_checked_by_hashing_alone(case):
    files = files_of(case.folder / "case")
    root = b64decode(files["checkpoint"].read_text().split("\n")[2])
    size = int(files["checkpoint"].read_text().split("\n")[1])
    for name, path in files.items():
        if not name.endswith(".tlog-proof"):
            continue
        head = path.read_text().split("\n\n")[0].split("\n")
        index, hashes = int(head[1].removeprefix("index ")), [b64decode(each) for each in head[2:]]
        found, place, last = (
            sha256(b"\0" + files[name.replace(".tlog-proof", ".json")].read_bytes()).digest(),
            index,
            size - 1,
        )
        for each in hashes:
            while not place & 1 and place == last:
                place, last = place >> 1, last >> 1
            found = sha256(b"\1" + (each + found if place & 1 else found + each)).digest()
            place, last = place >> 1, last >> 1
        assert found == root


def test_a_time_is_exported_too_and_both_ways_at_once_are_refused(case):
    day = START.date()
    entries = case.export("day", from_=day, until=day + timedelta(days=1))
    assert case.check("day")
    assert entries >= case.check().entries
    for wrong in (
        {},
        {"from_": day},
        {"number": case.number, "from_": day, "until": day + timedelta(days=1)},
        {"from_": date(2020, 1, 1), "until": date(2020, 1, 2)},
    ):
        with pytest.raises(InvalidInput):
            export_evidence(case.desk, by=BY, log=case.folder / "log", key=case.key, out=case.folder / "no", **wrong)
    with pytest.raises(InvalidInput, match="which exists"):
        case.export()
    by_staff: Any = CLERK
    with pytest.raises(InvalidInput, match="an Auditor"):
        export_evidence(
            case.desk, by=by_staff, log=case.folder / "log", key=case.key, out=case.folder / "no", number=case.number
        )
    assert not (case.folder / "no").exists()


def test_what_is_not_sealed_yet_is_no_evidence(tmp_path):
    case = Case(tmp_path)
    case.desk.book(LATE, applicant=YOU, agreed=True, request_id="later")
    with closing(case.desk.store), pytest.raises(InvalidInput, match="seal first"):
        case.export(from_=START.date(), until=START.date() + timedelta(days=9))


def test_a_key_that_is_not_the_logs_is_refused(case, tmp_path):
    SigningKeys.open(tmp_path / "other.key")
    with pytest.raises(LogUnreadable):
        export_evidence(
            case.desk,
            by=BY,
            log=case.folder / "log",
            key=tmp_path / "other.key",
            out=tmp_path / "x",
            number=case.number,
        )
    report = check_evidence(case.folder / "case", key=tmp_path / "other.key.pub")
    assert not report
    assert "signature" in report.lines("en")[0]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_changed_missing_added_or_swapped_file_is_found(case, data):
    copy = case.folder / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(case.folder / "case", copy)
    files = files_of(copy)
    path = data.draw(st.sampled_from(sorted(files)))
    way = data.draw(st.sampled_from(["flip", "cut", "append", "remove", "add", "swap", "link"]))
    content = files[path].read_bytes()
    place = data.draw(st.integers(0, len(content) - 1))
    if way == "flip":
        changed = content[place] ^ (1 << data.draw(st.integers(0, 7)))
        files[path].write_bytes(content[:place] + bytes([changed]) + content[place + 1 :])
    elif way == "cut":
        files[path].write_bytes(content[:place])
    elif way == "append":
        files[path].write_bytes(content + data.draw(st.binary(min_size=1, max_size=3)))
    elif way == "remove":
        files[path].unlink()
    elif way == "add":
        (copy / data.draw(st.sampled_from(["x", "entries/000000009999.json", "records/999999.json"]))).write_bytes(
            content
        )
    elif way == "swap":
        other = files[data.draw(st.sampled_from(sorted(set(files) - {path})))]
        if other.read_bytes() == content:
            return
        files[path].write_bytes(other.read_bytes())
        other.write_bytes(content)
    else:
        files[path].unlink()
        files[path].symlink_to(case.folder / "case" / path)
    assert not case.check("copy"), (way, path)


def test_a_folder_that_is_signed_anew_without_the_key_is_found(case, tmp_path):
    """A forger with a key of their own changes an entry and writes every hash anew."""
    copy = tmp_path / "forged"
    shutil.copytree(case.folder / "case", copy)
    files = files_of(copy)
    leaf = next(path for name, path in files.items() if name.endswith(".json") and "entries" in name)
    leaf.write_bytes(leaf.read_bytes().replace(b"north", b"south"))
    own = SigningKeys.open(tmp_path / "own.key")
    text = "".join(
        f"{sha256(path.read_bytes()).hexdigest()}  {name}\n" for name, path in files.items() if name != "manifest"
    )
    (copy / "manifest").write_bytes(sign_note(text, ORIGIN, own.public_keys[0], own.sign).to_bytes())
    assert not check_evidence(copy, key=case.public)
    holder = SigningKeys.open(case.key)  # even the holder of the key can't change an entry that is in the log
    (copy / "manifest").write_bytes(sign_note(text, ORIGIN, holder.public_keys[0], holder.sign).to_bytes())
    faults = check_evidence(copy, key=case.public).lines("en")
    assert any("is not in the log" in each for each in faults), faults


GO_PACKAGES = Path("/usr/share/gocode")
"""The packages of Debian's `golang-golang-x-mod-dev`."""
PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "answer-an-auditor.md"


@pytest.mark.long
@pytest.mark.skipif(
    not (shutil.which("go") and (GO_PACKAGES / "src/golang.org/x/mod/sumdb").exists() and PAGE.exists()),
    reason="needs Go, its sumdb packages and the guide",
)
def test_the_program_of_the_guide_accepts_the_evidence_and_refuses_a_flipped_byte(case, tmp_path):
    copy = tmp_path / "case"
    shutil.copytree(case.folder / "case", copy)
    (block,) = re.findall(r"```go\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "check.go").write_text(block, encoding="utf-8")
    verifier = (copy / "verifiers.txt").read_text(encoding="utf-8").split("\n")[0]
    environment = os.environ | {"GO111MODULE": "off", "GOPATH": str(GO_PACKAGES), "GOCACHE": str(tmp_path / "cache")}

    def run():
        command = ["go", "run", "check.go", "case", verifier]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    done = run()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{case.check().entries} entries are in the log {ORIGIN} of {case.check().size} entries\n"
    for name in ("manifest", "checkpoint", *(each for each in files_of(copy) if each.startswith("entries/"))):
        content = (copy / name).read_bytes()
        (copy / name).write_bytes(content[:20] + bytes([content[20] ^ 1]) + content[21:])
        assert run().returncode == 1, name
        (copy / name).write_bytes(content)
