"""The state of a person: the appointments that rules about the person read, in one record with one version."""

from bisect import insort
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Final

from traffic_booking.domain.appointments.appointment import Appointment, ListedAppointment
from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.appointments.states import LONGEST_LOOK_BACK, AppointmentState
from traffic_booking.domain.people.applicants import Applicant
from traffic_booking.domain.schedule.slots import SlotKey
from traffic_booking.domain.values import frozen

MARGIN: Final = timedelta(minutes=15)
"""An ended appointment stays this long, because the clocks of several hosts differ."""
MOST_KEPT: Final = 200
"""The most past appointments of a person, the latest ones."""
MOST_EXPIRED: Final = 10
"""The most expired holds of a person, the latest ones."""

_by_start = attrgetter("slot.starts_at", "number")
_HELD, _BOOKED, _CHECKED_IN = AppointmentState.HELD, AppointmentState.BOOKED, AppointmentState.CHECKED_IN
_NO_SHOW, _EXPIRED = AppointmentState.NO_SHOW, AppointmentState.EXPIRED


@frozen
class PersonState:
    """A person's active appointments, and the past ones that rules of conduct read, ordered by start and number.

    Also the latest expired hold of each slot, until the slot starts or the person has it. Holds are whole
    `Appointment`s, expired or not. Every change of one of the person's appointments raises the `version`, which is 0
    before the first. Only the end of a hold does not: an expired hold may still be listed.
    """

    applicant: Applicant
    version: int = 0
    appointments: tuple[ListedAppointment, ...] = ()

    def after(self, written: Iterable[Appointment], now: datetime) -> "PersonState":
        """The next version, with `written` in place of their earlier versions, without those that no rule reads."""
        new = {each.number: listed(each) for each in written}
        kept = [
            each
            for each in self.appointments
            if each.number not in new and ((each.state is _BOOKED and now < each.slot_ends_at) or matters(each, now))
        ]  # the usual case first: a call takes longer
        if len(kept) < len(self.appointments) and (expired := self._expired(kept, new, now)):
            kept = sorted((*kept, *expired), key=_by_start)
        for each in new.values():
            if matters(each, now):
                insort(kept, each, key=_by_start)
        if len(kept) > MOST_KEPT or [each for each in kept if each.cancelled_by_applicant_at]:
            kept = sorted(_fewest(kept, now), key=_by_start)
        return PersonState(self.applicant, self.version + 1, tuple(kept))

    def _expired(
        self, kept: Collection[ListedAppointment], new: Mapping[AppointmentNumber, ListedAppointment], now: datetime
    ) -> list[Appointment]:
        """The expired holds that are listed beside `kept`, so that a later booking of their slots can name them."""
        had = {each.slot for each in new.values() if each.active_until() is not None}
        ended = [
            whole(each)
            for each in self.appointments
            if each.state_at(now) is _EXPIRED and each not in kept and each.number not in new
        ]
        latest = {each.slot: each for each in sorted(ended, key=_hold_ended_at)}
        of_use = [each for slot, each in latest.items() if now < slot.starts_at and slot not in had]
        return sorted(of_use, key=_hold_ended_at)[-MOST_EXPIRED:]

    def expired_hold(self, slot: SlotKey, now: datetime) -> AppointmentNumber | None:
        """The number of the person's latest hold of `slot` that has run out, None if none has lately."""
        ended = [whole(each) for each in self.appointments if each.slot == slot and each.state_at(now) is _EXPIRED]
        return max(ended, key=_hold_ended_at).number if ended else None

    def corrected(self, stored: Mapping[AppointmentNumber, Appointment]) -> "PersonState":
        """The same version, with each listed appointment as it is in `stored`, if it is there."""
        corrected = tuple(listed(stored[each.number]) if each.number in stored else each for each in self.appointments)
        return PersonState(self.applicant, self.version, corrected)


def listed(appointment: Appointment) -> ListedAppointment:
    """An appointment for a `PersonState`, whole if it is a hold: the booking of one needs all of it."""
    state = appointment.state
    return appointment if state is _HELD or state is _EXPIRED else appointment.as_listed()


def whole(hold: ListedAppointment) -> Appointment:
    """A hold of a `PersonState`, which is a whole appointment."""
    assert isinstance(hold, Appointment), "a PersonState has whole holds"
    return hold


def matters(appointment: ListedAppointment, now: datetime) -> bool:
    """True if a rule may still read the appointment."""
    state, over = appointment.state, appointment.slot_ends_at
    if state is _BOOKED or state is _NO_SHOW:  # counts as missed if nobody comes
        return now < over or now - LONGEST_LOOK_BACK < over
    if state is _CHECKED_IN:
        return now - MARGIN < over
    if state is _HELD:
        until = appointment.active_until()
        return until is not None and now - MARGIN < until
    return appointment.cancelled_by_applicant_at is not None and now - LONGEST_LOOK_BACK < over


def _fewest(appointments: list[ListedAppointment], now: datetime) -> list[ListedAppointment]:
    """`appointments` without those that can't change a decision.

    The rules read the instant of a cancellation, and the time from there to the start. Of two for one service, the
    later one replaces the earlier one if it also left less time.
    """
    over: list[ListedAppointment] = []
    kept: list[ListedAppointment] = []
    closest: dict[str, timedelta] = {}
    for each in sorted(appointments, key=_ended_at, reverse=True):
        if each.cancelled_by_applicant_at is not None:
            before = each.slot.starts_at - each.cancelled_by_applicant_at
            if before >= closest.get(each.slot.service, timedelta.max):
                continue
            closest[each.slot.service] = before
        (kept if each.is_active(now) else over).append(each)
    return kept + over[:MOST_KEPT]


def _hold_ended_at(hold: Appointment) -> datetime:
    return hold.hold_ends_at or hold.changed_at


def _ended_at(appointment: ListedAppointment) -> datetime:
    return appointment.cancelled_by_applicant_at or appointment.slot_ends_at
