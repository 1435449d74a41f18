"""Checks of a cluster when a store is opened: release, role, recovery of commits, shards, kind of tables.

Only what was tried on a real cluster is taken; every other setting is refused with the one that is expected.
"""

from typing import Any, Final

from psycopg import Connection

from traffic_booking.domain.errors import StoreMisconfigured
from traffic_booking.ports.collections import Schema

OLDEST_CITUS: Final = 14
"""The oldest release of Citus that was tried."""
LONGEST_RECOVERY_SECONDS: Final = 10
"""A commit in doubt keeps its rows locked until the next recovery."""
MOST_SHARDS: Final = 128
"""Of a table. A list that names no branch and no person reads every shard."""

_RELEASE: Final = "SELECT extversion FROM pg_catalog.pg_extension WHERE extname = 'citus'"
_SETTINGS: Final = """
SELECT
    (SELECT groupid FROM pg_catalog.pg_dist_local_group),
    (SELECT count(*) FROM pg_catalog.pg_dist_node WHERE shouldhaveshards AND noderole = 'primary'),
    (SELECT setting::bigint FROM pg_catalog.pg_settings WHERE name = 'citus.recover_2pc_interval'),
    (SELECT setting::bigint FROM pg_catalog.pg_settings WHERE name = 'citus.shard_count')
"""
_PLACES: Final = """
SELECT count(DISTINCT colocationid), coalesce(max(shards), 0), coalesce(min(shards), 0) FROM (
    SELECT p.colocationid, (SELECT count(*) FROM pg_catalog.pg_dist_shard AS s WHERE s.logicalrelid = p.logicalrelid)
    FROM pg_catalog.pg_dist_partition AS p
    JOIN pg_catalog.pg_class AS c ON c.oid = p.logicalrelid JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = 'traffic_booking' AND p.partmethod = 'h'
) AS placed (colocationid, shards)
"""


_KIND: Final = """
SELECT bool_or(EXISTS (SELECT FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = c.oid AND a.attname = 'shard'))
FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = 'traffic_booking' AND c.relkind = 'r' AND c.relname = ANY (%s)
"""
"""True if the tables of counters are those of a cluster, NULL if there are none yet."""


def check_cluster(connection: Connection[Any], where: str) -> None:
    """Raise `StoreMisconfigured` if the server is not the coordinator of a cluster that the store can use."""
    release = connection.execute(_RELEASE).fetchone()
    if release is None:
        raise StoreMisconfigured(
            f"{where}: got a database without Citus; expected the extension citus, or postgresql://"
        )
    if int(release[0].partition(".")[0]) < OLDEST_CITUS:
        raise StoreMisconfigured(f"{where}: got Citus {release[0]}; expected {OLDEST_CITUS} or newer")
    found = connection.execute(_SETTINGS).fetchone()
    assert found is not None, "a SELECT without FROM has one row"
    group, servers, interval, shards = found
    if group != 0:
        raise StoreMisconfigured(f"{where}: got a worker of the cluster; expected its coordinator")
    if not servers:
        raise StoreMisconfigured(
            f"{where}: got a cluster without workers; expected one or more, as citus_add_node adds them"
        )
    greatest = LONGEST_RECOVERY_SECONDS * 1000
    if not 0 < interval <= greatest:
        raise StoreMisconfigured(
            f"{where}: got citus.recover_2pc_interval of {interval} ms; expected 1 to {greatest} ms, best 5000: a"
            " commit in doubt locks its rows until then"
        )
    _check_shards(where, shards, servers)


def check_kind(connection: Connection[Any], where: str, schema: Schema, *, cluster: bool) -> None:
    """Raise `StoreMisconfigured` if the tables are those of the other kind of store: a cluster's, or one server's."""
    found = connection.execute(_KIND, [[each.name for each in schema.counters]]).fetchone()
    assert found is not None, "an aggregate has one row"
    if found[0] is None or found[0] == cluster:
        return
    if cluster:
        raise StoreMisconfigured(f"{where}: got the tables of one server; expected a new database, or postgresql://")
    raise StoreMisconfigured(f"{where}: got the tables of a cluster; expected citus:// in the address")


def check_places(connection: Connection[Any], where: str) -> None:
    """Raise `StoreMisconfigured` unless all tables are placed alike, so that one statement reads several of them."""
    found = connection.execute(_PLACES).fetchone()
    assert found is not None, "an aggregate has one row"
    groups, most, least = found
    if groups > 1 or most != least:
        raise StoreMisconfigured(
            f"{where}: got tables in {groups} groups of {least} to {most} shards; expected one group, as"
            " update_distributed_table_colocation makes it"
        )


def _check_shards(where: str, shards: int, servers: int) -> None:
    if not servers <= shards <= MOST_SHARDS:
        raise StoreMisconfigured(
            f"{where}: got citus.shard_count {shards} for {servers} workers; expected {servers} to {MOST_SHARDS}"
        )
