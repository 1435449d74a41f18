"""The codec of cases: the facts that a decision was based on, without the values that its request has already."""

from typing import Any, Final

from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.commands import (
    BookSlot,
    CheckInApplicant,
    Command,
    DeclareRecord,
    HoldSlot,
    MoveAppointment,
    WalkIn,
)
from traffic_booking.domain.decisions import booking, moving
from traffic_booking.domain.places.geography import BranchId
from traffic_booking.domain.rules.cases import (
    AppointmentCase,
    BookingCase,
    Case,
    DeclarationCase,
    MissedCase,
    MoveCase,
    OwnCancellation,
    StayCase,
)
from traffic_booking.domain.schedule.slots import OpenHours
from traffic_booking.persistence.appointment_codec import (
    decode_appointment,
    decode_listed,
    encode_appointment,
    encode_listed,
)
from traffic_booking.persistence.basic_codecs import decode_instant, encode_instant, exactly, optional, rebuilt
from traffic_booking.persistence.codecs import SUSPENSION
from traffic_booking.persistence.value_codecs import decode_applicant, decode_slot
from traffic_booking.persistence.wording_codec import OfferSnapshot, Wording, encode_offer

OFFER: Final = "terms"
"""Of a case about a slot: the key of the wording of the slot's offer, which has the rulebook's version."""
CHOSEN: Final = "at"
"""Of a walk-in: the slot that the desk chose."""
RULEBOOK: Final = "rulebook"
"""Of all other cases: the rulebook's version."""


def encode_case(case: Case | None, rulebook: str) -> tuple[dict[str, object], Wording | None]:
    """The facts that the rules were evaluated on, and the wording of the slot's offer."""
    if isinstance(case, BookingCase):
        offer = encode_offer(rulebook, case.service, case.offered, case.slot)
        return _encode_case_of_slot(case, offer), offer
    data: dict[str, object] = {RULEBOOK: rulebook}
    match case:
        case AppointmentCase():
            if isinstance(case, MissedCase):
                data["closed"] = case.slot_was_closed
            data["was"] = optional(_encode_owned, case.appointment)
            if case.open_hours:
                data["open"] = [list(map(encode_instant, (each.opens_at, each.closes_at))) for each in case.open_hours]
            if isinstance(case, StayCase):
                data["stays"] = True
            if case.booked_late:
                data["late"] = True
        case DeclarationCase():
            data["asked"] = case.branch or True
        case None:
            pass
    return data, None


def decode_case(command: Command, data: dict[str, Any], offer: OfferSnapshot | None) -> Case | None:
    """The case of a request; its keys are removed from `data`. `offer` is that of its wording, if it has one."""
    if offer is not None:
        assert isinstance(command, HoldSlot | BookSlot | WalkIn | MoveAppointment)
        return _decode_case_of_slot(command, data, offer)
    if "was" in data:
        appointment = optional(_decode_owned, data.pop("was"))
        if "closed" in data:
            return MissedCase(command.actor, appointment, slot_was_closed=exactly(data.pop("closed"), bool))
        hours = (map(decode_instant, each) for each in data.pop("open", ()))
        open_hours = tuple(rebuilt(OpenHours, opens_at=opens, closes_at=closes) for opens, closes in hours)
        of_case = StayCase if exactly(data.pop("stays", False), bool) else AppointmentCase
        came_at = command.happened_at if isinstance(command, CheckInApplicant) else None
        return of_case(command.actor, appointment, open_hours, exactly(data.pop("late", False), bool), came_at)
    if asked := data.pop("asked", False):
        assert isinstance(command, DeclareRecord)
        return DeclarationCase(command.actor, None if asked is True else BranchId(exactly(asked, str)))
    return None


def _encode_case_of_slot(case: BookingCase, offer: Wording) -> dict[str, object]:
    """The facts of a case about a slot; those of which there are none are left out."""
    data: dict[str, object] = {}
    if case.seats_taken:
        data["taken"] = case.seats_taken
    if case.others:
        data["others"] = list(map(encode_listed, case.others))
    if case.held is not None:
        data["held"] = encode_appointment(case.held)
    if case.given_back:
        data["given_back"] = list(map(encode_appointment, case.given_back))
    if case.missed:
        data["missed"] = list(map(encode_instant, case.missed))
    if case.cancelled_by_applicant:
        data["withdrawn"] = [
            [each.service, encode_instant(each.starts_at), encode_instant(each.at)]
            for each in case.cancelled_by_applicant
        ]
    if case.suspension is not None:
        data["suspension"] = SUSPENSION.data(case.suspension)
    data[OFFER] = offer.key
    if isinstance(case, MoveCase):
        data |= {"closed": case.slot_was_closed, "was": _encode_owned(case.appointment)}
        if case.booked_late:
            data["late"] = True
    return data


def _decode_case_of_slot(
    command: HoldSlot | BookSlot | WalkIn | MoveAppointment, data: dict[str, Any], offer: OfferSnapshot
) -> BookingCase:
    is_about_one = isinstance(command, MoveAppointment) or (
        isinstance(command, HoldSlot) and command.moving is not None
    )
    moved = _decode_owned(data.pop("was")) if is_about_one else None
    applicant = moved.applicant if moved is not None else command.applicant  # type: ignore[union-attr] # only moves have none

    def appointment(listed: list[Any]) -> Appointment:
        return decode_appointment(applicant, listed)

    key = decode_slot(data.pop(CHOSEN)) if isinstance(command, WalkIn) else command.slot
    facts: dict[str, Any] = {
        "actor": command.actor,
        "applicant": applicant,
        "key": key,
        "service": offer.service,
        "offered": offer.offered,
        "slot": offer.slot_at(key),
        "seats_taken": exactly(data.pop("taken", 0), int),
        "others": tuple(map(decode_listed, data.pop("others", ()))),
        "held": optional(appointment, data.pop("held", None)),
        "given_back": tuple(map(appointment, data.pop("given_back", ()))),
        "missed": tuple(map(decode_instant, data.pop("missed", ()))),
        "cancelled_by_applicant": tuple(
            rebuilt(
                OwnCancellation,
                service=exactly(service, str),
                starts_at=decode_instant(start),
                at=decode_instant(at),
            )
            for service, start, at in data.pop("withdrawn", ())
        ),
        "assertions": command.assertions,
        "suspension": optional(SUSPENSION.from_data, data.pop("suspension", None)),
    }
    if moved is not None:
        assert not isinstance(command, BookSlot | WalkIn)
        agreed = moving.agreed_to(command, offer.service, moved)
        closed = exactly(data.pop("closed"), bool)
        late = exactly(data.pop("late", False), bool)
        return MoveCase(**facts, agreed=agreed, appointment=moved, slot_was_closed=closed, booked_late=late)
    assert not isinstance(command, MoveAppointment)
    return BookingCase(**facts, agreed=booking.agreed_to(command, offer.service))


def _encode_owned(appointment: Appointment) -> list[object]:
    return [str(appointment.applicant), *encode_appointment(appointment)]


def _decode_owned(data: Any) -> Appointment:
    applicant, *rest = exactly(data, list)
    return decode_appointment(decode_applicant(applicant), rest)
