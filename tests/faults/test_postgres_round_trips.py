"""Round trips that fail on the way: the ones that are repeated, and none more often than needed."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from tests.bookings import booking, facts_of, seats_taken, slot, without_answer
from tests.postgres_server import ask, open_store
from tests.store_changes import plain
from traffic_booking.adapters.postgres import AsyncPostgresStore
from traffic_booking.adapters.postgres.opening import Address, connect
from traffic_booking.adapters.postgres.pool import TRIES
from traffic_booking.domain.errors import StoreUnavailable
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.persistence.schema import ACCOUNTS
from traffic_booking.ports.primitives import RecordsByKey

NO_ACCOUNT = RecordsByKey(ACCOUNTS.name, ["nobody"])
UNDONE_BY_ANOTHER = (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected)


class Line:
    """Between a store and its server: keeps the questions, and fails the first, before or `after` the server's work."""

    def __init__(
        self, store: Any, *, fails: int = 0, error: Callable[[], Exception] = RuntimeError, after: bool = False
    ):
        self.questions: list[Any] = []
        self._fails, self._error, self._after = fails, error, after
        connections = store._connections
        self._send = connections._rows_of
        connections._rows_of = self._awaited if isinstance(store, AsyncPostgresStore) else self._plain

    def _plain(self, question):
        if self._begins(question):
            if self._after:
                self._send(question)
            raise self._error()
        return self._send(question)

    async def _awaited(self, question):
        if self._begins(question):
            if self._after:
                await self._send(question)
            raise self._error()
        return await self._send(question)

    def _begins(self, question) -> bool:
        self.questions.append(question.sql)
        return len(self.questions) <= self._fails


def commit(url, change, line: Callable[[Any], Line], kind):
    """Commit `change` through `line`, in a thread or in an event loop; returns the result and the line."""
    with open_store(url) as store:
        AppointmentBook(store).open_persons()

    def by_thread():
        with open_store(url) as store:
            through = line(store)
            with suppress(StoreUnavailable):
                return store.commit([plain(change)]), through
        return None, through

    async def by_task():
        store = AsyncPostgresStore(url)
        through = line(store)
        came = None
        with suppress(StoreUnavailable):
            came = await store.commit([plain(change)])
        await store.close()
        return came, through

    return by_thread() if kind == "thread" else asyncio.run(by_task())


either = pytest.mark.parametrize("kind", ["thread", "task"])
LOSES_A_REPLY = partial(Line, fails=1, error=psycopg.OperationalError, after=True)


@either
@pytest.mark.parametrize("error", UNDONE_BY_ANOTHER)
def test_a_round_trip_that_another_transaction_undid_is_repeated_but_not_forever(postgres_url, kind, error):
    came, line = commit(postgres_url, booking(1), partial(Line, fails=TRIES - 1, error=error), kind)
    assert (came, len(line.questions)) == ([None], TRIES)
    came, line = commit(postgres_url, booking(2), partial(Line, fails=TRIES, error=error), kind)
    assert (came, len(line.questions)) == (None, TRIES)


@either
def test_a_booking_whose_reply_was_lost_finds_its_own_answer(postgres_url, kind):
    came, line = commit(postgres_url, booking(1), LOSES_A_REPLY, kind)
    assert came == [None]
    assert len(line.questions) > 1
    with open_store(postgres_url) as store:
        assert seats_taken(store) == 1


@either
def test_a_change_without_an_answer_is_not_sent_again(postgres_url, kind):
    """Nothing shows if the first was written, unless it registers a person."""
    first = booking(1)
    commit(postgres_url, first, Line, kind)
    second = without_answer(booking(2, at=slot(2), person_state=first.person_state))
    came, line = commit(postgres_url, second, LOSES_A_REPLY, kind)
    assert (came, len(line.questions)) == (None, 1)


def test_a_read_whose_reply_was_lost_is_made_again(postgres_url):
    with open_store(postgres_url) as store:
        book = AppointmentBook(store)
        book.open_persons()
        line = Line(store, fails=TRIES - 1, error=psycopg.OperationalError)
        assert facts_of(book).answer is None
        assert len(line.questions) == TRIES


def test_a_read_of_an_event_loop_whose_reply_was_lost_is_made_again(postgres_url):
    async def read():
        store = AsyncPostgresStore(postgres_url)
        line = Line(store, fails=TRIES - 1, error=psycopg.OperationalError)
        assert await store.read([NO_ACCOUNT]) == [[None]]
        await store.close()
        return len(line.questions)

    assert asyncio.run(read()) == TRIES


def test_facts_are_one_round_trip_and_a_booking_another(postgres_url):
    with open_store(postgres_url) as store:
        book = AppointmentBook(store)
        book.open_persons()
        line = Line(store)
        facts_of(book)
        assert store.commit([plain(booking(1))]) == [None]
    assert len(line.questions) == 2
    assert b"insert_answers" in line.questions[1]


NO_FREE_CONNECTION = r"got no free connection in 0\.5 s; expected one"


def test_a_thread_without_a_connection_in_time_gets_an_error_and_the_next_gets_one(postgres_url):
    with open_store(postgres_url, connections=1, wait_seconds=0.5) as store:
        store._connections._turns.acquire()
        with pytest.raises(StoreUnavailable, match=NO_FREE_CONNECTION):
            store.read([NO_ACCOUNT])
        store._connections._turns.release()
        assert store.read([NO_ACCOUNT]) == [[None]]


def test_a_task_without_a_connection_in_time_gets_an_error_and_the_next_gets_one(postgres_url):
    async def two_tasks():
        store = AsyncPostgresStore(postgres_url, connections=1, wait_seconds=0.5)
        await store._connections._turns.acquire()
        with pytest.raises(StoreUnavailable, match=NO_FREE_CONNECTION):
            await store.read([NO_ACCOUNT])
        store._connections._turns.release()
        assert await store.read([NO_ACCOUNT]) == [[None]]
        await store.close()

    asyncio.run(two_tasks())


def test_the_server_bounds_what_is_waited_for_within_it(postgres_url):
    with connect(Address(postgres_url, 7)) as connection:
        for setting in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"):
            assert connection.execute(f"SHOW {setting}").fetchall() == [("7s",)]


def test_the_options_of_tls_in_the_url_reach_libpq():
    given = {"sslmode": "verify-full", "sslrootcert": "/ca.pem", "sslcert": "/c.pem", "sslkey": "/c.key"}
    options = "&".join(f"{key}={value}" for key, value in given.items())
    connecting = conninfo_to_dict(Address(f"postgresql://host/bookings?{options}", 10).conninfo)
    assert {key: connecting[key] for key in given} == given


def test_a_silent_machine_is_noticed_unless_the_url_has_other_options():
    connecting = conninfo_to_dict(Address("postgresql://host/bookings", 10).conninfo)
    waits = ("tcp_user_timeout", "keepalives_idle", "keepalives_interval", "keepalives_count")
    assert [str(connecting[wait]) for wait in waits] == ["10000", "10", "4", "3"]
    own = conninfo_to_dict(Address("postgresql://host/bookings?tcp_user_timeout=5", 10).conninfo)
    assert str(own["tcp_user_timeout"]) == "5"


CHECKED = (
    "UPDATE traffic_booking.seats SET value = -1",
    "UPDATE traffic_booking.people SET version = 0",
    "UPDATE traffic_booking.appointments SET version = 0",
    "UPDATE traffic_booking.log SET place = 0",
)


@pytest.mark.parametrize("statement", CHECKED)
def test_the_server_itself_refuses_what_no_store_writes(postgres_url, statement):
    with open_store(postgres_url) as store:
        AppointmentBook(store).commit([booking(1, at=slot())])
    with pytest.raises(psycopg.errors.CheckViolation):
        ask(postgres_url, statement)
