"""The audit of a desk's store: the history of an appointment, replays, and the comparison of all records."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal

from traffic_booking.application import arguments
from traffic_booking.application.inquiring import counts_of, page_of, period, reading_as, subject_asked_for
from traffic_booking.application.office import AsyncOffice
from traffic_booking.domain.appointments.numbers import appointment_number
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.inquiries.answers import CountedBy
from traffic_booking.domain.inquiries.inquiry import AuditQuestion, Inquiry
from traffic_booking.domain.people.actors import Clerk

if TYPE_CHECKING:
    from datetime import datetime

    from traffic_booking.application.inquiring import Bound
    from traffic_booking.application.sealed_log import LogToAudit
    from traffic_booking.application.verification import Verification
    from traffic_booking.domain.appointments.events import AppointmentEvent
    from traffic_booking.domain.audit.installations import Installed
    from traffic_booking.domain.audit.invariants import BrokenInvariant
    from traffic_booking.domain.inquiries.answers import OccurrencePage, RefusalCounts
    from traffic_booking.domain.people.actors import Auditor, Requester
    from traffic_booking.domain.people.identity import PersonId

CountedByName = Literal["rule", "day", "branch", "service"]

MOST_BROKEN: Final = 1_000_000


class AsyncAuditRoom:
    """`desk.audit`: verbs that read what happened, and change nothing.

    Each question of an `Auditor` is written to the log: who asked, what, with which bounds, when.
    """

    def __init__(self, office: AsyncOffice) -> None:
        self._office = office

    async def history(self, number: str, *, by: Requester | Auditor) -> Sequence[AppointmentEvent]:
        """Return the events of an appointment, first to last, with the end of a hold that has run out.

        Example: `await desk.audit.history(number, by=me)`.

        Raises:
            AppointmentNotFound: There is none of that number, or it isn't the actor's.
        """
        from traffic_booking.domain.appointments.appointment import expiry
        from traffic_booking.domain.audit.invariants import appointment_of

        checked = appointment_number(number)
        who = await reading_as(self._office, by, AuditQuestion.HISTORY, number=checked)
        events = tuple(await self._office.book.history((await self._office.appointment(checked, who)).number))
        stored = appointment_of(events)
        if stored is None or stored.state_at(self._office.now()) is stored.state:
            return events
        return (*events, expiry(stored))

    async def verify(
        self,
        *,
        log: LogToAudit | None = None,
        progress: Callable[[Verification], None] = lambda _: None,
        found: Callable[[BrokenInvariant], None] = lambda _: None,
        limit: int = 1_000,
    ) -> Verification:
        """Compare every part of the store with the others and with its sealed log, and evaluate its decisions again.

        Reports everything that is broken, and repairs nothing. `read_log` makes `log`; without it no log is compared.
        Reads page by page, while requests go on. Calls `found` with each broken part, and `progress` after each page.
        The result keeps the first `limit` (1 to 1,000,000) broken parts. Example: `assert await desk.audit.verify()`.

        Raises:
            StoreUnreadable: The store itself is damaged, not single records.
        """
        from traffic_booking.application.sealed_log import LogToAudit
        from traffic_booking.application.verification import AuditProgress
        from traffic_booking.application.verifying import verify

        arguments.within_bounds("limit", limit, MOST_BROKEN)
        if log is not None and type(log) is not LogToAudit:
            raise InvalidInput("log", got=type(log).__name__, expected="a log that read_log has returned, or None")
        audit = AuditProgress(arguments.callback(progress, "progress"), arguments.callback(found, "found"), limit)
        office = self._office
        configuration = await office.configuration.now()
        return await verify(office.book, office.installations, configuration, office.clock, audit, log)

    async def installations(self) -> tuple[Installed, ...]:
        """Return the installations of the store, first to last: what desks could be opened with, since when, by whom.

        Example: `(await desk.audit.installations())[-1].actor`.

        Raises:
            StoreUnreadable: An installation can't be decoded.
        """
        return tuple(await self._office.installations.all())

    async def installed_data(self, digest: str) -> Any:
        """Return the JSON data of a rulebook (a list of versions), a catalogue or a calendar that was installed.

        `digest` is one of an `Installed`. Example: `await desk.audit.installed_data(installation.rulebook)`.

        Raises:
            NotFound: Nothing of that digest was installed.
            StoreUnreadable: The data is damaged.
        """
        return await self._office.installations.found(arguments.digest(digest))

    async def refusals(
        self,
        *,
        by: Auditor,
        rule: str | None = None,
        branch: str | None = None,
        service: str | None = None,
        number: str | None = None,
        from_: Bound = None,
        until: Bound = None,
        day: Bound = None,
        after: str | None = None,
        limit: int = 1_000,
    ) -> OccurrencePage:
        """Return the refused requests, in the order of the log, at most `limit` (1 to 10,000).

        `rule` keeps those that broke that rule. `branch` and `service` are those of the
        request, `number` an appointment that it named. Refusals that have been pruned are not there any more.
        Example: `await desk.audit.refusals(rule="BK-07", day=date(2026, 11, 24), by=Auditor("auditor-1"))`.

        Args:
            from_: The first instant (inclusive), or a day of either calendar, which begins at midnight in Riyadh.
                `until` is exclusive.
            day: This day alone, without `from_` and `until`.
            after: The `next` of a page of the same question; `limit` may differ.

        Raises:
            NotFound: The rulebook has no such rule, or the catalogue lacks the branch or the service.
            StoreUnreadable: An entry of the log can't be decoded.
        """
        inquiry = self._refused(AuditQuestion.REFUSALS, rule, branch, service, period(from_, until, day), number)
        return await page_of(self._office, by, inquiry, after, limit)

    async def count_refusals(
        self,
        *,
        by: Auditor,
        counted_by: CountedByName = "rule",
        rule: str | None = None,
        branch: str | None = None,
        service: str | None = None,
        from_: Bound = None,
        until: Bound = None,
        day: Bound = None,
    ) -> RefusalCounts:
        """Return how many requests were refused: by `rule`, `day` (in Riyadh), `branch` or `service`.

        The other arguments are those of `refusals`.
        Example: `await desk.audit.count_refusals(counted_by="day", by=Auditor("auditor-1"))`.

        Raises:
            NotFound: As `refusals`.
            StoreUnreadable: As `refusals`.
        """
        counting = CountedBy(arguments.one_of(counted_by, "counted_by", [each.value for each in CountedBy]))
        inquiry = self._refused(AuditQuestion.REFUSAL_COUNTS, rule, branch, service, period(from_, until, day), None)
        return await counts_of(self._office, by, inquiry, counting)

    async def clerk_log(
        self,
        clerk: str,
        *,
        by: Auditor,
        from_: Bound = None,
        until: Bound = None,
        day: Bound = None,
        after: str | None = None,
        limit: int = 1_000,
    ) -> OccurrencePage:
        """Return all that a clerk did, in the order of the log, at most `limit` (1 to 10,000).

        Events of appointments, requests that were refused, calendar records, ids that were looked up, maintenance. A
        request that was granted and changed nothing, such as a second check-in, is not listed. The other arguments are
        those of `refusals`. Example: `await desk.audit.clerk_log("desk-1", by=Auditor("auditor-1"))`.

        Raises:
            StoreUnreadable: As `refusals`.
        """
        first, last = period(from_, until, day)
        inquiry = Inquiry(question=AuditQuestion.CLERK, clerk=Clerk(clerk).id, from_=first, until=last)
        return await page_of(self._office, by, inquiry, after, limit)

    async def appointment_log(
        self, number: str, *, by: Auditor, after: str | None = None, limit: int = 1_000
    ) -> OccurrencePage:
        """Return all that happened to an appointment, in the order of the log, at most `limit` (1 to 10,000).

        Its events, refused requests that named it, and questions of auditors about it.
        Example: `await desk.audit.appointment_log(number, by=Auditor("auditor-1"))`.

        Raises:
            StoreUnreadable: As `refusals`.
        """
        inquiry = Inquiry(question=AuditQuestion.APPOINTMENT, number=appointment_number(number))
        return await page_of(self._office, by, inquiry, after, limit)

    async def person_log(
        self,
        person: PersonId | None = None,
        *,
        by: Auditor,
        subject: str | None = None,
        from_: Bound = None,
        until: Bound = None,
        day: Bound = None,
        after: str | None = None,
        limit: int = 1_000,
    ) -> OccurrencePage:
        """Return all that happened to a person, in the order of the log, at most `limit` (1 to 10,000).

        The registration, the events of their appointments, refused requests for them, whatever they did themselves or
        for somebody else, look-ups of their id, and questions of auditors about them. Give the id, or the subject. The
        log keeps who asked, by the subject. The other arguments are those of `refusals`.
        Example: `await desk.audit.person_log(person, by=Auditor("auditor-1"))`.

        Raises:
            InvalidInput: Neither an id nor a subject is given, or both are.
            NotFound: The id is not registered, or was erased.
            StoreUnreadable: As `refusals`.
        """
        first, last = period(from_, until, day)
        of = await subject_asked_for(self._office, by, person, subject)
        inquiry = Inquiry(question=AuditQuestion.PERSON, subject=of, from_=first, until=last)
        return await page_of(self._office, by, inquiry, after, limit)

    async def installation_log(
        self,
        *,
        by: Auditor,
        from_: Bound = None,
        until: Bound = None,
        day: Bound = None,
        after: str | None = None,
        limit: int = 1_000,
    ) -> OccurrencePage:
        """Return who installed a rulebook, a catalogue or a calendar, when and why, at most `limit` (1 to 10,000).

        `installations` has the digests. The other arguments are those of `refusals`.
        Example: `await desk.audit.installation_log(by=Auditor("auditor-1"))`.

        Raises:
            StoreUnreadable: As `refusals`.
        """
        first, last = period(from_, until, day)
        inquiry = Inquiry(question=AuditQuestion.INSTALLATIONS, from_=first, until=last)
        return await page_of(self._office, by, inquiry, after, limit)

    def _refused(
        self,
        question: AuditQuestion,
        rule: str | None,
        branch: str | None,
        service: str | None,
        within: tuple[datetime | None, datetime | None],
        number: str | None,
    ) -> Inquiry:
        configuration = self._office.configuration.latest_known
        catalogue, rulebook = configuration.catalogue, configuration.rulebook(self._office.now())
        return Inquiry(
            question=question,
            rule=None if rule is None else rulebook[rule].id,
            branch=None if branch is None else catalogue.branch(branch).id,
            service=None if service is None else catalogue.service(service).id,
            number=None if number is None else appointment_number(number),
            from_=within[0],
            until=within[1],
        )
