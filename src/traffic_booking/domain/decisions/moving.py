"""The decision whether an appointment may be moved to another slot. It keeps its number and its state.

It is a booking of the new slot as if the old one were free. The applicant's live hold of the new slot gives its seat to
the appointment, and their holds of other slots for the same service end. A hold for a move is decided on the same case.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from attrs import evolve as copy_with

from traffic_booking.domain.appointments.appointment import Appointment, evolve
from traffic_booking.domain.appointments.commands import HoldSlot, MoveAppointment
from traffic_booking.domain.appointments.events import AppointmentMoved, SeatRecounted
from traffic_booking.domain.appointments.person_state import PersonState
from traffic_booking.domain.appointments.states import AppointmentState
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.cancelling import GRACE, is_booked_late
from traffic_booking.domain.decisions.changes import Change
from traffic_booking.domain.decisions.facts import Facts
from traffic_booking.domain.decisions.outcomes import Moved
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
from traffic_booking.domain.people.actors import Actor, Clerk, System, is_within_delegation
from traffic_booking.domain.places.services import InstructionsVersion, ServiceConditions
from traffic_booking.domain.rules.cases import AppointmentCase, MoveCase, StayCase, seen_by
from traffic_booking.domain.rules.evaluation import Evaluation
from traffic_booking.domain.rules.rule import Use
from traffic_booking.domain.rules.rulebook import Rulebook
from traffic_booking.domain.rules.verdict import Findings
from traffic_booking.domain.text_input import RequestId

CUT_OFF: Final = "MV-05"
"""The rule that ends the time for moving."""
CUT_OFFS: Final = (GRACE, CUT_OFF)
"""The rules whose limit is an instant after which nobody moves the appointment."""
ENDS: Final = ("BK-16", *CUT_OFFS)
"""The rules whose limit is an instant after which the actor doesn't move it."""
MOST_MOVES: Final = "MV-04"
NO_REQUEST: Final = RequestId("what-if")
"""The request id of a request that was never sent."""
UNBOUNDED: Final = 10**9
"""More seats than any count has."""


def decide_move(configuration: Configuration, command: MoveAppointment, facts: Facts, now: datetime) -> Change:
    """The change that frees the old seat and takes the new one, or that records the refusal.

    MV-01 alone is evaluated if the actor may not see the appointment, or is a clerk who does not serve the new branch.
    A move of a booked appointment to its own slot changes nothing, and no rule about the slot or the time refuses it.
    """
    rulebook = configuration.rulebook(now)
    found = find_to_move(rulebook, command, facts, now)
    if isinstance(found, Change):
        return found
    if command.slot == found.slot and found.state is AppointmentState.BOOKED:
        return _stay(rulebook, command, found, facts, now)
    case, evaluation = evaluate_move(configuration, rulebook, command, found, facts, now)
    if not evaluation.granted:
        return refusal(command, case, evaluation, now, rulebook.version, facts.person_state)
    assert case.slot is not None, "granted without a slot: BK-02 is not in force"
    assert case.agreed is not None, "granted without agreement: BK-06 is not in force"
    before = case.appointment
    moved = AppointmentMoved(
        number=before.number,
        version=before.version + 1,
        at=now,
        actor=command.actor,
        rulebook=rulebook.version,
        request_id=command.request_id,
        from_slot=before.slot,
        slot=case.key,
        slot_ends_at=case.slot.ends_at,
        time_zone=case.slot.time_zone,
        pool=case.pool,
        instructions=case.agreed,
        slot_was_closed=case.slot_was_closed,
    )
    after = evolve(before, moved)
    holds = case.given_back if case.held is None else (*case.given_back, case.held)
    released = [release(hold, command, now, rulebook.version) for hold in holds]
    written = (*(hold for hold, _ in released), after)
    return Change(
        answer=answer_of(command, Moved(after), case, evaluation, now, rulebook.version),
        seats=seats_moved((*holds, before), case.slot.seats, case.slot.capacity),
        person_state=facts.applicant_state.after(written, now),
        calendars=calendar_guards(facts),
        appointments=written,
        events=(*(event for _, event in released), moved),
    )


def evaluate_move(
    configuration: Configuration,
    rulebook: Rulebook,
    command: MoveAppointment,
    appointment: Appointment,
    facts: Facts,
    now: datetime,
) -> tuple[MoveCase, Evaluation]:
    """The result of every rule of moving to another slot, for a move or for a search that shows where one could go."""
    case = move_case(configuration, rulebook, command, appointment, facts, now)
    return case, rulebook.evaluate(Use.MOVE, case, now, case.key)


def _stay(
    rulebook: Rulebook, command: MoveAppointment, appointment: Appointment, facts: Facts, now: datetime
) -> Change:
    """The change that writes the answer alone: the appointment as it is, or a refusal."""
    case = StayCase(command.actor, appointment)
    evaluation = rulebook.evaluate(Use.STAY, case, now, case.at)
    if not evaluation.granted:
        return refusal(command, case, evaluation, now, rulebook.version, facts.person_state)
    answer = answer_of(command, Moved(appointment), case, evaluation, now, rulebook.version)
    return Change(answer=answer, unchanged=facts.person_state)


def decide_recount(configuration: Configuration, facts: Facts, actor: Clerk | System, now: datetime) -> Change | None:
    """The change that takes an appointment's seat to the counts of the catalogue; None if it is there.

    No capacity bounds it: the seat was granted, and every seat that is counted keeps others from the pool.
    """
    before = facts.appointment
    if before is None or not configuration.counts_elsewhere(before, now):
        return None
    event = SeatRecounted(
        number=before.number,
        version=before.version + 1,
        at=now,
        actor=actor,
        rulebook=configuration.rulebook(now).version,
        pool=configuration.catalogue.pool_of(before.slot.branch, before.slot.service),
    )
    after = evolve(before, event)
    return Change(
        seats=seats_moved([before], after.seats, UNBOUNDED),
        person_state=facts.applicant_state.after((after,), now),
        appointments=(after,),
        events=(event,),
    )


def find_to_move(
    rulebook: Rulebook, command: MoveAppointment | HoldSlot, facts: Facts, now: datetime
) -> Appointment | Change:
    """The appointment to move; or the refusal if the actor may not see it, or it isn't that of the hold's applicant."""
    found = facts.appointment
    if isinstance(command, HoldSlot) and found is not None and found.applicant != command.applicant:
        found = None
    seen = AppointmentCase(command.actor, seen_by(command.actor, found, now))
    if seen.seen is not None and _serves_new_slot(command):
        return seen.seen
    unseen = rulebook.evaluate(Use.FIND_TO_MOVE, seen, now)
    return refusal(command, seen, unseen, now, rulebook.version, facts.person_state)


def move_case(
    configuration: Configuration,
    rulebook: Rulebook,
    command: MoveAppointment | HoldSlot,
    appointment: Appointment,
    facts: Facts,
    now: datetime,
) -> MoveCase:
    """The facts for `command` about `appointment` at `now`, without other appointments beyond a delegation."""
    key = command.slot
    at = configuration.slot_facts(key)
    stays = isinstance(command, HoldSlot) and appointment.slot == key  # a hold would be a second seat of the slot
    others = [each for each in facts.applicant_state.appointments if stays or each.number != appointment.number]
    allowed = is_within_delegation(command.actor, key.service)
    own = own_appointments(others, key, now) if allowed else NO_APPOINTMENTS
    moved = () if isinstance(command, HoldSlot) else (appointment,)  # while a hold lasts, the appointment has its seat
    freed = [each for each in (*own.given_back, own.held, *moved) if each is not None and each.has_seat]
    case = MoveCase(
        actor=command.actor,
        applicant=appointment.applicant,
        key=key,
        service=at.service,
        offered=at.offered,
        slot=at.slot,
        seats_taken=seats_taken_beside(facts, freed),
        others=own.others,
        agreed=agreed_to(command, at.service, appointment),
        held=own.held,
        given_back=own.given_back,
        assertions=command.assertions,
        suspension=rulebook.suspension_of(key) if rulebook.suspensions else None,
        appointment=appointment,
        slot_was_closed=configuration.has_closed(appointment.slot),
    )
    late = is_booked_late(rulebook, case, key, (CUT_OFF,), now)
    return copy_with(case, booked_late=True) if late else case


def may_move_until(
    configuration: Configuration, actor: Actor, appointment: Appointment, now: datetime
) -> datetime | None:
    """The end (exclusive) of the time in which a booked appointment may be moved to a slot with the same figures.

    `now` if its moves are used up, None if no rule in force ends the time.
    """
    rulebook, slot = configuration.rulebook(now), appointment.slot
    command = MoveAppointment(request_id=NO_REQUEST, actor=actor, number=appointment.number, slot=slot)
    facts = Facts(person_state=PersonState(appointment.applicant), seats_taken={slot: 0})
    case = move_case(configuration, rulebook, command, appointment, facts, now)
    findings = rulebook.evaluate(Use.MOVE, case, now, slot).findings
    return now if MOST_MOVES in findings.broken else earliest_limit(findings, ENDS)


def earliest_limit(findings: Findings, rules: Iterable[str]) -> datetime | None:
    """The earliest instant among the limits of `rules`; None if none of them has one."""
    limits = (findings[each].limit for each in rules if each in findings.rule_ids)
    return min((limit for limit in limits if isinstance(limit, datetime)), default=None)


def _serves_new_slot(command: MoveAppointment | HoldSlot) -> bool:
    return not isinstance(command.actor, Clerk) or command.actor.serves(command.slot.branch)


def agreed_to(
    command: MoveAppointment | HoldSlot, service: ServiceConditions, appointment: Appointment
) -> InstructionsVersion | None:
    """The version of the instructions that `command`, or the earlier booking, agrees to; a hold agrees to nothing."""
    if isinstance(command, HoldSlot):
        return None
    if command.agreed is False:
        return appointment.instructions
    return service.instructions if command.agreed is True else command.agreed
