"""The booking desk: one verb of the trade per use case, over any store.

Over 400 lines: it has every verb of the public face. Each verb takes a few lines, and most lines document it.
"""

from __future__ import annotations

from asyncio import Lock
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self, TypeVar

from traffic_booking.application import arguments
from traffic_booking.application.async_group_commit import AsyncGroupCommit
from traffic_booking.application.forking import load_before_forks
from traffic_booking.application.live_configuration import AsyncLiveConfiguration
from traffic_booking.application.searching import affected_by, find, month
from traffic_booking.application.slot_search import Search, branches_of
from traffic_booking.application.throttling import RefusalThrottle
from traffic_booking.domain.appointments.numbers import AppointmentNumber, appointment_number
from traffic_booking.domain.audit.feed import BEGINNING, FeedPosition
from traffic_booking.domain.audit.retention import Retention
from traffic_booking.domain.bilingual import Bilingual, Language
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.errors import AppointmentNotFound, InvalidInput, NotFound
from traffic_booking.domain.instants import instant
from traffic_booking.domain.places.geography import Coordinates
from traffic_booking.domain.rules.rulebook import Rulebook, Rulebooks
from traffic_booking.domain.schedule.branch_calendars import BranchCalendars
from traffic_booking.domain.schedule.catalogue import Catalogue
from traffic_booking.domain.schedule.slots import AvailableSlot, DayAvailability, SlotKey
from traffic_booking.domain.schedule.working_calendar import WorkingCalendar
from traffic_booking.persistence.persons import PseudonymKeys
from traffic_booking.persistence.seat_book import AsyncSeatBook
from traffic_booking.ports.async_store import AsyncStore
from traffic_booking.ports.clock import Clock
from traffic_booking.ports.numbering import Numbering
from traffic_booking.ports.tickets import TicketRenderer

if TYPE_CHECKING:  # each verb imports what it alone needs, so that a host's first search is quick
    from traffic_booking.application.any_slot import AnySlot
    from traffic_booking.application.arguments import CalendarName
    from traffic_booking.application.maintenance import AsyncMaintenance
    from traffic_booking.application.past_decisions import Replay
    from traffic_booking.application.pending_requests import PendingRequest
    from traffic_booking.application.requests import Requests
    from traffic_booking.application.verification import Verification
    from traffic_booking.application.what_if import AsyncWhatIf
    from traffic_booking.domain.appointments.appointment import Appointment
    from traffic_booking.domain.appointments.appointment_list import AppointmentList
    from traffic_booking.domain.appointments.events import AppointmentEvent
    from traffic_booking.domain.audit.explanations import Explanation
    from traffic_booking.domain.audit.feed_page import FeedPage
    from traffic_booking.domain.audit.invariants import BrokenInvariant
    from traffic_booking.domain.calendars.day import Day
    from traffic_booking.domain.calendars.hijri import HijriDate
    from traffic_booking.domain.decisions.outcomes import (
        Booked,
        Cancelled,
        CheckedIn,
        Declared,
        Held,
        MayCancel,
        Moved,
        Refused,
        Throttled,
    )
    from traffic_booking.domain.people.actors import Actor, Requester
    from traffic_booking.domain.people.assertions import Assertions
    from traffic_booking.domain.people.identity import PersonId
    from traffic_booking.domain.schedule.branch_days import BranchDay
    from traffic_booking.domain.schedule.entries import CalendarEntry, CalendarRecord
    from traffic_booking.persistence.appointment_book import AsyncAppointmentBook

MOST_SLOTS: Final = 500
MOST_APPOINTMENTS: Final = 1_000
MOST_HOLDS: Final = 1_000
MOST_BROKEN: Final = 1_000_000
MOST_FEED_ENTRIES: Final = 10_000

Granted = TypeVar("Granted")

load_before_forks(__name__.rpartition(".")[0])


class AsyncDesk:
    """Appointments at the branches of one catalogue, under the versions of one rulebook, kept in one store.

    Many threads, or tasks of one event loop, may use it at once. Outcomes are values. Every verb raises `InvalidInput`
    for a malformed argument, and `StoreError` if the store doesn't answer; its docstring lists further errors.

    A verb that changes something takes a `request_id`. If the same request is sent again, it gets the same answer, and
    nothing happens twice. That holds until `maintenance.prune` removes the answer. `Throttled` is no answer: after it
    the same request is decided like a new one. `by` is the person who acts, the applicant if left out; the host vouches
    for it. Text forms of numbers and ids are checked before anything else.
    """

    def __init__(
        self,
        *,
        store: AsyncStore,
        clock: Clock,
        catalogue: Catalogue,
        rulebook: Rulebook | Rulebooks,
        calendar: WorkingCalendar,
        numbering: Numbering,
        tickets: Mapping[str, TicketRenderer],
        retention: Retention,
        pseudonym_key: PseudonymKeys = None,
    ) -> None:
        self.store = store
        self.clock = clock
        self._seats = AsyncSeatBook(store, pseudonym_key)
        self._configuration = AsyncLiveConfiguration(
            self._seats, Configuration(catalogue, rulebook, BranchCalendars(calendar)), self._new_lock()
        )
        self._numbering = numbering
        self._tickets = dict(tickets)
        self._retention = retention
        self._throttle = RefusalThrottle(retention.refusals_per_minute)
        self._group_commit = self._new_group_commit()

    @cached_property  # two callers may make one each: it has no state of its own
    def maintenance(self) -> AsyncMaintenance:
        """Upkeep of the store: `prune`, `erase`, `rekey`."""
        from traffic_booking.application.maintenance import AsyncMaintenance

        return AsyncMaintenance(self._book, self.clock, self._retention)

    @cached_property  # two callers may make one each: they share the keys, and the rest is a cache
    def _book(self) -> AsyncAppointmentBook:
        from traffic_booking.persistence.appointment_book import AsyncAppointmentBook

        return AsyncAppointmentBook(self.store, self._seats.keys)

    @cached_property
    def _requests(self) -> Requests:
        from traffic_booking.application.requests import Requests

        return Requests(self._number)

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue of the desk."""
        return self._configuration.latest_known.catalogue

    @property
    def rulebook(self) -> Rulebook:
        """The version of the rulebook that is in force now. Raises `InvalidInput` if none is."""
        return self._configuration.latest_known.rulebook(instant(self.clock.now()))

    @property
    def rulebooks(self) -> Rulebooks:
        """All versions of the rulebook, each with its time."""
        return self._configuration.latest_known.rulebooks

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def check_key(self) -> None:
        """Compare the pseudonym key with the store's, as the first verb also does.

        Raises `InvalidInput` if the store's ids are written with another key.
        """
        await self._seats.open_persons()

    async def close(self) -> None:
        """Close the store once the batches under way are finished. Closing twice is fine."""
        await self._group_commit.close()
        await self.store.close()

    async def find_slots(
        self,
        *,
        service: str,
        governorate: str | None = None,
        branch: str | None = None,
        near: Coordinates | None = None,
        within_km: float | None = None,
        from_: date | datetime | None = None,
        until: date | datetime | None = None,
        limit: int = 20,
    ) -> tuple[AvailableSlot, ...]:
        """Return the earliest slots with a free seat that may be booked now, at most `limit` (1 to 500).

        `near` adds distances, and puts the nearer branch first at the same instant; `within_km` needs it. `from_` is
        inclusive, `until` exclusive; a date stands for its midnight in Riyadh. Slots are left out if they are beyond
        the booking horizon, within the notice, or suspended.
        Example: `await desk.find_slots(service="licence-renewal", governorate="riyadh", limit=5)`.

        Raises:
            NotFound: The service, governorate or branch is unknown.
        """
        now = instant(self.clock.now())
        arguments.within_bounds("limit", limit, MOST_SLOTS)
        branches = branches_of(self.catalogue, service, governorate, branch, near, within_km)
        start = now if from_ is None else max(now, arguments.moment(from_))
        end = None if until is None else arguments.moment(until)
        search = Search(self.catalogue.service(service), branches, near, start, end, limit)
        return await find(self._seats, await self._configuration.now(), search, now)

    async def month_view(
        self, *, service: str, branch: str, year: int, month_of_year: int, calendar: CalendarName = "gregorian"
    ) -> tuple[DayAvailability, ...]:
        """Return each day of a month of either calendar, with its seats that can be booked and the free ones of them.

        Example: `await desk.month_view(service="licence-renewal", branch="riyadh-traffic", year=2026, month_of_year=3)`

        Raises:
            NotFound: The service or the branch is unknown.
        """
        days = arguments.days_of_month(year, month_of_year, calendar)
        now = instant(self.clock.now())
        at, what = self.catalogue.branch(branch), self.catalogue.service(service)
        return await month(self._seats, await self._configuration.now(), at, what, days, now)

    async def hold(
        self,
        slot: AnySlot,
        *,
        applicant: PersonId,
        request_id: str,
        by: Requester | None = None,
        assertions: Assertions | None = None,
    ) -> Held | Refused | Throttled:
        """Keep a seat for a few minutes; `book` makes it an appointment.

        A hold of the applicant's for another time of the service is given back in the same step. `assertions` is what
        the host vouches for, if the service needs it. Example: `await desk.hold(slot, applicant=me, request_id=id)`.

        Raises:
            NotFound: The branch or the service of the slot is unknown.
            RequestMismatch: `request_id` was used for another request.
        """
        from traffic_booking.domain.decisions.outcomes import Held

        return await self._execute(self._requests.hold(slot, applicant, request_id, by, assertions), Held)

    async def book(
        self,
        slot: AnySlot,
        *,
        applicant: PersonId,
        agreed: bool | str,
        request_id: str,
        by: Requester | None = None,
        assertions: Assertions | None = None,
    ) -> Booked | Refused | Throttled:
        """Book a slot, or the hold that the applicant has on it.

        `agreed`: the applicant agrees to the service's instructions, in the version in force (True) or in the named
        version that they have read. `assertions` as in `hold`.
        Example: `await desk.book(slot, applicant=me, agreed=True, request_id=id)`.

        Raises:
            NotFound: The branch or the service of the slot is unknown.
            RequestMismatch: `request_id` was used for another request.
        """
        from traffic_booking.domain.decisions.outcomes import Booked

        request = self._requests.book(
            slot, applicant=applicant, agreed=agreed, request_id=request_id, by=by, assertions=assertions
        )
        return await self._execute(request, Booked)

    async def cancel(self, number: str, *, by: Requester, request_id: str) -> Cancelled | Refused | Throttled:
        """Cancel an appointment, or give a hold back; the seat is free at once.

        An unknown number and another person's number are refused alike.
        Example: `await desk.cancel(number, by=me, request_id=id)`.

        Raises:
            RequestMismatch: `request_id` was used for another request.
        """
        from traffic_booking.domain.decisions.outcomes import Cancelled

        return await self._execute(self._requests.cancel(number, by=by, request_id=request_id), Cancelled)

    async def may_cancel(self, number: str, *, by: Requester) -> MayCancel:
        """Return whether `cancel` would be granted now, the rules that refuse it, and the cut-off; change nothing.

        An unknown number and another person's number get the same result.
        Example: `await desk.may_cancel(number, by=me)`.

        Raises:
            InvalidInput: An argument is malformed.
        """
        from traffic_booking.domain.decisions.cancelling import may_cancel

        appointment = await self._book.appointment(appointment_number(number))
        configuration, actor = await self._configuration.now(), await self._actor(by)
        return may_cancel(configuration, actor, appointment, instant(self.clock.now()))

    async def move(
        self,
        number: str,
        slot: AnySlot,
        *,
        by: Requester,
        request_id: str,
        agreed: bool | str = False,
        assertions: Assertions | None = None,
    ) -> Moved | Refused | Throttled:
        """Give an appointment another slot for the same service, at any branch; it keeps its number.

        The old seat is given back and the new one taken in one step, or neither. An unknown number and another person's
        number are refused alike. `agreed` and `assertions` as in `book`; the agreement of the booking counts as long as
        the instructions are the same. Example: `await desk.move(number, slot, by=me, request_id=id)`.

        Raises:
            NotFound: The branch or the service of the slot is unknown.
            RequestMismatch: `request_id` was used for another request.
        """
        from traffic_booking.domain.decisions.outcomes import Moved

        request = self._requests.move(number, slot, by=by, request_id=request_id, agreed=agreed, assertions=assertions)
        return await self._execute(request, Moved)

    async def check_in(self, number: str, *, by: Requester, request_id: str) -> CheckedIn | Refused | Throttled:
        """Record that the applicant has come. Example: `await desk.check_in(number, by=Clerk("gate"), request_id=id)`.

        Raises:
            RequestMismatch: `request_id` was used for another request.
        """
        from traffic_booking.domain.decisions.outcomes import CheckedIn

        return await self._execute(self._requests.check_in(number, by=by, request_id=request_id), CheckedIn)

    async def appointments(self, applicant: PersonId, *, group: str | None = None, limit: int = 200) -> AppointmentList:
        """Return a person's latest `limit` (1 to 1,000) appointments: upcoming, held, past, cancelled and expired.

        `group` keeps services in that group of the catalogue or below it. Example: `await desk.appointments(me)`.

        Raises:
            NotFound: The group is unknown.
        """
        from traffic_booking.domain.appointments.appointment_list import arrange

        arguments.within_bounds("limit", limit, MOST_APPOINTMENTS)
        found = await self._book.appointments_of(arguments.person(applicant), limit=limit)
        if group is not None:
            services = {service.id for service in self.catalogue.services_for(group=group)}
            found = [appointment for appointment in found if appointment.slot.service in services]
        return arrange(found, instant(self.clock.now()))

    async def appointment(self, number: str, *, by: Requester) -> Appointment:
        """Return an appointment in its present state. Example: `await desk.appointment(number, by=me)`.

        Raises:
            AppointmentNotFound: There is none of that number, or it isn't the actor's.
        """
        from traffic_booking.domain.people.actors import may_see

        checked, actor = appointment_number(number), await self._actor(by)
        found, now = await self._book.appointment(checked), instant(self.clock.now())
        if found is None or not may_see(actor, found.applicant, found.slot.service, at=now):
            raise AppointmentNotFound(checked)
        return found

    async def history(self, number: str, *, by: Requester) -> Sequence[AppointmentEvent]:
        """Return the events of an appointment, first to last. Example: `await desk.history(number, by=me)`.

        Raises:
            AppointmentNotFound: There is none of that number, or it isn't the actor's.
        """
        return tuple(await self._book.history((await self.appointment(number, by=by)).number))

    async def ticket(self, number: str, *, by: Requester, form: str = "text", language: Language = "ar") -> str:
        """Return the printable ticket of an appointment, or the proof that it was cancelled, as text or HTML.

        After an erasure it has "erased" instead of the id. Example: `await desk.ticket(number, by=me, form="html")`.

        Raises:
            AppointmentNotFound: There is none of that number, or it isn't the actor's.
            InvalidInput: Nothing is booked yet (a hold), or the desk doesn't have that form or language.
            NotFound: The branch or the service has left the catalogue.
        """
        from traffic_booking.domain.appointments.states import AppointmentState
        from traffic_booking.domain.appointments.tickets import ticket_of

        renderer = self._tickets[arguments.one_of(form, "form", sorted(self._tickets))]
        arguments.one_of(language, "language", ("ar", "en"))
        appointment = await self.appointment(number, by=by)
        if appointment.state in {AppointmentState.HELD, AppointmentState.EXPIRED}:
            raise InvalidInput("appointment", got=f"a hold ({appointment.state.value})", expected="one that is booked")
        person = await self._book.person_of(appointment.applicant.subject)
        return renderer.render(ticket_of(self.catalogue, appointment, person), language)

    async def person_of(self, subject: str, *, by: Requester) -> PersonId:
        """Return the id behind the subject of an applicant, for a host that sends messages.

        `by` is a `Clerk` or `System`. Each use is written to the log.
        Example: `await desk.person_of(appointment.applicant.subject, by=System())`.

        Raises:
            NotFound: Nobody has that subject, or the person was erased.
        """
        from traffic_booking.domain.appointments.events import PersonRevealed
        from traffic_booking.domain.people.actors import staff
        from traffic_booking.domain.people.applicants import subject as checked_subject

        actor, checked = staff(by), checked_subject(subject)
        found = await self._book.person_of(checked)
        if found is None:
            raise NotFound("person", checked, reason="erased, or never registered")
        await self._book.log_reveal(PersonRevealed(subject=checked, at=instant(self.clock.now()), actor=actor))
        return found

    async def working_day(self, branch: str, day: Day | HijriDate | date) -> BranchDay:
        """Return the hours of a branch on a day of either calendar, with its services and the ids of the rules for it.

        `calendar_statement` has the sentence of each id. Example: `await desk.working_day("riyadh-traffic", today)`.

        Raises:
            NotFound: The branch is unknown.
        """
        at, configuration = self.catalogue.branch(branch), await self._configuration.now()
        configuration.calendars.check_readable()
        return configuration.branch_day(at, arguments.civil_date(day))

    async def working_month(
        self, branch: str, *, year: int, month_of_year: int, calendar: CalendarName = "gregorian"
    ) -> tuple[BranchDay, ...]:
        """Return each day of a month of either calendar, as `working_day` does.

        Example: `await desk.working_month("riyadh-traffic", year=1447, month_of_year=9, calendar="hijri")`.

        Raises:
            NotFound: The branch is unknown.
        """
        days = arguments.days_of_month(year, month_of_year, calendar)
        at, configuration = self.catalogue.branch(branch), await self._configuration.now()
        configuration.calendars.check_readable()
        return tuple(configuration.branch_day(at, day) for day in days)

    async def calendar_statement(self, rule_id: str) -> Bilingual:
        """Return the sentence of a rule, a record or a timetable. Example: `await desk.calendar_statement(rule_id)`.

        Raises:
            NotFound: No rule, record or timetable has that id.
        """
        return (await self._configuration.now()).statement(rule_id)

    async def affected_by(self, record: CalendarRecord) -> tuple[Appointment, ...]:
        """Return the live appointments that lose their slot or seat by a calendar record, declared already or not.

        They start today or later, and are in the order of their start. Example: `await desk.affected_by(closure)`.

        Raises:
            NotFound: The branch of the record is unknown.
        """
        from traffic_booking.persistence.codecs import storable_record

        checked, configuration = storable_record(record), await self._configuration.now()
        return tuple(await affected_by(self._book, configuration, checked, instant(self.clock.now())))

    async def declare(
        self, record: CalendarRecord, *, reason: str, by: Requester, request_id: str
    ) -> Declared | Refused | Throttled:
        """Add a closure, order, announcement or exception to the working calendar, for every desk at once.

        It cancels no appointment: see to those that `affected_by` lists. `by` is a `Clerk`; `reason` has 1 to 400
        characters. Example: `await desk.declare(closure, reason="Burst pipe", by=Clerk("desk-1"), request_id=id)`.

        Raises:
            NotFound: The branch of the record is unknown.
            RequestMismatch: `request_id` was used for another request.
        """
        from traffic_booking.domain.decisions.outcomes import Declared
        from traffic_booking.domain.schedule.exceptions import BranchException
        from traffic_booking.persistence.codecs import storable_record

        added = storable_record(record)
        if isinstance(added, BranchException):
            self.catalogue.branch(added.branch)
        return await self._execute(self._requests.declare(added, reason=reason, by=by, request_id=request_id), Declared)

    async def calendar_entries(self) -> Sequence[CalendarEntry]:
        """Return all declared records, first to last, each with its actor, instant and reason."""
        return tuple(await self._book.calendar_entries(after=0))

    async def feed(self, *, after: FeedPosition = BEGINNING, limit: int = 1_000) -> FeedPage:
        """Return the log behind the position `after`, in one order, at most `limit` (1 to 10,000) entries.

        Entries are events of appointments, refused requests, calendar entries, registrations of persons, ids that were
        revealed, and maintenance (see `FeedEntry.what`). Pruned entries are left out. Store the position of the last
        entry that you have processed, and pass it as the next `after`: nothing is skipped, and nothing is returned
        twice. A page ends before an entry that can't be decoded. Example: `await desk.feed(after=position)`.

        Raises:
            StoreUnreadable: The store has not reached that position, as it was restored to an earlier state: begin
                again from `BEGINNING`. Or the next entry can't be decoded: pass `FeedPosition(*error.position)` as
                `after` to go on behind it.
        """
        arguments.within_bounds("limit", limit, MOST_FEED_ENTRIES)
        return await self._book.feed(arguments.feed_position(after), limit=limit)

    async def explain(
        self, number: str | None = None, *, request_id: str | None = None, by: Requester
    ) -> tuple[Explanation, ...]:
        """Explain the decisions about an appointment, first to last, or the one about a request, refused or not.

        Each explanation names every rule that was evaluated, what it observed and allows. Once the assertions of a
        decision are removed, it names only the broken rules. Example: `await desk.explain(request_id=id, by=me)`.

        Raises:
            AppointmentNotFound: There is none of that number, or it isn't the actor's.
            InvalidInput: Neither a number nor a request id is given, or both are.
            NotFound: The request isn't the actor's or has no answer, or `rulebooks` lacks the version that decided.
        """
        from traffic_booking.application.explaining import explain_request
        from traffic_booking.domain.audit.explanations import explanation_of
        from traffic_booking.domain.text_input import request_id_to_find

        if (number is None) is (request_id is None):
            raise InvalidInput("number, request_id", got="none or both", expected="one of them")
        if number is None:
            now, checked = instant(self.clock.now()), request_id_to_find(request_id)
            return (await explain_request(self._book, self.rulebooks, checked, await self._actor(by), now),)
        requests = dict.fromkeys(event.request_id for event in await self.history(number, by=by) if event.request_id)
        answers = [await self._book.answer(request) for request in requests]
        return tuple(explanation_of(answer, self.rulebooks) for answer in answers if answer is not None)

    async def what_if(self, *, at: datetime | None = None) -> AsyncWhatIf:
        """Return the desk's verbs, decided without doing anything, now or `at` another instant.

        Example: `plan = await desk.what_if()`, then `await plan.book(slot, applicant=me, agreed=True)`.

        Raises:
            InvalidInput: `at` is no instant.
        """
        from traffic_booking.application.what_if import AsyncWhatIf

        moment = instant(self.clock.now() if at is None else at)
        return AsyncWhatIf(self._book, await self._configuration.now(), self._requests, moment)

    async def replay(self) -> Replay:
        """Evaluate the rules again on every decision in the store, each at its instant and under its version.

        Reads page by page; decisions that are made meanwhile may or may not be included.
        """
        from traffic_booking.application.explaining import replay

        return await replay(self._book, self.rulebooks)

    async def verify(
        self,
        *,
        progress: Callable[[Verification], None] = lambda _: None,
        found: Callable[[BrokenInvariant], None] = lambda _: None,
        limit: int = 1_000,
    ) -> Verification:
        """Compare every part of the store with the others, and report everything that is broken; repair nothing.

        Reads page by page, while requests go on. Calls `found` with each broken part, and `progress` after each page.
        The result keeps the first `limit` (1 to 1,000,000) broken parts. Example: `assert await desk.verify()`.

        Raises:
            StoreUnreadable: The store itself is damaged, not single records.
        """
        from traffic_booking.application.verification import AuditProgress
        from traffic_booking.application.verifying import verify

        arguments.within_bounds("limit", limit, MOST_BROKEN)
        audit = AuditProgress(progress, found, limit)
        return await verify(self._book, await self._configuration.now(), self.clock, audit)

    async def expire_holds(self, *, limit: int = 100) -> int:
        """End at most `limit` (1 to 1,000) holds that have run out, and return how many were ended.

        Booking and searching never wait for it: it only keeps the store tidy. Example: `await desk.expire_holds()`.

        Raises:
            InvalidInput: `limit` is out of bounds.
        """
        from traffic_booking.application.batch_execution import expire_holds

        arguments.within_bounds("limit", limit, MOST_HOLDS)
        return await expire_holds(self._book, self.clock, self._configuration.latest_known, limit=limit)

    def _new_lock(self) -> AbstractAsyncContextManager[object]:
        return Lock()

    def _new_group_commit(self) -> AsyncGroupCommit[PendingRequest]:
        return AsyncGroupCommit(self._execute_batch)

    async def _actor(self, by: Requester) -> Actor:
        """The requester, by their subject. A person who is not registered has no appointments."""
        from traffic_booking.domain.people.actors import actor_of, persons_of, requester
        from traffic_booking.domain.people.applicants import stranger

        checked = requester(by)
        known = await self._book.applicants(persons_of(checked))
        return actor_of(checked, lambda person: known.get(person) or stranger(person))

    def _number(self, key: SlotKey) -> AppointmentNumber:
        return self._numbering.draw(self.catalogue.branch(key.branch).code)

    async def _execute(self, request: PendingRequest, granted: type[Granted]) -> Granted | Refused | Throttled:
        from traffic_booking.domain.decisions.outcomes import Refused, Throttled

        await self._group_commit.serve(request)
        outcome = request.result()
        if isinstance(outcome, Refused | Throttled):
            return outcome
        assert isinstance(outcome, granted), "a command has its own kind of outcome"
        return outcome

    async def _execute_batch(self, requests: Sequence[PendingRequest]) -> None:
        from traffic_booking.application.batch_execution import execute

        await execute(self._book, self.clock, self._configuration, self._throttle, requests)
