"""Callers of one desk are served together: whoever stands first in line serves all who stand behind.

While one round is under way, those who come wait in line, each at a lock of its own. The first in line is called: if it
has been served it leaves and calls the next; if not, it serves itself and those behind it in one round. So the served
leave one after another, and the next round starts when the last of them is awake: by then many have come again. There
is no timer and no thread of the desk's own, and a caller that comes alone is first at once.
"""

from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice
from threading import Lock
from typing import Final, Generic, Protocol, TypeVar

from traffic_booking.application.waiting import NewLock, TurnTaking
from traffic_booking.persistence.lifetime import Lifetime

LARGEST_BATCH: Final = 256
"""How many are served together at most; the line itself is as long as there are threads."""


class BatchRequest(Protocol):
    """What a caller brings."""

    @property
    def done(self) -> bool:
        """Whether there is an answer or an error, so that the caller may leave."""
        ...


R = TypeVar("R", bound=BatchRequest)


class GroupCommit(Generic[R]):
    """The line at a desk.

    `settle` gets 1 to `largest` requests in the order in which they came. Those that it leaves unsettled are in the
    next round, before all who came later; the first of each round must get on. It raises nothing but what ends a
    thread: the caller in whose thread it ran leaves with that, and another serves those who are not settled yet.
    `new_lock` makes what callers wait with.
    """

    def __init__(
        self, execute: Callable[[Sequence[R]], None], *, largest: int = LARGEST_BATCH, new_lock: NewLock = Lock
    ) -> None:
        self._execute = execute
        self._largest = largest
        self._new_lock = new_lock
        self._lock = new_lock()
        self._line: deque[_Place[R]] = deque()
        self._lifetime = Lifetime("the desk")

    def serve(self, request: R) -> None:
        """Return when `request` is settled.

        An interrupt (`KeyboardInterrupt`) takes its caller out of the line and leaves the others in theirs; the request
        may be settled all the same.
        """
        self._lifetime.check()
        place = _Place(request, self._new_lock)
        try:
            self._join(place)
            while True:
                while self._line[0] is not place:
                    place.wait()
                if request.done:
                    return
                self._serve_from(place)
        finally:
            try:
                self._leave(place)
            except BaseException:  # interrupted just here: the next must be called all the same
                self._leave(place)
                raise

    def close(self) -> None:
        """Take no more requests: `serve` raises `StoreClosed`. Those in line get their results."""
        self._lifetime.end()

    def _join(self, place: "_Place[R]") -> None:
        with self._lock:
            if self._line:
                place.make_wait()
            self._line.append(place)

    def _serve_from(self, first: "_Place[R]") -> None:
        with self._lock:
            requests = [place.request for place in islice(self._line, self._largest)]
        self._execute(requests)
        for request in requests:
            if not request.done:
                self._let_done_leave_first(first)
                break

    def _let_done_leave_first(self, server: "_Place[R]") -> None:
        with self._lock:
            server.make_wait()
            line = deque(sorted(self._line, key=lambda place: not place.request.done))
            self._line = line
        line[0].call()

    def _leave(self, place: "_Place[R]") -> None:
        with self._lock:
            if self._line and self._line[0] is place:
                self._line.popleft()
            elif place in self._line:
                self._line.remove(place)
            first = self._line[0] if self._line else None
        if first is not None:
            first.call()


class _Place(Generic[R]):
    """A caller's place in line."""

    __slots__ = ("_new_lock", "_turn", "request")

    def __init__(self, request: R, new_lock: NewLock) -> None:
        self.request = request
        self._new_lock = new_lock
        self._turn: TurnTaking | None = None

    def make_wait(self) -> None:
        """Let the next `wait` last until a `call`."""
        if self._turn is None:
            self._turn = self._new_lock()
            self._turn.acquire()

    def wait(self) -> None:
        """Return once called; a call that came before counts."""
        assert self._turn is not None, "only the first in line has nothing to wait for"
        self._turn.acquire()

    def call(self) -> None:
        """Wake the caller, who looks whether it is first: a call too many does no harm."""
        if self._turn is not None:
            try:
                self._turn.release()
            except RuntimeError:  # called already
                return
