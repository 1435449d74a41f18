"""Processes killed with SIGKILL while they write: acknowledged answers are kept, other writes are whole or absent."""

import pytest

from tests.campaigns.killed_writer import AcknowledgesFirst
from tests.campaigns.kills import kill_writers

pytestmark = pytest.mark.long

KILLS = 200


def test_answers_of_killed_writers_are_kept_and_no_write_is_half_done(tmp_path):
    found = kill_writers(tmp_path, kills=KILLS, seed=1)
    assert found["wrong"] == []
    assert found["acknowledged"] > KILLS
    assert found["kills between a commit and its answer"] > KILLS / 20


def test_a_store_that_acknowledges_before_it_commits_is_found_out(tmp_path):
    assert kill_writers(tmp_path, kills=5, seed=1, store=AcknowledgesFirst.__name__)["wrong"]
