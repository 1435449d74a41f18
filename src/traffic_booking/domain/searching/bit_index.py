"""The availability index: for each service and start, whole numbers whose bits are the branches with free seats.

It answers the same candidates as a search of the store, without a read. The cost follows the results and the days until
the first free slot, not the branches: a column of 5,000 branches is one whole number.
"""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Final

from attrs import evolve

from traffic_booking.domain.configuration import Configuration, civil_day
from traffic_booking.domain.places.geography import Branch, BranchId
from traffic_booking.domain.places.services import Service
from traffic_booking.domain.schedule.slots import Slot, SlotKey
from traffic_booking.domain.searching.bit_days import Tables, midnight
from traffic_booking.domain.searching.bit_places import BitPlaces
from traffic_booking.domain.searching.bit_search import BitSearch
from traffic_booking.domain.searching.question import Candidate, OrderKey, Question, SearchedBranch

CACHED_PLACES: Final = 64
"""How many lists of branches are cached as bits: those of the country, its regions and large towns."""
CACHED_SLOTS: Final = 16_384


class BitIndex:
    """The free seats of all slots on the days `first` to `until` (exclusive; ordinals in UTC), as of `as_of`.

    It never changes, so many threads may read it: a refresh makes another, which shares the days that are as before.
    Its caches alone are filled as it is used; every caller would make the same value.
    """

    def __init__(
        self,
        configuration: Configuration,
        tables: Tables,
        days: range,
        as_of: datetime,
        caches: "IndexCaches | None" = None,
    ) -> None:
        self.configuration = configuration
        self.tables = tables
        self.days = days
        self.as_of = as_of
        self._caches = caches if caches is not None else IndexCaches(configuration)

    def followed_by(self, configuration: Configuration, tables: Tables, days: range, as_of: datetime) -> "BitIndex":
        """The next index of the same store, with the caches of this one as far as they are still right."""
        same = configuration is self.configuration
        return BitIndex(configuration, tables, days, as_of, self._caches if same else None)

    @property
    def until(self) -> datetime:
        """The end of the days (exclusive): nothing is known of slots that start there or later."""
        return midnight(self.days.stop)

    def covers(self, question: Question, until: datetime) -> bool:
        """True if `candidates` finds all that a search up to `until` finds."""
        try:
            places = self.places(question.branches)
        except KeyError:
            return False
        begins = midnight(self.days.start)
        ends = [question.window(branch, begins, until)[1] for branch, _ in places.zones]
        return max(ends, default=begins) <= self.until and all(each.id in self.tables for each in question.services)

    def candidates(
        self,
        question: Question,
        first: datetime,
        last: datetime,
        behind: OrderKey | None = None,
        skip: AbstractSet[int] | None = None,
    ) -> Iterator[Candidate]:
        """The slots, or first slots of rows, from `first` (inclusive) to `last` (exclusive), in the question's order.

        They have enough free seats; no rule is evaluated. Only those whose key is greater than `behind`. The caller may
        add ranks to `skip` meanwhile: no further slot at these branches is returned. Each is made on demand: a day
        without a free seat costs O(services) steps, each over one bit for each branch.
        """
        places = self.places(question.branches)
        windows = [(branch, mask, *question.window(branch, first, last)) for branch, mask in places.zones]
        return BitSearch(
            self.tables, self.days, places, question, windows, self.slot, behind=behind, skip=skip
        ).candidates()

    def places(self, branches: Sequence[SearchedBranch]) -> BitPlaces:
        """The bits of a question's branches; those of the same tuple are cached. Raises `KeyError`."""
        cached = self._caches.places
        known = cached.get(id(branches))
        if known is None or known.branches is not branches:
            known = BitPlaces(tuple(branches), self._caches.place_of)
            if len(cached) >= CACHED_PLACES:  # cleared at once: counting uses would slow every look-up
                cached.clear()
            cached[id(known.branches)] = known
        return known

    def slot(self, branch: Branch, bit: int, service: Service, starts_at: datetime) -> Slot:
        """The slot of a service that starts then at a branch."""
        cached = self._caches.slots
        slot = cached.get((bit, starts_at, service.id))
        if slot is None:
            alike = self._caches.alike.of(branch)
            of_day = self.configuration.slots_of_day(alike, service, civil_day(branch, starts_at))
            slot = of_day.at(starts_at)
            assert slot is not None, "the index has the slots of its configuration"
            if alike is not branch:
                slot = evolve(slot, key=SlotKey(branch.id, service.id, starts_at))
            if len(cached) >= CACHED_SLOTS:
                cached.clear()
            cached[bit, starts_at, service.id] = slot
        return slot


class AlikeBranches:
    """For each branch, one with the same slots on every day, so that these are computed once."""

    def __init__(self, configuration: Configuration) -> None:
        self._calendars = configuration.calendars
        self._first: dict[tuple[object, ...], Branch] = {}
        self._found: dict[BranchId, Branch] = {}

    def of(self, branch: Branch) -> Branch:
        """A branch with the timetable, the time zone and the exceptions of `branch`, perhaps itself."""
        found = self._found.get(branch.id)
        if found is None:
            alike = (branch.timetable, branch.time_zone, self._calendars.exceptions_of(branch.id))
            found = self._found[branch.id] = self._first.setdefault(alike, branch)
        return found


class IndexCaches:
    """Values that the indexes of one configuration make again and again: bits of branches, and slots."""

    def __init__(self, configuration: Configuration) -> None:
        self.place_of = places_of(configuration)
        self.places: dict[int, BitPlaces] = {}
        """By the identity of the tuple, which each of them keeps alive."""
        self.slots: dict[tuple[int, datetime, str], Slot] = {}
        self.alike = AlikeBranches(configuration)


def places_of(configuration: Configuration) -> dict[BranchId, int]:
    """The bit of each branch: its place in the catalogue."""
    return {branch.id: place for place, branch in enumerate(configuration.catalogue.branches)}
