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

from traffic_booking.application.gathering import LARGEST_ROUND, R
from traffic_booking.domain.errors import StoreUnavailable

LONGEST_LINE: Final = 10_000
"""How many may wait. A task costs little, so nothing else would keep a line from growing faster than it is served."""

MOST_ROUNDS: Final = 2
"""How many are under way at once."""
WORTH_A_ROUND: Final = 32
"""How many make a round beside another: with fewer, what a round costs by itself is more than the time won."""


class AsyncGathering(Generic[R]):
    """The line at a desk, of one event loop.

    `settle` gets 1 to `largest` requests in the order in which they came; two calls of it may be under way at once, as
    of two desks over one store. Those that it leaves unsettled are in the next round, before all who came later; the
    first of each round must get on. What it raises is told to the first of the round, and the others stay in line.
    """

    def __init__(
        self,
        settle: Callable[[Sequence[R]], Awaitable[None]],
        *,
        largest: int = LARGEST_ROUND,
        longest: int = LONGEST_LINE,
    ) -> None:
        self._settle = settle
        self._largest = largest
        self._longest = longest
        self._line: deque[tuple[R, Future[None]]] = deque()
        self._rounds: set[Task[None]] = set()
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
        self._call_rounds()
        await turn

    async def at_rest(self) -> None:
        """Return when nobody is in line and no round is under way."""
        while self._line or self._rounds:
            await (wait(tuple(self._rounds)) if self._rounds else sleep(0))

    def _call_rounds(self) -> None:
        """Let rounds begin in the next turn of the event loop, behind all who get on in it."""
        if not self._called:
            self._called = True
            get_running_loop().call_soon(self._begin_rounds, context=Context())

    def _begin_rounds(self) -> None:
        self._called = False
        while len(self._rounds) < MOST_ROUNDS and len(self._line) >= (WORTH_A_ROUND if self._rounds else 1):
            if serving := self._next_round():
                round_ = create_task(self._serve(serving), name="round of a booking desk")
                self._rounds.add(round_)
                round_.add_done_callback(partial(self._leave, serving))  # whatever ends it, before it has begun perhaps

    def _next_round(self) -> Sequence[tuple[R, Future[None]]]:
        """Who is served next: all who wait, as far as a round goes; half of them where the rest is worth another."""
        waiting = len(self._line)
        most = waiting // 2 if not self._rounds and waiting >= MOST_ROUNDS * WORTH_A_ROUND else waiting
        chosen: list[tuple[R, Future[None]]] = []
        while self._line and len(chosen) < min(most, self._largest):
            place = self._line.popleft()
            if not place[1].done():  # else it was cancelled
                chosen.append(place)
        return chosen

    async def _serve(self, serving: Sequence[tuple[R, Future[None]]]) -> None:
        await self._settle([request for request, _ in serving])

    def _leave(self, serving: Sequence[tuple[R, Future[None]]], round_: Task[None]) -> None:
        """Tell those who are settled; the others come again, or go with a round that the end of the loop has ended."""
        self._rounds.discard(round_)
        error = None if round_.cancelled() else round_.exception()
        if isinstance(error, Exception) and not serving[0][1].done():  # a defect, that the rest may get on
            serving[0][1].set_exception(error)
        comes_again = not round_.cancelled() and (error is None or isinstance(error, Exception))
        left = []
        for request, turn in serving:
            if turn.done():
                continue
            if request.settled:
                turn.set_result(None)
            elif comes_again:
                left.append((request, turn))
            else:
                turn.cancel()
        self._line.extendleft(reversed(left))
        self._call_rounds()
