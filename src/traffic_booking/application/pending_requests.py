"""The requests that wait at a desk: what each asks for, and what it came to."""

from collections.abc import Callable, Sequence
from copy import copy
from datetime import datetime
from typing import Any, Final

from attrs import define, field

from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.commands import Command
from traffic_booking.domain.appointments.person_state import PersonState
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.cancelling import decide_expiry
from traffic_booking.domain.decisions.changes import Change
from traffic_booking.domain.decisions.facts import Facts, FactsQuery
from traffic_booking.domain.decisions.outcomes import Answer, Outcome, Throttled
from traffic_booking.domain.errors import (
    InvalidInput,
    NotFound,
    RequestMismatch,
)
from traffic_booking.domain.people.actors import Actor
from traffic_booking.domain.people.applicants import Applicant, Known, Registration, stranger
from traffic_booking.domain.people.identity import PersonId
from traffic_booking.domain.schedule.slots import SlotKey
from traffic_booking.persistence.persons import new_applicant

ATTEMPTS: Final = 16
"""How often a request is decided before it gives up; every conflict means that somebody else got on."""

SEATS_RULE: Final = "BK-05"


@define(eq=False, repr=False)
class PendingRequest:
    """One caller's request; in the end, what it came to.

    `query` is what to read for it. `make` makes the command, once it is known which applicants the persons are, and
    `verb` decides it.
    """

    query: FactsQuery
    make: Callable[[Callable[[PersonId], Applicant]], Command]
    verb: Callable[[Configuration, Any, Facts, datetime], Change]
    command: Command | None = None
    applicants: dict[PersonId, Applicant] = field(factory=dict)
    registrations: tuple[Registration, ...] = ()
    attempts: int = 0
    admitted: Actor | None = None
    """Among whose refusals it was counted."""
    outcome: Outcome | Throttled | None = None
    error: Exception | None = None

    def decide(self, configuration: Configuration, facts: Facts, now: datetime) -> Change:
        """The change that does it, or that records the refusal; persons who are not registered become so with it.

        Raises `StoreUnreadable` if it asks for a slot and the calendar has an entry that can't be decoded.
        """
        if configuration.calendars.unreadable and self.query.slots:
            configuration.calendars.check_readable()
        applicants = self.applicants = {
            person: facts.known.get(person) or new_applicant(person) for person in self.query.persons
        }
        self.registrations = tuple(
            Registration(person=person, applicant=applicant, at=now)
            for person, applicant in applicants.items()
            if person not in facts.known
        )
        self.command = self.make(applicants.__getitem__)
        if facts.person_state is None and self.query.number is None and applicants:
            facts = facts.with_person_state(PersonState(next(iter(applicants.values()))))
        change: Change = self.verb(configuration, self.command, facts, now)
        return change.registering(self.registrations) if self.registrations else change

    @property
    def done(self) -> bool:
        """Whether there is an outcome, which is durable, or an error."""
        return self.outcome is not None or self.error is not None

    def receive(self, answer: Answer, known: Known) -> None:
        """Take the first answer to the request id, if it was to the same request; `known` are its persons."""
        if answer.command == self.make(lambda person: known.get(person) or stranger(person)):
            self.outcome = answer.outcome
        else:
            self.error = RequestMismatch(self.query.request_id)

    def result(self) -> Outcome | Throttled:
        """The outcome. A request id that had been answered got the first answer again.

        Raises `RequestMismatch` if that answer was to another request, and `StoreContended` after too many conflicts;
        if the last of them was about a seat of the slot, the rule about seats refuses instead. Raises any other error
        of this request, and the store's error if it was closed or unavailable for the whole round.
        """
        if self.error is not None:
            raise self.error
        assert self.outcome is not None, "a result is asked for once there is one"
        return self.outcome


@define(eq=False, repr=False)
class DecidedRequest:
    """What has been decided of a request, to be committed, and what was read for it."""

    request: PendingRequest
    found: Facts
    change: Change
    outcome: Outcome


def is_full(configuration: Configuration, key: SlotKey, seats_taken: int) -> bool:
    """Whether no seat of a slot is free; False for a key that names no slot, whose request is refused for that."""
    try:
        slot = configuration.slot(key)
    except NotFound:
        return False
    return slot is not None and seats_taken >= slot.capacity


def ended(configuration: Configuration, holds: Sequence[Appointment], now: datetime) -> list[Change]:
    """The changes that end those of `holds` that have run out by `now`."""
    rulebook = configuration.rulebook(now)
    decided = (decide_expiry(rulebook, hold, now) for hold in holds)
    return [change for change in decided if change is not None]


def shown(error: Exception) -> Exception:
    """`error`, or another in the place of one that carries the text of the request."""
    if not isinstance(error, UnicodeError):
        return error
    return InvalidInput("request", got="text that has no form in UTF-8", expected="text without lone surrogates")


def raised_again(error: Exception) -> Exception:
    """What the store raised for a whole round, for one more caller: each thread raises an exception of its own."""
    again = copy(error)
    again.__cause__ = error
    return again
