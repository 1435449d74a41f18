"""Histories: what each caller asked of a desk and what it was told, with the span of time in which that was.

A history is the input of the check in `linearizability`; `recorder` makes one from a desk in use, `history_files` keeps
it. It has no id of a person, but a subject for each, the same in requests and answers: see `recorded_applicant`.
"""

from base64 import urlsafe_b64encode
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

from attrs import evolve as copy_with
from attrs import field, frozen

from traffic_booking.application.arguments import person
from traffic_booking.domain.appointments.commands import (
    BookSlot,
    CancelAppointment,
    CheckInApplicant,
    HoldSlot,
    MoveAppointment,
)
from traffic_booking.domain.decisions.outcomes import Booked, Cancelled, CheckedIn, Held, Moved, Refused
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.instants import instant
from traffic_booking.domain.people.applicants import Applicant, Subject
from traffic_booking.domain.people.identity import PersonId


@frozen
class ExpireHolds:
    """End at most `limit` holds that have run out."""

    limit: int


@frozen
class HoldsEnded:
    """That many holds were ended."""

    count: int


ApplicantCommand = HoldSlot | BookSlot | CancelAppointment | MoveAppointment | CheckInApplicant
RequestedOperation = ApplicantCommand | ExpireHolds
OperationResult = Held | Booked | Cancelled | Moved | CheckedIn | Refused | HoldsEnded


@frozen(kw_only=True)
class Operation:
    """One call of one caller.

    It took effect, if at all, after `invoked` and before `ended`: nanoseconds of a clock that all callers share and
    that never goes back. `ended` is None where nobody knows when it was over, and `told` where nobody knows what came
    of it: the caller was killed, or got an exception. `earliest` and `latest` are what the desk's own clock showed,
    read just before `invoked` and just after `ended`; the operation was decided at an instant from one to the other.
    """

    client: str
    asked: RequestedOperation
    invoked: int
    earliest: datetime = field(converter=instant)
    ended: int | None = None
    latest: datetime | None = None
    told: OperationResult | None = None

    def __attrs_post_init__(self) -> None:
        if (self.ended is None) != (self.latest is None) or (self.told is not None and self.ended is None):
            raise InvalidInput(
                "operation", got="half an end", expected="`ended` and `latest`, or neither nor an answer"
            )
        if self.ended is not None and self.ended < self.invoked:
            raise InvalidInput("operation", got="an end before its beginning", expected="a clock that never goes back")


@frozen
class History:
    """Operations of any number of callers, in the order in which they were invoked."""

    operations: tuple[Operation, ...]

    @classmethod
    def of(cls, operations: Iterable[Operation]) -> "History":
        """The history of these operations, in whatever order they come."""
        return cls(tuple(sorted(operations, key=lambda operation: operation.invoked)))

    @classmethod
    def merged(cls, histories: Iterable["History"]) -> "History":
        """One history of several that were recorded side by side on one machine."""
        return cls.of(operation for history in histories for operation in history.operations)

    def over_by(self, moment: int, latest: datetime) -> "History":
        """The same history, knowing that nothing which is open took effect after `moment` (when `latest` was shown).

        For callers that were killed: once their processes are gone, and what they sent is dealt with.
        """
        return History(
            tuple(
                operation if operation.ended is not None else copy_with(operation, ended=moment, latest=latest)
                for operation in self.operations
            )
        )


def recorded_applicant(applicant: PersonId) -> Applicant:
    """The applicant that histories name a person as; its subject is a hash of the id.

    Somebody who tries all ids finds that of a hash, so record made-up people alone.
    """
    digest = sha256(person(applicant).reveal().encode()).digest()[:16]
    return Applicant(Subject(urlsafe_b64encode(digest).decode().rstrip("=")), applicant.holder)
