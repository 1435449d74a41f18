"""What is added to the rules as it happens: announcements, orders, and the exceptions of one branch."""

from datetime import date
from enum import StrEnum
from typing import Final

from attrs import field, frozen
from attrs.converters import optional

from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.day import check_date
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.hijri import HijriDate
from traffic_booking.domain.outside_values import of_type
from traffic_booking.domain.places import BranchId, branch_id
from traffic_booking.domain.working_time.authority import Authority, AuthorityId, authority_id, days_in_order
from traffic_booking.domain.working_time.capacity import capacity
from traffic_booking.domain.working_time.hours import Hours, windows

MOST_DAYS_FROM_TABLE: Final = 2
"""How far from the table a month can be announced: further is a slip of the pen."""
MOST_ANNOUNCED_DAYS: Final = 60


@frozen(kw_only=True)
class MonthStart(Authority):
    """The announced first day of a Hijri month.

    It moves what is counted from that month by sighting, and nothing else: dates are converted by the table.
    """

    year: int
    month: int
    first_day: date

    @property
    def begins(self) -> tuple[int, int]:
        """Which month: its year and its place in it."""
        return self.year, self.month

    def __attrs_post_init__(self) -> None:
        check_date("first_day", self.first_day)
        tabled = HijriDate(self.year, self.month, 1).to_gregorian()
        if abs((self.first_day - tabled).days) > MOST_DAYS_FROM_TABLE:
            expected = f"at most {MOST_DAYS_FROM_TABLE} days from {tabled}"
            raise InvalidInput("first_day", got=self.first_day.isoformat(), expected=expected)


@frozen(kw_only=True)
class AnnouncedClosure(Authority):
    """Days off that an announcement gives to an `AnnouncedDays` rule; `first_day` to `last_day`, both included."""

    rule: AuthorityId = field(converter=authority_id)
    first_day: date
    last_day: date

    def __attrs_post_init__(self) -> None:
        days_in_order(self.first_day, self.last_day)
        days = (self.last_day - self.first_day).days + 1
        if days > MOST_ANNOUNCED_DAYS:
            raise InvalidInput("last_day", got=f"{days} days", expected=f"at most {MOST_ANNOUNCED_DAYS}")


Announcement = MonthStart | AnnouncedClosure


def _optional_windows(hours: object) -> tuple[Hours, ...] | None:
    if hours is None:
        return None
    ordered = windows(hours)
    if not ordered:
        raise InvalidInput("hours", got="an empty list", expected="at least one window, or none for the usual hours")
    return ordered


@frozen(kw_only=True)
class SpecialOrder(Authority):
    """A royal or ministerial order for `first_day` to `last_day`, both included: closed, or open against the rules.

    `hours` limits the hours of days that it opens. Where two orders meet, the later in the calendar's list holds.
    """

    first_day: date
    last_day: date
    opens: bool = field(default=False, validator=of_type(bool))
    hours: tuple[Hours, ...] | None = field(default=None, converter=_optional_windows)

    def __attrs_post_init__(self) -> None:
        days_in_order(self.first_day, self.last_day)
        if self.hours is not None and not self.opens:
            raise InvalidInput("hours", got="hours of a closing order", expected="none, or opens = true")


class Effect(StrEnum):
    """What a branch does differently."""

    CLOSED = "closed"
    OPEN = "open"
    OTHER_HOURS = "other-hours"
    OTHER_CAPACITY = "other-capacity"


@frozen(kw_only=True)
class BranchException:
    """What one branch does differently from `first_day` to `last_day`, both included.

    `hours` belongs to `OTHER_HOURS` and `capacity` (seats for each start time) to `OTHER_CAPACITY`; neither opens a
    closed day. Where two of the same kind meet, or one that opens and one that closes, the later of the list holds.
    """

    id: AuthorityId = field(converter=authority_id)
    branch: BranchId = field(converter=branch_id)
    first_day: date
    last_day: date
    effect: Effect = field(validator=of_type(Effect))
    reason: Bilingual = field(validator=of_type(Bilingual))
    hours: tuple[Hours, ...] | None = field(default=None, converter=_optional_windows)
    capacity: int | None = field(default=None, converter=optional(capacity))

    def __attrs_post_init__(self) -> None:
        days_in_order(self.first_day, self.last_day)
        self._only_for("hours", Effect.OTHER_HOURS, given=self.hours is not None)
        self._only_for("capacity", Effect.OTHER_CAPACITY, given=self.capacity is not None)

    def covers(self, day: date) -> bool:
        """Whether the exception is for that day."""
        return self.first_day <= day <= self.last_day

    def _only_for(self, name: str, effect: Effect, *, given: bool) -> None:
        if given is not (self.effect is effect):
            got = f"{'some' if given else 'none'} with effect {self.effect.value}"
            raise InvalidInput(name, got=got, expected=f"{name} with effect {effect.value} and no other")
