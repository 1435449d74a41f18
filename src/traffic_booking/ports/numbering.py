"""New appointment numbers."""

from typing import Protocol

from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.places.geography import BranchCode


class Numbering(Protocol):
    """Draws appointment numbers. Called from several threads at once."""

    def draw(self, code: BranchCode) -> AppointmentNumber:
        """Draw an unpredictable number of that branch. If it is in use already, the caller draws another."""
        ...
