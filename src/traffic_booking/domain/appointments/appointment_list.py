"""A person's appointments, sorted into lists to show."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import assert_never

from attrs import field

from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.states import AppointmentState
from traffic_booking.domain.instants import instant
from traffic_booking.domain.values import frozen


@frozen(kw_only=True)
class AppointmentList:
    """A person's appointments by state: `upcoming` and `held` soonest first, the others latest first.

    `past` contains the appointments whose time is over, attended or not, and those that were served or missed before
    that; `expired` the holds that ran out. Iteration returns all of them. They were read as of `as_of`, which is the
    instant of the call unless the desk reads a replica.
    """

    upcoming: tuple[Appointment, ...] = ()
    held: tuple[Appointment, ...] = ()
    past: tuple[Appointment, ...] = ()
    cancelled: tuple[Appointment, ...] = ()
    expired: tuple[Appointment, ...] = ()
    as_of: datetime = field(converter=instant)

    def __iter__(self) -> Iterator[Appointment]:
        yield from (*self.upcoming, *self.held, *self.past, *self.cancelled, *self.expired)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def arrange(appointments: Iterable[Appointment], now: datetime, as_of: datetime) -> AppointmentList:
    """`appointments`, in any order, as lists at `now`; they were read as of `as_of`."""
    lists: dict[str, list[Appointment]] = {name: [] for name in ("upcoming", "held", "past", "cancelled", "expired")}
    for appointment in appointments:
        lists[_list_of(appointment, now)].append(appointment)
    for name, entries in lists.items():
        entries.sort(key=lambda a: (a.slot.starts_at, a.number), reverse=name not in {"upcoming", "held"})
    return AppointmentList(as_of=as_of, **{name: tuple(entries) for name, entries in lists.items()})


def _list_of(appointment: Appointment, now: datetime) -> str:
    match appointment.state_at(now):
        case AppointmentState.CANCELLED:
            return "cancelled"
        case AppointmentState.EXPIRED:
            return "expired"
        case AppointmentState.HELD:
            return "held"
        case AppointmentState.BOOKED | AppointmentState.CHECKED_IN:
            return "upcoming" if appointment.is_active(now) else "past"
        case AppointmentState.SERVED | AppointmentState.NO_SHOW | AppointmentState.EXCUSED:
            return "past"
        case never:
            assert_never(never)
