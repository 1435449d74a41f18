"""The conformance kit for the store on a cluster, at `CITUS_URL`."""

import os
from contextlib import closing
from functools import partial

import pytest

from tests.cluster import MISSING, WAIT_SECONDS, cluster_url, emptied_cluster, new_schema
from tests.conformance import postgres_means
from tests.conformance.test_stores import failing_behind, failing_blocking
from tests.relay import Relay
from traffic_booking.adapters.postgres import AsyncCitusStore, CitusStore
from traffic_booking.testing import Capability, StoreConformance

if not os.environ.get("CITUS_URL"):  # a suite whose cases were skipped one by one would fail the run
    pytest.skip(MISSING, allow_module_level=True)

pytestmark = pytest.mark.long

SHARED = frozenset({Capability.ACCOUNTS, Capability.CROSS_PROCESS, Capability.DURABLE})
"""A batch is one commit, but a reader beside it may see a part of it."""
NOT_ONE_MOMENT = "the servers of a cluster are never read at one moment"
LEFT_OUT = {
    "test_all_answers_of_one_read_are_of_one_moment": NOT_ONE_MOMENT,
    "test_a_reader_of_another_handle_sees_one_moment_too": NOT_ONE_MOMENT,
    "test_results_of_callers_fit_into_one_order_and_all_of_them_are_stored": (
        f"{NOT_ONE_MOMENT}: a refusal may name the rules that a part of another's commit breaks"
    ),
}


@pytest.fixture(scope="module")
def _kept_cluster():
    return new_schema(cluster_url())


@pytest.fixture
def citus_url(_kept_cluster):
    return emptied_cluster(_kept_cluster)


class TestCluster(StoreConformance):
    contract_level = 1
    promises = SHARED
    left_out = LEFT_OUT

    @pytest.fixture
    def open_store(self, citus_url):
        return partial(CitusStore, citus_url, wait_seconds=WAIT_SECONDS)

    @pytest.fixture
    def failing(self, citus_url):
        with closing(Relay(citus_url)) as relay:
            yield partial(failing_behind, relay)

    @pytest.fixture
    def prune_log(self, citus_url):
        return partial(postgres_means.pruned, citus_url)

    @pytest.fixture
    def slow_writer(self, citus_url):
        return partial(postgres_means.slow_writer, citus_url)

    @pytest.fixture
    def other_database(self, citus_url):
        return partial(postgres_means.other_database, citus_url)


class TestClusterAwaited(StoreConformance):
    contract_level = 1
    promises = SHARED | {Capability.ASYNC}
    left_out = LEFT_OUT

    @pytest.fixture
    def open_store(self, citus_url):
        return partial(AsyncCitusStore, citus_url, wait_seconds=WAIT_SECONDS)

    @pytest.fixture
    def failing(self, citus_url):
        with closing(Relay(citus_url)) as relay:
            yield partial(failing_blocking, relay)

    @pytest.fixture
    def prune_log(self, citus_url):
        return partial(postgres_means.pruned, citus_url)

    @pytest.fixture
    def slow_writer(self, citus_url):
        return partial(postgres_means.slow_writer, citus_url)

    @pytest.fixture
    def other_database(self, citus_url):
        return partial(postgres_means.other_database, citus_url)
