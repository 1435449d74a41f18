"""The auditor's ten questions are answered by the commands of the walkthrough, on a store that it makes."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "examples" / "walkthroughs" / "auditor.sh"
QUESTION = re.compile(r"^== question (\w+): (.*)\n((?:.*\n)*?)== exit code (\d+)$", re.MULTILINE)
TIME = r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}"
ANSWERS = (
    ("1", "traffic-booking explain", 0, rf"^broken rules +BK-07$(.|\n)*^BK-07 +broken .* 1 +1 +{TIME} *$"),
    ("1", "traffic-booking rules show", 0, r"^figure +appointments 1 \(1 to 5; less is stricter\)$"),
    ("2", "traffic-booking audit refusals", 0, r"request refused +person:\S{22} .* week-6 +BK-07"),
    ("2", "traffic-booking audit counts", 0, r'^"rule","refusals"\n"BK-07","1"$'),
    ("3", "traffic-booking audit rulebooks", 0, r" 2026-11-22 +2026-01-01 +no end set"),
    ("3", "traffic-booking rules", 0, r"^rulebook +2026-11-22, in force from 2026-01-01, no end set$"),
    ("4", "traffic-booking closures", 0, rf"withdrawn +{TIME} +desk-3 +Power is back"),
    ("4", "traffic-booking closures", 0, r"^Affected: .*\n.*\n\S+ +\S+ +Renewal of a driving licence"),
    (
        "5",
        "traffic-booking audit clerk",
        0,
        r"calendar changed +clerk:desk-1 .*Burst pipe(.|\n)*person erased +clerk:desk-1",
    ),
    ("6", "traffic-booking audit appointment", 0, r" booked +person:\S{22} (.|\n)* cancelled +clerk:desk-1 "),
    ("7", "traffic-booking audit", 0, r"^The store is sound\.$(.|\n)*^broken +0$"),
    (
        "8",
        "traffic-booking person",
        2,
        r"^traffic-booking: There is no person '\S{22}'\. Reason: erased, or never registered\.",
    ),
    ("8", "grep", 1, r"^0$"),
    ("8", "grep", 0, r"^[1-9]\d*$"),
    ("9", "traffic-booking rules", 0, r"^BK-07 .* unofficial +This project's remedy against hoarding"),
    ("9", "sed", 0, r"^\| weekends, holidays and their hours \| royal orders"),
    ("10", "traffic-booking audit", 0, r"^The store is sound\.$(.|\n)*^broken +0$"),
    ("10", "traffic-booking audit export", 0, r"^The evidence is written\."),
    ("10", "traffic-booking audit check", 0, r"^The evidence holds\.\n- The files are those"),
    ("10", "sh", 0, r"^unchanged$"),
    ("10", "traffic-booking audit check", 1, r"^- The file rules/01\.txt was changed\.$"),
    ("tests", "sed", 0, r"^\| truth tables \| `tests/unit/rules/test_booking_rules.py::"),
)
"""Of each command in turn: the question, how it begins, its exit code, and a fact that its output contains."""

PERSON_ID = re.compile(r"(?<!\d)10000000\d\d(?!\d)")

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(
        not (SCRIPT.exists() and (ROOT / "docs").exists() and shutil.which("sh")), reason="needs a checkout and a shell"
    ),
]


def test_each_command_answers_its_question_and_shows_no_person_id(tmp_path):
    asked = questions_of_the_walkthrough(tmp_path)
    assert len(asked) == len(ANSWERS)
    for (question, command, output, code), (expected, begins, expected_code, fact) in zip(asked, ANSWERS, strict=True):
        assert (question, int(code)) == (expected, expected_code), output
        assert command.startswith(begins)
        assert re.search(fact, output, re.MULTILINE), output
        assert not PERSON_ID.search(output)


def questions_of_the_walkthrough(folder):
    """The questions that the walkthrough asks, each with its command, output and exit code."""
    command = folder / "traffic-booking"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m traffic_booking "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    environment = os.environ | {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", "TMPDIR": str(folder)}
    environment |= {"PYTHONUTF8": "1", "TRAFFIC_BOOKING_LANGUAGE": "ar"}
    environment.pop("COLUMNS", None)
    done = subprocess.run(
        ["sh", str(SCRIPT)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        timeout=900,
        check=True,
    )
    assert list(folder.iterdir()) == [command], "the store is removed"
    return QUESTION.findall(done.stdout)
