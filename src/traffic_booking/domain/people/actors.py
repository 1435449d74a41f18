"""Who acts: a person for themselves, a delegate for them, a clerk, or the system itself.

The host vouches for who it is, and for a delegation. A host names persons by their ids (`Requester`). Decisions and
records name them by their subjects (`Actor`).
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final, Generic, TypeVar

from attrs import field, frozen

from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.instants import instant
from traffic_booking.domain.people.applicants import Applicant
from traffic_booking.domain.people.identity import PersonId, checked_person
from traffic_booking.domain.places.services import ServiceId, service_id
from traffic_booking.domain.text_input import slug
from traffic_booking.domain.value_input import bounded_list, remade

MOST_SERVICES: Final = 64
"""Of one delegation. Unofficial; a catalogue has some dozens."""


def _clerk(text: str) -> str:
    return slug(text, "clerk")


@frozen
class Clerk:
    """A member of staff, under the host's own name for them (a slug, at most 64 characters)."""

    id: str = field(converter=_clerk)


@frozen
class System:
    """The library itself, such as when a hold runs out."""


def _services(ids: object) -> frozenset[ServiceId]:
    services = frozenset(service_id(text) for text in bounded_list(ids, "services", most=MOST_SERVICES))
    if not services:
        raise InvalidInput("services", got="none", expected="at least one service")
    return services


Person = TypeVar("Person", PersonId, Applicant)


@frozen(kw_only=True)
class Delegate(Generic[Person]):
    """A person whom `applicant` lets act for them: for some `services`, and before `until` (UTC)."""

    person: Person
    applicant: Person
    services: frozenset[ServiceId] = field(converter=_services)
    until: datetime = field(converter=instant)


Requester = PersonId | Delegate[PersonId] | Clerk | System
"""Who asks, as the host names them."""
Actor = Applicant | Delegate[Applicant] | Clerk | System
"""Who acts, as it is recorded."""
STAFF: Final = (Clerk, System)


def may_act_for(actor: Actor, applicant: Applicant) -> bool:
    """Whether `actor` may ask in the name of `applicant`: the person themselves, their delegate, staff, the library."""
    if actor is applicant or isinstance(actor, STAFF):
        return True
    return actor.applicant == applicant if isinstance(actor, Delegate) else actor == applicant


def may_see(actor: Actor, applicant: Applicant, service: ServiceId, *, at: datetime | None = None) -> bool:
    """Whether `actor` sees what `applicant` has for `service`.

    A delegate does within the services of the delegation and, if an instant is given, before it ends.
    """
    if isinstance(actor, Delegate) and (service not in actor.services or (at is not None and actor.until <= at)):
        return False
    return may_act_for(actor, applicant)


def requester(by: object) -> Requester:
    """`by`, checked again, if it can ask. Raises `InvalidInput`, which never shows it: an id as text, say."""
    if type(by) is System:
        return by
    if type(by) is Clerk:
        return remade("actor", lambda: Clerk(by.id))
    if type(by) is Delegate:
        return remade("actor", lambda: _delegate(by))
    try:
        return checked_person(by, "actor")
    except InvalidInput:
        expected = "a NationalId, ResidentId, Delegate, Clerk or System"
        raise InvalidInput("actor", got=type(by).__name__, expected=expected) from None


def _delegate(by: Delegate[PersonId]) -> Delegate[PersonId]:
    return Delegate(
        person=checked_person(by.person, "person"),
        applicant=checked_person(by.applicant, "applicant"),
        services=by.services,
        until=by.until,
    )


def staff(by: object) -> Clerk | System:
    """`by` if it is one of the staff, or the library. Raises `InvalidInput`."""
    if type(by) in STAFF:
        asks = requester(by)
        if isinstance(asks, Clerk | System):
            return asks
    raise InvalidInput("actor", got=type(by).__name__, expected="a Clerk or System")


def persons_of(by: Requester) -> tuple[PersonId, ...]:
    """The persons that `by` names."""
    match by:
        case PersonId():
            return (by,)
        case Delegate():
            return (by.person, by.applicant)
        case _:
            return ()


def actor_of(by: Requester, applicant_of: Callable[[PersonId], Applicant]) -> Actor:
    """`by` with a subject in the place of each id."""
    match by:
        case PersonId():
            return applicant_of(by)
        case Delegate():
            return Delegate(
                person=applicant_of(by.person),
                applicant=applicant_of(by.applicant),
                services=by.services,
                until=by.until,
            )
        case _:
            return by
