"""A drive that refuses to write or to sync, at any step: no caller gets an answer that isn't durable; work goes on."""

from collections import Counter
from random import Random
from unittest.mock import patch

import apsw
import pytest

from tests.campaigns.apsw_driver import through_drive
from tests.campaigns.unsynced_drive import Drive, Kept
from tests.campaigns.whole_file import faults_of, lost
from tests.campaigns.workload import NothingThereError, busy_desk, requests_of
from traffic_booking import StoreUnavailable
from traffic_booking.adapters.sqlite import SqliteStore, connections
from traffic_booking.persistence.codecs import OUTCOME

REQUESTS = 250
SHARE = 0.05
CODES = {"write": [apsw.SQLITE_FULL, apsw.SQLITE_IOERR_WRITE], "sync": [apsw.SQLITE_IOERR_FSYNC]}


class Refusals:
    """Some of the writes, or of the syncs. Half of the time, data that waited for a refused sync is lost."""

    def __init__(self, refused, seed):
        self.drive = None
        self.refused = refused
        self.drawn = Random(seed)
        self.files: Counter[str] = Counter()

    def __call__(self, what, name):
        if self.drive is None or what != self.refused or self.drawn.random() >= SHARE:
            return
        self.files[name] += 1
        if what == "sync" and self.drawn.random() < 0.5:
            self.drive.forget(name)
        raise apsw.exception_for(self.drawn.choice(CODES[what]))


@pytest.fixture(params=["write", "sync"])
def refusals(request):
    return Refusals(request.param, seed=1)


@pytest.fixture
def drive(tmp_path, refusals):
    (tmp_path / "drive").mkdir()
    made = Drive(tmp_path / "drive", f"drive that refuses to {refusals.refused}", refusals)
    with through_drive(made), patch.object(connections, "COMMITS_BETWEEN_CHECKPOINTS", 7):
        yield made
    made.unregister()


def restarted(folder, image):
    folder.mkdir()
    for name, content in image.items():
        (folder / name).touch(mode=0o600)
        (folder / name).write_bytes(content)
    return folder / "bookings.db"


def test_answers_between_refusals_are_kept_and_no_write_is_half_done(tmp_path, drive, refusals):
    desk, acknowledged, failed = busy_desk(SqliteStore(drive.folder / "bookings.db")), [], 0
    refusals.drive = drive
    for request in requests_of(1, REQUESTS):
        while True:
            try:
                acknowledged.append((request, OUTCOME.text(request.send(desk))))
            except StoreUnavailable:
                failed += 1
                continue
            except NothingThereError:
                pass
            break
    assert failed > 10
    assert refusals.files.keys() == {"bookings.db", "bookings.db-wal"}
    path = restarted(tmp_path / "after a power cut", drive.image(Kept.NOTHING, Random(1)))
    refusals.drive = None
    desk.close()
    for found in (path, drive.folder / "bookings.db"):
        store = SqliteStore(found)
        assert lost(store, acknowledged) == []
        store.close()
        assert faults_of(found) == []
