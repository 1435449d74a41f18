"""Deciding whether an appointment may be cancelled, and the end of a hold that has run out."""

from datetime import datetime, timedelta
from typing import Final

from traffic_booking.domain.appointments.appointment import Appointment, AppointmentState, evolve
from traffic_booking.domain.appointments.commands import CancelAppointment, CheckInApplicant
from traffic_booking.domain.appointments.events import AppointmentCancelled, AppointmentCheckedIn, HoldExpired
from traffic_booking.domain.appointments.person_state import PersonState
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.changes import Change
from traffic_booking.domain.decisions.facts import Facts
from traffic_booking.domain.decisions.outcomes import Cancelled, CheckedIn, MayCancel
from traffic_booking.domain.decisions.recording import answer_of, calendar_guards, refusal, seat_back
from traffic_booking.domain.people.actors import Actor, System
from traffic_booking.domain.rules.cases import AppointmentCase
from traffic_booking.domain.rules.rule import Use
from traffic_booking.domain.rules.rulebook import Rulebook

WORKING_CUT_OFF: Final = "CN-04"
"""The rule that counts a branch's open hours."""


def decide_cancellation(
    configuration: Configuration, command: CancelAppointment, facts: Facts, now: datetime
) -> Change:
    """The change that cancels the appointment and frees its seat, or that records the refusal."""
    rulebook = configuration.rulebook(now)
    case = _cancellation_case(configuration, rulebook, command.actor, facts.appointment)
    return _decide(rulebook, Use.CANCEL, case, command, facts, now)


def may_cancel(configuration: Configuration, actor: Actor, appointment: Appointment | None, now: datetime) -> MayCancel:
    """What `decide_cancellation` would say at `now`, and the cut-off where rules in force set it."""
    rulebook = configuration.rulebook(now)
    case = _cancellation_case(configuration, rulebook, actor, appointment)
    evaluation = rulebook.evaluate(Use.CANCEL, case, now, case.at)
    cut_offs = [limit for _, _, limit, _ in evaluation.findings.results if isinstance(limit, datetime)]
    return MayCancel(refused=evaluation.refused, until=min(cut_offs, default=None))


def decide_expiry(rulebook: Rulebook, hold: Appointment, now: datetime) -> Change | None:
    """The change that ends a hold that has run out; None where `hold` is no hold or has time left.

    It bears no guard on the standing: an expiry only ever loosens what the person may do, and the appointment's version
    settles it against a booking of the same hold.
    """
    if hold.state is not AppointmentState.HELD or hold.is_active(now):
        return None
    event = HoldExpired(number=hold.number, version=hold.version + 1, at=now, actor=System(), rulebook=rulebook.version)
    return Change(seats=(seat_back(hold),), appointments=(evolve(hold, event),), events=(event,))


def _cancellation_case(
    configuration: Configuration, rulebook: Rulebook, actor: Actor, appointment: Appointment | None
) -> AppointmentCase:
    """What the rules of cancelling look at; without open hours while no rule counts them."""
    case = AppointmentCase(actor, appointment)
    if case.seen is None:
        return case
    slot = case.seen.slot
    rule = rulebook.rule(WORKING_CUT_OFF, slot)
    hours = () if rule.is_off else configuration.open_hours_before(slot, timedelta(minutes=rule["minutes"]))
    return AppointmentCase(actor, appointment, hours)


def _decide(
    rulebook: Rulebook,
    use: Use,
    case: AppointmentCase,
    command: CancelAppointment | CheckInApplicant,
    facts: Facts,
    now: datetime,
) -> Change:
    evaluation = rulebook.evaluate(use, case, now, case.at)
    if not evaluation.granted:
        return refusal(command, case, evaluation, now, rulebook.version, facts.person_state)
    appointment = _known(facts)
    happened = AppointmentCancelled if isinstance(command, CancelAppointment) else AppointmentCheckedIn
    event = happened(
        number=appointment.number,
        version=appointment.version + 1,
        at=now,
        actor=command.actor,
        rulebook=rulebook.version,
        request_id=command.request_id,
    )
    after = evolve(appointment, event)
    outcome = Cancelled(after) if isinstance(command, CancelAppointment) else CheckedIn(after)
    return Change(
        answer=answer_of(command, outcome, case, evaluation, now, rulebook.version),
        seats=() if after.has_seat else (seat_back(appointment),),
        person_state=_person_state(facts).after((after,), now),
        calendars=calendar_guards(facts) if case.open_hours else (),
        appointments=(after,),
        events=(event,),
    )


def _known(facts: Facts) -> Appointment:
    assert facts.appointment is not None, "granted without an appointment: the first rule is not in force"
    return facts.appointment


def _person_state(facts: Facts) -> PersonState:
    assert facts.person_state is not None, "facts that hold an appointment hold its applicant's standing"
    return facts.person_state
