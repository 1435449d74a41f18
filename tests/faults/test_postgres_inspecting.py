"""The inspection of a PostgreSQL database finds every object that this release does not make, and rows out of sight."""

import psycopg
import pytest

from tests.postgres_server import open_store
from traffic_booking.adapters.postgres.inspecting import inspecting
from traffic_booking.adapters.postgres.opening import PACKAGE
from traffic_booking.adapters.postgres.tables import Tables
from traffic_booking.persistence.schema import SCHEMA
from traffic_booking.testing.kit.sample_schema import SAMPLE

READER = """
CREATE ROLE inspecting_reader;
GRANT USAGE ON SCHEMA traffic_booking TO inspecting_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA traffic_booking TO inspecting_reader;
SET LOCAL ROLE inspecting_reader;
"""
DOES_NOTHING = "suppress_redundant_updates_trigger()"
ENTRY = "INSERT INTO log (generation, xid, place, stream, kind, body) SELECT {}, {}, 1, 's', 'k', '{{}}'"


@pytest.fixture
def connection(postgres_url):
    """A connection whose transaction is undone at the end."""
    with psycopg.connect(postgres_url) as opened, opened.transaction(force_rollback=True):
        opened.execute("SET LOCAL search_path = traffic_booking, pg_catalog")
        yield opened


def inspection_of(connection):
    statement = inspecting(SCHEMA, Tables(SCHEMA), PACKAGE)
    return statement.read(connection.execute(statement.sql, statement.parameters).fetchall())


def test_a_database_of_this_release_has_no_fault(connection):
    found = inspection_of(connection)
    assert found.faults == []
    assert found.not_evidence == ["codes", "attempts", "sessions", "accounts", "migrations", "generations"]


def test_a_role_that_only_reads_may_inspect(connection):
    connection.execute(READER)
    assert inspection_of(connection).faults == []


@pytest.mark.parametrize(
    ("statement", "where"),
    [
        ("DROP INDEX log_of_stream", "index log_of_stream"),
        ("CREATE INDEX more ON log (kind)", "index more"),
        ("DROP INDEX log_of_stream; CREATE INDEX log_of_stream ON log (kind)", "index log_of_stream"),
        ("CREATE TABLE traffic_booking.more (a int)", "table more"),
        ("CREATE VIEW traffic_booking.more AS SELECT 1 AS a", "table more"),
        ("ALTER TABLE answers ADD COLUMN more text", "table answers"),
        ("ALTER TABLE answers ALTER COLUMN decided_at DROP NOT NULL", "table answers"),
        ("ALTER TABLE answers ENABLE ROW LEVEL SECURITY", "table answers"),
        ("ALTER TABLE answers SET UNLOGGED", "table answers"),
        ("CREATE POLICY more ON answers USING (false)", "policy answers.more"),
        ("CREATE RULE more AS ON DELETE TO answers DO INSTEAD NOTHING", "rule answers.more"),
        ("ALTER TABLE seats DROP CONSTRAINT seats_value_check", "constraint seats_value_check"),
        ("ALTER TABLE answers ADD CONSTRAINT more CHECK (true)", "constraint more"),
        ("CREATE FUNCTION traffic_booking.more() RETURNS int LANGUAGE sql AS 'SELECT 1'", "function more()"),
        ("DROP FUNCTION take_locks", "function take_locks(bigint[])"),
        ("ALTER FUNCTION take_locks SECURITY DEFINER", "function take_locks(bigint[])"),
        (
            "CREATE OR REPLACE FUNCTION trim_streams(streams text[]) RETURNS void LANGUAGE plpgsql AS 'BEGIN END'",
            "function trim_streams(text[])",
        ),
        (
            f"CREATE TRIGGER more BEFORE UPDATE ON seats FOR EACH ROW EXECUTE FUNCTION {DOES_NOTHING}",
            "trigger seats.more",
        ),
        ("DELETE FROM created WHERE name = 'log'", "created log"),
        ("INSERT INTO created VALUES ('more')", "created more"),
        (ENTRY.format(-1, "'9'"), "table log"),
        (ENTRY.format(2, "'9'"), "table log"),
        (ENTRY.format(1, "'999999999999'"), "table log"),
    ],
)
def test_each_change_of_the_schema_is_found(connection, statement, where):
    connection.execute(statement)
    assert where in [each.where for each in inspection_of(connection).faults]


def test_counters_that_fell_to_0_are_listed(connection):
    connection.execute("INSERT INTO seats VALUES ('b', 0), ('a', 0), ('c', 1)")
    assert inspection_of(connection).zeros == {"seats": ["a", "b"]}


def test_a_database_of_another_schema_has_no_fault(bare_url):
    with open_store(bare_url, schema=SAMPLE) as store:
        assert store.inspect().faults == []
