"""A gate with the store and one without it give the same answer, and it is the right one."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.gate_vectors import SUNDAY, VECTORS, book
from tests.gates import CLERK, offline_gate, signing_desk
from tests.small_town import START
from traffic_booking.domain.gate.results import GateResult
from traffic_booking.testing import MovableClock


def set_time(clock, time):
    at = datetime.fromisoformat(f"{SUNDAY} {time}").replace(tzinfo=ZoneInfo("Asia/Riyadh"))
    clock.advance(max(timedelta(), at - clock.now()))


def prepared(name):
    """The desk, its clock, the list, the scanned code and the right result."""
    steps, code, time, expected = VECTORS[name]
    clock = MovableClock(START)
    desk = signing_desk(clock=clock)
    before = book(desk)
    steps(desk, before)
    listed = desk.gate.day_list("north", SUNDAY, by=CLERK)
    scanned = code(desk, before)
    set_time(clock, time)
    return desk, clock, listed, scanned, expected


@pytest.mark.parametrize("name", VECTORS)
def test_the_gate_with_the_store_gives_the_right_answer(name):
    desk, _, _, code, expected = prepared(name)
    answer = desk.gate.scan(code, branch="north", by=CLERK, scan_id="scan-1")
    assert answer.result is expected
    assert bool(answer) is expected.admits


@pytest.mark.parametrize("name", VECTORS)
def test_the_gate_without_the_store_gives_the_right_answer(name):
    _, clock, listed, code, expected = prepared(name)
    with offline_gate(listed, clock=clock) as gate:
        answer = gate.scan(code)
    assert answer.result is expected
    assert bool(answer) is expected.admits


@pytest.mark.parametrize("name", VECTORS)
def test_both_gates_give_the_same_text_except_for_what_only_the_store_knows(name):
    desk, clock, listed, code, expected = prepared(name)
    with offline_gate(listed, clock=clock) as gate:
        offline = gate.scan(code)
    online = desk.gate.scan(code, branch="north", by=CLERK, scan_id="scan-1")
    if expected in {GateResult.MOVED, GateResult.WRONG_BRANCH}:
        assert offline.when in {None, online.when}
    else:
        assert [offline.message(each) for each in ("ar", "en")] == [online.message(each) for each in ("ar", "en")]
    assert offline.verdicts == online.verdicts


def test_every_result_but_those_of_one_side_has_a_vector():
    of_one_side = {GateResult.OUTDATED_LIST, GateResult.NOT_BOOKED, GateResult.REFUSED}
    assert {expected for *_, expected in VECTORS.values()} == set(GateResult) - of_one_side
