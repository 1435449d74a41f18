"""The common parts of decisions: records, refusals, guards, freed seats, released holds."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple

from attrs import evolve as copy_with

from traffic_booking.domain.appointments.appointment import Appointment, ListedAppointment, evolve
from traffic_booking.domain.appointments.commands import (
    AtTheGate,
    BookSlot,
    CancelAppointment,
    Command,
    HoldSlot,
    MoveAppointment,
    WalkIn,
)
from traffic_booking.domain.appointments.events import AppointmentEvent, HoldReleased
from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.appointments.person_state import PersonState, whole
from traffic_booking.domain.appointments.states import AppointmentState
from traffic_booking.domain.decisions.changes import CalendarGuard, Change, SeatChange
from traffic_booking.domain.decisions.facts import Facts
from traffic_booking.domain.decisions.outcomes import Answer, Outcome, Refused, RequestRefused
from traffic_booking.domain.people.actors import Actor
from traffic_booking.domain.rules.cases import AppointmentCase, Case, MissedCase
from traffic_booking.domain.rules.eligibility import PERSONAL_RULES
from traffic_booking.domain.rules.evaluation import Evaluation
from traffic_booking.domain.rules.rule import Use
from traffic_booking.domain.rules.rulebook import Rulebook
from traffic_booking.domain.rules.verdict import BROKEN, NO_FINDINGS, Findings
from traffic_booking.domain.schedule.slots import SeatKey, SlotKey, seat_order
from traffic_booking.domain.text_input import RequestId

_HELD, _BOOKED = AppointmentState.HELD, AppointmentState.BOOKED  # a look-up in the enum is slow


def answer_of(
    command: Command, outcome: Outcome, case: Case | None, evaluation: Evaluation, now: datetime, rulebook_version: str
) -> Answer:
    """The record of the outcome of `command`, with the findings of the broken rules."""
    findings = evaluation.findings.of_broken() if isinstance(outcome, Refused) else NO_FINDINGS
    return Answer(command, outcome, now, rulebook_version, findings, case)


def refusal(
    command: Command,
    case: Case | None,
    evaluation: Evaluation,
    now: datetime,
    rulebook_version: str,
    person_state: PersonState | None = None,
) -> Change:
    """A change that writes the record of a refusal, so that the same request gets the same answer.

    It is committed only if `person_state`, on which the refusal is based, is still the stored one.
    """
    answer = answer_of(command, Refused(evaluation.refused), case, evaluation, now, rulebook_version)
    return Change(answer=answer, unchanged=person_state)


def calendar_guards(facts: Facts) -> tuple[CalendarGuard, ...]:
    """Guards that compare the calendars behind a decision, and raise none of them."""
    return tuple([CalendarGuard(branch, found.version) for branch, found in facts.calendars.items()])


def seats_moved(
    freed: Iterable[Appointment], taken: Iterable[SeatKey] = (), capacity: int = 0
) -> tuple[SeatChange, ...]:
    """The seats of `freed` given back and those of `taken` taken: each count that changes once, in one order.

    Because of the order, no two changes wait for each other.
    """
    moved = Counter(taken)
    for appointment in freed:
        moved.subtract(appointment.seats)
    changed = sorted([seat for seat in moved if moved[seat]], key=seat_order)
    return tuple([SeatChange(seat, moved[seat], capacity if moved[seat] > 0 else 0) for seat in changed])


def seats_taken_beside(facts: Facts, freed: Iterable[Appointment]) -> int:
    """The seats taken that the facts have, without those of `freed`; of the steps of a pool, the most."""
    own = Counter([seat for appointment in freed for seat in appointment.seats])
    return max([count - own[seat] for seat, count in facts.seats_taken.items()])


def release(
    hold: Appointment, command: BookSlot | HoldSlot | MoveAppointment | WalkIn, now: datetime, rulebook_version: str
) -> tuple[Appointment, HoldReleased]:
    """The end of a hold whose applicant takes another slot."""
    event = HoldReleased(
        number=hold.number,
        version=hold.version + 1,
        at=now,
        actor=command.actor,
        rulebook=rulebook_version,
        request_id=command.request_id,
    )
    return evolve(hold, event), event


class OwnAppointments(NamedTuple):
    """A person's appointments, sorted by their meaning for a request about one slot."""

    held: Appointment | None = None
    """Their hold of this slot."""
    given_back: tuple[Appointment, ...] = ()
    """Their holds of other slots for the service, which the request ends."""
    others: tuple[ListedAppointment, ...] = ()
    """Their other active appointments."""
    past: tuple[ListedAppointment, ...] = ()


NO_APPOINTMENTS = OwnAppointments()


def own_appointments(appointments: Iterable[ListedAppointment], key: SlotKey, now: datetime) -> OwnAppointments:
    """These appointments of a person, for a request about the slot `key` at `now`."""
    held: Appointment | None = None
    given_back: list[Appointment] = []
    others: list[ListedAppointment] = []
    past: list[ListedAppointment] = []
    for appointment in appointments:
        if appointment.state is _BOOKED and now < appointment.slot_ends_at:  # usually: a call takes longer
            others.append(appointment if type(appointment) is ListedAppointment else appointment.as_listed())
        elif not appointment.is_active(now):
            past.append(appointment)
        elif appointment.state is not _HELD or appointment.slot.service != key.service:
            others.append(appointment.as_listed())
        elif appointment.slot == key:
            held = whole(appointment)
        else:
            given_back.append(whole(appointment))
    return OwnAppointments(held, tuple(given_back), tuple(others), tuple(past))


def decide_on_appointment(
    rulebook: Rulebook,
    use: Use,
    case: AppointmentCase,
    command: CancelAppointment | AtTheGate,
    facts: Facts,
    now: datetime,
    *,
    event: Callable[..., AppointmentEvent],
    outcome: Callable[[Appointment], Outcome],
) -> Change:
    """The change that appends `event` to an appointment and answers `outcome`, or a refusal."""
    evaluation = rulebook.evaluate(use, case, now, case.at)
    if not evaluation.granted:
        return refusal(command, case, evaluation, now, rulebook.version, facts.person_state)
    change = change_of_appointment(rulebook, case, facts, now, event, command.actor, command.request_id)
    (after,) = change.appointments
    return copy_with(change, answer=answer_of(command, outcome(after), case, evaluation, now, rulebook.version))


def change_of_appointment(
    rulebook: Rulebook,
    case: AppointmentCase,
    facts: Facts,
    now: datetime,
    event: Callable[..., AppointmentEvent],
    actor: Actor,
    request_id: RequestId | None = None,
) -> Change:
    """The change that appends `event` to the appointment of the facts, without an answer."""
    appointment = facts.appointment
    assert appointment is not None, "granted without an appointment: the first rule is not in force"
    happened = event(
        number=appointment.number,
        version=appointment.version + 1,
        at=now,
        actor=actor,
        rulebook=rulebook.version,
        request_id=request_id,
    )
    after = evolve(appointment, happened)
    reads_calendar = isinstance(case, MissedCase) or case.open_hours
    return Change(
        seats=seats_moved([appointment]) if appointment.has_seat and not after.has_seat else (),
        person_state=facts.applicant_state.after((after,), now),
        calendars=calendar_guards(facts) if reads_calendar else (),
        appointments=(after,),
        events=(happened,),
    )


def refused_request(answer: Answer) -> RequestRefused:
    """A refusal for the log. The log outlives the erasure of the person, so personal findings are left out."""
    found = answer.findings
    pairs = zip(found.rule_ids, found.results, strict=True)
    results = tuple(BROKEN if rule_id in PERSONAL_RULES else result for rule_id, result in pairs)
    return RequestRefused(
        request_id=answer.command.request_id,
        at=answer.decided_at,
        actor=answer.command.actor,
        rulebook=answer.rulebook,
        broken=Findings(found.rule_ids, results),
        number=named_number(answer.command),
    )


def named_number(command: Command) -> AppointmentNumber | None:
    """The number of the appointment that a request names, None if it names none."""
    return getattr(command, "moving" if isinstance(command, HoldSlot) else "number", None)
