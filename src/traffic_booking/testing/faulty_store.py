"""A store in front of another, with faults planted at chosen calls: what disks, servers and networks do to a host.

A plan decides before every call. `faults_at` names the calls by their numbers, `seeded_faults` draws them from a seed,
and any function of a `StoreCall` will do.
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
    """What goes wrong with one call; all but DELAYS end in `StoreUnavailable`.

    - FAILS_BEFORE: nothing was done;
    - FAILS_MIDWAY: of a batch of changes the first half was committed, of anything else nothing was done;
    - FAILS_AFTER: it was done, and fails at once;
    - LOSES_REPLY: it was done, others get on meanwhile, and then it fails, as after a time-out;
    - DELAYS: others get on before it is done, and again before its caller gets the answer.
    """

    FAILS_BEFORE = "fails before"
    FAILS_MIDWAY = "fails midway"
    FAILS_AFTER = "fails after"
    LOSES_REPLY = "loses the reply"
    DELAYS = "delays"


@frozen
class StoreCall:
    """One call of a store: its number (1 for the first of this wrapper), its method, how many changes it commits."""

    number: int
    verb: str
    changes: int = 0


FaultPlan = Callable[[StoreCall], StoreFault | None]
"""Returns for each call what goes wrong with it, None for nothing; called once, in the order of the numbers."""

EVERY_FAULT: Final = tuple(StoreFault)


def faults_at(faults: Mapping[int, StoreFault]) -> FaultPlan:
    """The plan that meets the calls of those numbers alone."""
    return lambda call: faults.get(call.number)


def seeded_faults(seed: int | str, *, share: float, among: Sequence[StoreFault] = EVERY_FAULT) -> FaultPlan:
    """The plan that meets about that `share` (0 to 1) of the calls; the same seed meets the same, in the same way."""

    def plan(call: StoreCall) -> StoreFault | None:
        drawn = Random(f"{seed}/{call.number}")  # noqa: S311 - to be drawn again, not to be secret
        return drawn.choice(among) if drawn.random() < share else None

    return plan


def _nobody_else() -> None:
    """Hand the turn to nobody."""


class FaultyStore:
    """A `Store` that does what `store` does, but for the faults of `plan`.

    `hand_over` lets others get on if a call is delayed or its reply lost, such as `Turns.hand_over`; nothing sleeps.
    `close` meets no fault.
    """

    def __init__(self, store: Store, plan: FaultPlan, *, hand_over: Callable[[], None] = _nobody_else) -> None:
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
