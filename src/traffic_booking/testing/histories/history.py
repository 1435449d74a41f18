"""Histories: the requests of each caller of a desk and their results, each with the span of time in which it was made.

A history is the input of the check in `linearizability`; `recorder` makes one from a desk in use, `files` saves it. It
contains no id of a person, but a subject for each, the same in requests and results: see `recorded_applicant`.
"""

from base64 import urlsafe_b64encode
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

from attrs import evolve as copy_with
from attrs import field, frozen

from traffic_booking.application.arguments import person
from traffic_booking.domain.appointments.appointment import Appointment
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
    """The request to end at most `limit` holds that have run out."""

    limit: int


@frozen
class HoldsEnded:
    """The result of `ExpireHolds`: the number of holds that were ended."""

    count: int


ApplicantCommand = HoldSlot | BookSlot | CancelAppointment | MoveAppointment | CheckInApplicant
RequestedOperation = ApplicantCommand | ExpireHolds
GrantedResult = Held | Booked | Cancelled | Moved | CheckedIn
OperationResult = GrantedResult | Refused | HoldsEnded


@frozen(kw_only=True)
class Operation:
    """One call of one caller.

    It took effect, if at all, after `invoked` and before `ended`: nanoseconds of a clock that all callers share and
    that never goes back. `ended` is None if the end is unknown, and `result` if the result is: the caller was killed,
    or got an exception. `earliest` and `latest` were read from the desk's own clock, just before `invoked` and just
    after `ended`; the operation was decided at an instant from one to the other.
    """

    client: str
    requested: RequestedOperation
    invoked: int
    earliest: datetime = field(converter=instant)
    ended: int | None = None
    latest: datetime | None = None
    result: OperationResult | None = None

    def __attrs_post_init__(self) -> None:
        if (self.ended is None) != (self.latest is None) or (self.result is not None and self.ended is None):
            raise InvalidInput(
                "operation", got="half an end", expected="`ended` and `latest`, or neither and no result"
            )
        if self.ended is not None and self.ended < self.invoked:
            raise InvalidInput("operation", got="an end before its beginning", expected="a clock that never goes back")

    @property
    def granted(self) -> Appointment | None:
        """The appointment of a result that grants the request."""
        return self.result.appointment if isinstance(self.result, GrantedResult) else None


@frozen
class History:
    """Operations of any number of callers, in the order in which they were invoked."""

    operations: tuple[Operation, ...]

    @classmethod
    def of(cls, operations: Iterable[Operation]) -> "History":
        """The history of these operations, which may be in any order.

        Example: `History.of([second, first]).operations == (first, second)`.
        """
        return cls(tuple(sorted(operations, key=lambda operation: operation.invoked)))

    @classmethod
    def merged(cls, histories: Iterable["History"]) -> "History":
        """One history of several that were recorded side by side on one machine.

        Example: `History.merged(recorder.history() for recorder in recorders)`.
        """
        return cls.of(operation for history in histories for operation in history.operations)

    def over_by(self, moment: int, latest: datetime) -> "History":
        """The same history, in which every operation without an end took effect by `moment`, or never.

        Use it if callers were killed, and their processes are gone: `history.over_by(monotonic_ns(), clock.now())`.

        Args:
            moment: in nanoseconds of the clock of `Operation.invoked`.
            latest: the time that the desk's clock showed at `moment`.
        """
        return History(
            tuple(
                operation if operation.ended is not None else copy_with(operation, ended=moment, latest=latest)
                for operation in self.operations
            )
        )


def recorded_applicant(applicant: PersonId) -> Applicant:
    """The applicant that histories use for a person; its subject is a hash of the id.

    Record made-up people only: a hash of an id is easy to reverse by trying all ids.
    """
    digest = sha256(person(applicant).reveal().encode()).digest()[:16]
    return Applicant(Subject(urlsafe_b64encode(digest).decode().rstrip("=")), applicant.holder)
