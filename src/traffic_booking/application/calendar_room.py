"""The working calendar at a desk: days, declared records, and the appointments that a record affects."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from traffic_booking.application import arguments
from traffic_booking.application.affected import affected_by
from traffic_booking.application.office import AsyncOffice
from traffic_booking.domain.bilingual import Bilingual

if TYPE_CHECKING:
    from traffic_booking.application.arguments import CalendarName
    from traffic_booking.domain.appointments.appointment import Appointment
    from traffic_booking.domain.calendars.day import Day
    from traffic_booking.domain.calendars.hijri import HijriDate
    from traffic_booking.domain.decisions.declaring import CalendarPreview
    from traffic_booking.domain.decisions.outcomes import Declared, Refused, Throttled
    from traffic_booking.domain.people.actors import Requester
    from traffic_booking.domain.schedule.branch_days import BranchDay
    from traffic_booking.domain.schedule.entries import CalendarEntry, CalendarRecord


class AsyncCalendarRoom:
    """`desk.calendar`: the working days of branches, and the records that change them."""

    def __init__(self, office: AsyncOffice) -> None:
        self._office = office

    async def working_day(self, branch: str, day: Day | HijriDate | date) -> BranchDay:
        """Return the hours of a branch on a day of either calendar, with its services and the ids of the rules for it.

        `statement` has the sentence of each id. Example: `await desk.calendar.working_day("riyadh-traffic", today)`.

        Raises:
            NotFound: The branch is unknown.
        """
        at, configuration = self._office.catalogue.branch(branch), await self._office.configuration.now()
        configuration.calendars.check_readable()
        return configuration.branch_day(at, arguments.civil_date(day))

    async def working_month(
        self, branch: str, *, year: int, month_of_year: int, calendar: CalendarName = "gregorian"
    ) -> tuple[BranchDay, ...]:
        """Return each day of a month of either calendar, as `working_day` does.

        Example: `await desk.calendar.working_month("riyadh-traffic", year=1447, month_of_year=9, calendar="hijri")`.

        Raises:
            NotFound: The branch is unknown.
        """
        days = arguments.days_of_month(year, month_of_year, calendar)
        at, configuration = self._office.catalogue.branch(branch), await self._office.configuration.now()
        configuration.calendars.check_readable()
        return tuple(configuration.branch_day(at, day) for day in days)

    async def statement(self, rule_id: str) -> Bilingual:
        """Return the sentence of a rule, a record or a timetable. Example: `await desk.calendar.statement(rule_id)`.

        Raises:
            NotFound: No rule, record or timetable has that id.
        """
        from traffic_booking.domain.calendars.authority import LONGEST_ID
        from traffic_booking.domain.text_input import hyphenated, typed_text

        named = hyphenated(typed_text(rule_id, "calendar rule", longest=LONGEST_ID))
        return (await self._office.configuration.now()).statement(named)

    async def affected_by(self, record: CalendarRecord) -> tuple[Appointment, ...]:
        """Return the live appointments that lose their slot or seat by a calendar record, declared already or not.

        They start today or later, and are in the order of their start.
        Example: `await desk.calendar.affected_by(closure)`.

        Raises:
            NotFound: The branch of the record is unknown.
        """
        from traffic_booking.persistence.codecs import storable_record

        checked, configuration = storable_record(record), await self._office.configuration.now()
        return tuple(await affected_by(self._office.book, configuration, checked, self._office.now()))

    async def preview(self, record: CalendarRecord) -> CalendarPreview:
        """Return the days and Hijri months that a calendar record changes, declared already or not.

        For an announced month those are the days from 300 before its beginning to 366 after it, for any other record
        its own days, at most 366, and ten days beside them.
        Example: `(await desk.calendar.preview(start)).days`.

        Raises:
            InvalidInput: The record can't be declared.
            NotFound: The branch of the record is unknown.
        """
        from traffic_booking.domain.decisions.declaring import preview
        from traffic_booking.persistence.codecs import storable_record

        checked, configuration = storable_record(record), await self._office.configuration.now()
        return preview(configuration, checked)

    async def declare(
        self, record: CalendarRecord, *, reason: str, by: Requester, request_id: str
    ) -> Declared | Refused | Throttled:
        """Add a closure, order, announcement or exception to the working calendar, for every desk at once.

        It cancels no appointment: see to those that `affected_by` lists. `by` is a `Clerk`; `reason` has 1 to 400
        characters.
        Example: `await desk.calendar.declare(closure, reason="Burst pipe", by=Clerk("desk-1"), request_id=id)`.

        Raises:
            NotFound: The branch of the record is unknown.
            RequestMismatch: `request_id` was used for another request.
        """
        from traffic_booking.domain.decisions.outcomes import Declared
        from traffic_booking.domain.schedule.exceptions import BranchException
        from traffic_booking.persistence.codecs import storable_record

        added = storable_record(record)
        if isinstance(added, BranchException):
            self._office.catalogue.branch(added.branch)
        return await self._office.execute(
            self._office.requests.declare(added, reason=reason, by=by, request_id=request_id), Declared
        )

    async def entries(self) -> Sequence[CalendarEntry]:
        """Return all declared records, first to last, each with its actor, instant and reason."""
        return tuple(await self._office.book.calendar_entries(after=0))
