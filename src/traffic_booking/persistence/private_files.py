"""Files with secrets: made for their owner alone, and refused if anybody else may use them."""

import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import Final

from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.text_input import openable_path

PRIVATE: Final = stat.S_IRUSR | stat.S_IWUSR
PUBLIC: Final = PRIVATE | stat.S_IRGRP | stat.S_IROTH

_HAS_MODES: Final = os.name == "posix"
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def read_file(path: str | Path, field: str, expected: str, *, longest: int, private: bool = True) -> bytes:
    """The first `longest` bytes of a file; if it is `private`, only its owner may use it. Raises `InvalidInput`."""
    plain = openable_path(path, field)
    try:
        with open(plain, "rb", opener=_at_once) as file:
            found = os.fstat(file.fileno()).st_mode  # of the file that was opened, not of a symlink
            mode = stat.S_IMODE(found)
            if not stat.S_ISREG(found):
                raise InvalidInput(field, got=f"{plain}, no regular file", expected=expected)
            if private and _HAS_MODES and mode & _OTHERS:
                wanted = f"mode 0600 (chmod 600 {plain})"
                raise InvalidInput(field, got=f"{plain} with mode {mode:04o}", expected=wanted)
            return file.read(longest)
    except OSError as error:
        raise InvalidInput(field, got=f"{plain}: {_reason(error)}", expected=expected) from error


def is_there(path: Path) -> bool:
    """True if there is such a file or folder; False also if the system can't look, such as for too long a name."""
    try:
        return path.exists()
    except OSError:
        return False


def write_new(path: str | Path, content: bytes, field: str) -> None:
    """Write a new private file, whole or not at all. Raises `InvalidInput`, also if there is a file already."""
    _write(path, content, field, _link, PRIVATE)


def write_over(path: str | Path, content: bytes, field: str, mode: int = PRIVATE) -> None:
    """Write a file, whole or not at all, in the place of the one that is there, if any. Raises `InvalidInput`."""
    _write(path, content, field, os.replace, mode)


def _write(path: str | Path, content: bytes, field: str, put: Callable[[str, str], None], mode: int) -> None:
    plain = openable_path(path, field)
    beside = f"{plain}.{token_hex(8)}.new"
    try:
        try:
            with open(beside, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            put(beside, plain)
        finally:
            with suppress(OSError):
                Path(beside).unlink()
        _sync_folder(Path(plain).parent)
    except OSError as error:
        expected = "a new file in a folder that can be written"
        raise InvalidInput(field, got=f"{plain}: {_reason(error)}", expected=expected) from error


def _link(beside: str, path: str) -> None:
    """Give a file its name, unless another has it."""
    try:
        os.link(beside, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without links: the name is taken first
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE))
        Path(beside).replace(path)


def _at_once(path: str, flags: int) -> int:
    """Opens a file; a pipe without a writer is opened as well, instead of waiting for one."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _sync_folder(folder: Path) -> None:
    """Make the new file's name survive a power cut. Systems without POSIX modes can't sync a folder."""
    if _HAS_MODES:
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__
