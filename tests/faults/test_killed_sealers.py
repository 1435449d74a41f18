"""Sealers killed with SIGKILL beside killed writers: every entry is in the log, once."""

import pytest

from tests.campaigns.killed_sealer import PublishesFirst
from tests.campaigns.sealer_kills import kill_sealers

KILLS = 40


def test_killed_sealers_leave_nothing_out_and_nothing_twice(tmp_path):
    found = kill_sealers(tmp_path, kills=3, seed=1)
    assert found["wrong"] == []
    assert found["entries"] > 0


SEEDS = range(1, 6)
"""The moments of kills depend on the load of the machine: seeds are tried until one shows what is wanted."""


def found_with(seed, tmp_path, **named):
    """The results of `KILLS` kills with that seed, in a folder of its own."""
    (folder := tmp_path / f"{seed}").mkdir()
    return kill_sealers(folder, kills=KILLS, seed=seed, **named)


@pytest.mark.long
def test_many_killed_sealers_leave_nothing_out_and_nothing_twice(tmp_path):
    found = found_with(2, tmp_path)
    assert found["wrong"] == []
    assert found["kills after which the log had grown"] > 0
    assert any(each.startswith("kills in publish, before") for each in found)  # between files and their checkpoint


@pytest.mark.long
def test_a_sealer_that_publishes_before_it_writes_is_found_out(tmp_path):
    assert any(found_with(seed, tmp_path, files=PublishesFirst.__name__)["wrong"] for seed in SEEDS)
