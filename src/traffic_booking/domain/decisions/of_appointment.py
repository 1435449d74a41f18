"""Whether an appointment may be cancelled or checked in, when a hold has run out, and the changes that do it."""

from datetime import datetime

from traffic_booking.domain.actors import System
from traffic_booking.domain.appointments import Appointment, AppointmentState, evolve
from traffic_booking.domain.changes import Change, StandingGuard
from traffic_booking.domain.commands import CancelAppointment, CheckInApplicant
from traffic_booking.domain.decisions.recording import answer_of, refusal, seat_back
from traffic_booking.domain.events import AppointmentCancelled, AppointmentCheckedIn, HoldExpired
from traffic_booking.domain.facts import Facts
from traffic_booking.domain.outcomes import Cancelled, CheckedIn
from traffic_booking.domain.rulebook import Rulebook, broken
from traffic_booking.domain.rules.cancelling import AppointmentCase
from traffic_booking.domain.rules.rule import Use


def decide_cancellation(rulebook: Rulebook, command: CancelAppointment, facts: Facts, now: datetime) -> Change:
    """The change that cancels the appointment and frees its seat, or that records the refusal."""
    case = AppointmentCase(command.actor, facts.appointment)
    refused = broken(rulebook.judge(Use.CANCEL, case, now))
    if refused:
        return refusal(command, refused, now, rulebook.version)
    appointment = _known(facts)
    event = AppointmentCancelled(
        number=appointment.number,
        version=appointment.version + 1,
        at=now,
        actor=command.actor,
        rulebook=rulebook.version,
        request_id=command.request_id,
    )
    cancelled = evolve(appointment, event)
    return Change(
        answer=answer_of(command, Cancelled(cancelled), now, rulebook.version),
        seats=(seat_back(appointment),),
        standing=_guard(facts),
        appointments=(cancelled,),
        events=(event,),
    )


def decide_check_in(rulebook: Rulebook, command: CheckInApplicant, facts: Facts, now: datetime) -> Change:
    """The change that notes that the applicant has come, or that records the refusal."""
    case = AppointmentCase(command.actor, facts.appointment)
    refused = broken(rulebook.judge(Use.CHECK_IN, case, now))
    if refused:
        return refusal(command, refused, now, rulebook.version)
    appointment = _known(facts)
    event = AppointmentCheckedIn(
        number=appointment.number,
        version=appointment.version + 1,
        at=now,
        actor=command.actor,
        rulebook=rulebook.version,
        request_id=command.request_id,
    )
    checked_in = evolve(appointment, event)
    return Change(
        answer=answer_of(command, CheckedIn(checked_in), now, rulebook.version),
        standing=_guard(facts),
        appointments=(checked_in,),
        events=(event,),
    )


def decide_expiry(rulebook: Rulebook, hold: Appointment, now: datetime) -> Change | None:
    """The change that ends a hold that has run out; None where `hold` is no hold or has time left.

    It bears no guard on the standing: an expiry only ever loosens what the person may do, and the appointment's version
    settles it against a booking of the same hold.
    """
    if hold.state is not AppointmentState.HELD or hold.is_active(now):
        return None
    event = HoldExpired(number=hold.number, version=hold.version + 1, at=now, actor=System(), rulebook=rulebook.version)
    return Change(seats=(seat_back(hold),), appointments=(evolve(hold, event),), events=(event,))


def _known(facts: Facts) -> Appointment:
    assert facts.appointment is not None, "granted without an appointment: the first rule is not in force"
    return facts.appointment


def _guard(facts: Facts) -> StandingGuard:
    assert facts.standing is not None, "facts that hold an appointment hold its applicant's standing"
    return StandingGuard(facts.standing.applicant, facts.standing.version)
