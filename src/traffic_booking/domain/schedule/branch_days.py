"""One day of a branch: when it is open, for which services, and by whose word."""

from attrs import frozen

from traffic_booking.domain.calendars.authority import TIMETABLES, AuthorityId
from traffic_booking.domain.calendars.day import Day
from traffic_booking.domain.calendars.hours import Hours
from traffic_booking.domain.places.geography import Branch, BranchId
from traffic_booking.domain.places.services import ServiceId
from traffic_booking.domain.schedule.timetables import Timetable
from traffic_booking.domain.schedule.working_day import WorkingDay


@frozen(kw_only=True)
class OpenShift:
    """Hours in which `services` are offered, with `capacity` seats for each start time."""

    hours: Hours
    capacity: int
    services: frozenset[ServiceId]


@frozen(kw_only=True)
class BranchDay:
    """The answer about a branch's day: `shifts` in the order of their opening, none on a day off.

    `rules` are the ids of those that said so, the deciding one first; never empty. `timetable.` and its name stand for
    the branch's timetable, where that decides: a day without a shift, a shift on a weekend, or shifts of its own for
    Ramadan in place of the general hours. `usual`: the day is as
    the week has it, and neither holiday nor season nor anything that was announced, ordered or declared bears on it.
    """

    branch: BranchId
    day: Day
    shifts: tuple[OpenShift, ...]
    rules: tuple[AuthorityId, ...]
    usual: bool

    @property
    def open(self) -> bool:
        """Whether there is any shift; one too short for a service still has no slot of it."""
        return bool(self.shifts)

    @property
    def hours(self) -> tuple[Hours, ...]:
        """When anything is offered, in order; shifts that meet or touch are one."""
        merged: list[Hours] = []
        for hours in (shift.hours for shift in self.shifts):
            last = merged[-1] if merged else None
            if last is None or last.closes_minute < hours.opens_minute:
                merged.append(hours)
            else:
                merged[-1] = Hours(last.opens_minute, max(last.closes_minute, hours.closes_minute))
        return tuple(merged)


def timetable_authority(timetable: Timetable) -> AuthorityId:
    """The name under which answers cite a timetable."""
    return AuthorityId(TIMETABLES + timetable.id)


def branch_day(branch: Branch, timetable: Timetable, day: WorkingDay, weekends: frozenset[AuthorityId]) -> BranchDay:
    """What the timetable offers on `day`, a working day of that branch's calendar; `weekends` are rules of the week."""
    shifts = [
        OpenShift(hours=left, capacity=shift.seats(day), services=offer.services)
        for offer in timetable.offers
        for shift in offer.shifts_on(day)
        for _, parts in shift.worked(day)
        for left in parts
    ]
    opened = day.for_weekend_shifts if shifts else None
    rules = day.rules if opened is None else opened.rules
    usual = weekends.issuperset(rules)
    seasonal = (day if opened is None else opened).has_seasonal_hours and any(
        shift.for_ramadan and shift.worked(day) for offer in timetable.offers for shift in offer.shifts_on(day)
    )
    if seasonal or day.open is not bool(shifts):
        rules = (timetable_authority(timetable), *rules)
    return BranchDay(
        branch=branch.id,
        day=Day(day.day),
        shifts=tuple(sorted(shifts, key=lambda shift: (shift.hours, sorted(shift.services)))),
        rules=tuple(dict.fromkeys(rules)),
        usual=usual,
    )
