"""The decision on a declared change of the working calendar, and the affected appointments."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta

from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.commands import DeclareRecord
from traffic_booking.domain.appointments.states import AppointmentState
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.changes import CalendarGuard, Change
from traffic_booking.domain.decisions.facts import COUNTRY, CalendarVersion, Facts
from traffic_booking.domain.decisions.outcomes import Declared
from traffic_booking.domain.decisions.recording import answer_of, refusal
from traffic_booking.domain.places.geography import Branch
from traffic_booking.domain.rules.cases import DeclarationCase
from traffic_booking.domain.rules.rule import Use
from traffic_booking.domain.schedule.entries import CalendarEntry
from traffic_booking.domain.schedule.slots import SlotKey


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
    by_slot = defaultdict[SlotKey, list[Appointment]](list)
    known = {service.id for service in before.catalogue.services}
    for appointment in appointments:
        if appointment.slot.service in known:
            by_slot[appointment.slot].append(appointment)
    lost = [appointment for key, theirs in by_slot.items() for appointment in _without_seat(before, after, key, theirs)]
    return sorted(lost, key=lambda appointment: (appointment.slot.starts_at, appointment.number))


def _without_seat(
    before: Configuration, after: Configuration, key: SlotKey, appointments: list[Appointment]
) -> Sequence[Appointment]:
    was, will_be = before.slot(key), after.slot(key)
    if was is None:
        return ()
    in_order = sorted(appointments, key=lambda a: (a.state is not AppointmentState.CHECKED_IN, a.changed_at, a.number))
    return in_order[: was.capacity] if will_be is None else in_order[will_be.capacity : was.capacity]
