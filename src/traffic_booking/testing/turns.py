"""Callers that take turns, so that the ways in which they come between each other can be drawn, and drawn again."""

from collections.abc import Callable, Mapping
from random import Random
from threading import Semaphore, Thread, current_thread
from types import TracebackType
from typing import Final

PATIENCE_SECONDS: Final = 60.0
"""How long a turn may take; one that takes longer waits for somebody whose turn it isn't."""


class Turns:
    """Runs several callers, exactly one at a time: each goes on until it hands its turn over, or has done.

    The seed draws who is next, so that with the same seed, and callers that draw nothing else, all happens in the same
    order. A caller has a thread of its own, which runs only when it is its turn. None may hand over while it holds a
    lock that another asks for, unless it is one of `lock`: that turn would never end, and is a `RuntimeError`.
    """

    def __init__(self, seed: int | str) -> None:
        self._random = Random(f"turns {seed}")  # noqa: S311 - to be drawn again, not to be secret
        self._given_back = Semaphore(0)
        self._now: _Caller | None = None

    @property
    def whose(self) -> str:
        """The name of the caller whose turn it is; empty between the turns."""
        return self._now.name if self._now is not None else ""

    def run(self, callers: Mapping[str, Callable[[], None]], *, after_each: Callable[[], None]) -> None:
        """Run the `callers` to their end, and `after_each` turn that function, while nobody runs.

        What either raises ends the run, stops the other callers where they are, and is raised here.
        """
        everyone = [_Caller(name, task, self._given_back) for name, task in callers.items()]
        waiting = list(everyone)
        try:
            while waiting:
                caller = self._random.choice(waiting)
                self._give(caller)
                if caller.error is not None:
                    raise caller.error
                if caller.has_done:
                    waiting.remove(caller)
                after_each()
        finally:
            for caller in everyone:
                caller.stop(is_stuck=caller is self._now)

    def hand_over(self) -> None:
        """Let another caller go on, perhaps the same one; called by the one whose turn it is, by others in vain."""
        caller = self._now
        if caller is not None and caller.is_this_thread():
            caller.hand_over()

    def lock(self) -> "TurnLock":
        """A lock for these callers, in the place of one of `threading`: whoever waits for it hands over."""
        return TurnLock(self)

    def _give(self, caller: "_Caller") -> None:
        self._now = caller
        caller.begin_turn()
        if not self._given_back.acquire(timeout=PATIENCE_SECONDS):
            raise RuntimeError(
                f"{caller.name}: got no end of its turn in {PATIENCE_SECONDS:.0f} s; expected it to wait for nobody"
            )
        self._now = None


class TurnLock:
    """A lock of callers that take turns; whoever has it may hand over, and anybody may release it."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._is_taken = False

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.release()

    def acquire(self) -> bool:
        """Return True, once it is free. Raises `RuntimeError` where that can't be waited for: it is nobody's turn."""
        while self._is_taken:
            if not self._turns.whose:
                raise RuntimeError("got a lock that is taken, between the turns; expected one that is free")
            self._turns.hand_over()
        self._is_taken = True
        return True

    def release(self) -> None:
        """Free it. Raises `RuntimeError` where nobody has it."""
        if not self._is_taken:
            raise RuntimeError("got a lock that nobody has; expected one that is taken")
        self._is_taken = False


class _Stopped(BaseException):
    """Ends a caller in the middle; no error of the library, so that nobody takes it for an answer."""


class _Caller:
    def __init__(self, name: str, task: Callable[[], None], given_back: Semaphore) -> None:
        self.name = name
        self.error: BaseException | None = None
        self.has_done = False
        self._task = task
        self._given_back = given_back
        self._turn = Semaphore(0)
        self._is_stopped = False
        self._thread = Thread(target=self._run, name=name, daemon=True)

    def is_this_thread(self) -> bool:
        """Whether it is the one that asks."""
        return self._thread is current_thread()

    def begin_turn(self) -> None:
        """Go on from where it handed over; from the beginning, the first time."""
        if self._thread.ident is None:
            self._thread.start()
        self._turn.release()

    def hand_over(self) -> None:
        """Give the turn back, and return when the next one begins."""
        self._given_back.release()
        self._await_turn()

    def stop(self, *, is_stuck: bool) -> None:
        """End it where it handed over; one that is stuck elsewhere is left to itself."""
        self._is_stopped = True
        if self._thread.ident is not None and not is_stuck:
            self._turn.release()
            self._thread.join()

    def _await_turn(self) -> None:
        self._turn.acquire()
        if self._is_stopped:
            raise _Stopped

    def _run(self) -> None:
        try:
            self._await_turn()
            self._task()
        except _Stopped:
            return
        except BaseException as error:  # noqa: BLE001 - whatever it is, the run ends with it
            self.error = error
        self.has_done = True
        self._given_back.release()
