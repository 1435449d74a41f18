"""The records that an audit reads: an appointment with its events, and a count of seats."""

from collections.abc import Iterable

from attrs import field

from traffic_booking.domain.appointments.appointment import COMES_AFTER, FIRST, Appointment, evolve
from traffic_booking.domain.appointments.events import AppointmentEvent
from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.schedule.slots import SeatKey
from traffic_booking.domain.values import frozen


def appointments_of(events: Iterable[AppointmentEvent]) -> tuple[Appointment, ...]:
    """The appointment after each of the events, up to the first that can't follow those before it."""
    made: list[Appointment] = []
    for place, event in enumerate(events, 1):
        if not made:
            before, possible = None, isinstance(event, FIRST)
        else:
            before, states = made[-1], COMES_AFTER.get(type(event), ())
            possible = event.number == before.number and before.state in states
        if event.version != place or not possible:
            break
        made.append(evolve(before, event))
    return tuple(made)


@frozen(kw_only=True)
class StoredAppointment:
    """All that is stored under one number: the appointment, and its events, one for each version, in order.

    `rebuilt` has the appointment after each event, up to the first event that can't follow those before it.
    """

    number: AppointmentNumber
    appointment: Appointment | None
    events: tuple[AppointmentEvent, ...]
    rebuilt: tuple[Appointment, ...] = field(init=False, repr=False, eq=False)

    @property
    def is_sound(self) -> bool:
        """True if the events can follow each other, and there are some."""
        return 0 < len(self.rebuilt) == len(self.events)

    @rebuilt.default
    def _rebuild(self) -> tuple[Appointment, ...]:
        return appointments_of(self.events)


@frozen
class StoredSlot:
    """A slot, or a step of a pool, with `seats_taken` above 0, and its appointments with a seat, counted (`seated`)."""

    seat: SeatKey
    seats_taken: int
    seated: int
