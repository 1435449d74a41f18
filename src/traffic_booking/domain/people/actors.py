"""Actors: a person for themselves, a delegate for them, a clerk, or the system itself; and auditors, who only read.

The host vouches for the actor and for a delegation. Hosts name persons by their ids (`Requester`), decisions and
records by their subjects (`Actor`).
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final, Generic, TypeVar

from attrs import field
from attrs.converters import optional

from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.instants import instant
from traffic_booking.domain.people.applicants import Applicant
from traffic_booking.domain.people.identity import PersonId, checked_person
from traffic_booking.domain.places.geography import BranchId, branch_id
from traffic_booking.domain.places.services import ServiceId, service_id
from traffic_booking.domain.text_input import slug
from traffic_booking.domain.value_input import bounded_list, remade
from traffic_booking.domain.values import frozen

MOST_SERVICES: Final = 64
"""The most services of one delegation. Unofficial."""
MOST_CLERK_BRANCHES: Final = 256
"""The most branches of one clerk. Unofficial."""


def _clerk(text: str) -> str:
    return slug(text, "clerk")


def _branches(ids: object) -> frozenset[BranchId]:
    branches = frozenset(branch_id(text) for text in bounded_list(ids, "branches", most=MOST_CLERK_BRANCHES))
    if not branches:
        raise InvalidInput("branches", got="none", expected="at least one branch, or None for all of them")
    return branches


@frozen
class Clerk:
    """A member of staff; `id` is the host's own name for them, a slug of at most 64 characters.

    With `branches` (1 to 256 ids) they act and read at these alone. Without, they serve every branch, and may declare
    for the whole country. Example: `Clerk("desk-1", branches=["riyadh-traffic"])`.

    Raises:
        InvalidInput: the id is no slug, or `branches` is empty, too long, or no list of branch ids.
    """

    id: str = field(converter=_clerk)
    branches: frozenset[BranchId] | None = field(default=None, converter=optional(_branches))

    def serves(self, branch: BranchId | None) -> bool:
        """True if they act at `branch`; None stands for the whole country."""
        return self.branches is None or branch in self.branches


@frozen
class System:
    """The library itself, for example when a hold runs out."""


def _auditor(text: str) -> str:
    return slug(text, "auditor")


@frozen
class Auditor:
    """A reader of the records; `id` is the host's own name for them, a slug of at most 64 characters.

    An auditor reads everything and changes nothing: each verb that changes something refuses one. Each question is
    written to the log under this name. Example: `Auditor("auditor-1")`.

    Raises:
        InvalidInput: the id is no slug.
    """

    id: str = field(converter=_auditor)


def _services(ids: object) -> frozenset[ServiceId]:
    services = frozenset(service_id(text) for text in bounded_list(ids, "services", most=MOST_SERVICES))
    if not services:
        raise InvalidInput("services", got="none", expected="at least one service")
    return services


Person = TypeVar("Person", PersonId, Applicant)


@frozen(kw_only=True)
class Delegate(Generic[Person]):
    """A person who may act for `applicant`: for some `services`, before `until` (UTC, exclusive)."""

    person: Person
    applicant: Person
    services: frozenset[ServiceId] = field(converter=_services)
    until: datetime = field(converter=instant)


Requester = PersonId | Delegate[PersonId] | Clerk | System
"""The actor of a request, as the host names them."""
Actor = Applicant | Delegate[Applicant] | Clerk | System
"""The actor, as recorded."""
STAFF: Final = (Clerk, System)


def may_act_for(actor: Actor, applicant: Applicant, branch: BranchId) -> bool:
    """True if `actor` may act for `applicant` at `branch`.

    That is the person themselves, their delegate, a clerk who serves the branch, or the library.
    """
    if actor is applicant:  # the usual case, without a comparison
        return True
    return is_staff(actor, branch) if isinstance(actor, STAFF) else _is_or_stands_for(actor, applicant)


def is_staff(actor: Actor, branch: BranchId | None) -> bool:
    """True for a clerk who serves `branch` (None: the whole country), and for the library."""
    return actor.serves(branch) if isinstance(actor, Clerk) else isinstance(actor, System)


def _is_or_stands_for(actor: Applicant | Delegate[Applicant], applicant: Applicant) -> bool:
    return actor.applicant == applicant if isinstance(actor, Delegate) else actor == applicant


def may_see(
    actor: Actor, applicant: Applicant, service: ServiceId, branch: BranchId, *, at: datetime | None = None
) -> bool:
    """True if `actor` may see the appointments of `applicant` for `service` at `branch`.

    A delegate may within the delegation's services and, if `at` is given, before the delegation ends.
    """
    return is_within_delegation(actor, service, at=at) and may_act_for(actor, applicant, branch)


def is_within_delegation(actor: Actor, service: ServiceId, *, at: datetime | None = None) -> bool:
    """True unless `actor` is a delegate without `service` or, if `at` is given, one whose delegation has ended then."""
    return not isinstance(actor, Delegate) or (service in actor.services and (at is None or at < actor.until))


def is_same(actor: Actor, other: Actor) -> bool:
    """True if both name one actor.

    Hosts make delegates and clerks anew for every request, so the bounds of a delegation and the branches of a clerk
    are not compared.
    """
    match actor, other:
        case Delegate(), Delegate():
            return actor.person == other.person and actor.applicant == other.applicant
        case Clerk(), Clerk():
            return actor.id == other.id
        case _:
            return actor == other


def requester(by: object) -> Requester:
    """A checked copy of `by`, if it is a requester. Raises `InvalidInput`, which omits it: it may be an id as text."""
    if type(by) is System:
        return by
    if type(by) is Clerk:
        return remade("actor", lambda: Clerk(by.id, by.branches))
    if type(by) is Delegate:
        return remade("actor", lambda: _checked_delegate(by))
    try:
        return checked_person(by, "actor")
    except InvalidInput:
        expected = "a NationalId, ResidentId, Delegate, Clerk or System"
        raise InvalidInput("actor", got=type(by).__name__, expected=expected) from None


def _checked_delegate(by: Delegate[PersonId]) -> Delegate[PersonId]:
    person, applicant = checked_person(by.person, "person"), checked_person(by.applicant, "applicant")
    return Delegate(person=person, applicant=applicant, services=by.services, until=by.until)


def staff(by: object, branch: BranchId | None = None) -> Clerk | System:
    """A checked copy of `by` if it is the library, or a clerk who serves `branch` (None: the whole country).

    Raises `InvalidInput`.
    """
    if type(by) not in STAFF or not isinstance(checked := requester(by), Clerk | System):
        raise InvalidInput("actor", got=type(by).__name__, expected="a Clerk or System")
    if not is_staff(checked, branch):
        where = "all branches" if branch is None else branch
        raise InvalidInput("actor", got="a Clerk of other branches", expected=f"a Clerk who serves {where}, or System")
    return checked


def auditor(by: object) -> Auditor:
    """A checked copy of `by`, if it is an auditor. Raises `InvalidInput`."""
    if type(by) is Auditor:
        return remade("actor", lambda: Auditor(by.id))
    raise InvalidInput("actor", got=type(by).__name__, expected="an Auditor")


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
    """`by`, with each person's id replaced by their applicant."""
    match by:
        case PersonId():
            return applicant_of(by)
        case Delegate():
            person, applicant = applicant_of(by.person), applicant_of(by.applicant)
            return Delegate(person=person, applicant=applicant, services=by.services, until=by.until)
        case _:
            return by
