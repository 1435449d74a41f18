"""The requests that wait at a desk, each with its outcome or error in the end."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

from attrs import define, evolve, field

from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.commands import Command, ExcuseNoShow
from traffic_booking.domain.appointments.person_state import PersonState
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.cancelling import decide_expiry
from traffic_booking.domain.decisions.changes import Change
from traffic_booking.domain.decisions.facts import Facts, FactsQuery
from traffic_booking.domain.decisions.outcomes import Answer, Excused, Outcome, Throttled
from traffic_booking.domain.errors import RequestMismatch
from traffic_booking.domain.people.actors import Actor, Requester, actor_of, is_same
from traffic_booking.domain.people.applicants import Applicant, Known, Registration, stranger
from traffic_booking.domain.people.identity import PersonId
from traffic_booking.persistence.persons import new_applicant

ATTEMPTS: Final = 16
"""How often a request is decided before it fails. Each conflict means that another request was committed."""


@define(eq=False, repr=False)
class PendingRequest:
    """The request of one caller.

    `query` names the facts to read. `make` makes the command of a request id, an actor and, if `applicant` is given,
    an applicant. `verb` decides the command. `admitted` is the actor whose refusals include this one.
    `repeated`: the outcome is the first answer to a request that was sent again.
    """

    query: FactsQuery
    by: Requester
    make: Callable[..., Command]
    verb: Callable[[Configuration, Any, Facts, datetime], Change]
    applicant: PersonId | None = None
    command: Command | None = None
    applicants: dict[PersonId, Applicant] = field(factory=dict)
    registrations: tuple[Registration, ...] = ()
    attempts: int = 0
    admitted: Actor | None = None
    outcome: Outcome | Throttled | None = None
    repeated: bool = False
    error: Exception | None = None

    def decide(self, configuration: Configuration, facts: Facts, now: datetime) -> Change:
        """The change that grants the request or records its refusal, and registers the persons who are new.

        Raises `StoreUnreadable` if the request names a slot and the calendar has an entry that can't be decoded.
        """
        if self.query.slots:
            configuration.calendars.check_readable()
        known = facts.known
        applicants = {person: known.get(person) or new_applicant(person) for person in self.query.persons}
        new = [person for person in applicants if person not in known]
        self.applicants = applicants
        self.registrations = tuple(Registration(person=each, applicant=applicants[each], at=now) for each in new)
        self.command = self._command(applicants.__getitem__)
        if facts.person_state is None and self.query.number is None and applicants:
            facts = facts.with_person_state(PersonState(next(iter(applicants.values()))))
        change: Change = self.verb(configuration, self.command, facts, now)
        return change.registering(self.registrations) if self.registrations else change

    def _command(self, applicant_of: Callable[[PersonId], Applicant]) -> Command:
        of = {} if self.applicant is None else {"applicant": applicant_of(self.applicant)}
        return self.make(request_id=self.query.request_id, actor=actor_of(self.by, applicant_of), **of)

    @property
    def done(self) -> bool:
        """True if there is an outcome, which is durable, or an error."""
        return self.outcome is not None or self.error is not None

    def receive(self, answer: Answer, known: Known) -> None:
        """Take the first answer to the request id, if it was to the same request; `known` are the request's persons."""
        command = self._command(lambda person: known.get(person) or stranger(person))
        first = answer.command
        if (
            not _has_other_evidence(command, answer.outcome)
            and is_same(command.actor, first.actor)
            and evolve(command, actor=first.actor) == first
        ):
            self.outcome, self.repeated = answer.outcome, True
        else:
            self.error = RequestMismatch(self.query.request_id)

    def result(self) -> Outcome | Throttled:
        """The outcome. A request id that was used before gets its first answer again.

        Raises `RequestMismatch` if that answer was to another request, and `StoreContended` after too many conflicts.
        If the last conflict was about a seat of the slot, the outcome is a refusal instead. Raises any other error of
        this request, and the store's error if the store was closed or unavailable for the whole batch.
        """
        if self.error is not None:
            raise self.error
        assert self.outcome is not None, "a result is read only once the request is done"
        return self.outcome


def _has_other_evidence(command: Command, first: Outcome) -> bool:
    """True if the first answer accepted an appeal with other evidence, which is not removed."""
    if not isinstance(command, ExcuseNoShow) or not isinstance(first, Excused):
        return False
    return first.evidence not in {None, command.evidence}


def ended(holds: Sequence[Appointment], now: datetime) -> list[Change]:
    """The changes that end those of `holds` that have run out by `now`."""
    decided = (decide_expiry(hold, now) for hold in holds)
    return [change for change in decided if change is not None]
