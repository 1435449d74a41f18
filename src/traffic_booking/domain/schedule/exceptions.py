"""Changes of the usual hours: special orders, and the exceptions of one branch."""

from datetime import date
from enum import StrEnum

from attrs import field
from attrs.converters import optional

from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.calendars.authority import Authority, AuthorityId, authority_id, days_in_order
from traffic_booking.domain.calendars.hours import Hours, capacity, windows
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.instants import keep_dates
from traffic_booking.domain.places.geography import BranchId, branch_id
from traffic_booking.domain.value_input import of_type
from traffic_booking.domain.values import frozen


def _optional_windows(hours: object) -> tuple[Hours, ...] | None:
    if hours is None:
        return None
    ordered = windows(hours)
    if not ordered:
        raise InvalidInput("hours", got="an empty list", expected="at least one window, or none for the usual hours")
    return ordered


@frozen(kw_only=True)
class SpecialOrder(Authority):
    """A royal or ministerial order that closes or opens `first_day` to `last_day`, both inclusive.

    `hours` limits the hours of the days that it opens. Of two orders for a day, the later in the calendar's list
    decides.
    """

    first_day: date
    last_day: date
    opens: bool = field(default=False, validator=of_type(bool))
    hours: tuple[Hours, ...] | None = field(default=None, converter=_optional_windows)

    def __attrs_post_init__(self) -> None:
        keep_dates(self, "first_day", "last_day")
        days_in_order(self.first_day, self.last_day)
        if self.hours is not None and not self.opens:
            raise InvalidInput("hours", got="hours of a closing order", expected="none, or opens = true")


class Effect(StrEnum):
    """The effect of an exception on a branch."""

    CLOSED = "closed"
    OPEN = "open"
    OTHER_HOURS = "other-hours"
    OTHER_CAPACITY = "other-capacity"


@frozen(kw_only=True)
class BranchException:
    """An exception of one branch, from `first_day` to `last_day`, both inclusive.

    `hours` belongs to `OTHER_HOURS` and `capacity` (seats for each start time) to `OTHER_CAPACITY`. Neither opens a
    closed day. Of two exceptions of one kind, or one that opens and one that closes, the later in the list decides.
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
        keep_dates(self, "first_day", "last_day")
        days_in_order(self.first_day, self.last_day)
        for name, effect in (("hours", Effect.OTHER_HOURS), ("capacity", Effect.OTHER_CAPACITY)):
            given = getattr(self, name) is not None
            if given is not (self.effect is effect):
                got = f"{'some' if given else 'none'} with effect {self.effect.value}"
                raise InvalidInput(name, got=got, expected=f"{name} with effect {effect.value} and no other")

    def covers(self, day: date) -> bool:
        """True if the exception is for that day."""
        return self.first_day <= day <= self.last_day
