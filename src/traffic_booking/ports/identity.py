"""Identities: ids, user names and their passwords."""

from typing import Protocol

from traffic_booking.domain.people.identity import PersonId
from traffic_booking.domain.people.sign_in import IdentityAnswer
from traffic_booking.domain.people.user_names import UserName


class IdentityProvider(Protocol):
    """Checks an id and a password. It counts no attempts: the sign-in does."""

    def person_of(self, name: UserName) -> PersonId | None:
        """Return the person with that user name.

        None if there is none, if the provider has no user names, or if it does not respond: `verify` reports that.
        """
        ...

    def verify(self, applicant: PersonId | None, password: str) -> IdentityAnswer:
        """Check whether the account has that password, with the same work for an unknown id as for a wrong password.

        `applicant` is None for a user name that nobody has: do the same work, and reject it. `password` is any text;
        one that could not have been set is REJECTED. It must not be logged or kept.
        """
        ...


class ResettableIdentity(IdentityProvider, Protocol):
    """An `IdentityProvider` whose passwords the gate may replace, after a code that was sent to the person."""

    def has_account(self, person: PersonId) -> bool:
        """Return whether the person has an account."""
        ...

    def check_password(self, password: str) -> None:
        """Raise `InvalidInput`, which omits the password, if it can't be set."""
        ...

    def set_password(self, person: PersonId, password: str) -> None:
        """Give the account a new password, which `check_password` accepts."""
        ...
