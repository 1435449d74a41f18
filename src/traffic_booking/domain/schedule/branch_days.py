"""One day of a branch: its open shifts, their services, and the rules that decided."""

from collections.abc import Iterable
from typing import Final

from traffic_booking.domain.bilingual import Bilingual, Digits, Language
from traffic_booking.domain.calendars.authority import TIMETABLES, AuthorityId
from traffic_booking.domain.calendars.day import Day
from traffic_booking.domain.calendars.hours import DAY_MINUTES, LATEST_MINUTE, Hours
from traffic_booking.domain.places.geography import Branch, BranchId
from traffic_booking.domain.places.services import ServiceId
from traffic_booking.domain.schedule.slots import PoolId
from traffic_booking.domain.schedule.timetables import Timetable
from traffic_booking.domain.schedule.working_day import WorkingDay
from traffic_booking.domain.values import frozen

_CLOSED: Final = Bilingual("مغلق", "closed")
_THE_DAY: Final = Hours(0, DAY_MINUTES)
_NEXT_DAY: Final = Hours(DAY_MINUTES, LATEST_MINUTE)
_IN_DOUBT: Final = Bilingual(
    "قد يتغيّر هذا اليوم إذا أُعلنت بداية شهر هجري لاحق", "may change when a later Hijri month is announced"
)


@frozen(kw_only=True)
class OpenShift:
    """Hours in which `services` are offered, with `capacity` seats for each start time and service.

    The services of a `pool` share these seats.
    """

    hours: Hours
    capacity: int
    services: frozenset[ServiceId]
    pool: PoolId | None = None


@frozen(kw_only=True)
class BranchDay:
    """A branch's working day: `shifts` that open on it, in the order of their opening, none on a day off.

    A shift past midnight is of the day on which it opens, to its end.

    `rules` contains the ids of the rules behind it, the deciding one first, and is never empty. If the branch's
    timetable decides, it contains `timetable.` with the timetable's id. `usual` days depend on the week alone: on no
    holiday, season, announcement, order or exception. `in_doubt`: a Hijri month was announced on another day than in
    the table, and the announcement of a later month may still change the day: its Hijri date by sighting, or its hours.
    """

    branch: BranchId
    day: Day
    shifts: tuple[OpenShift, ...]
    rules: tuple[AuthorityId, ...]
    usual: bool
    in_doubt: bool = False

    @property
    def open(self) -> bool:
        """True if there is any open minute, even if none of its shifts is long enough for a slot."""
        return bool(self.shifts)

    @property
    def hours(self) -> tuple[Hours, ...]:
        """The hours with an offer, in order; shifts that overlap or touch are joined."""
        return _joined(shift.hours for shift in self.shifts)

    def text(self, language: Language, digits: Digits = "ascii") -> str:
        """The day in both calendars and its hours, such as `Monday, 11 March 2024 – …: from 07:30 to 14:30`.

        Raises `InvalidInput` for an unknown language, or unknown digits.
        """
        hours = [each.text(language, digits) for each in self.hours] or [_CLOSED(language)]
        text = f"{self.day.text(language, digits)}: {('، ' if language == 'ar' else ', ').join(hours)}"
        return f"{text} ({_IN_DOUBT(language)})" if self.in_doubt else text


def civil_hours(day: BranchDay, before: BranchDay) -> tuple[Hours, ...]:
    """The hours of the civil day `day`: those of `before` past midnight, and its own up to midnight."""
    late = (hours.within(_NEXT_DAY) for hours in before.hours)
    own = (hours.within(_THE_DAY) for hours in day.hours)
    early = [Hours(each.opens_minute - DAY_MINUTES, each.closes_minute - DAY_MINUTES) for each in late if each]
    return _joined(sorted([*early, *(each for each in own if each)]))


def _joined(ordered: Iterable[Hours]) -> tuple[Hours, ...]:
    """Hours in the order of their opening; those that overlap or touch are one, of at most 24 hours."""
    joined: list[Hours] = []
    for hours in ordered:
        last = joined[-1] if joined else None
        if last is None or last.closes_minute < hours.opens_minute:
            joined.append(hours)
            continue
        closes, longest = max(last.closes_minute, hours.closes_minute), last.opens_minute + DAY_MINUTES
        joined[-1] = Hours(last.opens_minute, min(closes, longest))
        if closes > longest:
            joined.append(Hours(longest, closes))
    return tuple(joined)


def timetable_authority(timetable: Timetable) -> AuthorityId:
    """The id of a timetable among the rules of a day."""
    return AuthorityId(TIMETABLES + timetable.id)


def branch_day(branch: Branch, timetable: Timetable, day: WorkingDay, weekends: frozenset[AuthorityId]) -> BranchDay:
    """The day of `branch` under its timetable; `weekends` contains the ids of the rules of the week."""
    shifts = [
        OpenShift(hours=left, capacity=shift.seats(day), services=offer.services, pool=offer.pool)
        for offer in timetable.offers
        for shift in offer.shifts_on(day)
        for _, parts in shift.worked(day)
        for left in parts
    ]
    there = [shift for offer in timetable.offers for shift in offer.shifts_on(day) if shift.worked(day)]
    on_weekend = day.for_weekend_shifts if any(shift.on_weekends for shift in there) else None
    seen = on_weekend or day
    if there and not shifts and seen.open:  # the hours of the day leave nothing of the shifts
        rules = (*seen.hours_set_by, *day.rules)
    elif (seen.has_seasonal_hours and any(shift.for_ramadan for shift in there)) or day.open is not bool(shifts):
        rules = (timetable_authority(timetable), *seen.rules)
    else:
        rules = seen.rules
    return BranchDay(
        branch=branch.id,
        day=Day(day.day),
        shifts=tuple(sorted(shifts, key=lambda shift: (shift.hours, sorted(shift.services)))),
        rules=tuple(dict.fromkeys(rules)),
        usual=weekends.issuperset(seen.rules),
        in_doubt=day.in_doubt,
    )
