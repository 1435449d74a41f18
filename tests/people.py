"""Two persons by their ids, as hosts name them; `tests.bookings` has the applicants of tests below the desk."""

from typing import Final

from traffic_booking.testing import made_up_person

ME: Final = made_up_person(1)
YOU: Final = made_up_person(2)
