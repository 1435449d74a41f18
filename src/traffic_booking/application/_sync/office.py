"""The parts that the verbs of a desk share: the configuration, the stored records, and the execution of requests.

Made from `traffic_booking.application.office` by `python -m tools.check_sync --write`: change that.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from attrs import evolve

from traffic_booking.application import arguments
from traffic_booking.application._sync.alternatives import nearest
from traffic_booking.application._sync.live_configuration import LiveConfiguration
from traffic_booking.application._sync.search_reads import SearchReads
from traffic_booking.application.group_commit import GroupCommit
from traffic_booking.application.measuring import Measuring
from traffic_booking.application.parts import DeskParts, required
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
from traffic_booking.persistence._sync.seat_book import SeatBook
from traffic_booking.persistence.contents import Installable
from traffic_booking.persistence.installed_parts import InstalledParts
from traffic_booking.ports.clock import Clock
from traffic_booking.ports.numbering import Numbering
from traffic_booking.ports.store import Store
from traffic_booking.ports.ticket_codes import TicketCodes
from traffic_booking.ports.tickets import TicketRenderer

if TYPE_CHECKING:  # each verb imports what it alone needs, so that a host's first search is quick
    from traffic_booking.application._sync.availability_index import AvailabilityIndex
    from traffic_booking.application._sync.replicas import OldReads, ReplicatedStore
    from traffic_booking.application.pending_requests import PendingRequest
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
    from traffic_booking.persistence._sync.appointment_book import AppointmentBook
    from traffic_booking.persistence._sync.installations import Installations
    from traffic_booking.ports.replicas import Replica, Replicated

MOST_ALTERNATIVES: Final = 20

Granted = TypeVar("Granted")


class Office:
    """The parts behind one desk and its rooms."""

    def __init__(self, parts: DeskParts[Store]) -> None:
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
        self.seats = SeatBook(self.measured_store, parts.pseudonym_key)
        self.configuration = LiveConfiguration(self.seats, configuration, self._new_lock())
        self._old_configuration = LiveConfiguration(self.seats, configuration, self._new_lock())
        self.index = self._new_index() if parts.availability == "index" else None
        self.throttle = RefusalThrottle(self.retention.refusals_per_minute)
        self.group_commit = self._new_group_commit()
        self._numbering: Numbering = required(parts, "numbering")
        self._tickets: Mapping[str, TicketRenderer] = required(parts, "tickets")
        self.signer = parts.signer
        self._parts = parts

    def _measured(self, store: Store) -> Store:
        from traffic_booking.application._sync.measured_store import MeasuredStore

        return MeasuredStore(store, self.measuring)

    def _replicated(self, parts: DeskParts[Store]) -> ReplicatedStore:
        from traffic_booking.application._sync.measured_store import MeasuredReplica
        from traffic_booking.application._sync.replicas import ReplicatedStore

        marked, replica = cast("Replicated", parts.store), cast("Replica", parts.replica)
        measured = replica if parts.observer is None else MeasuredReplica(replica, self.measuring)
        return ReplicatedStore(self.measured_store, marked, measured, self._new_lock())

    def _new_index(self) -> AvailabilityIndex:
        from traffic_booking.application._sync.availability_index import AvailabilityIndex
        from traffic_booking.persistence._sync.seat_changes import SeatChanges

        return AvailabilityIndex(SeatChanges(self.measured_store), self.seats, self._new_lock())

    @cached_property  # two callers may make one each: they share the keys, and the rest is a cache
    def book(self) -> AppointmentBook:
        """The stored records."""
        from traffic_booking.persistence._sync.appointment_book import AppointmentBook

        return AppointmentBook(self.measured_store, self.seats.keys)

    @cached_property
    def installations(self) -> Installations:
        """The installations of the store."""
        from traffic_booking.persistence._sync.installations import Installations

        return Installations(self.measured_store)

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

    def reads(self, now: datetime) -> SearchReads:
        """The reads of a search at `now`: from the store, or its replica while that is young enough."""
        if self.replicated is None:
            return SearchReads(self.seats, self.configuration, now)
        return self._old_reads(self.replicated, now)

    def _old_reads(self, replicated: ReplicatedStore, now: datetime) -> OldReads:
        from traffic_booking.application._sync.replicas import OldReads

        return OldReads(replicated, self.seats, self._old_configuration, now)

    def searched(self, reads: SearchReads, now: datetime) -> tuple[Configuration, BitIndex | None]:
        """The configuration of a search, and the index that it may read instead of the store.

        While the index is young enough, nothing is read: its calendar is as old as itself.
        """
        if self.index is None:
            return reads.configuration(), None
        index = self.index.latest(now)
        if index is not None:
            return index.configuration, index
        configuration = self.configuration.now()
        return configuration, self.index.current(configuration, now)

    def close(self) -> None:
        """Close the store once the batches under way are finished."""
        self.group_commit.close()
        if self.index is not None:
            self.index.close()
        (self.replicated or self.store).close()

    def actor(self, by: Requester) -> Actor:
        """The requester, by their subject. A person who is not registered has no appointments."""
        from traffic_booking.domain.people.actors import actor_of, persons_of, requester
        from traffic_booking.domain.people.applicants import stranger

        checked = requester(by)
        known = self.book.applicants(persons_of(checked))
        return actor_of(checked, lambda person: known.get(person) or stranger(person))

    def appointments(self, person: PersonId, limit: int, services: Sequence[Service] | None = None) -> AppointmentList:
        """A person's latest appointments, or those for some services, each with its `lost_slot`.

        The store is read for a person who has none in the replica, or one that this desk has just written.
        """
        from traffic_booking.domain.appointments.appointment_list import arrange

        now = self.now()
        reads: SearchReads | None = None
        found: list[Appointment] = []
        if self.replicated is not None:
            self.book.open_persons()  # never under a key that the replica alone has
            reads = old = self._old_reads(self.replicated, now)
            found = old.appointments_of(person, limit)
        if reads is None or not found:
            reads = SearchReads(self.seats, self.configuration, now)
            found = self.book.appointments_of(person, limit=limit)
        if services is not None:
            wanted = {service.id for service in services}
            found = [each for each in found if each.slot.service in wanted]
        configuration = reads.configuration()
        return arrange([configuration.as_read(each, now) for each in found], now, reads.as_of)

    def appointment(self, number: str, by: Requester) -> Appointment:
        """An appointment in its present state, with its `lost_slot`.

        Raises `AppointmentNotFound` if the requester may not see it.
        """
        from traffic_booking.domain.people.actors import may_see

        checked, actor = appointment_number(number), self.actor(by)
        found, now = self.book.appointment(checked), self.now()
        if found is None or not may_see(actor, found.applicant, found.slot.service, found.slot.branch, at=now):
            raise AppointmentNotFound(checked)
        return self.configuration.now().as_read(found, now)

    def personal_search(
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
        from traffic_booking.application._sync.personal_facts import to_book, to_move
        from traffic_booking.application.selecting import mover

        if moved is not None:
            if by is not None and applicant is not None:
                known = self.book.applicants([arguments.person(applicant)])
                if known.get(applicant) != moved.applicant:
                    raise AppointmentNotFound(moved.number)
            return to_move(self.book, configuration, moved, mover(by, applicant), assertions, now)
        assert applicant is not None, "there is one of the two"
        return to_book(self.book, configuration, applicant, by, assertions, now)

    def execute(
        self, request: PendingRequest, granted: type[Granted], *, alternatives: int = 0
    ) -> Granted | Refused | Throttled:
        """The outcome of `request`: `granted`, or a refusal, for want of a seat with the nearest free slots."""
        from traffic_booking.domain.decisions.outcomes import Refused, Throttled

        bounded_number(alternatives, "alternatives", least=0, greatest=MOST_ALTERNATIVES)
        begun = self.measuring.begin()
        try:
            self.group_commit.submit(request)
            outcome = request.result()
        except BaseException as error:
            self.measuring.failed(granted, request, begun, error)
            raise
        self.measuring.decided(granted, request, outcome, begun)
        if isinstance(outcome, Refused) and alternatives:
            return self._with_alternatives(outcome, request, alternatives)
        if isinstance(outcome, Refused | Throttled):
            return outcome
        assert isinstance(outcome, granted), "a command has its own kind of outcome"
        return outcome

    def _with_alternatives(self, refused: Refused, request: PendingRequest, wanted: int) -> Refused:
        from traffic_booking.application.batch import SEATS_RULE
        from traffic_booking.domain.people.actors import Clerk

        if all(verdict.rule_id != SEATS_RULE for verdict in refused.verdicts):
            return refused
        (asked,), number, by = request.query.slots, request.query.number, request.by
        moved, now = None if number is None else self.book.appointment(number), self.now()
        reads = self.reads(now)
        found = nearest(
            reads.seats,
            reads.configuration(),
            asked,
            wanted,
            now,
            without=None if moved is None else moved.slot,  # it has this one already
            branches=by.branches if isinstance(by, Clerk) else None,
        )
        return evolve(refused, alternatives=tuple(evolve(each, as_of=reads.as_of) for each in found))

    def execute_batch(self, requests: Sequence[PendingRequest]) -> None:
        """Execute requests that wait together."""
        from traffic_booking.application._sync.batch_execution import execute

        begun = self.measuring.begin()
        execute(self.book, self.clock, self.configuration, self.throttle, requests)
        self.measuring.executed(requests, begun)

    def overwrite_removed(self, texts: Collection[str]) -> bool:
        """Have the store overwrite the bytes of removed records, which had these texts.

        False if some may be left, or if the store can't say.
        """
        overwrite = getattr(self.store, "overwrite_removed", None)
        return overwrite is not None and overwrite(texts) is True

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

    def _new_lock(self) -> AbstractContextManager[object]:
        return Lock()

    def _new_group_commit(self) -> GroupCommit[PendingRequest]:
        return GroupCommit(self.execute_batch)
