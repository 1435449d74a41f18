"""Whether a slot may be held or booked, and the change that does it.

A hold that the applicant has on the same slot becomes the booking: no seat moves. A live hold of theirs on another
slot for the same service is given back in the same change.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from traffic_booking.domain.appointments.appointment import Appointment, AppointmentState, ListedAppointment, evolve
from traffic_booking.domain.appointments.commands import BookSlot, HoldSlot
from traffic_booking.domain.appointments.events import AppointmentBooked, AppointmentHeld, HoldReleased
from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.appointments.person_state import PersonState, whole
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.changes import Change, SeatChange
from traffic_booking.domain.decisions.facts import Facts
from traffic_booking.domain.decisions.outcomes import Answer, Booked, Held
from traffic_booking.domain.decisions.recording import answer_of, calendar_guards, refusal, seat_back
from traffic_booking.domain.people.actors import may_act_for
from traffic_booking.domain.places.services import InstructionsVersion, ServiceTerms
from traffic_booking.domain.rules.cases import BookingCase, OwnCancellation
from traffic_booking.domain.rules.rule import Use
from traffic_booking.domain.rules.rulebook import Rulebook
from traffic_booking.domain.schedule.slots import Slot

_HELD, _BOOKED = AppointmentState.HELD, AppointmentState.BOOKED


def decide_hold(
    configuration: Configuration, command: HoldSlot, facts: Facts, number: AppointmentNumber, now: datetime
) -> Change:
    """The change that holds the slot for the applicant, or that records the refusal."""
    rulebook = configuration.rulebook(now)
    case = booking_case(configuration, rulebook, command, facts, now)
    evaluation = rulebook.evaluate(Use.HOLD, case, now, case.key)
    if not evaluation.granted:
        return refusal(command, case, evaluation, now, rulebook.version, facts.person_state)
    if case.held is not None:  # the seat is theirs already: the same hold again, no longer than it was
        return Change(
            answer=answer_of(command, Held(case.held), case, evaluation, now, rulebook.version),
            person_state=_person_state(facts).after((), now),
            calendars=calendar_guards(facts),
        )
    slot = _slot_of(case)
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
        applicant=command.applicant,
        hold_ends_at=now + timedelta(minutes=rulebook.rule("HD-01", slot.key)["minutes"]),
    )
    appointment = evolve(None, event)
    answer = answer_of(command, Held(appointment), case, evaluation, now, rulebook.version)
    return _granted(case, answer, facts, slot, appointment, event)


def decide_booking(
    configuration: Configuration, command: BookSlot, facts: Facts, number: AppointmentNumber, now: datetime
) -> Change:
    """The change that books the slot for the applicant, or that records the refusal."""
    rulebook = configuration.rulebook(now)
    case = booking_case(configuration, rulebook, command, facts, now)
    evaluation = rulebook.evaluate(Use.BOOK, case, now, case.key)
    if not evaluation.granted:
        return refusal(command, case, evaluation, now, rulebook.version, facts.person_state)
    assert case.agreed is not None
    slot, held = _slot_of(case), case.held
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
        applicant=command.applicant,
        instructions=case.agreed,
    )
    appointment = evolve(held, event)
    answer = answer_of(command, Booked(appointment), case, evaluation, now, rulebook.version)
    return _granted(case, answer, facts, slot, appointment, event)


def booking_case(
    configuration: Configuration, rulebook: Rulebook, command: HoldSlot | BookSlot, facts: Facts, now: datetime
) -> BookingCase:
    """What the rules look at when `command` is decided at `now`: of the applicant, nothing for whom they don't know."""
    key = command.slot
    at = configuration.of_slot(key)
    held, given_back, others, past = None, [], [], []
    if may_act_for(command.actor, command.applicant):
        long_ago = now - rulebook.looks_back
        for appointment in _person_state(facts).appointments:
            until = appointment.active_until()
            if until is None or until <= now:
                if long_ago < (appointment.cancelled_by_applicant_at or appointment.slot_ends_at):
                    past.append(appointment)
            elif appointment.state is not _HELD or appointment.slot.service != key.service:
                others.append(appointment.as_listed())
            elif appointment.slot == key:
                held = whole(appointment)
            else:
                given_back.append(whole(appointment))
    return BookingCase(
        actor=command.actor,
        applicant=command.applicant,
        key=key if at.slot is None else at.slot.key,  # the equal one that all have who ask for it
        service=at.service,
        offered=at.offered,
        slot=at.slot,
        seats_taken=facts.seats_taken[key] - (held is not None),
        others=tuple(others),
        agreed=agreed_to(command, at.service),
        held=held,
        given_back=tuple(given_back),
        missed=_missed(configuration, past) if past else (),
        cancelled_by_applicant=_withdrawn(past) if past else (),
        assertions=command.assertions,
        suspension=rulebook.suspension_of(key) if rulebook.suspensions else None,
    )


def _missed(configuration: Configuration, past: Sequence[ListedAppointment]) -> tuple[datetime, ...]:
    """When what they didn't come to ended; nobody can come to a slot that was closed."""
    return tuple(one.slot_ends_at for one in past if one.state is _BOOKED and not configuration.has_closed(one.slot))


def _withdrawn(past: Sequence[ListedAppointment]) -> tuple[OwnCancellation, ...]:
    return tuple(
        OwnCancellation(
            service=cancelled.slot.service, starts_at=cancelled.slot.starts_at, at=cancelled.cancelled_by_applicant_at
        )
        for cancelled in past
        if cancelled.cancelled_by_applicant_at is not None
    )


def _granted(
    case: BookingCase,
    answer: Answer,
    facts: Facts,
    slot: Slot,
    appointment: Appointment,
    event: AppointmentHeld | AppointmentBooked,
) -> Change:
    seats = (SeatChange(slot.key, 1, slot.capacity),) if appointment.version == 1 else ()
    if not case.given_back:
        return Change(
            answer=answer,
            seats=seats,
            person_state=_person_state(facts).after((appointment,), event.at),
            calendars=calendar_guards(facts),
            appointments=(appointment,),
            events=(event,),
        )
    released = [
        HoldReleased(
            number=other.number,
            version=other.version + 1,
            at=event.at,
            actor=event.actor,
            rulebook=event.rulebook,
            request_id=event.request_id,
        )
        for other in case.given_back
    ]
    given_back = [evolve(before, release) for before, release in zip(case.given_back, released, strict=True)]
    return Change(
        answer=answer,
        seats=(*map(seat_back, given_back), *seats),
        person_state=_person_state(facts).after((*given_back, appointment), event.at),
        calendars=calendar_guards(facts),
        appointments=(*given_back, appointment),
        events=(*released, event),
    )


def _person_state(facts: Facts) -> PersonState:
    assert facts.person_state is not None, "the facts of a booking hold the applicant's standing"
    return facts.person_state


def _slot_of(case: BookingCase) -> Slot:
    assert case.slot is not None, "granted without a slot: BK-02 is not in force"
    return case.slot


def agreed_to(command: HoldSlot | BookSlot, service: ServiceTerms) -> InstructionsVersion | None:
    """The version of the instructions that `command` agrees to, None if it agrees to none."""
    if isinstance(command, HoldSlot) or command.agreed is False:
        return None
    return service.instructions if command.agreed is True else command.agreed
