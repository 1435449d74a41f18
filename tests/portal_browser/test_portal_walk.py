"""The walk of examples/walkthroughs on the pages of the portal runs from start to end."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_walk_on_the_pages_books_moves_and_cancels():
    script = ROOT / "examples" / "walkthroughs" / "book-on-the-page.py"
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    walked = subprocess.run(
        [sys.executable, script],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert walked.returncode == 0, walked.stderr[-2_000:]
    assert re.findall("^(Booked|Moved|Cancelled)", walked.stdout, re.MULTILINE) == ["Booked", "Moved", "Cancelled"]
