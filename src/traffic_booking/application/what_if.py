"""Decides requests without doing them, at the present instant or another."""

from datetime import datetime

from attrs import evolve

from traffic_booking.application.any_slot import AnySlot
from traffic_booking.application.pending_requests import PendingRequest, ended
from traffic_booking.application.requests import Requests
from traffic_booking.domain.audit.explanations import Explanation, explanation_of
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.cancelling import may_cancel
from traffic_booking.domain.decisions.checking_in import walk_in_slots
from traffic_booking.domain.decisions.moving import NO_REQUEST, may_move_until
from traffic_booking.domain.decisions.outcomes import Booked, Moved
from traffic_booking.domain.people.actors import Delegate, Requester
from traffic_booking.domain.people.assertions import Assertions
from traffic_booking.domain.people.identity import PersonId
from traffic_booking.domain.rules.cases import StayCase
from traffic_booking.persistence.appointment_book import AsyncAppointmentBook


class AsyncWhatIf:
    """The desk's verbs that change appointments, those of the gate as well, decided at one instant; nothing is done.

    Another instant moves the clock alone: holds that end by then have ended, and nobody has booked or cancelled since.
    For a delegate whose delegation has ended, requests are decided at the present instant.

    Each verb returns an `Explanation` without an outcome: every rule that was evaluated, kept or broken. It is truthy
    if the request would be granted. Arguments are those of the desk's verbs, without `request_id` and evidence.
    """

    def __init__(
        self, book: AsyncAppointmentBook, configuration: Configuration, requests: Requests, at: datetime, now: datetime
    ) -> None:
        self._book = book
        self._configuration = configuration
        self._requests = requests
        self._at = at
        self._now = now

    async def hold(
        self,
        slot: AnySlot,
        *,
        applicant: PersonId,
        by: Requester | None = None,
        moving: str | None = None,
        assertions: Assertions | None = None,
    ) -> Explanation:
        """Evaluate `Desk.hold` without effect. Example: `await plan.hold(slot, applicant=me)`.

        Raises:
            InvalidInput: An argument is malformed.
        """
        return await self._decided(
            self._requests.hold(
                slot, applicant=applicant, request_id=NO_REQUEST, by=by, moving=moving, assertions=assertions
            )
        )

    async def book(
        self,
        slot: AnySlot,
        *,
        applicant: PersonId,
        agreed: bool | str,
        by: Requester | None = None,
        assertions: Assertions | None = None,
    ) -> Explanation:
        """Evaluate `Desk.book` without effect, and the time in which it could be cancelled or moved (`cancel_until`).

        Example: `await plan.book(slot, applicant=me, agreed=True)`.

        Raises:
            InvalidInput: An argument is malformed.
        """
        return await self._decided(
            self._requests.book(
                slot, applicant=applicant, agreed=agreed, request_id=NO_REQUEST, by=by, assertions=assertions
            )
        )

    async def cancel(self, number: str, *, by: Requester) -> Explanation:
        """Evaluate `Desk.cancel` without effect. Example: `await plan.cancel(number, by=me)`.

        Raises:
            InvalidInput: An argument is malformed.
        """
        return await self._decided(self._requests.cancel(number, by=by, request_id=NO_REQUEST))

    async def move(
        self,
        number: str,
        slot: AnySlot,
        *,
        by: Requester,
        agreed: bool | str = False,
        assertions: Assertions | None = None,
    ) -> Explanation:
        """Evaluate `Desk.move` without effect. Example: `await plan.move(number, slot, by=me)`.

        Raises:
            InvalidInput: An argument is malformed.
        """
        return await self._decided(
            self._requests.move(number, slot, by=by, agreed=agreed, request_id=NO_REQUEST, assertions=assertions)
        )

    async def check_in(self, number: str, *, by: Requester) -> Explanation:
        """Evaluate `Desk.gate.check_in` without effect. Example: `await plan.check_in(number, by=Clerk("gate-1"))`.

        Raises:
            InvalidInput: An argument is malformed.
        """
        return await self._decided(self._requests.check_in(number, by=by, request_id=NO_REQUEST))

    async def walk_in(
        self,
        branch: str,
        service: str,
        *,
        applicant: PersonId,
        agreed: bool | str,
        by: Requester,
        assertions: Assertions | None = None,
    ) -> Explanation:
        """Evaluate `Desk.gate.walk_in` without effect.

        Example: `await plan.walk_in("riyadh-traffic", "licence-renewal", applicant=me, agreed=True, by=clerk)`.

        Raises:
            InvalidInput: An argument is malformed.
            NotFound: The branch or the service is unknown.
        """
        catalogue = self._configuration.catalogue
        place, wanted = catalogue.branch(branch).id, catalogue.service(service).id
        slots = walk_in_slots(self._configuration, place, wanted, self._at)
        request = self._requests.walk_in(
            place,
            wanted,
            slots,
            applicant=applicant,
            agreed=agreed,
            by=by,
            request_id=NO_REQUEST,
            assertions=assertions,
        )
        return await self._decided(request)

    async def serve(self, number: str, *, by: Requester) -> Explanation:
        """Evaluate `Desk.gate.serve` without effect. Example: `await plan.serve(number, by=Clerk("counter-1"))`.

        Raises:
            InvalidInput: An argument is malformed.
        """
        return await self._decided(self._requests.serve(number, by=by, request_id=NO_REQUEST))

    async def no_show(self, number: str, *, by: Requester) -> Explanation:
        """Evaluate `Desk.gate.no_show` without effect. Example: `await plan.no_show(number, by=Clerk("gate-1"))`.

        Raises:
            InvalidInput: An argument is malformed.
        """
        return await self._decided(self._requests.no_show(number, by=by, request_id=NO_REQUEST))

    async def excuse(self, number: str, *, by: Requester) -> Explanation:
        """Evaluate `Desk.gate.excuse` without effect. Example: `await plan.excuse(number, by=Clerk("desk-1"))`.

        Raises:
            InvalidInput: An argument is malformed.
        """
        request = self._requests.excuse(number, evidence=NO_REQUEST, by=by, request_id=NO_REQUEST)
        return await self._decided(request)

    async def _decided(self, request: PendingRequest) -> Explanation:
        await self._book.applicants(request.query.persons)  # notices another key of the store: all would look new
        by, at = request.by, self._at
        if isinstance(by, Delegate) and by.until <= self._now:  # who may not learn what they might have done before
            at = self._now
        facts = (await self._book.facts([request.query]))[0]
        if facts.seats_taken:
            lapsed = await self._book.lapsed_at(request.query.seats, by=at)
            holds = {hold.number: hold for of_count in lapsed for hold in of_count}
            for expiry in ended(list(holds.values()), at):
                facts = facts.after(expiry)
        answer = request.decide(self._configuration, facts, at).answer
        assert answer is not None, "every decision about a request has its answer"
        rulebook = self._configuration.rulebooks.version(answer.rulebook)
        explained = evolve(explanation_of(answer, rulebook), outcome=None)
        if not isinstance(answer.outcome, Booked | Moved) or isinstance(answer.case, StayCase):
            return explained
        parts = self._configuration, answer.command.actor, answer.outcome.appointment, at
        return evolve(explained, cancel_until=may_cancel(*parts).until, move_until=may_move_until(*parts))
