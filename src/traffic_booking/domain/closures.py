"""Whom a change of the working calendar hits: those whose slot it takes away, and those above a lower capacity."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from traffic_booking.domain.appointments import Appointment, AppointmentState
from traffic_booking.domain.places import Branch
from traffic_booking.domain.slots import SlotKey
from traffic_booking.domain.terms import Terms


def changed_days(before: Terms, after: Terms, branch: Branch, first: date, days: int) -> Iterator[date]:
    """Those of `days` days from `first` on that the branch works in another way, in order."""
    for offset in range(days):
        day = first + timedelta(days=offset)
        was, will_be = (terms.calendars.working_day(branch.id, day) for terms in (before, after))
        if was.shape != will_be.shape:
            yield day


def affected(before: Terms, after: Terms, appointments: Iterable[Appointment]) -> list[Appointment]:
    """Those of `appointments` (all that have a seat of their slots) that lose their slot, or their place in it.

    Where the capacity sinks, those who have come keep their seats, then those who booked first. Appointments that had
    no slot before aren't listed, nor are those whose service is no longer offered anywhere. In order of their start.
    """
    by_slot = defaultdict[SlotKey, list[Appointment]](list)
    known = {service.id for service in before.catalogue.services}
    for appointment in appointments:
        if appointment.slot.service in known:
            by_slot[appointment.slot].append(appointment)
    hit = [appointment for key, theirs in by_slot.items() for appointment in _of_slot(before, after, key, theirs)]
    return sorted(hit, key=lambda appointment: (appointment.slot.starts_at, appointment.number))


def _of_slot(before: Terms, after: Terms, key: SlotKey, appointments: list[Appointment]) -> Sequence[Appointment]:
    was, will_be = before.slot(key), after.slot(key)
    if was is None:
        return ()
    in_order = sorted(appointments, key=lambda a: (a.state is not AppointmentState.CHECKED_IN, a.changed_at, a.number))
    return in_order[: was.capacity] if will_be is None else in_order[will_be.capacity : was.capacity]
