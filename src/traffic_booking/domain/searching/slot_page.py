"""A page of the slots that a search found."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import overload

from attrs import field

from traffic_booking.domain.instants import instant
from traffic_booking.domain.rules.verdict import Verdict
from traffic_booking.domain.schedule.slots import AvailableSlot
from traffic_booking.domain.values import frozen


@frozen(eq=False)
class SlotPage(Sequence[AvailableSlot]):
    """The slots that a search found, in its order (see `SlotOrder`).

    They were free at `as_of`, which was `staleness` before the answer: no time at all, unless the desk searches an
    index. `next` is the cursor of the page behind this one, for `find_slots(after=…)`; None if the search found no
    more. A page may be shorter than its limit, or empty, and have a `next`: the personal rules had refused so many
    slots that the search paused.

    No slot of the search that starts before `searched_until` (UTC) is left for a later page. `refused` has the verdicts
    of the personal rules that refuse every slot of a service that the search tried: the reason for an empty page.
    A page is equal to a page, or a tuple, of the same slots.

    Example::

        page = desk.find_slots(service="licence-renewal", limit=20)
        more = desk.find_slots(service="licence-renewal", limit=20, after=page.next) if page.next else ()
    """

    slots: tuple[AvailableSlot, ...]
    as_of: datetime = field(kw_only=True, converter=instant)
    searched_until: datetime = field(kw_only=True, converter=instant)
    next: str | None = field(kw_only=True, default=None)
    staleness: timedelta = field(kw_only=True, default=timedelta())
    refused: tuple[Verdict, ...] = field(kw_only=True, default=())

    @overload
    def __getitem__(self, place: int) -> AvailableSlot: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[AvailableSlot, ...]: ...
    def __getitem__(self, place: int | slice) -> AvailableSlot | tuple[AvailableSlot, ...]:
        return self.slots[place]

    def __len__(self) -> int:
        return len(self.slots)

    def __iter__(self) -> Iterator[AvailableSlot]:
        return iter(self.slots)

    def __contains__(self, slot: object) -> bool:
        return slot in self.slots

    def __eq__(self, other: object) -> bool:
        return self.slots == (other.slots if isinstance(other, SlotPage) else other)

    def __hash__(self) -> int:
        return hash(self.slots)
