"""Explains past decisions."""

from collections.abc import Iterable
from datetime import datetime

from traffic_booking.application.past_decisions import may_see_answer
from traffic_booking.domain.appointments.events import AppointmentEvent
from traffic_booking.domain.audit.explanations import Explanation, explanation_of
from traffic_booking.domain.errors import NotFound
from traffic_booking.domain.people.actors import Actor, Delegate
from traffic_booking.domain.rules.rulebook import Rulebooks
from traffic_booking.domain.text_input import RequestId
from traffic_booking.persistence.appointment_book import AsyncAppointmentBook


async def explain_request(
    book: AsyncAppointmentBook, rulebooks: Rulebooks, request_id: RequestId, by: Actor, now: datetime
) -> Explanation:
    """Why the request was granted or refused. Raises `NotFound` if it has no answer, or `by` may not see it."""
    answer = await book.answer(request_id)
    if answer is None or not may_see_answer(by, answer, now):
        raise NotFound("answered request", request_id)
    return explanation_of(answer, rulebooks)


async def explain_history(
    book: AsyncAppointmentBook, rulebooks: Rulebooks, events: Iterable[AppointmentEvent], by: Actor, now: datetime
) -> tuple[Explanation, ...]:
    """Why each request behind `events` was granted; a delegate gets those that they may see."""
    requests = dict.fromkeys(event.request_id for event in events if event.request_id)
    answers = [await book.answer(request) for request in requests]
    return tuple(
        explanation_of(answer, rulebooks)
        for answer in answers
        if answer is not None and (not isinstance(by, Delegate) or may_see_answer(by, answer, now))
    )
