"""The health of a desk: each check passes and fails, in both languages, and nothing is raised."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from attrs import evolve as copy_with

from tests.bookings import slot
from tests.desks import open_desk
from tests.people import ME
from tests.small_town import START, small_catalogue
from traffic_booking import (
    BEGINNING,
    AsyncBookingDesk,
    BookingDesk,
    Clerk,
    DeskParts,
    HealthCheck,
    InvalidInput,
)
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.application import health_check
from traffic_booking.application.health import SENTENCES
from traffic_booking.testing import FaultyStore, MovableClock, StoreFault

NAMES = ["store", "clock", "rulebook", "calendar", "catalogue", "installed", "line"]


def failed(health):
    return [each.name for each in health.checks if not each.passed]


def test_a_sound_desk_is_healthy_and_names_its_store_rulebook_time_and_feed_position():
    desk = open_desk()
    desk.book(slot(25), applicant=ME, agreed=True, request_id="b")
    health = desk.health()
    assert health
    assert [each.name for each in health.checks] == NAMES
    assert (health.store, health.at, health.waiting) == ("MemoryStore", START, 0)
    assert health.rulebook == desk.rulebook.version
    last = desk.feed().entries[-1].position
    assert health.feed_position is not None
    assert BEGINNING < last <= health.feed_position


def test_a_desk_for_asyncio_reports_the_same():
    async def work():
        async with await AsyncBookingDesk.open("memory://", clock=MovableClock(START)) as desk:
            return await desk.health()

    assert [each.name for each in asyncio.run(work()).checks] == NAMES


@pytest.mark.parametrize("verb", ["read", "feed"])
def test_a_store_that_is_down_is_reported_and_not_raised(verb):
    store = FaultyStore(MemoryStore(), lambda call: StoreFault.FAILS_BEFORE if call.verb == verb else None)
    health = open_desk(store=store).health()
    assert not health
    assert failed(health) == ["store"]
    assert health.checks[0].error == "StoreUnavailable"
    assert health.feed_position is None


def test_a_store_that_raises_anything_is_reported_without_its_message():
    class Broken(MemoryStore):
        def read(self, queries):
            raise OSError("host 1000000008 is gone")

    health = open_desk(store=Broken()).health()
    assert (failed(health), health.checks[0].error) == (["store"], "OSError")
    assert "1000000008" not in repr(health) + health.text("ar") + health.text("en")


def test_a_closed_desk_is_reported():
    desk = open_desk()
    desk.close()
    assert desk.health().checks[0].error == "StoreClosed"


def test_a_file_that_was_removed_is_reported(tmp_path):
    store = SqliteStore(tmp_path / "bookings.db")
    desk = open_desk(store=store)
    assert desk.health()
    (tmp_path / "bookings.db").unlink()
    assert failed(desk.health()) == ["store"]
    desk.close()


class Stopped:
    """A clock that fails."""

    def __init__(self, reading):
        self.reading = reading

    def now(self):
        if isinstance(self.reading, Exception):
            raise self.reading
        return self.reading


@pytest.mark.parametrize("reading", [START.replace(tzinfo=None), OSError("no clock"), None, "now"])
def test_a_clock_without_a_valid_time_is_reported(reading):
    health = open_desk(clock=Stopped(reading)).health()
    assert failed(health) == ["clock", "rulebook"]
    assert health.at is None


def test_a_time_without_a_rulebook_in_force_is_reported():
    clock = MovableClock(datetime(1950, 1, 1, tzinfo=UTC))
    desk = BookingDesk(DeskParts(store=MemoryStore(), clock=clock))
    health = desk.health()
    assert failed(health) == ["rulebook"]
    assert health.rulebook is None


def test_a_catalogue_without_branches_is_reported():
    assert failed(open_desk(copy_with(small_catalogue(), branches=())).health()) == ["catalogue"]


def test_a_desk_that_others_have_replaced_is_reported():
    desk = open_desk()
    desk.check_key()
    assert failed(desk.health()) == []
    later = open_desk(small_catalogue(capacity=2), store=desk.store)
    later.maintenance.install(by=Clerk("rules-office"), reason="more seats")
    assert (failed(desk.health()), failed(later.health())) == (["installed"], [])


def test_a_long_line_of_requests_is_reported(monkeypatch):
    desk = open_desk()
    monkeypatch.setattr(health_check, "LONG_LINE", 0)
    monkeypatch.setattr("traffic_booking.application._sync.health_check.LONG_LINE", 0)
    assert failed(desk.health()) == ["line"]


@pytest.mark.parametrize("name", NAMES)
def test_each_check_has_four_different_sentences(name):
    passes, fails = SENTENCES[name]
    assert len({passes("ar"), passes("en"), fails("ar"), fails("en")}) == 4
    assert HealthCheck(name=name, passed=True).text("en") == passes("en")
    assert HealthCheck(name=name, passed=False).text("ar") == fails("ar")


def test_the_text_has_the_result_and_a_line_for_each_check():
    store = FaultyStore(MemoryStore(), lambda _call: StoreFault.FAILS_BEFORE)
    health = BookingDesk(DeskParts(store=store)).health()
    lines = health.text("en").splitlines()
    assert lines[:2] == ["The desk is not healthy.", "- The store does not answer as it should. (StoreUnavailable)"]
    assert len(lines) == 1 + len(NAMES)
    assert "(\u2066StoreUnavailable\u2069)" in health.text("ar")
    assert open_desk().health().text("ar").startswith("مكتب الحجز سليم.")


@pytest.mark.parametrize("language", ["fr", "", None, "AR"])
def test_an_unknown_language_is_refused(language):
    health = open_desk().health()
    for value in (health, health.checks[0]):
        with pytest.raises(InvalidInput, match="ar or en"):
            value.text(language)


def test_health_changes_nothing_in_the_store():
    store: Any = MemoryStore()
    commits: list[Any] = []
    write = store.commit

    def commit(changes):
        commits.append(changes)
        return write(changes)

    store.commit = commit
    desk = open_desk(store=store)
    desk.health()
    assert commits == []
