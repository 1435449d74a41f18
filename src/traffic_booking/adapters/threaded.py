"""Any store under an event loop: each call runs in a thread."""

from asyncio import get_running_loop, shield
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final, ParamSpec, TypeVar

from traffic_booking.domain.number_input import bounded_number
from traffic_booking.domain.value_input import with_methods
from traffic_booking.persistence.lifetime import Lifetime
from traffic_booking.ports.inspection import Inspection
from traffic_booking.ports.store import Store

P = ParamSpec("P")
T = TypeVar("T")

MOST_THREADS: Final = 64


class ThreadedStore:
    """An `AsyncStore` over a `Store`, which it closes in the end; at most `threads` (1 to 64) calls at a time.

    Its threads are its own, so it never waits for the host's. If the task of a call is cancelled, the call runs to its
    end in its thread, and its result is dropped.
    """

    def __init__(self, store: Store, *, threads: int = 4) -> None:
        bounded_number(threads, "threads", least=1, greatest=MOST_THREADS)
        self._store = with_methods(store, "store", "commit", "read", "feed", "close")
        self._threads = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="store")
        self._lifetime = Lifetime(type(store).__name__)
        self.commit = self._in_a_thread(store.commit)
        self.read = self._in_a_thread(store.read)
        self.feed = self._in_a_thread(store.feed)
        advance = getattr(store, "advance", None)
        if advance is not None:
            self.advance = self._in_a_thread(advance)
        self.overwrite_removed = self._in_a_thread(getattr(store, "overwrite_removed", bool))
        inspect: Callable[[], Inspection] | None = getattr(store, "inspect", None)
        self.inspect = None if inspect is None else self._in_a_thread(inspect)

    async def close(self) -> None:
        if not self._lifetime.end():
            return  # a forked process has no threads
        closing = get_running_loop().run_in_executor(self._threads, self._store.close)
        self._threads.shutdown(wait=False)  # running calls end by themselves
        await shield(closing)

    def _in_a_thread(self, method: Callable[P, T]) -> Callable[P, Coroutine[Any, Any, T]]:
        async def call(*arguments: P.args, **named: P.kwargs) -> T:
            self._lifetime.check()
            return await get_running_loop().run_in_executor(self._threads, partial(method, *arguments, **named))

        return call
