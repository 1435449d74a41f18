"""The store that each URL opens, and the URLs that are refused."""

import sys
from asyncio import run

import pytest

from tests.small_town import small_catalogue, small_rulebook
from traffic_booking import AsyncBookingDesk, BookingDesk
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.postgres import PostgresStore
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.domain.errors import InvalidInput, MissingExtra, StoreError
from traffic_booking.testing import made_up_person
from traffic_booking.wiring import LONGEST_URL, open_store

BAD = {
    "nothing": "",
    "no scheme": "bookings.db",
    "a path": "/var/lib/bookings.db",
    "a scheme alone": "sqlite:",
    "one slash": "sqlite:/bookings.db",
    "no path": "sqlite://",
    "an empty path": "sqlite:///",
    "a host": "sqlite://host/bookings.db",
    "in memory, the wrong way": "sqlite:///:memory:",
    "memory with a name": "memory://name",
    "another protocol": "http://example.org/bookings.db",
    "PostgreSQL's short name": "postgres://localhost/bookings",
    "PostgreSQL with one slash": "postgresql:/localhost/bookings",
    "NUL": "sqlite:///book\0ings.db",
    "a line feed before": "\nsqlite:///bookings.db",
    "too long": "sqlite:///" + "x" * LONGEST_URL,
}


@pytest.mark.parametrize("url", BAD.values(), ids=BAD)
def test_a_url_that_names_no_store_is_refused_before_anything_is_made(url, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidInput, match=r"got .*; expected .*memory://"):
        open_store(url)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "url", ["postgres://clerk:secret@localhost/bookings", "postgresql://clerk:secret@localhost:secret/?sslmode=secret"]
)
def test_a_refused_url_is_not_repeated_with_its_password(url):
    with pytest.raises((InvalidInput, StoreError)) as caught:
        open_store(url)
    assert "secret" not in str(caught.value)


def test_postgresql_opens_a_store_of_that_database(postgres_url):
    store = open_store(postgres_url)
    assert isinstance(store, PostgresStore)
    store.close()


def test_postgresql_is_read_alone_and_needs_its_schema(postgres_url):
    BookingDesk.open(postgres_url).close()
    with BookingDesk.open(postgres_url, read_only=True) as desk:
        assert desk.audit.verify()
        (slot,) = desk.find_slots(service="licence-renewal", governorate="riyadh", limit=1)
        with pytest.raises(StoreError, match="got a change; expected none, as the store was opened for reading alone"):
            desk.book(slot, applicant=made_up_person(1), agreed=True, request_id="first")


def test_a_store_to_read_is_not_made_by_a_url(tmp_path):
    for url in (f"sqlite:///{tmp_path}/typo.db", "memory://"):
        with pytest.raises((StoreError, InvalidInput), match=r"got (no file|memory://, which is empty)"):
            BookingDesk.open(url, read_only=True)
        with pytest.raises((StoreError, InvalidInput), match=r"got (no file|memory://, which is empty)"):
            run(AsyncBookingDesk.open(url, read_only=True))
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(InvalidInput, match="read_only: got str; expected True or False"):
        BookingDesk.open("memory://", read_only="yes")  # type: ignore[arg-type]


def test_postgresql_without_its_extra_names_the_package_to_install(monkeypatch):
    for name in [name for name in sys.modules if name.startswith(("traffic_booking.adapters.postgres", "psycopg"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingExtra, match=r"traffic-booking\[postgres\]"):
        open_store("postgresql://localhost/bookings")


@pytest.mark.parametrize("url", ["memory://", "MEMORY://"])
def test_memory_opens_a_store_that_forgets(url):
    assert isinstance(open_store(url), MemoryStore)


def test_sqlite_with_three_slashes_is_a_file_in_the_current_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    store = open_store("sqlite:///bookings.db")
    assert isinstance(store, SqliteStore)
    store.close()
    assert (tmp_path / "bookings.db").is_file()


def test_sqlite_with_four_slashes_is_an_absolute_path(tmp_path):
    open_store(f"SQLite:///{tmp_path}/bookings.db").close()
    assert (tmp_path / "bookings.db").is_file()


def test_a_desk_that_opens_a_url_closes_its_store(tmp_path):
    with BookingDesk.open(
        f"sqlite:///{tmp_path}/bookings.db", catalogue=small_catalogue(), rulebook=small_rulebook()
    ) as desk:
        assert isinstance(desk.store, SqliteStore)
        assert (tmp_path / "bookings.db-wal").exists()
    assert not (tmp_path / "bookings.db-wal").exists()
