"""A primary is killed in a storm, and its synchronous standby promoted: nothing acknowledged is lost.

`make test-standby` does it more often, and prints the figures.
"""

import pytest

from tests.campaigns.failovers import fail_over_again_and_again

pytestmark = [pytest.mark.long, pytest.mark.race]

FAILOVERS = 3


def test_what_a_primary_has_acknowledged_is_on_the_promoted_standby(tmp_path):
    found = fail_over_again_and_again(tmp_path, failovers=FAILOVERS)
    assert found["lost"] == found["wrong"] == []
    assert found["failovers"] == FAILOVERS
    assert found["entries sealed"] > found["appointments verified"] > 0


def test_a_desk_whose_commits_do_not_wait_for_the_standby_is_found_out(tmp_path):
    found = fail_over_again_and_again(tmp_path, failovers=1, is_local=True)
    assert found["lost"]
