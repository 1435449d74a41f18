"""The command as a process: the installed script, the module, stores that fail, pipes that close."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from traffic_booking.cli import run

SCRIPT = Path(sys.executable).with_name("traffic-booking")


def process(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=60, check=False, **options)


@pytest.mark.skipif(not SCRIPT.exists(), reason="the script stands beside the interpreter only in an environment")
def test_the_installed_script_answers():
    answer = process(SCRIPT, "date", "2026-11-22", "--language", "en")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert "12 Jumada al-Akhirah 1448 AH" in answer.stdout


def test_the_module_is_the_same_command():
    answer = process(sys.executable, "-m", "traffic_booking", "juggle")
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr.startswith("traffic-booking: ")


@pytest.mark.long
def test_a_closed_pipe_ends_the_command_quietly():
    command = (sys.executable, "-m", "traffic_booking", "rules", "--json")
    reading, writing = os.pipe()
    os.close(reading)
    with subprocess.Popen(command, stdout=writing, stderr=subprocess.PIPE) as ended:
        os.close(writing)
        _, errors = ended.communicate(timeout=60)
    assert (ended.returncode, errors) == (141, b"")


@pytest.mark.long
def test_an_output_that_cannot_hold_arabic_gets_escapes():
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    command = (sys.executable, "-m", "traffic_booking", "date", "2026-11-22")
    answer = process(*command, "--language", "ar", env=environment)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert "\\u0627" in answer.stdout
    assert json.loads(process(*command, "--json", env=environment).stdout)["day"]["weekday"]["ar"] == "الأحد"


def test_the_demo_names_the_extra_that_it_misses(shell, monkeypatch):
    monkeypatch.setitem(sys.modules, "captcha.image", None)
    for name in [each for each in sys.modules if each.startswith("traffic_booking.adapters.image_captcha")]:
        monkeypatch.delitem(sys.modules, name)
    answer = shell("demo")
    assert answer.code == 2
    assert "traffic-booking[image-captcha]" in answer.err


@pytest.mark.parametrize("package", ["cyclopts", "platformdirs", "rich"])
def test_a_missing_package_is_one_line_that_names_the_extra(package, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, package, None)
    assert run(["date", "2026-11-22"]) == 2
    seen = capsys.readouterr()
    assert not seen.out
    assert "traffic-booking[cli]" in seen.err
    assert seen.err.count("\n") == 1


def test_a_store_that_cannot_be_opened_is_exit_code_three(shell, tmp_path):
    damaged = tmp_path / "damaged.db"
    damaged.write_bytes(b"no database at all" * 100)
    for path in (damaged, tmp_path / "no-folder" / "bookings.db"):
        plain = shell("appointments", "--db", f"sqlite:///{path}")
        machine = shell("appointments", "--db", f"sqlite:///{path}", "--json")
        assert plain.code == machine.code == 3
        assert plain.err.count("\n") == 1
        assert machine.form["error"]["kind"].startswith("store-")
    assert damaged.read_bytes() == b"no database at all" * 100


def test_the_default_file_is_made_in_a_folder_for_its_owner_alone(shell, tmp_path, monkeypatch):
    monkeypatch.delenv("TRAFFIC_BOOKING_DB")
    for name in ("HOME", "XDG_DATA_HOME", "LOCALAPPDATA", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    assert shell("appointments").code == 0
    (file,) = (tmp_path / "home").rglob("bookings.db")
    if os.name == "posix":
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
