"""How requests are settled, in rounds: the facts of all, their decisions one after another, one commit.

A request whose guards failed stays unsettled, and is decided again in the next round, on fresh facts. A refusal
compares the version of the person's standing, but no counter and no calendar. So it is given only on facts that are
durable: if earlier changes of the same round have changed them, it also waits for the next round.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import chain
from operator import attrgetter

from attrs import evolve as copy_with

from traffic_booking.application.live_configuration import AsyncLiveConfiguration
from traffic_booking.application.pending_requests import (
    ATTEMPTS,
    SEATS_RULE,
    DecidedRequest,
    PendingRequest,
    ended,
    is_full,
    raised_again,
    shown,
)
from traffic_booking.application.throttling import RefusalThrottle
from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.commands import BookSlot, Command, HoldSlot, MoveAppointment
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.changes import Change, Committed, Conflict, Guard
from traffic_booking.domain.decisions.facts import Facts, FactsInTurn
from traffic_booking.domain.decisions.outcomes import Answer, Refused, Throttled
from traffic_booking.domain.decisions.recording import refusal
from traffic_booking.domain.errors import (
    StoreClosed,
    StoreContended,
    StoreUnavailable,
)
from traffic_booking.domain.instants import instant
from traffic_booking.domain.people.actors import Actor
from traffic_booking.domain.rules.evaluation import refused_by
from traffic_booking.domain.schedule.slots import SlotKey
from traffic_booking.domain.text_input import RequestId
from traffic_booking.persistence.appointment_book import AsyncAppointmentBook
from traffic_booking.ports.clock import Clock


async def execute(
    book: AsyncAppointmentBook,
    clock: Clock,
    live: AsyncLiveConfiguration,
    throttle: RefusalThrottle,
    requests: Sequence[PendingRequest],
) -> None:
    """Give each of `requests` its outcome or its error, in one round, or leave it for the next.

    An error of one request stays its own. If the store is closed or unavailable, all get that error; after any other,
    one of them can't be read or written, and each is settled by itself. The first request never waits because of
    another one, so every round makes progress.
    """
    try:
        now = instant(clock.now())
        queries = [request.query for request in requests]
        found = await book.facts(queries)
        unopened = live.unopened(found)
        if unopened:
            await book.open_calendars(unopened)
            found = await book.facts(queries)
        batch = _Batch(book, await live.at(found), throttle, now)
        await batch.read_lapsed(found)
        for request, facts in zip(requests, found, strict=True):
            batch.decide(request, facts)
        await batch.commit()
        return
    except Exception as error:  # noqa: BLE001 - whatever it is, each caller gets an error or an outcome
        failed = error
    # Outside of the handler, so that what is raised for one request is not chained to the error of another.
    left = [request for request in requests if not request.done]
    if len(left) > 1 and not isinstance(failed, StoreUnavailable | StoreClosed):
        for request in left:
            await execute(book, clock, live, throttle, [request])
        return
    for request in left:
        if request.admitted is not None:
            throttle.release(request.admitted)
        request.error = shown(failed) if request is left[0] else raised_again(failed)


async def expire_holds(book: AsyncAppointmentBook, clock: Clock, configuration: Configuration, *, limit: int) -> int:
    """End at most `limit` holds that have run out, and return how many were ended."""
    now = instant(clock.now())
    changes = ended(configuration, await book.lapsed(by=now, limit=limit), now)
    return sum(isinstance(result, Committed) for result in await book.commit(changes)) if changes else 0


class _Batch:
    """What the requests of one round share: an instant, the changes decided so far, the holds that have run out."""

    def __init__(
        self, book: AsyncAppointmentBook, configuration: Configuration, throttle: RefusalThrottle, now: datetime
    ) -> None:
        self._book = book
        self._configuration = configuration
        self._throttle = throttle
        self._now = now
        self._in_turn = FactsInTurn()
        self._lapsed: dict[SlotKey, Sequence[Appointment]] = {}
        self._expiries: dict[SlotKey, Sequence[Change]] = {}
        self._decided: dict[RequestId, DecidedRequest] = {}
        self._seatless: list[DecidedRequest] = []

    async def read_lapsed(self, found: Sequence[Facts]) -> None:
        """Read the holds that have run out, of every slot in `found` that is full, together."""
        seats_taken = {key: seats for facts in found for key, seats in facts.seats_taken.items() if seats}
        full = [key for key, seats in seats_taken.items() if is_full(self._configuration, key, seats)]
        if full:
            self._lapsed = dict(zip(full, await self._book.lapsed_at(full, by=self._now), strict=True))

    def decide(self, request: PendingRequest, found: Facts) -> None:
        """Decide `request` on `found` and on what was decided before it, or leave it for the next round."""
        if found.answer is not None:
            request.receive(found.answer, found.known)
        elif request.query.request_id not in self._decided:
            try:
                self._decide(request, found)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is this caller's alone
                request.error = error

    async def commit(self) -> None:
        """Commit the decided changes, and give each request its result."""
        again: list[tuple[DecidedRequest, Guard | None]] = []
        if self._seatless:
            again = [(each, None) for each in await self._without_those_of_freed_seats()]
        decided = self._decided.values()
        changes = list(chain.from_iterable(self._expiries.values())) if self._expiries else []
        expiries = len(changes)
        changes += map(attrgetter("change"), decided)
        results = await self._book.commit(changes) if decided else ()
        for each, result in zip(decided, results[expiries:], strict=True):
            match result:
                case Committed():
                    each.request.outcome = each.outcome
                case Conflict(answer=Answer() as answer) if not each.change.registrations:
                    each.request.receive(answer, each.found.known)
                case Conflict(guard=guard):
                    again.append((each, guard))
        for each, why in again:
            await self._comes_again(each, why)

    def _decide(self, request: PendingRequest, found: Facts) -> None:
        durable = found
        for key in found.seats_taken:
            for expiry in self._expiries_where(key) if key in self._lapsed else ():
                durable = durable.after(expiry)
        facts = self._in_turn.applied_to(durable, request.query.persons)
        if facts is None:
            return
        change = request.decide(self._configuration, facts, self._now)
        assert change.answer is not None, "every decision about a request has its answer"
        outcome = change.answer.outcome
        decided = DecidedRequest(request, found, change, outcome)
        if isinstance(outcome, Refused) and facts is not durable:
            return
        if change.changes_nothing and not self._admitted(request, change.answer.command.actor):
            return
        if isinstance(outcome, Refused) and any(verdict.rule_id == SEATS_RULE for verdict in outcome.verdicts):
            self._seatless.append(decided)
        self._decided[request.query.request_id] = decided
        self._in_turn.add(change)

    def _admitted(self, request: PendingRequest, actor: Actor) -> bool:
        """True if `request`, which changes nothing, may be answered. It counts once, however often it is decided."""
        if request.admitted != actor:  # somebody new may turn out to be registered by now
            allowed_from = self._throttle.admit(actor, self._now)
            if allowed_from is not None:
                request.outcome = Throttled(allowed_from)
                return False
            request.admitted = actor
        return True

    def _expiries_where(self, key: SlotKey) -> Sequence[Change]:
        """The ends of the holds of a full slot that have run out."""
        if key not in self._expiries:
            self._expiries[key] = ended(self._configuration, self._lapsed[key], self._now)
        return self._expiries[key]

    async def _without_those_of_freed_seats(self) -> list[DecidedRequest]:
        """Take out, and return, the refusals for want of a seat of whose slot one has been freed since.

        No guard stands on a counter, and a hold that somebody else has just ended never keeps anybody from its seat. If
        as many seats are taken as before, the refusal is right as of this second reading, when no hold that has run out
        is left; the commit compares the standing.
        """
        seats_taken = await self._book.seats(list({slot for each in self._seatless for slot in each.found.seats_taken}))
        freed = [
            each
            for each in self._seatless
            if any(seats != seats_taken[slot] for slot, seats in each.found.seats_taken.items())
        ]
        for each in freed:
            del self._decided[each.request.query.request_id]
        return freed

    async def _comes_again(self, decided: DecidedRequest, guard: Guard | None) -> None:
        """Leave the request for the next round, unless it has been in enough of them."""
        request = decided.request
        request.attempts += 1
        if guard is Guard.APPOINTMENT and decided.found.person_state is not None:
            # A hold's end changes the appointment alone: somebody whose clock is ahead may have ended one of these.
            anew = tuple(each.number for each in decided.found.person_state.appointments)
            request.query = copy_with(request.query, anew=anew)
        if request.attempts < ATTEMPTS:
            return
        if guard is Guard.SEATS and isinstance(request.command, HoldSlot | BookSlot | MoveAppointment):
            await self._refuse_for_want_of_a_seat(request, request.command)
        else:
            request.error = StoreContended(
                f"a request met {ATTEMPTS} newer changes in a row; expected to get in between, try it again"
            )

    async def _refuse_for_want_of_a_seat(self, request: PendingRequest, command: Command) -> None:
        if not self._admitted(request, command.actor):
            return
        rulebook = self._configuration.rulebook(self._now)
        change = refusal(command, None, refused_by(rulebook[SEATS_RULE]), self._now, rulebook.version)
        change = change.registering(request.registrations)
        try:
            match (await self._book.commit([change]))[0]:
                case Committed():
                    assert change.answer is not None, "a refusal is an answer"
                    request.outcome = change.answer.outcome
                case Conflict(answer=Answer() as answer) if not change.registrations:
                    request.receive(answer, request.applicants)
                case _:
                    pass  # a person is registered by now, or the answer has to be read: left for the next batch
        except Exception as error:  # noqa: BLE001 - whatever it is, the others have their results by now
            request.error = error
