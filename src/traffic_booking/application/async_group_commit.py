"""Group commit for tasks of one event loop: the requests that wait when a batch begins are executed together.

A batch runs in a task of the desk's own, so that it goes on if a caller is cancelled. It begins in the turn of the
event loop after a request has come or a batch has ended, with all requests that wait by then. So tasks whose requests
are done may send others in between. There is no timer. A second batch begins while one is under way only if it is large
enough to be worth its two round trips. The one is then decided while the store works on the other.
"""

from asyncio import Future, Task, create_task, get_running_loop, sleep, wait
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from functools import partial
from typing import Final, Generic

from traffic_booking.application.group_commit import LARGEST_BATCH, R
from traffic_booking.domain.errors import StoreUnavailable

LONGEST_LINE: Final = 10_000
"""How many requests may wait. A task costs little, so nothing else keeps the line from growing without end."""

MOST_BATCHES: Final = 2
"""How many batches are under way at once."""
WORTH_A_BATCH: Final = 32
"""How many requests make a batch beside another: with fewer, the cost of a batch is more than the time won."""


class AsyncGroupCommit(Generic[R]):
    """The line at a desk, of one event loop.

    `execute` gets 1 to `largest` requests in the order in which they came; two calls of it may be under way at once.
    Requests that it leaves undone are in the next batch, before all later ones; the first of a batch may be left undone
    only a few times. An exception that it raises goes to the caller of the first request; the others stay in line.
    """

    def __init__(
        self,
        execute: Callable[[Sequence[R]], Awaitable[None]],
        *,
        largest: int = LARGEST_BATCH,
        longest: int = LONGEST_LINE,
    ) -> None:
        self._execute = execute
        self._largest = largest
        self._longest = longest
        self._line: deque[tuple[R, Future[None]]] = deque()
        self._batches: set[Task[None]] = set()
        self._called = False

    @property
    def waiting(self) -> int:
        """How many requests are in line."""
        return len(self._line)

    async def submit(self, request: R) -> None:
        """Return once `request` is done. Raises `StoreUnavailable` at once if the line is full.

        A task that is cancelled while it waits leaves the line, and its request is not executed. If its batch has begun
        the request is executed all the same, but it is not retried after a conflict.
        """
        if len(self._line) >= self._longest:
            raise StoreUnavailable(
                f"got {self._longest} requests that wait at this desk; expected fewer, try it again later"
            )
        turn = get_running_loop().create_future()
        self._line.append((request, turn))
        self._schedule_batches()
        await turn

    async def close(self) -> None:
        """Return once no request waits and no batch is under way."""
        while self._line or self._batches:
            await (wait(tuple(self._batches)) if self._batches else sleep(0))

    def _schedule_batches(self) -> None:
        """Let batches begin in the next turn of the event loop, after all tasks that are ready in this turn."""
        if not self._called:
            self._called = True
            get_running_loop().call_soon(self._begin_batches, context=Context())

    def _begin_batches(self) -> None:
        self._called = False
        while len(self._batches) < MOST_BATCHES and len(self._line) >= (WORTH_A_BATCH if self._batches else 1):
            if serving := self._next_batch():
                batch = create_task(self._serve(serving), name="batch of a booking desk")
                self._batches.add(batch)
                batch.add_done_callback(partial(self._leave, serving))  # also if it is cancelled before it begins

    def _next_batch(self) -> Sequence[tuple[R, Future[None]]]:
        """All requests that wait, as far as a batch goes; half of them if the rest is worth another batch."""
        waiting = len(self._line)
        most = waiting // 2 if not self._batches and waiting >= MOST_BATCHES * WORTH_A_BATCH else waiting
        chosen: list[tuple[R, Future[None]]] = []
        while self._line and len(chosen) < min(most, self._largest):
            place = self._line.popleft()
            if not place[1].done():  # else it was cancelled
                chosen.append(place)
        return chosen

    async def _serve(self, serving: Sequence[tuple[R, Future[None]]]) -> None:
        await self._execute([request for request, _ in serving])

    def _leave(self, serving: Sequence[tuple[R, Future[None]]], batch: Task[None]) -> None:
        """Wake the callers whose requests are done, and put the other requests in front of the line.

        If the end of the event loop has cancelled the batch, the other callers are cancelled too.
        """
        self._batches.discard(batch)
        error = None if batch.cancelled() else batch.exception()
        if isinstance(error, Exception) and not serving[0][1].done():  # a defect: the other requests go on
            serving[0][1].set_exception(error)
        retried = not batch.cancelled() and (error is None or isinstance(error, Exception))
        left = []
        for request, turn in serving:
            if turn.done():
                continue
            if request.done:
                turn.set_result(None)
            elif retried:
                left.append((request, turn))
            else:
                turn.cancel()
        self._line.extendleft(reversed(left))
        self._schedule_batches()
