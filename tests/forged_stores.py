"""A used store with a sealed log, its earlier state, and copies of both that a forger may change."""

import shutil
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg

from tests.bookings import slot
from tests.desks import open_desk
from tests.forgeries import Forger, PostgresForger, SqliteForger
from tests.postgres_server import ask
from tests.sealed_stores import audited, seal
from tests.small_town import small_catalogue, small_rulebook
from tests.unit.test_verifying import used
from traffic_booking import BookingDesk
from traffic_booking.adapters.postgres import PostgresStore
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.domain.audit.feed import BEGINNING
from traffic_booking.domain.errors import StoreError
from traffic_booking.testing import made_up_person


class Original(ABC):
    """The store; its log and keys are in `folder`, as is `kept`, the checkpoint that a witness has."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._catalogue, self._rulebook = small_catalogue(capacity=2), small_rulebook()
        with used(self.store_at(self.url())) as desk:
            clock = desk.clock
        self._keep_earlier()
        with open_desk(self._catalogue, store=self.store_at(self.url()), clock=clock) as desk:
            desk.book(slot(73), applicant=made_up_person(9), agreed=True, request_id="the-last")
        with closing(self.store_at(self.url())) as store:
            kept = seal(store, folder / "log", folder / "log.key")
        self.clock = clock
        (folder / "kept").write_bytes(kept)

    @abstractmethod
    def url(self) -> str:
        """The address of the store."""

    @abstractmethod
    def store_at(self, url: str) -> Any:
        """The store at an address."""

    @abstractmethod
    def forger(self, url: str, seed: int = 1, spared: Collection[str] = ()) -> Forger:
        """A forger of the store at an address."""

    @abstractmethod
    def copied(self, *, earlier: bool = False) -> Any:
        """A context with the address of a new copy; of the earlier state if `earlier`."""

    @abstractmethod
    def _keep_earlier(self) -> None:
        """Copy the store as it is now."""

    def result_of(self, url: str, log: Path | None = None) -> Any:
        """The result of an audit with the kept checkpoint, or the error of a store that can't be opened."""
        try:
            desk = BookingDesk.open_to_audit(url, catalogue=self._catalogue, rulebook=self._rulebook)
        except StoreError as error:
            return error
        with desk:
            return audited(desk, log or self.folder / "log", self.folder / "log.key", self.folder / "kept")

    def spared(self) -> set[str]:
        """The tables that are no evidence."""
        return {each.table for each in self.result_of(self.url()).not_evidence}


class SqliteOriginal(Original):
    """An SQLite file."""

    def url(self) -> str:
        return f"sqlite:///{self.folder / 'bookings.db'}"

    def store_at(self, url: str) -> SqliteStore:
        return SqliteStore(_path(url))

    def forger(self, url: str, seed: int = 1, spared: Collection[str] = ()) -> Forger:
        return SqliteForger(_path(url), spared, seed)

    @contextmanager
    def copied(self, *, earlier: bool = False) -> Iterator[str]:
        folder = self.folder / "copy"
        folder.mkdir()
        shutil.copy(self.folder / ("earlier.db" if earlier else "bookings.db"), folder / "bookings.db")
        try:
            yield f"sqlite:///{folder / 'bookings.db'}"
        finally:
            shutil.rmtree(folder)

    def _keep_earlier(self) -> None:
        shutil.copy(self.folder / "bookings.db", self.folder / "earlier.db")


class PostgresOriginal(Original):
    """A database. Schemas beside the store's have copies of its tables, from which its rows are put back."""

    def __init__(self, folder: Path, url: str) -> None:
        self._url = url
        super().__init__(folder)
        self._copy("last")

    def url(self) -> str:
        return self._url

    def store_at(self, url: str) -> PostgresStore:
        """Returns once the feed has all entries: older transactions of the server have to be over."""
        store = PostgresStore(url)
        ((entries,),) = ask(url, "SELECT count(*) FROM traffic_booking.log")
        while len(store.feed(BEGINNING, limit=entries).entries) < entries:
            pass
        return store

    def forger(self, url: str, seed: int = 1, spared: Collection[str] = ()) -> Forger:
        return PostgresForger(url, spared, seed)

    @contextmanager
    def copied(self, *, earlier: bool = False) -> Iterator[str]:
        if earlier:
            self._put_back("earlier")
        try:
            yield self._url
        finally:
            self._put_back("last")

    def _keep_earlier(self) -> None:
        self._copy("earlier")

    def _copy(self, schema: str) -> None:
        self._for_each_table(f"CREATE TABLE {schema}.{{0}} AS TABLE traffic_booking.{{0}}", f"CREATE SCHEMA {schema}")

    def _put_back(self, schema: str) -> None:
        self._for_each_table(
            f"DELETE FROM traffic_booking.{{0}}; INSERT INTO traffic_booking.{{0}} TABLE {schema}.{{0}}"
        )

    def _for_each_table(self, statement: str, first: str = "SELECT") -> None:
        found = ask(self._url, "SELECT tablename FROM pg_tables WHERE schemaname = 'traffic_booking'")
        with psycopg.connect(self._url) as connection:
            connection.execute("; ".join([first, *(statement.format(name) for (name,) in found)]).encode())


def _path(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))
