"""The parts that the verbs of a desk share: the configuration, the stored records, and the execution of requests."""

from __future__ import annotations

from asyncio import Lock
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from attrs import evolve

from traffic_booking.application import arguments
from traffic_booking.application.alternatives import nearest
from traffic_booking.application.async_group_commit import AsyncGroupCommit
from traffic_booking.application.live_configuration import AsyncLiveConfiguration
from traffic_booking.application.measuring import Measuring
from traffic_booking.application.parts import DeskParts, required
from traffic_booking.application.search_reads import AsyncSearchReads
from traffic_booking.application.throttling import RefusalThrottle
from traffic_booking.domain.appointments.numbers import AppointmentNumber, appointment_number
from traffic_booking.domain.audit.retention import Retention
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.errors import AppointmentNotFound, InvalidInput
from traffic_booking.domain.instants import instant
from traffic_booking.domain.number_input import bounded_number
from traffic_booking.domain.places.services import Service
from traffic_booking.domain.schedule.branch_calendars import BranchCalendars
from traffic_booking.domain.schedule.catalogue import Catalogue
from traffic_booking.domain.schedule.slots import SlotKey
from traffic_booking.domain.schedule.working_calendar import WorkingCalendar
from traffic_booking.domain.text_input import plain_text
from traffic_booking.domain.value_input import with_methods
from traffic_booking.persistence.contents import Installable
from traffic_booking.persistence.installed_parts import InstalledParts
from traffic_booking.persistence.seat_book import AsyncSeatBook
from traffic_booking.ports.async_store import AsyncStore
from traffic_booking.ports.clock import Clock
from traffic_booking.ports.numbering import Numbering
from traffic_booking.ports.ticket_codes import TicketCodes
from traffic_booking.ports.tickets import TicketRenderer

if TYPE_CHECKING:  # each verb imports what it alone needs, so that a host's first search is quick
    from traffic_booking.application.availability_index import AsyncAvailabilityIndex
    from traffic_booking.application.pending_requests import PendingRequest
    from traffic_booking.application.replicas import AsyncOldReads, AsyncReplicatedStore
    from traffic_booking.application.requests import Requests
    from traffic_booking.application.selecting import Selection
    from traffic_booking.domain.appointments.appointment import Appointment
    from traffic_booking.domain.appointments.appointment_list import AppointmentList
    from traffic_booking.domain.appointments.ticket_codes import TicketCode
    from traffic_booking.domain.decisions.outcomes import Refused, Throttled
    from traffic_booking.domain.people.actors import Actor, Requester
    from traffic_booking.domain.people.assertions import Assertions
    from traffic_booking.domain.people.identity import PersonId
    from traffic_booking.domain.searching.bit_index import BitIndex
    from traffic_booking.domain.searching.personal import PersonalSearch
    from traffic_booking.domain.signing.code_reading import ReadCode
    from traffic_booking.persistence.appointment_book import AsyncAppointmentBook
    from traffic_booking.persistence.installations import AsyncInstallations
    from traffic_booking.ports.async_replicas import AsyncReplica, AsyncReplicated

MOST_ALTERNATIVES: Final = 20

Granted = TypeVar("Granted")


class AsyncOffice:
    """The parts behind one desk and its rooms."""

    def __init__(self, parts: DeskParts[AsyncStore]) -> None:
        self.store = parts.store
        self.clock: Clock = required(parts, "clock")
        self.retention: Retention = required(parts, "retention")
        self.measuring = Measuring(parts.observer)
        self.measured_store = parts.store if parts.observer is None else self._measured(parts.store)
        self.replicated = None if parts.replica is None else self._replicated(parts)
        self.measured_store = self.replicated or self.measured_store
        calendar: WorkingCalendar = required(parts, "calendar")
        calendars = BranchCalendars(calendar)
        configuration = Configuration(required(parts, "catalogue"), required(parts, "rulebook"), calendars)
        given = Installable(configuration.rulebooks, configuration.catalogue, calendar)
        self.installed = InstalledParts(given, self.now, compared=not parts.read_only)
        self.seats = AsyncSeatBook(self.measured_store, parts.pseudonym_key)
        self.configuration = AsyncLiveConfiguration(self.seats, configuration, self._new_lock())
        self._old_configuration = AsyncLiveConfiguration(self.seats, configuration, self._new_lock())
        self.index = self._new_index() if parts.availability == "index" else None
        self.throttle = RefusalThrottle(self.retention.refusals_per_minute)
        self.group_commit = self._new_group_commit()
        self._numbering: Numbering = required(parts, "numbering")
        self._tickets: Mapping[str, TicketRenderer] = required(parts, "tickets")
        self.signer = parts.signer
        self._parts = parts

    def _measured(self, store: AsyncStore) -> AsyncStore:
        from traffic_booking.application.measured_store import AsyncMeasuredStore

        return AsyncMeasuredStore(store, self.measuring)

    def _replicated(self, parts: DeskParts[AsyncStore]) -> AsyncReplicatedStore:
        from traffic_booking.application.measured_store import AsyncMeasuredReplica
        from traffic_booking.application.replicas import AsyncReplicatedStore

        marked, replica = cast("AsyncReplicated", parts.store), cast("AsyncReplica", parts.replica)
        measured = replica if parts.observer is None else AsyncMeasuredReplica(replica, self.measuring)
        return AsyncReplicatedStore(self.measured_store, marked, measured, self._new_lock())

    def _new_index(self) -> AsyncAvailabilityIndex:
        from traffic_booking.application.availability_index import AsyncAvailabilityIndex
        from traffic_booking.persistence.seat_changes import AsyncSeatChanges

        return AsyncAvailabilityIndex(AsyncSeatChanges(self.measured_store), self.seats, self._new_lock())

    @cached_property  # two callers may make one each: they share the keys, and the rest is a cache
    def book(self) -> AsyncAppointmentBook:
        """The stored records."""
        from traffic_booking.persistence.appointment_book import AsyncAppointmentBook

        return AsyncAppointmentBook(self.measured_store, self.seats.keys)

    @cached_property
    def installations(self) -> AsyncInstallations:
        """The installations of the store."""
        from traffic_booking.persistence.installations import AsyncInstallations

        return AsyncInstallations(self.measured_store)

    @cached_property
    def requests(self) -> Requests:
        """The requests, made from the arguments of verbs."""
        from traffic_booking.application.requests import Requests

        return Requests(self._number, self.catalogue.steps_of)

    @cached_property
    def selection(self) -> Selection:
        """The branches of searches."""
        from traffic_booking.application.selecting import Selection

        return Selection(self.catalogue)

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue of the desk."""
        return self.configuration.latest_known.catalogue

    def now(self) -> datetime:
        """The present instant (UTC)."""
        return instant(self.clock.now())

    def reads(self, now: datetime) -> AsyncSearchReads:
        """The reads of a search at `now`: from the store, or its replica while that is young enough."""
        if self.replicated is None:
            return AsyncSearchReads(self.seats, self.configuration, now)
        return self._old_reads(self.replicated, now)

    def _old_reads(self, replicated: AsyncReplicatedStore, now: datetime) -> AsyncOldReads:
        from traffic_booking.application.replicas import AsyncOldReads

        return AsyncOldReads(replicated, self.seats, self._old_configuration, now)

    async def searched(self, reads: AsyncSearchReads, now: datetime) -> tuple[Configuration, BitIndex | None]:
        """The configuration of a search, and the index that it may read instead of the store.

        While the index is young enough, nothing is read: its calendar is as old as itself.
        """
        if self.index is None:
            return await reads.configuration(), None
        index = self.index.latest(now)
        if index is not None:
            return index.configuration, index
        configuration = await self.configuration.now()
        return configuration, await self.index.current(configuration, now)

    async def close(self) -> None:
        """Close the store once the batches under way are finished."""
        await self.group_commit.close()
        if self.index is not None:
            self.index.close()
        await (self.replicated or self.store).close()

    async def actor(self, by: Requester) -> Actor:
        """The requester, by their subject. A person who is not registered has no appointments."""
        from traffic_booking.domain.people.actors import actor_of, persons_of, requester
        from traffic_booking.domain.people.applicants import stranger

        checked = requester(by)
        known = await self.book.applicants(persons_of(checked))
        return actor_of(checked, lambda person: known.get(person) or stranger(person))

    async def appointments(
        self, person: PersonId, limit: int, services: Sequence[Service] | None = None
    ) -> AppointmentList:
        """A person's latest appointments, or those for some services, each with its `lost_slot`.

        The store is read for a person who has none in the replica, or one that this desk has just written.
        """
        from traffic_booking.domain.appointments.appointment_list import arrange

        now = self.now()
        reads: AsyncSearchReads | None = None
        found: list[Appointment] = []
        if self.replicated is not None:
            await self.book.open_persons()  # never under a key that the replica alone has
            reads = old = self._old_reads(self.replicated, now)
            found = await old.appointments_of(person, limit)
        if reads is None or not found:
            reads = AsyncSearchReads(self.seats, self.configuration, now)
            found = await self.book.appointments_of(person, limit=limit)
        if services is not None:
            wanted = {service.id for service in services}
            found = [each for each in found if each.slot.service in wanted]
        configuration = await reads.configuration()
        return arrange([configuration.as_read(each, now) for each in found], now, reads.as_of)

    async def appointment(self, number: str, by: Requester) -> Appointment:
        """An appointment in its present state, with its `lost_slot`.

        Raises `AppointmentNotFound` if the requester may not see it.
        """
        from traffic_booking.domain.people.actors import may_see

        checked, actor = appointment_number(number), await self.actor(by)
        found, now = await self.book.appointment(checked), self.now()
        if found is None or not may_see(actor, found.applicant, found.slot.service, found.slot.branch, at=now):
            raise AppointmentNotFound(checked)
        return (await self.configuration.now()).as_read(found, now)

    async def personal_search(
        self,
        configuration: Configuration,
        moved: Appointment | None,
        applicant: PersonId | None,
        by: Requester | None,
        assertions: Assertions | None,
        now: datetime,
    ) -> PersonalSearch | None:
        """The rules about a person for a search: of the move of an appointment, or of a booking; None for neither."""
        if moved is None and applicant is None:
            if by is not None or assertions is not None:
                raise InvalidInput("applicant", got="none", expected="a person, whose slots `by` searches")
            return None
        from traffic_booking.application.personal_facts import to_book, to_move
        from traffic_booking.application.selecting import mover

        if moved is not None:
            if by is not None and applicant is not None:
                known = await self.book.applicants([arguments.person(applicant)])
                if known.get(applicant) != moved.applicant:
                    raise AppointmentNotFound(moved.number)
            return await to_move(self.book, configuration, moved, mover(by, applicant), assertions, now)
        assert applicant is not None, "there is one of the two"
        return await to_book(self.book, configuration, applicant, by, assertions, now)

    async def execute(
        self, request: PendingRequest, granted: type[Granted], *, alternatives: int = 0
    ) -> Granted | Refused | Throttled:
        """The outcome of `request`: `granted`, or a refusal, for want of a seat with the nearest free slots."""
        from traffic_booking.domain.decisions.outcomes import Refused, Throttled

        bounded_number(alternatives, "alternatives", least=0, greatest=MOST_ALTERNATIVES)
        begun = self.measuring.begin()
        try:
            await self.group_commit.submit(request)
            outcome = request.result()
        except BaseException as error:
            self.measuring.failed(granted, request, begun, error)
            raise
        self.measuring.decided(granted, request, outcome, begun)
        if isinstance(outcome, Refused) and alternatives:
            return await self._with_alternatives(outcome, request, alternatives)
        if isinstance(outcome, Refused | Throttled):
            return outcome
        assert isinstance(outcome, granted), "a command has its own kind of outcome"
        return outcome

    async def _with_alternatives(self, refused: Refused, request: PendingRequest, wanted: int) -> Refused:
        from traffic_booking.application.batch import SEATS_RULE
        from traffic_booking.domain.people.actors import Clerk

        if all(verdict.rule_id != SEATS_RULE for verdict in refused.verdicts):
            return refused
        (asked,), number, by = request.query.slots, request.query.number, request.by
        moved, now = None if number is None else await self.book.appointment(number), self.now()
        reads = self.reads(now)
        found = await nearest(
            reads.seats,
            await reads.configuration(),
            asked,
            wanted,
            now,
            without=None if moved is None else moved.slot,  # it has this one already
            branches=by.branches if isinstance(by, Clerk) else None,
        )
        return evolve(refused, alternatives=tuple(evolve(each, as_of=reads.as_of) for each in found))

    async def execute_batch(self, requests: Sequence[PendingRequest]) -> None:
        """Execute requests that wait together."""
        from traffic_booking.application.batch_execution import execute

        begun = self.measuring.begin()
        await execute(self.book, self.clock, self.configuration, self.throttle, requests)
        self.measuring.executed(requests, begun)

    async def overwrite_removed(self, texts: Collection[str]) -> bool:
        """Have the store overwrite the bytes of removed records, which had these texts.

        False if some may be left, or if the store can't say.
        """
        overwrite = getattr(self.store, "overwrite_removed", None)
        return overwrite is not None and await overwrite(texts) is True

    def ticket_renderer(self, form: Any) -> TicketRenderer:
        """The renderer of a form of ticket. Raises `InvalidInput` for a form that the desk doesn't have."""
        name = plain_text(form, "form")
        if name not in self._tickets:  # the names of all forms are looked up only now
            name = arguments.one_of(name, "form", sorted(self._tickets))
        return with_methods(self._tickets[name], "tickets", "render")

    @property
    def codes(self) -> TicketCodes:
        """The codes of tickets. Raises `InvalidInput` if the desk was opened without them."""
        codes: TicketCodes = required(self._parts, "codes")
        return codes

    def ticket_code(self, appointment: Appointment) -> TicketCode:
        """The code of an appointment's ticket: signed if the desk has a signer and the appointment is due."""
        from traffic_booking.domain.appointments.states import DUE
        from traffic_booking.domain.appointments.ticket_codes import TicketCode, claims_of

        if self.signer is None or appointment.state not in DUE:
            return TicketCode(appointment.number, signed=False)
        branch = self.catalogue.branch(appointment.slot.branch)
        return self.codes.write(claims_of(appointment, branch.code), self.signer)

    def read_code(self, text: str) -> ReadCode:
        """The result of reading a scanned or typed text, under the public keys of the desk's signer."""
        return self.codes.read(text, () if self.signer is None else self.signer.public_keys)

    def _number(self, key: SlotKey) -> AppointmentNumber:
        return self._numbering.draw(self.catalogue.branch(key.branch).code)

    def _new_lock(self) -> AbstractAsyncContextManager[object]:
        return Lock()

    def _new_group_commit(self) -> AsyncGroupCommit[PendingRequest]:
        return AsyncGroupCommit(self.execute_batch)
