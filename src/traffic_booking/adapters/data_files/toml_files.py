"""A TOML file as a table: found, bounded in size, decoded and parsed; and its table `[provenance]`."""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from enum import StrEnum
from functools import partial
from pkgutil import get_data
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from traffic_booking.adapters.data_files.tables import (
    Faults,
    Shape,
    Unsound,
    flaws_of,
    many,
    one_of,
    scalar,
    text,
    unknown_fields,
)
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.text_input import bounded_text, path_text

if TYPE_CHECKING:
    from pathlib import Path  # takes long to import, and the shipped files do without it

LARGEST_BYTES: Final = 4 * 1024 * 1024
"""The size of a file that is still read."""

DEEPEST: Final = 32
"""Levels of lists and tables, and parts of a dotted key. The reader of TOML takes hours for thousands of them."""
LONGEST_TITLE: Final = 200
LONGEST_NOTE: Final = 4_000


class DataFile(NamedTuple):
    """The name of a file in faults, and its reading, which raises `InvalidInput` if the file can't be read."""

    name: str
    read: Callable[[], bytes]


def shipped_file(name: str) -> DataFile:
    """A file of the library's own."""
    return DataFile(name, lambda: get_data("traffic_booking", f"data/{name}") or b"")


def path_of(path: object, field: str) -> "Path":
    """A host's path, made plain. Raises `InvalidInput` for anything else, such as the number of an open file."""
    from pathlib import Path  # takes long to import, and the shipped files do without it

    return Path(path_text(path, field))


def file_at(path: object) -> DataFile:
    """A host's file. Raises `InvalidInput` for what is no path."""
    plain = path_of(path, "file")
    return DataFile(plain.name, partial(_content, plain))


def toml_table(file: DataFile, faults: Faults) -> dict[str, Any] | None:
    """The table in `file`; None, and a fault, if there is none."""
    try:
        return tomllib.loads(_decoded(file.read()))
    except InvalidInput as error:
        faults.add("file", got=error.got, expected=error.expected)
    except RecursionError:
        faults.add("file", got="lists or tables nested too deep", expected="the fields of this file")
    except ValueError as error:  # TOMLDecodeError, and numbers with thousands of digits
        message, _, rest = str(error).partition(" (at ")
        position = re.fullmatch(r"(line \d+, column \d+|end of document)\)", rest)
        got = message if position else str(error)
        faults.add(position.group(1) if position else "TOML", got=got[:200], expected="TOML 1.0")
    return None


def _content(path: "Path") -> bytes:
    content, got = None, "no regular file of that name"
    try:
        if path.is_file():  # a pipe or a device would never end
            with path.open("rb") as stream:
                content = stream.read(LARGEST_BYTES + 1)
        elif path.is_dir():
            got = "a folder"
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
        got = f"a file that can't be read ({reason})"
    if content is None:
        raise InvalidInput("file", got=got, expected="a TOML file")
    if len(content) > LARGEST_BYTES:
        raise InvalidInput("file", got=f"more than {LARGEST_BYTES} bytes", expected=f"at most {LARGEST_BYTES}")
    _check_depth(content)
    return content


_TOKENS: Final = re.compile(
    rb"""
      \"{3}(?:[^"\\]|\\.|"{1,2}(?!"))*+(?:"{3}|\Z)
    | '{3}(?:[^']|'{1,2}(?!'))*+(?:'{3}|\Z)
    | "(?:[^"\\\n]|\\.)*+(?:"|(?=\n)|\Z)
    | '[^'\n]*+(?:'|(?=\n)|\Z)
    | \#[^\n]*+
    | [][{}.,=\n]
    """,
    re.VERBOSE | re.DOTALL,
)
"""Texts, comments, and the marks of TOML that open or close something; found in linear time."""


def _check_depth(content: bytes) -> None:
    """Raise `InvalidInput` if lists, tables or dotted keys are nested too deep to be read in a reasonable time."""
    depth = dots = 0
    for token in _TOKENS.finditer(content):
        mark = token[0]
        if mark in b"[{":
            depth += 1
        elif mark in b"]}":
            depth = max(0, depth - 1)
        dots = dots + 1 if mark == b"." else dots if mark[:1] in b"\"'" else 0
        if max(depth, dots) > DEEPEST:
            got = "lists or tables nested too deep"
            raise InvalidInput("file", got=got, expected=f"at most {DEEPEST} levels")


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        got = f"a byte at place {error.start + 1} that is not UTF-8"
        raise InvalidInput("file", got=got, expected="text in UTF-8") from None


class FigureStatus(StrEnum):
    """The content of a file: facts as of a day, made-up content, or assumptions that nobody has published."""

    FACTS = "facts"
    SYNTHETIC = "synthetic"
    UNOFFICIAL = "unofficial"


TITLE: Final = text(partial(bounded_text, field="text", longest=LONGEST_TITLE))
NOTE: Final = text(partial(bounded_text, field="text", longest=LONGEST_NOTE, lines=True))
DAY: Final = scalar(date, lambda day: day)

SOURCE: Final[Shape[dict[str, Any]]] = Shape(dict, {"name": NOTE, "licence": TITLE}, {"note": NOTE})

PROVENANCE: Final[Shape[dict[str, Any]]] = Shape(
    dict,
    {
        "title": TITLE,
        "status": one_of({status.value: status for status in FigureStatus}),
        "as_of": DAY,
        "note": NOTE,
        "sources": many(SOURCE, least=1),
    },
)


def check_top(table: Mapping[str, Any], fields: Iterable[str], faults: Faults) -> FigureStatus | None:
    """The status in a file's provenance, without which no file is accepted; None if the provenance has faults.

    Only `fields` may stand beside the provenance at the top of the file.
    """
    faults.add_flaws(unknown_fields(table, dict.fromkeys((*fields, "provenance"))))
    if "provenance" not in table:
        faults.add("", got="nothing", expected="a table [provenance]", entry="provenance")
        return None
    try:
        status: FigureStatus = PROVENANCE(table["provenance"])["status"]
        return status
    except (InvalidInput, Unsound) as error:
        faults.add_flaws(flaws_of(error, ""), "provenance")
        return None
