"""Lets competing threads meet inside of a planted store, so that a race is lost in every run."""

from threading import Barrier, BrokenBarrierError, current_thread, main_thread
from typing import Final

PATIENCE_SECONDS: Final = 0.3
"""How long a thread waits for another one; if none comes, the others had that time for their work."""
MOST_WAITS: Final = 8
"""How often that happens in one case: after that, no thread waits."""


class Meeting:
    """A place where two threads wait for each other."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Begin anew, for another case."""
        self._pair = Barrier(2)
        self._alone = 0

    def __call__(self) -> None:
        """Wait until another thread is here too; the main thread competes with nobody and goes on."""
        if self._alone >= MOST_WAITS or current_thread() is main_thread():
            return
        try:
            self._pair.wait(PATIENCE_SECONDS)
        except BrokenBarrierError:
            self._alone += 1
            self._pair = Barrier(2)


meet: Final = Meeting()
