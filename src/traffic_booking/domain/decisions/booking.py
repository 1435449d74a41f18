"""The decision whether a slot may be held or booked.

The applicant's hold of the same slot becomes the booking, and keeps its seat. Their live holds of other slots for the
same service end with the same change. A hold for a move is decided as the move would be, without the agreement; beside
the appointment, only the move can use it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from traffic_booking.domain.appointments.appointment import Appointment, ListedAppointment, evolve
from traffic_booking.domain.appointments.commands import BookSlot, HoldSlot, WalkIn
from traffic_booking.domain.appointments.events import (
    AppointmentBooked,
    AppointmentEvent,
    AppointmentHeld,
    WalkInBooked,
)
from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.appointments.states import AppointmentState
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.changes import Change, SeatChange
from traffic_booking.domain.decisions.facts import Facts
from traffic_booking.domain.decisions.moving import CUT_OFFS, earliest_limit, find_to_move, move_case
from traffic_booking.domain.decisions.outcomes import Answer, Booked, Held
from traffic_booking.domain.decisions.recording import (
    NO_APPOINTMENTS,
    answer_of,
    calendar_guards,
    own_appointments,
    refusal,
    release,
    seats_moved,
    seats_taken_beside,
)
from traffic_booking.domain.people.actors import may_see
from traffic_booking.domain.places.services import InstructionsVersion, ServiceConditions
from traffic_booking.domain.rules.cases import BookingCase, MoveCase, OwnCancellation
from traffic_booking.domain.rules.evaluation import Evaluation
from traffic_booking.domain.rules.rule import Use
from traffic_booking.domain.rules.rulebook import Rulebook
from traffic_booking.domain.rules.verdict import Findings
from traffic_booking.domain.schedule.slots import SlotKey

MISSED: Final = frozenset({AppointmentState.BOOKED, AppointmentState.NO_SHOW})
"""The states of an appointment that was missed, once it is over: nobody may have recorded it."""


def decide_hold(
    configuration: Configuration, command: HoldSlot, facts: Facts, number: AppointmentNumber, now: datetime
) -> Change:
    """The change that holds the slot for the applicant, or that records the refusal."""
    rulebook = configuration.rulebook(now)
    if command.moving is None:
        use, case = Use.HOLD, booking_case(configuration, rulebook, command, command.slot, facts, now)
    else:
        found = find_to_move(rulebook, command, facts, now)
        if isinstance(found, Change):
            return found
        use, case = Use.HOLD_TO_MOVE, move_case(configuration, rulebook, command, found, facts, now)
    evaluation = rulebook.evaluate(use, case, now, case.key)
    if not evaluation.granted:
        return refusal(command, case, evaluation, now, rulebook.version, facts.person_state)
    if case.held is not None:  # the applicant has the seat already; the hold gets no longer
        return Change(
            answer=answer_of(command, Held(case.held), case, evaluation, now, rulebook.version),
            unchanged=facts.applicant_state,
            calendars=calendar_guards(facts),
        )
    slot = case.slot
    assert slot is not None, "granted without a slot: BK-02 is not in force"
    event = AppointmentHeld(
        number=number,
        version=1,
        at=now,
        actor=command.actor,
        rulebook=rulebook.version,
        request_id=command.request_id,
        slot=slot.key,
        slot_ends_at=slot.ends_at,
        time_zone=slot.time_zone,
        pool=slot.pool,
        applicant=command.applicant,
        hold_ends_at=_hold_ends_at(rulebook, case, evaluation.findings, now),
        moving=command.moving,
    )
    appointment = evolve(None, event)
    outcome = Held(appointment, _expired_hold(case, facts, now))
    answer = answer_of(command, outcome, case, evaluation, now, rulebook.version)
    return seat_taken(command, case, answer, facts, event, appointment)


def decide_booking(
    configuration: Configuration, command: BookSlot, facts: Facts, number: AppointmentNumber, now: datetime
) -> Change:
    """The change that books the slot for the applicant, or that records the refusal."""
    rulebook = configuration.rulebook(now)
    case, evaluation = evaluate_booking(configuration, rulebook, command, facts, now)
    if not evaluation.granted:
        return refusal(command, case, evaluation, now, rulebook.version, facts.person_state)
    slot, held = case.slot, case.held
    assert slot is not None, "granted without a slot: BK-02 is not in force"
    assert case.agreed is not None
    event = AppointmentBooked(
        number=held.number if held else number,
        version=held.version + 1 if held else 1,
        at=now,
        actor=command.actor,
        rulebook=rulebook.version,
        request_id=command.request_id,
        slot=slot.key,
        slot_ends_at=slot.ends_at,
        time_zone=slot.time_zone,
        pool=slot.pool if held is None else held.pool,  # a hold keeps its seat
        applicant=command.applicant,
        instructions=case.agreed,
    )
    appointment = evolve(held, event)
    outcome = Booked(appointment, _expired_hold(case, facts, now))
    answer = answer_of(command, outcome, case, evaluation, now, rulebook.version)
    return seat_taken(command, case, answer, facts, event, appointment)


def evaluate_booking(
    configuration: Configuration, rulebook: Rulebook, command: BookSlot, facts: Facts, now: datetime
) -> tuple[BookingCase, Evaluation]:
    """The result of every rule of booking, for a booking or for a search that shows what can be booked."""
    case = booking_case(configuration, rulebook, command, command.slot, facts, now)
    return case, rulebook.evaluate(Use.BOOK, case, now, case.key)


def _hold_ends_at(rulebook: Rulebook, case: BookingCase, findings: Findings, now: datetime) -> datetime:
    """The end of a new hold: after the minutes of HD-01, or before that, as soon as it is of no use any more."""
    ends_at = min(now + timedelta(minutes=rulebook.rule("HD-01", case.key)["minutes"]), case.key.starts_at)
    cut_off = earliest_limit(findings, CUT_OFFS) if isinstance(case, MoveCase) else None
    return ends_at if cut_off is None else min(ends_at, cut_off)


def _expired_hold(case: BookingCase, facts: Facts, now: datetime) -> AppointmentNumber | None:
    """The number of the applicant's hold of the slot that had run out; None if they have one with time left."""
    listed = facts.applicant_state
    if case.held is not None or len(listed.appointments) == len(case.others):  # usually nothing is over
        return None
    return listed.expired_hold(case.key, now)


def booking_case(
    configuration: Configuration,
    rulebook: Rulebook,
    command: HoldSlot | BookSlot | WalkIn,
    key: SlotKey,
    facts: Facts,
    now: datetime,
) -> BookingCase:
    """The facts for `command` about the slot `key` at `now`.

    They are without the applicant's appointments if the actor may not act for them.
    A delegate may not beyond the delegation: for another service, or after its end.
    """
    at = configuration.slot_facts(key)
    own_request = command.actor is command.applicant  # the usual case, without a call
    allowed = own_request or may_see(command.actor, command.applicant, key.service, key.branch, at=now)
    own = own_appointments(facts.applicant_state.appointments, key, now) if allowed else NO_APPOINTMENTS
    past = own.past and _within(own.past, now - rulebook.looks_back)
    freed = own.given_back if own.held is None else (*own.given_back, own.held)
    seats_taken = facts.seats_taken.get(key)  # None if the service is in a pool
    if freed or seats_taken is None:
        seats_taken = seats_taken_beside(facts, freed)
    return BookingCase(
        actor=command.actor,
        applicant=command.applicant,
        key=key if at.slot is None else at.slot.key,  # the cached one, equal to it
        service=at.service,
        offered=at.offered,
        slot=at.slot,
        seats_taken=seats_taken,
        others=own.others,
        agreed=agreed_to(command, at.service),
        held=own.held,
        given_back=own.given_back,
        missed=_missed(configuration, past) if past else (),
        cancelled_by_applicant=_own_cancellations(past) if past else (),
        assertions=command.assertions,
        suspension=rulebook.suspension_of(key) if rulebook.suspensions else None,
    )


def _within(past: Iterable[ListedAppointment], since: datetime) -> list[ListedAppointment]:
    return [each for each in past if since < (each.cancelled_by_applicant_at or each.slot_ends_at)]


def _missed(configuration: Configuration, past: Sequence[ListedAppointment]) -> tuple[datetime, ...]:
    """The ends of the missed appointments, recorded or not; one whose slot was closed is not missed."""
    return tuple(one.slot_ends_at for one in past if one.state in MISSED and not configuration.has_closed(one.slot))


def _own_cancellations(past: Sequence[ListedAppointment]) -> tuple[OwnCancellation, ...]:
    return tuple(
        OwnCancellation(
            service=cancelled.slot.service, starts_at=cancelled.slot.starts_at, at=cancelled.cancelled_by_applicant_at
        )
        for cancelled in past
        if cancelled.cancelled_by_applicant_at is not None
    )


def seat_taken(
    command: HoldSlot | BookSlot | WalkIn,
    case: BookingCase,
    answer: Answer,
    facts: Facts,
    event: AppointmentHeld | AppointmentBooked | WalkInBooked,
    appointment: Appointment,
) -> Change:
    """The change that gives the applicant the seat of `case`, and ends their holds that it replaces."""
    assert case.slot is not None, "granted without a slot: BK-02 is not in force"
    seats: tuple[SeatChange, ...] = (SeatChange(case.key, 1, case.slot.capacity),)
    appointments: tuple[Appointment, ...] = (appointment,)
    events: tuple[AppointmentEvent, ...] = (event,)
    if case.held is not None or case.given_back or case.slot.pool is not None:  # rarely: a call takes longer
        freed = case.given_back if case.held is None else (*case.given_back, case.held)
        seats = seats_moved(freed, appointment.seats, case.slot.capacity)
        for hold in reversed(case.given_back):
            after, released = release(hold, command, event.at, event.rulebook)
            appointments, events = (after, *appointments), (released, *events)
    return Change(
        answer=answer,
        seats=seats,
        person_state=facts.applicant_state.after(appointments, event.at),
        calendars=calendar_guards(facts),
        appointments=appointments,
        events=events,
    )


def agreed_to(command: HoldSlot | BookSlot | WalkIn, service: ServiceConditions) -> InstructionsVersion | None:
    """The version of the instructions that `command` agrees to, if any."""
    if isinstance(command, HoldSlot) or command.agreed is False:
        return None
    return service.instructions if command.agreed is True else command.agreed
