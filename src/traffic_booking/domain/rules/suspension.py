"""A service that is suspended for some days, everywhere or at one branch: no slot of it on those days can be booked."""

from datetime import date, datetime
from functools import cached_property

from attrs import field, frozen
from attrs.converters import optional

from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.outside_values import of_type
from traffic_booking.domain.places import BranchId, branch_id
from traffic_booking.domain.rules.rule import check_end, first_day, legal_midnight
from traffic_booking.domain.services import ServiceId, service_id
from traffic_booking.domain.slots import SlotKey


@frozen(kw_only=True)
class Suspension:
    """The days, from `from_day` until before `until_day`, on which no slot of `service` is given.

    Both days begin at midnight in Riyadh. `branch` None: at every branch.
    """

    service: ServiceId = field(converter=service_id)
    branch: BranchId | None = field(default=None, converter=optional(branch_id))
    from_day: date = field(converter=first_day)
    until_day: date
    reason: Bilingual = field(validator=of_type(Bilingual))

    def __attrs_post_init__(self) -> None:
        check_end("until_day", self.until_day, after=self.from_day)

    def covers(self, slot: SlotKey) -> bool:
        """Whether the slot is one of those that aren't given."""
        if slot.service != self.service or self.branch not in (None, slot.branch):
            return False
        return self.starts_at <= slot.starts_at < self.ends_at

    @cached_property
    def starts_at(self) -> datetime:
        """The instant from which no slot is given (UTC)."""
        return legal_midnight(self.from_day)

    @cached_property
    def ends_at(self) -> datetime:
        """The instant from which slots are given again (UTC)."""
        return legal_midnight(self.until_day)
