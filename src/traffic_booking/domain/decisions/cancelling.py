"""The decision whether an appointment may be cancelled, and the end of a hold that has run out."""

from datetime import datetime, timedelta
from typing import Final

from traffic_booking.domain.appointments.appointment import Appointment, evolve
from traffic_booking.domain.appointments.commands import CancelAppointment
from traffic_booking.domain.appointments.events import HoldExpired
from traffic_booking.domain.appointments.states import AppointmentState
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.changes import Change
from traffic_booking.domain.decisions.facts import Facts
from traffic_booking.domain.decisions.outcomes import MayCancel
from traffic_booking.domain.decisions.recording import decide_on_appointment, seat_back
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
    case = cancellation_case(configuration, rulebook, command.actor, facts.appointment)
    return decide_on_appointment(rulebook, Use.CANCEL, case, command, facts, now)


def may_cancel(configuration: Configuration, actor: Actor, appointment: Appointment | None, now: datetime) -> MayCancel:
    """The result of `decide_cancellation` at `now`, and the cut-off if rules in force set one."""
    rulebook = configuration.rulebook(now)
    case = cancellation_case(configuration, rulebook, actor, appointment)
    evaluation = rulebook.evaluate(Use.CANCEL, case, now, case.at)
    cut_offs = [each.limit for each in evaluation.findings.results if isinstance(each.limit, datetime)]
    return MayCancel(refused=evaluation.refused, until=min(cut_offs, default=None))


def decide_expiry(rulebook: Rulebook, hold: Appointment, now: datetime) -> Change | None:
    """The change that ends a hold that has run out; None if `hold` is no hold or has time left.

    It has no guard on the state of the person: an expiry never limits the person. The appointment's version decides
    between the expiry and a booking of the same hold.
    """
    if hold.state is not AppointmentState.HELD or hold.is_active(now):
        return None
    event = HoldExpired(number=hold.number, version=hold.version + 1, at=now, actor=System(), rulebook=rulebook.version)
    return Change(seats=(seat_back(hold),), appointments=(evolve(hold, event),), events=(event,))


def cancellation_case(
    configuration: Configuration, rulebook: Rulebook, actor: Actor, appointment: Appointment | None
) -> AppointmentCase:
    """The facts of a cancellation, with open hours only if a rule counts them."""
    case = AppointmentCase(actor, appointment)
    if case.seen is None:
        return case
    slot = case.seen.slot
    rule = rulebook.rule(WORKING_CUT_OFF, slot)
    hours = () if rule.is_off else configuration.open_hours_before(slot, timedelta(minutes=rule["minutes"]))
    return AppointmentCase(actor, appointment, hours)
