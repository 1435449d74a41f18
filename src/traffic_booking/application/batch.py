"""A batch: requests whose facts are read together, which are decided one after another, and committed together.

A request whose guards failed is retried in the next batch, on fresh facts. A refusal compares the version of the
person's state, but no counter and no calendar. It is therefore given only on facts that are durable: if earlier changes
of the same batch have changed the facts, the request is decided again in the next batch.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from attrs import define
from attrs import evolve as copy_with

from traffic_booking.application.pending_requests import ATTEMPTS, PendingRequest, ended
from traffic_booking.application.throttling import RefusalThrottle
from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.commands import BookSlot, HoldSlot, MoveAppointment, WalkIn
from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.changes import Change, Committed, Conflict, Guard
from traffic_booking.domain.decisions.facts import Facts, FactsInTurn, FactsQuery
from traffic_booking.domain.decisions.outcomes import Answer, Outcome, Refused, Throttled
from traffic_booking.domain.decisions.recording import refusal
from traffic_booking.domain.errors import NotFound, StoreContended
from traffic_booking.domain.people.actors import Actor
from traffic_booking.domain.rules.evaluation import refused_by
from traffic_booking.domain.schedule.slots import SeatKey, SlotKey
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
        self.lapsed: Mapping[SeatKey, Sequence[Appointment]] = {}
        self.decided: dict[RequestId, DecidedRequest] = {}
        self._configuration = configuration
        self._throttle = throttle
        self._now = now
        self._in_turn = FactsInTurn()
        self._expiries: dict[AppointmentNumber, Change] = {}
        self._seatless: list[DecidedRequest] = []
        self._retried: list[tuple[DecidedRequest, Guard | None]] = []

    def full_counts(self, queries: Iterable[FactsQuery], found: Iterable[Facts]) -> list[SeatKey]:
        """The counts of wanted slots without a free seat. Set `lapsed` to the holds of each that have run out."""
        full: dict[SeatKey, None] = {}
        for query, facts in zip(queries, found, strict=True):
            for key in query.slots if any(facts.seats_taken.values()) else ():
                capacity = self._capacity(key)
                full |= {seat: None for seat, count in facts.seats_taken.items() if 0 < capacity <= count}
        return list(full)

    def _capacity(self, key: SlotKey) -> int:
        try:
            slot = self._configuration.slot(key)
        except NotFound:  # the request is refused for that
            return 0
        return 0 if slot is None else slot.capacity

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
        for expiry in self._expiries_at(found.seats_taken) if self.lapsed else ():
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

    def _expiries_at(self, seats: Iterable[SeatKey]) -> list[Change]:
        """The ends of the holds that have run out in these counts, each once; `changes` has them too from now on."""
        holds = {hold.number: hold for seat in seats for hold in self.lapsed.get(seat, ())}
        new = [hold for number, hold in holds.items() if number not in self._expiries]
        for change in ended(new, self._now):
            self._expiries[change.appointments[0].number] = change
        return [self._expiries[number] for number in holds if number in self._expiries]

    def _admitted(self, request: PendingRequest, actor: Actor) -> bool:
        """True if `request`, which changes nothing, may be answered. It counts once, however often it is decided."""
        if request.admitted != actor:  # the actor's subject is another once the person is registered
            allowed_from = self._throttle.admit(actor, self._now)
            if allowed_from is not None:
                request.outcome = Throttled(allowed_from)
                return False
            request.admitted = actor
        return True

    def contested_counts(self) -> list[SeatKey]:
        """The counts of the slots that requests are refused for want of a seat. Read them, and call `retry_freed`."""
        return list({seat for each in self._seatless for seat in each.found.seats_taken})

    def retry_freed(self, seats_taken: Mapping[SeatKey, int]) -> None:
        """Retry the refusals for want of a seat if the seats taken have changed since.

        No guard compares a counter, and a hold that has just been ended must not keep anybody from its seat. If as many
        seats are taken as before, the refusal is right as of this second reading, when no hold that has run out is
        left; the commit compares the person's state.
        """
        for each in self._seatless:
            if any(count != seats_taken[seat] for seat, count in each.found.seats_taken.items()):
                del self.decided[each.request.query.request_id]
                self._retried.append((each, None))

    def changes(self) -> list[Change]:
        """The changes to commit: the ends of holds first."""
        return [*self._expiries.values(), *(each.change for each in self.decided.values())]

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
        if guard is not Guard.SEATS or not isinstance(command, HoldSlot | BookSlot | MoveAppointment | WalkIn):
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
