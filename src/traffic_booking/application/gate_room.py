"""The gate of a branch: staff receive the applicants who come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from traffic_booking.application.office import AsyncOffice

if TYPE_CHECKING:
    from traffic_booking.domain.decisions.outcomes import CheckedIn, Refused, Throttled
    from traffic_booking.domain.people.actors import Requester


class AsyncGateRoom:
    """`desk.gate`: the verbs of the staff at a branch."""

    def __init__(self, office: AsyncOffice) -> None:
        self._office = office

    async def check_in(self, number: str, *, by: Requester, request_id: str) -> CheckedIn | Refused | Throttled:
        """Record that the applicant has come.

        Example: `await desk.gate.check_in(number, by=Clerk("gate"), request_id=id)`.

        Raises:
            RequestMismatch: `request_id` was used for another request.
        """
        from traffic_booking.domain.decisions.outcomes import CheckedIn

        return await self._office.execute(
            self._office.requests.check_in(number, by=by, request_id=request_id), CheckedIn
        )
