"""Past decisions: who may see one."""

from datetime import datetime

from traffic_booking.domain.appointments.commands import BookSlot, HoldSlot, WalkIn
from traffic_booking.domain.audit.invariants import answered_appointment
from traffic_booking.domain.decisions.outcomes import Answer
from traffic_booking.domain.people.actors import Actor, Delegate, is_same, is_staff, may_see
from traffic_booking.domain.rules.cases import AppointmentCase, DeclarationCase, MoveCase


def may_see_answer(by: Actor, answer: Answer, now: datetime) -> bool:
    """True if `by` sent the request, is staff, or may see the appointment that it was about.

    A delegate sees nothing after the delegation has ended, and no booking, hold or move that somebody else asked for:
    its rules count the applicant's appointments beyond the delegation.
    """
    case = answer.case
    if is_staff(by, None):
        return True
    if not isinstance(by, Delegate):
        return by == answer.command.actor or _may_see_subject(by, answer, now)
    own = is_same(by, answer.command.actor)
    if now >= by.until or not (own or isinstance(case, AppointmentCase)):
        return False
    found_none = own and isinstance(case, AppointmentCase) and case.appointment is None
    return found_none or _may_see_subject(by, answer, now)


def _may_see_subject(by: Actor, answer: Answer, now: datetime) -> bool:
    if isinstance(answer.command, WalkIn):
        of = answer.command
        return may_see(by, of.applicant, of.service, of.branch, at=now)
    if isinstance(answer.command, HoldSlot | BookSlot):
        slot = answer.command.slot
        return may_see(by, answer.command.applicant, slot.service, slot.branch, at=now)
    case, appointment = answer.case, answered_appointment(answer.outcome)
    if appointment is None and isinstance(case, MoveCase | AppointmentCase):
        appointment = case.appointment
    if appointment is None:
        return isinstance(case, DeclarationCase) and is_staff(by, case.branch)
    return may_see(by, appointment.applicant, appointment.slot.service, appointment.slot.branch, at=now)
