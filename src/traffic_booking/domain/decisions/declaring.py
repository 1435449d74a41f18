"""The decision on a declared change of the working calendar, its preview, and the affected appointments."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Final

from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.commands import DeclareRecord
from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.appointments.states import AppointmentState
from traffic_booking.domain.calendars.announcements import MonthStart
from traffic_booking.domain.calendars.authority import AuthorityId
from traffic_booking.domain.calendars.day import Day
from traffic_booking.domain.calendars.hours import Hours
from traffic_booking.domain.calendars.month_starts import MovedMonth
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.changes import CalendarGuard, Change
from traffic_booking.domain.decisions.facts import COUNTRY, CalendarVersion, Facts
from traffic_booking.domain.decisions.outcomes import Declared
from traffic_booking.domain.decisions.recording import answer_of, refusal
from traffic_booking.domain.places.geography import Branch
from traffic_booking.domain.rules.cases import DeclarationCase
from traffic_booking.domain.rules.rule import Use
from traffic_booking.domain.schedule.branch_days import BranchDay
from traffic_booking.domain.schedule.entries import CalendarEntry, CalendarRecord
from traffic_booking.domain.schedule.slots import SeatKey
from traffic_booking.domain.schedule.working_day import WorkingDay
from traffic_booking.domain.values import frozen

DAYS_PREVIEWED: Final = 366
"""Days from the first one of a record that are compared, and after an announced month."""
_DAYS_BESIDE: Final = 10
"""Days around an order, an announced closure or an exception that a bridge or a weekend may change."""
_DAYS_BEFORE_A_MONTH: Final = 300
"""Days before an announced month in which earlier months may move for its sake."""


@frozen(kw_only=True)
class DayChange:
    """A day that a calendar record opens, closes or gives other hours.

    `hours` are those of the branch that the record is about. For the whole country they bound those of each branch, and
    None bounds nothing. `rules` contains the ids of the rules behind the day with the record, the deciding one first.
    """

    day: Day
    open_before: bool
    hours_before: tuple[Hours, ...] | None
    open: bool
    hours: tuple[Hours, ...] | None
    rules: tuple[AuthorityId, ...]
    in_doubt: bool


@frozen(kw_only=True)
class CalendarPreview:
    """The consequence of a calendar record for the days `first_day` to `last_day`, both inclusive.

    `months` has the Hijri months that it moves, and `days` the days that it changes. `in_doubt` has the days whose
    Hijri date or hours may still change when another month is announced.
    """

    first_day: date
    last_day: date
    months: tuple[MovedMonth, ...]
    days: tuple[DayChange, ...]
    in_doubt: tuple[Day, ...]


def decide_declaration(configuration: Configuration, command: DeclareRecord, facts: Facts, now: datetime) -> Change:
    """The change that adds the record and raises the calendars of its branches, or that records the refusal.

    Raises `InvalidInput` if the calendar can't take the record (`BranchCalendars.after`).
    """
    rulebook = configuration.rulebook(now)
    branch = configuration.calendars.branch_of(command.record)
    case = DeclarationCase(command.actor, branch)
    evaluation = rulebook.evaluate(Use.DECLARE, case, now)
    if not evaluation.granted:
        return refusal(command, case, evaluation, now, rulebook.version)
    entry = CalendarEntry(
        number=configuration.calendars.revision + 1,
        at=now,
        actor=command.actor,
        reason=command.reason,
        request_id=command.request_id,
        record=command.record,
    )
    configuration.calendars.after(command.record)  # for its checks alone
    branches = dict.fromkeys((COUNTRY, *facts.calendars) if branch is None else (COUNTRY, branch))
    versions = [(each, facts.calendars.get(each, CalendarVersion()).version) for each in branches]
    return Change(
        answer=answer_of(command, Declared(entry), case, evaluation, now, rulebook.version),
        calendars=tuple(CalendarGuard(each, version, entry.number) for each, version in versions),
        entry=entry,
    )


def preview(configuration: Configuration, record: CalendarRecord) -> CalendarPreview:
    """The days and the Hijri months that differ without `record` and with it, added already or not.

    Nothing differs if it was withdrawn. Raises `InvalidInput` if it can't be declared, `NotFound` for its branch.
    """
    before = after = configuration
    if not configuration.calendars.holds(record):
        after = configuration.after(record)
    elif not configuration.calendars.has_withdrawn(record):
        before = configuration.before(record)
        after = before.joined(record)
    about = before.calendars.about(record) or after.calendars.about(record)
    if about is None:  # a withdrawal of an entry that can't be read
        first, last = date.min, date.min
    elif isinstance(about, MonthStart):
        first, last = _span(about.first_day, about.first_day, _DAYS_BEFORE_A_MONTH, DAYS_PREVIEWED)
    else:
        first, last = _span(about.first_day, about.last_day, _DAYS_BESIDE, _DAYS_BESIDE)
    was, will_be = before.calendars, after.calendars
    branch = will_be.branch_of(record) or was.branch_of(record)
    place = None if branch is None else after.catalogue.branch(branch)
    days = [date.fromordinal(ordinal) for ordinal in range(first.toordinal(), last.toordinal() + 1)]
    changes = (_day_change(*(_seen(each, place, day) for each in (before, after))) for day in days)
    return CalendarPreview(
        first_day=first,
        last_day=last,
        months=tuple(will_be.months.moved_from(was.months, first.toordinal(), last.toordinal())),
        days=tuple(change for change in changes if change is not None),
        in_doubt=tuple(Day(day) for day in days if will_be.country_day(day).in_doubt),
    )


def _span(first: date, last: date, before: int, after: int) -> tuple[date, date]:
    """The days from so many before `first` to so many after `last`, at most 366 of the record's own."""
    begins, ends = first.toordinal(), min(last.toordinal(), first.toordinal() + DAYS_PREVIEWED)
    return (
        date.fromordinal(max(date.min.toordinal(), begins - before)),
        date.fromordinal(min(date.max.toordinal(), ends + after)),
    )


def _seen(configuration: Configuration, branch: Branch | None, day: date) -> BranchDay | WorkingDay:
    return configuration.calendars.country_day(day) if branch is None else configuration.branch_day(branch, day)


def _day_change(was: BranchDay | WorkingDay, will_be: BranchDay | WorkingDay) -> DayChange | None:
    if _worked(was) == _worked(will_be):
        return None
    return DayChange(
        day=will_be.day if isinstance(will_be.day, Day) else Day(will_be.day),
        open_before=was.open,
        hours_before=was.hours,
        open=will_be.open,
        hours=will_be.hours,
        rules=will_be.rules,
        in_doubt=will_be.in_doubt,
    )


def _worked(day: BranchDay | WorkingDay) -> object:
    """The parts of a day that applicants notice: its shifts at a branch, else whether and when it is worked."""
    return day.shifts if isinstance(day, BranchDay) else day.open and (day.hours, day.capacity, day.ramadan)


def changed_days(before: Configuration, after: Configuration, branch: Branch, first: date, days: int) -> Iterator[date]:
    """The days, of `days` from `first` on, on which the branch's working day changes, in order."""
    for offset in range(days):
        day = first + timedelta(days=offset)
        was, will_be = (configuration.calendars.working_day(branch.id, day) for configuration in (before, after))
        if was.shape != will_be.shape:
            yield day


def affected(before: Configuration, after: Configuration, appointments: Iterable[Appointment]) -> list[Appointment]:
    """The appointments that lose their slot or their seat in it, in order of their start.

    `appointments` are all that have a seat of their slots. If a capacity shrinks, applicants who have come keep their
    seats, then the first to book. Left out: appointments without a slot before, or of a service no longer in the
    catalogue.
    """
    known = {service.id for service in before.catalogue.services}
    theirs = [each for each in appointments if each.slot.service in known]
    theirs.sort(key=lambda a: (a.state is not AppointmentState.CHECKED_IN, a.changed_at, a.number))
    lost = _seated(before, theirs) - _seated(after, theirs)
    found = (each for each in theirs if each.number in lost)
    return sorted(found, key=lambda appointment: (appointment.slot.starts_at, appointment.number))


def _seated(configuration: Configuration, appointments: Iterable[Appointment]) -> set[AppointmentNumber]:
    """The appointments that have a slot, and a seat of it if each in turn gets one."""
    taken, seated = Counter[SeatKey](), set[AppointmentNumber]()
    for each in appointments:
        slot = configuration.slot(each.slot)
        if slot is not None and all(taken[seat] < slot.capacity for seat in slot.seats):
            taken.update(slot.seats)
            seated.add(each.number)
    return seated
