"""Sealers killed with SIGKILL beside killed writers: every entry is in the log, once."""

import pytest

from tests.campaigns.killed_sealer import PublishesFirst
from tests.campaigns.sealer_kills import kill_sealers

KILLS = 40


def test_killed_sealers_leave_nothing_out_and_nothing_twice(tmp_path):
    found = kill_sealers(tmp_path, kills=3, seed=1)
    assert found["wrong"] == []
    assert found["entries"] > 0


@pytest.mark.long
def test_many_killed_sealers_leave_nothing_out_and_nothing_twice(tmp_path):
    found = kill_sealers(tmp_path, kills=KILLS, seed=2)
    assert found["wrong"] == []
    assert found["kills after which the log had grown"] > KILLS / 8
    assert found["kills between files and their checkpoint"] > 0


@pytest.mark.long
def test_a_sealer_that_publishes_before_it_writes_is_found_out(tmp_path):
    assert kill_sealers(tmp_path, kills=40, seed=1, files=PublishesFirst.__name__)["wrong"]
