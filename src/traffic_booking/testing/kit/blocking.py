"""Drives a store with coroutine methods from code that blocks, such as the kit's cases."""

import asyncio
import atexit
from collections.abc import Callable, Coroutine
from functools import cache
from inspect import isawaitable
from os import getpid
from threading import Thread
from typing import Any


class Blocking:
    """A store with methods that block, over one with coroutine methods; opened and used in one event loop.

    Every method of the store has to return an awaitable. Anything else, such as `inspect = None`, is passed on.
    """

    def __init__(self, opener: Callable[[], Any]) -> None:
        async def opened() -> Any:
            made = opener()
            return await made if isawaitable(made) else made

        self._store = finished(opened())

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)
        if not callable(method):
            return method

        async def called(*arguments: Any, **named: Any) -> Any:
            answer = method(*arguments, **named)
            assert isawaitable(answer), f"{name}: got {type(answer).__name__}; expected an awaitable"
            return await answer

        return lambda *arguments, **named: finished(called(*arguments, **named))


def finished(work: Coroutine[Any, Any, Any]) -> Any:
    """The result of `work` in the event loop of the stores with coroutine methods."""
    return asyncio.run_coroutine_threadsafe(work, _loop(getpid())).result()


@cache
def _loop(process: int) -> asyncio.AbstractEventLoop:
    """The event loop of the process; a forked child gets one of its own."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, name="asynchronous stores", daemon=True)
    thread.start()

    def end() -> None:
        if getpid() != process:
            return
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

    atexit.register(end)
    return loop
