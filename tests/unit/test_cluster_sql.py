"""The SQL for a cluster keeps to what a real one showed: one row and one table a statement, no empty arrays."""

import re
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from traffic_booking import InvalidInput, StoreError, StoreMisconfigured, StoreUnavailable
from traffic_booking.adapters.postgres import CitusStore
from traffic_booking.adapters.postgres.cluster_checks import check_cluster, check_kind, check_places
from traffic_booking.adapters.postgres.cluster_declarations import clustered
from traffic_booking.adapters.postgres.cluster_reading import (
    cluster_reading,
    needs_source,
    resolved,
    results_of,
    sources_of,
)
from traffic_booking.adapters.postgres.columns import texts
from traffic_booking.adapters.postgres.declarations import indexes_of, made_of
from traffic_booking.adapters.postgres.driver_errors import Translated
from traffic_booking.adapters.postgres.migrations import missing_indexes
from traffic_booking.adapters.postgres.opening import Address
from traffic_booking.adapters.postgres.tables import Tables, copy_of
from traffic_booking.persistence.schema import APPOINTMENTS, SCHEMA
from traffic_booking.ports.primitives import (
    CountersByKey,
    CountersByRange,
    EntriesOfStreams,
    KeySpan,
    Query,
    RecordsByIndex,
    RecordsByKey,
    Span,
    Via,
)
from traffic_booking.testing.kit.sample_schema import SAMPLE
from traffic_booking.wiring import replica_of

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "run-on-a-cluster.md"
TABLE = re.compile(r'traffic_booking\."([^"]+)"')
PLACED = re.compile(r"create_distributed_table\('traffic_booking\.\"([^\"]+)\"', '(\w+)'\)")
MADE = {schema: [*clustered(schema)] for schema in (SCHEMA, SAMPLE)}
TABLES = Tables(SCHEMA)
SOON = datetime(2026, 12, 7, 5, tzinfo=UTC)


def placed(schema):
    return {table: column for made in MADE[schema] for table, column in PLACED.findall(made.sql)}


def spread_functions(schema):
    """The name and the statements of each function that writes rows on the workers."""
    for made in MADE[schema]:
        if "create_distributed_table" in made.sql or "LANGUAGE plpgsql" not in made.sql:
            continue
        body = made.sql.partition("$function$")[2]
        statements = [part for part in re.split(r";|\bTHEN\b|\bELSE\b|\bLOOP\b", body) if TABLE.search(part)]
        if any(TABLE.findall(part)[0] in placed(schema) for part in statements):
            yield made.name, statements


def with_items(statements):
    """The statements that take an item of an array."""
    return [each for each in statements if "[" in each]


def of_other_than_one(statements):
    """The statements about no table, or about several."""
    return [each for each in statements if len(TABLE.findall(each)) != 1]


@pytest.mark.parametrize("schema", [SCHEMA, SAMPLE], ids=["library", "kit"])
class TestFunctions:
    def test_none_takes_an_item_of_an_array(self, schema):
        for name, statements in spread_functions(schema):
            assert with_items(statements) == [], name

    def test_each_statement_is_about_one_table(self, schema):
        for name, statements in spread_functions(schema):
            assert of_other_than_one(statements) == [], name

    def test_each_statement_names_the_place_of_its_row_and_never_alters_it(self, schema):
        columns = placed(schema)
        for name, statements in spread_functions(schema):
            for each in statements:
                column = columns[TABLE.findall(each)[0]]
                named = rf'"?{column}"?'
                if "INSERT INTO" in each:
                    assert re.search(rf"\([^)]*{named}[^)]*\) VALUES", each), name
                else:
                    assert re.search(rf"WHERE .*stored\.{named} = (made|old|place)\b", each), (name, each)
                assert not re.search(rf"SET (.*, )?{named} =", each.partition("WHERE")[0]), name

    def test_the_functions_take_what_those_of_one_server_take(self, schema):
        called = {name.partition("(")[0] for name, _ in spread_functions(schema)}
        tables = Tables(schema)
        for name, table in tables.collections.items():
            verbs = {"insert", "update", "delete"} | ({"check"} if table.declared.checked else set())
            assert {f"{verb}_{name}" for verb in verbs} <= called or not table.declared.spread

    def test_a_table_is_placed_by_its_key_and_each_copy_by_its_column(self, schema):
        expected = {each.name: "shard" for each in schema.counters}
        for each in schema.collections:
            if each.spread:
                expected[each.name] = each.key
                expected |= {copy_of(each, column): column for column in each.copies}
        assert placed(schema) == expected


def test_the_rules_notice_an_item_of_an_array_and_two_tables():
    """A negative control: the functions of one server take items of arrays."""
    assert with_items(part for made in made_of(SCHEMA) for part in made.sql.split(";"))
    two = 'SELECT FROM traffic_booking."a", traffic_booking."b"'
    assert of_other_than_one([two]) == [two]


KEYS = st.lists(st.sampled_from(["a", "b/x", None]), max_size=3)
SPANS = st.lists(
    st.builds(
        Span,
        st.tuples(st.sampled_from(["a", None])),
        st.sampled_from([None, SOON]),
        st.sampled_from([None, SOON]),
        st.sampled_from([None, (SOON, "a")]),
    ),
    max_size=3,
)
KEY_SPANS = st.lists(st.builds(KeySpan, *[st.sampled_from([None, "a/", "a/b", "c"])] * 3), max_size=3)
LIMITS = st.sampled_from([None, 0, 1, 5])
QUERIES = st.lists(
    st.one_of(
        st.builds(RecordsByKey, st.sampled_from(["answers", "people", "appointments"]), KEYS),
        st.builds(CountersByKey, st.just("seats"), st.lists(st.sampled_from(["a", "b/x"]), max_size=3)),
        st.builds(CountersByRange, st.just("seats"), KEY_SPANS, LIMITS),
        st.builds(
            RecordsByIndex,
            st.just("appointments"),
            st.sampled_from(["of_subject", "at_branch"]),
            SPANS,
            st.booleans(),
            LIMITS,
        ),
    ),
    max_size=4,
)


@given(queries=QUERIES)
def test_no_array_is_empty_and_none_has_only_nulls(queries):
    for statement in cluster_reading(TABLES, queries).spread:
        assert str(statement.sql).count("%b") == len(statement.parameters)
        for array in statement.parameters:
            assert isinstance(array, bytes)
            dimensions, items = int.from_bytes(array[:4]), int.from_bytes(array[12:16])
            assert (dimensions, items > 0) == (1, True)
            assert array[20:] != b"\xff\xff\xff\xff" * items


def test_queries_about_nothing_have_their_results_without_a_statement():
    unknown: Any = None
    queries: list[Query] = [
        RecordsByKey("people", []),
        RecordsByKey("people", [unknown]),
        CountersByKey("seats", []),
        CountersByRange("seats", [KeySpan("a/", "a0")], limit=0),
        RecordsByIndex("appointments", "at_branch", [Span((None,))]),
    ]
    plan = cluster_reading(TABLES, queries)
    assert (plan.kept, plan.spread) == ([], [])
    assert results_of(TABLES, queries, []) == [[], [None], [], [[]], [[]]]


def test_the_facts_of_a_booking_are_two_statements_which_name_the_shards_of_a_request_a_person_and_a_branch():
    queries: list[Query] = [
        RecordsByKey("answers", ["request"]),
        RecordsByKey("persons", ["person"]),
        RecordsByKey("people", [Via("persons", "person", "subject")]),
        CountersByKey("seats", ["branch/service/start"]),
        RecordsByKey("calendars", ["branch"]),
    ]
    sources = sources_of(queries)
    assert sources == [RecordsByKey("persons", ["person"])]
    assert [needs_source(query) for query in queries] == [False, False, True, False, False]
    first = cluster_reading(TABLES, [*(each for each in queries if not needs_source(each)), *sources])
    second = resolved(TABLES, [queries[2]], sources, [[("person", 1, "subject", "")]])
    assert second == [RecordsByKey("people", ["subject"])]
    assert (len(first.spread), len(cluster_reading(TABLES, second).spread)) == (1, 1)


def test_the_counts_of_ranges_are_one_statement_and_name_their_branches():
    spans = [KeySpan(f"{branch}/service/a", f"{branch}/service/z") for branch in ("east", "west", "east")]
    (statement,) = cluster_reading(TABLES, [CountersByRange("seats", spans)]).spread
    assert b"t.shard = ANY (%b)" in statement.sql
    assert statement.parameters[-1] == texts(["east", "west"])


def test_a_list_of_a_branch_or_a_person_reads_the_copy_that_is_placed_by_it():
    for index, column in (("of_subject", b"subject"), ("at_branch", b"branch")):
        (statement,) = cluster_reading(TABLES, [RecordsByIndex("appointments", index, [Span(("x",))])]).spread
        assert b'"appointments by %s"' % column in statement.sql
        assert b't."%s" = ANY (%%b)' % column in statement.sql
    assert APPOINTMENTS.copies == ("subject", "branch")


def test_the_coordinator_alone_has_the_log_and_the_records_that_are_not_spread():
    queries: list[Query] = [
        EntriesOfStreams(["calendar"]),
        RecordsByKey("people", ["a"]),
        RecordsByKey("wordings", ["a"]),
    ]
    plan = cluster_reading(TABLES, queries)
    assert (plan.kept, len(plan.spread)) == ([0, 2], 1)


def answering(*rows) -> Any:
    """A stand-in for a connection: each statement has the next row."""
    left = iter(rows)
    return SimpleNamespace(execute=lambda *_: SimpleNamespace(fetchone=lambda: next(left)))


GOOD = (0, 3, 5_000, 32)


def test_a_cluster_as_it_was_tried_is_taken():
    check_cluster(answering(("14.0-1",), GOOD), "here")
    check_places(answering((1, 32, 32)), "here")
    check_places(answering((0, 0, 0)), "here")


@pytest.mark.parametrize(
    ("rows", "got"),
    [
        pytest.param([None], "a database without Citus", id="no extension"),
        pytest.param([("13.2-1",)], "Citus 13.2-1; expected 14 or newer", id="an old release"),
        pytest.param([("14.0-1",), (7, 3, 5_000, 32)], "a worker of the cluster", id="a worker"),
        pytest.param([("14.0-1",), (0, 0, 5_000, 32)], "a cluster without workers", id="no workers"),
        pytest.param([("14.0-1",), (0, 3, 60_000, 32)], "of 60000 ms; expected 1 to 10000 ms", id="a late recovery"),
        pytest.param([("14.0-1",), (0, 3, -1, 32)], "of -1 ms", id="no recovery"),
        pytest.param([("14.0-1",), (0, 3, 5_000, 2)], "2 for 3 workers; expected 3 to 128", id="few shards"),
        pytest.param([("14.0-1",), (0, 3, 5_000, 129)], "129 for 3 workers", id="many shards"),
    ],
)
def test_any_other_is_refused_with_what_is_expected(rows, got):
    with pytest.raises(StoreMisconfigured, match=re.escape(got)):
        check_cluster(answering(*rows), "here")


@pytest.mark.parametrize("found", [(2, 32, 32), (1, 32, 6)])
def test_tables_that_are_not_placed_alike_are_refused(found):
    with pytest.raises(StoreMisconfigured, match="expected one group"):
        check_places(answering(found), "here")


@pytest.mark.parametrize(("cluster", "is_cluster"), [(True, True), (False, False), (True, None), (False, None)])
def test_tables_of_its_own_kind_or_none_are_taken(cluster, is_cluster):
    check_kind(answering((is_cluster,)), "here", SCHEMA, cluster=cluster)


@pytest.mark.parametrize(
    ("cluster", "got"),
    [
        (True, "the tables of one server; expected a new database"),
        (False, "the tables of a cluster; expected citus://"),
    ],
)
def test_tables_of_the_other_kind_are_refused(cluster, got):
    with pytest.raises(StoreMisconfigured, match=re.escape(got)):
        check_kind(answering((not cluster,)), "here", SCHEMA, cluster=cluster)


def test_messages_have_the_scheme_of_the_address():
    named = [Address("postgresql://desk@one:5432/bookings", 10, cluster=cluster).name for cluster in (True, False)]
    assert named == ["citus://desk@one:5432/bookings", "postgresql://desk@one:5432/bookings"]


def test_the_roles_of_the_guide_have_rights_to_each_copy():
    grants = re.findall(r"^GRANT (\w+) ON ([^;]+) TO (\w+);", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
    given = {(right, role, table) for right, tables, role in grants for table in TABLE.findall(tables)}
    for copy in (copy_of(each, column) for each in SCHEMA.collections for column in each.copies):
        assert {("UPDATE", "booking_desk", copy), ("DELETE", "booking_maintenance", copy)} <= given


def test_a_copy_without_its_key_misses_an_index():
    tables = [made.name for made in MADE[SCHEMA] if "CREATE TABLE" in made.sql]
    copies = {copy_of(each, column) for each in SCHEMA.collections for column in each.copies}
    assert copies <= {*tables}
    kept = [*tables, *(index for each in SCHEMA.collections + SCHEMA.counters for index in indexes_of(each))]
    connection: Any = SimpleNamespace(execute=lambda _: SimpleNamespace(fetchall=lambda: [(each,) for each in kept]))
    assert {*missing_indexes(connection, SCHEMA)} == {f"{each}_pkey" for each in copies}


def test_a_lost_worker_is_an_outage_and_no_damaged_schema():
    with pytest.raises(StoreUnavailable, match="all servers of the cluster"), Translated("here", cluster=True):
        raise psycopg.errors.InternalError_("connection to the remote node failed")
    with pytest.raises(StoreError, match="intact schema"), Translated("here"):
        raise psycopg.errors.InternalError_("some damage")


def test_a_cluster_has_no_replica_for_reads_and_no_inspection_of_tables():
    store: Any = object.__new__(CitusStore)
    with pytest.raises(InvalidInput, match="got one for a store of citus://"):
        replica_of(store, "citus://here/bookings", "citus://there/bookings")
    assert store.inspect is None
