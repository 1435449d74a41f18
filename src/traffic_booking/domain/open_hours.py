"""A stretch of time in which a branch is open: what working time is counted over."""

from datetime import datetime, timedelta

from attrs import field, frozen

from traffic_booking.domain.slots import instant


@frozen
class OpenHours:
    """From `opens_at` until before `closes_at`, both in UTC."""

    opens_at: datetime = field(converter=instant)
    closes_at: datetime = field(converter=instant)

    @property
    def lasting(self) -> timedelta:
        """How long the branch is open."""
        return self.closes_at - self.opens_at
