"""Callers who get in each other's way, and the history of their results.

The requests of each caller follow from the seed; the machine decides whose comes first. A few people share a few slots,
so that seats and limits run out all the time. Some requests are sent twice. The clock is moved on, by an hour at most,
so that holds run out. Slots have to start so late that no rule about times refuses anything.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import count
from random import Random
from threading import Barrier, Thread
from typing import Final, Protocol

from attrs import frozen

from traffic_booking.application._sync.desk import Desk
from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.decisions.outcomes import Booked, Held
from traffic_booking.domain.errors import InvalidInput, TrafficBookingError
from traffic_booking.domain.people.actors import Clerk, Requester
from traffic_booking.domain.people.identity import PersonId
from traffic_booking.domain.schedule.slots import Slot
from traffic_booking.ports.clock import Clock
from traffic_booking.testing.histories.history import History
from traffic_booking.testing.histories.recorder import Recorder
from traffic_booking.testing.racing import switching_often
from traffic_booking.testing.samples.people import made_up_person

CLERK: Final = Clerk("history-clerk")
MINUTES: Final = 54
"""By how much the clock is moved in all, give or take one move of at most six."""


class ClockToMove(Clock, Protocol):
    """A clock that shows one instant until it is moved."""

    def move_to(self, moment: datetime) -> None:
        """Show another instant."""
        ...


@frozen(kw_only=True)
class HistoryWorkload:
    """The requests of all `clients`, of `people` and for `slots`: `operations` of them altogether.

    The people are made up by serial, from `first_person` on. With `check_ins` clerks check people in; the rulebook then
    has to allow that at any time. Raises `InvalidInput` if there is no operation, client, person or slot.

    Example: `HistoryWorkload(seed=1, slots=slots, operations=100, clients=4)`.
    """

    seed: int
    slots: tuple[Slot, ...]
    operations: int = 400
    clients: int = 8
    people: int = 8
    first_person: int = 0
    check_ins: bool = False

    def __attrs_post_init__(self) -> None:
        if not (self.slots and min(self.operations, self.clients, self.people) >= 1):
            raise InvalidInput(
                "workload", got="nothing to do", expected="at least one operation, client, person and slot"
            )


class Caller:
    """One client; `shared` has the appointments that all clients of the process have got, with their persons."""

    def __init__(
        self,
        recorder: Recorder,
        clock: ClockToMove,
        workload: HistoryWorkload,
        client: int,
        shared: list[tuple[Appointment, PersonId]],
    ) -> None:
        self._desk = recorder
        self._clock = clock
        self._workload = workload
        self._shared = shared
        self._random = Random(f"{workload.seed}/{client}")  # noqa: S311 - a workload, no secret
        self._request_ids = (f"{workload.seed}-{client}-{serial}" for serial in count())
        self._people = [made_up_person(workload.first_person + place) for place in range(workload.people)]
        self._share = workload.operations // workload.clients + (client < workload.operations % workload.clients)
        self._minutes_left = MINUTES if client == 0 else 0  # only one client moves the clock: it never goes back
        self._last: Callable[[], object] = recorder.expire_holds

    def run(self) -> None:
        """Make all the requests. An error of the library, such as a store that fails, is a result like any other."""
        for _ in range(self._share):
            if self._minutes_left > 0 and self._random.random() < 0.25:
                minutes = self._random.randint(1, 6)
                self._minutes_left -= minutes
                self._clock.move_to(self._clock.now() + timedelta(minutes=minutes))
            try:
                self._request()
            except TrafficBookingError:
                continue

    def _request(self) -> None:
        chance = self._random.random()
        if chance < 0.05:
            self._last()
        elif chance < 0.08:
            self._last = self._desk.expire_holds
            self._last()
        elif chance < 0.36 and self._shared:
            self._about(*self._random.choice(self._shared[-3 * self._workload.clients :]))
        else:
            self._for_slot(self._random.choice(self._people), self._random.choice(self._workload.slots))

    def _for_slot(self, person: PersonId, slot: Slot) -> None:
        desk, request_id, by = self._desk, next(self._request_ids), self._random.choice((None, None, CLERK))
        if self._random.random() < 0.5:
            self._send(lambda: desk.hold(slot, applicant=person, request_id=request_id, by=by), person)
        else:
            self._send(lambda: desk.book(slot, applicant=person, agreed=True, request_id=request_id, by=by), person)

    def _about(self, one: Appointment, person: PersonId) -> None:
        desk, request_id, chance = self._desk, next(self._request_ids), self._random.random()
        # Mostly somebody who may act for the person, sometimes anybody.
        somebody: tuple[Requester, ...] = (person, person, CLERK, self._random.choice(self._people))
        slot, by = self._random.choice(self._workload.slots), self._random.choice(somebody)
        if chance < 0.35 and one.hold_ends_at is not None:
            self._send(lambda: desk.book(one, applicant=person, agreed=True, request_id=request_id), person)
        elif chance < 0.45 and self._workload.check_ins:
            self._send(lambda: desk.check_in(one.number, by=CLERK, request_id=request_id), person)
        elif chance < 0.65:
            self._send(lambda: desk.move(one.number, slot, by=by, agreed=True, request_id=request_id), person)
        else:
            self._send(lambda: desk.cancel(one.number, by=by, request_id=request_id), person)

    def _send(self, send: Callable[[], object], person: PersonId) -> None:
        self._last = send
        outcome = send()
        if isinstance(outcome, Held | Booked):
            self._shared.append((outcome.appointment, person))


def record_history(
    desk: Desk, clock: ClockToMove, workload: HistoryWorkload, *, beside: Sequence[Desk] = ()
) -> History:
    """Run a workload at a desk that uses `clock`, each client in a thread of its own, and return the history.

    Args:
        beside: more desks over the same store, among which the clients are shared out. The callers of one desk are
            served together, so that a fault of the store between callers shows only with several desks.

    Raises:
        BaseException: the first exception of a client that is not the library's.

    Example: `record_history(desk, clock, HistoryWorkload(seed=1, slots=slots), beside=[other])`.
    """
    recorders = [Recorder(each, clock=clock, name=f"desk{place}") for place, each in enumerate((desk, *beside))]
    run_callers(recorders, clock, workload, range(workload.clients))
    return History.merged(recorder.history() for recorder in recorders)


def run_callers(
    recorders: Sequence[Recorder], clock: ClockToMove, workload: HistoryWorkload, clients: Sequence[int]
) -> None:
    """Run these clients of a workload, all at once; other processes may run the others."""
    shared: list[tuple[Appointment, PersonId]] = []
    together = Barrier(len(clients))
    failed: list[BaseException] = []

    def run(client: int) -> None:
        try:
            caller = Caller(recorders[client % len(recorders)], clock, workload, client, shared)
            together.wait()
            caller.run()
        except BaseException as error:  # noqa: BLE001 - raised again by the thread that waits
            failed.append(error)

    threads = [Thread(target=run, args=(client,), daemon=True) for client in clients]
    with switching_often():
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    if failed:
        raise failed[0]
