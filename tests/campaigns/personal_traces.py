"""Persons whose every datum can be searched for in files, thousands of them in one pass."""

import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from tests.canaries import forms_of
from tests.small_town import START
from traffic_booking import Assertions, NationalId, PersonId, ResidentId
from traffic_booking.testing import made_up_person

FIRST_ID: Final = 58_100_000
FIRST_BIRTH: Final = date(1930, 1, 1)
MOST: Final = 28_000
"""Each has a birth date of their own, up to the year 2006."""
_TRACE: Final = re.compile(rb"(?=(1\d{9}))|(?=((?:19[3-9]|200)\d-\d\d-\d\d))|(name|hash|met)-canary-(\d{6})")
KINDS: Final = frozenset({"id", "birth date", "name", "hash", "met"})
"""The data that each person leaves: the last three are strings with the serial in them."""
_HEX: Final = re.compile(rb"[0-9a-f]{32,}")
_NUMBERS: Final = frozenset({"number, big endian", "number, little"})
"""Four bytes are found by chance in files of this size."""


def canary(serial: int) -> PersonId:
    """The person of that serial."""
    return made_up_person(FIRST_ID + serial)


def birth(serial: int) -> date:
    """A day on which nobody else was born."""
    return FIRST_BIRTH + timedelta(days=serial)


def named(kind: str, serial: int) -> str:
    """A string of one person alone: their user `name`, password `hash`, or a condition that they have `met`."""
    return f"{kind}-canary-{serial:06}"


def vouched(serial: int) -> Assertions:
    """The facts that a host vouches for."""
    return Assertions(checked_at=START, birth_date=birth(serial), met=[named("met", serial)])


class Traces:
    """The data of `count` persons found in files and rows: of which person, and which kinds."""

    def __init__(self, count: int) -> None:
        assert count <= MOST, f"got {count} persons; expected at most {MOST}"
        self.kinds: defaultdict[int, set[str]] = defaultdict(set)
        self.bytes_searched = 0
        self._known: dict[bytes, tuple[int, str]] = {}
        for serial in range(count):
            person = canary(serial)
            assert isinstance(person, NationalId | ResidentId)
            self._known[person.reveal().encode()] = serial, "id"
            self._known[birth(serial).isoformat().encode()] = serial, "birth date"

    def search(self, content: bytes) -> None:
        """Note every trace in `content`. Digits within a digest are no id."""
        self.bytes_searched += len(content)
        without_digests = _HEX.sub(lambda found: b"x" * len(found[0]), content)
        for found in _TRACE.finditer(without_digests):
            if found[3]:
                self.kinds[int(found[4])].add(found[3].decode())
            elif known := self._known.get(found[1] or found[2]):
                self.kinds[known[0]].add(known[1])

    def search_folder(self, folder: Path, forms_of_persons: Iterable[int] = ()) -> None:
        """Search all files below `folder`; for some persons, also all other likely forms of the id, such as hashes."""
        sought = {
            form: (serial, name)
            for serial in forms_of_persons
            for name, form in forms_of(canary(serial).reveal()).items()
            if name not in _NUMBERS
        }
        for path in folder.rglob("*"):
            if path.is_file():
                content = path.read_bytes()
                self.search(content)
                for form, (serial, name) in sought.items():
                    if form in content:
                        self.kinds[serial].add(f"id: {name}")

    def search_rows(self, path: Path) -> None:
        """Search every value of every row: a long value lies on several pages of the file."""
        with closing(sqlite3.connect(path)) as connection:
            connection.text_factory = bytes
            for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
                for row in connection.execute(f'SELECT * FROM "{name.decode()}"'):
                    self.search(b"\n".join(each if isinstance(each, bytes) else str(each).encode() for each in row))
