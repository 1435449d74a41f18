"""How requests are settled, in rounds: the facts of all, their decisions one after another, one commit.

Whoever met something newer is left unsettled, and is decided anew in the next round on facts that hold it. A refusal
bears no guard, so it is only given on facts that are durable: where neighbours of the same round have changed them,
it too waits for the next round.
"""

from collections.abc import Callable, Sequence
from copy import copy
from datetime import datetime
from itertools import chain
from operator import attrgetter
from typing import Any, Final, Generic, TypeVar

from attrs import define, frozen

from traffic_booking.application.standing_terms import StandingTerms
from traffic_booking.domain.appointments import Appointment
from traffic_booking.domain.changes import Change, Committed, Conflict, Guard
from traffic_booking.domain.commands import BookSlot, Command, HoldSlot, MoveAppointment
from traffic_booking.domain.decisions.of_appointment import decide_expiry
from traffic_booking.domain.decisions.recording import refusal
from traffic_booking.domain.errors import NotFound, RequestMismatch, StoreContended, StoreError, StoreUnreadable
from traffic_booking.domain.facts import Facts, FactsInTurn, FactsQuery
from traffic_booking.domain.outcomes import Answer, Outcome, Refused
from traffic_booking.domain.outside_text import RequestId
from traffic_booking.domain.rules.judging import refused_by
from traffic_booking.domain.slots import SlotKey, instant
from traffic_booking.domain.terms import Terms
from traffic_booking.persistence.appointment_book import AppointmentBook
from traffic_booking.ports.clock import Clock

ATTEMPTS: Final = 16
"""How often a request is decided before it gives up; every conflict means that somebody else got on."""

SEATS_RULE: Final = "BK-05"


C = TypeVar("C", bound=Command)


@frozen(kw_only=True)
class Verb(Generic[C]):
    """What all requests of a kind have in common: what to read for a command, and how to decide it."""

    ask: Callable[[C, datetime], FactsQuery]
    decide: Callable[[Terms, C, Facts, datetime], Change]


@define(eq=False, repr=False)
class Request:
    """One caller's command; in the end, what it came to."""

    command: Command
    verb: Verb[Any]
    attempts: int = 0
    outcome: Outcome | None = None
    error: Exception | None = None

    def ask(self, now: datetime) -> FactsQuery:
        """What to read for it."""
        return self.verb.ask(self.command, now)

    def decide(self, terms: Terms, facts: Facts, now: datetime) -> Change:
        """The change that does it, or that records the refusal."""
        return self.verb.decide(terms, self.command, facts, now)

    @property
    def settled(self) -> bool:
        """Whether there is an outcome, which is durable, or an error."""
        return self.outcome is not None or self.error is not None

    def hear(self, answer: Answer) -> None:
        """Take the first answer to the request id, if it was to the same request."""
        if answer.command == self.command:
            self.outcome = answer.outcome
        else:
            self.error = RequestMismatch(self.command.request_id)

    def result(self) -> Outcome:
        """The outcome. A request id that had been answered got the first answer again.

        Raises `RequestMismatch` where that answer was to another request, `StoreContended` after too many conflicts,
        unless it was a seat of the slot asked for that was gone at last: then the rule about seats refused. Raises
        whatever else went wrong with this request, and what the store raised for the whole round.
        """
        if self.error is not None:
            raise self.error
        assert self.outcome is not None, "a result is asked for once there is one"
        return self.outcome


def settle(book: AppointmentBook, clock: Clock, standing: StandingTerms, requests: Sequence[Request]) -> None:
    """Give each of `requests` its outcome or its error, in one round, or leave it for the next.

    An error of one request stays its own; an error of the store is told to all. The first request is never left for a
    neighbour's sake.
    """
    try:
        now = instant(clock.now())
        asked = [(request, query) for request in requests if (query := _query(request, now)) is not None]
        if asked:
            queries = [query for _, query in asked]
            try:
                found = book.facts(queries)
            except StoreUnreadable:  # a record of one of them can't be decoded: only that one shall fail
                if len(asked) == 1:
                    raise
                for request, _ in asked:
                    settle(book, clock, standing, [request])
                return
            unopened = standing.unopened(found)
            if unopened:
                book.open_calendars(unopened)
                found = book.facts(queries)
            round_ = _Round(book, standing.at(found), now)
            round_.read_lapsed(found)
            for (request, query), facts in zip(asked, found, strict=True):
                round_.decide(request, query, facts)
            round_.commit()
    except Exception as error:  # noqa: BLE001 - whatever it is, every caller has to hear of it
        for request in requests:
            if not request.settled:
                request.error = error if request is requests[0] else _told_again(error)


def expire_holds(book: AppointmentBook, clock: Clock, terms: Terms, *, limit: int) -> int:
    """End at most `limit` holds that have run out, and say how many were ended."""
    now = instant(clock.now())
    changes = ended(terms, book.lapsed(by=now, limit=limit), now)
    return sum(isinstance(result, Committed) for result in book.commit(changes)) if changes else 0


@define(eq=False, repr=False)
class _Decided:
    """What has been decided of a request, to be committed, and what was read for it."""

    request: Request
    query: FactsQuery
    found: Facts
    change: Change
    outcome: Outcome


class _Round:
    """What the requests of one round share: an instant, the changes decided so far, the holds that have run out."""

    def __init__(self, book: AppointmentBook, terms: Terms, now: datetime) -> None:
        self._book = book
        self._terms = terms
        self._now = now
        self._in_turn = FactsInTurn()
        self._lapsed: dict[SlotKey, Sequence[Appointment]] = {}
        self._expiries: dict[SlotKey, Sequence[Change]] = {}
        self._decided: dict[RequestId, _Decided] = {}
        self._seatless: list[_Decided] = []

    def read_lapsed(self, found: Sequence[Facts]) -> None:
        """Read the holds that have run out, of every slot in `found` that is full, together."""
        taken = {key: seats for facts in found for key, seats in facts.taken.items() if seats}
        full = [key for key, seats in taken.items() if _is_full(self._terms, key, seats)]
        if full:
            self._lapsed = dict(zip(full, self._book.lapsed_at(full, by=self._now), strict=True))

    def decide(self, request: Request, query: FactsQuery, found: Facts) -> None:
        """Decide `request` on `found` and on what was decided before it, or leave it for the next round."""
        if found.answer is not None:
            request.hear(found.answer)
        elif request.command.request_id not in self._decided:
            try:
                self._decide(request, query, found)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is this caller's alone
                request.error = error

    def commit(self) -> None:
        """Commit what has been decided, and tell each what came of it."""
        again: list[tuple[Request, Guard | None]] = []
        if self._seatless:
            again = [(each.request, None) for each in self._without_those_of_freed_seats()]
        decided = self._decided.values()
        changes = list(chain.from_iterable(self._expiries.values())) if self._expiries else []
        expiries = len(changes)
        changes += map(attrgetter("change"), decided)
        results = self._book.commit(changes) if decided else ()
        for each, result in zip(decided, results[expiries:], strict=True):
            match result:
                case Committed():
                    each.request.outcome = each.outcome
                case Conflict(answer=Answer() as answer):
                    each.request.hear(answer)
                case Conflict(guard=guard):
                    again.append((each.request, guard))
        for request, why in again:
            self._comes_again(request, why)

    def _decide(self, request: Request, query: FactsQuery, found: Facts) -> None:
        durable = found
        for key in found.taken:
            for expiry in self._expiries_where(key) if key in self._lapsed else ():
                durable = durable.after(expiry)
        facts = self._in_turn.applied_to(durable)
        if facts is None:
            return
        change = request.decide(self._terms, facts, self._now)
        assert change.answer is not None, "every decision about a request has its answer"
        outcome = change.answer.outcome
        decided = _Decided(request, query, found, change, outcome)
        if isinstance(outcome, Refused):
            if facts is not durable:
                return
            if any(verdict.rule_id == SEATS_RULE for verdict in outcome.verdicts):
                self._seatless.append(decided)
        self._decided[request.command.request_id] = decided
        self._in_turn.add(change)

    def _expiries_where(self, key: SlotKey) -> Sequence[Change]:
        """The ends of the holds of a full slot that have run out."""
        if key not in self._expiries:
            self._expiries[key] = ended(self._terms, self._lapsed[key], self._now)
        return self._expiries[key]

    def _without_those_of_freed_seats(self) -> list[_Decided]:
        """Take out, and return, the refusals for want of a seat whose facts have changed since.

        No guard stands on a refusal, and a hold that somebody else has just ended never keeps anybody from its seat.
        That as many seats are taken as before doesn't do: one may have been freed and another taken. Where the standing
        is the same too, the whole refusal is right as of the second reading, when no hold that has run out is left.
        """
        again = self._book.facts([each.query for each in self._seatless])
        freed = [each for each, now in zip(self._seatless, again, strict=True) if now != each.found]
        for each in freed:
            del self._decided[each.request.command.request_id]
        return freed

    def _comes_again(self, request: Request, guard: Guard | None) -> None:
        """Leave `request` for the next round, unless it has been in enough of them."""
        request.attempts += 1
        if request.attempts < ATTEMPTS:
            return
        if guard is Guard.SEATS and isinstance(request.command, HoldSlot | BookSlot | MoveAppointment):
            self._refuse_for_want_of_a_seat(request)
        else:
            request.error = StoreContended(
                f"a request met {ATTEMPTS} newer changes in a row; expected to get in between, try it again"
            )

    def _refuse_for_want_of_a_seat(self, request: Request) -> None:
        rulebook = self._terms.rulebook(self._now)
        change = refusal(request.command, None, refused_by(rulebook[SEATS_RULE]), self._now, rulebook.version)
        try:
            match self._book.commit([change])[0]:
                case Conflict(answer=Answer() as answer):
                    request.hear(answer)
                case _:
                    assert change.answer is not None, "a refusal is an answer"
                    request.outcome = change.answer.outcome
        except Exception as error:  # noqa: BLE001 - whatever it is, the others have been told by now
            request.error = error


def _query(request: Request, now: datetime) -> FactsQuery | None:
    """What to read for `request`; None where that can't be said, which is its error."""
    try:
        return request.ask(now)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is this caller's alone
        request.error = error
        return None


def _is_full(terms: Terms, key: SlotKey, taken: int) -> bool:
    """Whether no seat of a slot is free; False for a key that names no slot, whose request is refused for that."""
    try:
        slot = terms.slot(key)
    except NotFound:
        return False
    return slot is not None and taken >= slot.capacity


def ended(terms: Terms, holds: Sequence[Appointment], now: datetime) -> list[Change]:
    """The changes that end those of `holds` that have run out by `now`."""
    rulebook = terms.rulebook(now)
    decided = (decide_expiry(rulebook, hold, now) for hold in holds)
    return [change for change in decided if change is not None]


def _told_again(error: Exception) -> StoreError:
    """What the store raised for a whole round, for one more caller: each thread raises an exception of its own."""
    if isinstance(error, StoreError):
        again = copy(error)
    else:
        again = StoreError(
            f"got {type(error).__name__} for all who were served together; expected what a store answers"
        )
    again.__cause__ = error
    return again
