"""A desk whose searches read a standby server: its replay is stopped, it is cut off, it goes away, it is promoted."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from tests.calendars import PLAIN
from tests.old_replicas import Ticks
from tests.postgres_pair import Pair, running_pair
from tests.postgres_server import ask, own_database
from tests.small_town import RETENTION, START, small_catalogue, small_rulebook
from traffic_booking import AsyncBookingDesk, BookingDesk, InvalidInput
from traffic_booking.adapters.postgres.replica import PostgresReplica
from traffic_booking.application.replicas import MARK_SECONDS, OLDEST_READ_SECONDS, PAUSE_SECONDS
from traffic_booking.testing import MovableClock, made_up_person

pytestmark = pytest.mark.long

ME, HER = made_up_person(1), made_up_person(2)
QUESTION: Any = {"service": "renewal", "branch": "north", "limit": 1}
ALL_REPLAYED = "SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn"


class Town:
    """A desk with a replica, a desk that writes beside it, and the clock of ages."""

    def __init__(self, pair: Pair, opened: ExitStack) -> None:
        self.pair, self.ticks = pair, Ticks()
        parts: Any = {
            "clock": MovableClock(START),
            "catalogue": small_catalogue(),
            "rulebook": small_rulebook(),
            "calendar": PLAIN,
            "retention": RETENTION,
        }
        self.url, self.read_url = pair.primary.url, pair.standby.url
        self.parts = parts
        self.other = opened.enter_context(BookingDesk.open(self.url, **parts))
        self.desk = opened.enter_context(BookingDesk.open(self.url, read_url=self.read_url, **parts))
        replicated: Any = self.desk._office.replicated
        replicated.ticks = self.ticks
        self.replay()

    def replay(self) -> None:
        """Return once the standby has everything, and has a new mark's worth of time."""
        [(written,)] = ask(self.url, "SELECT pg_current_wal_flush_lsn()")
        while not ask(self.read_url, ALL_REPLAYED, written)[0][0]:
            pass
        self.ticks.now += MARK_SECONDS

    def book(self, person: Any, number: int = 0) -> Any:
        """Book the first slot that is free, at the other desk."""
        (slot,) = self.other.find_slots(**QUESTION)
        self.other.book(slot, applicant=person, agreed=True, request_id=f"{number}")
        return slot

    def first(self) -> Any:
        """The page that the desk finds."""
        return self.desk.find_slots(**QUESTION)


@pytest.fixture
def town() -> Iterator[Town]:
    with running_pair() as pair, ExitStack() as opened:
        yield Town(pair, opened)


def test_a_standby_answers_as_old_as_it_is_and_the_primary_beyond_the_bound(town):
    before = town.first()
    assert before.staleness.total_seconds() == 0
    ask(town.read_url, "SELECT pg_wal_replay_pause()")
    slot = town.book(HER)
    town.ticks.now += 1
    page = town.first()
    assert page[0].key == slot.key
    assert page.staleness.total_seconds() == 1
    assert len(town.desk.appointments(HER)) == 1, "an empty list is read from the primary"
    assert len(town.desk.month_view(service="renewal", branch="north", year=2026, month_of_year=11)) == 30
    town.ticks.now += OLDEST_READ_SECONDS
    assert town.first()[0].key != slot.key
    ask(town.read_url, "SELECT pg_wal_replay_resume()")
    town.replay()
    town.first()
    town.ticks.now += MARK_SECONDS
    page = town.first()
    assert page[0].key != slot.key
    assert page.staleness.total_seconds() == 0


def test_who_has_just_booked_sees_it_while_the_replay_is_stopped(town):
    ask(town.read_url, "SELECT pg_wal_replay_pause()")
    (slot,) = town.first()
    town.desk.book(slot, applicant=ME, agreed=True, request_id="mine")
    assert [each.slot for each in town.desk.appointments(ME).upcoming] == [slot.key]
    ask(town.read_url, "SELECT pg_wal_replay_resume()")


def test_a_standby_that_lost_its_primary_is_not_taken_for_current(town):
    town.first()
    ask(town.read_url, "ALTER SYSTEM SET primary_conninfo = ''")
    ask(town.read_url, "SELECT pg_reload_conf()")
    ask(town.url, "ALTER SYSTEM SET synchronous_standby_names = ''")
    ask(town.url, "SELECT pg_reload_conf()")
    while ask(town.url, "SELECT pid FROM pg_stat_replication"):
        pass
    slot = town.book(HER)
    [(looks_complete,)] = ask(town.read_url, "SELECT pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn()")
    assert looks_complete
    town.ticks.now += OLDEST_READ_SECONDS + 1
    assert town.first()[0].key != slot.key


def test_the_primary_answers_while_the_standby_is_down_and_the_desk_may_be_opened(town):
    ask(town.url, "ALTER SYSTEM SET synchronous_standby_names = ''")
    ask(town.url, "SELECT pg_reload_conf()")
    town.pair.standby.crash()
    slot = town.book(HER)
    assert town.first()[0].key != slot.key
    with BookingDesk.open(town.url, read_url=town.read_url, **town.parts) as another:
        assert another.find_slots(**QUESTION)[0].key != slot.key
    town.pair.standby.start()
    town.replay()
    town.ticks.now += PAUSE_SECONDS
    town.first()
    town.ticks.now += MARK_SECONDS
    assert town.first().staleness.total_seconds() == 0
    assert town.desk._office.replicated._paused_until < town.ticks.now, "the standby has answered"


def test_a_promoted_standby_is_a_replica_no_more(town):
    ask(town.url, "ALTER SYSTEM SET synchronous_standby_names = ''")
    ask(town.url, "SELECT pg_reload_conf()")
    town.first()
    ask(town.read_url, "SELECT pg_promote()")
    slot = town.book(HER)
    assert town.first()[0].key != slot.key


def test_after_a_failover_the_address_of_both_servers_finds_the_new_standby(town):
    pair = town.pair
    with closing(PostgresReplica(pair.url.replace("read-write", "standby"))) as replica:
        assert replica.read(()).reached
        pair.primary.crash()
        pair.promote()
        pair.standby.rewind_to(pair.primary)
        pair.await_standby()
        assert replica.read(()).reached is None, "of the server that was promoted"
        assert replica.read(()).reached


def test_a_standby_of_another_database_is_refused(town):
    with own_database(town.url, "another") as url, BookingDesk.open(url, **town.parts):
        town.replay()
        other = town.read_url.replace("/postgres?", "/another?")
        with pytest.raises(InvalidInput, match="a replica of another store"):
            BookingDesk.open(town.url, read_url=other, **town.parts)


def test_a_desk_for_asyncio_reads_the_standby(town):
    async def search() -> Any:
        async with await AsyncBookingDesk.open(town.url, read_url=town.read_url, **town.parts) as desk:
            replicated: Any = desk._office.replicated
            await desk.find_slots(**QUESTION)
            ask(town.read_url, "SELECT pg_wal_replay_pause()")
            replicated.ticks = town.ticks
            replicated._marks = tuple((town.ticks.now, mark) for _, mark in replicated._marks)
            slot = town.book(HER)
            town.ticks.now += 1
            page = await desk.find_slots(**QUESTION)
            assert page[0].key == slot.key
            assert page.staleness.total_seconds() == 1

    asyncio.run(search())
    ask(town.read_url, "SELECT pg_wal_replay_resume()")
