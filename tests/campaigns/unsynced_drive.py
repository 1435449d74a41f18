"""A drive that keeps synced data, and a random part of the rest: a VFS for SQLite, and images of its files.

The drive simulates these faults:

- Writes and truncations that were not synced are lost or kept. They may be kept up to a moment and torn there at any
  byte, or kept and lost sector by sector in any order.
- Files grow with zeros or with earlier data of the drive.
- Names that were made or deleted in the folder without a sync of the folder may be there or not.

Synced data stays as it is: the drive never reports a sync too early, and never spoils a neighbouring sector. The shared
memory of the write-ahead log is no file of the drive: a computer that restarts finds it unchanged, or not at all.
"""

from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from random import Random
from typing import Any, Final

import apsw
from attrs import define, field, frozen

SECTOR: Final = 512
_SYNC_FOLDER_FOR: Final = apsw.SQLITE_OPEN_WAL | apsw.SQLITE_OPEN_MAIN_JOURNAL | apsw.SQLITE_OPEN_SUPER_JOURNAL
"""SQLite's own VFS syncs the folder with the first sync of such a file, if it made the file."""


class Kept(StrEnum):
    """The part of the unsynced data that a power cut leaves."""

    NOTHING = "nothing"
    IN_ORDER = "in order, up to a torn write"
    ANY = "any sectors"
    ANY_OVER_OLD = "any sectors, the rest as it lay there before"
    EVERYTHING = "everything"


@frozen
class Write:
    """Bytes written at an offset; `serial` counts all that was done to the drive."""

    serial: int
    offset: int
    data: bytes


@frozen
class Truncation:
    """A file cut to a size."""

    serial: int
    size: int


@define(eq=False)
class _File:
    synced: bytearray = field(factory=bytearray)
    unsynced: list[Write | Truncation] = field(factory=list)
    syncs_folder: bool = False


@frozen
class _Named:
    serial: int
    name: str
    file: _File | None


Step = Callable[[str, str], None]
"""Called before each step (write, sync, truncate, make, delete) with its file; its error makes the step fail."""


class Drive(apsw.VFS):
    """The files of one folder as a drive has them; no other code may change them. `name` is that of the VFS."""

    def __init__(self, folder: Path, name: str, step: Step) -> None:
        super().__init__(name, "unix")
        self.folder = folder
        self.name = name
        self._step = step
        self._serial = 0
        self._files = {path.name: _File(bytearray(path.read_bytes())) for path in folder.iterdir() if path.is_file()}
        self._files = {name: file for name, file in self._files.items() if not name.endswith("-shm")}
        self._synced_names = dict(self._files)
        self._unsynced_names: list[_Named] = []

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802 - SQLite's name
        path = Path(name if isinstance(name, str) else name.filename())
        if path.name not in self._files:
            self.step("make", path.name)
            file = _File(syncs_folder=bool(flags[0] & _SYNC_FOLDER_FOR))
            self._name(path.name, file)
        return _DriveFile(self, path.name, self._files[path.name], name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: FBT001, N802 - SQLite's name, and its argument
        name = Path(filename).name
        self.step("delete", name)
        super().xDelete(filename, syncdir)
        self._name(name, None)
        if syncdir:
            self.sync_folder()

    def step(self, what: str, name: str) -> None:
        """Report the next step."""
        self._step(what, name)
        self._serial += 1

    @property
    def serial(self) -> int:
        """How many steps there have been."""
        return self._serial

    def sync_folder(self) -> None:
        """Keep the names as they are."""
        self._synced_names = dict(self._files)
        self._unsynced_names.clear()

    def forget(self, name: str) -> None:
        """Lose the unsynced data of a file, as systems do after a failed sync: it still reads as written."""
        self._files[name].unsynced.clear()

    def image(self, kept: Kept, drawn: Random) -> dict[str, bytes]:
        """The files that a computer would find after a power cut now."""
        last = drawn.randint(0, self._serial)
        share = drawn.uniform(0.1, 0.9)

        def is_kept(serial: int) -> bool:
            match kept:
                case Kept.NOTHING:
                    return False
                case Kept.IN_ORDER:
                    return serial <= last
                case Kept.ANY | Kept.ANY_OVER_OLD:
                    return drawn.random() < share
                case Kept.EVERYTHING:
                    return True

        names: dict[str, _File] = dict(self._synced_names)
        for named in self._unsynced_names:
            if is_kept(named.serial):
                names.pop(named.name, None)
                if named.file is not None:
                    names[named.name] = named.file
        return {name: bytes(_content(file, kept, is_kept, last, drawn)) for name, file in names.items()}

    def _name(self, name: str, file: _File | None) -> None:
        self._unsynced_names.append(_Named(self._serial, name, file))
        if file is None:
            del self._files[name]
        else:
            self._files[name] = file


class _DriveFile(apsw.VFSFile):
    def __init__(self, drive: Drive, name: str, file: _File, path: Any, flags: list[int]) -> None:
        super().__init__("unix", path, flags)
        self._drive = drive
        self._name = name
        self._file = file

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - SQLite's name
        self._drive.step("write", self._name)
        super().xWrite(data, offset)
        self._file.unsynced.append(Write(self._drive.serial, offset, bytes(data)))

    def xTruncate(self, newsize: int) -> None:  # noqa: N802 - SQLite's name
        self._drive.step("truncate", self._name)
        super().xTruncate(newsize)
        self._file.unsynced.append(Truncation(self._drive.serial, newsize))

    def xSync(self, flags: int) -> None:  # noqa: N802 - SQLite's name
        """No sync of the real file: its drive is not tested."""
        self._drive.step("sync", self._name)
        for change in self._file.unsynced:
            _apply(self._file.synced, change, b"")
        self._file.unsynced.clear()
        if self._file.syncs_folder:
            self._file.syncs_folder = False
            self._drive.sync_folder()


def _content(file: _File, kept: Kept, is_kept: Callable[[int], bool], last: int, drawn: Random) -> bytearray:
    content = bytearray(file.synced)
    old = drawn.randbytes(SECTOR) if kept is Kept.ANY_OVER_OLD else b""
    for change in file.unsynced:
        for piece in _pieces(change) if kept in {Kept.ANY, Kept.ANY_OVER_OLD} else [change]:
            if isinstance(piece, Write) and kept is Kept.IN_ORDER and piece.serial == last:
                _apply(content, Write(last, piece.offset, piece.data[: drawn.randint(0, len(piece.data))]), old)
            elif is_kept(piece.serial):
                _apply(content, piece, old)
    return content


def _pieces(change: Write | Truncation) -> Iterator[Write | Truncation]:
    """A write, divided at the bounds of sectors."""
    if isinstance(change, Truncation):
        yield change
        return
    start, end = change.offset, change.offset + len(change.data)
    while start < end:
        stop = min(end, (start // SECTOR + 1) * SECTOR)
        yield Write(change.serial, start, change.data[start - change.offset : stop - change.offset])
        start = stop


def _apply(content: bytearray, change: Write | Truncation, old: bytes) -> None:
    """Change `content`; a gap is filled with `old`, or with zeros if `old` is empty."""
    if isinstance(change, Truncation):
        size = change.size
        del content[size:]
    else:
        size = change.offset
    gap = size - len(content)
    if gap > 0:
        content.extend((old * (gap // len(old) + 1))[:gap] if old else bytes(gap))
    if isinstance(change, Write):
        content[change.offset : change.offset + len(change.data)] = change.data
