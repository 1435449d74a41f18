"""`seal`: a store's log in a folder, signed; the keys, the witnesses, and how it ends."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path

import pytest

from traffic_booking.adapters import witnesses
from traffic_booking.adapters.log_folder import LogFolder, LogFolderWriter
from traffic_booking.adapters.signing_keys import read_public_keys, verifies
from traffic_booking.application.sealed_log import SealedLog

PATIENCE_SECONDS = 60
GUIDE = Path(__file__).parents[2] / "docs/how-to/seal-the-log.md"


@pytest.fixture
def made(tmp_path):
    """The options with paths of the test's own."""
    return ("--log", str(tmp_path / "log"), "--key", str(tmp_path / "log.key"))


def opened(tmp_path):
    return SealedLog(LogFolder(tmp_path / "log"), read_public_keys(tmp_path / "log.key.pub"), verifies)


def test_everything_committed_is_sealed_and_all_that_is_missing_is_made(shell, number, made, tmp_path):
    answer = shell("seal", *made, "--json")

    assert (answer.code, answer.err) == (0, "")
    assert answer.form["is_new"]
    assert answer.form["checkpoint"]["size"] == answer.form["sealed"] == len([*opened(tmp_path).verified_leaves()]) > 1
    assert (tmp_path / "log.key").stat().st_mode & 0o777 == 0o600
    assert number.encode() in b"".join(opened(tmp_path).leaves())


def test_a_second_run_seals_what_is_new(shell, number, made):
    assert shell("seal", *made, "--json").form["sealed"] > 1
    assert shell("seal", *made, "--json").form["sealed"] == 0
    assert shell("cancel", number, "--yes").code == 0
    answer = shell("seal", *made, "--json").form
    assert (answer["sealed"], answer["is_new"]) == (1, False)


@pytest.mark.parametrize(("language", "expected"), [("en", "A new log was made."), ("ar", "أُنشئ سجل جديد.")])
def test_a_new_log_is_said_to_be_new(shell, number, made, language, expected):
    assert expected in shell("seal", *made, "--language", language).out
    assert expected not in shell("seal", *made, "--language", language).out


def test_a_checkpoint_is_printed_as_a_line_or_kept_in_a_folder(shell, number, made, tmp_path):
    kept = tmp_path / "kept"
    kept.mkdir()
    line = shell("seal", *made, "--witness", "-", "--witness", str(kept)).out.splitlines()[0]

    checkpoint = opened(tmp_path).newest
    assert line == " ".join(checkpoint.text.splitlines())
    [file] = kept.iterdir()
    assert file.read_bytes() == (tmp_path / "log/checkpoint").read_bytes()


def test_a_witness_that_fails_is_named_and_stops_nothing(shell, number, made):
    answer = shell("seal", *made, "--witness", "http://127.0.0.1:9/", "--json")

    [result] = answer.form["witnesses"]
    assert answer.code == 0
    assert answer.form["sealed"] > 1
    assert result["name"] == "http://127.0.0.1:9/"
    assert "Expected: an answer in time" in result["error"]["en"]
    assert "Witnesses without this checkpoint" in shell("seal", *made, "--witness", "http://127.0.0.1:9/").out


def test_a_store_that_is_not_there_is_not_made(shell, made, tmp_path):
    answer = shell("seal", *made, "--db", f"sqlite:///{tmp_path / 'typo.db'}")

    assert answer.code == 3
    assert "Expected: a database to read" in answer.err
    assert not [each for each in tmp_path.iterdir() if each.name in {"typo.db", "log", "log.key"}]


def test_a_second_sealer_is_refused_in_one_line(shell, number, made, tmp_path):
    shell("seal", *made)
    with LogFolderWriter(tmp_path / "log"):
        answer = shell("seal", *made)

    assert (answer.code, answer.out, len(answer.err.splitlines())) == (3, "", 1)
    assert "another sealer that has it open" in answer.err


def test_an_older_store_is_refused_in_one_line(shell, number, made, tmp_path):
    shell("seal", *made)
    for name in tmp_path.glob("bookings.db*"):
        name.unlink()
    shell("maintain", "prune", "--clerk", "desk-1")  # makes an empty one
    answer = shell("seal", *made)

    assert (answer.code, answer.out, len(answer.err.splitlines())) == (3, "", 1)
    assert "The store is older than its sealed log" in answer.err


def test_a_store_under_a_pseudonym_key_is_sealed_without_it(shell, made, tmp_path, slot):
    key = str(tmp_path / "ids.key")
    assert shell("maintain", "key", key).code == 0
    db = ("--db", f"sqlite:///{tmp_path / 'keyed.db'}")
    assert shell("book", *slot, "--agree", *db, "--pseudonym-key", key).code == 0

    assert shell("seal", *made, *db, "--json").form["sealed"] > 1


def test_a_replaced_key_goes_on_with_the_log(shell, number, made, tmp_path):
    shell("seal", *made)
    assert shell("ticket", "keys", str(tmp_path / "log.key"), "--rotate").code == 0
    shell("cancel", number, "--yes")
    assert shell("seal", *made, "--json").form["sealed"] == 1
    assert len(read_public_keys(tmp_path / "log.key.pub")) == 2
    assert [each.size for each in opened(tmp_path).checkpoints()][-1] == opened(tmp_path).newest.size


@pytest.mark.long
@pytest.mark.parametrize("number_of_signal", [signal.SIGTERM, signal.SIGINT])
def test_following_goes_on_until_a_signal_and_ends_with_0(shell, number, made, tmp_path, number_of_signal):
    command = (sys.executable, "-m", "traffic_booking", "seal", *made, "--follow", "--json")
    environment = {**os.environ, "TRAFFIC_BOOKING_DB": f"sqlite:///{tmp_path / 'bookings.db'}"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as following:
        assert following.stdout is not None
        first = json.loads(following.stdout.readline())
        following.send_signal(number_of_signal)
        rest, errors = following.communicate(timeout=PATIENCE_SECONDS)

    assert (following.returncode, rest, errors) == (0, b"", b"")
    assert first["sealed"] == first["checkpoint"]["size"] == opened(tmp_path).newest.size
    assert shell("seal", *made, "--json").form["sealed"] == 0


@pytest.mark.skipif(not GUIDE.exists(), reason="the tests run without the documentation")
def test_every_command_of_the_guide_works(shell, number, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "kept").mkdir()
    monkeypatch.setattr(witnesses, "HTTPSConnection", _nobody)
    commands = re.findall(r"^traffic-booking (.*)$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
    runs = [each for each in commands if "--follow" not in each]

    assert len(runs) > 4
    for command in runs:
        answer = shell(*shlex.split(command))
        assert (answer.code, answer.err) == (0, ""), command
        assert ("Witnesses without" in answer.out) == ("https://" in command)


def _nobody(*_, **__):
    """A connection that no server answers, in the place of one to another machine."""
    return HTTPConnection("127.0.0.1", 9)
