"""A slot as a caller may name it."""

from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.decisions.outcomes import Held
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.places.geography import branch_id
from traffic_booking.domain.places.services import service_id
from traffic_booking.domain.schedule.slots import AvailableSlot, Slot, SlotKey
from traffic_booking.domain.value_input import remade

AnySlot = AvailableSlot | Slot | SlotKey | Held | Appointment | str
"""Any value that names a slot: a slot that was found, its key or token, or a hold or an appointment at it."""


def slot_key(slot: AnySlot) -> SlotKey:
    """The key of the slot. Raises `InvalidInput` for any other value, and for names that no slot has."""
    return remade("slot", lambda: _slot_key(slot))


def _slot_key(slot: AnySlot) -> SlotKey:
    match slot:
        case str():
            return SlotKey.from_token(slot)
        case (
            (SlotKey() as key)
            | AvailableSlot(slot=Slot(key=SlotKey() as key))
            | Slot(key=SlotKey() as key)
            | Held(appointment=Appointment(slot=SlotKey() as key))
            | Appointment(slot=SlotKey() as key)
        ):
            # A value of the caller's own making may have anything in its fields.
            return SlotKey(branch_id(key.branch), service_id(key.service), key.starts_at)
        case other:  # a caller without a type checker
            raise InvalidInput("slot", got=type(other).__name__, expected="a slot that was found, its token, or a hold")
