"""Who acts: a person for their own appointment, a clerk, or the system itself. The host vouches for who it is."""

from typing import Final

from attrs import field, frozen

from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.identity import PersonId
from traffic_booking.domain.outside_text import slug


def _clerk(text: str) -> str:
    return slug(text, "clerk")


@frozen
class Clerk:
    """A member of staff, under the host's own name for them (a slug, at most 64 characters)."""

    id: str = field(converter=_clerk)


@frozen
class System:
    """The library itself, such as when a hold runs out."""


Actor = PersonId | Clerk | System
STAFF: Final = (Clerk, System)


def may_act_for(actor: Actor, applicant: PersonId) -> bool:
    """Whether `actor` may ask for something in the name of `applicant`: the person themselves, staff, the library."""
    return actor is applicant or isinstance(actor, STAFF) or actor == applicant


def acting(by: Actor) -> Actor:
    """`by` where it is somebody who can act. Raises `InvalidInput`, which never shows it: an id as text, say."""
    if not isinstance(by, PersonId | Clerk | System):
        raise InvalidInput("actor", got=type(by).__name__, expected="a NationalId, ResidentId, Clerk or System")
    return by
