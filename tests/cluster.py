"""The cluster at `CITUS_URL`, for the tests that need one: the coordinator's database, which they may empty.

Its name has to contain `test`. The workers are those that the coordinator knows. Without `CITUS_URL` the tests skip.
"""

import os
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from tests.postgres_server import KEPT
from traffic_booking.adapters.postgres import CitusStore

MISSING = "no cluster to test with: CITUS_URL is not set; it names a database on the coordinator of a Citus cluster"
WAIT_SECONDS = 60
"""Batches of the kit have some thousand rows, which go out one by one."""
EMPTY = """
SELECT format('DELETE FROM traffic_booking.%%I', tablename) FROM pg_tables
WHERE schemaname = 'traffic_booking' AND tablename <> ALL (%s)
"""


def cluster_url() -> str:
    """The URL of the coordinator's database; skips the test if there is none."""
    url = os.environ.get("CITUS_URL")
    if not url:
        pytest.skip(MISSING)
    name = urlsplit(url).path
    if "test" not in name:
        pytest.fail(f"CITUS_URL: got the database {name!r}; expected one with test in its name", pytrace=False)
    return url


def new_schema(url: str) -> str:
    """`url`, after its tables were dropped and made again."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS traffic_booking CASCADE")
    CitusStore(url, wait_seconds=WAIT_SECONDS).close()
    return url


def emptied_cluster(url: str) -> str:
    """`url`, after its tables were emptied, and every commit in doubt was ended."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT recover_prepared_transactions()")
        with connection.transaction():
            connection.execute("SET LOCAL citus.multi_shard_modify_mode = 'sequential'")
            for (statement,) in connection.execute(EMPTY, [KEPT]).fetchall():
                connection.execute(sql.SQL(statement))
        connection.execute("DELETE FROM traffic_booking.generations WHERE generation > 1")
    return url
