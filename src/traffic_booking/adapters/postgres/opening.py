"""Where the database is, the settings of connections to it, and its schema brought up to date when it is opened."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import cycle
from math import ceil, inf
from typing import Any, Final
from urllib.parse import parse_qsl

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import Conninfo

from traffic_booking.adapters.postgres.columns import register
from traffic_booking.adapters.postgres.deadlines import AsyncBoundedConnection, BoundedConnection
from traffic_booking.adapters.postgres.driver_errors import UNTOLD, Translated, connecting
from traffic_booking.adapters.postgres.migrations import (
    DISTRIBUTION,
    distribution,
    migrate,
    missing_indexes,
    pending,
    script,
    shipped_migrations,
)
from traffic_booking.adapters.postgres.statements import SETTINGS
from traffic_booking.domain.errors import InvalidInput, StoreError, StoreUnavailable
from traffic_booking.ports.schema import SchemaSteps

OLDEST_SERVER: Final = 14
"""The oldest release of PostgreSQL that the schema is written for."""

SHORTEST_WAIT_SECONDS: Final = 0.1
LONGEST_WAIT_SECONDS: Final = 600.0

_SCHEMES: Final = ("postgresql", "postgres")
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
        if not SHORTEST_WAIT_SECONDS <= wait_seconds <= LONGEST_WAIT_SECONDS:
            raise InvalidInput(
                "wait_seconds",
                got=str(wait_seconds),
                expected=f"{SHORTEST_WAIT_SECONDS} to {LONGEST_WAIT_SECONDS:.0f}",
            )
        expected = "postgresql://HOST/DATABASE?KEY=VALUE, or KEY=VALUE pairs as libpq takes them"
        try:
            given = conninfo_to_dict(conninfo)
        except (psycopg.Error, ValueError):  # its message may quote the password
            given = None
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
    if scheme in _SCHEMES and "@" not in query:
        known = {option.keyword.decode() for option in Conninfo.get_defaults()}
        keys = [key for key, _ in parse_qsl(query, keep_blank_values=True)]
        if not any(key.lower().endswith("password") for key in keys):
            for key in keys:
                if key not in known and _KEY.fullmatch(key):
                    return f"the key {key!r}, which libpq doesn't know"
    return "one that libpq can't read"


def prepare_database(address: Address, *, may_migrate: bool) -> None:
    """Check the server and bring the schema up to date; without `may_migrate` one that isn't is `StoreUnavailable`."""
    with _checked(address) as connection:
        known = shipped_migrations()
        needed = pending(connection, address.name, known)
        spread = distribution(connection, address.name, wanted=False, stepped=bool(needed))
        if not needed and spread is None:
            return
        got, expected = f"schema {len(known) - len(needed)}", str(len(known))
        if not needed:
            got, expected = f"tables spread by another {DISTRIBUTION}", "this release's"
        behind = f"{address.name}: got {got}; expected {expected}, as the command traffic-booking migrate makes it"
        if not may_migrate:
            raise StoreUnavailable(behind)
        try:
            _migrate(connection, address)
        except psycopg.errors.InsufficientPrivilege as error:
            raise StoreUnavailable(f"{behind}, by a role that may make tables") from error


def spread_tables(conninfo: str, *, wait_seconds: float = 10.0) -> None:
    """Bring the database to this release's schema, its tables spread over the Citus cluster; raises as `PostgresStore`.

    Raises `StoreUnavailable` for a database without Citus.
    """
    address = Address(conninfo, wait_seconds)
    with _checked(address) as connection:
        _migrate(connection, address, citus=True)


def pending_steps(conninfo: str, *, wait_seconds: float = 10.0, citus: bool = False) -> SchemaSteps:
    """What the database still needs, with `citus` to be spread over a cluster. Raises as `PostgresStore` does."""
    address = Address(conninfo, wait_seconds)
    with _checked(address) as connection:
        known = shipped_migrations()
        needed = pending(connection, address.name, known)
        missing = missing_indexes(connection, known[: len(known) - len(needed)])
        spread = distribution(connection, address.name, wanted=citus, stepped=bool(needed))
        names = tuple(step.name for step in needed)
        if spread is not None:
            names += (DISTRIBUTION,)
        return SchemaSteps(names=names, script=script(needed, spread) if names else "", missing_indexes=missing)


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


def _migrate(connection: BoundedConnection, address: Address, *, citus: bool = False) -> None:
    connection.execute("SET statement_timeout = 0")  # a step may rewrite a table
    connection.reply_seconds = inf
    migrate(connection, address.name, shipped_migrations(), citus=citus)


def connect(address: Address) -> BoundedConnection:
    """A connection with all its settings; waiting, for a lock or for the server, ends in `StoreUnavailable`."""
    with connecting(address.name):
        connection = BoundedConnection.connect(address.conninfo, autocommit=True, prepare_threshold=1)
        try:
            connection.where, connection.reply_seconds = address.name, address.reply_seconds
            register(connection)
            connection.execute(SETTINGS, _waits(address), prepare=False)
        except BaseException:
            connection.close()
            raise
    return connection


async def connect_async(address: Address) -> AsyncBoundedConnection:
    """As `connect`, for an event loop."""
    with connecting(address.name):
        connection = await AsyncBoundedConnection.connect(address.conninfo, autocommit=True, prepare_threshold=1)
        try:
            connection.where, connection.reply_seconds = address.name, address.reply_seconds
            register(connection)
            await connection.execute(SETTINGS, _waits(address), prepare=False)
        except BaseException:
            await connection.close()
            raise
    return connection


def _waits(address: Address) -> tuple[str, str, str]:
    """The bounds of each kind of wait, as `SETTINGS` takes them."""
    wait = f"{address.wait_seconds * 1000:.0f}ms"
    return wait, wait, wait
