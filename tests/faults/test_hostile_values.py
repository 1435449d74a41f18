"""Hostile values in every parameter of every door: only errors of the library come out, short and in bounded time."""

import os
from contextlib import ExitStack, closing

import pytest

from tests import doors as every
from tests.campaigns.misuse import attempts, fuzz, trouble
from tests.desks import open_desk
from tests.entrance import opened as opened_gate
from traffic_booking.adapters.tickets import HtmlTicket, TextTicket

SEED = int(os.environ.get("MISUSE_SEED", "1"))
"""`make test-long` draws another one for each run, and prints it."""
MINUTES = float(os.environ.get("MISUSE_MINUTES", "10"))
PARTS = 6
"""The fuzz runs in so many tests, so that several processes share it."""

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def doors(tmp_path, monkeypatch):
    """Every door, over parts of its own, in a folder of its own: some hostile texts are names of files."""
    monkeypatch.chdir(tmp_path)
    with ExitStack() as opened:
        desk = opened.enter_context(closing(open_desk(tickets={"text": TextTicket(), "html": HtmlTicket()})))
        entrance = opened.enter_context(opened_gate("memory", tmp_path))
        yield [
            *every.verbs(desk),
            *every.constructors(),
            *every.methods_of_values(),
            *every.functions(tmp_path),
            *every.adapters(entrance, tmp_path),
        ]


def test_a_hostile_value_in_a_parameter_ends_in_an_error_of_the_library(doors):
    """A part of all pairs; the long tests try each, and values inside values."""
    assert [f"{each}: {found}" for each in attempts(doors, one_of=160) if (found := trouble(each))] == []


@pytest.mark.long
def test_every_hostile_value_in_every_parameter_ends_in_an_error_of_the_library(doors):
    tried = attempts(doors, one_of=max(1, round(10 / MINUTES)))  # all of them in a run of full length
    assert [f"{each}: {found}" for each in tried if (found := trouble(each))][:20] == []


@pytest.mark.long
@pytest.mark.parametrize("part", range(PARTS))
def test_hostile_values_inside_values_end_in_errors_of_the_library(doors, part):
    result = fuzz(doors, seed=SEED + part, seconds=60 * MINUTES / PARTS)

    assert result.calls > 0
    assert result.wrong == ()  # each names the seed of this part
