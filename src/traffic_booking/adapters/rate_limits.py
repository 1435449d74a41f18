"""Rate limits in the memory of one process."""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Final

from attrs import field, frozen

from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.number_input import bounded_number
from traffic_booking.ports.rate_limits import Traffic

MOST_CALLERS: Final = 100_000
MOST_KEPT: Final = 10_000_000
MOST_A_MINUTE: Final = 1_000_000_000
PER_MINUTE: Final[Mapping[Traffic, int]] = {"address": 600, "person": 240, "sign-in": 30}
"""The requests of one caller in a minute, by default. Unofficial."""
_MINUTE: Final = 60.0


@frozen(kw_only=True)
class ProcessRateLimits:
    """A `RateLimits` in this process: each caller has `per_minute` requests at once, and gets them back evenly.

    At most `most_callers` callers are kept, and the one that was silent longest is forgotten first: a forgotten caller
    begins anew. With several processes each counts alone.

    Args:
        per_minute: The requests of one caller in a minute, 1 to 1,000,000,000, for each kind of traffic.
        most_callers: The most callers that are kept, 1 to 10,000,000.
        seconds: A clock in seconds that never goes backward.

    Raises:
        InvalidInput: A number is out of its bounds.

    Example::

        booking_app(desk, actor_of=actor_of, rate_limits=ProcessRateLimits(per_minute={"person": 60}))
    """

    per_minute: Mapping[Traffic, int] = field(factory=dict)
    most_callers: int = MOST_CALLERS
    seconds: Callable[[], float] = time.monotonic
    _full_at: OrderedDict[tuple[str, str], float] = field(init=False, factory=OrderedDict, repr=False)
    """For each caller the instant at which they have all their requests again."""

    def __attrs_post_init__(self) -> None:
        bounded_number(self.most_callers, "most_callers", least=1, greatest=MOST_KEPT)
        for traffic, count in self.per_minute.items():
            if traffic not in PER_MINUTE:
                raise InvalidInput("per_minute", got="another text", expected=", ".join(PER_MINUTE))
            bounded_number(count, "per_minute", least=1, greatest=MOST_A_MINUTE)

    async def seconds_to_wait(self, traffic: Traffic, who: str) -> float:
        """Count a request, or return the seconds to wait."""
        now, caller = self.seconds(), (traffic, who)
        each = _MINUTE / (self.per_minute.get(traffic) or PER_MINUTE[traffic])
        full_at = max(now, self._full_at.pop(caller, now)) + each
        wait = full_at - now - _MINUTE
        if wait > 1e-9:  # noqa: PLR2004 - rounding
            self._full_at[caller] = full_at - each
            return wait
        self._full_at[caller] = full_at
        if len(self._full_at) > self.most_callers:
            self._full_at.popitem(last=False)
        return 0.0
