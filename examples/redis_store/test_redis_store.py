"""The store on Redis against the conformance kit; skipped, and reported so, if there is no server or no driver."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial, partialmethod
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("redis", reason="the store on Redis needs its driver: pip install -r requirements.txt")

import redis

from examples.redis_store.store import RedisStore
from traffic_booking.domain.errors import StoreUnavailable, StoreUnreadable
from traffic_booking.ports.store import Store
from traffic_booking.testing import Capability, StoreConformance
from traffic_booking.testing.kit.durability import check_sample, sample_store
from traffic_booking.testing.kit.sample_schema import SAMPLE, commit, count, record

if (SERVER := shutil.which("redis-server") or shutil.which("valkey-server")) is None:
    pytest.skip("the store on Redis needs redis-server or valkey-server on the PATH", allow_module_level=True)

PATIENCE = redis.retry.Retry(redis.backoff.ConstantBackoff(0.05), 200)


class RedisServer:
    """A server on a socket in a folder of its own: `kill` ends it at once, `start` begins it again."""

    def __init__(self, folder: Path) -> None:
        self.url = f"unix://{folder}/redis.sock"
        settings = f"--port 0 --unixsocket {folder}/redis.sock --dir {folder} --appendonly yes --appendfsync always"
        self._command = [str(SERVER), *settings.split(), "--save", ""]
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        self.client = redis.Redis.from_url(self.url, retry=PATIENCE)
        self.client.ping()  # until it answers

    def kill(self) -> None:
        self.client.close()
        self._process.kill()
        self._process.wait()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A server for all the tests of one process."""
    made = RedisServer(tmp_path_factory.mktemp("redis"))
    yield made
    made.kill()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A server for one test, which may do with it as it likes."""
    made = RedisServer(tmp_path)
    yield made
    made.kill()


@pytest.mark.long
class TestRedisStore(StoreConformance):
    contract_level = 1
    promises = frozenset(Capability) - {Capability.ASYNC}

    @pytest.fixture
    def open_store(self, server: RedisServer, tmp_path: Path) -> Callable[..., Store]:
        return partial(RedisStore, server.url, prefix=f"{tmp_path.name}:")

    @pytest.fixture
    def failing(self) -> Callable[[Store, int], AbstractContextManager[None]]:
        return cut_after

    @pytest.fixture
    def prune_log(self) -> Callable[[Any, int], None]:
        return pruned


def pruned(store: Any, entries: int) -> None:
    client, log = store._client, f"{store._prefix}log"  # noqa: SLF001 - a store prunes nothing itself
    client.xtrim(log, client.xlen(log) - entries, approximate=False)


@contextmanager
def cut_after(_: Store, steps: int) -> Iterator[None]:
    """Within it, a connection is cut once, after so many more commands sent and answers read; later ones work."""
    passed, driver = iter(range(steps + 1)), redis.connection.AbstractConnection

    def cut_or_pass_on(connection: Any, method: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        if next(passed, None) == steps:
            connection.disconnect()
            raise redis.ConnectionError("cut by the test")
        return method(connection, *arguments, **options)

    with pytest.MonkeyPatch.context() as patched:
        for name in ("send_packed_command", "read_response"):
            patched.setattr(driver, name, partialmethod(cut_or_pass_on, getattr(driver, name)))
        yield


def test_acknowledged_answers_are_there_after_the_server_was_killed(own_server: RedisServer) -> None:
    """The kit kills a process that uses the store; what has to survive here is the server."""
    store = RedisStore(own_server.url, schema=SAMPLE)
    sample_store(store)
    own_server.kill()
    with pytest.raises(StoreUnavailable, match="may be sent again"):
        commit(store, count("hall", 1))
    own_server.start()
    check_sample(store)
    store.close()


@pytest.mark.parametrize("setting", ["appendonly no", "appendfsync everysec", "maxmemory-policy allkeys-lru"])
def test_a_server_that_may_lose_bookings_is_refused(own_server: RedisServer, setting: str) -> None:
    own_server.client.config_set(*setting.split())
    with pytest.raises(StoreUnavailable, match=f"got {setting}"):
        RedisStore(own_server.url)


def test_a_full_server_takes_no_booking_and_goes_on_reading(own_server: RedisServer) -> None:
    store = RedisStore(own_server.url, schema=SAMPLE)
    own_server.client.config_set("maxmemory", 1)
    with pytest.raises(StoreUnavailable):
        commit(store, count("hall", 1))
    assert record(store, "lamp") is None
    own_server.client.config_set("maxmemory", 0)
    assert commit(store, count("hall", 1)) is None
    store.close()


def test_data_that_this_release_did_not_write_is_unreadable_and_not_shown(own_server: RedisServer) -> None:
    store = RedisStore(own_server.url, schema=SAMPLE)
    own_server.client.hset("traffic_booking:record:things:lamp", mapping={":version": "secret"})
    own_server.client.set("traffic_booking:format", "1")
    with pytest.raises(StoreUnreadable, match="can't be read") as raised:
        record(store, "lamp")
    assert "secret" not in str(raised.value)
    with pytest.raises(StoreUnreadable, match="format '1'"):
        RedisStore(own_server.url)
    store.close()
