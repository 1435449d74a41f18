"""Checkpoints (https://c2sp.org/tlog-checkpoint): the size and the root of a log at one time, signed."""

import re
from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

from attrs import field

from traffic_booking.domain.errors import InvalidInput, LogUnreadable
from traffic_booking.domain.number_input import bounded_number
from traffic_booking.domain.sealing.notes import Note, Verify, key_name, read_note, verified_keys
from traffic_booking.domain.sealing.tree import HASH_BYTES, MOST_LEAVES
from traffic_booking.domain.values import frozen

_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_LINES: Final = 3


def _size(value: int) -> int:
    return bounded_number(value, "tree size", least=0, greatest=MOST_LEAVES)


def _root(value: bytes) -> bytes:
    if type(value) is not bytes:
        raise InvalidInput("root", got=type(value).__name__, expected=f"{HASH_BYTES} bytes")
    if len(value) != HASH_BYTES:
        raise InvalidInput("root", got=f"{len(value)} bytes", expected=f"{HASH_BYTES} bytes")
    return value


@frozen(kw_only=True)
class Checkpoint:
    """The state of a sealed log: its `origin` (the name of the log), the number of its leaves, and their root.

    Two checkpoints of one origin agree: the log of the smaller one is the beginning of the other's.
    """

    origin: str = field(converter=key_name)
    size: int = field(converter=_size)
    root: bytes = field(converter=_root)

    @property
    def text(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"


def checkpoint_in(note: Note) -> Checkpoint:
    """The checkpoint that is the text of a note. Raises `LogUnreadable`."""
    lines, found = note.text.split("\n")[:-1], None
    if len(lines) >= _LINES and all(lines) and _SIZE.fullmatch(lines[1]):
        with suppress(InvalidInput, Error, ValueError):
            found = Checkpoint(origin=lines[0], size=int(lines[1]), root=b64decode(lines[2], validate=True))
    if found is None or not note.text.startswith(found.text):
        raise LogUnreadable("checkpoint: got another text; expected an origin, a size and a root")
    return found


def read_checkpoint(data: bytes, public_keys: Iterable[bytes], verify: Verify, origin: str | None = None) -> Checkpoint:
    """The checkpoint in `data`, if one of the public keys has signed it.

    Raises:
        LogUnreadable: It is no signed checkpoint, of another log than `origin`, or signed by other keys.
    """
    note = read_note(data)
    found = checkpoint_in(note)
    if origin is not None and found.origin != origin:
        raise LogUnreadable(f"checkpoint: got one of the log {found.origin}; expected one of {origin}")
    verified_keys(note, found.origin, public_keys, verify)
    return found
