"""The checker accepts histories with an order, rejects histories without one, and reports undecided ones."""

from datetime import timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from tests import booking_model
from tests.cases import CLERK
from tests.made_histories import CAPACITY, OFFERED, RULEBOOK, SLOTS, instant_of, key_of, made, mutants
from tests.small_town import START
from traffic_booking import Booked, Held, Moved, Refused
from traffic_booking.domain.appointments.commands import BookSlot, CancelAppointment, HoldSlot, MoveAppointment
from traffic_booking.testing.histories.check import check_history, explain_finding
from traffic_booking.testing.histories.history import ExpireHolds
from traffic_booking.testing.histories.linearizability import Linearizable, NotLinearizable

VERBS = ["hold", "hold", "book", "book", "book", "cancel", "cancel", "move", "move", "check in", "sweep"]


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


def has_an_order(history):
    """Whether some order of the operations gives each its answer: every order is tried, on the model.

    The clock must not be moved during an operation.
    """
    return _can_go_on(history.operations, frozenset(), ())


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


def _can_go_on(operations, done, line):
    left = [place for place in range(len(operations)) if place not in done]
    if all(operations[place].result is None for place in left):
        return True
    for place in left:
        one = operations[place]
        ends = [operations[other].ended for other in left if operations[other].ended is not None]
        if any(end < one.invoked for end in ends):
            continue
        if _answers(operations, (*line, place)) and _can_go_on(operations, done | {place}, (*line, place)):
            return True
        if one.result is None and one.ended is not None and _can_go_on(operations, done | {place}, line):
            return True
    return False


def _answers(operations, line):
    """Whether the model gives the last operation its answer in that order."""
    model = booking_model.BookingModel(CAPACITY)
    names: dict[str, int] = {}  # appointment number → the model's name
    people: dict[object, int] = {}
    for operation in operations:
        if isinstance(operation.requested, HoldSlot | BookSlot):
            people.setdefault(operation.requested.applicant, len(people))
    right = True
    for place in line:
        one = operations[place]
        model.now = round((one.earliest - START) / timedelta(minutes=1))
        if not isinstance(one.requested, ExpireHolds):
            right = _is_received(model, names, people, one, *_answer_of(model, names, people, one.requested))
    return right


def _answer_of(model, names, people, requested):
    """The answer of the model to a request."""
    if isinstance(requested, HoldSlot | BookSlot):
        person = people[requested.applicant]
        slot = next(slot for slot in SLOTS if key_of(slot) == requested.slot)
        if isinstance(requested, HoldSlot):
            return model.hold(person, person, slot)
        return model.book(person, person, slot, agreed=True)
    by = people.get(requested.actor, booking_model.CLERK if requested.actor == CLERK else "a stranger")
    if isinstance(requested, MoveAppointment):
        to = next(slot for slot in SLOTS if key_of(slot) == requested.slot)
        return model.move(by, names.get(requested.number), to, agreed=True)
    ask = model.cancel if isinstance(requested, CancelAppointment) else model.check_in
    return ask(by, names.get(requested.number))


def _is_received(model, names, people, one, kind, detail):
    """Whether the caller received that answer."""
    if one.result is None:
        return True
    if isinstance(one.result, Refused):
        return kind == "refused" and set(detail) == {verdict.rule_id for verdict in one.result.verdicts}
    appointment, entry = one.result.appointment, model.entry(detail) if kind != "refused" else None
    wanted = appointment.state.value.replace("-", " ")
    if isinstance(one.result, Moved):
        wanted = {"booked": "moved"}.get(wanted, wanted)
    if entry is None or wanted != kind:
        return False
    is_hold = isinstance(one.result, Held)
    named = names.setdefault(appointment.number, detail)
    return (
        key_of(entry["slot"]) == appointment.slot
        and people.get(appointment.applicant) == entry["person"]
        and (
            appointment.hold_ends_at == instant_of(entry["until"])
            if is_hold
            else appointment.changed_at == one.earliest or (kind == "moved" and not entry["moved"])
        )
        and appointment.moves == entry["moves"]
        and named == detail
        and list(names.values()).count(detail) == 1
    )


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
    assert has_an_order(history)
    for what, mutant in mutants(history):
        if not lost or names_only_received_numbers(mutant):
            assert isinstance(found(mutant), Linearizable) == has_an_order(mutant), what
