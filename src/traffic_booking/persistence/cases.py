"""The facts that a decision was based on, as JSON, without the values that its request has already."""

from typing import Any

from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.commands import BookSlot, Command, DeclareRecord, HoldSlot, MoveAppointment
from traffic_booking.domain.decisions import booking, moving
from traffic_booking.domain.rules.cases import (
    AppointmentCase,
    BookingCase,
    Case,
    DeclarationCase,
    MoveCase,
    OwnCancellation,
)
from traffic_booking.domain.schedule.slots import OpenHours
from traffic_booking.persistence.appointment_codec import (
    applicant_of,
    appointment_of_data,
    appointment_text,
    listed_of_data,
    listed_text,
)
from traffic_booking.persistence.codecs import SUSPENSION
from traffic_booking.persistence.exact import exactly, instant_of, instant_text
from traffic_booking.persistence.rebuilding import rebuilt
from traffic_booking.persistence.wordings import SlotTerms, Wording, terms_wording
from traffic_booking.persistence.writing import encode, string

TERMS = "terms"
"""The key of the wording of a slot's terms."""


def case_text(case: Case | None, rulebook: str) -> tuple[str, Wording | None]:
    """The facts that the rules were evaluated on, as members of an object behind others, and the terms of the slot.

    The rulebook's version is in these terms.
    """
    match case:
        case BookingCase():
            slot_terms = terms_wording(rulebook, case.service, case.offered, case.slot)
            text = f'{_of_slot(case)},"{TERMS}":"{slot_terms.key}"'
            if isinstance(case, MoveCase):
                text += f',"closed":{encode(case.slot_was_closed)},"was":{_owned_text(case.appointment)}'
            return text, slot_terms
        case AppointmentCase():
            hours = [[instant_text(each.opens_at), instant_text(each.closes_at)] for each in case.open_hours]
            seen = "null" if case.appointment is None else _owned_text(case.appointment)
            opened = f',"open":{encode(hours)}' if hours else ""
            return f',"rulebook":{string(rulebook)},"was":{seen}{opened}', None
        case DeclarationCase():
            return f',"rulebook":{string(rulebook)},"asked":true', None
        case None:
            return f',"rulebook":{string(rulebook)}', None


def case_of(command: Command, data: dict[str, Any], slot_terms: SlotTerms | None) -> Case | None:
    """The case that `data` stands for; its keys are taken out of `data`. `slot_terms` are those of its wording."""
    if slot_terms is not None:
        assert isinstance(command, HoldSlot | BookSlot | MoveAppointment)
        return _case_of_slot(command, data, slot_terms)
    if "was" in data:
        seen, hours = data.pop("was"), data.pop("open", ())
        open_hours = tuple(
            rebuilt(OpenHours, opens_at=instant_of(opens), closes_at=instant_of(closes)) for opens, closes in hours
        )
        return AppointmentCase(command.actor, None if seen is None else _owned(seen), open_hours)
    if data.pop("asked", False):
        assert isinstance(command, DeclareRecord)
        return DeclarationCase(command.actor)
    return None


def _of_slot(case: BookingCase) -> str:
    text = f',"taken":{case.seats_taken}' if case.seats_taken else ""
    if case.others:
        text += f',"others":[{",".join(map(listed_text, case.others))}]'
    if case.held is not None:
        text += f',"held":{appointment_text(case.held)}'
    if case.given_back:
        text += f',"given_back":[{",".join(map(appointment_text, case.given_back))}]'
    if case.missed:
        text += f',"missed":{encode(list(map(instant_text, case.missed)))}'
    if case.cancelled_by_applicant:
        cancelled_by_applicant = [
            [each.service, instant_text(each.starts_at), instant_text(each.at)] for each in case.cancelled_by_applicant
        ]
        text += f',"withdrawn":{encode(cancelled_by_applicant)}'
    if case.suspension is not None:
        text += f',"suspension":{SUSPENSION.text(case.suspension)}'
    return text


def _case_of_slot(
    command: HoldSlot | BookSlot | MoveAppointment, data: dict[str, Any], slot_terms: SlotTerms
) -> BookingCase:
    appointment = _owned(data.pop("was")) if isinstance(command, MoveAppointment) else None
    applicant = command.applicant if isinstance(command, HoldSlot | BookSlot) else None
    if appointment is not None:
        applicant = appointment.applicant
    assert applicant is not None

    def listed(name: str) -> tuple[Appointment, ...]:
        return tuple(appointment_of_data(applicant, each) for each in data.pop(name, ()))

    held, suspension = data.pop("held", None), data.pop("suspension", None)
    parts: dict[str, Any] = {
        "actor": command.actor,
        "applicant": applicant,
        "key": command.slot,
        "service": slot_terms.service,
        "offered": slot_terms.offered,
        "slot": slot_terms.slot_at(command.slot),
        "seats_taken": exactly(data.pop("taken", 0), int),
        "others": tuple(map(listed_of_data, data.pop("others", ()))),
        "held": None if held is None else appointment_of_data(applicant, held),
        "given_back": listed("given_back"),
        "missed": tuple(map(instant_of, data.pop("missed", ()))),
        "cancelled_by_applicant": tuple(
            rebuilt(OwnCancellation, service=exactly(service, str), starts_at=instant_of(start), at=instant_of(at))
            for service, start, at in data.pop("withdrawn", ())
        ),
        "assertions": command.assertions,
        "suspension": None if suspension is None else SUSPENSION.from_data(suspension),
    }
    if isinstance(command, MoveAppointment):
        assert appointment is not None
        agreed = moving.agreed_to(command, slot_terms.service, appointment)
        closed = exactly(data.pop("closed"), bool)
        return MoveCase(**parts, agreed=agreed, appointment=appointment, slot_was_closed=closed)
    return BookingCase(**parts, agreed=booking.agreed_to(command, slot_terms.service))


def _owned_text(appointment: Appointment) -> str:
    return f"[{string(str(appointment.applicant))},{appointment_text(appointment)[1:]}"


def _owned(data: Any) -> Appointment:
    applicant, *rest = exactly(data, list)
    return appointment_of_data(applicant_of(applicant), rest)
