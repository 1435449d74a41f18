"""The decision whether an appointment may be cancelled, and the end of a hold that has run out."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from traffic_booking.domain.appointments.appointment import Appointment, expiry
from traffic_booking.domain.appointments.commands import CancelAppointment
from traffic_booking.domain.appointments.events import AppointmentCancelled
from traffic_booking.domain.appointments.states import AppointmentState
from traffic_booking.domain.appointments.tickets import TicketLimits
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.changes import Change
from traffic_booking.domain.decisions.facts import Facts
from traffic_booking.domain.decisions.outcomes import Cancelled, MayCancel
from traffic_booking.domain.decisions.recording import decide_on_appointment, seats_moved
from traffic_booking.domain.people.actors import Actor
from traffic_booking.domain.rules.attending import CLOSES, OPENS
from traffic_booking.domain.rules.cancelling import grace_end
from traffic_booking.domain.rules.cases import AppointmentCase, MoveCase, seen_by
from traffic_booking.domain.rules.rule import Rule, Use
from traffic_booking.domain.rules.rulebook import Rulebook
from traffic_booking.domain.schedule.slots import SlotKey

WORKING_CUT_OFF: Final = "CN-04"
"""The rule that counts a branch's open hours."""
CUT_OFFS: Final = ("CN-03", WORKING_CUT_OFF)
"""The rules that end the time for cancelling."""
GRACE: Final = "CN-05"
"""The rule that grants some time after a late booking or move."""
_OF_TICKETS: Final = ("CD-01", OPENS, CLOSES)
"""The rules of a late cancellation, and of the beginning and the end of the check-in."""


def decide_cancellation(
    configuration: Configuration, command: CancelAppointment, facts: Facts, now: datetime
) -> Change:
    """The change that cancels the appointment and frees its seat, or that records the refusal."""
    rulebook = configuration.rulebook(now)
    seen = seen_by(command.actor, facts.appointment, now)
    case = cancellation_case(configuration, rulebook, command.actor, seen, now)
    in_grace = _in_grace_of_booking(rulebook, case.seen, now)
    event = partial(AppointmentCancelled, in_grace=in_grace)
    return decide_on_appointment(rulebook, Use.CANCEL, case, command, facts, now, event=event, outcome=Cancelled)


def may_cancel(configuration: Configuration, actor: Actor, appointment: Appointment | None, now: datetime) -> MayCancel:
    """The result of `decide_cancellation` at `now`, and the end of its time if rules in force set one."""
    rulebook = configuration.rulebook(now)
    case = cancellation_case(configuration, rulebook, actor, seen_by(actor, appointment, now), now)
    evaluation = rulebook.evaluate(Use.CANCEL, case, now, case.at)
    cut_offs = [each.limit for each in evaluation.findings.results if isinstance(each.limit, datetime)]
    return MayCancel(refused=evaluation.refused, until=min(cut_offs, default=None))


def ticket_limits(configuration: Configuration, appointment: Appointment, now: datetime) -> TicketLimits:
    """The limits that a ticket states: the end of the time for cancelling, its cost once late, and the check-in."""
    rulebook, slot = configuration.rulebook(now), appointment.slot
    figures = {rule.id: _in_force(rule, now) for rule in (rulebook.rule(each, slot) for each in _OF_TICKETS)}
    late, opens, closes = (figures[each] for each in _OF_TICKETS)
    until = may_cancel(configuration, appointment.applicant, appointment, now).until
    costs = late is not None and until is not None and _may_be_late(rulebook, late, appointment, until, now)
    return TicketLimits(
        cancel_until=until,
        late_minutes=late["minutes"] if late is not None and costs else 0,
        late_block_days=late["days"] if late is not None and costs else 0,
        check_in_from=None if opens is None else slot.starts_at - timedelta(minutes=opens["minutes"]),
        check_in_until=None if closes is None else slot.starts_at + timedelta(minutes=closes["minutes"]),
    )


def decide_expiry(hold: Appointment, now: datetime) -> Change | None:
    """The change that ends a hold that has run out; None if `hold` is no hold or has time left.

    It has no guard on the state of the person: an expiry never limits the person. The appointment's version decides
    between the expiry and a booking of the same hold.
    """
    if hold.state is not AppointmentState.HELD or hold.is_active(now):
        return None
    return Change(seats=seats_moved([hold]), appointments=(hold.as_of(now),), events=(expiry(hold),))


def cancellation_case(
    configuration: Configuration, rulebook: Rulebook, actor: Actor, appointment: Appointment | None, now: datetime
) -> AppointmentCase:
    """The facts of a cancellation, with open hours only if a rule counts them."""
    case = AppointmentCase(actor, appointment)
    if case.seen is None:
        return case
    slot = case.seen.slot
    rule = rulebook.rule(WORKING_CUT_OFF, slot)
    hours = () if rule.is_off else configuration.open_hours_before(slot, timedelta(minutes=rule["minutes"]))
    case = AppointmentCase(actor, appointment, hours)
    late = is_booked_late(rulebook, case, slot, CUT_OFFS, now)
    return AppointmentCase(actor, appointment, hours, booked_late=True) if late else case


def is_booked_late(
    rulebook: Rulebook, case: AppointmentCase | MoveCase, at: SlotKey, cut_offs: Iterable[str], now: datetime
) -> bool:
    """True if one of the rules `cut_offs` refuses at the end of the grace, with the figures for the slot `at`."""
    ends_at = None if case.appointment is None else grace_ends_at(rulebook, case.appointment, at, now)
    if ends_at is None:
        return False
    rules = (rulebook.rule(each, at) for each in cut_offs)
    return any(rule.in_force(now) and not rule.check(case, ends_at).granted for rule in rules)


def grace_ends_at(rulebook: Rulebook, appointment: Appointment, at: SlotKey, now: datetime) -> datetime | None:
    """The end of the grace after the booking or the last move, with the figures for the slot `at`.

    None if nothing is booked, or no rule in force at `now` grants one.
    """
    rule = rulebook.rule(GRACE, at)
    if appointment.state is not AppointmentState.BOOKED or rule.is_off or not rule.in_force(now):
        return None
    return grace_end(appointment, timedelta(minutes=rule["minutes"]))


def _in_force(rule: Rule, now: datetime) -> Rule | None:
    return rule if rule.in_force(now) and not rule.is_off else None


def _may_be_late(rulebook: Rulebook, late: Rule, appointment: Appointment, until: datetime, now: datetime) -> bool:
    """True if a cancellation before `until` counts as late: not in the grace after the booking."""
    starts = appointment.slot.starts_at - timedelta(minutes=late["minutes"])
    grace = None if appointment.moves else grace_ends_at(rulebook, appointment, appointment.slot, now)
    return (starts if grace is None else max(starts, grace)) < until


def _in_grace_of_booking(rulebook: Rulebook, appointment: Appointment | None, now: datetime) -> bool:
    """True in the grace after the booking: no counted move was made since."""
    if appointment is None or appointment.moves:
        return False
    ends_at = grace_ends_at(rulebook, appointment, appointment.slot, now)
    return ends_at is not None and now < ends_at
