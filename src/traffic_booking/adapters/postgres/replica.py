"""A standby server of a PostgreSQL store, which answers reads.

How far it is follows from the snapshot of the very statement that reads, so it holds for each connection, also behind a
balancer. A standby that has lost its primary reaches no newer mark, however complete it looks to itself. The clocks of
the servers are not compared.

Made from `traffic_booking.adapters.postgres.async_replica` by `python -m tools.check_sync --write`: change that.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any, Final, LiteralString

from traffic_booking.adapters.postgres.connections import Connections
from traffic_booking.adapters.postgres.opening import Address
from traffic_booking.adapters.postgres.reading import reading
from traffic_booking.adapters.postgres.tables import Statement, Tables
from traffic_booking.domain.errors import StoreUnavailable
from traffic_booking.persistence.schema import SCHEMA
from traffic_booking.ports.collections import Schema
from traffic_booking.ports.primitives import Query
from traffic_booking.ports.replicas import ReplicaRead, StoreMark

WAIT_SECONDS: Final = 2.0
"""For each wait of a read: the primary answers after it."""

_HISTORY: Final[LiteralString] = (
    "(SELECT system_identifier::text FROM pg_control_system()) || '/' || current_database()"
)
_MARK: Final[LiteralString] = (
    f"SELECT {_HISTORY}, pg_snapshot_xmax(pg_current_snapshot())::text::bigint, pg_is_in_recovery()"
)
_REACHED: Final[LiteralString] = (
    f"SELECT {_HISTORY}, pg_snapshot_xmin(pg_current_snapshot())::text::bigint, pg_is_in_recovery()"
)
"""All transactions below the oldest that is under way are visible, as in the feed."""


class PostgresReplica:
    """A standby server in recovery, which `PostgresStore.replica` returns. It is never written.

    Its schema is that of the primary, so that it is not checked. No connection is made before the first read.
    """

    def __init__(
        self, conninfo: str, *, connections: int = 8, wait_seconds: float = WAIT_SECONDS, schema: Schema = SCHEMA
    ) -> None:
        self._connections = Connections(Address(conninfo, wait_seconds, read_only=True), most=connections)
        self._tables = Tables(schema)

    def read(self, queries: Sequence[Query]) -> ReplicaRead:
        found = self._connections.read(_with_mark(reading(self._tables, queries)))
        if found.reached is None:  # promoted: of the servers that the address names, another may be a standby now
            self._connections.close_idle()
        return found

    def close(self) -> None:
        self._connections.close()


def marking(where: str) -> Statement[StoreMark]:
    """The mark of a primary: every committed transaction is below the next one."""
    return Statement(_MARK, (), partial(_marked, where))


def _marked(where: str, rows: list[tuple[Any, ...]]) -> StoreMark:
    history, below, is_standby = rows[0]
    if is_standby:
        raise StoreUnavailable(f"{where}: got a standby server; expected the primary, which takes writes")
    return StoreMark(history, below)


def _with_mark(statement: Statement[list[Any]]) -> Statement[ReplicaRead]:
    """The statement, and how far the server is."""
    sql = statement.sql if isinstance(statement.sql, bytes) else statement.sql.encode()
    columns = sql.removeprefix(b"SELECT").strip()

    def read(rows: list[tuple[Any, ...]]) -> ReplicaRead:
        history, below, is_standby, *answers = rows[0]
        return ReplicaRead(statement.read([tuple(answers)]), StoreMark(history, below) if is_standby else None)

    return Statement(b", ".join([_REACHED.encode(), *([columns] if columns else [])]), statement.parameters, read)
