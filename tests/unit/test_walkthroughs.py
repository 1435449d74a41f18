"""The walks in examples/walkthroughs run from start to end, at any hour."""

import os
import re
import runpy
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hours import at_any_hour
from traffic_booking.testing import MovableClock

WALKS = Path(__file__).parents[2] / "examples" / "walkthroughs"
COMMAND = """#!{python}
import os
from datetime import datetime
from traffic_booking.adapters import clock
from traffic_booking.cli import main
from traffic_booking.testing import MovableClock
clock.SystemClock = lambda: MovableClock(datetime.fromisoformat(os.environ["STANDS_AT"]))
main()
"""
"""The shell's command, on a clock that stands."""

pytestmark = pytest.mark.skipif(not WALKS.exists(), reason="the tests run without the examples")


@at_any_hour
def test_the_walk_from_python_ends_with_the_cancellation_and_its_reasons(capsys, monkeypatch, now):
    monkeypatch.setattr("traffic_booking.adapters.clock.SystemClock", lambda: MovableClock(now))
    runpy.run_path(str(WALKS / "book-move-cancel.py"), run_name="__main__")
    walked = capsys.readouterr().out
    assert re.findall(r"تذكرة موعد المرور|Traffic appointment ticket|Proof of cancellation", walked) == [
        "تذكرة موعد المرور",
        "Traffic appointment ticket",
        "Proof of cancellation",
    ]
    assert re.findall(r"^(\w+): (granted|refused)", walked, re.MULTILINE) == [
        ("book", "refused"),
        ("hold", "granted"),
        ("book", "granted"),
        ("move", "granted"),
        ("cancel", "granted"),
    ]


@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
@at_any_hour
@pytest.mark.long
def test_the_walk_from_the_shell_ends_with_the_cancellation_and_its_reasons(tmp_path, now):
    command = tmp_path / "traffic-booking"
    command.write_text(COMMAND.format(python=sys.executable), encoding="utf-8")
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    path = os.pathsep.join((str(tmp_path), os.environ["PATH"]))
    walk = subprocess.run(
        ["sh", str(WALKS / "book-move-cancel.sh")],
        env=os.environ
        | {"PATH": path, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONUTF8": "1", "STANDS_AT": now.isoformat()},
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (walk.returncode, walk.stderr) == (0, "")
    assert "تذكرة موعد المرور" in walk.stdout
    assert re.findall(r"^(Held|Booked|Moved|Cancelled|Proof of cancellation)\b", walk.stdout, re.MULTILINE) == [
        "Held",
        "Booked",
        "Moved",
        "Cancelled",
        "Proof of cancellation",
    ]
    assert re.findall(r"^(\w\w-\d\d) +broken", walk.stdout, re.MULTILINE) == ["BK-07", "BK-09"]
    assert re.findall(r" (held|booked|moved|cancelled) +\*", walk.stdout) == ["held", "booked", "moved", "cancelled"]
    assert [entry.name for entry in tmp_path.iterdir()] == [command.name], "a walk leaves nothing behind"


def test_the_tutorial_of_a_portal_works_under_a_server():
    walk = subprocess.run(
        [sys.executable, str(WALKS / "first-portal.py")],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (walk.returncode, walk.stderr) == (0, "")
    said = re.findall(r"^(\d{3}): ([^:\n]+)", walk.stdout, re.MULTILINE)
    assert said == [
        ("201", "booked"),
        ("201", "the same answer"),
        ("409", "BK-07"),
        ("409", "BK-09"),
        ("200", "application/pdf, a PDF"),
        ("200", "cancelled"),
    ]
