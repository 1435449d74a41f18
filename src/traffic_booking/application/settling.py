"""How every change comes about: facts, decision, commit; decided anew where something newer came between."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from traffic_booking.application.standing_terms import StandingTerms
from traffic_booking.domain.appointments import Appointment
from traffic_booking.domain.changes import Change, Committed, Conflict, Guard
from traffic_booking.domain.commands import BookSlot, Command, HoldSlot
from traffic_booking.domain.decisions.of_appointment import decide_expiry
from traffic_booking.domain.decisions.recording import refusal
from traffic_booking.domain.errors import RequestMismatch, StoreContended
from traffic_booking.domain.facts import Facts, FactsQuery
from traffic_booking.domain.outcomes import Answer, Outcome, Refused
from traffic_booking.domain.rules.judging import refused_by
from traffic_booking.domain.slots import instant
from traffic_booking.domain.terms import Terms
from traffic_booking.ports.clock import Clock
from traffic_booking.ports.store import AppointmentStore

ATTEMPTS: Final = 16
"""How often a request is decided before it gives up; every conflict means that somebody else got on."""

SEATS_RULE: Final = "BK-05"


def settle(
    store: AppointmentStore,
    clock: Clock,
    standing: StandingTerms,
    command: Command,
    ask: Callable[[datetime], FactsQuery],
    decide: Callable[[Terms, Facts, datetime], Change],
) -> Outcome:
    """The outcome of `command`, durable. A request id that has been answered gets the first answer again.

    Raises `RequestMismatch` where that answer was to another request, `StoreContended` after too many conflicts,
    unless it was a seat of the slot asked for that was gone at last: then the rule about seats refuses.
    """
    gone: Conflict | None = None
    for _ in range(ATTEMPTS):
        now = instant(clock.now())
        query = ask(now)
        facts = found = store.facts([query])[0]
        if facts.answer is not None:
            return _first_answer(facts.answer, command)
        terms = standing.at(facts.calendar_revision)
        expiries = _expiries(store, terms, query, facts, now)
        for expiry in expiries:
            facts = facts.after(expiry)
        change = decide(terms, facts, now)
        if _refused_for_a_swept_hold(store, query, found, change):
            continue
        match store.commit([*expiries, change])[-1]:
            case Committed():
                assert change.answer is not None
                return change.answer.outcome
            case Conflict(answer=Answer() as answer):
                return _first_answer(answer, command)
            case gone:
                pass
    if gone is not None and gone.guard is Guard.SEATS and isinstance(command, HoldSlot | BookSlot):
        return _no_seat(store, clock, standing.latest_known, command)
    raise StoreContended(f"a request met {ATTEMPTS} newer changes in a row; expected to get in between, try it again")


def expire_holds(store: AppointmentStore, clock: Clock, terms: Terms, *, limit: int) -> int:
    """End at most `limit` holds that have run out, and say how many were ended."""
    now = instant(clock.now())
    changes = _ended(terms, store.lapsed(by=now, limit=limit), now)
    return sum(isinstance(result, Committed) for result in store.commit(changes)) if changes else 0


def _first_answer(answer: Answer, command: Command) -> Outcome:
    if answer.command != command:
        raise RequestMismatch(command.request_id)
    return answer.outcome


def _expiries(
    store: AppointmentStore, terms: Terms, query: FactsQuery, facts: Facts, now: datetime
) -> Sequence[Change]:
    changes: list[Change] = []
    for key in query.slots:
        if not facts.taken[key]:
            continue
        slot = terms.slot(key)
        if slot is not None and facts.taken[key] >= slot.capacity:
            changes += _ended(terms, store.lapsed(by=now, slot=key, limit=facts.taken[key]), now)
    return changes


def _refused_for_a_swept_hold(store: AppointmentStore, query: FactsQuery, found: Facts, change: Change) -> bool:
    """Whether `change` refuses a seat that somebody else gave back by ending a hold, after the facts were read.

    No guard stands on a refusal, and a hold that has run out never keeps anybody from its seat.
    """
    assert change.answer is not None
    match change.answer.outcome:
        case Refused(verdicts) if any(verdict.rule_id == SEATS_RULE for verdict in verdicts):
            return store.facts([query])[0].taken != found.taken
        case _:
            return False


def _ended(terms: Terms, holds: Sequence[Appointment], now: datetime) -> list[Change]:
    rulebook = terms.rulebook(now)
    decided = (decide_expiry(rulebook, hold, now) for hold in holds)
    return [change for change in decided if change is not None]


def _no_seat(store: AppointmentStore, clock: Clock, terms: Terms, command: Command) -> Outcome:
    now = instant(clock.now())
    rulebook = terms.rulebook(now)
    change = refusal(command, refused_by(rulebook[SEATS_RULE]), now, rulebook.version)
    assert change.answer is not None
    match store.commit([change])[0]:
        case Conflict(answer=Answer() as answer):
            return _first_answer(answer, command)
        case _:
            return change.answer.outcome
