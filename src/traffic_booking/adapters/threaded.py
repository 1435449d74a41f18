"""Any store under an event loop: each call is made in a thread, and the loop goes on meanwhile."""

from asyncio import get_running_loop, shield
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final, ParamSpec, TypeVar

from traffic_booking.domain.errors import InvalidInput, StoreClosed
from traffic_booking.ports.store import Store

P = ParamSpec("P")
T = TypeVar("T")

MOST_THREADS: Final = 64


class ThreadedStore:
    """An `AsyncStore` over a `Store`, which it closes in the end; at most `threads` (1 to 64) calls at a time.

    The threads are its own, so that it never waits for those that the host keeps busy. A call whose task is cancelled
    goes on to its end in its thread, and nobody hears of it.
    """

    def __init__(self, store: Store, *, threads: int = 4) -> None:
        if not 1 <= threads <= MOST_THREADS:
            raise InvalidInput("threads", got=str(threads), expected=f"1 to {MOST_THREADS}")
        self._store = store
        self._threads = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="store")
        self._closed = False
        self.facts = self._in_a_thread(store.facts)
        self.taken = self._in_a_thread(store.taken)
        self.lapsed = self._in_a_thread(store.lapsed)
        self.commit = self._in_a_thread(store.commit)
        self.answer = self._in_a_thread(store.answer)
        self.answers = self._in_a_thread(store.answers)
        self.appointment = self._in_a_thread(store.appointment)
        self.appointments_of = self._in_a_thread(store.appointments_of)
        self.appointments_at = self._in_a_thread(store.appointments_at)
        self.calendar_entries = self._in_a_thread(store.calendar_entries)
        self.history = self._in_a_thread(store.history)
        self.stored_appointments = self._in_a_thread(store.stored_appointments)
        self.stored_slots = self._in_a_thread(store.stored_slots)
        self.password_hash = self._in_a_thread(store.password_hash)
        self.set_password_hash = self._in_a_thread(store.set_password_hash)
        self.replace_password_hash = self._in_a_thread(store.replace_password_hash)
        self.is_spent = self._in_a_thread(store.is_spent)
        self.sign_in_attempts = self._in_a_thread(store.sign_in_attempts)

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        closing = get_running_loop().run_in_executor(self._threads, self._store.close)
        self._threads.shutdown(wait=False)  # what is in hand goes on to its end
        await shield(closing)

    def _in_a_thread(self, method: Callable[P, T]) -> Callable[P, Coroutine[Any, Any, T]]:
        async def call(*arguments: P.args, **named: P.kwargs) -> T:
            if self._closed:
                raise StoreClosed("got a store that is closed; expected one in use")
            return await get_running_loop().run_in_executor(self._threads, partial(method, *arguments, **named))

        return call
