"""A sealed log in a folder, in the layout of https://c2sp.org/tlog-tiles, which any web server can publish.

The file `checkpoints` has all checkpoints, one behind another; `checkpoint` is the newest. Files are written first,
then `checkpoints`, then `checkpoint`, each on the disk before the next one. A sealer may be killed at any point: what a
checkpoint covers is whole, and what none covers is written again.
"""

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

from traffic_booking.domain.errors import InvalidInput, LogUnreadable, StoreClosed, StoreUnavailable
from traffic_booking.domain.sealing.notes import LONGEST_NOTE, split_notes
from traffic_booking.domain.text_input import openable_path

try:
    import fcntl
except ImportError:  # Windows: one sealer for each log is up to the host there
    HAS_LOCKS = False
else:
    HAS_LOCKS = True

LARGEST_FILE: Final = 17 * 2**20
"""In bytes: a bundle has 256 leaves of at most 65,535 bytes."""

_FIELD: Final = "log"
_LOCK: Final = ".lock"
_NEWEST: Final = "checkpoint"
_NEW: Final = "checkpoint.new"
_ALL: Final = "checkpoints"
_OURS: Final = frozenset({_LOCK, _NEWEST, _NEW, _ALL, "tile"})
_PART: Final = 4 * LONGEST_NOTE
_IS_POSIX: Final = os.name == "posix"


class LogFolder:
    """The files of a log in a folder, to read (`LogFiles`).

    Raises:
        InvalidInput: There is no such folder.
    """

    def __init__(self, path: str | Path) -> None:
        self.path: Final = Path(openable_path(path, _FIELD)).absolute()
        self.name: Final = str(self.path)
        if not _is_folder(self.path):
            expected = "the folder of a sealed log, as the command traffic-booking seal makes it"
            raise InvalidInput(_FIELD, got=f"{self.path}, no folder", expected=expected)

    def read(self, path: str) -> bytes | None:
        """Return the content of a file, None if there is none. Raises `StoreUnavailable`."""
        return self._stored(path, LARGEST_FILE)

    def checkpoint(self) -> bytes | None:
        """Return the newest checkpoint, None if there is none. Raises `StoreUnavailable`."""
        return self._stored(_NEWEST, LONGEST_NOTE)

    def checkpoints(self) -> Iterator[bytes]:
        """Return every checkpoint, from the first to the newest. Raises `StoreUnavailable` or `LogUnreadable`."""
        newest = self.checkpoint()
        if newest is None:
            return
        rest, found = b"", b""
        with self._files_errors(_ALL), (self.path / _ALL).open("rb") as file:
            while part := file.read(_PART):
                notes, rest = split_notes(rest + part, is_end=False)
                for each in notes:
                    yield each
                    found = each
                    if each == newest:  # a sealer may be writing the next one
                        return
                if len(rest) > LONGEST_NOTE:
                    break
        for each in split_notes(rest)[0]:
            yield each
            found = each
            if each == newest:
                return
        if found != newest:
            raise self._damaged(f"a file {_ALL} without the newest checkpoint", "all checkpoints, in their order")

    def _stored(self, path: str, largest: int) -> bytes | None:
        with self._files_errors(path):
            try:
                with (self.path / path).open("rb") as file:
                    content = file.read(largest + 1)
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                return None
        if len(content) > largest:
            raise self._damaged("a longer file", f"at most {largest} bytes")
        return content

    def _damaged(self, got: str, expected: str) -> LogUnreadable:
        return LogUnreadable(f"log {self.name}: got {got}; expected {expected}")

    def _files_errors(self, path: str) -> "_FilesErrors":
        return _FilesErrors(self.path / path)


class LogFolderWriter(LogFolder):
    """The files of a log in a folder, to write (`LogWriter`). The folder is made, for its owner alone, if it is absent.

    Example::

        with LogFolderWriter("log") as files:
            files.write([("tile/entries/000.p/1", content)])

    Raises:
        InvalidInput: The folder has other files, or can't be made.
        StoreUnavailable: Another sealer has the log open.
        LogUnreadable: The newest checkpoint is not the last one of all.
    """

    def __init__(self, path: str | Path) -> None:
        made = Path(openable_path(path, _FIELD)).absolute()
        try:
            if not made.is_dir():
                made.mkdir(mode=0o700, parents=True, exist_ok=True)
                _sync(made.parent)
            others = sorted(set(os.listdir(made)) - _OURS)  # noqa: PTH208 - names alone
        except OSError as error:
            got = f"{made}: {error.strerror}"
            raise InvalidInput(_FIELD, got=got, expected="a folder that can be made and written") from error
        if others:
            got = f"{made} with other files, such as {others[0]}"
            raise InvalidInput(_FIELD, got=got, expected="an empty folder, or that of a sealed log")
        super().__init__(made)
        self._lock = self._locked()
        self._written = set[Path]()
        self._folders = set[Path]()
        try:
            self._recover()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def write(self, files: Iterable[tuple[str, bytes]]) -> None:
        """Write files; they may be lost until `publish` returns. Raises `StoreUnavailable`."""
        self._check_open()
        for path, content in files:
            place = self.path / path
            with self._files_errors(path):
                self._make_folder(place.parent)
                place.write_bytes(content)
            self._written.add(place)

    def publish(self, checkpoint: bytes, *, after: bytes | None) -> None:
        """Make the files durable, then the checkpoint. Raises `StoreUnavailable` or `LogUnreadable`."""
        self._check_open()
        if self.checkpoint() != after:
            raise self._damaged("a checkpoint of another sealer", "one sealer for each log")
        with self._files_errors(_NEWEST):
            for place in self._written:
                _sync(place)
            for folder in self._folders:
                _sync(folder)
            self._written.clear()
            self._folders.clear()
            with (self.path / _ALL).open("ab") as file:
                file.write(checkpoint)
                file.flush()
                os.fsync(file.fileno())
            self._replace(checkpoint)

    def discard(self, folders: Iterable[str]) -> None:
        """Remove folders of partial files. One that can't be removed stays."""
        self._check_open()
        for each in folders:
            shutil.rmtree(self.path / each, ignore_errors=True)

    def close(self) -> None:
        """Let others write."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def _locked(self) -> int:
        """The open file that keeps other sealers out until it is closed, or the process ends."""
        with self._files_errors(_LOCK):
            lock = os.open(self.path / _LOCK, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        if HAS_LOCKS:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                os.close(lock)
                if not isinstance(error, BlockingIOError):
                    raise StoreUnavailable(f"log {self.name}: got {error.strerror}; expected a local disk") from error
                got, expected = "another sealer that has it open", "one sealer for each log"
                raise StoreUnavailable(f"log {self.name}: got {got}; expected {expected}") from None
        return lock

    def _recover(self) -> None:
        """Finish what a stopped sealer has left: cut a torn checkpoint off, or make the last one the newest."""
        place, newest = self.path / _ALL, self.checkpoint()
        with self._files_errors(_ALL):
            place.touch(mode=0o644)
            with place.open("r+b") as file:
                end = file.seek(0, os.SEEK_END)
                start = file.seek(max(0, end - _PART))
                notes, rest = split_notes(file.read())
                notes = [b"", *notes[start > 0 :]]  # the first one may lack its beginning
                last = notes[-1] or None
                if len(rest) <= LONGEST_NOTE and last != newest and (notes[-2:] == [newest or b"", last]):
                    self._replace(last or b"")
                elif last != newest:
                    raise self._damaged(f"files {_NEWEST} and {_ALL} that differ", "the newest checkpoint in both")
                if rest:
                    file.truncate(end - len(rest))
                    os.fsync(file.fileno())

    def _replace(self, checkpoint: bytes) -> None:
        with (self.path / _NEW).open("wb") as file:
            file.write(checkpoint)
            file.flush()
            os.fsync(file.fileno())
        (self.path / _NEW).replace(self.path / _NEWEST)
        _sync(self.path)

    def _make_folder(self, folder: Path) -> None:
        """Make a folder and those above it, and note each as one whose names have to be durable."""
        if folder in self._folders:
            return
        self._folders.add(folder)
        if not folder.is_dir():
            self._make_folder(folder.parent)
            with suppress(FileExistsError):
                folder.mkdir()

    def _check_open(self) -> None:
        if self._lock < 0:
            raise StoreClosed(f"log {self.name}: got a use after close; expected one before")


class _FilesErrors:
    """Makes errors of the system errors of the library."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, OSError):
            got = error.strerror or type(error).__name__
            expected = "a file that can be read, and written by a sealer"
            raise StoreUnavailable(f"log {self._path}: got {got}; expected {expected}") from error


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # such as too long a name
        return False


def _sync(path: Path) -> None:
    """Make a file or a folder durable. Systems without POSIX modes can't sync a folder."""
    if not _IS_POSIX and path.is_dir():
        return
    opened = os.open(path, os.O_RDONLY if _IS_POSIX else os.O_RDWR)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
