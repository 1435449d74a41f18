"""Witnesses of a sealed log: a folder, a server that takes an HTTP POST, and a line to print."""

import os
from base64 import b64encode
from collections.abc import Callable, Sequence
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from threading import Timer
from typing import Final
from urllib.parse import urlsplit

from traffic_booking.domain.errors import InvalidInput, LogUnreadable, StoreUnavailable
from traffic_booking.domain.number_input import bounded_amount
from traffic_booking.domain.sealing.checkpoints import Checkpoint, checkpoint_in
from traffic_booking.domain.sealing.notes import LONGEST_NOTE, read_note, split_notes
from traffic_booking.domain.sealing.proofs import extends
from traffic_booking.domain.text_input import openable_path, plain_text
from traffic_booking.persistence.private_files import is_there

LONGEST_REPLY: Final = 65_536
"""In bytes."""
LONGEST_URL: Final = 2_048

_DONE: Final = range(200, 300)
_CONFLICT: Final = 409
_NO_PROOF: Final = 422
_LONGEST_SIZE: Final = 20
_PROOFS: Final = 2
_URL: Final = "an address such as https://witness.example/add-checkpoint"
_CONTRADICTS: Final = "one that this log extends: two logs have one name, or an older log was put back"


class FolderWitness:
    """Keeps every checkpoint in a file of a folder, such as one on another machine or on a medium that is taken away.

    The file has the name of the log, and the form of the log's own file `checkpoints`.

    Raises:
        InvalidInput: There is no such folder.
    """

    def __init__(self, path: str | Path) -> None:
        plain = openable_path(path, "witness")
        self._folder = Path(plain).absolute()
        self.name: Final = str(self._folder)
        if not plain or not is_there(self._folder) or not self._folder.is_dir():
            expected = "a folder that exists, out of the reach of those who write the log"
            raise InvalidInput("witness", got=f"{self._folder}, no folder", expected=expected)

    def submit(self, checkpoint: Checkpoint, note: bytes, proof_from: Callable[[int], Sequence[bytes]]) -> None:
        """Keep the note. Raises `StoreUnavailable` or `LogUnreadable`."""
        file_name = "".join(each if each.isalnum() or each in ".-" else "_" for each in checkpoint.origin)
        place = self._folder / f"{file_name}.checkpoints"
        try:
            last = _last_in(place)
            if last is not None:
                known = checkpoint_in(read_note(last))
                if known == checkpoint:
                    return
                before, after = (known.size, known.root), (checkpoint.size, checkpoint.root)
                if known.size > checkpoint.size or not extends(before, after, proof_from(known.size)):
                    got = f"a checkpoint of {known.size} entries"
                    raise LogUnreadable(f"witness {self.name}: got {got}; expected {_CONTRADICTS}")
            with place.open("ab") as file:
                file.write(note)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            got = error.strerror or type(error).__name__
            raise StoreUnavailable(f"witness {self.name}: got {got}; expected a folder that can be written") from error


class HttpWitness:
    """Posts checkpoints to a server, in the form of https://c2sp.org/tlog-witness.

    The body has the line `old SIZE`, the lines of the proof that the log extends that size, an empty line, and the
    signed checkpoint. Any answer from 200 to 299 says that the server keeps it; 409 with a size asks for the proof from
    that size. The answer of a witness of that form has its own signature, which this does not need.

    Args:
        url: where to post.
        timeout_seconds: bounds the whole exchange, 0.1 to 60.

    Raises:
        InvalidInput: The URL is not one of HTTP or HTTPS.
    """

    def __init__(self, url: str, *, timeout_seconds: float = 10.0) -> None:
        plain = plain_text(url, "witness", _URL)
        self._timeout = bounded_amount(timeout_seconds, "timeout_seconds", least=0.1, greatest=60, unit="seconds")
        try:
            parts = urlsplit(plain)
            port = parts.port
        except ValueError:
            parts, port = urlsplit(""), None
        is_plain = plain.isascii() and plain.isprintable() and " " not in plain and len(plain) <= LONGEST_URL
        if not is_plain or parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
            raise InvalidInput("witness", got="another text", expected=_URL)
        self._is_secure = parts.scheme == "https"
        self._host, self._port = parts.hostname, port
        self._path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
        self.name: Final = f"{parts.scheme}://{parts.netloc}{parts.path}"
        self._known: int = 0
        """The size of the last checkpoint that the server is known to have."""

    def submit(self, checkpoint: Checkpoint, note: bytes, proof_from: Callable[[int], Sequence[bytes]]) -> None:
        """Post the note. Raises `StoreUnavailable` or `LogUnreadable`."""
        known, status = min(self._known, checkpoint.size), 0
        for _ in range(_PROOFS):
            proof = "".join(f"{b64encode(each).decode()}\n" for each in proof_from(known))
            status, reply = self._posted(f"old {known}\n{proof}\n".encode() + note)
            if status in _DONE:
                self._known = checkpoint.size
                return
            there = reply.strip()
            if status != _CONFLICT or len(there) > _LONGEST_SIZE or not there.isdigit() or int(there) == known:
                break
            known = int(there)
            if known > checkpoint.size:
                raise self._contradicted(f"a checkpoint of {known} entries")
        if status in {_CONFLICT, _NO_PROOF}:
            raise self._contradicted(f"status {status}")
        raise StoreUnavailable(f"witness {self.name}: got status {status}; expected one from 200 to 299")

    def _contradicted(self, got: str) -> LogUnreadable:
        return LogUnreadable(f"witness {self.name}: got {got}; expected {_CONTRADICTS}")

    def _posted(self, body: bytes) -> tuple[int, bytes]:
        """The status and the beginning of the answer."""
        kind = HTTPSConnection if self._is_secure else HTTPConnection
        connection = kind(self._host, self._port, timeout=self._timeout)
        watch = Timer(self._timeout, lambda: _cut(connection))  # a server that answers byte by byte
        watch.daemon = True
        watch.start()
        try:
            connection.request("POST", self._path, body, {"Content-Type": "text/plain; charset=utf-8"})
            answer = connection.getresponse()
            return answer.status, answer.read(LONGEST_REPLY)
        except (OSError, HTTPException) as error:
            got = getattr(error, "strerror", None) or type(error).__name__
            raise StoreUnavailable(f"witness {self.name}: got {got}; expected an answer in time") from error
        finally:
            watch.cancel()
            connection.close()


class LineWitness:
    """Writes each checkpoint as a line: the log's name, the number of its entries, and the root.

    Print the line, or read it out: whoever keeps the paper can compare it later.

    Args:
        write: receives each line, without a line end.
    """

    def __init__(self, write: Callable[[str], object]) -> None:
        self.name: Final = "-"
        self._write = write
        self._last: Checkpoint | None = None

    def submit(self, checkpoint: Checkpoint, note: bytes, proof_from: Callable[[int], Sequence[bytes]]) -> None:
        """Write the line, unless it was the last one."""
        if checkpoint != self._last:
            self._write(line_of(checkpoint))
            self._last = checkpoint


def line_of(checkpoint: Checkpoint) -> str:
    """A checkpoint in one line. Example: `example.org/log 600 Ai8+ODtmsaC2NNnjnTxCXOQW1KvSl2zyDR9IOBhc9Eo=`."""
    return " ".join(checkpoint.text.split("\n")[:-1])


def _last_in(place: Path) -> bytes | None:
    """The last note of a file, None if there is none."""
    try:
        with place.open("rb") as file:
            start = file.seek(max(0, file.seek(0, os.SEEK_END) - 3 * LONGEST_NOTE))
            notes, rest = split_notes(file.read())
    except FileNotFoundError:
        return None
    notes = notes[start > 0 :]
    if rest:
        os.truncate(place, place.stat().st_size - len(rest))  # one that was torn: it was never confirmed
    return notes[-1] if notes else None


def _cut(connection: HTTPConnection) -> None:
    with suppress(OSError, AttributeError):
        connection.sock.shutdown(2)
