"""The availability index of a desk: its age and bounds, and surprises by the store or by another caller."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest

from tests import desks
from tests.async_desk import SteppedStore
from tests.calendars import PLAIN, exception
from tests.cases import CLERK
from tests.indexed_towns import Town
from tests.pools import booked, held, pooled
from tests.small_town import RETENTION, START, small_catalogue, small_rulebook
from traffic_booking import (
    AsyncDesk,
    BookingDesk,
    Catalogue,
    DeskParts,
    InvalidInput,
    StoreClosed,
    StoreError,
)
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.numbering import RandomNumbering
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.application import availability_index
from traffic_booking.application.availability_index import INDEX_STALENESS, OLDEST_INDEX
from traffic_booking.domain.audit.feed import FeedPosition
from traffic_booking.domain.schedule.entries import Withdrawal
from traffic_booking.domain.schedule.exceptions import Effect
from traffic_booking.domain.searching.bit_draft import COLUMNS_AT_ONCE, BitDraft
from traffic_booking.persistence.schema import SEATS
from traffic_booking.ports.primitives import Append, Count, LogPage, StoreChange
from traffic_booking.testing import MovableClock

open_desk: Any = desks.open_desk
MONDAY = date(2026, 11, 23)
MOMENT = timedelta(milliseconds=1)


class Watched:
    """A store in front of another: it counts what is read, and can fail, or be another one from now on."""

    def __init__(self) -> None:
        self.kept: Any = MemoryStore()
        self.reads = 0
        self.generation = 1
        self.failing = False

    def read(self, queries: Any) -> Any:
        self.reads += 1
        if self.failing:
            raise StoreError("watched: got no answer; expected one")
        return self.kept.read(queries)

    def feed(self, after: Any, *, limit: int) -> Any:
        self.reads += 1
        page = self.kept.feed(after, limit=limit)
        return LogPage(page.entries, FeedPosition(self.generation, page.complete_until.place))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.kept, name)


def town(catalogue: Catalogue | None = None, store: Any = None) -> Town:
    """The small town, or another, with an index that is refreshed before each search."""
    return Town(catalogue or small_catalogue(capacity=2), START, store)


def starts(town: Town, service: str = "renewal", **others: Any) -> list[Any]:
    """The starts and free seats that the desk with the index finds on Sunday and Monday at one branch."""
    until = MONDAY + timedelta(days=1)
    page = town.desk.find_slots(service=service, branch="north", until=until, limit=100, **others)
    assert page == town.writer.find_slots(service=service, branch="north", until=until, limit=100, **others)
    return [(each.key.starts_at, each.free) for each in page]


def test_a_desk_has_no_index_unless_it_is_asked_for():
    with BookingDesk.open("memory://") as desk:
        assert desk._office.index is None


@pytest.mark.parametrize("given", ["store", "", "INDEX", 1, True])
def test_any_other_availability_is_refused(given):
    with pytest.raises(InvalidInput) as refused:
        BookingDesk.open("memory://", availability=given)
    assert refused.value.field == "availability"


def test_while_the_index_is_young_a_search_reads_nothing_and_says_how_old_it_is():
    store = Watched()
    here = town(store=store)
    here.index.staleness = INDEX_STALENESS
    first = here.desk.find_slots(service="renewal")
    store.reads = 0
    here.clock.advance(INDEX_STALENESS - MOMENT)
    page = here.desk.find_slots(service="renewal")
    assert store.reads == 0
    assert (page.as_of, page.staleness) == (START, INDEX_STALENESS - MOMENT)
    assert [each.key for each in page] == [each.key for each in first]
    here.clock.advance(MOMENT)
    page = here.desk.find_slots(service="renewal")
    assert (page.as_of, page.staleness) == (START + INDEX_STALENESS, timedelta())
    assert store.reads > 0


def test_a_refresh_reads_the_counts_of_changed_slots_and_no_others():
    store = Watched()
    here = town(store=store)
    slots = here.desk.find_slots(service="renewal", branch="north")
    booked(here.writer, slots[0].key, 1)
    store.reads = 0
    here.snapshot()
    assert store.reads == 3, "the calendar, the feed, and the counts of one slot"
    here.snapshot()
    assert store.reads == 5, "the calendar and the feed"


def test_the_seat_of_a_hold_is_free_from_its_end_on_and_once_again_after_the_sweep():
    here = town(small_catalogue())
    every = starts(here)
    held(here.writer, here.desk.find_slots(service="renewal", branch="north")[0].key, 1)
    assert starts(here) == every[1:]
    here.clock.advance(timedelta(minutes=10))
    assert starts(here) == every
    here.writer.maintenance.expire_holds()
    assert starts(here) == every


def test_a_hold_that_ended_before_the_index_was_built_takes_no_seat():
    here = town(small_catalogue())
    every = [each.key.starts_at for each in here.writer.find_slots(service="renewal", branch="north", limit=5)]
    held(here.writer, here.writer.find_slots(service="renewal", branch="north")[0].key, 1)
    here.clock.advance(timedelta(minutes=10))
    assert [each for each, _ in starts(here)][:5] == every


def test_a_pool_gives_its_seats_to_one_service_or_another():
    here = town(pooled(capacity=1))
    before = {service: starts(here, service) for service in ("renewal", "transfer", "foreign")}
    appointment = booked(here.writer, here.desk.find_slots(service="transfer", branch="north")[1].key, 1)
    after = {service: starts(here, service) for service in before}
    assert {service: len(before[service]) - len(after[service]) for service in before} == {
        "renewal": 2,
        "transfer": 1,
        "foreign": 2,
    }
    here.writer.cancel(appointment.number, by=CLERK, request_id="cancel")
    assert {service: starts(here, service) for service in before} == before


def test_a_closure_removes_the_slots_of_its_branch_and_its_withdrawal_brings_them_back():
    here = town()
    before = starts(here)
    closure = exception(Effect.CLOSED, MONDAY, name="burst-pipe", branch="north")
    here.writer.calendar.declare(closure, reason="a test", by=CLERK, request_id="1")
    assert {each.date() for each, _ in starts(here)} == {START.date()}
    other = here.desk.find_slots(service="renewal", branch="south", from_=MONDAY, until=MONDAY + timedelta(days=1))
    assert len(other) == 20
    here.writer.calendar.declare(Withdrawal(closure.id), reason="a test", by=CLERK, request_id="2")
    assert starts(here) == before


@pytest.mark.parametrize("surprise", ["an earlier state", "a generation", "an entry"])
def test_the_index_is_built_anew_if_the_feed_cannot_go_on(surprise):
    store = Watched()
    here = town(store=store)
    slots = here.desk.find_slots(service="renewal", branch="north")
    booked(here.writer, slots[0].key, 1)
    booked(here.writer, slots[1].key, 3)
    assert starts(here)[0] == (slots[0].key.starts_at, 1)
    match surprise:
        case "an earlier state":  # in which another slot is taken
            store.kept = MemoryStore()
            booked(open_desk(small_catalogue(capacity=2), store=store.kept), slots[3].key, 2)
        case "a generation":
            store.kept.commit([StoreChange(counts=(Count(SEATS.name, taken(slots[3]), 1, 9),))])
            store.generation = 2
        case _:
            number = booked(here.writer, slots[3].key, 2).number
            store.kept.commit([StoreChange(entries=(Append(number, "moved", "{}"),))])
    here.writer = here.opened()
    free = dict(starts(here))
    assert free[slots[3].key.starts_at] == 1
    assert free[slots[0].key.starts_at] == (2 if surprise == "an earlier state" else 1)


def taken(slot: Any) -> str:
    """The key of the slot's count."""
    from traffic_booking.persistence.keys import seat_key

    return seat_key(slot.key)


def test_after_a_refresh_that_failed_the_next_one_misses_nothing():
    store = Watched()
    here = town(small_catalogue(), store)
    every = starts(here)
    held(here.writer, here.desk.find_slots(service="renewal", branch="north")[0].key, 1)
    assert starts(here) == every[1:]
    here.clock.advance(timedelta(minutes=10))
    store.failing = True
    with pytest.raises(StoreError):
        here.desk.find_slots(service="renewal")
    store.failing = False
    assert starts(here) == every


def test_a_count_that_cannot_be_decoded_does_not_stop_the_index():
    store = MemoryStore()
    store.commit([StoreChange(counts=(Count(SEATS.name, "north/renewal/2026-11-23T99:00:00", 1, 9),))])
    here = town(store=store)
    page = here.desk.find_slots(service="renewal", branch="south")
    assert len(page) == 20


def test_a_search_beyond_the_days_of_the_index_reads_the_store():
    store = Watched()
    here = town(store=store)
    here.index.staleness, here.index._days = INDEX_STALENESS, 2
    near: dict[str, Any] = {"from_": START.date(), "until": MONDAY}
    far: dict[str, Any] = {"from_": MONDAY + timedelta(days=2), "until": MONDAY + timedelta(days=3)}
    for bounds, reads in ((near, 0), (far, 1)):
        expected = here.writer.find_slots(service="renewal", **bounds)
        here.desk.find_slots(service="renewal", **bounds)
        store.reads = 0
        assert here.desk.find_slots(service="renewal", **bounds) == expected
        assert (store.reads > 0) is bool(reads)


def test_an_index_has_as_many_days_as_its_memory_allows():
    here = town()
    whole = here.snapshot()
    here = town()
    here.index._most_bytes = 20_000
    part = here.snapshot()
    assert whole.days.start == part.days.start
    assert part.days.stop < whole.days.stop
    starts(here)
    here.clock.advance(timedelta(days=1))
    assert here.snapshot().days.stop > part.days.stop, "a day that is over makes room"


def test_days_are_added_as_time_passes():
    here = town(small_catalogue())
    before = here.snapshot().days
    here.clock.advance(timedelta(days=3))
    assert here.snapshot().days == range(before.start + 3, before.stop + 3)
    starts(here)


def test_the_clock_may_go_back():
    here = town()
    here.snapshot()
    for back in (MOMENT, OLDEST_INDEX * 2):
        here.clock.advance(-back)
        starts(here)


def test_a_closed_desk_answers_no_search_from_its_index():
    here = town()
    here.index.staleness = INDEX_STALENESS
    here.desk.find_slots(service="renewal")
    here.desk.close()
    with pytest.raises(StoreClosed):
        here.desk.find_slots(service="renewal")


def test_another_process_writes_to_the_file(tmp_path):
    """Two stores over one file stand for two processes: only the feed connects them."""
    path = tmp_path / "bookings.db"
    here = town(small_catalogue(), SqliteStore(path))
    every = starts(here)
    other = here.opened(store=SqliteStore(path))
    appointment = booked(other, here.desk.find_slots(service="renewal", branch="north")[0].key, 1)
    assert starts(here) == every[1:]
    other.cancel(appointment.number, by=CLERK, request_id="cancel")
    assert starts(here) == every
    other.close()
    here.desk.close()


def async_desk(store: Any) -> AsyncDesk:
    return AsyncDesk(
        DeskParts(
            store=store,
            clock=MovableClock(START),
            catalogue=small_catalogue(),
            rulebook=small_rulebook(),
            calendar=PLAIN,
            numbering=RandomNumbering(),
            tickets={},
            retention=RETENTION,
            availability="index",
        )
    )


def test_while_one_task_builds_the_index_the_others_search_the_store():
    async def at_once() -> None:
        desk = async_desk(SteppedStore())
        pages = await asyncio.gather(*(desk.find_slots(service="renewal") for _ in range(5)))
        assert all(page == pages[0] for page in pages)
        assert desk._office.index is not None
        assert desk._office.index.latest(START) is not None

    asyncio.run(at_once())


def test_a_task_that_is_cancelled_while_it_builds_leaves_the_index_to_the_next():
    async def cancelled() -> None:
        desk = async_desk(SteppedStore())
        building = asyncio.create_task(desk.find_slots(service="renewal"))
        for _ in range(20):
            await asyncio.sleep(0)
        building.cancel()
        await asyncio.gather(building, return_exceptions=True)
        assert len(await desk.find_slots(service="renewal")) == 20
        assert desk._office.index is not None
        assert desk._office.index.latest(START) is not None

    asyncio.run(cancelled())


def test_other_tasks_run_after_a_bounded_number_of_starts(monkeypatch):
    """Counted, not timed: the starts that are changed between two checkpoints, and the counts that are read."""
    most, done = [0], [0]
    column, take = BitDraft._column, BitDraft.take

    def counted_column(self: BitDraft, *names: Any) -> Any:
        done[0] += 1
        return column(self, *names)

    def counted_take(self: BitDraft, *count: Any) -> None:
        done[0] += 1
        take(self, *count)

    async def checkpoint() -> None:
        most[0], done[0] = max(most[0], done[0]), 0
        await asyncio.sleep(0)

    monkeypatch.setattr(BitDraft, "_column", counted_column)
    monkeypatch.setattr(BitDraft, "take", counted_take)
    monkeypatch.setattr(availability_index, "async_checkpoint", checkpoint)

    async def build() -> None:
        store = SteppedStore()
        clock = MovableClock(START)
        writer = open_desk(small_catalogue(), store=store.kept, clock=clock)
        slots = writer.find_slots(service="renewal", limit=400)
        for serial, each in enumerate(slots[:300]):
            booked(writer, each.key, serial)
        desk: Any = async_desk(store)
        await desk.find_slots(service="renewal")
        for serial, each in enumerate(slots[300:400], start=300):
            booked(writer, each.key, serial)
        desk.clock.advance(INDEX_STALENESS)
        await desk.find_slots(service="renewal")

    asyncio.run(build())
    a_day_of_a_service = 24
    assert 0 < most[0] <= COLUMNS_AT_ONCE + a_day_of_a_service
