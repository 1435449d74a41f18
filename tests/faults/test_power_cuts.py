"""Power cuts, on a drive that loses unsynced data: acknowledged answers are kept, others are whole or absent."""

import pytest

from tests.campaigns.power_cuts import cut_power

pytestmark = pytest.mark.long

CUTS = 200


def with_less_syncing(statement: str) -> str:
    """Broken on purpose: a commit returns before its sync."""
    return statement.replace("synchronous = FULL", "synchronous = NORMAL")


def with_checkpoints_unsynced(statement: str) -> str:
    """Broken on purpose: a checkpoint does not wait for the file before the log is written over."""
    return statement.replace("PRAGMA wal_checkpoint", "PRAGMA synchronous = OFF; PRAGMA wal_checkpoint")


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    return cut_power(tmp_path_factory.mktemp("cuts"), cuts=CUTS, seed=1)


def test_no_power_cut_loses_what_was_acknowledged(found):
    assert found["cuts"] >= CUTS
    assert found["lost"] == []
    assert found["cuts that lost something acknowledged"] == 0


def test_no_power_cut_leaves_anything_half_done(found):
    assert found["wrong"] == []


@pytest.mark.parametrize("step", ["write -wal", "sync -wal", "write file", "sync file", "truncate file", "delete -wal"])
def test_power_is_cut_before_every_kind_of_step_of_bookings_and_of_checkpoints(found, step):
    assert found.get(f"before: {step}", 0) >= 1


def test_power_is_cut_between_a_commit_and_its_acknowledgement(found):
    assert found["cuts after a commit and before its acknowledgement"] >= CUTS / 20


def test_with_less_syncing_acknowledged_bookings_are_lost_though_nothing_is_half_done(tmp_path):
    found = cut_power(tmp_path, cuts=15, seed=3, rewrite=with_less_syncing)
    assert found["lost"]
    assert found["wrong"] == []


def test_with_unsynced_checkpoints_the_file_is_ruined(tmp_path):
    found = cut_power(tmp_path, cuts=30, seed=3, rewrite=with_checkpoints_unsynced)
    assert found["lost"]
    assert found["wrong"]
