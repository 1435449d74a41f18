"""The port to the files of a sealed log (https://c2sp.org/tlog-tiles): bytes under relative paths.

A file, once a checkpoint covers it, never changes. So a reader may read them from a copy, or over a network.
"""

from collections.abc import Iterable, Iterator
from typing import Protocol


class LogFiles(Protocol):
    """The files of a log, to read. One sealer may be writing at the same time."""

    @property
    def name(self) -> str:
        """Return the name of the log in messages, such as the path of its folder."""
        ...

    def read(self, path: str) -> bytes | None:
        """Return the content of a file (at most 17 MiB), None if there is none. Example: `read("tile/0/000")`.

        Raises:
            StoreUnavailable: It can't be read now.
        """
        ...

    def checkpoint(self) -> bytes | None:
        """Return the newest checkpoint, a signed note; None if there is none yet.

        Raises:
            StoreUnavailable: It can't be read now.
        """
        ...

    def checkpoints(self) -> Iterator[bytes]:
        """Return every checkpoint, a signed note each, from the first to the newest.

        Raises:
            StoreUnavailable: They can't be read now.
            LogUnreadable: There is something else among them.
        """
        ...


class LogWriter(LogFiles, Protocol):
    """The files of a log, to write. There is one writer of a log at any time."""

    def write(self, files: Iterable[tuple[str, bytes]]) -> None:
        """Write files by their paths, in the place of those that are there. They may be lost until `publish` returns.

        Raises:
            StoreUnavailable: They can't be written now.
        """
        ...

    def publish(self, checkpoint: bytes, *, after: bytes | None) -> None:
        """Make the written files durable, and only then add the checkpoint behind `after` (None: it is the first).

        A writer that was stopped in between leaves the log as it was before, or with the checkpoint.

        Raises:
            StoreUnavailable: It can't be written now.
            LogUnreadable: The newest checkpoint is not `after`: something else writes this log.
        """
        ...

    def discard(self, folders: Iterable[str]) -> None:
        """Remove folders of partial files whose full files are published."""
        ...

    def close(self) -> None:
        """Let others write. Closing twice is fine."""
        ...
