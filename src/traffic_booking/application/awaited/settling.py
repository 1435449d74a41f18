"""How requests are settled, in rounds, on a store whose methods are awaited.

Made from `traffic_booking.application.settling` by `python -m tools.check_async --write`: change that.
"""

from collections.abc import Sequence
from datetime import datetime

from traffic_booking.application.awaited.standing_terms import AsyncStandingTerms
from traffic_booking.application.settling import (
    ATTEMPTS,
    SEATS_RULE,
    Request,
    _Decided,
    _is_for_want_of_a_seat,
    _outcome,
    _query,
    _told_again,
    ended,
)
from traffic_booking.domain.changes import Change, Committed, Conflict, Guard
from traffic_booking.domain.commands import BookSlot, HoldSlot, MoveAppointment
from traffic_booking.domain.decisions.recording import refusal
from traffic_booking.domain.errors import StoreContended
from traffic_booking.domain.facts import Facts, FactsInTurn, FactsQuery
from traffic_booking.domain.outcomes import Answer, Refused
from traffic_booking.domain.outside_text import RequestId
from traffic_booking.domain.rules.judging import refused_by
from traffic_booking.domain.slots import SlotKey, instant
from traffic_booking.domain.terms import Terms
from traffic_booking.ports.async_store import AsyncAppointmentStore
from traffic_booking.ports.clock import Clock


async def settle(
    store: AsyncAppointmentStore, clock: Clock, standing: AsyncStandingTerms, requests: Sequence[Request]
) -> None:
    """Give each of `requests` its outcome or its error, in one round, or leave it for the next.

    An error of one request stays its own; an error of the store is told to all. The first request is never left for a
    neighbour's sake.
    """
    try:
        now = instant(clock.now())
        asked = [(request, query) for request in requests if (query := _query(request, now)) is not None]
        if asked:
            found = await store.facts([query for _, query in asked])
            round_ = _Round(store, await standing.at(found[0].calendar_revision), now)
            for (request, query), facts in zip(asked, found, strict=True):
                await round_.decide(request, query, facts)
            await round_.commit()
    except Exception as error:  # noqa: BLE001 - whatever it is, every caller has to hear of it
        for request in requests:
            if not request.settled:
                request.error = error if request is requests[0] else _told_again(error)


async def expire_holds(store: AsyncAppointmentStore, clock: Clock, terms: Terms, *, limit: int) -> int:
    """End at most `limit` holds that have run out, and say how many were ended."""
    now = instant(clock.now())
    changes = ended(terms, await store.lapsed(by=now, limit=limit), now)
    return sum(isinstance(result, Committed) for result in await store.commit(changes)) if changes else 0


class _Round:
    """What the requests of one round share: an instant, the changes decided so far, the holds that have run out."""

    def __init__(self, store: AsyncAppointmentStore, terms: Terms, now: datetime) -> None:
        self._store = store
        self._terms = terms
        self._now = now
        self._in_turn = FactsInTurn()
        self._expiries: dict[SlotKey, Sequence[Change]] = {}
        self._decided: dict[RequestId, _Decided] = {}

    async def decide(self, request: Request, query: FactsQuery, found: Facts) -> None:
        """Decide `request` on `found` and on what was decided before it, or leave it for the next round."""
        if found.answer is not None:
            request.hear(found.answer)
        elif request.command.request_id not in self._decided:
            try:
                await self._decide(request, query, found)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is this caller's alone
                request.error = error

    async def commit(self) -> None:
        """Commit what has been decided, and tell each what came of it."""
        decided, freed = await self._checked_for_freed_seats()
        expiries = [change for changes in self._expiries.values() for change in changes]
        results = await self._store.commit([*expiries, *(each.change for each in decided)]) if decided else ()
        again: list[tuple[Request, Guard | None]] = [(each.request, None) for each in freed]
        for each, result in zip(decided, results[len(expiries) :], strict=True):
            match result:
                case Committed():
                    each.request.outcome = _outcome(each.change)
                case Conflict(answer=Answer() as answer):
                    each.request.hear(answer)
                case Conflict(guard=guard):
                    again.append((each.request, guard))
        for request, why in again:
            await self._comes_again(request, why)

    async def _decide(self, request: Request, query: FactsQuery, found: Facts) -> None:
        durable = found
        for key, taken in found.taken.items():
            if taken:
                for expiry in await self._expiries_where(key, taken):
                    durable = durable.after(expiry)
        facts = self._in_turn.applied_to(durable)
        if facts is None:
            return
        change = request.decide(self._terms, facts, self._now)
        if facts is durable or not isinstance(_outcome(change), Refused):
            self._decided[request.command.request_id] = _Decided(request, query, found, change)
            self._in_turn.add(change)

    async def _expiries_where(self, key: SlotKey, taken: int) -> Sequence[Change]:
        """The ends of holds that have run out, where the slot is full; read once in a round."""
        if key not in self._expiries:
            slot = self._terms.slot(key)
            full = slot is not None and taken >= slot.capacity
            lapsed = await self._store.lapsed(by=self._now, slot=key, limit=taken) if full else ()
            self._expiries[key] = ended(self._terms, lapsed, self._now)
        return self._expiries[key]

    async def _checked_for_freed_seats(self) -> tuple[list[_Decided], list[_Decided]]:
        """What has been decided and may be committed, and refusals for want of a seat whose facts have changed since.

        No guard stands on a refusal, and a hold that somebody else has just ended never keeps anybody from its seat.
        That as many seats are taken as before doesn't do: one may have been freed and another taken. Where the standing
        is the same too, the whole refusal is right as of the second reading, when no hold that has run out is left.
        """
        decided = list(self._decided.values())
        seatless = [each for each in decided if _is_for_want_of_a_seat(each.change)]
        if not seatless:
            return decided, []
        again = await self._store.facts([each.query for each in seatless])
        freed = [each for each, now in zip(seatless, again, strict=True) if now != each.found]
        return [each for each in decided if each not in freed], freed

    async def _comes_again(self, request: Request, guard: Guard | None) -> None:
        """Leave `request` for the next round, unless it has been in enough of them."""
        request.attempts += 1
        if request.attempts < ATTEMPTS:
            return
        if guard is Guard.SEATS and isinstance(request.command, HoldSlot | BookSlot | MoveAppointment):
            await self._refuse_for_want_of_a_seat(request)
        else:
            request.error = StoreContended(
                f"a request met {ATTEMPTS} newer changes in a row; expected to get in between, try it again"
            )

    async def _refuse_for_want_of_a_seat(self, request: Request) -> None:
        rulebook = self._terms.rulebook(self._now)
        change = refusal(request.command, None, refused_by(rulebook[SEATS_RULE]), self._now, rulebook.version)
        try:
            match (await self._store.commit([change]))[0]:
                case Conflict(answer=Answer() as answer):
                    request.hear(answer)
                case _:
                    request.outcome = _outcome(change)
        except Exception as error:  # noqa: BLE001 - whatever it is, the others have been told by now
            request.error = error
