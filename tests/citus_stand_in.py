"""What stands in for Citus, which no package index has: a database that refuses what Citus would refuse of a schema.

The functions have the names and the arguments of Citus's own. They look at the catalog for what its reference says of
distributed tables ("Creating and Modifying Distributed Objects", "SQL Support and Workarounds", docs.citusdata.com,
read 2026-11-23): unique keys and exclusions hold the column that a table is spread by; there are no triggers and no
rules; nothing is inherited; tables that lie side by side are spread by columns of one type. Foreign keys, which Citus
takes between such tables alone, are refused altogether. All rows stay where they are.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, LiteralString

from tests.postgres_server import ask, own_database
from traffic_booking.adapters.postgres import spread_tables

STAND_IN: Final[LiteralString] = """
CREATE TABLE public.pg_dist_partition (logicalrelid regclass PRIMARY KEY, spread_by text, lies_with text);

CREATE FUNCTION public.refused(name regclass, key text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT min(fault) FROM (
        SELECT 'a unique key or an exclusion without the column that the table is spread by'
        FROM pg_index AS indexes LEFT JOIN pg_constraint AS held ON held.conindid = indexes.indexrelid
        WHERE indexes.indrelid = name AND (indexes.indisunique OR held.contype = 'x') AND key IS NOT NULL
            AND NOT EXISTS (
                SELECT FROM pg_attribute
                WHERE attrelid = name AND attname = key AND attnum = ANY (indexes.indkey::smallint[])
            )
        UNION ALL SELECT 'a trigger' FROM pg_trigger WHERE tgrelid = name AND NOT tgisinternal
        UNION ALL SELECT 'a rule' FROM pg_rewrite WHERE ev_class = name
        UNION ALL SELECT 'a foreign key' FROM pg_constraint WHERE contype = 'f' AND name IN (conrelid, confrelid)
        UNION ALL SELECT 'an inherited table' FROM pg_inherits WHERE name IN (inhrelid, inhparent)
        UNION ALL SELECT 'no ordinary table' FROM pg_class
        WHERE oid = name AND (relkind <> 'r' OR relpersistence <> 'p')
        UNION ALL SELECT 'no such column, or one that the server makes'
        WHERE key IS NOT NULL AND NOT EXISTS (
            SELECT FROM pg_attribute
            WHERE attrelid = name AND attname = key AND attgenerated = '' AND attidentity = ''
        )
    ) AS faults (fault)
$$;

CREATE FUNCTION public.create_distributed_table(name regclass, key text, colocate_with text DEFAULT 'default')
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    beside text := nullif(nullif(colocate_with, 'none'), 'default');
BEGIN
    IF public.refused(name, key) IS NOT NULL THEN
        RAISE 'cannot distribute %%: %%', name, public.refused(name, key);
    END IF;
    IF beside IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.pg_dist_partition AS placed
        JOIN pg_attribute AS theirs ON theirs.attrelid = placed.logicalrelid AND theirs.attname = placed.spread_by
        JOIN pg_attribute AS ours ON ours.attrelid = name AND ours.attname = key
        WHERE placed.logicalrelid = beside::regclass AND theirs.atttypid = ours.atttypid
            AND theirs.attcollation = ours.attcollation
    ) THEN
        RAISE 'cannot distribute %%: %% is not spread by a column of its type', name, beside;
    END IF;
    INSERT INTO public.pg_dist_partition VALUES (name, key, coalesce(beside, name::text));
END
$$;

CREATE FUNCTION public.create_reference_table(name regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF public.refused(name, NULL) IS NOT NULL THEN
        RAISE 'cannot copy %% to all machines: %%', name, public.refused(name, NULL);
    END IF;
    INSERT INTO public.pg_dist_partition VALUES (name, NULL, NULL);
END
$$;
"""


@contextmanager
def spread_database(server_url: str, name: str) -> Iterator[str]:
    """The URL of a new database with the schema of this release, its tables spread as they would be on a cluster."""
    with own_database(server_url, name) as url:
        ask(url, STAND_IN)
        spread_tables(url)
        yield url
