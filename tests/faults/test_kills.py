"""Processes killed with SIGKILL while they write: what they acknowledged is kept, and all else whole or not at all."""

import pytest

from tests.campaigns.killed_writer import AcknowledgesFirst
from tests.campaigns.kills import kill_writers

pytestmark = pytest.mark.long

KILLS = 200


def test_what_killed_writers_acknowledged_is_kept_and_nothing_is_half_there(tmp_path):
    found = kill_writers(tmp_path, kills=KILLS, seed=1)
    assert found["wrong"] == []
    assert found["acknowledged"] > KILLS
    assert found["kills after a commit and before its answer was heard"] > KILLS / 20


def test_a_store_that_acknowledges_before_it_commits_is_found_out(tmp_path):
    assert kill_writers(tmp_path, kills=5, seed=1, store=AcknowledgesFirst.__name__)["wrong"]
