"""The host's channel for codes that reset a password: SMS, e-mail or another way that reaches the person alone."""

from datetime import datetime
from typing import Protocol

from traffic_booking.domain.people.identity import PersonId


class ResetChannel(Protocol):
    """Sends reset codes. Called from several threads at once."""

    def send(self, person: PersonId, code: str, expires_at: datetime) -> None:
        """Send the code to the person, by an address that was known before the request. It is valid until `expires_at`.

        Put it into a queue and return at once: a reply that takes longer shows that there is an account. The code must
        not be logged.
        """
        ...
