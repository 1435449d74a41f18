"""The store port on one Redis server: every commit and every read is a script, which the server runs whole.

The keys, each after the prefix:

- `record:COLLECTION:KEY`, a hash: `:key`, `:version`, `:body`, the columns that are set; `:places` in the indexes
- `index:COLLECTION:INDEX`, a sorted set: the values of the index's columns, then the key; without INDEX, all keys
- `counter:COUNTER`, a hash: key and value
- `counted:COUNTER`, a sorted set: the keys with a value above 0
- `log`, a stream: all entries
- `stream:STREAM`, a list: the positions of its entries
- `last`: the last place in the log
- `format`: the version of this layout
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from os import getpid
from pathlib import Path
from typing import Any, Final

import redis

from examples.redis_store.written import Call, answer_of, commit_call, entries_of, limit_text, query_call, result_of
from traffic_booking.domain.audit.feed import FeedPosition
from traffic_booking.domain.errors import StoreClosed, StoreError, StoreUnavailable, StoreUnreadable
from traffic_booking.persistence.schema import SCHEMA
from traffic_booking.ports.collections import Schema
from traffic_booking.ports.primitives import LogPage, Query, StoreChange, StoreConflict

FORMAT: Final = "2"
GENERATION: Final = 1
"""A restored dump keeps its places and continues them; a reader that is ahead of them gets `StoreUnreadable`."""

_SETTINGS: Final = {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction"}
"""Settings of a server that has on disk what it acknowledged, and removes nothing by itself."""
_MAY_PASS: Final = (OSError, redis.ConnectionError, redis.TimeoutError, redis.OutOfMemoryError, redis.ReadOnlyError)
_MAY_PASS_WORDS: Final = frozenset({"BUSY", "MASTERDOWN", "MISCONF", "NOREPLICAS", "UNKILLABLE"})
"""The first words of refusals that may pass and for which the driver has no class."""


class RedisStore:
    """A store on one Redis server; stores of one `prefix` share their data, and those of others are separate."""

    def __init__(
        self, url: str, *, prefix: str = "traffic_booking:", timeout_seconds: float = 5.0, schema: Schema = SCHEMA
    ) -> None:
        self._prefix, self._process, self._is_closed = prefix, getpid(), False
        self._schema = schema
        self._client = redis.Redis.from_url(
            url,
            decode_responses=True,
            retry=redis.retry.Retry(redis.backoff.NoBackoff(), 0),  # a repeated commit would conflict with itself
            socket_timeout=timeout_seconds,
            socket_connect_timeout=timeout_seconds,
        )
        self._script = self._client.register_script(Path(__file__).with_name("store.lua").read_text("utf-8"))
        with self._errors_translated():
            settings: Any = self._client.config_get(*_SETTINGS)
            self._client.set(f"{prefix}format", FORMAT, nx=True)
            written = self._client.get(f"{prefix}format")
        for name, expected in _SETTINGS.items():
            if (got := settings.get(name)) != expected:
                raise StoreUnavailable(f"Redis server: got {name} {got}; expected {expected}, or bookings may be lost")
        if written != FORMAT:
            raise self._unreadable(f"format {written!r}")

    def commit(self, changes: Sequence[StoreChange]) -> Sequence[StoreConflict | None]:
        with self._errors_translated():
            found = self._run([commit_call(self._schema, change) for change in changes])
            return [result_of(self._schema, failed) for failed in found]

    def read(self, queries: Sequence[Query]) -> Sequence[Any]:
        with self._errors_translated():
            found = self._run([query_call(query) for query in queries])
            return [answer_of(self._schema, *each) for each in zip(queries, found, strict=True)]

    def feed(self, after: FeedPosition, *, limit: int) -> LogPage:
        with self._errors_translated():
            [[place, found]] = self._run([("feed", f"{after.generation}-{after.place}", limit_text(limit))])
            last, entries = FeedPosition(GENERATION, int(place)), entries_of(found)
        if after > last:
            raise StoreUnreadable(f"feed position: got {tuple(after)}; expected one up to {tuple(last)}")
        return LogPage(entries, last)

    def close(self) -> None:
        self._is_closed = True
        if getpid() == self._process:  # a forked child leaves the connections of its parent open
            self._client.connection_pool.disconnect(inuse_connections=False)  # `_run` closes the others

    def _run(self, calls: Sequence[Call]) -> Any:
        try:
            return self._script(args=[self._prefix, json.dumps(calls, ensure_ascii=False, default=list)])
        finally:
            if self._is_closed:  # by another thread
                self.close()

    @contextmanager
    def _errors_translated(self) -> Iterator[None]:
        """Within it, every failure is a `StoreError`. The server is not quoted: it may quote ids of persons."""
        if getpid() != self._process:  # before the driver takes a lock, which the parent may have held as it forked
            raise StoreError(f"Redis store: got process {getpid()}; expected process {self._process}, which opened it")
        if self._is_closed:
            raise StoreClosed("Redis store: got a use of a closed store; expected an open one")
        try:
            yield
        except (redis.RedisError, OSError, LookupError, TypeError, ValueError) as error:
            raise self._translated(error) from None

    def _translated(self, error: Exception) -> StoreError:
        got = type(error).__name__
        if isinstance(error, _MAY_PASS) or str(error).partition(" ")[0] in _MAY_PASS_WORDS:
            return StoreUnavailable(f"Redis store: got {got}; expected an answer. The request may be sent again")
        what = "a refusal by the server" if isinstance(error, redis.RedisError) else "a value that can't be read"
        return self._unreadable(f"{what} ({got})")

    def _unreadable(self, got: str) -> StoreUnreadable:
        return StoreUnreadable(f"Redis store, keys {self._prefix}*: got {got}; expected what this release wrote")
