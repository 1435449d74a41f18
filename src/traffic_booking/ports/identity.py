"""Identities: ids and their passwords."""

from typing import Protocol

from traffic_booking.domain.people.identity import PersonId
from traffic_booking.domain.people.sign_in import IdentityAnswer


class IdentityProvider(Protocol):
    """Checks an id and a password. It counts no attempts: the sign-in does."""

    def verify(self, applicant: PersonId, password: str) -> IdentityAnswer:
        """Check whether the account has that password, with the same work for an unknown id as for a wrong password.

        `password` is any text; one that could not have been set is REJECTED. It must not be logged or kept.
        """
        ...
