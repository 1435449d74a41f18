"""Made-up identities with a correct check digit, and a clock that is moved by hand."""

from datetime import datetime, timedelta

from traffic_booking.domain.instants import instant
from traffic_booking.domain.people.applicants import Applicant, Subject
from traffic_booking.domain.people.identity import NationalId, ResidentId, check_total
from traffic_booking.domain.places.services import Holder


def made_up_person(serial: int, holder: Holder = Holder.CITIZEN) -> NationalId | ResidentId:
    """The made-up id with that serial, the same one each time.

    Args:
        serial: from 0 to 99,999,999.

    Example: `desk.book(slot, applicant=made_up_person(1), agreed=True, request_id="r-1")`.
    """
    first = "1" if holder is Holder.CITIZEN else "2"
    body = f"{first}{serial:08d}"
    digits = body + str(-check_total(body + "0") % 10)
    return NationalId(digits) if holder is Holder.CITIZEN else ResidentId(digits)


def made_up_applicant(serial: int, holder: Holder = Holder.CITIZEN) -> Applicant:
    """The applicant with that serial, for tests below the desk; a desk draws a random subject for `made_up_person`.

    Example: `made_up_applicant(1).subject`.
    """
    return Applicant(Subject(f"made-up-subject-{serial:06d}"), holder)


class MovableClock:
    """A `Clock` that shows one instant until it is moved.

    Example: `clock = MovableClock(datetime(2026, 11, 22, 7, tzinfo=UTC))`.
    """

    def __init__(self, start: datetime) -> None:
        self._now = instant(start)

    def now(self) -> datetime:
        """The instant that the clock shows (UTC)."""
        return self._now

    def move_to(self, moment: datetime) -> None:
        """Show another instant, earlier or later.

        Example: `clock.move_to(slot.starts_at)`.
        """
        self._now = instant(moment)

    def advance(self, by: timedelta) -> None:
        """Go on by some time.

        Example: `clock.advance(timedelta(minutes=10))`.
        """
        self._now += by
