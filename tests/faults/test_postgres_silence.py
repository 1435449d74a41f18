"""A server that is there and sends nothing is given up, once; the request is then repeated to learn its outcome."""

import asyncio
import os
import signal
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from functools import partial
from threading import Event, Thread
from typing import Any

import pytest

from tests.bookings import booking, facts_of, seats_taken
from tests.postgres_server import ask
from tests.relay import Relay
from traffic_booking.adapters.postgres import AsyncPostgresStore, PostgresStore, deadlines, opening
from traffic_booking.adapters.postgres.driver_errors import NoReply
from traffic_booking.domain.audit.feed import BEGINNING
from traffic_booking.domain.decisions.changes import Conflict, Guard
from traffic_booking.domain.errors import StoreUnavailable
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.persistence.migrations import Migration, shipped_migrations
from traffic_booking.persistence.schema import ACCOUNTS
from traffic_booking.ports.primitives import RecordsByKey
from traffic_booking.testing.kit.blocking import Blocking

pytestmark = pytest.mark.long

WAIT_SECONDS = 0.5
"""Long enough for the server's work in between, on a busy machine."""
PATIENCE_SECONDS = 10
MOST_TO_PART_SECONDS = 4
"""The cancellation at the server takes a second; the driver by itself would wait for five more."""
LOOKS = 5_000
NO_ACCOUNT = RecordsByKey(ACCOUNTS.name, ["nobody"])
THEIRS = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'traffic_booking'"
EMPTY_COMMIT = """
SELECT set_config('synchronous_commit', 'on', false), pg_logical_emit_message(true, 'tests', ''::text)
"""
END_WAITS = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
NO_REPLY = r"got no reply in 1 s; expected one \(the request may have been done"


def ended(work, seconds=PATIENCE_SECONDS):
    """The result of `work`, in a thread that is left behind if it runs too long."""
    came: Future[Any] = Future()

    def run():
        try:
            came.set_result(work())
        except BaseException as error:  # noqa: BLE001 - raised again below
            came.set_exception(error)

    Thread(target=run, daemon=True).start()
    return came.result(seconds)


def until_gone(url, processes):
    for _ in range(LOOKS):
        if processes.isdisjoint(pid for (pid,) in ask(url, THEIRS)):
            return
    raise AssertionError(f"the server's processes {processes} never ended")


@contextmanager
def stopped(url) -> Iterator[None]:
    """Within it, the store's processes at the server are stopped; after it, their work is over."""
    if os.environ.get("DATABASE_URL"):
        pytest.skip("the processes of a server of our own are needed to be stopped")
    processes = {pid for (pid,) in ask(url, THEIRS)}
    assert processes
    signal_all(processes, signal.SIGSTOP)
    try:
        yield
    finally:
        signal_all(processes, signal.SIGCONT)
    until_gone(url, processes)


def signal_all(processes, what):
    for pid in processes:
        with suppress(ProcessLookupError):  # of an earlier store, and just ended
            os.kill(pid, what)


@contextmanager
def held_back(url, relay) -> Iterator[None]:
    """Within it, nothing goes through the relay; after it, the earlier work is over."""
    processes = {pid for (pid,) in ask(url, THEIRS)}
    with relay.holding_back():
        yield
    until_gone(url, processes)


@pytest.fixture(params=["stopped", "held back"])
def way(request, postgres_url):
    """The URL that a store connects to, and a context in which its server is silent."""
    if request.param == "stopped":
        yield postgres_url, partial(stopped, postgres_url)
        return
    with closing(Relay(postgres_url)) as relay:
        yield relay.url_through, partial(held_back, postgres_url, relay)


@pytest.fixture(params=[PostgresStore, AsyncPostgresStore], ids=["thread", "task"])
def opened(request, way):
    """A store with one used connection, its statements since then, and a context in which its server is silent."""
    url, silence = way
    opener = partial(request.param, url, connections=1, wait_seconds=WAIT_SECONDS)
    store = Blocking(opener) if request.param is AsyncPostgresStore else opener()
    connections = (store._store if isinstance(store, Blocking) else store)._connections
    statements = []
    ask_once = connections._rows_of

    def counted(question):
        statements.append(question.sql)
        return ask_once(question)

    connections._rows_of = counted
    assert store.read([NO_ACCOUNT]) == [[None]]
    statements.clear()
    yield store, statements, silence
    store.close()


def test_a_read_of_a_silent_server_ends_once_and_the_store_goes_on(opened):
    store, statements, silence = opened
    with silence():
        with pytest.raises(StoreUnavailable, match=NO_REPLY) as caught:
            ended(lambda: facts_of(store))
        assert type(caught.value) is NoReply
        assert len(statements) == 1
    assert facts_of(store).answer is None


def test_a_commit_to_a_silent_server_ends_once_and_sent_again_finds_its_own_answer(opened):
    """The sent work is done when the server goes on."""
    store, statements, silence = opened
    change, book = booking(1), AppointmentBook(store)
    book.open_persons()
    statements.clear()
    with silence():
        with pytest.raises(NoReply, match=NO_REPLY):
            ended(lambda: book.commit([change]))
        assert len(statements) == 1
    assert book.commit([change]) == [Conflict(guard=Guard.REQUEST, answer=change.answer)]
    assert seats_taken(store) == 1


def test_a_task_that_is_cancelled_while_the_server_is_silent_ends_and_the_store_goes_on(way):
    url, silence = way

    async def cancelled():
        store = AsyncPostgresStore(url, connections=1, wait_seconds=PATIENCE_SECONDS * 10)
        assert await store.read([NO_ACCOUNT]) == [[None]]
        with silence(), pytest.raises(TimeoutError):
            async with asyncio.timeout(WAIT_SECONDS):
                await store.read([NO_ACCOUNT])
        assert await store.read([NO_ACCOUNT]) == [[None]]
        await store.close()

    ended(lambda: asyncio.run(cancelled()), MOST_TO_PART_SECONDS)


def test_a_thread_that_is_interrupted_while_the_server_is_silent_ends_and_the_store_goes_on(way, monkeypatch):
    url, silence = way

    def interrupted(exchange, *_, **__):
        next(exchange)
        raise KeyboardInterrupt

    with closing(PostgresStore(url, connections=1, wait_seconds=PATIENCE_SECONDS * 10)) as store:
        assert store.read([NO_ACCOUNT]) == [[None]]
        with silence(), monkeypatch.context() as interrupting:
            interrupting.setattr(deadlines, "wait", interrupted)
            with pytest.raises(KeyboardInterrupt):
                ended(lambda: store.read([NO_ACCOUNT]), MOST_TO_PART_SECONDS)
        assert store.read([NO_ACCOUNT]) == [[None]]


def test_a_commit_that_waits_for_a_standby_ends_and_sent_again_finds_its_own_answer(postgres_url):
    """The server's time-outs don't count the time after the last statement."""
    if os.environ.get("DATABASE_URL"):
        pytest.skip("a server of our own is needed to wait for a standby")
    change = booking(1)
    with closing(PostgresStore(postgres_url, wait_seconds=WAIT_SECONDS)) as store:
        book = AppointmentBook(store)
        book.open_persons()
        with standby_awaited(postgres_url), pytest.raises(NoReply, match=NO_REPLY):
            ended(lambda: book.commit([change]))
        assert book.commit([change]) == [Conflict(guard=Guard.REQUEST, answer=change.answer)]


@pytest.fixture
def broken_off(postgres_url):
    """The change of a commit that waited for a standby until an administrator ended the wait; the standby is away."""
    if os.environ.get("DATABASE_URL"):
        pytest.skip("a server of our own is needed to wait for a standby")
    change = booking(1)
    with closing(PostgresStore(postgres_url, wait_seconds=WAIT_SECONDS)) as store:
        book = AppointmentBook(store)
        book.open_persons()
        with standby_awaited(postgres_url):
            with ThreadPoolExecutor(1) as callers:
                result = callers.submit(book.commit, [change])
                end_wait(postgres_url)
                with pytest.raises(StoreUnavailable):
                    result.result(PATIENCE_SECONDS)
            yield change


def end_wait(url):
    """Break off the first wait for a standby."""
    for _ in range(LOOKS):
        if ask(url, END_WAITS):
            return
    raise AssertionError("nobody waited for a standby")


def test_a_commit_whose_wait_for_a_standby_was_broken_off_is_not_acknowledged_before_the_standby_has_it(
    broken_off, postgres_url
):
    """The server reports it as committed, and shows it to everybody."""
    assert ask(postgres_url, "SELECT count(*) FROM traffic_booking.answers") == [(1,)]
    with closing(PostgresStore(postgres_url, wait_seconds=WAIT_SECONDS)) as other:
        with pytest.raises(NoReply):
            AppointmentBook(other).commit([broken_off])
        with pytest.raises(NoReply):
            AppointmentBook(other).confirm()
        turn_to(postgres_url, "")
        assert AppointmentBook(other).commit([broken_off]) == [Conflict(guard=Guard.REQUEST, answer=broken_off.answer)]


def test_the_feed_shows_no_entry_before_the_standby_has_it(broken_off, postgres_url):
    with closing(PostgresStore(postgres_url, wait_seconds=WAIT_SECONDS, read_only=True)) as reader:
        with pytest.raises(NoReply):
            reader.feed(BEGINNING, limit=10)
        turn_to(postgres_url, "")
        page = reader.feed(BEGINNING, limit=10)
        assert broken_off.appointments[0].number in {entry.stream for entry in page.entries}
        turn_to(postgres_url, "nobody")
        assert reader.feed(page.complete_until, limit=10).entries == [], "nothing new, so nothing to wait for"


@contextmanager
def standby_awaited(url) -> Iterator[None]:
    """Within it, a commit waits for a standby that does not exist."""
    turn_to(url, "nobody")
    try:
        yield
    finally:
        turn_to(url, "")


def turn_to(url, standby):
    """Make commits wait for `standby`. Another process of the server begins and ends the waits, a moment later."""
    ask(url, f"ALTER SYSTEM SET synchronous_standby_names = '{standby}'")
    ask(url, "SELECT pg_reload_conf()")
    for _ in range(LOOKS):
        if ask(url, "SHOW synchronous_standby_names") == [(standby,)]:
            break
    else:
        raise AssertionError("the server never took its setting")
    if standby:
        until_commits_wait(url)
    else:
        ask(url, EMPTY_COMMIT)


def until_commits_wait(url):
    has_waited = Event()

    def commit():
        while not has_waited.is_set():
            ask(url, EMPTY_COMMIT)

    with ThreadPoolExecutor(1) as callers:
        commits = callers.submit(commit)
        try:
            end_wait(url)
        finally:
            has_waited.set()
        while not commits.done():
            ask(url, END_WAITS)


def test_a_step_of_the_schema_takes_as_long_as_it_takes(bare_url, monkeypatch):
    known = shipped_migrations(opening.PACKAGE)
    slow = Migration(number=len(known) + 1, name="slow.sql", sql="SELECT pg_sleep(1.5);\n")
    monkeypatch.setattr(opening, "shipped_migrations", lambda _: (*known, slow))
    PostgresStore(bare_url, wait_seconds=WAIT_SECONDS).close()
    assert ask(bare_url, "SELECT max(number) FROM traffic_booking.migrations") == [(slow.number,)]
