"""The port to the replicas of a store: servers that follow it, and answer reads a little later.

Optional: a store without these methods has no replicas. `docs/reference/ports.md` has the contract.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from traffic_booking.domain.values import with_masked_repr
from traffic_booking.ports.primitives import Query


class StoreMark(NamedTuple):
    """How far a server of a store is. Marks of one `history` can be compared: the server has every change below."""

    history: str
    below: int


@with_masked_repr
class ReplicaRead(NamedTuple):
    """The answer to each query, and a mark: every change below it was visible to these queries.

    `reached` is None if the server is no replica, for example after it was promoted.
    """

    answers: Sequence[Any]
    reached: StoreMark | None


class AsyncReplica(Protocol):
    """A replica. Many threads, or tasks of one event loop, may call it at once."""

    async def read(self, queries: Sequence[Query]) -> ReplicaRead:
        """As `Store.read`, from one snapshot, which may be old. Example: `replica.read([query]).answers`.

        Raises:
            StoreError: The replica failed, or is closed.
        """
        ...

    async def close(self) -> None:
        """Release connections. Closing twice is fine."""
        ...


class AsyncReplicated(Protocol):
    """The further methods of a store with replicas."""

    async def mark(self) -> StoreMark:
        """Return a mark that no change committed before the call reaches. Example: `store.mark()`.

        Raises:
            StoreError: The store failed, is closed, or is itself a replica.
        """
        ...

    def replica(self, url: str) -> AsyncReplica:
        """Return the replica at `url`, without a connection to it yet. Example: `store.replica(read_url)`.

        Raises:
            InvalidInput: The URL is not one of a replica.
        """
        ...
