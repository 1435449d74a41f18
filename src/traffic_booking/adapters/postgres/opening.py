"""The address of a database, connections with their settings, and the schema's update when a store is opened."""

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

from traffic_booking.adapters.postgres.cluster_checks import check_cluster, check_kind, check_places
from traffic_booking.adapters.postgres.cluster_declarations import clustered
from traffic_booking.adapters.postgres.columns import register
from traffic_booking.adapters.postgres.deadlines import AsyncBoundedConnection, BoundedConnection
from traffic_booking.adapters.postgres.declarations import Made, made_of
from traffic_booking.adapters.postgres.driver_errors import MASKED, Translated, connecting
from traffic_booking.adapters.postgres.migrations import continue_log, migrate, missing_indexes, pending, script
from traffic_booking.domain.errors import InvalidInput, StoreMisconfigured, StoreUnavailable
from traffic_booking.domain.number_input import bounded_amount
from traffic_booking.domain.text_input import plain_text
from traffic_booking.domain.value_input import truth
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

# Every statement looks up a few keys: the planner must not read whole tables because they were small once, nor plan
# again, nor compile. Guards must see everything that was committed while they waited for a lock. A change that `commit`
# has reported must be on the disk, and a warning that no standby has it must come. An error must not quote parameters:
# ids may be among them.
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
    set_config('plan_cache_mode', planning, false),
    set_config('jit', 'off', false),
    set_config('default_transaction_read_only', reading, false),
    set_config('log_parameter_max_length_on_error', '0', false),
    set_config('client_min_messages', 'warning', false)
FROM (SELECT %s::text, %s::text, %s::text) AS bounds (wait, reading, planning)
"""
_TURNS: Final = 6
"""Of two connections through a pooler: other clients may make it look for a while as if it did not share any."""
_KEY: Final = re.compile("[A-Za-z_]{1,40}")
_SERVICE: Final = re.compile(r"[\w.-]{1,64}")


class Address:
    """The address of a database: a URL or `key=value` pairs as libpq reads them, TLS and all.

    Missing values come from libpq's environment (`PGHOST`, `PGPASSFILE`, `PGSSLMODE` and so on). `name` is for
    messages: role, host, port and database, or the service; `repr` shows no more. `wait_seconds` bounds waits within
    the server. After twice that, `reply_seconds`, TCP gives up on a silent machine, and we on a silent server.
    """

    def __init__(self, conninfo: str, wait_seconds: float, *, read_only: bool = False, cluster: bool = False) -> None:
        least, greatest = SHORTEST_WAIT_SECONDS, LONGEST_WAIT_SECONDS
        wait_seconds = bounded_amount(wait_seconds, "wait_seconds", least=least, greatest=greatest)
        expected = "postgresql://HOST/DATABASE?KEY=VALUE, or KEY=VALUE pairs as libpq takes them"
        conninfo, given = plain_text(conninfo, "database address", expected), None
        with suppress(psycopg.Error, ValueError):  # its message may quote the password
            given = conninfo_to_dict(conninfo)
        if given is None:
            raise InvalidInput("database address", got=_unreadable(conninfo), expected=expected)
        usual: dict[str, Any] = {
            "connect_timeout": max(2, ceil(wait_seconds)),
            "tcp_user_timeout": ceil(wait_seconds * 1000),
            "keepalives_idle": ceil(wait_seconds),
            "keepalives_interval": ceil(wait_seconds / 3),
            "keepalives_count": 3,
            "application_name": "traffic_booking",
        }
        self.conninfo = make_conninfo("", **usual | given)
        self.wait_seconds = wait_seconds
        self.read_only = truth(read_only, "read_only")
        self.cluster = truth(cluster, "cluster")
        self.reply_seconds = 2 * wait_seconds
        name = _name(given)
        self.name = f"citus{name.removeprefix('postgresql')}" if self.cluster and name != MASKED else name

    def __repr__(self) -> str:
        return f"Address({self.name!r})"


def libpq_url(url: str) -> str:
    """A `citus://` URL as libpq reads it."""
    return f"postgresql{url.removeprefix('citus')}"


def _name(given: Mapping[str, Any]) -> str:
    """`postgresql://ROLE@HOST:PORT/DATABASE` as libpq will use it, or the service if there is one.

    `MASKED` if a password may have a character that isn't escaped: its end would be taken for something else.
    """
    service = str(given.get("service", ""))
    if service:
        return f"postgresql://?service={service}" if _SERVICE.fullmatch(service) else MASKED
    left_out = {option.keyword.decode(): option.val.decode() for option in Conninfo.get_defaults() if option.val}
    known = left_out | {key: str(value) for key, value in given.items() if value}
    role = known.get("user", "")
    hosts = known.get("host", known.get("hostaddr", "")).split(",")
    ports = [port or left_out.get("port", "") for port in known.get("port", "").split(",")]
    database = known.get("dbname", role)
    if "@" in f"{hosts}{database}" or "=" in database or not all(port.isdigit() for port in ports):
        return MASKED
    shown = [f"[{host}]" if ":" in host else host for host in hosts]
    ends = ",".join(f"{host}:{port}" for host, port in zip(shown, cycle(ports), strict=False))
    return f"postgresql://{role}@{ends}/{database}"


def _unreadable(conninfo: str) -> str:
    """The part that libpq can't read: an unknown key of a URL, unless that might be a part of a password."""
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
    """Check the server, and bring the schema up to date or, if it may not be changed, raise `StoreUnavailable`."""
    with _checked(address) as connection:
        check_kind(connection, address.name, schema, cluster=address.cluster)
        known, made = shipped_migrations(PACKAGE), _made_for(address, schema)
        needed = pending(connection, address.name, known, made)
        if needed:
            behind = (
                f"{address.name}: got a schema that lacks {needed.names()[0]}; expected it whole, as the command"
                " traffic-booking migrate makes it"
            )
            if address.read_only or not may_migrate:
                raise StoreUnavailable(behind)
            connection.execute("SET statement_timeout = 0")  # a step may rewrite a table
            connection.reply_seconds = inf
            try:
                migrate(connection, address.name, known, made)
            except psycopg.errors.InsufficientPrivilege as error:
                raise StoreUnavailable(f"{behind}, by a role that may make tables") from error
        if not address.read_only:
            continue_log(connection)
        if address.cluster:
            check_places(connection, address.name)


def pending_steps(conninfo: str, *, wait_seconds: float = 10.0, cluster: bool = False) -> SchemaSteps:
    """Return the steps that the database still needs, and change nothing.

        >>> pending_steps("postgresql://HOST/bookings").names  # doctest: +SKIP

    Args:
        conninfo: a URL or `KEY=VALUE` pairs, as libpq takes them.
        wait_seconds: bounds each wait for a connection, a lock or a reply, 0.1 to 600.
        cluster: whether it is the coordinator's database of a Citus cluster.

    Raises:
        InvalidInput: an argument is out of its bounds, or libpq can't read `conninfo`.
        StoreUnreadable: the schema is not this library's, altered, or written by a newer release.
        StoreUnavailable: the server can't be reached, or the role may not do this.
    """
    address = Address(conninfo, wait_seconds, cluster=cluster)
    with _checked(address) as connection:
        check_kind(connection, address.name, SCHEMA, cluster=cluster)
        needed = pending(connection, address.name, shipped_migrations(PACKAGE), _made_for(address, SCHEMA))
        return SchemaSteps(
            names=needed.names(),
            script=script(needed) if needed else "",
            missing_indexes=missing_indexes(connection, SCHEMA),
        )


def _made_for(address: Address, schema: Schema) -> list[Made]:
    return [*(clustered if address.cluster else made_of)(schema)]


@contextmanager
def _checked(address: Address) -> Iterator[BoundedConnection]:
    """A connection to a server that is new enough and a database in UTF8; errors in the context are translated."""
    with Translated(address.name, cluster=address.cluster), connect(address) as connection:
        release = connection.info.server_version // 10_000
        if release < OLDEST_SERVER:
            raise StoreMisconfigured(f"{address.name}: got PostgreSQL {release}; expected {OLDEST_SERVER} or newer")
        encoding = connection.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            raise StoreMisconfigured(f"{address.name}: got a database in {encoding}; expected one made in UTF8")
        if _backend(connection) != connection.pgconn.backend_pid:
            _refuse_shared(address, connection)
        if address.cluster:
            check_cluster(connection, address.name)
        yield connection


def _refuse_shared(address: Address, connection: BoundedConnection) -> None:
    """Raise `StoreMisconfigured` if the pooler before the server shares its connections between transactions.

    Settings and prepared statements would stay with another client then. Two clients take turns: they keep two
    connections, or one of them sees another connection than before, or both the same.
    """
    with connect(address) as other:
        seen = [(_backend(connection), _backend(other)) for _ in range(_TURNS)]
    mine, theirs = seen[0]
    if mine == theirs or any(each != seen[0] for each in seen):
        raise StoreMisconfigured(
            f"{address.name}: got a pooler that shares connections between transactions; expected connections that keep"
            " their settings: the server itself, or a pooler in session mode (PgBouncer: pool_mode = session)"
        )


def _backend(connection: BoundedConnection) -> object:
    """The number of the server's process that executes statements of `connection`; a pooler gives clients another."""
    [(number,)] = connection.execute("SELECT pg_backend_pid()", prepare=False).fetchall()
    return number


def connect(address: Address) -> BoundedConnection:
    """A connection with all its settings; a wait that is too long ends with `StoreUnavailable`."""
    with connecting(address.name):
        opened = BoundedConnection.connect(address.conninfo, autocommit=True, prepare_threshold=1)
        with closed_on_failure(opened) as connection:
            connection.where, connection.reply_seconds = address.name, address.reply_seconds
            connection.watch_standbys()
            register(connection)
            connection.execute(_SETTINGS, _bounds(address), prepare=False)
    return connection


def _bounds(address: Address) -> tuple[str, str, str]:
    """How long, whether only to read, and how to plan: a cluster finds the shards of a statement by its values."""
    planning = "auto" if address.cluster else "force_generic_plan"
    return f"{address.wait_seconds * 1000:.0f}ms", "on" if address.read_only else "off", planning


async def async_connect(address: Address) -> AsyncBoundedConnection:
    """As `connect`, for an event loop."""
    with connecting(address.name):
        connection = await AsyncBoundedConnection.connect(address.conninfo, autocommit=True, prepare_threshold=1)
        try:
            connection.where, connection.reply_seconds = address.name, address.reply_seconds
            connection.watch_standbys()
            register(connection)
            await connection.execute(_SETTINGS, _bounds(address), prepare=False)
        except BaseException:
            await connection.close()
            raise
    return connection
