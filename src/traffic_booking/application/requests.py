"""The requests that a desk settles, each made of what a verb is given, checked."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from traffic_booking.application.arguments import AnySlot, facts_for_booking, facts_of_appointment, person, slot_key
from traffic_booking.application.settling import Request, Verb
from traffic_booking.domain.actors import Actor
from traffic_booking.domain.appointment_numbers import AppointmentNumber, appointment_number
from traffic_booking.domain.assertions import Assertions
from traffic_booking.domain.commands import (
    BookSlot,
    CancelAppointment,
    CheckInApplicant,
    DeclareRecord,
    HoldSlot,
    MoveAppointment,
)
from traffic_booking.domain.decisions.booking import decide_booking, decide_hold
from traffic_booking.domain.decisions.declaring import decide_declaration
from traffic_booking.domain.decisions.moving import decide_move
from traffic_booking.domain.decisions.of_appointment import decide_cancellation, decide_check_in
from traffic_booking.domain.facts import FactsQuery
from traffic_booking.domain.identity import PersonId
from traffic_booking.domain.rulebooks import Rulebooks
from traffic_booking.domain.services import instructions_version
from traffic_booking.domain.slots import SlotKey
from traffic_booking.domain.working_time import CalendarRecord

_CANCEL: Final = Verb[CancelAppointment](ask=facts_of_appointment, decide=decide_cancellation)
_MOVE: Final = Verb[MoveAppointment](ask=facts_of_appointment, decide=decide_move)
_CHECK_IN: Final = Verb[CheckInApplicant](
    ask=facts_of_appointment,
    decide=lambda terms, command, facts, now: decide_check_in(terms.rulebook(now), command, facts, now),
)
_DECLARE: Final = Verb[DeclareRecord](
    ask=lambda command, now: FactsQuery(request_id=command.request_id, ending_after=now, every_calendar=True),
    decide=decide_declaration,
)


class Requests:
    """Makes requests; `number` draws the number of an appointment at a slot."""

    def __init__(self, rulebooks: Rulebooks, number: Callable[[SlotKey], AppointmentNumber]) -> None:
        def ask(command: HoldSlot | BookSlot, now: datetime) -> FactsQuery:
            return facts_for_booking(rulebooks.at(now), command, now)

        self._hold = Verb[HoldSlot](
            ask=ask,
            decide=lambda terms, command, facts, now: decide_hold(terms, command, facts, number(command.slot), now),
        )
        self._book = Verb[BookSlot](
            ask=ask,
            decide=lambda terms, command, facts, now: decide_booking(terms, command, facts, number(command.slot), now),
        )

    def hold(
        self, slot: AnySlot, *, applicant: PersonId, request_id: str, by: Actor | None, assertions: Assertions | None
    ) -> Request:
        """A request to hold a slot."""
        command = HoldSlot(
            request_id=request_id,
            actor=person(applicant) if by is None else by,
            applicant=person(applicant),
            slot=slot_key(slot),
            assertions=assertions,
        )
        return Request(command, self._hold)

    def book(
        self,
        slot: AnySlot,
        *,
        applicant: PersonId,
        agreed: bool | str,
        request_id: str,
        by: Actor | None,
        assertions: Assertions | None,
    ) -> Request:
        """A request to book a slot."""
        command = BookSlot(
            request_id=request_id,
            actor=person(applicant) if by is None else by,
            applicant=person(applicant),
            slot=slot_key(slot),
            assertions=assertions,
            agreed=agreed if isinstance(agreed, bool) else instructions_version(agreed),
        )
        return Request(command, self._book)

    @staticmethod
    def cancel(number: str, *, by: Actor, request_id: str) -> Request:
        """A request to cancel an appointment."""
        command = CancelAppointment(request_id=request_id, actor=by, number=appointment_number(number))
        return Request(command, _CANCEL)

    @staticmethod
    def move(
        number: str,
        slot: AnySlot,
        *,
        agreed: bool | str,
        by: Actor,
        request_id: str,
        assertions: Assertions | None,
    ) -> Request:
        """A request to move an appointment."""
        command = MoveAppointment(
            request_id=request_id,
            actor=by,
            number=appointment_number(number),
            slot=slot_key(slot),
            agreed=agreed if isinstance(agreed, bool) else instructions_version(agreed),
            assertions=assertions,
        )
        return Request(command, _MOVE)

    @staticmethod
    def check_in(number: str, *, by: Actor, request_id: str) -> Request:
        """A request to check somebody in."""
        command = CheckInApplicant(request_id=request_id, actor=by, number=appointment_number(number))
        return Request(command, _CHECK_IN)

    @staticmethod
    def declare(record: CalendarRecord, *, reason: str, by: Actor, request_id: str) -> Request:
        """A request to add a record to the working calendar."""
        command = DeclareRecord(request_id=request_id, actor=by, reason=reason, record=record)
        return Request(command, _DECLARE)
