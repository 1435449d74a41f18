"""A person's standing: the appointments that rules about the person look at, kept in one record with one version."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Final

from attrs import frozen

from traffic_booking.domain.appointments.appointment import Appointment, AppointmentState, ListedAppointment
from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.people.applicants import Applicant

LONGEST_LOOK_BACK: Final = timedelta(days=366)
"""No rule looks further back: the greatest bound of a rule's days."""

MARGIN: Final = timedelta(minutes=1)
"""Clocks of several hosts differ: what has just ended stays so long."""

MOST_KEPT: Final = 200
"""Of the appointments that are over; the latest are kept."""

_number = attrgetter("number")
_by_start = attrgetter("slot.starts_at", "number")
_HELD, _BOOKED, _CHECKED_IN = AppointmentState.HELD, AppointmentState.BOOKED, AppointmentState.CHECKED_IN


@frozen
class PersonState:
    """A person's active appointments, and those that the rules of conduct look back on; holds are whole `Appointment`s.

    In the order of their start and number. Every change to one of the person's appointments raises the `version`, which
    is 0 before the first. Only a hold's end does not: such a hold may still be listed, as one that has run out.
    """

    applicant: Applicant
    version: int = 0
    appointments: tuple[ListedAppointment, ...] = ()

    def after(self, written: Iterable[Appointment], now: datetime) -> "PersonState":
        """The standing of the next version, once `written` are in the place of their earlier versions.

        What no rule will look at any more is left out.
        """
        theirs = dict(zip(map(_number, self.appointments), self.appointments, strict=True))
        for appointment in written:
            theirs[appointment.number] = listed(appointment)
        kept, cancelled_by_applicant = [], False
        for each in theirs.values():
            if matters(each, now):
                kept.append(each)
                cancelled_by_applicant = cancelled_by_applicant or each.cancelled_by_applicant_at is not None
        if cancelled_by_applicant or len(kept) > MOST_KEPT:
            kept = _fewest(kept, now)
        if len(kept) > 1:
            kept.sort(key=_by_start)
        return PersonState(self.applicant, self.version + 1, tuple(kept))


def check_erasable(active: Iterable[AppointmentNumber]) -> None:
    """A person with `active` appointments or holds is not erased. Raises `InvalidInput` with their numbers."""
    if numbers := ", ".join(active):
        got = f"one with an active appointment ({numbers})"
        raise InvalidInput("person", got=got, expected="one without: cancel it first")


def listed(appointment: Appointment) -> ListedAppointment:
    """An appointment as a standing has it: a booking of a hold needs the whole of it."""
    return appointment if appointment.state is _HELD else appointment.as_listed()


def whole(hold: ListedAppointment) -> Appointment:
    """A hold of a standing, which has the whole of it."""
    assert isinstance(hold, Appointment), "a standing has whole holds"
    return hold


def matters(appointment: ListedAppointment, now: datetime) -> bool:
    """Whether a rule may still look at the appointment in its person's standing."""
    state, over = appointment.state, appointment.slot_ends_at
    if state is _BOOKED:  # it counts as missed if nobody comes
        return now - LONGEST_LOOK_BACK < over
    if state is _CHECKED_IN:
        return now - MARGIN < over
    if state is _HELD:
        until = appointment.active_until()
        return until is not None and now - MARGIN < until
    return appointment.cancelled_by_applicant_at is not None and now - LONGEST_LOOK_BACK < over


def _fewest(appointments: list[ListedAppointment], now: datetime) -> list[ListedAppointment]:
    """`appointments` without those that can't change a decision.

    A cancellation matters by its instant and by how long before the start it came. One that came earlier, and longer
    before the start, than another for the same service is never the one that counts.
    """
    over: list[ListedAppointment] = []
    kept: list[ListedAppointment] = []
    closest: dict[str, timedelta] = {}
    for each in sorted(appointments, key=_last_word, reverse=True):
        if each.cancelled_by_applicant_at is not None:
            before = each.slot.starts_at - each.cancelled_by_applicant_at
            if before >= closest.get(each.slot.service, timedelta.max):
                continue
            closest[each.slot.service] = before
        (kept if each.is_active(now) else over).append(each)
    return kept + over[:MOST_KEPT]


def _last_word(appointment: ListedAppointment) -> datetime:
    return appointment.cancelled_by_applicant_at or appointment.slot_ends_at
