"""The decision whether an applicant may be checked in."""

from datetime import datetime

from traffic_booking.domain.appointments.commands import CheckInApplicant
from traffic_booking.domain.decisions.changes import Change
from traffic_booking.domain.decisions.facts import Facts
from traffic_booking.domain.decisions.recording import decide_on_appointment
from traffic_booking.domain.rules.cases import AppointmentCase
from traffic_booking.domain.rules.rule import Use
from traffic_booking.domain.rules.rulebook import Rulebook


def decide_check_in(rulebook: Rulebook, command: CheckInApplicant, facts: Facts, now: datetime) -> Change:
    """The change that records that the applicant has come, or the refusal."""
    case = AppointmentCase(command.actor, facts.appointment)
    return decide_on_appointment(rulebook, Use.CHECK_IN, case, command, facts, now)
