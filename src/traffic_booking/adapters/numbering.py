"""Appointment numbers from the operating system's random source."""

from os import urandom
from typing import Final

from traffic_booking.domain.appointments.numbers import SERIALS, AppointmentNumber, compose
from traffic_booking.domain.places.geography import BranchCode

_BYTES: Final = 5
assert SERIALS == 256**_BYTES, "every serial is as likely as any other"


class RandomNumbering:
    """Draws unpredictable serials."""

    def draw(self, code: BranchCode) -> AppointmentNumber:
        while True:
            number = compose(code, int.from_bytes(urandom(_BYTES)))
            if number is not None:
                return number
