"""Files that are written whole or not at all."""

import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

import traffic_booking as tb

OUT: Final = "--out"
_PREFIX, _SUFFIX = ".ticket-", ".part"


def folder_of(folder: Path) -> Path:
    """The folder, created for its owner alone if it is missing."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from error
    return folder


def write_whole(document: tb.Document, folder: Path, *, overwrite: bool) -> bool:
    """Write the document under its file name, for its owner alone; False if such a file is there and is kept.

    The content goes to a hidden file first. So an interrupted command leaves no part of a ticket under its name, and a
    file that exists is replaced as a whole.
    """
    target = folder / document.file_name
    if not overwrite and os.path.lexists(target):
        return False
    try:
        return _write(document.content, target, overwrite=overwrite)
    except OSError as error:
        raise _unwritable(target, error) from error


def _write(content: bytes, target: Path, *, overwrite: bool) -> bool:
    with NamedTemporaryFile(dir=target.parent, prefix=_PREFIX, suffix=_SUFFIX, delete=False) as part:
        try:
            part.write(content)
            part.flush()
            os.fsync(part.fileno())
            part.close()  # some systems rename no open file
            if not overwrite:
                return _named(part.name, target)
            os.replace(part.name, target)  # noqa: PTH105 - the name of the temporary file is a string
            return True
        finally:
            with suppress(FileNotFoundError):  # after `replace` there is none
                os.unlink(part.name)  # noqa: PTH108 - as above


def _named(part: str, target: Path) -> bool:
    """Give the finished file its name, unless another process has made such a file meanwhile."""
    try:
        os.link(part, target)  # unlike `rename`, it never replaces a file
    except FileExistsError:
        return False
    except OSError:  # a file system without links
        if os.path.lexists(target):
            return False
        os.replace(part, target)  # noqa: PTH105 - as above
    return True


def _unwritable(path: Path, error: OSError) -> tb.InvalidInput:
    expected = "a new file in a folder that can be written"
    return tb.InvalidInput(OUT, got=f"{path}: {error.strerror}", expected=expected)
