"""Looking back at decisions: why a request was granted or refused, and whether all decisions can be repeated."""

from datetime import datetime
from typing import Final

from traffic_booking.application.answer_pages import answers_behind
from traffic_booking.application.audit_parts import Replay
from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.commands import BookSlot, HoldSlot
from traffic_booking.domain.audit.explanations import Difference, Explanation, differences, explanation_of, replayed
from traffic_booking.domain.decisions.outcomes import Answer, Cancelled, CheckedIn, Moved
from traffic_booking.domain.errors import NotFound, StoreUnreadable
from traffic_booking.domain.people.actors import STAFF, Actor, may_see
from traffic_booking.domain.rules.cases import AppointmentCase, MoveCase
from traffic_booking.domain.rules.rulebook import Rulebooks
from traffic_booking.domain.text_input import RequestId
from traffic_booking.persistence.appointment_book import AsyncAppointmentBook

PAGE: Final = 500
"""How many answers are read at a time."""


async def explain_request(
    book: AsyncAppointmentBook, rulebooks: Rulebooks, request_id: RequestId, by: Actor, now: datetime
) -> Explanation:
    """Why the request of that id was granted or refused. Raises `NotFound` for none, and for one that isn't `by`'s."""
    answer = await book.answer(request_id)
    if answer is None or not _may_see(by, answer, now):
        raise NotFound("answered request", request_id)
    return explanation_of(answer, rulebooks)


async def replay(book: AsyncAppointmentBook, rulebooks: Rulebooks) -> Replay:
    """Evaluate the rules again on every recorded case, each at its instant and under its version."""
    decisions = without_case = 0
    found: list[Difference] = []
    unknown: dict[str, None] = {}
    unreadable: list[StoreUnreadable] = []
    page = await answers_behind(book, None, PAGE)
    while page.last is not None:
        unreadable += page.unreadable
        for answer in page.answers:
            decisions += 1
            try:
                again = replayed(answer, rulebooks)
            except NotFound:
                unknown[answer.rulebook] = None
                continue
            if again is None:
                without_case += 1
            else:
                found += differences(answer, again)
        page = await answers_behind(book, page.last, PAGE)
    return Replay(
        decisions=decisions,
        without_case=without_case,
        differences=tuple(found),
        unknown_versions=tuple(unknown),
        unreadable=tuple(f"{error.collection} {error.key}" for error in unreadable),
    )


def _may_see(by: Actor, answer: Answer, now: datetime) -> bool:
    """Whether `by` asked, is staff, or sees what it was about."""
    if by == answer.command.actor or isinstance(by, STAFF):
        return True
    if isinstance(answer.command, HoldSlot | BookSlot):
        return may_see(by, answer.command.applicant, answer.command.slot.service, at=now)
    match answer.outcome, answer.case:
        case (Cancelled(appointment) | Moved(appointment) | CheckedIn(appointment), _) | (
            _,
            MoveCase(appointment=appointment) | AppointmentCase(appointment=Appointment() as appointment),
        ):
            return may_see(by, appointment.applicant, appointment.slot.service, at=now)
        case _:
            return False
