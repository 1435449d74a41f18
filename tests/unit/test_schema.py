"""Every store keeps all that a schema declares, even a collection and a counter that no adapter names."""

from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone

import pytest
from attrs import evolve

from tests.maintained import STORES
from tests.small_town import START
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.domain.audit.feed import BEGINNING
from traffic_booking.domain.errors import InvalidInput, StoreUnreadable
from traffic_booking.persistence.schema import CALENDARS, PEOPLE, SCHEMA
from traffic_booking.ports.collections import Collection, Column, Counter, Index, Kind, Schema
from traffic_booking.ports.primitives import (
    Append,
    Count,
    CountersByKey,
    CountersByRange,
    Delete,
    FailedGuard,
    KeySpan,
    Put,
    RecordsByIndex,
    RecordsByKey,
    Span,
    StoreChange,
    StoreConflict,
    Via,
)
from traffic_booking.ports.store import Store

STAMPS = Collection(
    name="stamps",
    key="stamp",
    columns=(
        Column("office"),
        Column("pressed_at", Kind.INSTANT),
        Column("ink", Kind.NUMBER),
        Column("faded_at", Kind.INSTANT, optional=True),
        Column("copy_of", optional=True),
    ),
    indexes=(
        Index(name="of_office", columns=("office", "pressed_at")),
        Index(name="by_ink", columns=("ink",)),
        Index(name="faded", columns=("faded_at",), where_set="faded_at"),
    ),
)
PRESSES = Counter(name="presses")
WIDER = Schema(collections=(*SCHEMA.collections, STAMPS), counters=(*SCHEMA.counters, PRESSES))
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
RIYADH = timezone(timedelta(hours=3))


@pytest.fixture(params=STORES)
def store(request, tmp_path):
    made: Store
    match request.param:
        case "memory":
            made = MemoryStore(schema=WIDER)
        case "sqlite":
            made = SqliteStore(tmp_path / "stamps.db", schema=WIDER)
        case _:
            from traffic_booking.adapters.postgres import PostgresStore

            made = PostgresStore(request.getfixturevalue("bare_url"), schema=WIDER)
    with closing(made):
        yield made


def stamp(key, office="east", hour=0, *, ink=1, faded_at=None, copy_of=None, expected=0):
    return Put("stamps", key, expected, (office, NOON + timedelta(hours=hour), ink, faded_at, copy_of), f"of {key}")


def row(put):
    return (put.key, put.expected + 1, *put.columns, put.body)


def commit(store, *puts, **parts):
    return store.commit([StoreChange(puts=puts, **parts)])[0]


def test_a_collection_that_no_adapter_names_is_written_and_read_by_key(store):
    one, other = stamp("1"), stamp("ختم", "west", ink=-5, faded_at=NOON, copy_of="1")
    assert commit(store, one, other) is None
    assert store.read([RecordsByKey("stamps", ["ختم", "3", "1", Via("stamps", "ختم", "copy_of")])]) == [
        [row(other), None, row(one), row(one)]
    ]


def test_it_is_read_by_each_of_its_indexes(store):
    puts = [stamp("a", hour=2, ink=3), stamp("b", hour=1, ink=2, faded_at=NOON), stamp("c", "west", ink=1)]
    assert commit(store, *puts) is None
    a, b, c = map(row, puts)
    east = Span(("east",))
    assert store.read(
        [
            RecordsByIndex("stamps", "of_office", [east, Span(("west",)), Span(("south",))]),
            RecordsByIndex("stamps", "of_office", [east], descending=True, limit=1),
            RecordsByIndex(
                "stamps", "of_office", [Span(("east",), NOON + timedelta(hours=1), NOON + timedelta(hours=2))]
            ),
            RecordsByIndex("stamps", "by_ink", [Span(from_=2), Span(after=(1, "c"))]),
            RecordsByIndex("stamps", "faded", [Span()]),
            RecordsByIndex("stamps", None, [Span(after=("a",))]),
        ]
    ) == [[[b, a], [c], []], [[a]], [[b]], [[b, a], [b, a]], [[b]], [[b, c]]]


def test_its_indexes_follow_what_is_altered_and_deleted(store):
    assert commit(store, stamp("a", faded_at=NOON)) is None
    moved = stamp("a", "west", expected=1)
    assert commit(store, moved) is None
    whole = [RecordsByIndex("stamps", "of_office", [Span(("east",)), Span(("west",))])]
    faded = [RecordsByIndex("stamps", "faded", [Span()])]
    assert store.read(whole + faded) == [[[], [row(moved)]], [[]]]
    assert commit(store, deletes=(Delete("stamps", "a", 2),)) is None
    assert store.read(whole) == [[[], []]]


def test_its_guards_are_evaluated(store):
    assert commit(store, stamp("a")) is None
    assert commit(store, stamp("a")) == StoreConflict((FailedGuard("stamps", "a", 1, row(stamp("a"))),))
    assert commit(store, stamp("b", expected=1)) == StoreConflict((FailedGuard("stamps", "b", 0),))
    assert commit(store, stamp("a", ink=2, expected=1)) is None


def test_its_instants_may_come_in_any_time_zone_and_are_returned_in_utc(store):
    put = Put("stamps", "a", 0, ("east", NOON.astimezone(RIYADH), 1, NOON.astimezone(RIYADH), None), "")
    assert commit(store, put) is None
    ((found,),) = store.read([RecordsByKey("stamps", ["a"])])
    assert found == row(put)
    assert [each.utcoffset() for each in (found[3], found[5])] == [timedelta(), timedelta()]
    at_noon = Span(("east",), NOON.astimezone(RIYADH), (NOON + timedelta(microseconds=1)).astimezone(RIYADH))
    assert store.read([RecordsByIndex("stamps", "of_office", [at_noon])]) == [[[found]]]


def test_a_counter_that_no_adapter_names_counts_within_its_bounds(store):
    assert commit(store, counts=(Count("presses", "east/1", 2, 3), Count("presses", "west/1", 1, 3))) is None
    assert commit(store, counts=(Count("presses", "east/1", 2, 3),)) == StoreConflict(
        (FailedGuard("presses", "east/1", 2),)
    )
    assert commit(store, counts=(Count("presses", "west/1", -2, 3),)) == StoreConflict(
        (FailedGuard("presses", "west/1", 1),)
    )
    assert commit(store, counts=(Count("presses", "west/1", -1, 3),)) is None
    assert store.read(
        [
            CountersByKey("presses", ["west/1", "east/1", "north"]),
            CountersByRange("presses", [KeySpan("east/", "east0"), KeySpan()]),
        ]
    ) == [[0, 2, 0], [[("east/1", 2)], [("east/1", 2)]]]


def test_its_entries_stand_in_the_one_log(store):
    assert commit(store, stamp("a"), entries=(Append("stamp/a", "pressed", "{}"),)) is None
    (entry,) = store.feed(BEGINNING, limit=9).entries
    assert entry[1:] == ("stamp/a", "pressed", "{}")


def test_a_file_of_this_release_gets_what_is_declared_later_and_keeps_what_it_has(tmp_path):
    path = tmp_path / "bookings.db"
    with closing(SqliteStore(path)) as before:
        assert before.commit([StoreChange(puts=(Put("codes", "used", 0, (START,), ""),))]) == [None]
    with closing(SqliteStore(path, schema=WIDER)) as after:
        assert commit(after, stamp("a")) is None
        assert after.read([RecordsByKey("codes", ["used"])]) == [[("used", 1, START, "")]]
    with closing(SqliteStore(path)) as again:
        assert again.read([RecordsByKey("codes", ["used"])]) == [[("used", 1, START, "")]]


def test_a_table_that_lacks_a_declared_column_is_refused(tmp_path):
    path = tmp_path / "bookings.db"
    SqliteStore(path, schema=WIDER).close()
    more = Collection(name="stamps", key="stamp", columns=(*STAMPS.columns, Column("note")))
    with pytest.raises(
        StoreUnreadable, match=r"got a table stamps with columns .*; expected stamp, version, .*, note,"
    ):
        SqliteStore(path, schema=Schema(collections=(*SCHEMA.collections, more), counters=SCHEMA.counters))


class TestTheSchemaOfTheLibrary:
    def test_all_names_are_different(self):
        names = [*(each.name for each in SCHEMA.collections), *(each.name for each in SCHEMA.counters)]
        assert len(set(names)) == len(names)
        assert not {"log", "migrations", "created", "generations"} & set(names)
        for collection in SCHEMA.collections:
            columns = [collection.key, "version", *(each.name for each in collection.columns), "body"]
            assert len(set(columns)) == len(columns), collection.name
            indexes = [each.name for each in collection.indexes]
            assert len(set(indexes)) == len(indexes), collection.name

    def test_each_index_is_over_declared_columns_that_are_set_in_every_record_that_it_holds(self):
        for collection in SCHEMA.collections:
            columns = {each.name: each for each in collection.columns}
            for index in collection.indexes:
                assert set(index.columns) <= set(columns), index.name
                optional = {name for name in index.columns if columns[name].optional}
                assert optional <= {index.where_set}, index.name
                if index.where_set is not None:
                    assert columns[index.where_set].optional, index.name

    def test_what_a_booking_touches_is_spread_and_the_copies_of_appointments_lie_with_their_guards(self):
        kept = {each.name for each in SCHEMA.collections if not each.spread}
        touched = {"answers", "persons", "people", "appointments", "calendars", "codes", "sessions", "accounts"}
        assert not kept & touched
        assert SCHEMA.collection("appointments").copies == (PEOPLE.key, CALENDARS.key)

    def test_a_record_that_is_written_once_is_never_compared_by_a_version(self):
        assert [each.name for each in SCHEMA.collections if each.checked and not each.altered] == []


NOTES = Collection(name="notes", key="note", columns=(Column("branch"), Column("due_at", Kind.INSTANT, optional=True)))


@pytest.mark.parametrize(
    ("declared", "got"),
    [
        pytest.param({"name": "log"}, "log twice", id="a table of the stores' own"),
        pytest.param({"name": "Notes"}, "the name 'Notes'", id="a capital letter"),
        pytest.param({"name": "n" * 41}, "the name", id="a long name"),
        pytest.param({"name": "presses"}, "presses twice", id="a collection named as a counter"),
        pytest.param({"key": "branch"}, "branch twice", id="a key named as a column"),
        pytest.param({"columns": (Column("body"),)}, "body twice", id="a column named body"),
        pytest.param({"columns": (Column("version"),)}, "version twice", id="a column named version"),
        pytest.param({"indexes": (Index(name="x", columns=("gone",)),)}, "gone", id="an index of no column"),
        pytest.param({"indexes": (Index(name="x", columns=()),)}, "", id="an index without columns"),
        pytest.param(
            {"indexes": (Index(name="x", columns=("due_at",)),)}, "the optional due_at", id="without where_set"
        ),
        pytest.param({"indexes": (Index(name="x" * 40, columns=("branch",)),) * 2}, "x+ twice", id="an index twice"),
        pytest.param({"copies": ("gone",)}, "gone", id="a copy by no column"),
        pytest.param({"copies": ("due_at",)}, "due_at", id="a copy by a column that may be empty"),
        pytest.param({"copies": ("branch",), "spread": False}, "branch", id="a copy of what is not spread"),
    ],
)
def test_a_schema_that_no_store_could_keep_is_refused(declared, got):
    with pytest.raises(InvalidInput, match=f"got {got}"):
        Schema(collections=(evolve(NOTES, **declared),), counters=(PRESSES,))


def test_names_of_an_index_and_its_collection_are_bounded_together():
    long = evolve(NOTES, name="n" * 40, indexes=(Index(name="x" * 20, columns=("branch",)),))
    with pytest.raises(InvalidInput, match="expected at most"):
        Schema(collections=(long,), counters=())
