"""Sealing a PostgreSQL store: slow transactions, roles that only read, new generations, restored databases."""

import psycopg
import pytest

from tests.postgres_server import ask, open_store
from tests.sealed_logs import key_of, public
from traffic_booking import Sealer, StoreBehindLog
from traffic_booking.adapters.log_folder import LogFolder
from traffic_booking.adapters.signing_keys import read_public_keys, verifies
from traffic_booking.application.sealed_log import SealedLog
from traffic_booking.domain.audit.feed import BEGINNING
from traffic_booking.persistence.leaves import entry_of, leaf_of
from traffic_booking.persistence.marks import marked
from traffic_booking.ports.primitives import Append, StoreChange

FAR_AHEAD_XID = 10**12
KEY = key_of(1)


class FixedKey:
    """A signer of the host's own."""

    public_keys = (public(KEY),)

    def sign(self, data):
        return KEY.sign(data)


@pytest.fixture
def store(postgres_url):
    with open_store(postgres_url) as opened:
        yield opened


@pytest.fixture
def sealer(store, postgres_url, tmp_path):
    with Sealer.open(postgres_url, log=tmp_path / "log", key=FixedKey()) as opened:
        yield opened


def append(store, *bodies, stream="stream"):
    for body in bodies:
        assert store.commit([StoreChange(entries=(Append(stream, "k", body),))]) == [None]


def bodies_in(tmp_path):
    log = SealedLog(LogFolder(tmp_path / "log"), FixedKey.public_keys, verifies)
    return [entry_of(leaf).body for leaf in log.verified_leaves()]


def test_an_entry_of_a_slow_transaction_is_sealed_when_it_is_over(store, sealer, postgres_url, tmp_path):
    append(store, "1")
    sealer.seal()
    with psycopg.connect(postgres_url) as slow:
        slow.execute("SELECT traffic_booking.append('{slow}', '{k}', '{2}')")
        append(store, "3")
        assert sealer.seal().sealed == 0
        slow.commit()
    assert sealer.seal().sealed == 2
    assert bodies_in(tmp_path) == ["1", "2", "3"]


def test_a_trim_behind_a_slow_transaction_is_waited_for(store, sealer, postgres_url, monkeypatch):
    append(store, "1")
    sealer.seal()
    slow = psycopg.connect(postgres_url)
    slow.execute("SELECT traffic_booking.append('{slow}', '{k}', '{2}')")
    assert store.commit([marked(StoreChange(trims=("stream",)))]) == [None]
    waits = []

    def pause(_):
        waits.append(1)
        slow.commit()

    monkeypatch.setattr(sealer, "_pause", pause)
    assert sealer.seal().sealed + sealer.seal().sealed == 2
    slow.close()
    assert waits == [1]


def test_a_new_generation_goes_on_with_the_log(postgres_url, tmp_path):
    with open_store(postgres_url) as before:
        append(before, "1")
        with Sealer.open(postgres_url, log=tmp_path / "log", key=tmp_path / "log.key") as sealer:
            sealer.seal()
    ask(postgres_url, "INSERT INTO traffic_booking.log VALUES (1, %s::text::xid8, 1, 'o', 'k', '2')", FAR_AHEAD_XID)
    with open_store(postgres_url) as restored:
        append(restored, "3")
        with Sealer.open(postgres_url, log=tmp_path / "log", key=tmp_path / "log.key") as sealer:
            assert sealer.seal().sealed == 2
        entries = restored.feed(BEGINNING, limit=10).entries
    log = SealedLog(LogFolder(tmp_path / "log"), read_public_keys(tmp_path / "log.key.pub"), verifies)
    assert [*log.verified_leaves()] == [*map(leaf_of, entries)]
    assert entries[-1].position.generation == 2


def test_a_database_without_the_last_entries_is_refused(store, sealer, postgres_url, tmp_path, monkeypatch):
    append(store, "1", "2")
    sealer.seal()
    ask(postgres_url, "DELETE FROM traffic_booking.log WHERE body = '2' RETURNING 1")
    append(store, "3")
    monkeypatch.setattr(sealer, "_pause", lambda _: None)

    with pytest.raises(StoreBehindLog, match="which nothing has removed"):
        sealer.seal()
    assert bodies_in(tmp_path) == ["1", "2"]


def test_a_database_with_another_entry_in_the_place_is_refused(store, sealer, postgres_url, tmp_path):
    append(store, "1", "2")
    sealer.seal()
    ask(postgres_url, "UPDATE traffic_booking.log SET body = '4' WHERE body = '2' RETURNING 1")

    with pytest.raises(StoreBehindLog, match="other entries than those sealed"):
        sealer.seal()
    assert bodies_in(tmp_path) == ["1", "2"]


def test_a_database_that_has_not_reached_the_last_entry_is_refused(store, sealer, postgres_url, tmp_path):
    append(store, "1", "2")
    sealer.seal()
    fill = "INSERT INTO traffic_booking.log VALUES (1, %s::text::xid8, 1, 'o', 'k', '5') RETURNING 1"
    ask(postgres_url, "DELETE FROM traffic_booking.log RETURNING 1")
    ask(postgres_url, fill, 3)

    with pytest.raises(StoreBehindLog):
        sealer.seal()
