"""The port to the stores. The core decides; a store commits, and checks the guards again when it does.

A store handles counters, records and log entries only. `docs/reference/ports.md` has the whole contract, which
`traffic_booking.testing.StoreConformance` tests.
"""

from collections.abc import Sequence
from typing import Any, Protocol

from traffic_booking.domain.audit.feed import FeedPosition
from traffic_booking.ports.primitives import LogPage, Query, StoreChange, StoreConflict


class AsyncStore(Protocol):
    """Counters, records and a log, kept together.

    Many threads, or tasks of one event loop, may call every method at once, and several processes if the store is
    shared. A returned value belongs to the caller. After a failure (`StoreError`) a change in hand was written whole or
    not at all, and the caller can't rely on either. In a child process that was forked from the one that opened the
    store, every method but `close` raises `StoreError` at once.
    """

    async def commit(self, changes: Sequence[StoreChange]) -> Sequence[StoreConflict | None]:
        """Write each change whole or not at all, in their order; return None for each that is written.

        The changes are independent: a conflict undoes none of the others, and a later change sees the earlier ones.
        If the store promises it, readers see a batch whole or not at all, and written changes are durable when this
        returns. Then everything that was visible before is durable too, even if a change has no parts. A conflict may
        rest on a change that was undone or overtaken while the commit was under way; the caller reads again and decides
        again.
        Example: `[conflict] = await store.commit([change])`.

        Raises:
            StoreError: The store failed, or is closed (`StoreClosed`).
        """
        ...

    async def read(self, queries: Sequence[Query]) -> Sequence[Any]:
        """Return the answer to each query, in their order, from one snapshot with everything committed before.

        Each query documents its answer. Example: `[rows] = await store.read([RecordsByKey("people", keys)])`.

        Raises:
            StoreError: The store failed, or is closed (`StoreClosed`).
        """
        ...

    async def feed(self, after: FeedPosition, *, limit: int) -> LogPage:
        """Return at most `limit` log entries behind the position `after`, in the order of their positions.

        An entry that becomes visible later never gets a position at or before `complete_until`. Removed entries are
        passed over, and a reader can still go on from their positions. Example: `await store.feed(BEGINNING, limit=9)`.

        Raises:
            StoreUnreadable: This store has not reached that position, as it was restored to an earlier state: begin
                again from `BEGINNING`.
            StoreError: The store failed, or is closed (`StoreClosed`).
        """
        ...

    async def close(self) -> None:
        """Release files and connections. Closing twice is fine; any other use afterwards raises `StoreClosed`."""
        ...
