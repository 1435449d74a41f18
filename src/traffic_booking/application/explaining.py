"""Explains past decisions, and replays all of them."""

from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from typing import Final

from traffic_booking.application.past_decisions import Replay, Replaying, may_see_answer
from traffic_booking.domain.appointments.events import AppointmentEvent
from traffic_booking.domain.audit.explanations import Explanation, explanation_of
from traffic_booking.domain.decisions.outcomes import Answer
from traffic_booking.domain.errors import NotFound, StoreUnreadable
from traffic_booking.domain.people.actors import Actor, Delegate
from traffic_booking.domain.rules.rulebook import Rulebooks
from traffic_booking.domain.text_input import RequestId
from traffic_booking.persistence.appointment_book import AsyncAppointmentBook
from traffic_booking.persistence.schema import ANSWERS

PAGE: Final = 500
"""How many answers are read at a time."""


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


async def replay(book: AsyncAppointmentBook, rulebooks: Rulebooks) -> Replay:
    """Evaluate the rules again on every recorded case, each at its instant and under its version."""
    replaying = Replaying(rulebooks)
    async for answers, unreadable in answer_pages(book, PAGE):
        replaying.add(answers, unreadable)
    return replaying.result()


async def answer_pages(
    book: AsyncAppointmentBook, limit: int
) -> AsyncIterator[tuple[list[Answer], list[StoreUnreadable]]]:
    """All answers by request id, at most `limit` a page, with an error for each that can't be decoded.

    A page takes at most two round trips, and two more for each answer if one of them can't be decoded.
    """
    after: RequestId | None = None
    while True:
        damaged, answers, unreadable = False, list[Answer](), list[StoreUnreadable]()
        try:
            answers = await book.answers(after=after, limit=limit)
            last = [answer.command.request_id for answer in answers[-1:]]
        except StoreUnreadable as error:
            if error.key is None:  # the store itself is damaged
                raise
            damaged, last = True, []
        if damaged:
            keys = await book.audit_reading().keys(ANSWERS.name, after=after, limit=limit)
            last = list(map(RequestId, keys[-1:]))
            for key in keys:
                try:
                    answer = await book.answer(RequestId(key))
                except StoreUnreadable as error:
                    unreadable.append(error)
                else:
                    answers += [] if answer is None else [answer]  # it may have been pruned since
        if not last:
            return
        after = last[0]
        yield answers, unreadable
