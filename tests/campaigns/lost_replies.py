"""Requests whose replies are lost at every step: sent again and again, each has one answer and is executed once."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from tests.campaigns.workload import NothingThereError, Request, busy_desk, now_at, requests_of
from traffic_booking import Refused, StoreUnavailable
from traffic_booking.application._sync.desk import Desk
from traffic_booking.domain.decisions.outcomes import Outcome
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.ports.store import Store
from traffic_booking.testing import FaultyStore, MovableClock, StoreCall, StoreFault

REQUESTS_A_STORE = 500
SWEEP_EVERY = 50
MOST_SENDINGS = 20
FEW = 20


class LosesEveryReply:
    """The plan of a store that loses, with each sending of a request, the reply to the next of its steps."""

    def __init__(self) -> None:
        self.lost: Counter[str] = Counter()
        self._step = 0
        self._lose = 0

    def start(self, sending: int) -> None:
        """Lose the reply to that step of the next sending, 1 for the first."""
        self._step, self._lose = 0, sending

    def __call__(self, call: StoreCall) -> StoreFault | None:
        self._step += 1
        if self._step != self._lose:
            return None
        self.lost[call.verb] += 1
        return StoreFault.LOSES_REPLY


def lose_replies(
    open_store: Callable[[int], Store],
    *,
    requests: int,
    seed: int,
    progress: Callable[[int], None] = lambda done: None,
) -> dict[str, Any]:
    """The results of that many requests, each sent until a sending has fewer steps than the sendings before it.

    `wrong` has a sentence for each request that got two answers, or was not executed exactly once.
    """
    losing = _Losing()
    for start in range(0, requests, REQUESTS_A_STORE):
        store = open_store(start)
        desks = losing.desks_over(store)
        for request in requests_of(seed + start, min(REQUESTS_A_STORE, requests - start)):
            losing.try_one(*desks, request)
            progress(start + request.serial + 1)
        store.close()
    return {
        "requests": requests,
        "seed": seed,
        "sendings": losing.sendings,
        "replies lost": dict(losing.plan.lost),
        "answers": dict(losing.answers),
        "wrong": losing.wrong,
    }


class _Losing:
    def __init__(self) -> None:
        self.plan = LosesEveryReply()
        self.sendings = 0
        self.answers: Counter[str] = Counter()
        self.wrong: list[str] = []

    def desks_over(self, store: Store) -> tuple[Desk, Desk]:
        """A desk whose store loses replies, and a desk whose store loses none."""
        return busy_desk(FaultyStore(store, self.plan), capacity=FEW), busy_desk(store, capacity=FEW)

    def try_one(self, desk: Desk, calm: Desk, request: Request) -> None:
        """Send it through lost replies until it is answered, and then once more without."""
        for each in (desk, calm):
            assert isinstance(each.clock, MovableClock)
            each.clock.move_to(now_at(request))
        try:
            outcome = self._sent_until_answered(desk, request)
        except NothingThereError:
            self.answers["nothing to cancel"] += 1
            return
        self.answers[type(outcome).__name__] += 1
        done = _times_done(calm.store, request)
        if done != (not isinstance(outcome, Refused)):
            self.wrong.append(f"{request.request_id}: {type(outcome).__name__}, and done {done} times")
        if request.send(calm) != outcome:
            self.wrong.append(f"{request.request_id}: got another answer when it was sent once more")
        if _times_done(calm.store, request) != done:
            self.wrong.append(f"{request.request_id}: done again when it was sent once more")
        if request.serial % SWEEP_EVERY == 0:
            calm.maintenance.expire_holds()

    def _sent_until_answered(self, desk: Desk, request: Request) -> Outcome:
        for sending in range(1, MOST_SENDINGS):
            self.plan.start(sending)
            self.sendings += 1
            try:
                return request.send(desk)
            except StoreUnavailable:
                continue
        raise AssertionError(f"{request.request_id}: no answer to {MOST_SENDINGS} sendings")


def _times_done(store: Store, request: Request) -> int:
    """How many events have the request's id."""
    book = AppointmentBook(store)
    histories = book.histories([one.number for one in book.appointments_of(request.applicant, limit=100)])
    return sum(event.request_id == request.request_id for history in histories for event in history)
