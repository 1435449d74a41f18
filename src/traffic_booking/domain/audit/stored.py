"""The records that an audit reads: an appointment with its events, and the count of a slot's seats."""

from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.events import AppointmentEvent
from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.schedule.slots import SlotKey
from traffic_booking.domain.values import frozen


@frozen(kw_only=True)
class StoredAppointment:
    """All that is stored under one number: the appointment, and its events, one for each version, in order."""

    number: AppointmentNumber
    appointment: Appointment | None
    events: tuple[AppointmentEvent, ...]


@frozen
class StoredSlot:
    """A slot with `seats_taken` above 0, and the number of appointments with a seat there (`seated`)."""

    slot: SlotKey
    seats_taken: int
    seated: int
