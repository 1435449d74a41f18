"""Storms on the cluster at `CITUS_URL` while its servers crash, its shards move and its commits are cut in two.

A server crashes by the end of one of its own backends (`kill -9`): it ends all the others and recovers from its log.
A commit is cut by a relay in front of a worker, just before the second phase. Afterwards, when the cluster is quiet,
every acknowledged answer is there, nobody has two appointments, and an audit finds nothing broken.
"""

import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from itertools import cycle
from threading import Event, Lock, Thread
from time import monotonic, sleep

import psycopg
import pytest
from attrs import define, field

from tests.campaigns.workload import SLOTS, busy_desk
from tests.cluster import cluster_url, emptied_cluster, new_schema
from tests.postgres_server import ask
from tests.relay import Relay
from traffic_booking import Booked, Refused, StoreError
from traffic_booking.adapters.postgres import CitusStore
from traffic_booking.testing import made_up_person

pytestmark = [pytest.mark.long, pytest.mark.race]

CALLERS = 6
EVENTS = int(os.environ.get("CLUSTER_EVENTS", "4"))
"""Crashes, or moves, of one storm; more for a release."""
ANSWERS_BETWEEN = 12
PATIENCE_SECONDS = 120
MOST_READS, MOST_WRITES = 4, 8
"""Statements to workers for one booking of a person who is new."""
CRASH = "COPY (SELECT 1) TO PROGRAM 'kill -9 $PPID'"
RENEWALS = tuple(each for each in SLOTS if each.service == "renewal")
"""A person may have one appointment for a service."""
SECOND_PHASE = b"COMMIT PREPARED"
WORKERS = (
    "SELECT nodeid, nodename, nodeport FROM pg_dist_node WHERE shouldhaveshards AND noderole = 'primary' ORDER BY 1"
)
NUMBERS = "SELECT number FROM traffic_booking.appointments"
IN_DOUBT = """
SELECT result FROM run_command_on_workers(
    'SELECT count(*) FROM pg_prepared_xacts WHERE database = current_database()')
"""
TWICE = """
SELECT subject FROM traffic_booking.appointments WHERE state = 'booked' GROUP BY subject HAVING count(*) > 1
"""
A_SHARD = """
SELECT shardid, nodename, nodeport FROM citus_shards
WHERE table_name = 'traffic_booking.people'::regclass ORDER BY shardid OFFSET %s LIMIT 1
"""


class Cutting(Relay):
    """A relay that breaks every third connection on which a second phase begins, until it `is_healed`."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.cut = 0
        self.is_healed = Event()
        self._seen = 0

    def may_pass(self, data: bytes) -> bool:
        if SECOND_PHASE not in data or self.is_healed.is_set():
            return True
        self._seen += 1
        self.cut += self._seen % 3 == 0
        return self._seen % 3 != 0


@define(eq=False)
class Storm:
    """Callers that book for the same persons at once; a request is sent again until it is answered."""

    store: CitusStore
    acknowledged: dict[str, str] = field(factory=dict)
    outcomes: Counter[str] = field(factory=Counter)
    wrong: list[str] = field(factory=list)
    enough: Event = field(factory=Event)
    is_over: Event = field(factory=Event)
    _lock: Lock = field(factory=Lock)

    def call(self, caller: int) -> None:
        try:
            self._call(caller)
        except Exception as error:  # noqa: BLE001 - whatever it is, the storm shows it
            self.wrong.append(f"{type(error).__name__}: {error}")

    def _call(self, caller: int) -> None:
        desk = busy_desk(self.store)
        serial = caller
        while not self.is_over.is_set():
            person = made_up_person(serial // CALLERS)
            request_id = f"request-{serial}"
            try:
                outcome = desk.book(
                    RENEWALS[serial % len(RENEWALS)], applicant=person, agreed=True, request_id=request_id
                )
            except StoreError as error:
                self.outcomes[type(error).__name__] += 1
                continue
            assert isinstance(outcome, Booked | Refused), outcome
            self._take(request_id, outcome)
            serial += CALLERS

    def _take(self, request_id: str, outcome: Booked | Refused) -> None:
        with self._lock:
            self.outcomes[type(outcome).__name__] += 1
            if isinstance(outcome, Booked):
                self.acknowledged[request_id] = outcome.appointment.number
            answers = self.outcomes["Booked"] + self.outcomes["Refused"]
            if answers % ANSWERS_BETWEEN == 0:
                self.enough.set()


@pytest.fixture(scope="module")
def _kept_cluster() -> str:
    return new_schema(cluster_url())


@pytest.fixture
def url(_kept_cluster: str) -> str:
    return emptied_cluster(_kept_cluster)


def stormed(
    url: str, event: Callable[[int], None], events: int = EVENTS, ended: Callable[[], None] = lambda: None
) -> Storm:
    """A storm in which `event` happens now and then, and `ended` at its end; it is over, and no commit is in doubt."""
    with closing(CitusStore(url)) as store:
        storm = Storm(store)
        busy_desk(store).book(SLOTS[0], applicant=made_up_person(10**6), agreed=True, request_id="first")
        callers = [Thread(target=storm.call, args=(caller,)) for caller in range(CALLERS)]
        for caller in callers:
            caller.start()
        try:
            for number in range(events):
                storm.enough.clear()
                assert storm.enough.wait(PATIENCE_SECONDS), storm
                event(number)
        finally:
            storm.is_over.set()
            ended()
            for caller in callers:
                caller.join(PATIENCE_SECONDS)
        quiet(url)
        check(url, store, storm)
    return storm


def check(url: str, store: CitusStore, storm: Storm) -> None:
    assert storm.wrong == []
    numbers = {number for (number,) in ask(url, NUMBERS)}
    assert [request for request, number in storm.acknowledged.items() if number not in numbers] == []
    assert ask(url, TWICE) == []
    verification = busy_desk(store).audit.verify()
    assert verification.broken == ()
    assert verification.appointments == len(numbers)
    print(f"\n{dict(storm.outcomes)}, {len(numbers)} appointments, nothing lost, nothing broken")  # noqa: T201


def quiet(url: str) -> None:
    """Wait until every server is up, and end what is in doubt."""
    ends = monotonic() + PATIENCE_SECONDS
    while True:
        try:
            ask(url, "SELECT recover_prepared_transactions()")
            left = ask(url, IN_DOUBT)
            if {each for (each,) in left} == {"0"}:
                return
        except psycopg.Error as error:
            left = [(str(error),)]
        assert monotonic() < ends, f"the cluster does not become quiet: {left}"
        sleep(0.5)


def workers(url: str) -> list[tuple[int, str, int]]:
    return ask(url, WORKERS)


def crash(server: str) -> None:
    with suppress(psycopg.OperationalError), psycopg.connect(server, autocommit=True) as connection:
        connection.execute(CRASH)


def at(url: str, host: str, port: int) -> str:
    """The same database on another server of the cluster."""
    return psycopg.conninfo.make_conninfo(url, host=host, port=port)


def sent_to_workers(store: CitusStore, request: Callable[[], object]) -> list[str]:
    """The statements that the coordinator sends during a request, without those that begin and end transactions."""
    sent: list[str] = []
    connection = store._connections._idle[-1].connection
    connection.add_notice_handler(lambda notice: sent.append((notice.message_primary or "").removeprefix("issuing ")))
    connection.execute("SET client_min_messages = log")
    connection.execute("SET citus.log_remote_commands = on")
    request()
    return [each for each in sent if re.match(r"(SELECT|INSERT|UPDATE|DELETE|WITH)\b", each)]


def test_a_booking_reads_with_four_statements_and_writes_with_eight(url):
    with closing(CitusStore(url)) as store:
        desk = busy_desk(store)
        for serial in range(2):  # the calendars and the wordings are there
            assert desk.book(SLOTS[0], applicant=made_up_person(serial), agreed=True, request_id=f"first-{serial}")
        sent = sent_to_workers(
            store, lambda: desk.book(SLOTS[1], applicant=made_up_person(7), agreed=True, request_id="counted")
        )
    reads = [each for each in sent if each.startswith(("SELECT", "WITH")) and "FOR SHARE" not in each]
    assert 0 < len(reads) <= MOST_READS, "\n".join(reads)
    assert 0 < len(sent) - len(reads) <= MOST_WRITES, "\n".join(sent)
    print(f"\n{len(reads)} statements read, {len(sent) - len(reads)} write")  # noqa: T201


def test_workers_that_crash_lose_nothing(url):
    servers = cycle(at(url, host, port) for _, host, port in workers(url))
    stormed(url, lambda _: crash(next(servers)))


def test_a_coordinator_that_crashes_loses_nothing(url):
    stormed(url, lambda _: crash(url))


def test_shards_that_move_in_a_storm_lose_nothing(url):
    def move(number: int) -> None:
        ((shard, host, port),) = ask(url, A_SHARD, number)
        _, new_host, new_port = next(each for each in workers(url) if each[1:] != (host, port))
        moved = "SELECT citus_move_shard_placement(%s, %s, %s, %s, %s, 'force_logical')"
        ask(url, moved, shard, host, port, new_host, new_port)

    stormed(url, move)


@contextmanager
def behind(url: str, relay: Relay, worker: tuple[int, str, int]) -> Iterator[None]:
    """The cluster reaches that worker through the relay."""
    node, host, port = worker
    update = "SELECT citus_update_node(%s, %s, %s)"
    ask(url, update, node, "127.0.0.1", relay.port)
    try:
        yield
    finally:
        quiet(url)
        ask(url, update, node, host, port)


def test_nobody_has_two_appointments_if_second_phases_are_cut_off(url):
    worker = workers(url)[0]
    with closing(Cutting(f"postgresql://{worker[1]}:{worker[2]}/")) as relay, behind(url, relay, worker):
        stormed(url, lambda _: None, events=3 * EVENTS, ended=relay.is_healed.set)
        assert relay.cut > 0
        print(f"{relay.cut} second phases cut off")  # noqa: T201
