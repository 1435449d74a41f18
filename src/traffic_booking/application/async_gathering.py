"""Tasks that ask one desk are served together: whoever has come by the time a round begins is in it.

A round runs in a task of the desk's own, so that nobody who waits can take it along by being cancelled. It begins as
soon as somebody comes and no other is under way, with all who have come in the same turn of the event loop. Between two
rounds those who have been served get a turn, in which they may come again. There is no timer.
"""

from asyncio import Future, Task, create_task, get_running_loop, sleep, wait
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from typing import Final, Generic

from traffic_booking.application.gathering import LARGEST_ROUND, R
from traffic_booking.domain.errors import StoreUnavailable

LONGEST_LINE: Final = 10_000
"""How many may wait. A task costs little, so nothing else would keep a line from growing faster than it is served."""


class AsyncGathering(Generic[R]):
    """The line at a desk, of one event loop.

    `settle` gets 1 to `largest` requests in the order in which they came. Those that it leaves unsettled are in the
    next round, before all who came later; the first of each round must get on. What it raises is told to the first of
    the round, and the others stay in line.
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
        self._server: Task[None] | None = None

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
        if self._server is None:
            self._server = create_task(self._serve_all(), context=Context(), name="rounds of a booking desk")
        await turn

    async def at_rest(self) -> None:
        """Return when nobody is in line and no round is under way."""
        while self._server is not None:
            await wait([self._server])

    async def _serve_all(self) -> None:
        serving: list[tuple[R, Future[None]]] = []
        try:
            while serving := self._next_round():
                await self._serve(serving)
                await sleep(0)  # whoever has been served may come again, into the next round
        finally:
            self._server = None
            for _, turn in (*serving, *self._line):  # none, unless the event loop is ending
                turn.cancel()
            self._line.clear()

    def _next_round(self) -> list[tuple[R, Future[None]]]:
        chosen: list[tuple[R, Future[None]]] = []
        while self._line and len(chosen) < self._largest:
            place = self._line.popleft()
            if not place[1].done():  # else it was cancelled
                chosen.append(place)
        return chosen

    async def _serve(self, serving: Sequence[tuple[R, Future[None]]]) -> None:
        try:
            await self._settle([request for request, _ in serving])
        except Exception as error:  # noqa: BLE001 - a defect; its first caller has to hear of it, so that the rest gets on
            if not serving[0][1].done():
                serving[0][1].set_exception(error)
        left = []
        for request, turn in serving:
            if turn.done():
                continue
            if request.settled:
                turn.set_result(None)
            else:
                left.append((request, turn))
        self._line.extendleft(reversed(left))
