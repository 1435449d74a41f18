"""Drives a store whose methods are awaited from code that blocks, such as the kit's cases."""

import asyncio
import atexit
from collections.abc import Callable, Coroutine
from functools import cache
from inspect import isawaitable
from os import getpid
from threading import Thread
from typing import Any


class Blocking:
    """A store whose methods block, over one whose methods are awaited; opened, and used, in one event loop.

    Every method of the store has to return an awaitable: one that blocks the event loop is refused.
    """

    def __init__(self, opener: Callable[[], Any]) -> None:
        self._store = finished(_opened(opener))

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._store, name)

        def call(*arguments: Any, **named: Any) -> Any:
            return finished(_answer(method, arguments, named))

        return call


async def _opened(opener: Callable[[], Any]) -> Any:
    made = opener()
    return await made if isawaitable(made) else made


async def _answer(method: Callable[..., Any], arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
    answer = method(*arguments, **named)
    assert isawaitable(answer), f"{method.__name__} gave {type(answer).__name__}; expected an awaitable"
    return await answer


def finished(work: Coroutine[Any, Any, Any]) -> Any:
    """The result of `work` in the event loop in which awaited stores live."""
    return asyncio.run_coroutine_threadsafe(work, _loop(getpid())).result()


@cache
def _loop(process: int) -> asyncio.AbstractEventLoop:
    """The event loop of the process in which awaited stores live; a forked child gets one of its own."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, name="awaited stores", daemon=True)
    thread.start()

    def end() -> None:
        if getpid() != process:
            return
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

    atexit.register(end)
    return loop
