"""Faulty stores that do in several transactions what belongs into one, for any store."""

from threading import Lock

from tests.planted.faults import Planted
from tests.planted.meeting import meet
from traffic_booking.ports.primitives import StoreChange

PORTION = 100
IN_A_CHILD = "        if getpid() != self._process:"
"""The line of a store that notices a fork."""


class InParts(Planted):
    """Writes a change in two parts, the second only if the first has no conflict; a subclass divides it."""

    def parts(self, change: StoreChange) -> tuple[StoreChange, StoreChange]:
        """The two parts of a change."""
        raise NotImplementedError

    def commit(self, changes):
        return [self._commit_parts(change) for change in changes] if changes else super().commit(changes)

    def _commit_parts(self, change):
        first, second = self.parts(change)
        (result,) = super().commit([first])
        meet()
        return result or super().commit([second])[0]


class EntriesFirst(InParts):
    """Writes log entries before the rest."""

    def parts(self, change):
        logged = StoreChange(entries=change.entries, trims=change.trims)
        return logged, change._replace(entries=(), trims=())


class InPortions(Planted):
    """Writes a batch in portions."""

    def commit(self, changes):
        results = [] if changes else [*super().commit(changes)]
        for first in range(0, len(changes), PORTION):
            results += super().commit(changes[first : first + PORTION])
            meet()
        return results


class SeveralSnapshots(Planted):
    """Reads each query in a transaction of its own; between two queries of one reader, another thread commits."""

    def commit(self, changes):
        meet()
        results = super().commit(changes)
        meet()
        return results

    def read(self, queries):
        turn = self.__dict__.setdefault("turn_of_one_reader", Lock())
        if not queries or not turn.acquire(blocking=False):  # two readers would meet each other, and nobody the writer
            return super().read(queries)
        try:
            return [self._alone(query) for query in queries]
        finally:
            turn.release()

    def _alone(self, query):
        (answer,) = super().read([query])
        meet()  # with a thread that is about to commit
        meet()  # and has committed
        return answer
