"""Refusals of one actor are throttled: each is written down, so nobody may cause any number of them.

Each desk counts for itself, in memory: nothing is written for a throttled request.
"""

from collections import OrderedDict, deque
from datetime import datetime, timedelta
from itertools import repeat
from threading import Lock
from typing import Final

from traffic_booking.domain.actors import Actor, Clerk, Delegate, System
from traffic_booking.domain.applicants import Applicant

WINDOW: Final = timedelta(minutes=1)
MOST_ACTORS: Final = 10_000
"""Of these it is known; the one whose last refusal is oldest is left out first."""


class RefusalThrottle:
    """At most `limit` (1 or more) refusals of one actor in a minute. Several threads may use it at once.

    A delegate counts as the person who acts. The library itself (`System`) is never throttled.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._refused: OrderedDict[str, deque[datetime]] = OrderedDict()
        self._lock = Lock()

    def allowed_from(self, actor: Actor, now: datetime, *, decided: int = 0) -> datetime | None:
        """When another request of `actor` may be refused, None if one may be now.

        `decided` are refusals of the same actor that have been decided and not written yet.
        """
        if isinstance(actor, System):
            return None
        with self._lock:
            refused = [*self._refused.get(throttled_as(actor), ()), *repeat(now, decided)]
        if len(refused) < self._limit:
            return None
        again = refused[-self._limit] + WINDOW
        return again if now < again else None

    def count(self, actor: Actor, now: datetime) -> None:
        """A request of `actor` was refused at `now`."""
        if isinstance(actor, System):
            return
        name = throttled_as(actor)
        with self._lock:
            self._refused.setdefault(name, deque(maxlen=self._limit)).append(now)
            self._refused.move_to_end(name)
            if len(self._refused) > MOST_ACTORS:
                self._refused.popitem(last=False)


def throttled_as(actor: Actor) -> str:
    """Whose requests count together."""
    match actor:
        case Applicant(subject):
            return subject
        case Delegate(person=person):
            return person.subject
        case Clerk(id):
            return f"clerk:{id}"
        case System():
            return "system"
