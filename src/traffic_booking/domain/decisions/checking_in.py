"""The decision whether an applicant may be checked in."""

from datetime import datetime, timedelta
from functools import partial
from typing import Final

from traffic_booking.domain.appointments.commands import CheckInApplicant
from traffic_booking.domain.appointments.events import AppointmentCheckedIn
from traffic_booking.domain.appointments.states import Arrival
from traffic_booking.domain.decisions.changes import Change
from traffic_booking.domain.decisions.facts import Facts
from traffic_booking.domain.decisions.outcomes import CheckedIn
from traffic_booking.domain.decisions.recording import decide_on_appointment
from traffic_booking.domain.rules.attending import arrival_at
from traffic_booking.domain.rules.cases import AppointmentCase
from traffic_booking.domain.rules.rule import Use
from traffic_booking.domain.rules.rulebook import Rulebook
from traffic_booking.domain.schedule.slots import SlotKey

OPENS: Final = "AT-03"
"""The rule with the time before the start at which check-in opens, and from which nobody is early any more."""


def decide_check_in(rulebook: Rulebook, command: CheckInApplicant, facts: Facts, now: datetime) -> Change:
    """The change that records that the applicant has come, or the refusal."""
    case = AppointmentCase(command.actor, facts.appointment)
    arrival = Arrival.ON_TIME if facts.appointment is None else arrival_of(rulebook, facts.appointment.slot, now)
    event, outcome = partial(AppointmentCheckedIn, arrival=arrival), partial(CheckedIn, arrival=arrival)
    return decide_on_appointment(rulebook, Use.CHECK_IN, case, command, facts, now, event=event, outcome=outcome)


def arrival_of(rulebook: Rulebook, slot: SlotKey, came_at: datetime) -> Arrival:
    """Whether a person who comes at `came_at` is early, on time or late, with the figures for the slot."""
    return arrival_at(slot.starts_at, came_at, timedelta(minutes=rulebook.rule(OPENS, slot)["early_minutes"]))
