"""Official announcements: the first day of a Hijri month, and days off."""

from datetime import date
from typing import Final

from attrs import field

from traffic_booking.domain.calendars.authority import Authority, AuthorityId, authority_id, days_in_order
from traffic_booking.domain.calendars.hijri import HijriDate
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.instants import keep_dates
from traffic_booking.domain.values import frozen

MOST_DAYS_FROM_TABLE: Final = 2
"""Days between an announced month and the table; more is a slip of the pen."""
MOST_ANNOUNCED_DAYS: Final = 60


@frozen(kw_only=True)
class MonthStart(Authority):
    """The announced first day of a Hijri month.

    It moves the holidays that are counted by sighting: those of this month, and those of later ones until another month
    is announced. Dates are still converted by the table.
    """

    year: int
    month: int
    first_day: date

    @property
    def begins(self) -> tuple[int, int]:
        """The month: its year and its number."""
        return self.year, self.month

    def __attrs_post_init__(self) -> None:
        keep_dates(self, "first_day")
        tabled = HijriDate(self.year, self.month, 1).to_gregorian()
        if abs((self.first_day - tabled).days) > MOST_DAYS_FROM_TABLE:
            expected = f"at most {MOST_DAYS_FROM_TABLE} days from {tabled}"
            raise InvalidInput("first_day", got=self.first_day.isoformat(), expected=expected)


@frozen(kw_only=True)
class AnnouncedClosure(Authority):
    """Announced days off of an `AnnouncedDays` rule, `first_day` to `last_day`, both inclusive."""

    rule: AuthorityId = field(converter=authority_id)
    first_day: date
    last_day: date

    def __attrs_post_init__(self) -> None:
        keep_dates(self, "first_day", "last_day")
        days_in_order(self.first_day, self.last_day)
        days = (self.last_day - self.first_day).days + 1
        if days > MOST_ANNOUNCED_DAYS:
            raise InvalidInput("last_day", got=f"{days} days", expected=f"at most {MOST_ANNOUNCED_DAYS}")


Announcement = MonthStart | AnnouncedClosure
