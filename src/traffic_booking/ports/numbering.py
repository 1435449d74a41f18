"""New appointment numbers."""

from typing import Protocol

from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.places.geography import BranchCode


class Numbering(Protocol):
    """Draws appointment numbers. Called from several threads at once."""

    def draw(self, code: BranchCode) -> AppointmentNumber:
        """A number of that branch, unpredictable. One that is in use already is drawn again by the caller."""
        ...
