"""The store on Redis against the conformance kit; skipped, and said so, where there is no server or no driver."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("redis", reason="the store on Redis needs its driver: pip install -r requirements.txt")

import redis
from redis.connection import AbstractConnection as DriverConnection

from examples.redis_store.redis_server import SERVER, RedisServer
from examples.redis_store.store import RedisStore
from traffic_booking.domain.changes import Committed
from traffic_booking.domain.errors import StoreUnavailable, StoreUnreadable
from traffic_booking.domain.outside_text import RequestId
from traffic_booking.ports.store import Store
from traffic_booking.testing import Capability, StoreConformance
from traffic_booking.testing.sample_changes import booking, number, slot, stored
from traffic_booking.testing.store.durability import check_sample, sample_store

if SERVER is None:
    pytest.skip("the store on Redis needs redis-server or valkey-server on the PATH", allow_module_level=True)

PIECE = 256
"""Bytes sent in one step of a failing connection: a booking takes about ten, and hearing of it one more."""
PREFIXES = count()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A server for all the tests of one process."""
    made = RedisServer(tmp_path_factory.mktemp("redis"))
    made.start()
    yield made
    made.kill()


class TestRedisStore(StoreConformance):
    contract_level = 2
    promises = frozenset({Capability.DURABLE, Capability.CROSS_PROCESS, Capability.BATCH})

    @pytest.fixture
    def open_store(self, server: RedisServer) -> Callable[[], Store]:
        return partial(RedisStore, server.url, prefix=f"test-{next(PREFIXES)}:")

    @pytest.fixture
    def failing(self) -> Callable[[Store, int], AbstractContextManager[None]]:
        return cut_after


@contextmanager
def cut_after(_: Store, steps: int) -> Iterator[None]:
    """Within it, a connection is cut once, after so many more pieces sent and answers heard; then there are others."""
    left = count(steps, -1)
    send, hear = DriverConnection.send_packed_command, DriverConnection.read_response

    def step(connection: DriverConnection) -> None:
        if next(left) == 0:
            connection.disconnect()
            raise redis.ConnectionError("cut by the test")

    def send_in_pieces(connection: DriverConnection, command: Any, **options: Any) -> None:
        packed = command.encode() if isinstance(command, str) else b"".join(command)
        for start in range(0, len(packed), PIECE):
            step(connection)
            send(connection, [packed[start : start + PIECE]], **options)

    def hear_unless_cut(connection: DriverConnection, *arguments: Any, **options: Any) -> Any:
        step(connection)
        return hear(connection, *arguments, **options)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(DriverConnection, "send_packed_command", send_in_pieces)
        patched.setattr(DriverConnection, "read_response", hear_unless_cut)
        yield


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A server for one test, which may do with it as it likes."""
    made = RedisServer(tmp_path)
    made.start()
    yield made
    made.kill()


def test_what_was_acknowledged_is_there_after_the_server_was_killed(own_server: RedisServer) -> None:
    """The kit kills a process that uses the store; what has to survive here is the server."""
    store = RedisStore(own_server.url)
    sample_store(store)
    own_server.kill()
    own_server.start()
    check_sample(store)
    store.close()


def test_a_server_that_is_gone_may_come_back(own_server: RedisServer) -> None:
    store = RedisStore(own_server.url)
    own_server.kill()
    with pytest.raises(StoreUnavailable, match="may be sent again"):
        store.commit([booking(1)])
    own_server.start()
    assert list(store.commit([booking(1)])) == [Committed()]
    store.close()


@pytest.mark.parametrize(
    ("setting", "value"), [("appendonly", "no"), ("appendfsync", "everysec"), ("maxmemory-policy", "allkeys-lru")]
)
def test_a_server_that_may_lose_bookings_is_refused(own_server: RedisServer, setting: str, value: str) -> None:
    with redis.Redis.from_url(own_server.url) as client:
        client.config_set(setting, value)
    with pytest.raises(StoreUnavailable, match=f"got {setting} {value}"):
        RedisStore(own_server.url)


def test_a_full_server_takes_no_booking_and_goes_on_reading(own_server: RedisServer) -> None:
    store = RedisStore(own_server.url)
    store.commit([booking(1)])
    with redis.Redis.from_url(own_server.url) as client:
        client.config_set("maxmemory", 1)
        with pytest.raises(StoreUnavailable):
            store.commit([booking(2, at=slot(2), standing=1)])
        assert stored(store, 1).version == 1
        client.config_set("maxmemory", 0)
    assert list(store.commit([booking(2, at=slot(2), standing=1)])) == [Committed()]
    store.close()


def test_keys_of_another_release_are_refused(own_server: RedisServer) -> None:
    with redis.Redis.from_url(own_server.url) as client:
        client.set("traffic_booking:format", "2")
    with pytest.raises(StoreUnreadable, match="format 2"):
        RedisStore(own_server.url)


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"kind":"booked"}'])
def test_a_value_that_was_damaged_is_unreadable_and_not_shown(own_server: RedisServer, text: str) -> None:
    store = RedisStore(own_server.url)
    store.commit([booking(1)])
    with redis.Redis.from_url(own_server.url) as client:
        client.hset(f"traffic_booking:appointment:{number(1)}", "text", text)
        client.set("traffic_booking:answer:request-1", text)
    with pytest.raises(StoreUnreadable, match="can't be read"):
        store.appointment(number(1))
    with pytest.raises(StoreUnreadable, match="can't be read"):
        store.answer(RequestId("request-1"))
    store.close()


def test_where_no_server_answers_the_error_says_so(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="expected an answer"):
        RedisStore(f"unix://{tmp_path}/nobody.sock")
