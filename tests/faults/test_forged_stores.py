"""An audit notices every forgery of a store or of its log, with the last checkpoint kept outside."""

import os
import shutil
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from tests.cases import CLERK
from tests.desks import open_desk
from tests.forged_stores import PostgresOriginal, SqliteOriginal
from tests.sealed_stores import seal
from tests.small_town import small_catalogue
from traffic_booking import read_log
from traffic_booking.application._sync import log_auditing
from traffic_booking.domain.errors import StoreError

FEW = 40
MANY = int(os.environ.get("FORGERIES") or 1_000)
"""Of each store, which take some ten minutes; `FORGERIES=100` for less."""


@pytest.fixture(scope="module")
def in_a_file(tmp_path_factory):
    return SqliteOriginal(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="module")
def in_a_database(tmp_path_factory, own_postgres_url):
    return PostgresOriginal(tmp_path_factory.mktemp("postgres"), own_postgres_url)


@pytest.fixture(scope="module", params=["in_a_file", "in_a_database"])
def original(request):
    """A used store, its sealed log, the keys, and the checkpoint that a witness keeps."""
    return request.getfixturevalue(request.param)


@pytest.fixture(autouse=True)
def without_pauses(monkeypatch):
    monkeypatch.setattr(log_auditing, "PAUSE_SECONDS", 0)


def is_noticed(result) -> bool:
    return isinstance(result, StoreError) or bool(result.broken or result.not_sealed)


def unnoticed(original, seeds: range) -> list[str]:
    """The forgeries that no audit notices."""
    spared, found, done = original.spared(), [], 0
    for seed in seeds:
        with original.copied() as url:
            with closing(original.forger(url, seed, spared)) as forger:
                what = forger.forge()
            if what is not None:
                done += 1
                if not is_noticed(original.result_of(url)):
                    found.append(f"{seed}: {what}")
    assert done > len(seeds) / 2
    return found


def test_an_unforged_store_is_sound(original):
    with original.copied() as url:
        result = original.result_of(url)
    assert result.broken == ()
    assert result
    assert (result.sealed, result.not_sealed) == (result.entries, 0)


def test_the_tables_that_are_no_evidence_are_listed(original):
    own = {"sqlite_sequence"} if isinstance(original, SqliteOriginal) else {"generations"}
    assert original.spared() == {"accounts", "attempts", "sessions", "codes", "migrations"} | own


def test_a_few_dozen_forgeries_are_noticed(original):
    assert unnoticed(original, range(FEW)) == []


@pytest.mark.long
def test_many_forgeries_are_noticed(original):
    assert unnoticed(original, range(FEW, FEW + MANY)) == []


def an_applicant_everywhere(forger):
    """All that was done for one person was done for another."""
    before, after = (subject for (subject,) in forger.rows("SELECT subject FROM persons ORDER BY person LIMIT 2"))
    forger.run("DELETE FROM persons WHERE subject = ?", [after])
    assert forger.replace(before, after) > 10


def an_event_with_the_state_and_the_answer(forger):
    """A cancellation never happened."""
    ((number,),) = forger.rows("SELECT stream FROM log WHERE kind = 'cancelled'")
    done = [
        forger.run("DELETE FROM log WHERE kind = 'cancelled'"),
        forger.run("DELETE FROM answers WHERE request_id = 'cancelled'"),
        forger.run("UPDATE appointments SET state = 'booked', version = 1 WHERE number = ?", [number]),
        forger.run("UPDATE seats SET value = value + 1 WHERE key = 'north/transfer/2026-11-23T06:00:00'"),
        forger.run("""UPDATE people SET body = replace(body, '"cancelled"', '"booked"')"""),
    ]
    assert all(done)


def a_whole_appointment(forger):
    """A person has never booked, nor registered."""
    ((number, subject),) = forger.rows(
        "SELECT stream, appointments.subject FROM log JOIN appointments ON number = stream"
        """ WHERE log.body LIKE '%"request":"crowd-4"%'"""
    )
    assert forger.remove(number) > 2
    assert forger.remove(subject)
    assert forger.run("UPDATE seats SET value = value - 1 WHERE key = 'north/renewal/2026-11-23T05:00:00'")


def the_calendar_with_its_answers(forger):
    """A day was never closed."""
    done = [
        forger.run("DELETE FROM calendar_entries"),
        forger.run("DELETE FROM answers WHERE request_id = 'declared'"),
        forger.run("DELETE FROM log WHERE stream = 'calendar'"),
        forger.run("UPDATE calendars SET version = 1, last_entry = 0"),
    ]
    assert all(done)


def two_persons(forger):
    """Two persons have each other's appointments."""
    (one, two) = forger.rows("SELECT person, subject, body FROM persons ORDER BY person LIMIT 2")
    for (person, _, _), (_, subject, body) in ((one, two), (two, one)):
        assert forger.run("UPDATE persons SET subject = ?, body = ? WHERE person = ?", [subject, body, person])


@pytest.mark.parametrize(
    "forgery",
    [
        an_applicant_everywhere,
        an_event_with_the_state_and_the_answer,
        a_whole_appointment,
        the_calendar_with_its_answers,
        two_persons,
    ],
)
def test_a_forgery_that_is_consistent_in_all_rows_is_noticed(original, forgery):
    with original.copied() as url:
        with closing(original.forger(url)) as forger:
            forgery(forger)
        result = original.result_of(url)
    assert {"records", "entries"} & {each.invariant for each in result.broken}


def test_an_older_copy_is_noticed(original):
    with original.copied(earlier=True) as url:
        result = original.result_of(url)
    assert {"seal", "entries"} & {each.invariant for each in result.broken}


def test_a_gap_that_the_forger_has_recorded_is_noticed(original):
    """A forger puts an older copy back, and writes the entry of a restore; only the sealer signs checkpoints."""
    with original.copied(earlier=True) as url:
        with open_desk(small_catalogue(capacity=2), store=original.store_at(url), clock=original.clock) as desk:
            log = read_log(original.folder / "log", key=original.folder / "log.key.pub")
            assert desk.maintenance.after_restore(log=log, by=CLERK, request_id="after").restored
        result = original.result_of(url)
    assert [(each.invariant, each.where) for each in result.broken] == [("seal", "restore after")]


def test_each_byte_of_the_log_counts(in_a_file, tmp_path):
    random = Random(1)
    log = in_a_file.folder / "log"
    files = [each for each in log.rglob("*") if each.is_file() and each.stat().st_size]
    for _ in range(FEW):
        copy = copied_log(log, tmp_path)
        file = copy / random.choice(files).relative_to(log)
        content = bytearray(file.read_bytes())
        place = random.randrange(len(content))
        content[place] ^= 1 << random.randrange(8)
        file.write_bytes(content)
        assert in_a_file.result_of(in_a_file.url(), copy).broken, (file.name, place)


def copied_log(log: Path, folder: Path) -> Path:
    copy = folder / "log"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(log, copy)
    return copy


def test_a_log_that_the_forger_seals_anew_is_noticed_by_the_kept_checkpoint(original, tmp_path):
    with original.copied() as url:
        with closing(original.forger(url)) as forger:
            assert forger.run("UPDATE log SET kind = 'booked' WHERE kind = 'held'")
        with closing(original.store_at(url)) as store:
            seal(store, tmp_path / "log", original.folder / "log.key")
        result = original.result_of(url, tmp_path / "log")
    assert "another log" in {each.found for each in result.broken}


@pytest.mark.parametrize(
    "statement",
    [
        "DROP INDEX log_of_stream",
        "CREATE TRIGGER t AFTER INSERT ON log BEGIN SELECT 1; END",
        "CREATE TABLE more (a)",
        "DELETE FROM created WHERE name = 'log'",
    ],
)
def test_a_schema_that_was_changed_is_noticed(in_a_file, statement):
    with in_a_file.copied() as url:
        with closing(in_a_file.forger(url)) as forger:
            forger.rows(statement)
        assert "tables" in {each.invariant for each in in_a_file.result_of(url).broken}
