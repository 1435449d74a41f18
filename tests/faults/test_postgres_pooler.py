"""PgBouncer before the server: a store works in session mode, and refuses to share connections at opening."""

from functools import partial
from threading import Event, Thread

import pytest

from tests.conformance import postgres_means
from tests.pooler import pooled
from tests.postgres_server import ask
from traffic_booking.adapters.postgres import AsyncPostgresStore, PostgresStore, pending_steps
from traffic_booking.domain.errors import StoreMisconfigured
from traffic_booking.testing import Capability, StoreConformance

pytestmark = pytest.mark.long

SHARED = "got a pooler that shares connections between transactions; expected .* pool_mode = session"


@pytest.fixture(params=["transaction", "statement"])
def shared_url(request, postgres_url):
    with pooled(postgres_url, request.param) as url:
        yield url


@pytest.mark.parametrize("opened", [PostgresStore, AsyncPostgresStore, pending_steps])
def test_a_pooler_that_shares_connections_is_refused_at_opening(shared_url, opened):
    with pytest.raises(StoreMisconfigured, match=SHARED):
        opened(shared_url)


def test_it_is_refused_among_other_clients_too(shared_url):
    """They take the connection that was used last, so that the store gets another one."""
    is_over = Event()

    def ask_on():
        while not is_over.is_set():
            ask(shared_url, "SELECT pg_sleep(0.001)")

    others = [Thread(target=ask_on) for _ in range(4)]
    for other in others:
        other.start()
    try:
        for _ in range(5):
            with pytest.raises(StoreMisconfigured, match=SHARED):
                PostgresStore(shared_url)
    finally:
        is_over.set()
        for other in others:
            other.join()


class TestPostgresBehindPooler(StoreConformance):
    """The kit, through PgBouncer in session mode."""

    contract_level = 1
    promises = frozenset({Capability.BATCH, Capability.ACCOUNTS, Capability.CROSS_PROCESS, Capability.DURABLE})

    @pytest.fixture
    def open_store(self, postgres_url):
        with pooled(postgres_url, "session") as url:
            yield partial(PostgresStore, url)

    @pytest.fixture
    def prune_log(self, postgres_url):
        return partial(postgres_means.pruned, postgres_url)

    @pytest.fixture
    def slow_writer(self, postgres_url):
        return partial(postgres_means.slow_writer, postgres_url)
