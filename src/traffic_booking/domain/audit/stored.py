"""The records that an audit reads: an appointment with its events, and a count of seats."""

from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.events import AppointmentEvent
from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.schedule.slots import SeatKey
from traffic_booking.domain.values import frozen


@frozen(kw_only=True)
class StoredAppointment:
    """All that is stored under one number: the appointment, and its events, one for each version, in order."""

    number: AppointmentNumber
    appointment: Appointment | None
    events: tuple[AppointmentEvent, ...]


@frozen
class StoredSlot:
    """A slot, or a step of a pool, with `seats_taken` above 0, and its appointments with a seat, counted (`seated`)."""

    seat: SeatKey
    seats_taken: int
    seated: int
