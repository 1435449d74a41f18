"""The requests that a desk settles, each made of what a verb is given, checked."""

from collections.abc import Callable
from datetime import datetime

from traffic_booking.application.arguments import AnySlot, person, slot_key
from traffic_booking.application.pending_requests import PendingRequest
from traffic_booking.domain.appointments.commands import (
    BookSlot,
    CancelAppointment,
    CheckInApplicant,
    DeclareRecord,
    HoldSlot,
    MoveAppointment,
)
from traffic_booking.domain.appointments.numbers import AppointmentNumber, appointment_number
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.booking import decide_booking, decide_hold
from traffic_booking.domain.decisions.cancelling import decide_cancellation
from traffic_booking.domain.decisions.changes import Change
from traffic_booking.domain.decisions.checking_in import decide_check_in
from traffic_booking.domain.decisions.declaring import decide_declaration
from traffic_booking.domain.decisions.facts import Facts, FactsQuery
from traffic_booking.domain.decisions.moving import decide_move
from traffic_booking.domain.people.actors import Requester, actor_of, persons_of, requester
from traffic_booking.domain.people.applicants import Applicant
from traffic_booking.domain.people.assertions import Assertions, vouched
from traffic_booking.domain.people.identity import PersonId
from traffic_booking.domain.places.services import InstructionsVersion, instructions_version
from traffic_booking.domain.schedule.entries import CalendarRecord, reason_text
from traffic_booking.domain.schedule.slots import SlotKey
from traffic_booking.domain.text_input import request_id as checked_request_id
from traffic_booking.persistence.codecs import storable_record

ApplicantOf = Callable[[PersonId], Applicant]


class Requests:
    """Makes requests; `number` draws the number of an appointment at a slot."""

    def __init__(self, number: Callable[[SlotKey], AppointmentNumber]) -> None:
        self._number = number

    def hold(
        self,
        slot: AnySlot,
        *,
        applicant: PersonId,
        request_id: str,
        by: Requester | None,
        assertions: Assertions | None,
    ) -> PendingRequest:
        """A request to hold a slot."""
        query, by, key = _query_of_slot(slot, applicant, request_id, by)
        asserted = vouched(assertions)

        def command(applicant_of: ApplicantOf) -> HoldSlot:
            return HoldSlot(
                request_id=query.request_id,
                actor=actor_of(by, applicant_of),
                applicant=applicant_of(applicant),
                slot=key,
                assertions=asserted,
            )

        return PendingRequest(query, command, self._decide_hold)

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
        query, by, key = _query_of_slot(slot, applicant, request_id, by)
        asserted = vouched(assertions)
        agreement = _agreement(agreed)

        def command(applicant_of: ApplicantOf) -> BookSlot:
            return BookSlot(
                request_id=query.request_id,
                actor=actor_of(by, applicant_of),
                applicant=applicant_of(applicant),
                slot=key,
                assertions=asserted,
                agreed=agreement,
            )

        return PendingRequest(query, command, self._decide_booking)

    @staticmethod
    def cancel(number: str, *, by: Requester, request_id: str) -> PendingRequest:
        """A request to cancel an appointment."""
        by = requester(by)
        query = _query_of_number(number, request_id, by)

        def command(applicant_of: ApplicantOf) -> CancelAppointment:
            assert query.number is not None
            return CancelAppointment(request_id=query.request_id, actor=actor_of(by, applicant_of), number=query.number)

        return PendingRequest(query, command, decide_cancellation)

    @staticmethod
    def move(
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
        by = requester(by)
        query = _query_of_number(number, request_id, by, key)
        asserted = vouched(assertions)
        agreement = _agreement(agreed)

        def command(applicant_of: ApplicantOf) -> MoveAppointment:
            assert query.number is not None
            return MoveAppointment(
                request_id=query.request_id,
                actor=actor_of(by, applicant_of),
                number=query.number,
                slot=key,
                agreed=agreement,
                assertions=asserted,
            )

        return PendingRequest(query, command, decide_move)

    @staticmethod
    def check_in(number: str, *, by: Requester, request_id: str) -> PendingRequest:
        """A request to check somebody in."""
        by = requester(by)
        query = _query_of_number(number, request_id, by)

        def command(applicant_of: ApplicantOf) -> CheckInApplicant:
            assert query.number is not None
            return CheckInApplicant(request_id=query.request_id, actor=actor_of(by, applicant_of), number=query.number)

        return PendingRequest(query, command, _decide_check_in)

    @staticmethod
    def declare(record: CalendarRecord, *, reason: str, by: Requester, request_id: str) -> PendingRequest:
        """A request to add a record to the working calendar."""
        by = requester(by)
        persons = persons_of(by)
        query = FactsQuery(request_id=checked_request_id(request_id), persons=persons, every_calendar=True)
        said, added = reason_text(reason), storable_record(record)

        def command(applicant_of: ApplicantOf) -> DeclareRecord:
            return DeclareRecord(
                request_id=query.request_id, actor=actor_of(by, applicant_of), reason=said, record=added
            )

        return PendingRequest(query, command, decide_declaration)

    def _decide_hold(self, configuration: Configuration, command: HoldSlot, facts: Facts, now: datetime) -> Change:
        return decide_hold(configuration, command, facts, self._number(command.slot), now)

    def _decide_booking(self, configuration: Configuration, command: BookSlot, facts: Facts, now: datetime) -> Change:
        return decide_booking(configuration, command, facts, self._number(command.slot), now)


def _query_of_slot(
    slot: AnySlot, applicant: PersonId, request_id: str, by: Requester | None
) -> tuple[FactsQuery, Requester, SlotKey]:
    """The query for the facts of a hold or a booking, with the asking applicant and the slot."""
    key, who = slot_key(slot), person(applicant)
    asks: Requester = who
    persons: tuple[PersonId, ...] = (who,)
    if by is not None:
        asks = requester(by)
        persons = tuple(dict.fromkeys((who, *persons_of(asks))))
    return FactsQuery(request_id=checked_request_id(request_id), persons=persons, slots=(key,)), asks, key


def _query_of_number(number: str, request_id: str, by: Requester, *slots: SlotKey) -> FactsQuery:
    """The query for the facts of an appointment, and of the slot that it is to be moved to."""
    return FactsQuery(
        request_id=checked_request_id(request_id),
        persons=persons_of(by),
        number=appointment_number(number),
        slots=slots,
    )


def _agreement(agreed: bool | str) -> InstructionsVersion | bool:  # noqa: FBT001 - it is what was agreed to
    return agreed if isinstance(agreed, bool) else instructions_version(agreed)


def _decide_check_in(configuration: Configuration, command: CheckInApplicant, facts: Facts, now: datetime) -> Change:
    return decide_check_in(configuration.rulebook(now), command, facts, now)
