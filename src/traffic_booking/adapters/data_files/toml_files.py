"""A TOML file as a table: found, bounded in size, decoded and parsed, or a fault that says what stands in the way."""

import re
import tomllib
from importlib.resources.abc import Traversable
from typing import Any, Final

from traffic_booking.adapters.data_files.tables import Place

LARGEST_BYTES: Final = 4 * 1024 * 1024
"""The size of a file that is still read."""

_POSITION: Final = re.compile(r" \(at (line \d+, column \d+|end of document)\)$")


def toml_table(file: Traversable, place: Place) -> dict[str, Any] | None:
    """The table in `file`; None, with a fault at `place`, where there is none to be had."""
    content = _content(file, place)
    if content is None:
        return None
    try:
        return tomllib.loads(content)
    except RecursionError:
        _whole(place, got="lists or tables nested too deep", expected="the fields of this file")
        return None
    except ValueError as error:  # TOMLDecodeError, and numbers with thousands of digits
        message = str(error)
        position = _POSITION.search(message)
        where = position.group(1) if position else "TOML"
        place.at(where).fault(got=_POSITION.sub("", message)[:200], expected="TOML 1.0")
        return None


def _content(file: Traversable, place: Place) -> str | None:
    expected = "a TOML file"
    try:
        if not file.is_file():  # a pipe or a device would never end
            got = "a folder" if file.is_dir() else "no regular file of that name"
            _whole(place, got=got, expected=expected)
            return None
        with file.open("rb") as stream:
            content = stream.read(LARGEST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
        _whole(place, got=f"a file that can't be read ({reason})", expected=expected)
        return None
    if len(content) > LARGEST_BYTES:
        _whole(place, got=f"more than {LARGEST_BYTES} bytes", expected=f"at most {LARGEST_BYTES}")
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _whole(place, got=f"a byte at place {error.start + 1} that is not UTF-8", expected="text in UTF-8")
        return None


def _whole(place: Place, *, got: str, expected: str) -> None:
    place.at("file").fault(got=got, expected=expected)
