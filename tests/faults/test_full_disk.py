"""A disk that fills up in the middle of a commit: a clear error, nothing half-written, nothing lost; work goes on."""

import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.bookings import booking, facts_of, number, person_state_of, seats_taken, slot
from tests.one_slot import small_desk
from traffic_booking import Booked
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.domain.decisions.changes import Change, Committed
from traffic_booking.domain.errors import StoreUnavailable
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.testing import made_up_applicant, made_up_person


@contextmanager
def no_more_pages(store: SqliteStore) -> Iterator[None]:
    """SQLite itself finds no room for another page."""
    writer = store._connections._writer
    assert writer is not None
    (pages,) = writer.execute("PRAGMA page_count").fetchone()
    (before,) = writer.execute("PRAGMA max_page_count").fetchone()
    writer.execute(f"PRAGMA max_page_count = {pages}").fetchone()
    try:
        yield
    finally:
        writer.execute(f"PRAGMA max_page_count = {before}").fetchone()


@contextmanager
def no_more_bytes(store: SqliteStore) -> Iterator[None]:
    """The operating system lets no file of this process grow past the first pages of the current commit."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    log = Path(f"{store._connections.path}-wal").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (log + 10_000, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


every_fault = pytest.mark.parametrize("full", [no_more_pages, no_more_bytes])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bookings.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    made = SqliteStore(path)
    AppointmentBook(made).commit([booking(1)])
    yield made
    made.close()


def large_batch() -> list[Change]:
    """More than any used page has room for."""
    return [booking(serial, made_up_applicant(serial), slot(2), capacity=1000) for serial in range(2, 60)]


@every_fault
def test_a_batch_that_finds_no_room_is_undone_whole(store, full):
    with full(store), pytest.raises(StoreUnavailable, match=r"bookings\.db: got .*; expected"):
        AppointmentBook(store).commit(large_batch())
    assert seats_taken(store, slot(2)) == 0
    assert all(AppointmentBook(store).appointment(number(serial)) is None for serial in range(2, 60))
    assert facts_of(store, request_id="request-2").answer is None


@every_fault
def test_earlier_bookings_can_be_read_while_the_disk_is_full(store, full):
    with full(store):
        with pytest.raises(StoreUnavailable):
            AppointmentBook(store).commit(large_batch())
        assert AppointmentBook(store).appointment(number(1)) is not None
        assert person_state_of(store).version == 1


@every_fault
def test_the_same_batch_is_committed_once_there_is_room(store, full):
    with full(store), pytest.raises(StoreUnavailable):
        AppointmentBook(store).commit(large_batch())
    assert set(AppointmentBook(store).commit(large_batch())) == {Committed()}
    assert seats_taken(store, slot(2)) == 58


@every_fault
def test_the_file_is_intact_afterwards(store, full, path):
    with full(store), pytest.raises(StoreUnavailable):
        AppointmentBook(store).commit(large_batch())
    store.close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("SELECT count(*) FROM appointments").fetchone() == (1,)


@every_fault
def test_every_booking_that_was_acknowledged_while_the_disk_filled_up_is_kept_and_no_other(path, full):
    """One booking after another until there is no room; the failed request is sent again and executed once."""
    store = SqliteStore(path)
    desk = small_desk(store, capacity=500)
    (free, *_) = desk.find_slots(service="renewal", branch="north")

    def book(serial: int) -> Booked:
        outcome = desk.book(free, applicant=made_up_person(serial), agreed=True, request_id=f"r-{serial}")
        assert isinstance(outcome, Booked)
        return outcome

    outcomes = [book(0)]
    with full(store), pytest.raises(StoreUnavailable):
        outcomes.extend(map(book, range(1, 500)))
    failed = len(outcomes)
    assert seats_taken(store, free.key) == failed
    kept = AppointmentBook(store)
    assert all(kept.appointment(one.appointment.number) == one.appointment for one in outcomes)
    assert not kept.appointments_of(made_up_person(failed), limit=1)
    again = book(failed)
    assert book(failed) == again
    assert seats_taken(store, free.key) == failed + 1
    store.close()


def test_a_new_file_without_room_for_the_schema_is_tried_again(path):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limits[1]))
    try:
        with pytest.raises(StoreUnavailable, match=r"bookings\.db: got"):
            SqliteStore(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    store = SqliteStore(path)
    assert AppointmentBook(store).commit([booking(1)]) == [Committed()]
    store.close()
