"""Limits the refusals of one actor: each refusal is stored, so a flood of them would fill the store.

Each desk counts for itself, in memory: nothing is written for a throttled request.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from traffic_booking.domain.people.actors import Actor

_SYSTEM: Final = "system"
WINDOW: Final = timedelta(minutes=1)
MOST_ACTORS: Final = 10_000
"""How many actors are counted. The actor whose last refusal is oldest is dropped first."""


class RefusalThrottle:
    """At most `limit` (1 or more) refusals of one actor in a minute. Several threads may use it at once.

    A delegate counts as the person who acts. The library itself (`System`) is never throttled.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._refused: OrderedDict[str, deque[datetime]] = OrderedDict()
        self._lock = Lock()

    def admit(self, actor: Actor, now: datetime) -> datetime | None:
        """Count a request that is refused at `now`, or return when one may be refused again.

        Counted when it is decided: two batches of one desk may be under way at once.
        """
        name = throttled_as(actor)
        if name == _SYSTEM:
            return None
        with self._lock:
            refused = self._refused.setdefault(name, deque(maxlen=self._limit))
            self._refused.move_to_end(name)
            if len(self._refused) > MOST_ACTORS:
                self._refused.popitem(last=False)
            while refused and now < refused[-1]:  # the clock was put back
                refused.pop()
            if len(refused) == self._limit and now < refused[0] + WINDOW:
                return refused[0] + WINDOW
            refused.append(now)
        return None

    def release(self, actor: Actor) -> None:
        """Subtract a refusal that was counted and has not been written, because its request got an error."""
        with self._lock:
            refused = self._refused.get(throttled_as(actor))
            if refused:
                refused.pop()


def throttled_as(actor: Actor) -> str:
    """The name under which an actor's refusals are counted."""
    from traffic_booking.domain.people.actors import Clerk, Delegate, System  # a search does without them
    from traffic_booking.domain.people.applicants import Applicant

    match actor:
        case Applicant(subject):
            return subject
        case Delegate(person=person):
            return person.subject
        case Clerk(id):
            return f"clerk:{id}"
        case System():
            return _SYSTEM
