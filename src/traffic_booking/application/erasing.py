"""The erasure of a person, after the cancellation of their active appointments under the same rules as any other."""

from collections.abc import Sequence
from typing import Final

from attrs import evolve as copy_with

from traffic_booking.application import arguments
from traffic_booking.application.office import AsyncOffice
from traffic_booking.application.pending_requests import ATTEMPTS
from traffic_booking.domain.appointments.events import PersonErased
from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.decisions.cancelling import may_cancel
from traffic_booking.domain.decisions.outcomes import Cancelled, Erasure
from traffic_booking.domain.errors import InvalidInput, StoreContended
from traffic_booking.domain.people.actors import Actor, Clerk, System, staff
from traffic_booking.domain.people.identity import PersonId
from traffic_booking.domain.rules.verdict import Verdict
from traffic_booking.domain.text_input import RequestId, bounded_text, compact
from traffic_booking.domain.text_input import request_id as checked_request_id
from traffic_booking.persistence.erasures import cancelling_request, own_requests

LONGEST_REASON: Final = 400


async def erase(office: AsyncOffice, person: PersonId, *, reason: str, by: Clerk | System, request_id: str) -> Erasure:
    """Erase a person, as `maintenance.erase` does."""
    actor, checked = staff(by), arguments.person(person)
    asked = PersonErased(
        subject=None,
        at=office.now(),
        actor=actor,
        reason=bounded_text(reason, "reason", longest=LONGEST_REASON),
        request_id=checked_request_id(request_id),
    )
    for field, text in (("reason", asked.reason), ("request id", asked.request_id)):
        if checked.reveal() in compact(text):
            raise InvalidInput(field, got="text with the id of the person", expected="text that may stay in the log")
    upkeep = await office.book.upkeep()
    for _ in range(ATTEMPTS):
        found = await upkeep.erase(checked, asked)
        if isinstance(found, PersonErased):
            return Erasure(erased=found, overwritten=await office.overwrite_removed(upkeep.removed))
        refused = await cancel_active(office, actor, found, asked.request_id)
        if refused:
            verdicts = [each for verdicts in refused.values() for each in verdicts]
            return Erasure(active=tuple(refused), refused=tuple(dict.fromkeys(verdicts)))
        asked = copy_with(asked, at=office.now())
    tried = f"erasure: got a new appointment of the person in each of {ATTEMPTS} attempts"
    raise StoreContended(f"{tried}; expected an attempt without one, try again")


Refusals = dict[AppointmentNumber, tuple[Verdict, ...]]
"""The appointments that can't be cancelled, and why."""


async def cancel_active(
    office: AsyncOffice, actor: Clerk | System, numbers: Sequence[AppointmentNumber], erasure: RequestId
) -> Refusals:
    """Cancel these appointments for an erasure; return the refusals instead if one can't be cancelled now.

    One that is refused, since something came in between, is still active: call it again.
    """
    refused = await _refused(office, actor, numbers)
    for number in () if refused else numbers:
        request = cancelling_request(own_requests(erasure), number)
        await office.execute(office.requests.cancel(number, by=actor, request_id=request), Cancelled)
    return refused


async def _refused(office: AsyncOffice, actor: Actor, numbers: Sequence[AppointmentNumber]) -> Refusals:
    """The refusals that the cancellations would get now; nothing is written."""
    configuration, found = await office.configuration.now(), await office.book.appointments_by_number(numbers)
    now = office.now()
    active = [each for each in found.values() if each.is_active(now)]
    return {
        each.number: answer.refused for each in active if not (answer := may_cancel(configuration, actor, each, now))
    }
