"""Where the database is, the settings of connections to it, and its schema brought up to date when it is opened."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import cycle
from math import ceil, inf
from typing import Any, Final, LiteralString
from urllib.parse import parse_qsl

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import Conninfo

from traffic_booking.adapters.postgres.columns import register
from traffic_booking.adapters.postgres.deadlines import AsyncBoundedConnection, BoundedConnection
from traffic_booking.adapters.postgres.driver_errors import UNTOLD, Translated, connecting
from traffic_booking.adapters.postgres.migrations import continue_log, migrate, missing_indexes, pending, script
from traffic_booking.domain.errors import InvalidInput, StoreError, StoreUnavailable
from traffic_booking.domain.number_input import bounded_seconds
from traffic_booking.persistence.lifetime import closed_on_failure
from traffic_booking.persistence.migrations import shipped_migrations
from traffic_booking.persistence.schema import SCHEMA
from traffic_booking.ports.collections import Schema
from traffic_booking.ports.schema import SchemaSteps

PACKAGE: Final = "traffic_booking.adapters.postgres"
OLDEST_SERVER: Final = 14
"""The oldest release of PostgreSQL that the schema is written for."""

SHORTEST_WAIT_SECONDS: Final = 0.1
LONGEST_WAIT_SECONDS: Final = 600.0

# A connection is the store's own. Every statement looks up a few keys: the planner must not read whole tables because
# they were small when it looked, nor plan again, nor compile. Guards rely on seeing what was committed while they
# waited for a lock. What `commit` has reported must be on the disk. An error must not quote parameters: without a
# pseudonym key, ids are among them.
_SETTINGS: Final[LiteralString] = """
SELECT
    set_config('TimeZone', 'UTC', false),
    set_config('client_encoding', 'UTF8', false),
    set_config('default_transaction_isolation', 'read committed', false),
    set_config('default_transaction_deferrable', 'off', false),
    set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on'
        ELSE current_setting('synchronous_commit') END, false),
    set_config('statement_timeout', wait, false),
    set_config('lock_timeout', wait, false),
    set_config('idle_in_transaction_session_timeout', wait, false),
    set_config('enable_seqscan', 'off', false),
    set_config('enable_hashjoin', 'off', false),
    set_config('enable_mergejoin', 'off', false),
    set_config('plan_cache_mode', 'force_generic_plan', false),
    set_config('jit', 'off', false),
    set_config('log_parameter_max_length_on_error', '0', false)
FROM (SELECT %s::text) AS bounds (wait)
"""
_KEY: Final = re.compile("[A-Za-z_]{1,40}")
_SERVICE: Final = re.compile(r"[\w.-]{1,64}")


class Address:
    """Where a database is and how to connect to it: a URL or `key=value` pairs as libpq reads them, TLS and all.

    What is left out comes from libpq's environment (`PGHOST`, `PGPASSFILE`, `PGSSLMODE` and so on). `name` tells role,
    host, port and database, or the service, for messages; `repr` shows no more. `wait_seconds` bounds what is waited
    for within the server. In twice that, `reply_seconds`, TCP notices a machine that has gone silent, and we a server
    that has.
    """

    def __init__(self, conninfo: str, wait_seconds: float) -> None:
        bounded_seconds(wait_seconds, "wait_seconds", least=SHORTEST_WAIT_SECONDS, greatest=LONGEST_WAIT_SECONDS)
        expected = "postgresql://HOST/DATABASE?KEY=VALUE, or KEY=VALUE pairs as libpq takes them"
        given = None
        with suppress(psycopg.Error, ValueError):  # its message may quote the password
            given = conninfo_to_dict(conninfo)
        if given is None:
            raise InvalidInput("database address", got=_unreadable(conninfo), expected=expected)
        seconds = ceil(wait_seconds)
        given.setdefault("connect_timeout", max(2, seconds))
        given.setdefault("tcp_user_timeout", ceil(wait_seconds * 1000))
        given.setdefault("keepalives_idle", seconds)
        given.setdefault("keepalives_interval", ceil(wait_seconds / 3))
        given.setdefault("keepalives_count", 3)
        given.setdefault("application_name", "traffic_booking")
        self.conninfo = make_conninfo("", **given)
        self.wait_seconds = wait_seconds
        self.reply_seconds = 2 * wait_seconds
        self.name = _name(given)

    def __repr__(self) -> str:
        return f"Address({self.name!r})"


def _name(given: Mapping[str, Any]) -> str:
    """`postgresql://ROLE@HOST:PORT/DATABASE` as libpq will use it, or the service where there is one.

    `UNTOLD` where a password may have a character in it that isn't escaped: its end reads as something else then.
    """
    service = str(given.get("service", ""))
    if service:
        return f"postgresql://?service={service}" if _SERVICE.fullmatch(service) else UNTOLD
    left_out = {option.keyword.decode(): option.val.decode() for option in Conninfo.get_defaults() if option.val}
    known = left_out | {key: str(value) for key, value in given.items() if value}
    role = known.get("user", "")
    hosts = known.get("host", known.get("hostaddr", "")).split(",")
    ports = [port or left_out.get("port", "") for port in known.get("port", "").split(",")]
    database = known.get("dbname", role)
    if "@" in f"{hosts}{database}" or "=" in database or not all(port.isdigit() for port in ports):
        return UNTOLD
    told = [f"[{host}]" if ":" in host else host for host in hosts]
    ends = ",".join(f"{host}:{port}" for host, port in zip(told, cycle(ports), strict=False))
    return f"postgresql://{role}@{ends}/{database}"


def _unreadable(conninfo: str) -> str:
    """What libpq can't read: a key of a URL that it doesn't know, unless that might be a part of a password."""
    scheme, _, rest = conninfo.partition("://")
    query = rest.partition("?")[2]
    if scheme in {"postgresql", "postgres"} and "@" not in query:
        known = {option.keyword.decode() for option in Conninfo.get_defaults()}
        keys = [key for key, _ in parse_qsl(query, keep_blank_values=True)]
        if not any(key.lower().endswith("password") for key in keys):
            for key in keys:
                if key not in known and _KEY.fullmatch(key):
                    return f"the key {key!r}, which libpq doesn't know"
    return "one that libpq can't read"


def prepare_database(address: Address, schema: Schema, *, may_migrate: bool) -> None:
    """Check the server and bring the schema up to date; without `may_migrate` one that isn't is `StoreUnavailable`."""
    with _checked(address) as connection:
        known = shipped_migrations(PACKAGE)
        needed = pending(connection, address.name, known, schema)
        if needed:
            behind = (
                f"{address.name}: got a schema that lacks {needed.names()[0]}; expected it whole, as the command"
                " traffic-booking migrate makes it"
            )
            if not may_migrate:
                raise StoreUnavailable(behind)
            connection.execute("SET statement_timeout = 0")  # a step may rewrite a table
            connection.reply_seconds = inf
            try:
                migrate(connection, address.name, known, schema)
            except psycopg.errors.InsufficientPrivilege as error:
                raise StoreUnavailable(f"{behind}, by a role that may make tables") from error
        continue_log(connection)


def pending_steps(conninfo: str, *, wait_seconds: float = 10.0) -> SchemaSteps:
    """What the database still needs. Raises as `PostgresStore` does."""
    address = Address(conninfo, wait_seconds)
    with _checked(address) as connection:
        needed = pending(connection, address.name, shipped_migrations(PACKAGE), SCHEMA)
        return SchemaSteps(
            names=needed.names(),
            script=script(needed) if needed else "",
            missing_indexes=missing_indexes(connection, SCHEMA),
        )


@contextmanager
def _checked(address: Address) -> Iterator[BoundedConnection]:
    """A connection to a server that is new enough and a database that takes Arabic; errors within leave translated."""
    with Translated(address.name), connect(address) as connection:
        release = connection.info.server_version // 10_000
        if release < OLDEST_SERVER:
            raise StoreError(f"{address.name}: got PostgreSQL {release}; expected {OLDEST_SERVER} or newer")
        encoding = connection.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            raise StoreError(f"{address.name}: got a database in {encoding}; expected one made in UTF8")
        yield connection


def connect(address: Address) -> BoundedConnection:
    """A connection with all its settings; waiting, for a lock or for the server, ends in `StoreUnavailable`."""
    with connecting(address.name):
        opened = BoundedConnection.connect(address.conninfo, autocommit=True, prepare_threshold=1)
        with closed_on_failure(opened) as connection:
            connection.where, connection.reply_seconds = address.name, address.reply_seconds
            register(connection)
            connection.execute(_SETTINGS, (f"{address.wait_seconds * 1000:.0f}ms",), prepare=False)
    return connection


async def async_connect(address: Address) -> AsyncBoundedConnection:
    """As `connect`, for an event loop."""
    with connecting(address.name):
        connection = await AsyncBoundedConnection.connect(address.conninfo, autocommit=True, prepare_threshold=1)
        try:
            connection.where, connection.reply_seconds = address.name, address.reply_seconds
            register(connection)
            await connection.execute(_SETTINGS, (f"{address.wait_seconds * 1000:.0f}ms",), prepare=False)
        except BaseException:
            await connection.close()
            raise
    return connection
