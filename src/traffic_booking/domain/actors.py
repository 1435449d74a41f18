"""Who acts: a person for themselves, a delegate for them, a clerk, or the system itself.

The host vouches for who it is, and for a delegation.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from attrs import field, frozen

from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.identity import PersonId
from traffic_booking.domain.outside_text import slug
from traffic_booking.domain.services import ServiceId, service_id
from traffic_booking.domain.slots import instant


def _clerk(text: str) -> str:
    return slug(text, "clerk")


@frozen
class Clerk:
    """A member of staff, under the host's own name for them (a slug, at most 64 characters)."""

    id: str = field(converter=_clerk)


@frozen
class System:
    """The library itself, such as when a hold runs out."""


def _services(ids: Iterable[str]) -> frozenset[ServiceId]:
    services = frozenset(service_id(text) for text in ids)
    if not services:
        raise InvalidInput("services", got="none", expected="at least one service")
    return services


@frozen(kw_only=True)
class Delegate:
    """A person whom `applicant` lets act for them: for some `services`, and before `until` (UTC)."""

    person: PersonId
    applicant: PersonId
    services: frozenset[ServiceId] = field(converter=_services)
    until: datetime = field(converter=instant)


Actor = PersonId | Delegate | Clerk | System
STAFF: Final = (Clerk, System)
_ACTORS: Final[tuple[type, ...]] = (PersonId, Delegate, *STAFF)


def may_act_for(actor: Actor, applicant: PersonId) -> bool:
    """Whether `actor` may ask in the name of `applicant`: the person themselves, their delegate, staff, the library."""
    if actor is applicant or isinstance(actor, STAFF):
        return True
    return actor.applicant == applicant if isinstance(actor, Delegate) else actor == applicant


def may_see(actor: Actor, applicant: PersonId, service: ServiceId, *, at: datetime | None = None) -> bool:
    """Whether `actor` sees what `applicant` has for `service`.

    A delegate does within the services of the delegation and, where an instant is given, before it ends.
    """
    if isinstance(actor, Delegate) and (service not in actor.services or (at is not None and actor.until <= at)):
        return False
    return may_act_for(actor, applicant)


def acting(by: Actor) -> Actor:
    """`by` where it is somebody who can act. Raises `InvalidInput`, which never shows it: an id as text, say."""
    if not isinstance(by, _ACTORS):
        expected = "a NationalId, ResidentId, Delegate, Clerk or System"
        raise InvalidInput("actor", got=type(by).__name__, expected=expected)
    return by
