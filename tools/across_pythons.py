"""Whether a file that one Python has written can be read by another: `python -m tools.across_pythons [PYTHON ...]`.

Each Python has a Unicode database of its own. The newest writes every assigned code point of its database that the desk
accepts, and the oldest reads all of it; then the oldest writes and the newest reads. Each report that a desk makes of
the file has to be the same text on both.

The Pythons that are named need the library and what it depends on. If none is named, those on PATH and in pyenv take
the source tree, and the dependencies that are installed here. The exit status is 1 if anything differs, and 2 if there
is only one Python.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from typing import Final

from attrs import frozen

SIDE: Final = Path(__file__).with_name("across_pythons_side.py")
MINORS: Final = ("3.11", "3.12", "3.13", "3.14")
NEEDED: Final = ("traffic_booking", "attrs", "cattrs", "dateutil", "hijridate", "typing_extensions")
"""All of them pure Python."""
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

    def run(self, environment: Mapping[str, str], *arguments: str) -> list[str]:
        """Run one side; returns what was wrong. The error of the process goes to standard error."""
        ended = subprocess.run([self.path, "-P", str(SIDE), *arguments], check=False, env=environment).returncode
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


def nearby() -> Iterator[str]:
    """This interpreter, and those on PATH and in pyenv."""
    yield sys.executable
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    for minor in MINORS:
        if on_path := which(f"python{minor}"):
            yield on_path
        yield from map(str, sorted(pyenv.glob(f"versions/{minor}.*/bin/python{minor}")))


def borrowed() -> str:
    """The folders that this interpreter imports the library and its dependencies from, as a PYTHONPATH."""
    specs = (find_spec(name) for name in NEEDED)
    folders = (Path(spec.origin).parent for spec in specs if spec is not None and spec.origin is not None)
    return os.pathsep.join(
        dict.fromkeys(str(each.parent if (each / "__init__.py").exists() else each) for each in folders)
    )


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


def faults(writer: Python, reader: Python, environment: Mapping[str, str]) -> list[str]:
    """The faults in a file that the one has written and the other reads."""
    with tempfile.TemporaryDirectory() as folder:
        store, names, expected, got = (str(Path(folder) / name) for name in ("bookings.db", "names", "expected", "got"))
        return (
            writer.run(environment, "write", store, names)
            or writer.run(environment, "read", store, names, expected)
            or reader.run(environment, "read", store, names, got)
            or differences(Path(expected), Path(got)) + reader.run(environment, "book", store)
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Write and read both ways, and print what differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pythons", nargs="*", metavar="PYTHON", help="an interpreter with the library")
    named = parser.parse_args(arguments).pythons
    found = pythons(named or nearby())
    if len(found) < 2:
        print(
            f"one Python only: got {', '.join(map(str, found)) or 'none'}; expected two minor versions of 3.11 or newer"
        )
        return 2
    environment = {**os.environ} if named else {**os.environ, "PYTHONPATH": borrowed()}
    oldest, newest = found[0], found[-1]
    failed = False
    for writer, reader in ((newest, oldest), (oldest, newest)):
        print(f"{writer} writes, {reader} reads", flush=True)
        wrong = faults(writer, reader, environment)
        failed |= bool(wrong)
        first_of_kind = {fault.split()[0]: fault for fault in reversed(wrong)}
        print("".join(f"  {fault}\n" for fault in reversed(first_of_kind.values())), end="")
        print(f"  {len(wrong)} faults" if wrong else "  both read the same", flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
