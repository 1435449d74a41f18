"""The checker's results for expired holds, killed callers and repeated requests: small handmade histories."""

import pytest
from attrs import evolve as copy_with

from tests.cases import CLERK
from tests.made_histories import OFFERED, RULEBOOK, SLOTS, granted, instant_of, key_of, number_of, person_of, refused
from traffic_booking import InvalidInput, Pool
from traffic_booking.domain.appointments.commands import BookSlot, CancelAppointment, CheckInApplicant, HoldSlot
from traffic_booking.domain.text_input import RequestId
from traffic_booking.testing.histories.check import check_history, explain_finding
from traffic_booking.testing.histories.history import ExpireHolds, History, HoldsEnded, Operation
from traffic_booking.testing.histories.linearizability import Linearizable, NotLinearizable, Undecided

FIRST, SECOND = SLOTS[0], SLOTS[1]
"""For two services at the same time and branch."""
POOLED = [copy_with(slot, pool=Pool("counters", 5)) for slot in OFFERED]
"""The same slots, if the services of each branch share seats."""


def hold(person=0, slot=FIRST, request_id="r-hold"):
    return HoldSlot(request_id=request_id, actor=person_of(person), applicant=person_of(person), slot=key_of(slot))


def book(person=0, slot=FIRST, request_id=None):
    applicant = person_of(person)
    name = RequestId(request_id or f"r-book-{person}")
    return BookSlot(request_id=name, actor=applicant, applicant=applicant, slot=key_of(slot), agreed=True)


def cancel(serial=1, actor=None, request_id="r-cancel"):
    return CancelAppointment(request_id=request_id, actor=actor or person_of(0), number=number_of(serial))


def check_in(serial=1):
    return CheckInApplicant(request_id=RequestId("r-check-in"), actor=CLERK, number=number_of(serial))


def held(requested, serial=1, *, at=0, person=0, slot=FIRST):
    return granted(requested, serial, at, person=person, slot=slot)


booked = cancelled = held


def op(requested, result, span, clock=(0, 0)):
    """An operation over that span of nanoseconds, while the clock goes from one minute to the other."""
    (invoked, ended), (earliest, latest) = span, clock
    return Operation(
        client="by-hand",
        requested=requested,
        invoked=invoked,
        earliest=instant_of(earliest),
        ended=ended,
        latest=None if ended is None else instant_of(latest),
        result=result,
    )


def finding(*operations, offered=OFFERED, **options):
    return check_history(History.of(operations), offered, RULEBOOK, **options)


def is_right(*operations, offered=OFFERED):
    found = finding(*operations, offered=offered)
    assert not isinstance(found, Undecided)
    return isinstance(found, Linearizable)


def held_by_0(span=(0, 1)):
    return op(hold(), held(hold()), span)


def test_a_hold_that_ran_out_has_no_seat():
    wanted = book(1)
    assert not is_right(held_by_0(), op(wanted, refused("BK-05"), (10, 11), (10, 10)))
    assert is_right(held_by_0(), op(wanted, booked(wanted, 2, at=10, person=1), (10, 11), (10, 10)))
    assert is_right(held_by_0(), op(wanted, refused("BK-05"), (10, 11), (9, 9)))
    assert not is_right(held_by_0(), op(wanted, booked(wanted, 2, at=9, person=1), (10, 11), (9, 9)))


def test_while_the_clock_is_moved_a_hold_may_count_or_not():
    wanted = book(1)
    meanwhile = (9, 11)
    assert is_right(held_by_0(), op(wanted, refused("BK-05"), (10, 20), meanwhile))
    assert is_right(held_by_0(), op(wanted, booked(wanted, 2, at=11, person=1), (10, 20), meanwhile))


def test_a_hold_that_runs_out_is_booked_or_its_seat_is_somebody_elses_and_never_both():
    mine, yours = book(0), book(1)
    in_time = op(mine, booked(mine, 1, at=9), (10, 30), (9, 11))
    too_late = op(mine, refused("BK-05"), (10, 30), (9, 11))
    got_it = op(yours, booked(yours, 2, at=11, person=1), (20, 21), (11, 11))
    got_nothing = op(yours, refused("BK-05"), (20, 21), (11, 11))

    assert is_right(held_by_0(), in_time, got_nothing)
    assert is_right(held_by_0(), too_late, got_it)
    assert not is_right(held_by_0(), in_time, got_it)
    assert not is_right(held_by_0(), too_late, got_nothing)


def test_a_holder_may_find_a_hold_gone_before_its_end_by_their_own_clock():
    sweep = op(ExpireHolds(10), HoldsEnded(1), (15, 16), (11, 11))
    given_back = cancel()
    late = op(given_back, refused("CN-02"), (10, 30), (9, 11))
    assert is_right(held_by_0(), sweep, late)
    assert not is_right(held_by_0(), op(given_back, refused("CN-02"), (10, 30), (9, 9)))


def test_a_killed_caller_may_have_got_the_seat_or_not():
    lost = op(book(0), None, (0, None))
    wanted = book(1)
    gone = op(wanted, refused("BK-05"), (10, 11))
    assert is_right(lost, gone)
    assert is_right(lost, op(wanted, booked(wanted, 2, person=1), (10, 11)))
    assert not is_right(gone)
    assert not is_right(lost, gone, op(wanted, booked(wanted, 2, person=1), (20, 21)))


def test_the_request_of_a_killed_caller_was_executed_before_the_end_of_its_process_or_never():
    lost = op(book(0), None, (0, None))
    wanted, again = book(1), book(2)
    free = op(wanted, booked(wanted, 2, person=1), (10, 11))
    given_back = cancel(2, person_of(1))
    freed = op(given_back, cancelled(given_back, 2, person=1), (20, 21))
    seats_taken = op(again, refused("BK-05"), (30, 31))
    history = History.of([lost, free, freed, seats_taken])
    assert isinstance(check_history(history, OFFERED, RULEBOOK), Linearizable)
    over = history.over_by(9, instant_of(0))
    assert [operation.ended for operation in over.operations] == [9, 11, 21, 31]
    assert isinstance(check_history(over, OFFERED, RULEBOOK), NotLinearizable)


@pytest.mark.parametrize("request_id", ["r-book-0", "another"])
def test_a_lost_booking_is_requested_again(request_id):
    lost = op(book(0), None, (0, None))
    again = book(0, request_id=request_id)
    assert is_right(lost, op(again, booked(again, 1), (10, 11)))
    assert is_right(lost, op(again, refused("BK-05", "BK-07", "BK-09"), (10, 11))) == (request_id == "another")


def test_a_lost_hold_becomes_the_booking():
    lost = op(hold(), None, (0, None))
    mine, yours = book(0), book(1)
    seats_taken = op(yours, refused("BK-05"), (10, 11))
    assert is_right(
        lost, seats_taken, op(mine, booked(mine, 7), (20, 21)), op(cancel(7), cancelled(cancel(7), 7), (30, 31))
    )
    assert is_right(lost, seats_taken, op(hold(request_id="r-2"), held(hold(), 7), (20, 21)))


def test_an_appointment_without_a_received_answer_is_cancelled_from_a_list():
    lost = op(book(0), None, (0, None))
    wanted = book(1)
    gone = op(wanted, refused("BK-05"), (10, 11))
    freed = op(cancel(3), cancelled(cancel(3), 3), (20, 21))
    assert is_right(lost, gone, freed, op(cancel(3, request_id="r-2"), refused("CN-02"), (30, 31)))
    assert not is_right(freed)


def test_the_same_request_gets_the_same_answer():
    wanted = book(0)
    first, same = op(wanted, booked(wanted, 1), (0, 1)), op(wanted, booked(wanted, 1), (20, 21))
    freed = op(cancel(), cancelled(cancel()), (10, 11))
    assert is_right(first, freed, same)
    assert not is_right(first, freed, op(wanted, booked(wanted, 2), (20, 21)))
    assert not is_right(first, freed, op(wanted, refused("BK-05"), (20, 21)))
    assert is_right(first, op(wanted, None, (5, 6)), freed, same)


def test_the_same_request_sent_twice_at_once_books_once():
    wanted, other = book(0), book(1)
    twice = [op(wanted, booked(wanted, 1), (0, 10)), op(wanted, booked(wanted, 1), (1, 9))]
    assert is_right(*twice, op(other, refused("BK-05"), (20, 21)))
    assert not is_right(*twice, op(other, booked(other, 2, person=1), (20, 21)))


def test_one_person_can_not_have_two_bookings_for_a_service_in_any_order():
    one, other = book(0), book(0, SLOTS[3], "r-2")
    got = op(one, booked(one, 1), (0, 10))
    assert is_right(got, op(other, refused("BK-07"), (0, 10)))
    assert not is_right(got, op(other, booked(other, 2, slot=SLOTS[3]), (0, 10)))


def test_a_checked_in_appointment_is_not_cancelled():
    wanted = book(0)
    here = [op(wanted, booked(wanted), (0, 1)), op(check_in(), booked(check_in()), (2, 3))]
    assert is_right(*here, op(cancel(), refused("CN-02"), (4, 5)))
    assert not is_right(*here, op(cancel(), cancelled(cancel()), (4, 5)))


def test_somebody_elses_appointment_and_none_at_all_are_refused_alike():
    wanted = book(0)
    theirs = op(wanted, booked(wanted), (0, 1))
    assert is_right(theirs, op(cancel(actor=person_of(1)), refused("CN-01"), (2, 3)))
    assert is_right(op(cancel(), refused("CN-01"), (2, 3)))
    assert is_right(theirs, op(cancel(), refused("CN-01"), (0, 3)))
    assert not is_right(theirs, op(cancel(), refused("CN-01"), (2, 3)))
    assert not is_right(op(cancel(), refused("CN-02"), (2, 3)))


@pytest.mark.parametrize(
    "result",
    [
        refused(),
        held(hold(), 1),
        booked(book(0), 1, slot=SECOND),
        booked(book(0), 1, person=1),
        booked(book(0), 1, at=1),
    ],
    ids=["no rule", "another verb", "another slot", "another person", "decided at another time"],
)
def test_an_answer_that_fits_no_desk_is_wrong_at_once(result):
    assert not is_right(op(book(0), result, (0, 1)))


def test_services_of_a_pool_share_their_seats():
    theirs = book(1, SECOND)
    first = op(book(0), booked(book(0), 1), (0, 1))
    both = first, op(theirs, booked(theirs, 2, person=1, slot=SECOND), (2, 3))
    one = first, op(theirs, refused("BK-05"), (2, 3))
    assert is_right(*both)
    assert not is_right(*both, offered=POOLED)
    assert is_right(*one, offered=POOLED)
    assert not is_right(*one)
    elsewhere = book(1, SLOTS[3])
    assert is_right(first, op(elsewhere, booked(elsewhere, 2, person=1, slot=SLOTS[3]), (2, 3)), offered=POOLED)


def test_a_hold_that_ran_out_gives_its_seat_to_another_service_of_the_pool():
    theirs = book(1, SECOND)
    late = op(theirs, booked(theirs, 2, at=10, person=1, slot=SECOND), (10, 11), (10, 10))
    assert is_right(held_by_0(), late, offered=POOLED)
    assert not is_right(held_by_0(), op(theirs, refused("BK-05"), (10, 11), (10, 10)), offered=POOLED)
    assert is_right(held_by_0(), op(theirs, refused("BK-05"), (10, 11), (9, 9)), offered=POOLED)
    in_time = op(book(0), booked(book(0), 1, at=9), (10, 30), (9, 11))
    got_it = op(theirs, booked(theirs, 2, at=11, person=1, slot=SECOND), (20, 21), (11, 11))
    assert not is_right(held_by_0(), in_time, got_it, offered=POOLED)


def test_a_number_is_given_out_once():
    wanted = book(1, SECOND)
    booking = op(book(0), booked(book(0), 1), (0, 1))
    assert is_right(booking, op(wanted, booked(wanted, 2, person=1, slot=SECOND), (2, 3)))
    assert not is_right(booking, op(wanted, booked(wanted, 1, person=1, slot=SECOND), (2, 3)))


def test_parts_that_have_nothing_in_common_are_searched_one_by_one():
    operations = []
    for person, slot in enumerate(SLOTS):
        wanted = book(person, slot)
        operations.append(op(wanted, booked(wanted, person + 1, person=person, slot=slot), (0, 10)))
    found = finding(*operations)
    assert isinstance(found, Linearizable)
    assert found.order == (0, 1, 2, 3)
    alone = book(9)
    stuck = finding(*operations, op(alone, booked(alone, 9, person=9), (20, 21)))
    assert isinstance(stuck, NotLinearizable)
    assert (stuck.stuck, stuck.order) == (4, (0,))


def test_a_used_up_budget_is_no_answer():
    operations = [op(book(person), booked(book(person), person + 1, person=person), (0, 100)) for person in range(8)]
    found = finding(*operations, budget=3)
    assert isinstance(found, Undecided)
    assert explain_finding(History.of(operations), found) == f"undecided after {found.steps} steps, of 8 operations"
    assert isinstance(finding(*operations), NotLinearizable)


def test_a_fault_is_explained_without_names():
    operations = [
        held_by_0(),
        op(ExpireHolds(5), HoldsEnded(0), (0, 1)),
        op(book(2, SECOND), None, (2000, None)),
        op(cancel(), refused("CN-01"), (3000, 9000)),
        op(book(1), booked(book(1), 2, person=1), (4000, 5000)),
    ]
    history = History.of(operations)
    result = explain_finding(history, check_history(history, OFFERED, RULEBOOK))
    assert result.startswith("not linearizable: 5 operations")
    assert "book north/renewal/22 05:00 for person 2: booked 0010-" in result
    assert "under way beside it" in result
    assert "refused by CN-01" in result
    assert "nobody knows" in result
    assert all(person_of(person).subject not in result for person in range(3))


def test_a_refusal_by_a_rule_that_the_specification_does_not_know_is_misuse():
    with pytest.raises(InvalidInput, match="BK-03"):
        finding(op(book(0), refused("BK-03", "BK-05"), (0, 1)))


def test_a_slot_that_was_not_given_is_misuse():
    with pytest.raises(InvalidInput, match="among `slots`"):
        finding(op(book(0, ("north", "renewal", 61)), refused("BK-05"), (0, 1)))


def test_a_sweep_where_an_outcome_belongs_is_misuse():
    with pytest.raises(InvalidInput, match="HoldsEnded"):
        finding(op(book(0), HoldsEnded(1), (0, 1)))


@pytest.mark.parametrize(
    "changed",
    [{"ended": None}, {"ended": None, "latest": None}, {"invoked": 2}],
    ids=["an end without a time", "an answer without an end", "an end before its beginning"],
)
def test_an_operation_that_can_t_be_is_refused(changed):
    with pytest.raises(InvalidInput):
        copy_with(held_by_0(), **changed)
