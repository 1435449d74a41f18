"""Tasks that ask one desk are served together: whoever has come by the time a round begins is in it.

A round runs in a task of the desk's own, so that nobody who waits can take it along by being cancelled. It begins in
the turn of the event loop after somebody has come or was served, with all who are in line by then: those who have been
served may come again in between. There is no timer. A second round begins while one is under way where it is large
enough to be worth its two round trips: then one is decided while the store works on the other.
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
"""How many may wait. A task costs little, so nothing else would keep a line from growing faster than it is served."""

MOST_BATCHES: Final = 2
"""How many are under way at once."""
WORTH_A_BATCH: Final = 32
"""How many make a round beside another: with fewer, what a round costs by itself is more than the time won."""


class AsyncGroupCommit(Generic[R]):
    """The line at a desk, of one event loop.

    `settle` gets 1 to `largest` requests in the order in which they came; two calls of it may be under way at once, as
    of two desks over one store. Those that it leaves unsettled are in the next round, before all who came later; the
    first of each round must get on. What it raises is told to the first of the round, and the others stay in line.
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

    async def serve(self, request: R) -> None:
        """Return when `request` is settled. Raises `StoreUnavailable` at once where the line is full.

        A task that is cancelled while it waits leaves the line, and its request is not done, unless its round has
        begun: then it is settled all the same, or, where it met something newer, not tried again.
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
        """Return when no request waits and no batch is under way."""
        while self._line or self._batches:
            await (wait(tuple(self._batches)) if self._batches else sleep(0))

    def _schedule_batches(self) -> None:
        """Let rounds begin in the next turn of the event loop, behind all who get on in it."""
        if not self._called:
            self._called = True
            get_running_loop().call_soon(self._begin_batches, context=Context())

    def _begin_batches(self) -> None:
        self._called = False
        while len(self._batches) < MOST_BATCHES and len(self._line) >= (WORTH_A_BATCH if self._batches else 1):
            if serving := self._next_batch():
                batch = create_task(self._serve(serving), name="round of a booking desk")
                self._batches.add(batch)
                batch.add_done_callback(partial(self._leave, serving))  # whatever ends it, before it has begun perhaps

    def _next_batch(self) -> Sequence[tuple[R, Future[None]]]:
        """Who is served next: all who wait, as far as a round goes; half of them where the rest is worth another."""
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
        """Tell those who are settled; the others come again, or go with a round that the end of the loop has ended."""
        self._batches.discard(batch)
        error = None if batch.cancelled() else batch.exception()
        if isinstance(error, Exception) and not serving[0][1].done():  # a defect, that the rest may get on
            serving[0][1].set_exception(error)
        comes_again = not batch.cancelled() and (error is None or isinstance(error, Exception))
        left = []
        for request, turn in serving:
            if turn.done():
                continue
            if request.done:
                turn.set_result(None)
            elif comes_again:
                left.append((request, turn))
            else:
                turn.cancel()
        self._line.extendleft(reversed(left))
        self._schedule_batches()
