"""Requests whose replies get lost at every step: sent again and again, each has one answer, and is done once."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from tests.campaigns.workload import NothingThereError, Request, busy_desk, now_at, requests_of
from traffic_booking import StoreUnavailable
from traffic_booking.application.desk import Desk
from traffic_booking.domain.outcomes import Outcome
from traffic_booking.ports.store import Store
from traffic_booking.testing import FaultyStore, MovableClock, StoreCall, StoreFault

SWEEP_EVERY = 50
MOST_SENDINGS = 20
FEW = 30


class LosesEveryReply:
    """The plan of a store that loses, with each sending of a request, the reply to the next of its steps."""

    def __init__(self) -> None:
        self.lost: Counter[str] = Counter()
        self._step = 0
        self._lose = 0

    def start(self, sending: int) -> None:
        """Lose the reply to that step of the sending that begins, 1 for the first; 0 for none."""
        self._step, self._lose = 0, sending

    def __call__(self, call: StoreCall) -> StoreFault | None:
        self._step += 1
        if self._step != self._lose:
            return None
        self.lost[call.verb] += 1
        return StoreFault.LOSES_REPLY


def lose_replies(
    store: Store, *, requests: int, seed: int, progress: Callable[[int], None] = lambda done: None
) -> dict[str, Any]:
    """What came of that many requests, each sent until a sending had fewer steps than there were before it.

    `wrong` has a sentence for each request that got two answers, or was done otherwise than once.
    """
    plan = LosesEveryReply()
    desk, calm = busy_desk(FaultyStore(store, plan), capacity=FEW), busy_desk(store, capacity=FEW)
    sendings, wrong, answers = 0, list[str](), Counter[str]()
    for request in requests_of(seed, requests):
        for each in (desk, calm):
            assert isinstance(each.clock, MovableClock)
            each.clock.move_to(now_at(request))
        try:
            sent, outcome = _sent_until_answered(desk, plan, request)
        except NothingThereError:
            answers["nothing to cancel"] += 1
            continue
        sendings += sent + 1
        answers[type(outcome).__name__] += 1
        before = _done_for(calm, request)
        if request.send(calm) != outcome:
            wrong.append(f"{request.request_id}: got another answer when it was sent once more")
        if _done_for(calm, request) != before or before != (type(outcome).__name__ != "Refused"):
            wrong.append(f"{request.request_id}: done {before} times")
        if request.serial % SWEEP_EVERY == 0:
            calm.expire_holds()
        progress(request.serial + 1)
    return {
        "requests": requests,
        "seed": seed,
        "sendings": sendings,
        "replies_lost": dict(plan.lost),
        "answers": dict(answers),
        "wrong": wrong,
    }


def _sent_until_answered(desk: Desk, plan: LosesEveryReply, request: Request) -> tuple[int, Outcome]:
    for sending in range(1, MOST_SENDINGS):
        plan.start(sending)
        try:
            outcome = request.send(desk)
        except StoreUnavailable:
            continue
        return sending, outcome
    raise AssertionError(f"{request.request_id}: no answer to {MOST_SENDINGS} sendings")


def _done_for(desk: Desk, request: Request) -> int:
    """How many events bear the request's id."""
    history = desk.store.history
    found = desk.store.appointments_of(request.applicant, limit=100)
    return sum(event.request_id == request.request_id for one in found for event in history(one.number))
