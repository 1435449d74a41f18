"""Callers that take turns, so that the order of their steps can be drawn from a seed, and repeated."""

from collections.abc import Callable, Mapping
from random import Random
from threading import Semaphore, Thread, current_thread
from typing import Final

PATIENCE_SECONDS: Final = 60.0
"""How long a turn may take; one that takes longer waits for a caller whose turn it is not."""


class Turns:
    """Runs several callers, exactly one at a time: each goes on until it hands its turn over, or is done.

    The seed draws the next caller. So the same seed gives the same order, if the callers draw nothing else. A caller
    has a thread of its own, which runs only in its turn. A caller may not hand over while it has a lock that another
    needs, unless the lock is one of `lock()`: that turn would never end, and raises `RuntimeError`.

    Example: `Turns(seed=1).run({"one": first, "other": second}, after_each=check)`.
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
        """Run the `callers` to their end, and after each turn `after_each`, while no caller runs.

        Raises:
            BaseException: the first exception of a caller or of `after_each`; the other callers are stopped.

        Example: `turns.run({"one": first, "other": second}, after_each=check)`.
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
        """End the turn, and go on in the next one; without effect in a thread that is not the present caller's.

        Example: `FaultyStore(store, plan, hand_over=turns.hand_over)`.
        """
        caller = self._now
        if caller is not None and caller.thread is current_thread():
            caller.hand_over()

    def lock(self) -> "TurnLock":
        """A lock for these callers, in the place of one of `threading`: a caller that waits for it hands over.

        Example: `with turns.lock(): …`.
        """
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
    """A lock of callers that take turns; its owner may hand over, and any thread may release it."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._is_taken = False

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()

    def acquire(self) -> bool:
        """Return True once the lock is free. Raises `RuntimeError` between turns, if it is not free."""
        while self._is_taken:
            if not self._turns.whose:
                raise RuntimeError("got a lock that is taken, between the turns; expected one that is free")
            self._turns.hand_over()
        self._is_taken = True
        return True

    def release(self) -> None:
        """Free the lock. Raises `RuntimeError` if it is free."""
        if not self._is_taken:
            raise RuntimeError("got a lock that nobody has; expected one that is taken")
        self._is_taken = False


class _Stopped(BaseException):
    """Ends a caller in the middle; no `Exception`, so that no caller handles it."""


class _Caller:
    def __init__(self, name: str, task: Callable[[], None], given_back: Semaphore) -> None:
        self.name = name
        self.error: BaseException | None = None
        self.has_done = False
        self._task = task
        self._given_back = given_back
        self._turn = Semaphore(0)
        self._is_stopped = False
        self.thread = Thread(target=self._run, name=name, daemon=True)

    def begin_turn(self) -> None:
        """Go on after the last hand-over; from the beginning, the first time."""
        if self.thread.ident is None:
            self.thread.start()
        self._turn.release()

    def hand_over(self) -> None:
        """Give the turn back, and return when the next one begins."""
        self._given_back.release()
        self._wait()

    def stop(self, *, is_stuck: bool) -> None:
        """End it at its last hand-over; a thread that is stuck elsewhere can't be ended."""
        self._is_stopped = True
        if self.thread.ident is not None and not is_stuck:
            self._turn.release()
            self.thread.join()

    def _wait(self) -> None:
        self._turn.acquire()
        if self._is_stopped:
            raise _Stopped

    def _run(self) -> None:
        try:
            self._wait()
            self._task()
        except _Stopped:
            return
        except BaseException as error:  # noqa: BLE001 - the run ends with it, whatever it is
            self.error = error
        self.has_done = True
        self._given_back.release()
