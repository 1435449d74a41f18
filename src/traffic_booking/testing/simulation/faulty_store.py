"""A store in front of another, with faults at chosen calls, as disks, servers and networks have them.

A plan chooses the fault of every call. `faults_at` names the calls by their numbers, `seeded_faults` draws them from a
seed, and any other function of a `StoreCall` is a plan, too.
"""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from itertools import count
from random import Random
from typing import Any, Final, TypeVar

from attrs import frozen

from traffic_booking.domain.audit.feed import FeedPosition
from traffic_booking.domain.errors import StoreUnavailable
from traffic_booking.ports.primitives import LogPage, Query, StoreChange, StoreConflict
from traffic_booking.ports.store import Store

T = TypeVar("T")


class StoreFault(StrEnum):
    """The fault of one call; all but DELAYS raise `StoreUnavailable`.

    - FAILS_BEFORE: nothing is done;
    - FAILS_MIDWAY: the first half of a batch is committed; nothing is done of any other call;
    - FAILS_AFTER: the call is done, and fails at once;
    - LOSES_REPLY: the call is done, other callers go on, and then it fails, as after a time-out;
    - DELAYS: other callers go on before the call is done, and again before it returns.
    """

    FAILS_BEFORE = "fails before"
    FAILS_MIDWAY = "fails midway"
    FAILS_AFTER = "fails after"
    LOSES_REPLY = "loses the reply"
    DELAYS = "delays"


@frozen
class StoreCall:
    """One call of a store: its number (from 1), the name of its method, and the number of changes that it commits."""

    number: int
    verb: str
    changes: int = 0


FaultPlan = Callable[[StoreCall], StoreFault | None]
"""Returns the fault of a call, None for none; called once for each call, in the order of the numbers."""

EVERY_FAULT: Final = tuple(StoreFault)


def faults_at(faults: Mapping[int, StoreFault]) -> FaultPlan:
    """The plan with faults at the calls of those numbers alone.

    Example: `FaultyStore(store, faults_at({2: StoreFault.LOSES_REPLY}))`.
    """
    return lambda call: faults.get(call.number)


def seeded_faults(seed: int | str, *, share: float, among: Sequence[StoreFault] = EVERY_FAULT) -> FaultPlan:
    """The plan with faults at a share of the calls; the same seed gives the same faults.

    Args:
        share: about how many calls have a fault, from 0 to 1.

    Example: `FaultyStore(store, seeded_faults(7, share=0.2))`.
    """

    def plan(call: StoreCall) -> StoreFault | None:
        drawn = Random(f"{seed}/{call.number}")  # noqa: S311 - to be drawn again, not to be secret
        return drawn.choice(among) if drawn.random() < share else None

    return plan


class FaultyStore:
    """A `Store` that works as `store` does, but for the faults of `plan`; `close` has none.

    `hand_over` lets other callers go on if a call is delayed or its reply lost, such as `Turns.hand_over`; nothing
    sleeps.

    Example: `FaultyStore(MemoryStore(), faults_at({2: StoreFault.FAILS_BEFORE}))`.
    """

    def __init__(self, store: Store, plan: FaultPlan, *, hand_over: Callable[[], None] = lambda: None) -> None:
        self._store = store
        self._plan = plan
        self._hand_over = hand_over
        self._numbers = count(1)

    def commit(self, changes: Sequence[StoreChange]) -> Sequence[StoreConflict | None]:
        return self._do("commit", lambda: self._store.commit(changes), changes=changes)

    def read(self, queries: Sequence[Query]) -> Sequence[Any]:
        return self._do("read", lambda: self._store.read(queries))

    def feed(self, after: FeedPosition, *, limit: int) -> LogPage:
        return self._do("feed", lambda: self._store.feed(after, limit=limit))

    def close(self) -> None:
        self._store.close()

    def _do(self, verb: str, work: Callable[[], T], *, changes: Sequence[StoreChange] = ()) -> T:
        call = StoreCall(next(self._numbers), verb, len(changes))
        fault = self._plan(call)
        match fault:
            case None:
                return work()
            case StoreFault.DELAYS:
                self._hand_over()
                done = work()
                self._hand_over()
                return done
            case StoreFault.FAILS_MIDWAY if len(changes) > 1:
                self._store.commit(changes[: len(changes) // 2])
            case StoreFault.FAILS_AFTER:
                work()
            case StoreFault.LOSES_REPLY:
                work()
                self._hand_over()
            case StoreFault.FAILS_BEFORE | StoreFault.FAILS_MIDWAY:
                pass
        raise StoreUnavailable(f"{verb}: got a planted fault (call {call.number} {fault}); expected an answer")
