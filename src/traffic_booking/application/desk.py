"""The booking desk: one verb of the trade per use case, over any store.

Over 400 lines: every verb of the one face, each a few lines that hand on.
"""

from asyncio import Lock
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime, timedelta
from types import TracebackType
from typing import Final, Literal, Self

from traffic_booking.application.arguments import (
    AnySlot,
    civil_date,
    days_of_month,
    feed_position,
    moment,
    one_of,
    person,
    within_bounds,
)
from traffic_booking.application.async_group_commit import AsyncGroupCommit
from traffic_booking.application.audit_parts import Replay, Verification
from traffic_booking.application.batch_execution import execute, expire_holds
from traffic_booking.application.closing import affected_by
from traffic_booking.application.explaining import explain_request, replay
from traffic_booking.application.live_configuration import AsyncLiveConfiguration
from traffic_booking.application.maintenance import AsyncMaintenance
from traffic_booking.application.pending_requests import PendingRequest
from traffic_booking.application.requests import Requests
from traffic_booking.application.searching import Search, find, month
from traffic_booking.application.throttling import RefusalThrottle
from traffic_booking.application.verifying import verify
from traffic_booking.application.what_if import AsyncWhatIf
from traffic_booking.domain.appointments.appointment import Appointment, AppointmentState
from traffic_booking.domain.appointments.appointment_list import AppointmentList, arrange
from traffic_booking.domain.appointments.events import AppointmentEvent, PersonRevealed
from traffic_booking.domain.appointments.numbers import AppointmentNumber, appointment_number
from traffic_booking.domain.appointments.tickets import ticket_of
from traffic_booking.domain.audit.explanations import Explanation, explanation_of
from traffic_booking.domain.audit.feed import BEGINNING, FeedPage, FeedPosition
from traffic_booking.domain.audit.invariants import BrokenInvariant
from traffic_booking.domain.audit.retention import Retention
from traffic_booking.domain.bilingual import Bilingual, Language
from traffic_booking.domain.calendars.day import Day
from traffic_booking.domain.calendars.hijri import HijriDate
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.availability import horizon
from traffic_booking.domain.decisions.cancelling import may_cancel
from traffic_booking.domain.decisions.outcomes import (
    Booked,
    Cancelled,
    CheckedIn,
    Declared,
    Held,
    MayCancel,
    Moved,
    Outcome,
    Refused,
    Throttled,
)
from traffic_booking.domain.errors import AppointmentNotFound, InvalidInput, NotFound
from traffic_booking.domain.instants import instant
from traffic_booking.domain.people.actors import Actor, Requester, actor_of, may_see, persons_of, requester, staff
from traffic_booking.domain.people.applicants import stranger
from traffic_booking.domain.people.applicants import subject as checked_subject
from traffic_booking.domain.people.assertions import Assertions
from traffic_booking.domain.people.identity import PersonId
from traffic_booking.domain.places.geography import Coordinates
from traffic_booking.domain.rules.rulebook import Rulebook, Rulebooks
from traffic_booking.domain.schedule.branch_calendars import BranchCalendars
from traffic_booking.domain.schedule.branch_days import BranchDay
from traffic_booking.domain.schedule.catalogue import Catalogue
from traffic_booking.domain.schedule.entries import CalendarEntry, CalendarRecord
from traffic_booking.domain.schedule.exceptions import BranchException
from traffic_booking.domain.schedule.slots import AvailableSlot, DayAvailability, SlotKey
from traffic_booking.domain.schedule.working_calendar import WorkingCalendar
from traffic_booking.domain.text_input import request_id_to_find
from traffic_booking.persistence.appointment_book import AsyncAppointmentBook
from traffic_booking.persistence.codecs import storable_record
from traffic_booking.persistence.persons import PseudonymKeys
from traffic_booking.ports.async_store import AsyncStore
from traffic_booking.ports.clock import Clock
from traffic_booking.ports.numbering import Numbering
from traffic_booking.ports.tickets import TicketRenderer

MOST_SLOTS: Final = 500
MOST_APPOINTMENTS: Final = 1_000
MOST_HOLDS: Final = 1_000
MOST_BROKEN: Final = 1_000_000
MOST_FEED_ENTRIES: Final = 10_000


class AsyncDesk:
    """Appointments at the branches of one catalogue, under the versions of one rulebook, kept in one store.

    Many threads, or tasks of one event loop, may use it at once. Outcomes are values; exceptions are for misuse
    (`InvalidInput`, `NotFound`, `RequestMismatch`) and for stores that don't answer (`StoreError`).

    Every verb that changes something takes a `request_id`: sent again, the same request gets the same answer, and
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
        self._book = AsyncAppointmentBook(store, pseudonym_key)
        self._configuration = AsyncLiveConfiguration(
            self._book, Configuration(catalogue, rulebook, BranchCalendars(calendar)), self._new_lock()
        )
        self._numbering = numbering
        self._tickets = dict(tickets)
        self._requests = Requests(self._number)
        self.maintenance = AsyncMaintenance(self._book, clock, retention)
        self._throttle = RefusalThrottle(retention.refusals_per_minute)
        self._group_commit = self._new_group_commit()

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue that the desk goes by."""
        return self._configuration.latest_known.catalogue

    @property
    def rulebook(self) -> Rulebook:
        """The version of the rulebook that is in force now. Raises `InvalidInput` if none is."""
        return self._configuration.latest_known.rulebook(instant(self.clock.now()))

    @property
    def rulebooks(self) -> Rulebooks:
        """The versions of the rulebook that the desk goes by, each in its time."""
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
        await self._book.open_persons()

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
        """The earliest slots with a free seat, at most `limit` (1 to 500), across all branches that fit.

        `near` gives distances and, at the same instant, the nearer branch first; `within_km` needs it. `from_` is
        inclusive, `until` exclusive; a date stands for its midnight in Riyadh. Nothing is found that nobody may book
        now: beyond the booking horizon, at shorter notice than is asked for, or suspended. Raises `NotFound` for an
        unknown name.
        """
        within_bounds("limit", limit, MOST_SLOTS)
        if near is not None and not isinstance(near, Coordinates):
            raise InvalidInput("near", got=type(near).__name__, expected="Coordinates or None")
        if within_km is not None and (near is None or type(within_km) not in {int, float} or not within_km >= 0):
            raise InvalidInput(
                "within_km", got=f"{within_km} near {near}", expected="0 or more, with a point in `near`"
            )
        now = instant(self.clock.now())
        branches = self.catalogue.branches_for(service=service, governorate=governorate, near=near)
        if branch is not None:
            wanted = self.catalogue.branch(branch)
            branches = tuple(entry for entry in branches if entry.id == wanted.id)
        if near is not None and within_km is not None:
            branches = tuple(entry for entry in branches if near.distance_km(entry.location) <= within_km)
        configuration = await self._configuration.now()
        last = now + horizon(configuration, now) + timedelta(microseconds=1)
        search = Search(
            service=self.catalogue.service(service),
            branches=branches,
            from_=now if from_ is None else max(now, moment(from_)),
            until=last if until is None else min(last, moment(until)),
            near=near,
            limit=limit,
        )
        return await find(self._book, configuration, search, now)

    async def month_view(
        self,
        *,
        service: str,
        branch: str,
        year: int,
        month_of_year: int,
        calendar: Literal["gregorian", "hijri"] = "gregorian",
    ) -> tuple[DayAvailability, ...]:
        """Each day of a month of either calendar, with the seats that can be booked and those of them that are free."""
        days = days_of_month(year, month_of_year, calendar)
        now = instant(self.clock.now())
        at, what = self.catalogue.branch(branch), self.catalogue.service(service)
        return await month(self._book, await self._configuration.now(), at, what, days, now)

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

        A live hold of the applicant's for another time of the service is given back in the same step. `assertions`:
        what the host vouches for, for services that need it.
        """
        outcome = await self._execute(
            self._requests.hold(slot, applicant=applicant, request_id=request_id, by=by, assertions=assertions)
        )
        assert isinstance(outcome, Held | Refused | Throttled)
        return outcome

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

        `agreed`: that the applicant agrees to the service's instructions, in the version in force (True) or in the one
        that was shown to them (its name). `assertions` as in `hold`.
        """
        outcome = await self._execute(
            self._requests.book(
                slot, applicant=applicant, agreed=agreed, request_id=request_id, by=by, assertions=assertions
            )
        )
        assert isinstance(outcome, Booked | Refused | Throttled)
        return outcome

    async def cancel(self, number: str, *, by: Requester, request_id: str) -> Cancelled | Refused | Throttled:
        """Cancel an appointment, or give a hold back; the seat is free at once.

        A number that doesn't exist and one that isn't the actor's are refused alike.
        """
        outcome = await self._execute(self._requests.cancel(number, by=by, request_id=request_id))
        assert isinstance(outcome, Cancelled | Refused | Throttled)
        return outcome

    async def may_cancel(self, number: str, *, by: Requester) -> MayCancel:
        """Whether `cancel` would be granted now, by which rules not, and until when it is; nothing is changed.

        A number that doesn't exist and one that isn't the actor's get the same result.
        """
        appointment = await self._book.appointment(appointment_number(number))
        return may_cancel(
            await self._configuration.now(), await self._actor(by), appointment, instant(self.clock.now())
        )

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

        The old seat is given back and the new one taken in one step, or neither. A number that doesn't exist and one
        that isn't the actor's are refused alike. `agreed` and `assertions` as in `book`; the agreement that the booking
        was made with stands for as long as the instructions are the same.
        """
        outcome = await self._execute(
            self._requests.move(number, slot, by=by, request_id=request_id, agreed=agreed, assertions=assertions)
        )
        assert isinstance(outcome, Moved | Refused | Throttled)
        return outcome

    async def check_in(self, number: str, *, by: Requester, request_id: str) -> CheckedIn | Refused | Throttled:
        """Note at the branch that the applicant has come; `by` is a `Clerk`."""
        outcome = await self._execute(self._requests.check_in(number, by=by, request_id=request_id))
        assert isinstance(outcome, CheckedIn | Refused | Throttled)
        return outcome

    async def appointments(self, applicant: PersonId, *, group: str | None = None, limit: int = 200) -> AppointmentList:
        """A person's appointments, the latest `limit` (1 to 1,000), as upcoming, held, past, cancelled and expired.

        `group` keeps those whose service is in that group of the catalogue or below it.
        """
        within_bounds("limit", limit, MOST_APPOINTMENTS)
        found = await self._book.appointments_of(person(applicant), limit=limit)
        if group is not None:
            services = {service.id for service in self.catalogue.services_for(group=group)}
            found = [appointment for appointment in found if appointment.slot.service in services]
        return arrange(found, instant(self.clock.now()))

    async def appointment(self, number: str, *, by: Requester) -> Appointment:
        """An appointment as it stands. Raises `AppointmentNotFound` if there is none, or it isn't the actor's."""
        checked, actor = appointment_number(number), await self._actor(by)
        found, now = await self._book.appointment(checked), instant(self.clock.now())
        if found is None or not may_see(actor, found.applicant, found.slot.service, at=now):
            raise AppointmentNotFound(checked)
        return found

    async def history(self, number: str, *, by: Requester) -> Sequence[AppointmentEvent]:
        """The events of an appointment, first to last. Raises as `appointment` does."""
        return tuple(await self._book.history((await self.appointment(number, by=by)).number))

    async def ticket(self, number: str, *, by: Requester, form: str = "text", language: Language = "ar") -> str:
        """The printable ticket of an appointment, or the proof that it was cancelled, in a form such as text or html.

        Raises `AppointmentNotFound` as `appointment` does, `InvalidInput` for a hold (nothing is booked yet) or a form
        that the desk doesn't have, `NotFound` if its branch or service has left the catalogue. After an erasure the
        ticket shows "erased" in the place of the id.
        """
        renderer = self._tickets[one_of(form, "form", sorted(self._tickets))]
        one_of(language, "language", ("ar", "en"))
        appointment = await self.appointment(number, by=by)
        if appointment.state in {AppointmentState.HELD, AppointmentState.EXPIRED}:
            raise InvalidInput("appointment", got=f"a hold ({appointment.state.value})", expected="one that is booked")
        person = await self._book.person_of(appointment.applicant.subject)
        return renderer.render(ticket_of(self.catalogue, appointment, person), language)

    async def person_of(self, subject: str, *, by: Requester) -> PersonId:
        """The id behind the subject of an applicant, for a host that sends messages; `by` is a `Clerk` or `System`.

        Each use is written to the log. Raises `InvalidInput` if `by` is somebody else, `NotFound` if nobody has that
        subject, or the person was erased.

            >>> person = desk.person_of(appointment.applicant.subject, by=System())  # doctest: +SKIP
        """
        asks = staff(by)
        checked = checked_subject(subject)
        found = await self._book.person_of(checked)
        if found is None:
            raise NotFound("person", checked, reason="erased, or never registered")
        at = instant(self.clock.now())
        await self._book.log_reveal(PersonRevealed(subject=checked, at=at, actor=asks))
        return found

    async def working_day(self, branch: str, day: Day | HijriDate | date) -> BranchDay:
        """When a branch is open on a day of either calendar, for which services, and the ids of the rules that say so.

        `calendar_statement` has the sentence behind each id. Raises `NotFound` for an unknown branch.
        """
        at, configuration = self.catalogue.branch(branch), await self._configuration.now()
        configuration.calendars.check_readable()
        return configuration.branch_day(at, civil_date(day))

    async def working_month(
        self, branch: str, *, year: int, month_of_year: int, calendar: Literal["gregorian", "hijri"] = "gregorian"
    ) -> tuple[BranchDay, ...]:
        """Each day of a month of either calendar, as `working_day` answers about it."""
        days = days_of_month(year, month_of_year, calendar)
        at, configuration = self.catalogue.branch(branch), await self._configuration.now()
        configuration.calendars.check_readable()
        return tuple(configuration.branch_day(at, day) for day in days)

    async def calendar_statement(self, rule_id: str) -> Bilingual:
        """The sentence of a rule, a record or a timetable that a `BranchDay` cites. Raises `NotFound`."""
        return (await self._configuration.now()).statement(rule_id)

    async def affected_by(self, record: CalendarRecord) -> tuple[Appointment, ...]:
        """The live appointments that a closure, order, announcement or exception takes the slot or the seat from.

        Asked before it is declared, and as well after. From today on, in the order of their start.
        """
        return tuple(
            await affected_by(
                self._book, await self._configuration.now(), storable_record(record), instant(self.clock.now())
            )
        )

    async def declare(
        self, record: CalendarRecord, *, reason: str, by: Requester, request_id: str
    ) -> Declared | Refused | Throttled:
        """Add a closure, order, announcement or exception to the working calendar; it holds for every desk at once.

        It cancels nobody: `affected_by` lists who must be seen to. `by` is a `Clerk`; `reason` has 1 to 400 characters.
        Raises `InvalidInput` for an id used before or a rule that the calendar doesn't have, `NotFound` for a branch.
        """
        added = storable_record(record)
        if isinstance(added, BranchException):
            self.catalogue.branch(added.branch)
        outcome = await self._execute(self._requests.declare(added, reason=reason, by=by, request_id=request_id))
        assert isinstance(outcome, Declared | Refused | Throttled)
        return outcome

    async def calendar_entries(self) -> Sequence[CalendarEntry]:
        """What has been declared, first to last: each record with who, when and why."""
        return tuple(await self._book.calendar_entries(after=0))

    async def feed(self, *, after: FeedPosition = BEGINNING, limit: int = 1_000) -> FeedPage:
        """The log behind the position `after`, in one order.

        Entries are events of appointments, refused requests, calendar entries, registrations of persons, ids that were
        revealed, and maintenance (see `FeedEntry.what`). Pruned entries are left out.

        At most `limit` (1 to 10,000) entries. Store the position of the last entry that you have dealt with, and pass
        it as the next `after`: nothing is skipped, and nothing is returned twice. Raises `StoreUnreadable` for a
        position that the store has not reached. It was then put back to an earlier state: begin again from `BEGINNING`.

        A page ends before an entry that can't be decoded. If that entry is the next one, raises `StoreUnreadable` with
        its `position`: pass `FeedPosition(*error.position)` as `after` to go on behind it.
        """
        within_bounds("limit", limit, MOST_FEED_ENTRIES)
        return await self._book.feed(feed_position(after), limit=limit)

    async def explain(
        self, number: str | None = None, *, request_id: str | None = None, by: Requester
    ) -> tuple[Explanation, ...]:
        """Why: the decisions that made an appointment what it is, first to last, or the one about a request.

        Pass the one or the other; a refused request is found by its id. Each explanation names every rule that was
        evaluated, what it observed and allows; once the assertions of a decision are removed, only the broken rules.
        Raises `AppointmentNotFound` as `appointment` does, `NotFound` if the request isn't the actor's or has no
        answer, or if a version of the rulebook that decided is not among `rulebooks`.
        """
        if (number is None) is (request_id is None):
            raise InvalidInput("number, request_id", got="none or both", expected="one of them")
        if number is None:
            now = instant(self.clock.now())
            asked_for = request_id_to_find(request_id)
            return (await explain_request(self._book, self.rulebooks, asked_for, await self._actor(by), now),)
        asked = dict.fromkeys(event.request_id for event in await self.history(number, by=by) if event.request_id)
        answers = [await self._book.answer(request) for request in asked]
        return tuple(explanation_of(answer, self.rulebooks) for answer in answers if answer is not None)

    async def what_if(self, *, at: datetime | None = None) -> AsyncWhatIf:
        """The desk's verbs, decided without doing anything, now or `at` another instant.

        `plan = await desk.what_if()`, then `await plan.book(…)`.
        """
        moment = instant(self.clock.now() if at is None else at)
        return AsyncWhatIf(self._book, await self._configuration.now(), self._requests, moment)

    async def replay(self) -> Replay:
        """Evaluate the rules again on every decision in the store, each at its instant and under its version.

        Reads page by page; what is decided meanwhile may or may not be among them.
        """
        return await replay(self._book, self.rulebooks)

    async def verify(
        self,
        *,
        progress: Callable[[Verification], None] = lambda _: None,
        found: Callable[[BrokenInvariant], None] = lambda _: None,
        limit: int = 1_000,
    ) -> Verification:
        """Compare every part of the store with the others, and report everything that is broken; nothing is repaired.

        Reads page by page, while requests go on. `found` is called with each broken part, and `progress` after each
        page. The result keeps the first `limit` (1 to 1,000,000) of the broken parts.
        """
        within_bounds("limit", limit, MOST_BROKEN)
        return await verify(
            self._book, await self._configuration.now(), self.clock, progress=progress, found=found, limit=limit
        )

    async def expire_holds(self, *, limit: int = 100) -> int:
        """End at most `limit` (1 to 1,000) holds that have run out, and return how many.

        Booking and searching never wait for it: it only keeps the store tidy.
        """
        within_bounds("limit", limit, MOST_HOLDS)
        return await expire_holds(self._book, self.clock, self._configuration.latest_known, limit=limit)

    def _new_lock(self) -> AbstractAsyncContextManager[object]:
        return Lock()

    def _new_group_commit(self) -> AsyncGroupCommit[PendingRequest]:
        return AsyncGroupCommit(self._execute_batch)

    async def _actor(self, by: Requester) -> Actor:
        """The requester, by their subject. A person who is not registered has no appointments."""
        asks = requester(by)
        known = await self._book.applicants(persons_of(asks))
        return actor_of(asks, lambda person: known.get(person) or stranger(person))

    def _number(self, key: SlotKey) -> AppointmentNumber:
        return self._numbering.draw(self.catalogue.branch(key.branch).code)

    async def _execute(self, request: PendingRequest) -> Outcome | Throttled:
        await self._group_commit.serve(request)
        return request.result()

    async def _execute_batch(self, requests: Sequence[PendingRequest]) -> None:
        await execute(self._book, self.clock, self._configuration, self._throttle, requests)
