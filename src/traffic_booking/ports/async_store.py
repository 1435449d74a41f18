"""The port to the stores. The core decides; a store commits, and checks the guards again when it does.

A store handles counters, records and log entries only. `docs/reference/ports.md` states the
whole contract; `traffic_booking.testing.StoreConformance` tests it.
"""

from collections.abc import Sequence
from typing import Any, Protocol

from traffic_booking.domain.audit.feed import FeedPosition
from traffic_booking.ports.primitives import LogPage, Query, StoreChange, StoreConflict


class AsyncStore(Protocol):
    """Counters, records and a log, kept together.

    Several threads may call every method at once, and several processes if the store is shared. What a method returns
    belongs to the caller. Failures are raised as `StoreError`: a change in hand was then written whole or not at all,
    and nobody may rely on which. A child process that was forked from the one that opened the store gets `StoreError`
    from every method but `close`, at once.
    """

    async def commit(self, changes: Sequence[StoreChange]) -> Sequence[StoreConflict | None]:
        """Write each change whole or not at all, in their order; None for each that is written.

        The changes are independent: a conflict undoes none of the others, and a later change sees the earlier ones.
        If the store promises it, readers see a batch whole or not at all, and what was written is durable when this
        returns. A conflict may rest on a change that was undone or overtaken while the commit was under way; the caller
        reads again and decides again.
        """
        ...

    async def read(self, queries: Sequence[Query]) -> Sequence[Any]:
        """The answer to each query, in their order, from one snapshot that holds everything committed before.

        Each query states the form of its answer.
        """
        ...

    async def feed(self, after: FeedPosition, *, limit: int) -> LogPage:
        """At most `limit` log entries behind the position `after`, in the order of their positions.

        An entry that becomes visible later never gets a position at or before `complete_until`. Entries that were
        removed are passed over, and a reader can still go on from their positions. Raises `StoreUnreadable` for a
        position that this store has not reached: it was put back to an earlier state, and the reader has to begin anew.
        """
        ...

    async def close(self) -> None:
        """Release files and connections. Closing twice is fine; any other use afterwards raises `StoreClosed`."""
        ...
