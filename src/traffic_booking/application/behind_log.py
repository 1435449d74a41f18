"""Compares a store with the last entries of its sealed log: an older store, such as a restored backup, is refused."""

from collections.abc import Sequence
from typing import Final, Protocol

from traffic_booking.domain.audit.feed import FeedPosition
from traffic_booking.domain.audit.restores import is_lost
from traffic_booking.domain.errors import LogUnreadable, StoreBehindLog, StoreUnreadable
from traffic_booking.domain.sealing.checkpoints import checkpoint_in
from traffic_booking.domain.sealing.notes import read_note
from traffic_booking.domain.sealing.tiles import TILE_WIDTH, bundle_path, leaves_in
from traffic_booking.persistence.keys import UPKEEP_STREAM
from traffic_booking.persistence.leaves import entry_of
from traffic_booking.persistence.marks import RECORDS_STREAM, mark_of
from traffic_booking.persistence.restores import restores_in
from traffic_booking.ports.async_store import AsyncStore
from traffic_booking.ports.primitives import EntriesOfStreams, LogEntry
from traffic_booking.ports.sealed_log import LogFiles

COMPARED: Final = 16
"""How many of the last sealed entries are compared with the store."""
PAGE: Final = 1_000

_NOT_REACHED: Final = "a store that has not reached the last sealed entry"


async def check_reached(store: AsyncStore, files: LogFiles) -> None:
    """Raise `StoreBehindLog` unless the store has the last sealed entries, but those that it has removed since.

    The log is read, and not verified: that is the work of an audit.
    """
    sealed = _last_entries(files)
    if not sealed:
        return
    (generation, place), last = sealed[0].position, sealed[-1].position
    try:
        page = await store.feed(FeedPosition(generation, place - 1), limit=PAGE)
    except StoreUnreadable as error:
        if error.key is not None:
            raise
        raise behind(files, _NOT_REACHED) from None
    if page.complete_until < last:
        raise behind(files, _NOT_REACHED)
    found = {entry for entry in page.entries if entry.position <= last}
    if not found <= set(sealed):
        raise behind(files, f"other entries than those sealed up to {tuple(last)}")
    if missing := set(sealed) - found:
        (upkeep, records) = (await store.read([EntriesOfStreams([UPKEEP_STREAM, RECORDS_STREAM])]))[0]
        trims = {stream for entry in (*upkeep, *records) for stream in mark_of(entry.body).trims}
        gaps = restores_in(upkeep)
        if any(each.stream not in trims and not is_lost(each.position, gaps) for each in missing):
            raise behind(files, "a store without the last sealed entries, which nothing has removed")


class Named(Protocol):
    """A log with a name."""

    @property
    def name(self) -> str:
        """Return the name of the log in messages."""
        ...


def behind(files: Named, got: str) -> StoreBehindLog:
    """The error for a store that is older than its log."""
    return StoreBehindLog(f"log {files.name}: got {got}; expected the store that was sealed, or a newer state")


def _last_entries(files: LogFiles) -> Sequence[LogEntry]:
    """The last entries of the log as of its newest checkpoint: at most `COMPARED`, of one bundle."""
    note = files.checkpoint()
    size = 0 if note is None else checkpoint_in(read_note(note)).size
    if not size:
        return ()
    index = (size - 1) // TILE_WIDTH
    width = size - index * TILE_WIDTH
    for found in dict.fromkeys((width, TILE_WIDTH)):
        path = bundle_path(index, found)
        content = files.read(path)
        if content is not None:
            return [entry_of(leaf) for leaf in leaves_in(path, found, content)[:width][-COMPARED:]]
    raise LogUnreadable(
        f"log {files.name}: got no bundle of its last leaves; expected all files of its newest checkpoint"
    )
