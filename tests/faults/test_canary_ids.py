"""Canary ids go through every verb; then every stored, logged, printed or raised byte is searched for them.

Without a pseudonym key only the collection `persons` has them. With a key nothing has them.
"""

import logging
import shutil
import sqlite3
import subprocess
import warnings
from base64 import b64encode
from contextlib import closing
from hashlib import sha256

import psycopg
import pytest

from tests.canaries import (
    APPLICANT,
    ARABIC,
    CANARIES,
    ERASED,
    REFUSED,
    SOUGHT,
    TYPED,
    found_in,
    found_in_texts,
    in_clear,
)
from tests.canary_round import (
    DATES,
    KEY,
    KEYS,
    STAFF,
    SYSTEM,
    Collected,
    fill,
    open_desk,
    slot,
    vouched,
)
from tests.maintained import erase
from tests.postgres_server import OwnServer, ask, embedded_program, own_database
from tests.small_town import START
from traffic_booking import (
    RequestMismatch,
    StoreError,
    TrafficBookingError,
)
from traffic_booking.adapters.pseudonyms import PseudonymKey
from traffic_booking.cli import run
from traffic_booking.persistence.persons import commitment_of
from traffic_booking.testing import MovableClock

pytestmark = pytest.mark.long

LOG_ALL = {
    "log_statement": "all",
    "log_min_messages": "debug1",
    "log_error_verbosity": "verbose",
    "log_parameter_max_length": "-1",
    "log_parameter_max_length_on_error": "-1",
}


@pytest.fixture
def collected(caplog, capfd):
    """Records everything; at the end nothing of it may show a canary."""
    caplog.set_level(logging.DEBUG)
    collected = Collected()
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        yield collected
    printed = capfd.readouterr()
    records = [repr(vars(record)) for record in caplog.records]
    collected.texts += [caplog.text, printed.out, printed.err, *records, *(str(each.message) for each in warned)]
    assert found_in_texts(collected.texts) == set()


def expected(keys):
    return set() if keys else in_clear()


def everything_but_persons(tables):
    return {name: found for name, content in tables.items() if name != "persons" and (found := found_in(content))}


def sqlite_tables(path):
    """Every value of every row, by the name of the table."""
    with closing(sqlite3.connect(path)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        connection.text_factory = bytes
        return {name: _joined(connection.execute(f'SELECT * FROM "{name}"')) for name in names}


def _joined(rows):
    return b"\n".join(each if isinstance(each, bytes) else str(each).encode() for row in rows for each in row)


def without_persons(path, into):
    """A copy of the file without the rows of `persons` and without free pages."""
    shutil.copy(path, into)
    with closing(sqlite3.connect(into, isolation_level=None)) as connection:
        connection.execute("DELETE FROM persons")
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return into.read_bytes()


@pytest.mark.parametrize("keys", KEYS.values(), ids=KEYS)
def test_of_a_sqlite_file_only_persons_has_the_ids(tmp_path, keys, collected):
    path = tmp_path / "bookings.db"
    with fill(f"sqlite:///{path}", keys, collected):
        files = sorted(tmp_path.iterdir())
        assert [each.name for each in files] == ["bookings.db", "bookings.db-shm", "bookings.db-wal"]
        assert set().union(*(found_in(each.read_bytes()) for each in files)) == expected(keys)
    assert found_in(path.read_bytes()) == expected(keys)
    tables = sqlite_tables(path)
    assert {"persons", "people", "answers", "accounts", "attempts", "log"} <= tables.keys()
    assert found_in(tables["persons"]) == expected(keys)
    assert everything_but_persons(tables) == {}
    assert found_in(without_persons(path, tmp_path / "copy.db")) == set()
    assert dated(tables) == {"assertions"}


def dated(tables):
    """The tables with a date that a host vouched for."""
    return {name for name, content in tables.items() if any(each.encode() in content for each in DATES)}


@pytest.mark.parametrize("keys", KEYS.values(), ids=KEYS)
def test_an_erased_person_is_in_no_byte_of_the_file(tmp_path, keys, collected):
    path = tmp_path / "bookings.db"
    with fill(f"sqlite:///{path}", keys, collected) as desk:
        subject = desk.appointments(ERASED).cancelled[0].applicant.subject
        assert erase(desk, ERASED, by=STAFF)
        collected.take(desk.person_of, subject, by=SYSTEM)
        with pytest.raises(TrafficBookingError):
            desk.person_of(subject, by=SYSTEM)
    content = path.read_bytes()
    assert found_in(content) == expected(keys) - {"erased: ASCII"}


@pytest.fixture
def server():
    """A server whose log and files the test can read."""
    with closing(OwnServer()) as server:
        yield server


def set_all(url, settings):
    with psycopg.connect(url, autocommit=True) as connection:
        for name in LOG_ALL:
            value = settings.get(name)
            connection.execute(f"ALTER SYSTEM SET {name} = '{value}'" if value else f"ALTER SYSTEM RESET {name}")
        connection.execute("SELECT pg_reload_conf()")


def dumped(url):
    """A plain dump: the rows of each table, and under "" all the rest."""
    command = [embedded_program("pg_dump"), "--format=plain", "--dbname", url]
    dump = subprocess.run(command, check=True, capture_output=True).stdout
    tables: dict[str, list[bytes]] = {"": []}
    name = ""
    for line in dump.split(b"\n"):
        tables.setdefault(name, []).append(line)
        if line.startswith(b"COPY "):
            name = line.split()[1].decode().rpartition(".")[2]
        elif line == b"\\.":
            name = ""
    return {name: b"\n".join(lines) for name, lines in tables.items()}


def break_things(url, desk, collected):
    """Statements that fail in the server, which logs them: a table is missing, and comes back."""
    before = len(collected.raised)
    ask(url, "ALTER TABLE traffic_booking.persons RENAME TO hidden")
    for place, person in enumerate(CANARIES.values()):
        collected.take(desk.book, slot(27), applicant=person, agreed=True, request_id=f"f-{place}")
        collected.take(desk.appointments, person)
    ask(url, "ALTER TABLE traffic_booking.hidden RENAME TO persons")
    assert any(isinstance(error, StoreError) for error in collected.raised[before:])


@pytest.mark.parametrize(
    ("keys", "settings", "in_log"),
    [((), {}, set()), ((KEY,), LOG_ALL, set()), ((), LOG_ALL, in_clear())],
    ids=["without a key, the log as it is by default", "with a key, all logged", "without a key, all logged"],
)
def test_of_a_postgres_database_only_persons_has_the_ids(server, keys, settings, in_log, collected):
    """A server that logs the parameters of statements logs the keys of `persons`: in clear without a pseudonym key."""
    set_all(server.url, settings)
    log = server.data / "log"
    before = log.stat().st_size
    with own_database(server.url, "canaries") as url, fill(url, keys, collected) as desk:
        break_things(url, desk, collected)
        tables = dumped(url)
        ask(url, "CHECKPOINT")
        oid = ask(url, "SELECT oid FROM pg_database WHERE datname = 'canaries'")[0][0]
        raw = b"".join(each.read_bytes() for each in files_of(server.data, oid))
    assert {"persons", "people", "answers", "accounts", "attempts", "log"} <= tables.keys()
    assert found_in(tables["persons"]) == expected(keys)
    assert everything_but_persons(tables) == {}
    assert dated(tables) == {"assertions"}
    logged = log.read_bytes()[before:]
    assert b"ERROR:" in logged
    assert (b"Parameters: $1" in logged) is bool(settings)
    assert found_in(logged) == in_log
    if keys:
        assert found_in(raw) == set()


def files_of(data, oid):
    """The files of a database, and the write-ahead log."""
    return [
        each
        for folder in (data / "base" / str(oid), data / "pg_wal")
        for each in sorted(folder.rglob("*"))
        if each.is_file()
    ]


def test_with_a_key_no_commitment_in_the_log_can_be_tried_out(tmp_path, collected):
    """A reader of the salt tries all ids in minutes, so it is not readable."""
    tried = {}
    for name, keys in KEYS.items():
        path = tmp_path / f"{len(keys)}.db"
        fill(f"sqlite:///{path}", keys, collected).close()
        with closing(sqlite3.connect(path)) as connection:
            commitments = {body for (body,) in connection.execute("SELECT body FROM log WHERE kind = 'registered'")}
            values = [str(each) for row in connection.execute("SELECT * FROM persons") for each in row]
        made = {commitment_of(salt, each.reveal()) for salt in values for each in CANARIES.values()}
        tried[name] = sum(any(one in body for one in made) for body in commitments)
        assert len(commitments) == len(CANARIES)
    assert tried == {"without a key": len(CANARIES), "with a key": 0}


def test_the_shell_prints_masked_ids_only(tmp_path, collected, monkeypatch, capfd):
    PseudonymKey.make_file(tmp_path / "ids.key")
    monkeypatch.setenv("TRAFFIC_BOOKING_DB", f"sqlite:///{tmp_path}/bookings.db")
    for keys in ((), ("--pseudonym-key", str(tmp_path / "ids.key"))):
        db = tmp_path / f"{len(keys)}.db"
        monkeypatch.setenv("TRAFFIC_BOOKING_DB", f"sqlite:///{db}")
        typed = ["--applicant", TYPED.reveal().translate(ARABIC), *keys]
        for _ in range(2):  # the second time is refused
            collected.take(run, ["book", "--service", "licence-renewal", "--first", "--agree", *typed])
        for more in ((), ("--json",), ("--language", "en")):
            collected.take(run, ["appointments", *typed, *more])
        shown = capfd.readouterr()
        collected.texts += [shown.out, shown.err]
        assert str(TYPED) in shown.out
        assert found_in(db.read_bytes()) == (set() if keys else {"typed: ASCII"})


def test_each_form_of_each_canary_is_found():
    for form, name in SOUGHT.items():
        assert name in found_in(b"a" * 500 + form + b"z" * 500)
    assert len(SOUGHT) >= 40 * len(CANARIES)
    packed = [b64encode(b"x" * place + APPLICANT.reveal().encode() + b"yz") for place in range(3)]
    assert all(any("base64" in name for name in found_in(each)) for each in packed)


def test_a_canary_that_a_host_writes_on_purpose_is_found(tmp_path):
    """The search works: the host passes an id as the request id of another, which is stored, and masked in messages."""
    path, digits = tmp_path / "bookings.db", APPLICANT.reveal()
    with open_desk(f"sqlite:///{path}", (KEY,), MovableClock(START)) as desk:
        desk.book(slot(25), applicant=REFUSED, agreed=True, request_id=digits, assertions=vouched())
        with pytest.raises(RequestMismatch) as raised:
            desk.book(slot(26), applicant=REFUSED, agreed=True, request_id=digits)
    clear = {"applicant: ASCII"}
    assert found_in(path.read_bytes()) == found_in_texts([digits]) == clear
    assert found_in_texts([str(raised.value)]) == set()
    assert everything_but_persons(sqlite_tables(path)) == {"answers": clear, "assertions": clear, "log": clear}
    assert found_in(sha256(digits.encode()).hexdigest().encode()) == {"applicant: sha256, hex"}
    assert found_in(f"parameters: $1 = '\\x{digits.encode().hex()}'".encode()) == {"applicant: hex of digits"}
