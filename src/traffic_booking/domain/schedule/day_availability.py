"""A day of a month view: its seats, the free ones, and why there are none."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from attrs import field

from traffic_booking.domain.bilingual import Bilingual, Digits, Language, in_digits
from traffic_booking.domain.calendars.day import Day
from traffic_booking.domain.schedule.slots import SlotKey
from traffic_booking.domain.values import frozen


class DayState(StrEnum):
    """The state of a day for a service at a branch: free, or the reason why it is not.

    A day on which any shift opens is not `CLOSED`. It has `NO_SERVICE` if none of its slots is for the service. A day
    with slots of the night before has their state.
    `NOT_BOOKABLE`: another rule than those of the other states refuses every slot that is still to come.

    Over several branches or services, a day has the first of these states that applies to one of them: free, full, not
    yet open, suspended, not bookable, past, no service, closed.
    """

    FREE = "free"
    FULL = "full"
    NOT_YET_OPEN = "not-yet-open"
    PAST = "past"
    CLOSED = "closed"
    NO_SERVICE = "no-service"
    SUSPENDED = "suspended"
    NOT_BOOKABLE = "not-bookable"


@frozen(kw_only=True)
class DayAvailability:
    """One civil day of a month view: the seats of the slots that can be booked, the free ones, and the day's state.

    Instants are in the branch's time zone. `first_free` is the first start with a free seat, and `first_free_slot` that
    slot, with its branch and service. `opens_at` is the instant from which the first slot of a day that is not yet open
    can be booked. `until` is the end of a suspension.

    `rules` has the ids of the calendar's rules behind a closed day, the deciding one first. For a day whose slots are
    all refused, it has the ids of the broken rules. `reason` is the short name of what closes the day (its sentence:
    `desk.calendar.statement`), the text of a suspension, or that of the rule behind `NOT_BOOKABLE`.

    The seats were counted as of `as_of`, which is the instant of the call unless the desk reads a replica.

    Over several branches or services, the day is the civil day at each branch, and `seats` and `free` are sums.
    `opens_at` and `until` are the earliest of any. If branches are closed for different reasons, `reason` is “for
    reasons that differ between branches”, and `rules` is empty.

    Example::

        view = desk.month_view(service="licence-renewal", branch="riyadh-traffic", year=2026, month_of_year=12)
        [day.text("en") for day in view]  # ["Free from 07:30", ..., "Closed: Weekend", ...]
    """

    day: Day
    state: DayState
    seats: int = 0
    free: int = 0
    first_free: datetime | None = None
    first_free_slot: SlotKey | None = None
    opens_at: datetime | None = None
    until: datetime | None = None
    rules: tuple[str, ...] = ()
    reason: Bilingual | None = None
    as_of: datetime | None = field(default=None, eq=False)

    def text(self, language: Language, digits: Digits = "ascii") -> str:
        """The state as a person reads it, such as `Full`, `Free from 09:00` or `مغلق: …`."""
        opens, resumes = (
            moment and Day(moment.date()).text(language, digits) for moment in (self.opens_at, self.until)
        )
        at = self.first_free or self.opens_at
        text = _TEXTS[self.state](language).format(
            time=at and f"{at:%H:%M}", opens=opens, resumes=resumes, reason=self.reason and self.reason(language)
        )
        return in_digits(text.removesuffix("."), digits)


_TEXTS: Final = {
    DayState.FREE: Bilingual("متاح من الساعة {time}", "Free from {time}"),
    DayState.FULL: Bilingual("مكتمل", "Full"),
    DayState.NOT_YET_OPEN: Bilingual(
        "يُفتح الحجز يوم {opens}، الساعة {time}", "Opens for booking on {opens}, at {time}"
    ),
    DayState.PAST: Bilingual("مضى", "Past"),
    DayState.CLOSED: Bilingual("مغلق: {reason}", "Closed: {reason}"),
    DayState.NO_SERVICE: Bilingual("لا تُقدَّم هذه الخدمة في هذا اليوم", "This service is not offered on this day"),
    DayState.SUSPENDED: Bilingual(
        "الخدمة موقوفة، وتُستأنف يوم {resumes}: {reason}", "The service is suspended and resumes on {resumes}: {reason}"
    ),
    DayState.NOT_BOOKABLE: Bilingual("{reason}", "{reason}"),
}
