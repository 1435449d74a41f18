"""Makes a request of the arguments of a verb, which are checked here."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from attrs import evolve

from traffic_booking.application.any_slot import AnySlot, slot_key
from traffic_booking.application.arguments import person
from traffic_booking.application.pending_requests import PendingRequest
from traffic_booking.domain.appointments.commands import (
    BookSlot,
    CancelAppointment,
    CheckInApplicant,
    DeclareRecord,
    ExcuseNoShow,
    HoldSlot,
    MoveAppointment,
    RecordNoShow,
    ServeApplicant,
    WalkIn,
)
from traffic_booking.domain.appointments.numbers import AppointmentNumber, appointment_number
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.booking import decide_booking, decide_hold
from traffic_booking.domain.decisions.cancelling import decide_cancellation
from traffic_booking.domain.decisions.changes import Change
from traffic_booking.domain.decisions.checking_in import (
    decide_check_in,
    decide_excuse,
    decide_no_show,
    decide_serving,
    decide_walk_in,
)
from traffic_booking.domain.decisions.declaring import decide_declaration
from traffic_booking.domain.decisions.facts import Facts, FactsQuery
from traffic_booking.domain.decisions.moving import decide_move
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.people.actors import Requester, persons_of, requester
from traffic_booking.domain.people.assertions import Assertions, vouched
from traffic_booking.domain.people.identity import PersonId
from traffic_booking.domain.places.geography import branch_id
from traffic_booking.domain.places.services import InstructionsVersion, instructions_version, service_id
from traffic_booking.domain.schedule.entries import CalendarRecord, reason_text
from traffic_booking.domain.schedule.slots import PoolStep, SlotKey
from traffic_booking.domain.text_input import RequestId, bounded_text, compact
from traffic_booking.domain.text_input import request_id as checked_request_id

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST_EVIDENCE: Final = 1_000
"""The most characters of the evidence of an appeal."""


class Requests:
    """Makes requests; `number` draws a number for an appointment at a slot, `steps` returns the steps of its pool.

    Every method raises `InvalidInput` if an argument is malformed.
    """

    def __init__(
        self, number: Callable[[SlotKey], AppointmentNumber], steps: Callable[[SlotKey], tuple[PoolStep, ...]]
    ) -> None:
        self._number = number
        self._steps = steps

    def hold(
        self,
        slot: AnySlot,
        *,
        applicant: PersonId,
        request_id: str,
        by: Requester | None,
        moving: str | None,
        assertions: Assertions | None,
    ) -> PendingRequest:
        """A request to hold a slot, for a booking or for the move of an appointment."""
        number = None if moving is None else appointment_number(moving)
        query, by = self._slot_query(slot, applicant, request_id, by, number)
        make = partial(HoldSlot, slot=query.slots[0], moving=number, assertions=vouched(assertions))
        return PendingRequest(query, by, make, partial(self._decide, decide_hold), query.persons[0])

    def book(
        self,
        slot: AnySlot,
        *,
        applicant: PersonId,
        agreed: bool | str,
        request_id: str,
        by: Requester | None,
        assertions: Assertions | None,
    ) -> PendingRequest:
        """A request to book a slot."""
        query, by = self._slot_query(slot, applicant, request_id, by)
        make = partial(BookSlot, slot=query.slots[0], assertions=vouched(assertions), agreed=_agreement(agreed))
        return PendingRequest(query, by, make, partial(self._decide, decide_booking), query.persons[0])

    @staticmethod
    def cancel(number: str, *, by: Requester, request_id: str) -> PendingRequest:
        """A request to cancel an appointment."""
        query, by, checked = _appointment_query(number, request_id, by)
        return PendingRequest(query, by, partial(CancelAppointment, number=checked), decide_cancellation)

    def move(
        self,
        number: str,
        slot: AnySlot,
        *,
        agreed: bool | str,
        by: Requester,
        request_id: str,
        assertions: Assertions | None,
    ) -> PendingRequest:
        """A request to move an appointment."""
        key = slot_key(slot)
        query, by, checked = _appointment_query(number, request_id, by)
        query = evolve(query, slots=(key,), steps=self._steps(key))
        asserted, agreement = vouched(assertions), _agreement(agreed)
        make = partial(MoveAppointment, number=checked, slot=key, agreed=agreement, assertions=asserted)
        return PendingRequest(query, by, make, decide_move)

    @staticmethod
    def check_in(
        number: str,
        *,
        by: Requester,
        request_id: str,
        happened_at: datetime | None = None,
        gate: str | None = None,
    ) -> PendingRequest:
        """A request to check an applicant in; if a `gate` reports it later, with the instant of its scan."""
        query, by, checked = _appointment_query(number, request_id, by)
        make = partial(CheckInApplicant, number=checked, happened_at=happened_at, gate=gate)
        return PendingRequest(query, by, make, _decide_check_in)

    def walk_in(
        self,
        branch: str,
        service: str,
        candidates: Sequence[SlotKey],
        *,
        applicant: PersonId,
        agreed: bool | str,
        by: Requester,
        request_id: str,
        assertions: Assertions | None,
    ) -> PendingRequest:
        """A request to give a walk-in one of `candidates`, the slots that were near when it was made."""
        place = SlotKey(branch_id(branch), service_id(service), EPOCH)
        query, by = self._slot_query(place, applicant, request_id, by)
        steps = tuple(dict.fromkeys(step for key in candidates for step in self._steps(key)))
        query = evolve(query, slots=tuple(candidates), steps=steps)

        def decide(configuration: Configuration, command: WalkIn, facts: Facts, now: datetime) -> Change:
            return decide_walk_in(configuration, command, facts, candidates, self._number(place), now)

        asserted, agreement = vouched(assertions), _agreement(agreed)
        make = partial(WalkIn, branch=place.branch, service=place.service, agreed=agreement, assertions=asserted)
        return PendingRequest(query, by, make, decide, query.persons[0])

    @staticmethod
    def serve(number: str, *, by: Requester, request_id: str) -> PendingRequest:
        """A request to record that the service was done."""
        query, by, checked = _appointment_query(number, request_id, by)
        return PendingRequest(query, by, partial(ServeApplicant, number=checked), _decide_serving)

    @staticmethod
    def no_show(number: str, *, by: Requester, request_id: str) -> PendingRequest:
        """A request to record that nobody came."""
        query, by, checked = _appointment_query(number, request_id, by)
        return PendingRequest(query, by, partial(RecordNoShow, number=checked), decide_no_show)

    @staticmethod
    def excuse(number: str, *, evidence: str, by: Requester, request_id: str) -> PendingRequest:
        """A request to accept an appeal against a no-show."""
        query, by, checked = _appointment_query(number, request_id, by)
        seen = bounded_text(evidence, "evidence", longest=LONGEST_EVIDENCE, lines=True)
        return PendingRequest(query, by, partial(ExcuseNoShow, number=checked, evidence=seen), _decide_excuse)

    @staticmethod
    def declare(record: CalendarRecord, *, reason: str, by: Requester, request_id: str) -> PendingRequest:
        """A request to add a record, which a store can keep, to the working calendar."""
        by = requester(by)
        persons = persons_of(by)
        query = FactsQuery(request_id=_request_id(request_id, persons), persons=persons, every_calendar=True)
        make = partial(DeclareRecord, reason=reason_text(reason), record=record)
        return PendingRequest(query, by, make, decide_declaration)

    def _decide(
        self, decide: Callable[..., Change], configuration: Configuration, command: Any, facts: Facts, now: datetime
    ) -> Change:
        return decide(configuration, command, facts, self._number(command.slot), now)

    def _slot_query(
        self,
        slot: AnySlot,
        applicant: PersonId,
        request_id: str,
        by: Requester | None,
        number: AppointmentNumber | None = None,
    ) -> tuple[FactsQuery, Requester]:
        """The query of a hold or a booking, the applicant first among its persons; and the requester."""
        key, checked = slot_key(slot), person(applicant)
        actor = checked if by is None else requester(by)
        persons = tuple(dict.fromkeys((checked, *persons_of(actor))))
        checked_id = _request_id(request_id, persons)
        query = FactsQuery(request_id=checked_id, persons=persons, number=number, slots=(key,), steps=self._steps(key))
        return query, actor


def _appointment_query(number: str, request_id: str, by: Requester) -> tuple[FactsQuery, Requester, AppointmentNumber]:
    """The query of a request about an appointment."""
    actor = requester(by)
    persons = persons_of(actor)
    checked_id, checked = _request_id(request_id, persons), appointment_number(number)
    return FactsQuery(request_id=checked_id, persons=persons, number=checked), actor, checked


def _request_id(text: str, persons: Iterable[PersonId]) -> RequestId:
    """`text` as a request id that names none of the request's `persons`: the log keeps it when they are erased."""
    checked = checked_request_id(text)
    digits = compact(checked)
    if any(person.reveal() in digits for person in persons):
        raise InvalidInput("request id", got="text with the id of a person", expected="text that names nobody")
    return checked


def _agreement(agreed: bool | str) -> InstructionsVersion | bool:  # noqa: FBT001 - it is what was agreed to
    return agreed if type(agreed) is bool else instructions_version(agreed, "agreed")


def _decide_check_in(configuration: Configuration, command: CheckInApplicant, facts: Facts, now: datetime) -> Change:
    return decide_check_in(configuration.rulebook(now), command, facts, now)


def _decide_serving(configuration: Configuration, command: ServeApplicant, facts: Facts, now: datetime) -> Change:
    return decide_serving(configuration.rulebook(now), command, facts, now)


def _decide_excuse(configuration: Configuration, command: ExcuseNoShow, facts: Facts, now: datetime) -> Change:
    return decide_excuse(configuration.rulebook(now), command, facts, now)
