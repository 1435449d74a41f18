"""A batch: requests whose facts are read together, which are decided one after another, and committed together.

A request whose guards failed is retried in the next batch, on fresh facts. A refusal compares the version of the
person's state, but no counter and no calendar. It is therefore given only on facts that are durable: if earlier changes
of the same batch have changed the facts, the request is decided again in the next batch.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import chain

from attrs import define
from attrs import evolve as copy_with

from traffic_booking.application.pending_requests import ATTEMPTS, PendingRequest, ended
from traffic_booking.application.throttling import RefusalThrottle
from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.commands import BookSlot, HoldSlot, MoveAppointment
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.changes import Change, Committed, Conflict, Guard
from traffic_booking.domain.decisions.facts import Facts, FactsInTurn
from traffic_booking.domain.decisions.outcomes import Answer, Outcome, Refused, Throttled
from traffic_booking.domain.decisions.recording import refusal
from traffic_booking.domain.errors import NotFound, StoreContended
from traffic_booking.domain.people.actors import Actor
from traffic_booking.domain.rules.evaluation import refused_by
from traffic_booking.domain.schedule.slots import SlotKey
from traffic_booking.domain.text_input import RequestId

SEATS_RULE = "BK-05"


@define(eq=False, repr=False)
class DecidedRequest:
    """A request with the facts that were read for it, the change that was decided, and its outcome once committed."""

    request: PendingRequest
    found: Facts
    change: Change
    outcome: Outcome


class Batch:
    """The requests of one batch: one instant, the changes decided so far, the holds that have run out."""

    def __init__(self, configuration: Configuration, throttle: RefusalThrottle, now: datetime) -> None:
        self.lapsed: Mapping[SlotKey, Sequence[Appointment]] = {}
        self.decided: dict[RequestId, DecidedRequest] = {}
        self._configuration = configuration
        self._throttle = throttle
        self._now = now
        self._in_turn = FactsInTurn()
        self._expiries: dict[SlotKey, Sequence[Change]] = {}
        self._seatless: list[DecidedRequest] = []
        self._retried: list[tuple[DecidedRequest, Guard | None]] = []

    def full_slots(self, found: Sequence[Facts]) -> list[SlotKey]:
        """The slots in `found` without a free seat. Set `lapsed` to the holds of each that have run out."""
        seats_taken = {key: seats for facts in found for key, seats in facts.seats_taken.items() if seats}
        return [key for key, seats in seats_taken.items() if self._is_full(key, seats)]

    def _is_full(self, key: SlotKey, seats: int) -> bool:
        try:
            slot = self._configuration.slot(key)
        except NotFound:  # the request is refused for that
            return False
        return slot is not None and seats >= slot.capacity

    def decide(self, request: PendingRequest, found: Facts) -> None:
        """Decide `request` on `found` and on the earlier decisions of the batch, or leave it for the next batch."""
        if found.answer is not None:
            request.receive(found.answer, found.known)
        elif request.query.request_id not in self.decided:
            try:
                self._decide(request, found)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is this caller's alone
                request.error = error

    def _decide(self, request: PendingRequest, found: Facts) -> None:
        durable = found
        for key in found.seats_taken:
            if key in self.lapsed:
                if key not in self._expiries:
                    self._expiries[key] = ended(self._configuration, self.lapsed[key], self._now)
                for expiry in self._expiries[key]:
                    durable = durable.after(expiry)
        facts = self._in_turn.applied_to(durable, request.query.persons)
        if facts is None:
            return
        change = request.decide(self._configuration, facts, self._now)
        assert change.answer is not None, "every decision about a request has its answer"
        outcome = change.answer.outcome
        if isinstance(outcome, Refused) and facts is not durable:
            return
        if change.changes_nothing and not self._admitted(request, change.answer.command.actor):
            return
        decided = DecidedRequest(request, found, change, outcome)
        if isinstance(outcome, Refused) and any(verdict.rule_id == SEATS_RULE for verdict in outcome.verdicts):
            self._seatless.append(decided)
        self.decided[request.query.request_id] = decided
        self._in_turn.add(change)

    def _admitted(self, request: PendingRequest, actor: Actor) -> bool:
        """True if `request`, which changes nothing, may be answered. It counts once, however often it is decided."""
        if request.admitted != actor:  # the actor's subject is another once the person is registered
            allowed_from = self._throttle.admit(actor, self._now)
            if allowed_from is not None:
                request.outcome = Throttled(allowed_from)
                return False
            request.admitted = actor
        return True

    def contested_slots(self) -> list[SlotKey]:
        """The slots for want of whose seats requests are refused. Read their seats again, and call `retry_freed`."""
        return list({slot for each in self._seatless for slot in each.found.seats_taken})

    def retry_freed(self, seats_taken: Mapping[SlotKey, int]) -> None:
        """Retry the refusals for want of a seat in slots whose seats taken have changed since.

        No guard compares a counter, and a hold that has just been ended must not keep anybody from its seat. If as many
        seats are taken as before, the refusal is right as of this second reading, when no hold that has run out is
        left; the commit compares the person's state.
        """
        for each in self._seatless:
            if any(seats != seats_taken[slot] for slot, seats in each.found.seats_taken.items()):
                del self.decided[each.request.query.request_id]
                self._retried.append((each, None))

    def changes(self) -> list[Change]:
        """The changes to commit: the ends of holds first."""
        return [*chain.from_iterable(self._expiries.values()), *(each.change for each in self.decided.values())]

    def receive(self, results: Sequence[Committed | Conflict]) -> list[tuple[PendingRequest, Change]]:
        """Give the requests their outcomes. Return refusals to commit, each by itself, of requests tried too often."""
        expiries = len(results) - len(self.decided) if results else 0
        for each, result in zip(self.decided.values(), results[expiries:], strict=True):
            match result:
                case Committed():
                    each.request.outcome = each.outcome
                case Conflict(answer=Answer() as answer) if not each.change.registrations:
                    each.request.receive(answer, each.found.known)
                case Conflict(guard=guard):
                    self._retried.append((each, guard))
        return [refused for each, guard in self._retried if (refused := self._refused_or_retried(each, guard))]

    def _refused_or_retried(self, decided: DecidedRequest, guard: Guard | None) -> tuple[PendingRequest, Change] | None:
        """Leave the request for the next batch, unless its attempts are used up."""
        request = decided.request
        request.attempts += 1
        if guard is Guard.APPOINTMENT and decided.found.person_state is not None:
            # The end of a hold raises no version of the person's state: a desk whose clock is ahead may have ended one.
            anew = tuple(each.number for each in decided.found.person_state.appointments)
            request.query = copy_with(request.query, anew=anew)
        if request.attempts < ATTEMPTS:
            return None
        command = request.command
        if guard is not Guard.SEATS or not isinstance(command, HoldSlot | BookSlot | MoveAppointment):
            tried = f"request: got a conflict with a newer change in each of {ATTEMPTS} attempts"
            request.error = StoreContended(f"{tried}; expected an attempt without one, send the same request again")
            return None
        if not self._admitted(request, command.actor):
            return None
        rulebook = self._configuration.rulebook(self._now)
        change = refusal(command, None, refused_by(rulebook[SEATS_RULE]), self._now, rulebook.version)
        return request, change.registering(request.registrations)


def receive_refusal(request: PendingRequest, change: Change, result: Committed | Conflict) -> None:
    """Give `request` its refusal, or leave it for the next batch if a person has been registered meanwhile."""
    match result:
        case Committed():
            assert change.answer is not None, "a refusal is an answer"
            request.outcome = change.answer.outcome
        case Conflict(answer=Answer() as answer) if not change.registrations:
            request.receive(answer, request.applicants)
