"""An audit notices every forgery of a store or of its log, with the last checkpoint kept outside."""

import shutil
from pathlib import Path
from random import Random

import pytest

from tests.forgeries import Forger
from tests.sealed_stores import audited, seal
from tests.small_town import small_catalogue, small_rulebook
from tests.unit.test_verifying import used
from traffic_booking import BookingDesk
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.application._sync import log_auditing
from traffic_booking.domain.errors import StoreError

FEW = 40
MANY = 1_000


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """A folder with a used store, its sealed log, the keys, and the checkpoint that a witness keeps."""
    folder = tmp_path_factory.mktemp("original")
    with used(SqliteStore(folder / "bookings.db")) as desk:
        kept = seal(desk.store, folder / "log", folder / "log.key")
    (folder / "kept").write_bytes(kept)
    return folder


@pytest.fixture(autouse=True)
def without_pauses(monkeypatch):
    monkeypatch.setattr(log_auditing, "PAUSE_SECONDS", 0)


def result_of(folder: Path):
    """The result of an audit, or the error of a store that can't be opened."""
    try:
        desk = BookingDesk.open_to_audit(
            f"sqlite:///{folder / 'bookings.db'}", catalogue=small_catalogue(capacity=2), rulebook=small_rulebook()
        )
    except StoreError as error:
        return error
    with desk:
        return audited(desk, folder / "log", folder / "log.key", folder / "kept")


def copied(original: Path, folder: Path) -> Path:
    copy = folder / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(original, copy)
    return copy


def unnoticed(original: Path, folder: Path, seeds: range) -> list[str]:
    """The forgeries that no audit notices."""
    spared = {each.table for each in result_of(original).not_evidence}
    found = []
    for seed in seeds:
        copy = copied(original, folder)
        forger = Forger(copy / "bookings.db", spared, seed)
        what = forger.forge()
        forger.connection.close()
        if what is None:
            continue
        result = result_of(copy)
        if not isinstance(result, StoreError) and result.broken == () and not result.not_sealed:
            found.append(f"{seed}: {what}")
    return found


def test_an_unforged_store_is_sound(original, tmp_path):
    result = result_of(copied(original, tmp_path))
    assert result.broken == ()
    assert result
    assert (result.sealed, result.not_sealed) == (result.entries, 0)


def test_a_few_dozen_forgeries_are_noticed(original, tmp_path):
    assert unnoticed(original, tmp_path, range(FEW)) == []


@pytest.mark.long
def test_a_thousand_forgeries_are_noticed(original, tmp_path):
    assert unnoticed(original, tmp_path, range(FEW, FEW + MANY)) == []


def test_each_byte_of_the_log_counts(original, tmp_path):
    random = Random(1)
    files = [each for each in (original / "log").rglob("*") if each.is_file() and each.stat().st_size]
    for _ in range(FEW):
        copy = copied(original, tmp_path)
        file = copy / random.choice(files).relative_to(original)
        content = bytearray(file.read_bytes())
        place = random.randrange(len(content))
        content[place] ^= 1 << random.randrange(8)
        file.write_bytes(content)
        assert result_of(copy).broken, (file.name, place)


def test_a_log_that_the_forger_seals_anew_is_noticed_by_the_kept_checkpoint(original, tmp_path):
    copy = copied(original, tmp_path)
    forger = Forger(copy / "bookings.db", set(), 1)
    forger.connection.execute("UPDATE log SET kind = 'booked' WHERE kind = 'held'")
    forger.connection.close()
    shutil.rmtree(copy / "log")
    seal(SqliteStore(copy / "bookings.db", read_only=True), copy / "log", copy / "log.key")
    assert "another log" in {each.found for each in result_of(copy).broken}


def test_an_older_file_is_refused(original, tmp_path):
    copy = copied(original, tmp_path)
    with used(SqliteStore(tmp_path / "older.db")):
        pass
    forger = Forger(copy / "bookings.db", set(), 1)
    last = forger.connection.execute("SELECT max(position) FROM log").fetchone()[0]
    forger.connection.execute("DELETE FROM log WHERE position = ?", (last,))
    forger.connection.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = 'log'", (last - 1,))
    forger.connection.close()
    (broken,) = [each for each in result_of(copy).broken if each.invariant == "seal"]
    assert "older than the log" in broken.found


@pytest.mark.parametrize(
    "statement",
    [
        "DROP INDEX log_of_stream",
        "CREATE TRIGGER t AFTER INSERT ON log BEGIN SELECT 1; END",
        "CREATE TABLE more (a)",
        "DELETE FROM created WHERE name = 'log'",
    ],
)
def test_a_schema_that_was_changed_is_noticed(original, tmp_path, statement):
    copy = copied(original, tmp_path)
    forger = Forger(copy / "bookings.db", set(), 1)
    forger.connection.execute(statement)
    forger.connection.close()
    assert "tables" in {each.invariant for each in result_of(copy).broken}
