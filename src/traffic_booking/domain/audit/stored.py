"""What an audit reads of a store: an appointment with all of its events, a slot's count with what it counts."""

from attrs import frozen

from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.events import AppointmentEvent
from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.schedule.slots import SlotKey


@frozen(kw_only=True)
class StoredAppointment:
    """All that is stored under one number: the appointment, and its events in the order of their versions.

    In a sound store there is an appointment, and an event for each of its versions.
    """

    number: AppointmentNumber
    appointment: Appointment | None
    events: tuple[AppointmentEvent, ...]


@frozen
class StoredSlot:
    """A slot whose count of seats `taken` is above 0, and how many appointments have a seat there (`seated`)."""

    slot: SlotKey
    seats_taken: int
    seated: int
