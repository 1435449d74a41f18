"""Commits on PostgreSQL never deadlock, because all lock in one order; a store with another order is found.

A gate stops both commits while each has its first lock. The gate is a trigger, or a lock that both need. No thread
sleeps.
"""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from tests.planted.copies import POSTGRES, Patch, copied
from traffic_booking.adapters.postgres.tables import Tables
from traffic_booking.testing.kit.sample_schema import SAMPLE, change, count, guard, thing, written

pytestmark = [pytest.mark.long, pytest.mark.race]

LOOKS = 100_000
GATE = 1
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
WAIT_AT_GATE = f"""
CREATE FUNCTION public.wait_at_gate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared({GATE});
    RETURN NEW;
END $$
"""
_COMMITTING = f"{POSTGRES}.committing"
SHIPPED = ()
RECORDS_AS_THEY_CAME = (Patch(_COMMITTING, "    for key in sorted(keys):\n", "    for key in keys:\n"),)
LOCKS_AS_THEY_CAME = (
    *RECORDS_AS_THEY_CAME,
    Patch(_COMMITTING, "numbers(sorted(locks.values()))", "numbers([*locks.values()])"),
)
COUNTERS_AS_THEY_CAME = (
    Patch(
        _COMMITTING,
        "rows = sorted([(key, *moved) for key, moved in counted[name].items()])",
        "rows = [(key, *moved) for key, moved in counted[name].items()]",
    ),
)
LOWEST, MIDDLE, HIGHEST = sorted("abc", key=Tables(SAMPLE).collections["guards"].lock)


@pytest.fixture
def opened(bare_url, request):
    """A store with patches, and the deadlocks that PostgreSQL ended: the store tries again each time."""
    label = f"order_{request.node.name.partition('[')[2].rstrip(']').replace('-', '_')}"
    store = copied(label, request.param, POSTGRES).PostgresStore(bare_url, schema=SAMPLE)
    circles = []
    send = store._connections._rows_of

    def watched(question):
        try:
            return send(question)
        except psycopg.errors.DeadlockDetected as error:
            circles.append(error)
            raise

    store._connections._rows_of = watched
    yield store, circles
    store.close()


def meet(url, store, gate, batches):
    """The results of two commits, both of which wait for a lock before `gate` is opened."""
    with ThreadPoolExecutor(2) as pool, psycopg.connect(url, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s)", (gate,))
        under_way = []
        for waiting, batch in enumerate(batches, start=1):
            under_way.append(pool.submit(store.commit, batch))
            assert any(other.execute(WAITING).fetchone() == (waiting,) for _ in range(LOOKS)), f"{waiting} never waited"
        other.execute("SELECT pg_advisory_unlock(%s)", (gate,))
        return [[result is None for result in each.result()] for each in under_way]


def guards_in_opposite_orders(url, store):
    """Two batches of new guards, the second in the opposite order; the gate is the lock of the middle one."""
    first = [change(guard(key)) for key in (LOWEST, MIDDLE, HIGHEST)]
    return meet(url, store, store._tables.collections["guards"].lock(MIDDLE), (first, first[::-1]))


def rows_in_opposite_orders(url, store, table, parts):
    """Two batches that write the same two rows, the second in the opposite order; each stops behind its first row."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(WAIT_AT_GATE)
        connection.execute(
            f"CREATE TRIGGER gate BEFORE UPDATE ON traffic_booking.{table} FOR EACH ROW"
            " EXECUTE FUNCTION public.wait_at_gate()"
        )
    batch = [change(part) for part in parts]
    return meet(url, store, GATE, (batch, batch[::-1]))


@pytest.mark.parametrize(
    ("opened", "waits"),
    [pytest.param(SHIPPED, False, id="shipped"), pytest.param(LOCKS_AS_THEY_CAME, True, id="as_they_came")],
    indirect=["opened"],
)
def test_locks_of_checked_records_are_taken_in_one_order(bare_url, opened, waits):
    store, circles = opened
    results = guards_in_opposite_orders(bare_url, store)
    assert sorted(results) == [[False] * 3, [True] * 3]
    assert bool(circles) == waits


@pytest.mark.parametrize(
    ("opened", "waits"),
    [pytest.param(SHIPPED, False, id="shipped_rows"), pytest.param(RECORDS_AS_THEY_CAME, True, id="rows_as_they_came")],
    indirect=["opened"],
)
def test_records_are_locked_in_the_order_of_their_keys(bare_url, opened, waits):
    store, circles = opened
    written(store, [change(thing("a"), thing("b"))])
    results = rows_in_opposite_orders(bare_url, store, "things", [thing("a", 1), thing("b", 1)])
    assert sorted(results) == [[False] * 2, [True] * 2]
    assert bool(circles) == waits


@pytest.mark.parametrize(
    ("opened", "waits"),
    [
        pytest.param(SHIPPED, False, id="shipped_counters"),
        pytest.param(COUNTERS_AS_THEY_CAME, True, id="counters_as_they_came"),
    ],
    indirect=["opened"],
)
def test_counters_are_locked_in_the_order_of_their_keys(bare_url, opened, waits):
    store, circles = opened
    written(store, [change(count("a", 1), count("b", 1))])
    assert rows_in_opposite_orders(bare_url, store, "places", [count("a", 1), count("b", 1)]) == [[True] * 2] * 2
    assert bool(circles) == waits
