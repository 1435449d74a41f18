"""No decision differs from that of a desk without a replica, for any older state that the replica shows."""

from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.calendars import exception
from tests.cases import CLERK
from tests.counted import counted_tokens
from tests.old_replicas import Pair
from tests.small_town import START
from traffic_booking import Refused, SlotKey
from traffic_booking.application.replicas import OLDEST_READ_SECONDS
from traffic_booking.domain.places.geography import BranchId
from traffic_booking.domain.places.services import ServiceId
from traffic_booking.domain.schedule.exceptions import Effect
from traffic_booking.testing import made_up_person

FIRST = START + timedelta(hours=1)
SLOTS = [
    SlotKey(BranchId(branch), ServiceId("renewal"), FIRST + timedelta(minutes=15 * number))
    for branch in ("north", "south")
    for number in range(3)
]
verbs = st.sampled_from(
    ["book", "book", "book", "hold", "move", "cancel", "close", "repeat", "follow", "wait", "search"]
)
steps = st.lists(st.tuples(verbs, st.integers(0, 5), st.integers(0, 3)), min_size=1, max_size=15)


class Run:
    """The same requests at a desk, in a world of its own."""

    def __init__(self, *, replicated: bool) -> None:
        self.pair = Pair(horizon_days=1)
        self.desk = self.pair.desk if replicated else self.pair.other
        self.numbers: list[str] = []
        self.requests: list[Any] = []
        self.serial = 0

    def step(self, verb: str, place: int, pick: int) -> object:
        """Do one thing; the decision, if there is one."""
        self.serial += 1
        request, person = f"r{self.serial}", made_up_person(pick + 1)
        match verb:
            case "book" | "hold":
                agreed = {"agreed": True} if verb == "book" else {}
                self.requests.append((verb, (SLOTS[place],), {"applicant": person, "request_id": request, **agreed}))
                return self._done(*self.requests[-1])
            case "repeat" if self.requests:
                return self._done(*self.requests[place % len(self.requests)])
            case "move" if self.numbers:
                given = {"by": CLERK, "request_id": request, "agreed": True}
                return self._done("move", (self.numbers[pick % len(self.numbers)], SLOTS[place]), given)
            case "cancel" if self.numbers:
                number = self.numbers[pick % len(self.numbers)]
                return self._done("cancel", (number,), {"by": CLERK, "request_id": request})
            case "close":
                record = exception(
                    Effect.CLOSED, FIRST.date(), name=f"closed-{self.serial}", branch=SLOTS[place].branch
                )
                return self.desk.calendar.declare(record, reason="a test", by=CLERK, request_id=request)
            case "follow":
                self.pair.replica.catch_up(place)
            case "wait":
                self.pair.wait(place)
            case _:
                self.desk.find_slots(service="renewal", limit=3, applicant=person)
                self.desk.month_view(service="renewal", year=2026, month_of_year=11)
                self.desk.appointments(person)
        return None

    def _done(self, verb: str, arguments: tuple[Any, ...], given: dict[str, Any]) -> object:
        outcome = getattr(self.desk, verb)(*arguments, **given)
        if verb in {"book", "hold"} and not isinstance(outcome, Refused):
            self.numbers.append(outcome.appointment.number)
        return outcome


@settings(deadline=None, max_examples=settings().max_examples // 5)
@given(steps=steps)
def test_no_decision_differs_whatever_the_replica_shows(steps):
    decisions = []
    for replicated in (True, False):
        with counted_tokens():
            run = Run(replicated=replicated)
            decisions.append([run.step(*each) for each in steps])
    assert decisions[0] == decisions[1]


@settings(deadline=None, max_examples=settings().max_examples // 5)
@given(steps=steps)
def test_a_search_is_never_older_than_the_bound_nor_than_it_says(steps):
    """Every page equals the one that the store gave at an instant between `as_of` and now."""
    run = Run(replicated=True)
    given: list[tuple[Any, Any]] = []
    for step in [*steps, ("search", 0, 0)]:
        run.step(*step)
        now = run.pair.clock.now()
        given.append((now, run.pair.other.find_slots(service="renewal", limit=60).slots))
        page = run.desk.find_slots(service="renewal", limit=60)
        assert page.staleness <= timedelta(seconds=OLDEST_READ_SECONDS)
        since = [keys(slots) for instant, slots in given if instant >= page.as_of]
        before = [keys(slots) for instant, slots in given if instant < page.as_of][-1:]
        assert keys(page.slots) in [*before, *since]


def keys(slots: Any) -> list[tuple[SlotKey, int]]:
    return [(each.key, each.free) for each in slots]
