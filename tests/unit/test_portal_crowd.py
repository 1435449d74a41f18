"""The benchmark of the portal, with few people: each of them books, moves and cancels, and no seat is booked twice."""

import pytest

from benchmarks.portal import measure


@pytest.mark.long
def test_a_small_crowd_walks_through_the_portal_at_once():
    figures = measure(6)
    assert figures["people"] == 6
    assert figures["broken"] == 0
    assert all(spread["p95_ms"] >= spread["median_ms"] for spread in figures["steps"].values())
