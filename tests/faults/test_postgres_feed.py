"""The feed of PostgreSQL: open transactions, restored databases, and the positions in both cases."""

from contextlib import closing

import psycopg
import pytest

from tests.postgres_server import ask, open_store, own_database
from traffic_booking.adapters.postgres import PostgresStore
from traffic_booking.domain.audit.feed import BEGINNING, FeedPosition
from traffic_booking.domain.errors import StoreUnreadable
from traffic_booking.ports.primitives import Append, EntriesOfStreams, StoreChange

FAR_AHEAD_XID = 10**12
OLD_ENTRY = "INSERT INTO traffic_booking.log VALUES (1, %s::text::xid8, 1, 'old', 'k', 'restored')"
WRITES_SLOWLY = "SELECT traffic_booking.append('{slow}', '{k}', '{slow}')"


def append(store: PostgresStore, body: str) -> None:
    assert store.commit([StoreChange(entries=(Append("stream", "k", body),))]) == [None]


def bodies(page) -> list[str]:
    return [entry.body for entry in page.entries]


@pytest.fixture
def store(postgres_url):
    with open_store(postgres_url) as opened:
        yield opened


def test_an_entry_of_a_slow_transaction_is_not_skipped(store, postgres_url):
    with psycopg.connect(postgres_url) as slow:
        slow.execute(WRITES_SLOWLY)
        append(store, "quick")
        before = store.feed(BEGINNING, limit=10)
        assert bodies(before) == []
        slow.commit()
    after = store.feed(before.complete_until, limit=10)
    assert bodies(after) == ["slow", "quick"]
    assert before.complete_until < after.entries[0].position
    assert after.entries[-1].position <= after.complete_until


def test_a_transaction_in_another_database_holds_the_feed_back_and_nothing_is_skipped(store, postgres_server):
    with psycopg.connect(postgres_server) as elsewhere:
        elsewhere.execute("SELECT pg_current_xact_id()")
        append(store, "here")
        held_back = store.feed(BEGINNING, limit=10)
        assert bodies(held_back) == []
        [[entry]] = store.read([EntriesOfStreams(["stream"])])[0:1][0]
        assert held_back.complete_until < entry.position
        elsewhere.rollback()
    assert bodies(store.feed(held_back.complete_until, limit=10)) == ["here"]


def test_a_log_with_greater_numbers_than_the_server_gives_is_continued_in_a_new_generation(postgres_url):
    with open_store(postgres_url) as before:
        append(before, "first")
    ask(postgres_url, OLD_ENTRY, FAR_AHEAD_XID)
    with open_store(postgres_url) as restored:
        append(restored, "new")
        append(restored, "newer")
        page = restored.feed(BEGINNING, limit=10)
        assert bodies(page) == ["first", "restored", "new", "newer"]
        assert [entry.position.generation for entry in page.entries] == [1, 1, 2, 2]
        assert bodies(restored.feed(page.entries[1].position, limit=1)) == ["new"]
    with open_store(postgres_url) as again:
        assert again.feed(BEGINNING, limit=0).complete_until.generation == 2, "once is enough"


def test_the_places_of_a_restored_log_are_found_out_as_not_reached(store, postgres_url):
    """Without a new generation such entries would appear again when the server reaches their numbers."""
    append(store, "first")
    ask(postgres_url, OLD_ENTRY, FAR_AHEAD_XID)
    assert bodies(store.feed(BEGINNING, limit=10)) == ["first"]
    with pytest.raises(StoreUnreadable, match="begin again"):
        store.feed(FeedPosition(1, FAR_AHEAD_XID << 20), limit=10)


@pytest.mark.parametrize("ahead", [FeedPosition(2, 0), FeedPosition(1, 2**63), FeedPosition(2**70, 2**90)])
def test_a_position_that_the_store_has_not_reached_is_refused(store, ahead):
    with pytest.raises(StoreUnreadable, match="begin again"):
        store.feed(ahead, limit=1)


def test_the_end_of_a_page_is_a_position_that_the_store_has_reached(store):
    append(store, "one")
    end = store.feed(BEGINNING, limit=10).complete_until
    assert bodies(store.feed(end, limit=10)) == []


def test_a_dump_that_is_put_back_is_continued(store, postgres_url, postgres_server):
    """Copied by statements, as `pg_dump` writes them: the numbers of the transactions are kept."""
    append(store, "first")
    rows = ask(postgres_url, "SELECT generation, xid::text, place, stream, kind, body FROM traffic_booking.log")
    with own_database(postgres_server, "traffic_booking_restored") as url:
        with closing(PostgresStore(url)):
            pass
        for row in rows:
            ask(url, "INSERT INTO traffic_booking.log VALUES (%s, %s::xid8, %s, %s, %s, %s)", *row)
        with open_store(url) as restored:
            append(restored, "second")
            page = restored.feed(BEGINNING, limit=10)
            assert bodies(page) == ["first", "second"]
            assert bodies(restored.feed(page.entries[0].position, limit=10)) == ["second"]
