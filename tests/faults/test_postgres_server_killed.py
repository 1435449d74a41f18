"""The server crashes in the middle of a storm, and starts again: all acknowledged answers are there, whole."""

from collections import Counter
from collections.abc import Iterator
from threading import Event, Lock, Thread

import psycopg
import pytest
from attrs import define, field

from tests.campaigns.workload import SLOTS, busy_desk
from tests.postgres_server import OwnServer, ServerError, ask, open_store
from traffic_booking import Booked, StoreUnavailable
from traffic_booking.adapters.postgres import PostgresStore
from traffic_booking.adapters.postgres.reading import PLACES
from traffic_booking.domain.audit.feed import BEGINNING
from traffic_booking.ports.primitives import Append, StoreChange
from traffic_booking.testing import made_up_person

pytestmark = [pytest.mark.long, pytest.mark.race]

CALLERS = 8
KILLS = 2
ANSWERS_BEFORE_A_KILL = 40
PATIENCE_SECONDS = 120
ANSWERED = """
SELECT request_id, (SELECT number FROM traffic_booking.appointments WHERE position(number IN answers.body) > 0)
FROM traffic_booking.answers
"""
TORN = f"""
SELECT request_id FROM ({ANSWERED}) AS answered (request_id, number) WHERE number IS NULL
UNION ALL (
    SELECT number FROM traffic_booking.appointments
    EXCEPT SELECT stream FROM traffic_booking.log
) UNION ALL (
    SELECT stream FROM traffic_booking.log WHERE stream LIKE '____-____-____'
    EXCEPT SELECT number FROM traffic_booking.appointments
) UNION ALL
SELECT number FROM traffic_booking.appointments EXCEPT SELECT number FROM ({ANSWERED}) AS answered (request_id, number)
"""
UNDONE = 50
MISCOUNTED = """
SELECT key FROM traffic_booking.seats WHERE value <> (
    SELECT count(*) FROM traffic_booking.appointments AS one
    WHERE seats.key = format('%%s/%%s/%%s', branch, service, to_char(starts_at, 'YYYY-MM-DD"T"HH24:MI:SS'))
)
"""


class AcknowledgesBeforeTheDiskHasIt(PostgresStore):
    """Broken on purpose: the server answers up to ten seconds before its log is on the disk."""

    def __init__(self, conninfo):
        super().__init__(conninfo)
        self._durable = self._connections._idle_cursor
        vars(self._connections)["_idle_cursor"] = self._early

    def _early(self):
        connection = self._durable()
        connection.execute("SET synchronous_commit = off")
        return connection


@pytest.fixture
def server() -> Iterator[OwnServer]:
    try:
        made = OwnServer()
    except ServerError as error:
        pytest.skip(f"a server of our own is needed to be killed: {error}")
    with psycopg.connect(made.url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET wal_writer_delay = '10s'")
        connection.execute("SELECT pg_reload_conf()")
    yield made
    made.close()


@define(eq=False)
class Storm:
    """Callers that each book for one person after another, and send a request again until it is answered."""

    store: PostgresStore
    acknowledged: dict[str, str] = field(factory=dict)
    is_up: Event = field(factory=Event)
    enough_answers: Event = field(factory=Event)
    is_over: Event = field(factory=Event)
    unanswered: Counter[str] = field(factory=Counter)
    _lock: Lock = field(factory=Lock)

    def call(self, caller: int) -> None:
        desk = busy_desk(self.store)
        serial = caller
        while not self.is_over.is_set():
            request_id = f"request-{serial}"
            try:
                outcome = desk.book(
                    SLOTS[serial % len(SLOTS)],
                    applicant=made_up_person(serial),
                    agreed=True,
                    request_id=request_id,
                )
            except StoreUnavailable as error:
                self.unanswered[type(error).__name__] += 1
                assert self.is_up.wait(PATIENCE_SECONDS)
                continue
            assert isinstance(outcome, Booked)
            with self._lock:
                self.acknowledged[request_id] = outcome.appointment.number
                if len(self.acknowledged) % ANSWERS_BEFORE_A_KILL == 0:
                    self.enough_answers.set()
            serial += CALLERS


def lost_in_kills(server: OwnServer, store: PostgresStore, kills: int) -> list[str]:
    """The requests whose acknowledged booking is not there after the kills; a torn booking fails the test."""
    storm = Storm(store)
    storm.is_up.set()
    lost = []
    callers = [Thread(target=storm.call, args=(caller,)) for caller in range(CALLERS)]
    for caller in callers:
        caller.start()
    try:
        for _ in range(kills):
            storm.enough_answers.clear()
            assert storm.enough_answers.wait(PATIENCE_SECONDS)
            storm.is_up.clear()
            server.stop_at_once()
            acknowledged = dict(storm.acknowledged)
            server.start()
            kept = dict(ask(server.url, ANSWERED))
            lost += [request for request, number in acknowledged.items() if kept.get(request) != number]
            storm.is_up.set()
    finally:
        storm.is_over.set()
        storm.is_up.set()
        for caller in callers:
            caller.join(PATIENCE_SECONDS)
    assert storm.unanswered.total() > 0
    assert ask(server.url, TORN) == []
    assert ask(server.url, MISCOUNTED) == []
    return lost


def test_bookings_that_a_killed_server_acknowledged_are_there_and_none_is_torn(server):
    store = PostgresStore(server.url)
    assert lost_in_kills(server, store, KILLS) == []
    store.close()


def test_a_store_that_acknowledges_too_early_is_found_out(server):
    store = AcknowledgesBeforeTheDiskHasIt(server.url)
    assert lost_in_kills(server, store, 1)
    store.close()


def test_a_reader_of_the_feed_skips_nothing_if_the_server_gives_numbers_again_after_a_crash(server):
    """It does so with the numbers of transactions that were undone: nothing of them is on the disk."""
    change = StoreChange(entries=(Append("stream", "k", "x"),))
    with open_store(server.url) as store:
        store.commit([change])
        with psycopg.connect(server.url) as undone:
            for _ in range(UNDONE):
                undone.execute("SELECT pg_current_xact_id()")
                undone.rollback()
        read = store.feed(BEGINNING, limit=10)
        server.stop_at_once()
        server.start()
        store.commit([change])
        [new] = store.feed(read.complete_until, limit=10).entries
    assert read.entries[0].position < read.complete_until < new.position
    assert new.position.place - read.entries[0].position.place < UNDONE * PLACES, "the number was given again"
