"""The store on a cluster of PostgreSQL servers: a commit is one round trip to the coordinator, a read one to four."""

from collections.abc import Sequence
from typing import Any, ClassVar, Self

from traffic_booking.adapters.postgres.async_store import AsyncPostgresStore
from traffic_booking.adapters.postgres.cluster_reading import (
    cluster_reading,
    needs_source,
    resolved,
    results_of,
    sources_of,
)
from traffic_booking.adapters.postgres.opening import libpq_url
from traffic_booking.ports.primitives import Query


class AsyncCitusStore(AsyncPostgresStore):
    """A `Store` on the coordinator of a Citus cluster, which has the extension `citus` 14 or newer.

    Its arguments and errors are those of `AsyncPostgresStore`. A read may see one part of a commit before another, as
    the servers have no common moment; guards are compared when a change is written. Raises `StoreMisconfigured` also
    for a server that is no coordinator, or for settings that are refused.

        >>> store = CitusStore("postgresql://HOST/bookings?sslmode=verify-full")  # doctest: +SKIP
    """

    _is_cluster = True

    inspect: ClassVar[Any] = None
    """The tables of a cluster are not inspected, and an audit reports that."""

    replica: ClassVar[Any] = None
    """A standby of the coordinator reads the same workers: it takes no load off them."""

    @classmethod
    def from_url(cls, url: str, *, read_only: bool = False) -> Self:
        """The store of a `citus://` URL; the rest of it is as in a `postgresql://` URL. Raises as the class does."""
        return cls(libpq_url(url), read_only=read_only)

    async def read(self, queries: Sequence[Query]) -> Sequence[Any]:
        sources = sources_of(queries)
        first = [place for place, query in enumerate(queries) if not needs_source(query)]
        found = await self._results([*(queries[place] for place in first), *sources])
        results: list[Any] = [None] * len(queries)
        for place, result in zip(first, found, strict=False):
            results[place] = result
        if sources:
            left = [place for place in range(len(queries)) if place not in first]
            wanted = resolved(self._tables, [queries[place] for place in left], sources, found[len(first) :])
            for place, result in zip(left, await self._results(wanted), strict=True):
                results[place] = result
        return results

    async def _results(self, queries: Sequence[Query]) -> list[Any]:
        """The results of queries without a `Via`."""
        plan = cluster_reading(self._tables, queries)
        rows = [row for statement in plan.spread for row in await self._connections.read(statement)]
        results = results_of(self._tables, queries, rows)
        if plan.kept or not plan.spread:  # a closed store notices a read of nothing, too
            for place, result in zip(plan.kept, await self._connections.read(plan.statement), strict=True):
                results[place] = result
        return results
