"""The checker accepts histories with an order, rejects histories without one, and reports undecided ones."""

from attrs import evolve as copy_with
from hypothesis import example, given
from hypothesis import strategies as st

from tests.made_histories import (
    OFFERED,
    RULEBOOK,
    SLOTS,
    made,
    mutants,
    number_of,
    recorded_desk,
    send,
)
from tests.small_town import START
from traffic_booking import Booked, Held, Refused
from traffic_booking.testing import MovableClock
from traffic_booking.testing.histories.check import check_history, explain_finding
from traffic_booking.testing.histories.history import HoldsEnded
from traffic_booking.testing.histories.linearizability import Linearizable, NotLinearizable

VERBS = ["hold", "hold", "book", "book", "book", "cancel", "cancel", "move", "move", "check in", "sweep"]
UNUSED = number_of(9_999)
PARTS = ("state", "slot", "applicant", "changed_at", "hold_ends_at", "moves")
"""The parts of an appointment that are the same at every desk; the number is not."""


def moves(*, most, overlap, people=3, waits=(0,)):
    """Up to `most` moves whose operations reach over at most `overlap` others in each direction."""
    reach = st.integers(0, overlap * 10)
    move = st.tuples(
        st.sampled_from(VERBS),
        st.integers(0, people - 1),
        st.integers(0, len(SLOTS) - 1),
        st.integers(0, 20),
        st.sampled_from(waits),
        reach,
        reach,
    )
    return st.lists(move, min_size=1, max_size=most)


def found(history, **options):
    return check_history(history, OFFERED, RULEBOOK, **options)


def has_an_order(history, outcomes):
    """True if some order of the operations gives each its answer: a desk tries every order.

    The clock must not be moved. `outcomes` are those of the desk, cached for all histories of the same requests.
    """
    return _can_go_on(history.operations, outcomes, (), {}, frozenset())


def names_only_received_numbers(history):
    """True if each appointment of a request comes from an answer, not from a list."""
    received = {
        operation.result.appointment.number
        for operation in history.operations
        if isinstance(operation.result, Held | Booked)
    }
    requested = {
        operation.requested.number for operation in history.operations if hasattr(operation.requested, "number")
    }
    return requested <= received


def _can_go_on(operations, outcomes, calls, numbers, done):
    """True if the operations that are not `done` have an order after these calls.

    A call is a place in the history, and the desk's number for the appointment that the request names.
    """
    left = [place for place in range(len(operations)) if place not in done]
    if all(operations[place].result is None for place in left):
        return True
    for place in left:
        one = operations[place]
        ends = [operations[other].ended for other in left if operations[other].ended is not None]
        if any(end < one.invoked for end in ends):
            continue
        named = getattr(one.requested, "number", None)
        further = (*calls, (place, named and numbers.get(named, UNUSED)))
        outcome = _outcome(operations, outcomes, further)
        learnt = dict(numbers)
        is_right = one.result is None or _is_received(one.result, outcome, learnt)
        if is_right and _can_go_on(operations, outcomes, further, learnt, done | {place}):
            return True
    return False


def _outcome(operations, outcomes, calls):
    """The outcome of the last of these calls at a new desk."""
    if calls not in outcomes:
        recorder = recorded_desk(MovableClock(START))
        for place, number in calls:
            requested = operations[place].requested
            send(recorder, copy_with(requested, number=number) if number else requested)
        for length, operation in enumerate(recorder.history().operations, 1):
            outcomes[calls[:length]] = operation.result
    return outcomes[calls]


def _is_received(result, outcome, numbers):
    """True if a caller who got `outcome` would report `result`; notes the number that the desk has for the result's."""
    if type(result) is not type(outcome) or isinstance(result, HoldsEnded):
        return isinstance(result, HoldsEnded)
    if isinstance(result, Refused):
        return {one.rule_id for one in result.verdicts} == {one.rule_id for one in outcome.verdicts}
    received, drawn = result.appointment, outcome.appointment
    is_same = numbers.setdefault(received.number, drawn.number) == drawn.number
    is_new = list(numbers.values()).count(drawn.number) == 1
    return is_same and is_new and all(getattr(received, part) == getattr(drawn, part) for part in PARTS)


@given(moves(most=40, overlap=8, people=6, waits=(0, 0, 0, 0, 4)))
def test_a_history_that_came_about_in_some_order_is_accepted(plan):
    history = made(plan)
    assert isinstance(found(history), Linearizable), explain_finding(history, found(history))


@given(moves(most=25, overlap=4, waits=(0, 0, 0, 4)), st.sets(st.integers(0, 24), max_size=5))
def test_operations_whose_callers_were_killed_may_have_taken_effect(plan, lost):
    history = made(plan, lost=lost)
    assert isinstance(found(history), Linearizable), explain_finding(history, found(history))


@given(moves(most=12, overlap=0, waits=(0, 0, 4)))
def test_any_other_answer_to_a_caller_who_is_alone_is_rejected(plan):
    for what, history in mutants(made(plan)):
        result = found(history)
        assert isinstance(result, NotLinearizable), what
        assert "no place for" in explain_finding(history, result)


CANCELLED_TWICE = [
    ("hold", 0, 0, 0, 0, 27, 12),
    ("hold", 0, 0, 0, 0, 24, 28),
    ("hold", 0, 0, 0, 0, 13, 1),
    ("cancel", 0, 0, 8, 0, 30, 16),
    ("cancel", 0, 0, 15, 0, 12, 29),
]
"""The first answer is lost. If numbers were used again, it would explain that one number is cancelled twice."""


@example(CANCELLED_TWICE, {0})
@given(moves(most=5, overlap=3, people=2), st.sets(st.integers(0, 4), max_size=1))
def test_small_histories_are_decided_as_by_trying_every_order(plan, lost):
    history = made(plan, lost=lost)
    outcomes: dict[object, object] = {}
    assert has_an_order(history, outcomes)
    for what, mutant in mutants(history):
        if not lost or names_only_received_numbers(mutant):
            assert isinstance(found(mutant), Linearizable) == has_an_order(mutant, outcomes), what
