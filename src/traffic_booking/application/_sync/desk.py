"""The booking desk: one verb of the trade per use case, over any store.

Over 400 lines: it has every verb of the public face. Each verb takes a few lines, and most lines document it.

Made from `traffic_booking.application.desk` by `python -m tools.check_sync --write`: change that.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from traffic_booking.application import arguments
from traffic_booking.application._sync.month_views import month
from traffic_booking.application._sync.office import Office
from traffic_booking.application._sync.searching import find_page, open_page
from traffic_booking.application.forking import load_before_forks
from traffic_booking.application.parts import DeskParts, parts_of
from traffic_booking.application.selecting import earlier_than, mover, places_of, question_of, service_to_search
from traffic_booking.domain.appointments.numbers import appointment_number
from traffic_booking.domain.audit.feed import BEGINNING, FeedPosition
from traffic_booking.domain.errors import InvalidInput, NotFound
from traffic_booking.domain.instants import instant
from traffic_booking.domain.places.geography import Coordinates
from traffic_booking.domain.rules.rulebook import Rulebook, Rulebooks
from traffic_booking.domain.schedule.catalogue import Catalogue
from traffic_booking.domain.schedule.day_availability import DayAvailability
from traffic_booking.domain.searching.slot_page import SlotPage
from traffic_booking.ports.clock import Clock
from traffic_booking.ports.store import Store

if TYPE_CHECKING:  # each verb imports what it alone needs, so that a host's first search is quick
    from traffic_booking.application._sync.audit_room import AuditRoom
    from traffic_booking.application._sync.calendar_room import CalendarRoom
    from traffic_booking.application._sync.gate_room import GateRoom
    from traffic_booking.application._sync.maintenance_room import MaintenanceRoom
    from traffic_booking.application._sync.what_if import WhatIf
    from traffic_booking.application.any_slot import AnySlot
    from traffic_booking.application.arguments import CalendarName
    from traffic_booking.application.health import Health
    from traffic_booking.application.selecting import Names, SlotOrderName
    from traffic_booking.domain.appointments.appointment import Appointment
    from traffic_booking.domain.appointments.appointment_list import AppointmentList
    from traffic_booking.domain.appointments.documents import Document
    from traffic_booking.domain.appointments.tickets import TicketLanguage
    from traffic_booking.domain.audit.explanations import Explanation
    from traffic_booking.domain.audit.feed_page import FeedPage
    from traffic_booking.domain.calendars.day import Day
    from traffic_booking.domain.calendars.hijri import HijriDate
    from traffic_booking.domain.decisions.outcomes import (
        Booked,
        Cancelled,
        Held,
        MayCancel,
        Moved,
        Refused,
        Throttled,
    )
    from traffic_booking.domain.people.actors import Auditor, Requester
    from traffic_booking.domain.people.assertions import Assertions
    from traffic_booking.domain.people.identity import PersonId
    from traffic_booking.domain.schedule.timetables import Weekday

MOST_SLOTS: Final = 500
MOST_APPOINTMENTS: Final = 1_000
MOST_FEED_ENTRIES: Final = 10_000

load_before_forks(__name__.rpartition(".")[0])


class Desk:
    """Appointments at the branches of one catalogue, under the versions of one rulebook, kept in one store.

    Many threads, or tasks of one event loop, may use it at once. Outcomes are values. Every verb raises `InvalidInput`
    for a malformed argument, and `StoreError` if the store doesn't answer; its docstring lists further errors.

    A verb that changes something takes a `request_id`. If the same request is sent again, it gets the same answer, and
    nothing happens twice. That holds until `maintenance.prune` removes the answer. `Throttled` is no answer: after it
    the same request is decided like a new one. `by` is the person who acts, the applicant if left out; the host vouches
    for it. Text forms of numbers and ids are checked before anything else.
    """

    def __init__(self, parts: DeskParts[Store]) -> None:
        self._office = self._new_office(parts_of(parts))

    def _new_office(self, parts: DeskParts[Store]) -> Office:
        return Office(parts)

    @cached_property  # two callers may make one each: a room has no state of its own
    def calendar(self) -> CalendarRoom:
        """The working days of branches, and the records that change them, such as `working_day` and `declare`."""
        from traffic_booking.application._sync.calendar_room import CalendarRoom

        return CalendarRoom(self._office)

    @cached_property  # two callers may make one each: a room has no state of its own
    def gate(self) -> GateRoom:
        """The verbs of the staff at a branch: `appointments_of_day`, `check_in`."""
        from traffic_booking.application._sync.gate_room import GateRoom

        return GateRoom(self._office)

    @cached_property  # two callers may make one each: a room has no state of its own
    def audit(self) -> AuditRoom:
        """The verbs of auditors, such as `refusals`, `clerk_log`, `person_log`, `verify`."""
        from traffic_booking.application._sync.audit_room import AuditRoom

        return AuditRoom(self._office)

    @cached_property  # two callers may make one each: a room has no state of its own
    def maintenance(self) -> MaintenanceRoom:
        """Upkeep of the store: `expire_holds`, `prune`, `erase`, `rekey`."""
        from traffic_booking.application._sync.maintenance_room import MaintenanceRoom

        return MaintenanceRoom(self._office)

    @property
    def store(self) -> Store:
        """The store of the desk."""
        return self._office.store

    @property
    def clock(self) -> Clock:
        """The clock of the desk."""
        return self._office.clock

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue of the desk."""
        return self._office.catalogue

    @property
    def rulebook(self) -> Rulebook:
        """The version of the rulebook that is in force now. Raises `InvalidInput` if none is."""
        return self._office.configuration.latest_known.rulebook(self._office.now())

    @property
    def rulebooks(self) -> Rulebooks:
        """All versions of the rulebook, each with its time."""
        return self._office.configuration.latest_known.rulebooks

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def check_key(self) -> None:
        """Compare the pseudonym key with the store's, and the desk's parts with the installed ones, as `open` does.

        The parts are the rulebook, the catalogue and the calendar. The first desk on an empty store installs its own; a
        desk that only reads may have others. A replica that answers is compared with the store too. Verbs compare the
        key alone.

        Raises:
            InvalidInput: The store's ids are written with another key, or the replica is of another store.
            NotInstalled: The store has other parts.
        """
        self._office.seats.open_installed(self._office.installed)
        if self._office.replicated is not None:
            self._office.replicated.check()

    def close(self) -> None:
        """Close the store once the batches under way are finished. Closing twice is fine."""
        self._office.close()

    def find_slots(
        self,
        *,
        service: Names | None = None,
        branch: Names | None = None,
        governorate: Names | None = None,
        region: Names | None = None,
        near: Coordinates | None = None,
        within_km: float | None = None,
        from_: Day | HijriDate | date | None = None,
        until: Day | HijriDate | date | None = None,
        day: Day | HijriDate | date | None = None,
        weekdays: Iterable[Weekday] | Weekday | None = None,
        between: tuple[time, time] | None = None,
        seats: int = 1,
        adjacent: int = 1,
        each_branch: bool = False,
        applicant: PersonId | None = None,
        by: Requester | None = None,
        assertions: Assertions | None = None,
        moving: str | None = None,
        earlier_only: bool = False,
        order: SlotOrderName = "earliest",
        limit: int = 20,
        after: str | None = None,
    ) -> SlotPage:
        """Return slots with a free seat that may be booked now, at most `limit` (1 to 500), in `order`.

        All arguments may be combined. Slots beyond the booking horizon, within the notice, or suspended are left out.
        The cost is O(branches + results · log(branches)) for each stretch of days, from one day on, until the page is
        full: a search that finds little reads the seats of all days up to the horizon. An index spares that.
        Example: `desk.find_slots(service="licence-renewal", governorate="riyadh", limit=5)`.

        Args:
            service: One id or several, as `branch`, `governorate` and `region`. With `moving` it may be left out.
            near: Adds distances, and puts the nearer branch first at the same instant. `within_km` needs it.
            from_: The first start (inclusive): an instant, or a day of either calendar, which begins at midnight in the
                time zone of each branch. `until` is exclusive.
            day: This day alone, without `from_` and `until`.
            weekdays: Those of the civil day at the branch.
            between: The slot starts at or after the first time and before the second, on the clock of the branch. The
                span is past midnight if the second is not later.
            seats: The least number of free seats in the slot, 1 to 500.
            adjacent: So many slots in a row without a gap, 1 to 20; `AvailableSlot.following` has the later ones.
            each_branch: The first slot at each branch alone.
            applicant: Only slots that `book` would grant this person, who agrees to the instructions; `by` acts for
                them, and `assertions` are the host's, as in `book`. `SlotPage.refused` has the reasons for an empty
                page. For a row, the rules about the person are evaluated for its first slot.
            moving: The number of an appointment: only slots to which `move` would take it. Its own seat counts as free.
                It needs `applicant` or `by`. `earlier_only` leaves out slots that are not before its present one.
            order: "earliest"; "nearest" (to `near`); or "balanced": by start, as if a branch were a day later for each
                100 kilometres of its distance.
            after: The `next` of a page: returns the slots behind it, if the other arguments are the same (`limit` may
                differ). Others may book meanwhile: no slot is returned twice, and none is passed over.

        Raises:
            AppointmentNotFound: There is no appointment `moving`, or it isn't the actor's or the applicant's.
            NotFound: A service, branch, governorate or region is unknown.
        """
        office, now = self._office, self._office.now()
        arguments.within_bounds("limit", limit, MOST_SLOTS)
        moved = None if moving is None else office.appointment(moving, mover(by, applicant))
        question = question_of(
            office.selection,
            service=service_to_search(service, moved),
            branch=branch,
            governorate=governorate,
            region=region,
            near=near,
            within_km=within_km,
            bounds=arguments.bounds(from_, until, day),
            earlier_than=earlier_than(moved, earlier_only),
            weekdays=weekdays,
            between=between,
            seats=seats,
            adjacent=adjacent,
            each_branch=each_branch,
            order=order,
        )
        begun = office.measuring.begin()
        reads = office.reads(now)
        configuration, index = office.searched(reads, now)
        personal = office.personal_search(configuration, moved, applicant, by, assertions, now)
        page = open_page(question, configuration, personal, now, limit, after)
        found = find_page(reads, configuration, page, index)
        office.measuring.searched("find_slots", len(found), begun)
        return found

    def month_view(
        self,
        *,
        service: Names,
        branch: Names | None = None,
        governorate: Names | None = None,
        region: Names | None = None,
        near: Coordinates | None = None,
        within_km: float | None = None,
        year: int,
        month_of_year: int,
        calendar: CalendarName = "gregorian",
    ) -> tuple[DayAvailability, ...]:
        """Return each day of a month of either calendar: its state, its seats that can be booked, and the free ones.

        Places as in `find_slots`; over several branches or services, seats are added up. The seats of all of them are
        read at once. The cost is O(branches * services * days), at most 200,000 of them in one view.
        Example: `desk.month_view(service="licence-renewal", branch="riyadh-traffic", year=2026, month_of_year=3)`

        Raises:
            NotFound: A service, branch, governorate or region is unknown.
        """
        days, now = arguments.days_of_month(year, month_of_year, calendar), self._office.now()
        places = places_of(
            self._office.catalogue,
            service,
            days=len(days),
            branch=branch,
            governorate=governorate,
            region=region,
            near=near,
            within_km=within_km,
        )
        begun = self._office.measuring.begin()
        found = month(self._office.reads(now), places, days, now)
        self._office.measuring.searched("month_view", len(found), begun)
        return found

    def hold(
        self,
        slot: AnySlot,
        *,
        applicant: PersonId,
        request_id: str,
        by: Requester | None = None,
        moving: str | None = None,
        assertions: Assertions | None = None,
        alternatives: int = 0,
    ) -> Held | Refused | Throttled:
        """Keep a seat for a few minutes; `book` makes it an appointment.

        `moving` is the number of the applicant's appointment that is to be moved there. The hold is granted beside it
        if the move would be, and only `move` uses it. A hold of the applicant's for another time of the service is
        given back in the same step. `assertions` is what the host vouches for, if the service needs it. If the slot has
        no free seat, the refusal carries at most `alternatives` (0 to 20) free slots: those of the same branch within
        7 days first, the nearest in time first.
        Example: `desk.hold(slot, applicant=me, request_id=id)`.

        Raises:
            NotFound: The branch or the service of the slot is unknown.
            RequestMismatch: `request_id` was used for another request.
        """
        from traffic_booking.domain.decisions.outcomes import Held

        request = self._office.requests.hold(
            slot, applicant=applicant, request_id=request_id, by=by, moving=moving, assertions=assertions
        )
        return self._office.execute(request, Held, alternatives=alternatives)

    def book(
        self,
        slot: AnySlot,
        *,
        applicant: PersonId,
        agreed: bool | str,
        request_id: str,
        by: Requester | None = None,
        assertions: Assertions | None = None,
        alternatives: int = 0,
    ) -> Booked | Refused | Throttled:
        """Book a slot, or the hold that the applicant has on it.

        `agreed`: the applicant agrees to the service's instructions, in the version in force (True) or in the named
        version that they have read. `assertions` and `alternatives` as in `hold`.
        Example: `desk.book(slot, applicant=me, agreed=True, request_id=id)`.

        Raises:
            NotFound: The branch or the service of the slot is unknown.
            RequestMismatch: `request_id` was used for another request.
        """
        from traffic_booking.domain.decisions.outcomes import Booked

        request = self._office.requests.book(
            slot, applicant=applicant, agreed=agreed, request_id=request_id, by=by, assertions=assertions
        )
        return self._office.execute(request, Booked, alternatives=alternatives)

    def cancel(self, number: str, *, by: Requester, request_id: str) -> Cancelled | Refused | Throttled:
        """Cancel an appointment, or give a hold back; the seat is free at once.

        An unknown number and another person's number are refused alike.
        Example: `desk.cancel(number, by=me, request_id=id)`.

        Raises:
            RequestMismatch: `request_id` was used for another request.
        """
        from traffic_booking.domain.decisions.outcomes import Cancelled

        return self._office.execute(self._office.requests.cancel(number, by=by, request_id=request_id), Cancelled)

    def may_cancel(self, number: str, *, by: Requester) -> MayCancel:
        """Return whether `cancel` would be granted now, the rules that refuse it, and the cut-off; change nothing.

        An unknown number and another person's number get the same result.
        Example: `desk.may_cancel(number, by=me)`.

        Raises:
            InvalidInput: An argument is malformed.
        """
        from traffic_booking.domain.decisions.cancelling import may_cancel

        appointment = self._office.book.appointment(appointment_number(number))
        configuration, actor = self._office.configuration.now(), self._office.actor(by)
        return may_cancel(configuration, actor, appointment, self._office.now())

    def move(
        self,
        number: str,
        slot: AnySlot,
        *,
        by: Requester,
        request_id: str,
        agreed: bool | str = False,
        assertions: Assertions | None = None,
        alternatives: int = 0,
    ) -> Moved | Refused | Throttled:
        """Give an appointment another slot for the same service, at any branch; it keeps its number.

        The old seat is given back and the new one taken in one step, or neither. An unknown number and another person's
        number are refused alike. `agreed`, `assertions` and `alternatives` as in `book`; the agreement of the booking
        counts as long as the instructions are the same. Example: `desk.move(number, slot, by=me, request_id=id)`.

        Raises:
            NotFound: The branch or the service of the slot is unknown.
            RequestMismatch: `request_id` was used for another request.
        """
        from traffic_booking.domain.decisions.outcomes import Moved

        request = self._office.requests.move(
            number, slot, by=by, request_id=request_id, agreed=agreed, assertions=assertions
        )
        return self._office.execute(request, Moved, alternatives=alternatives)

    def appointments(self, applicant: PersonId, *, group: str | None = None, limit: int = 200) -> AppointmentList:
        """Return a person's latest `limit` (1 to 1,000) appointments: upcoming, held, past, cancelled and expired.

        An appointment has a `lost_slot` if its day was closed since, or the hours moved.
        `group` keeps services in that group of the catalogue or below it. Example: `desk.appointments(me)`.

        Raises:
            NotFound: The group is unknown.
        """
        arguments.within_bounds("limit", limit, MOST_APPOINTMENTS)
        services = None if group is None else self._office.catalogue.services_for(group=group)
        return self._office.appointments(arguments.person(applicant), limit, services)

    def appointment(self, number: str, *, by: Requester) -> Appointment:
        """Return an appointment in its present state, with its `lost_slot` if the day was closed or the hours moved.

        Example: `desk.appointment(number, by=me)`.

        Raises:
            AppointmentNotFound: There is none of that number, or it isn't the actor's.
        """
        return self._office.appointment(number, by)

    def ticket(
        self,
        number: str,
        *,
        by: Requester,
        form: str = "text",
        language: TicketLanguage = "ar",
        printed_name: str = "",
    ) -> Document:
        """Return the printable ticket of an appointment, or the proof that it was cancelled: `pdf`, `html` or `text`.

        Further forms are `ics`, a calendar file, and `qr-png` and `qr-svg`, the code alone; a cancellation has no code.
        `printed_name` is the applicant's name as the ticket shows it, at most 500 characters; it is never stored.
        `str(document)` is the text of a textual form, `document.content` the bytes to send or to write. After an
        erasure it has "erased" instead of the id. Its code is signed if the desk has a `signer`. The same appointment
        gives the same bytes.
        Example: `desk.ticket(number, by=me, form="pdf", language="both", printed_name=name)`.

        Raises:
            AppointmentNotFound: There is none of that number, or it isn't the actor's.
            InvalidInput: Nothing is booked yet (a hold), the cancelled one has no code, or the desk lacks that form or
                language.
            MissingExtra: The form needs a package that is not installed.
            NotFound: The branch or the service has left the catalogue.
        """
        from traffic_booking.domain.appointments.states import AppointmentState
        from traffic_booking.domain.appointments.tickets import printed_name as checked_name
        from traffic_booking.domain.appointments.tickets import ticket_languages, ticket_of
        from traffic_booking.domain.decisions.cancelling import ticket_limits

        renderer, name = self._office.ticket_renderer(form), checked_name(printed_name)
        ticket_languages(language)  # any other language is an error
        appointment = self.appointment(number, by=by)
        if appointment.state in {AppointmentState.HELD, AppointmentState.EXPIRED}:
            held = appointment.state is AppointmentState.HELD
            got = "one that is held, not booked" if held else "a hold that has expired"
            raise InvalidInput("appointment", got=got, expected="one that is booked")
        person = self._office.book.person_of(appointment.applicant.subject)
        limits = ticket_limits(self._office.configuration.now(), appointment, self._office.now())
        code = self._office.ticket_code(appointment)
        ticket = ticket_of(self._office.catalogue, appointment, person, printed_name=name, code=code, limits=limits)
        return renderer.render(ticket, language)

    def person_of(self, subject: str, *, by: Requester) -> PersonId:
        """Return the id behind the subject of an applicant, for a host that sends messages.

        `by` is a `Clerk` of all branches, or `System`. Each use is written to the log.
        Example: `desk.person_of(appointment.applicant.subject, by=System())`.

        Raises:
            NotFound: Nobody has that subject, or the person was erased.
        """
        from traffic_booking.domain.appointments.events import PersonRevealed
        from traffic_booking.domain.people.actors import staff
        from traffic_booking.domain.people.applicants import subject as checked_subject

        actor, checked = staff(by), checked_subject(subject)
        found = self._office.book.person_of(checked)
        if found is None:
            raise NotFound("person", checked, reason="erased, or never registered")
        self._office.book.log_reveal(PersonRevealed(subject=checked, at=self._office.now(), actor=actor))
        return found

    def feed(self, *, after: FeedPosition = BEGINNING, limit: int = 1_000) -> FeedPage:
        """Return the log behind the position `after`, in one order, at most `limit` (1 to 10,000) entries.

        Entries are events of appointments, refused requests, calendar entries, registrations of persons, ids that were
        revealed, and maintenance (see `FeedEntry.what`). Pruned entries are left out. Store the position of the last
        entry that you have processed, and pass it as the next `after`: nothing is skipped, and nothing is returned
        twice. A page ends before an entry that can't be decoded. Example: `desk.feed(after=position)`.

        Raises:
            StoreUnreadable: The store has not reached that position, as it was restored to an earlier state: begin
                again from `BEGINNING`. Or the next entry can't be decoded: pass `FeedPosition(*error.position)` as
                `after` to go on behind it.
        """
        arguments.within_bounds("limit", limit, MOST_FEED_ENTRIES)
        begun = self._office.measuring.begin()
        page = self._office.book.feed(arguments.feed_position(after), limit=limit)
        self._office.measuring.fed(page, limit, self._office.now(), begun)
        return page

    def health(self) -> Health:
        """Return whether the desk can serve now: its store, clock, rulebook, calendar, catalogue and line of requests.

        Reads a little from the store. Truthy if everything is fine; a store that is down is reported, not raised.
        Example: `if not (health := desk.health()): print(health.text("en"))`.
        """
        from traffic_booking.application._sync.health_check import health

        return health(self._office)

    def explain(
        self, number: str | None = None, *, request_id: str | None = None, by: Requester | Auditor
    ) -> tuple[Explanation, ...]:
        """Explain the decisions about an appointment, first to last, or the one about a request, refused or not.

        To a delegate it explains no booking, hold or move that somebody else asked for.
        Each explanation names every rule that was evaluated, what it observed and allows. Once the assertions of a
        decision are removed, it names only the broken rules. An `Auditor` gets all decisions, and the log has the
        question. Example: `desk.explain(request_id=id, by=me)`.

        Raises:
            AppointmentNotFound: There is none of that number, or it isn't the actor's.
            InvalidInput: Neither a number nor a request id is given, or both are.
            NotFound: The request isn't the actor's or has no answer, or the version that decided was never installed.
        """
        from traffic_booking.application._sync.explaining import Explaining
        from traffic_booking.application._sync.inquiring import reading_as
        from traffic_booking.domain.inquiries.inquiry import AuditQuestion
        from traffic_booking.domain.text_input import request_id_to_find

        if (number is None) is (request_id is None):
            raise InvalidInput("number, request_id", got="none or both", expected="one of them")
        about = (
            {"request": request_id_to_find(request_id)} if number is None else {"number": appointment_number(number)}
        )
        who = reading_as(self._office, by, AuditQuestion.EXPLANATION, **about)
        office = self._office
        explaining = Explaining(office.book, office.installations, self.rulebooks, office.now())
        actor = office.actor(who)
        if number is None:
            return explaining.request(request_id_to_find(request_id), actor)
        return explaining.history(self.audit.history(number, by=who), actor)

    def what_if(self, *, at: datetime | None = None) -> WhatIf:
        """Return the desk's verbs, decided without doing anything, now or `at` another instant.

        Example: `plan = desk.what_if()`, then `plan.book(slot, applicant=me, agreed=True)`.

        Raises:
            InvalidInput: `at` is no instant.
        """
        from traffic_booking.application._sync.what_if import WhatIf

        now = instant(self._office.clock.now())
        moment = now if at is None else instant(at)
        configuration = self._office.configuration.now()
        return WhatIf(self._office.book, configuration, self._office.requests, moment, now)
