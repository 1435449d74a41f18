"""Group commit for threads: the first caller in line executes the requests of all who wait behind it, as one batch.

While a batch is under way, new callers wait in line, each at a lock of its own. The first in line is called. If its
request is done it leaves and calls the next; if not, it executes its own request and those behind it in one batch. So
the callers that are done leave one after another, and the next batch starts when the last of them is awake: by then
many have sent another request. There is no timer and no thread of the desk's own, and a lone caller is first at once.
"""

from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from itertools import islice
from threading import Lock
from typing import Final, Generic, Protocol, TypeVar

from traffic_booking.persistence.lifetime import Lifetime

LARGEST_BATCH: Final = 256
"""How many requests make a batch at most; the line itself is as long as there are threads."""


class TurnTaking(AbstractContextManager[object], Protocol):
    """A lock like `threading.Lock`: one thread may acquire it and another release it. A simulation has its own."""

    def acquire(self) -> bool:
        """Return True, once it is free."""
        ...

    def release(self) -> None:
        """Free it. Raises `RuntimeError` if it is free."""
        ...


NewLock = Callable[[], TurnTaking]
"""Makes a lock that is free."""


class BatchRequest(Protocol):
    """The request of one caller."""

    @property
    def done(self) -> bool:
        """True if there is an outcome or an error, so that the caller may leave."""
        ...


R = TypeVar("R", bound=BatchRequest)


class GroupCommit(Generic[R]):
    """The line at a desk.

    `execute` gets 1 to `largest` requests in the order in which they came. Requests that it leaves undone are in the
    next batch, before all later ones; the first of a batch may be left undone only a few times. It raises only
    exceptions that end a thread, such as `KeyboardInterrupt`: the thread that ran it leaves with that, and another
    executes the requests that are left.
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

    @property
    def waiting(self) -> int:
        """How many requests are in line."""
        return len(self._line)

    def submit(self, request: R) -> None:
        """Return once `request` is done.

        An interrupt (`KeyboardInterrupt`) takes its caller out of the line and leaves the others in it. The interrupted
        request may be executed all the same.
        """
        self._lifetime.check()
        place = _Place(request, self._new_lock)
        try:
            with self._lock:
                if self._line:
                    place.make_wait()
                self._line.append(place)
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
        """Take no more requests: `submit` raises `StoreClosed`. Those in line get their results."""
        self._lifetime.end()

    def _serve_from(self, first: "_Place[R]") -> None:
        with self._lock:
            requests = [place.request for place in islice(self._line, self._largest)]
        self._execute(requests)
        if not all(request.done for request in requests):  # those that are done leave before the next batch
            with self._lock:
                first.make_wait()
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
        """Wake the caller, which checks whether it is first: a call too many does no harm."""
        if self._turn is not None:
            try:
                self._turn.release()
            except RuntimeError:  # called already
                return
