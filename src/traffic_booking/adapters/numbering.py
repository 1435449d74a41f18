"""Appointment numbers from the operating system's random source."""

from secrets import randbelow

from traffic_booking.domain.appointment_numbers import SERIALS, AppointmentNumber, compose
from traffic_booking.domain.places import BranchCode


class RandomNumbering:
    """Draws serials that nobody can foresee."""

    def draw(self, code: BranchCode) -> AppointmentNumber:
        while True:
            number = compose(code, randbelow(SERIALS))
            if number is not None:
                return number
