"""Checks that a file of one Python can be read by another: `python -m tools.across_pythons PYTHON PYTHON`.

Each Python has a Unicode database of its own. The newest writes every assigned code point of its database that the desk
accepts, and the oldest reads all of it; then the oldest writes and the newest reads. Each report that a desk makes of
the file has to be the same text on both.

Each needs the library and its dependencies. The exit status is 1 if anything differs, and 2 if there is only one minor
version of Python.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from attrs import frozen

SIDE: Final = Path(__file__).with_name("across_pythons_side.py")
FAULT: Final = ': "! '
"""How the report of a reading that failed begins."""
MOST_SHOWN: Final = 200
"""Characters of a difference."""
PROBE: Final = """
import sqlite3, sys, unicodedata
assert sys.version_info.releaselevel == "final"
print(sys.version_info.minor, sys.version_info.micro, unicodedata.unidata_version)
"""


@frozen(order=True)
class Python:
    """An interpreter, ordered by its version."""

    minor: int
    micro: int
    unicode: str
    path: str

    def __str__(self) -> str:
        return f"Python 3.{self.minor}.{self.micro} (Unicode {self.unicode})"

    def run(self, *arguments: str) -> list[str]:
        """Run one side; returns what was wrong. The error of the process goes to standard error."""
        ended = subprocess.run([self.path, "-P", str(SIDE), *arguments], check=False).returncode
        return [f"{self}, `{arguments[0]}`: ended with {ended}; its error stands above"] if ended else []


def pythons(candidates: Iterable[str]) -> list[Python]:
    """The interpreters that work, one for each minor version, the oldest first."""
    found: dict[int, Python] = {}
    for path in candidates:
        probed = subprocess.run([path, "-c", PROBE], check=False, capture_output=True, text=True)
        if not probed.returncode:
            minor, micro, unicode = probed.stdout.split()
            found.setdefault(int(minor), Python(int(minor), int(micro), unicode, path))
    return sorted(found.values())


def same_at_first(one: str, other: str) -> int:
    """How many characters two lines have in common before the first that differs."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (here, there) in pairs if here != there), min(len(one), len(other)))


def differences(expected: Path, got: Path) -> list[str]:
    """The reports of the writer that are faults, and those of the reader that differ from the writer's."""
    found = []
    lines = (path.read_text(encoding="utf-8").splitlines() for path in (expected, got))
    for wanted, line in zip(*lines, strict=True):
        if line != wanted or FAULT in wanted:
            name, same = line.partition(": ")[0], same_at_first(wanted, line)
            shown = slice(max(same - 40, len(name) + 2), same + MOST_SHOWN)
            found.append(f"{name}: got …{line[shown]}…; expected …{wanted[shown]}…")
    return found


def faults(writer: Python, reader: Python) -> list[str]:
    """The faults in a file that the one has written and the other reads."""
    with tempfile.TemporaryDirectory() as folder:
        store, names, expected, got = (str(Path(folder) / name) for name in ("bookings.db", "names", "expected", "got"))
        return (
            writer.run("write", store, names)
            or writer.run("read", store, names, expected)
            or reader.run("read", store, names, got)
            or differences(Path(expected), Path(got)) + reader.run("book", store)
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Write and read both ways, and print what differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pythons", nargs="+", metavar="PYTHON", help="an interpreter with the library")
    found = pythons(parser.parse_args(arguments).pythons)
    if len(found) < 2:
        print(
            f"one Python only: got {', '.join(map(str, found)) or 'none'}; expected two minor versions of 3.11 or newer"
        )
        return 2
    oldest, newest = found[0], found[-1]
    failed = False
    for writer, reader in ((newest, oldest), (oldest, newest)):
        print(f"{writer} writes, {reader} reads", flush=True)
        wrong = faults(writer, reader)
        failed |= bool(wrong)
        first_of_kind = {fault.split()[0]: fault for fault in reversed(wrong)}
        print("".join(f"  {fault}\n" for fault in reversed(first_of_kind.values())), end="")
        print(f"  {len(wrong)} faults" if wrong else "  both read the same", flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
