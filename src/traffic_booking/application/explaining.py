"""Explains past decisions."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from traffic_booking.application.past_decisions import may_see_answer
from traffic_booking.domain.appointments.events import AppointmentEvent
from traffic_booking.domain.audit.explanations import Explanation, explanation_of
from traffic_booking.domain.decisions.outcomes import Answer
from traffic_booking.domain.errors import NotFound
from traffic_booking.domain.people.actors import Actor, Delegate
from traffic_booking.domain.rules.rulebook import Rulebooks
from traffic_booking.domain.text_input import RequestId
from traffic_booking.domain.value_input import look_up
from traffic_booking.persistence.appointment_book import AsyncAppointmentBook
from traffic_booking.persistence.installations import AsyncInstallations


class AsyncExplaining:
    """Explains the decisions of a store, under `rulebooks` and the versions that were installed before."""

    def __init__(
        self, book: AsyncAppointmentBook, installations: AsyncInstallations, rulebooks: Rulebooks, now: datetime
    ) -> None:
        self._book = book
        self._installations = installations
        self._rulebooks = rulebooks
        self._now = now

    async def request(self, request_id: RequestId, by: Actor) -> tuple[Explanation, ...]:
        """Why the request was granted or refused. Raises `NotFound` if it has no answer, or `by` may not see it."""
        answer = await self._book.answer(request_id)
        if answer is None or not may_see_answer(by, answer, self._now):
            raise NotFound("answered request", request_id)
        return await self._explained([answer])

    async def history(self, events: Iterable[AppointmentEvent], by: Actor) -> tuple[Explanation, ...]:
        """Why each request behind `events` was granted; a delegate gets those that they may see."""
        requests = dict.fromkeys(event.request_id for event in events if event.request_id)
        answers = [await self._book.answer(request) for request in requests]
        return await self._explained(
            [
                answer
                for answer in answers
                if answer is not None and (not isinstance(by, Delegate) or may_see_answer(by, answer, self._now))
            ]
        )

    async def _explained(self, answers: Sequence[Answer]) -> tuple[Explanation, ...]:
        versions = {each.version: each for each in self._rulebooks.versions}
        if not versions.keys() >= {each.rulebook for each in answers}:
            versions = await self._installations.versions(self._rulebooks)
        return tuple(
            explanation_of(each, look_up("rulebook version", each.rulebook, versions, in_order=True))
            for each in answers
        )
