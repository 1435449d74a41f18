"""The commands of the shell tutorial work as they stand there."""

import re
import shlex
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "tutorial" / "first-booking-shell.md"
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
NUMBER = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z*~$=U]{4}){2}\b")


@pytest.mark.skipif(not PAGE.exists(), reason="the tests run without the documentation")
def test_every_command_of_the_tutorial_works(shell, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    number = ""
    lines = [line for block in BLOCK.findall(PAGE.read_text(encoding="utf-8")) for line in block.splitlines()]
    for line in lines:
        match shlex.split(line, comments=True):
            case ["export", assignment]:
                name, _, value = assignment.partition("=")
                monkeypatch.setenv(name, value)
            case ["traffic-booking", *arguments]:
                answer = shell(*(argument.replace("NUMBER", number) for argument in arguments))
                assert answer.code in expected_codes(line), line
                found = NUMBER.search(answer.out)
                number = found[0] if found else number
            case other:
                pytest.fail(f"a line of the tutorial that this test does not know: {other}")
    assert sum(line.startswith("traffic-booking ") for line in lines) >= 10


def expected_codes(line):
    """0, but 1 where the line's comment says `refused`, either where it says when."""
    comment = line.partition("# ")[2]
    return {0, 1} if comment.startswith("refused when") else {1} if comment == "refused" else {0}
