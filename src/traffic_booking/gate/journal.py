"""The journal of a gate: one line of JSON for each scan, on the disk before the gate answers.

Only the last line can be torn, if the machine stops while it is written. Its scan was never answered, so it is dropped
when the journal is opened again.
"""

import os
from collections.abc import Iterator
from json import dumps, loads
from pathlib import Path
from typing import Final

from traffic_booking.domain.errors import InvalidInput, StoreClosed, StoreUnavailable
from traffic_booking.domain.gate.scans import Scan
from traffic_booking.domain.text_input import openable_path
from traffic_booking.json_forms import from_json, to_json
from traffic_booking.persistence.private_files import read_file

try:
    import fcntl
except ImportError:  # Windows: one process a journal is up to the host there
    HAS_LOCKS = False
else:
    HAS_LOCKS = True

LARGEST: Final = 256 * 2**20
"""In bytes: more than half a million scans."""


class Journal:
    """An open journal. `scans` has those that it had when it was opened.

    Raises:
        InvalidInput: Another process has the journal open, or it has a line that is no scan.
        StoreUnavailable: The file can't be opened or written.
    """

    def __init__(self, path: "Path | str") -> None:
        self._path = openable_path(path, "journal")
        try:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        except OSError as error:
            raise _unavailable(self._path, error) from error
        try:
            self._lock()
            content = _bounded(Path(self._path).read_bytes())
            self._end = content.rfind(b"\n") + 1
            self.scans = tuple(_scans(content[: self._end]))
            if len(content) > self._end:
                os.ftruncate(self._file, self._end)
            _sync_folder(self._path)
        except OSError as error:
            os.close(self._file)
            raise _unavailable(self._path, error) from error
        except BaseException:
            os.close(self._file)
            raise

    def append(self, scan: Scan) -> None:
        """Write a scan. It is on the disk once this returns."""
        if self._file < 0:
            raise StoreClosed(f"journal {self._path}: got a scan after close; expected one before")
        line = f"{dumps(to_json(scan), ensure_ascii=False, separators=(',', ':'))}\n".encode()
        try:
            rest = line
            while rest:  # a nearly full disk takes a part, and then fails
                rest = rest[os.write(self._file, rest) :]
            os.fsync(self._file)
        except OSError as error:
            os.ftruncate(self._file, self._end)
            raise _unavailable(self._path, error) from error
        self._end += len(line)

    def close(self) -> None:
        """Close the file; the lock ends."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _lock(self) -> None:
        if not HAS_LOCKS:
            return
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            expected = "one gate for each journal"
            raise InvalidInput("journal", got="one that another gate has open", expected=expected) from None


def read_journal(path: "Path | str") -> tuple[Scan, ...]:
    """Return the scans in a journal, in their order; a torn last line is left out.

    Example: `desk.gate.merge(read_journal("gate-1.journal"), by=clerk)`.

    Raises:
        InvalidInput: The file is missing or can't be read, or has a line that is no scan.
    """
    content = read_file(path, "journal", "the journal of a gate", longest=LARGEST + 1, private=False)
    return tuple(_scans(_bounded(content)[: content.rfind(b"\n") + 1]))


def _bounded(content: bytes) -> bytes:
    if len(content) > LARGEST:
        raise InvalidInput("journal", got="a larger file", expected=f"at most {LARGEST} bytes")
    return content


def _scans(content: bytes) -> Iterator[Scan]:
    for place, line in enumerate(content.splitlines(), start=1):
        try:
            yield from_json(Scan, loads(line))
        except (ValueError, RecursionError):
            expected = "a scan, as a gate wrote it"
            raise InvalidInput("journal", got=f"another text in line {place}", expected=expected) from None


def _sync_folder(path: str) -> None:
    """Make the entry of a new file durable; some systems open no folders."""
    try:
        folder = os.open(Path(path).absolute().parent, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(folder)
    except OSError:
        pass
    finally:
        os.close(folder)


def _unavailable(path: str, error: OSError) -> StoreUnavailable:
    return StoreUnavailable(f"journal {path}: got {error.strerror}; expected a file that can be written")
