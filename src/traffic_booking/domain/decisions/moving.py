"""Whether an appointment may be moved to another slot, and the change that does it.

It is decided as the booking of the new slot by somebody who no longer has the old one: a live hold of theirs on the new
slot gives it its seat, one on another slot for the same service is given back. The number stays, and so does the state.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from traffic_booking.domain.appointments.appointment import Appointment, AppointmentState, ListedAppointment, evolve
from traffic_booking.domain.appointments.commands import MoveAppointment
from traffic_booking.domain.appointments.events import AppointmentMoved, HoldReleased
from traffic_booking.domain.appointments.person_state import PersonState, whole
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.changes import Change, SeatChange
from traffic_booking.domain.decisions.facts import Facts
from traffic_booking.domain.decisions.outcomes import Moved
from traffic_booking.domain.decisions.recording import answer_of, calendar_guards, refusal, seat_back
from traffic_booking.domain.places.services import InstructionsVersion, ServiceTerms
from traffic_booking.domain.rules.cases import AppointmentCase, MoveCase
from traffic_booking.domain.rules.rule import Use
from traffic_booking.domain.rules.rulebook import Rulebook
from traffic_booking.domain.schedule.slots import SlotKey


def decide_move(configuration: Configuration, command: MoveAppointment, facts: Facts, now: datetime) -> Change:
    """The change that gives the old seat back and takes the new one, or that records the refusal.

    Of an appointment that the actor doesn't see, MV-01 alone is heard. A move to the slot that it has changes nothing.
    """
    rulebook = configuration.rulebook(now)
    seen = AppointmentCase(command.actor, facts.appointment)
    if seen.seen is None:
        unseen = rulebook.evaluate(Use.FIND_TO_MOVE, seen, now)
        return refusal(command, seen, unseen, now, rulebook.version, facts.person_state)
    case = move_case(configuration, rulebook, command, seen.seen, facts, now)
    evaluation = rulebook.evaluate(Use.MOVE, case, now, case.key)
    if not evaluation.granted:
        return refusal(command, case, evaluation, now, rulebook.version, facts.person_state)
    assert case.slot is not None, "granted without a slot: BK-02 is not in force"
    assert case.agreed is not None, "granted without agreement: BK-06 is not in force"
    before, after = case.appointment, case.appointment
    written: list[Appointment] = []
    events: list[HoldReleased | AppointmentMoved] = []
    if case.key != before.slot:
        released = _released(case, command, rulebook, now)
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
            instructions=case.agreed,
            slot_was_closed=case.slot_was_closed,
        )
        after = evolve(before, moved)
        written = [*(evolve(hold, event) for hold, event in released), after]
        events = [*(event for _, event in released), moved]
    return Change(
        answer=answer_of(command, Moved(after), case, evaluation, now, rulebook.version),
        seats=_seats(case, before, written),
        person_state=_person_state(facts).after(written, now),
        calendars=calendar_guards(facts),
        appointments=tuple(written),
        events=tuple(events),
    )


def move_case(
    configuration: Configuration,
    rulebook: Rulebook,
    command: MoveAppointment,
    appointment: Appointment,
    facts: Facts,
    now: datetime,
) -> MoveCase:
    """What the rules look at when `command` about `appointment` is decided at `now`."""
    key = command.slot
    service, timetable = configuration.catalogue.terms_of(key.service), configuration.catalogue.timetable_of(key.branch)
    held, given_back, others = None, list[Appointment](), list[ListedAppointment]()
    for other in _person_state(facts).appointments:
        if other.number == appointment.number or not other.is_active(now):
            continue
        if other.state is not AppointmentState.HELD or other.slot.service != key.service:
            others.append(other.as_listed())
        elif other.slot == key:
            held = whole(other)
        else:
            given_back.append(whole(other))
    its_own = (held is not None) + (appointment.slot == key and appointment.has_seat)
    return MoveCase(
        actor=command.actor,
        applicant=appointment.applicant,
        key=key,
        service=service,
        offered=bool(timetable.shifts(service.service)),
        slot=configuration.slot(key),
        seats_taken=facts.seats_taken[key] - its_own,
        others=tuple(others),
        agreed=agreed_to(command, service, appointment),
        held=held,
        given_back=tuple(given_back),
        assertions=command.assertions,
        suspension=rulebook.suspension_of(key) if rulebook.suspensions else None,
        appointment=appointment,
        slot_was_closed=configuration.has_closed(appointment.slot),
    )


def _released(
    case: MoveCase, command: MoveAppointment, rulebook: Rulebook, now: datetime
) -> list[tuple[Appointment, HoldReleased]]:
    """The holds that the move gives back, each with its event."""
    holds = case.given_back if case.held is None else (*case.given_back, case.held)
    return [
        (
            hold,
            HoldReleased(
                number=hold.number,
                version=hold.version + 1,
                at=now,
                actor=command.actor,
                rulebook=rulebook.version,
                request_id=command.request_id,
            ),
        )
        for hold in holds
    ]


def _seats(case: MoveCase, before: Appointment, written: Iterable[Appointment]) -> tuple[SeatChange, ...]:
    """The seats that change hands, each slot once and in one order for all, so that no two moves wait for each other.

    `written` are the holds that are given back, and at last the appointment where it goes.
    """
    moved = defaultdict[SlotKey, int](int)
    for after in written:
        gives_back = before if after.number == before.number else after
        moved[gives_back.slot] += seat_back(gives_back).delta
        moved[case.key] += after.has_seat
    capacity = 0 if case.slot is None else case.slot.capacity
    return tuple(SeatChange(slot, moved[slot], capacity * (slot == case.key)) for slot in sorted(moved) if moved[slot])


def _person_state(facts: Facts) -> PersonState:
    assert facts.person_state is not None, "facts that hold an appointment hold its applicant's standing"
    return facts.person_state


def agreed_to(command: MoveAppointment, service: ServiceTerms, appointment: Appointment) -> InstructionsVersion | None:
    """The version of the instructions that `command` agrees to, by itself or by the earlier booking."""
    if command.agreed is False:
        return appointment.instructions
    return service.instructions if command.agreed is True else command.agreed
