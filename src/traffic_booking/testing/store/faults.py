"""A connection that breaks: an error of ours, a change whole or not at all, a repeated request that learns which."""

import traceback
from collections.abc import Callable

from traffic_booking.domain.changes import Committed, Conflict, Guard
from traffic_booking.domain.errors import StoreError
from traffic_booking.ports.store import Store
from traffic_booking.testing.sample_changes import (
    ME,
    booking,
    facts_of,
    number,
    seats_taken,
    slot,
    standing_of,
)
from traffic_booking.testing.store.base import Failing, StoreCases
from traffic_booking.testing.suite import case

STEPS = 24


def fault_met(store: Store, failing: Failing, use: Callable[[], object]) -> StoreError:
    """The error of the library that `use` ends with on a connection whose very next step fails."""
    try:
        with failing(store, 0):
            use()
    except StoreError as error:
        return error
    raise AssertionError(
        "under failing(store, 0) nothing was raised; expected a StoreError: the connection's next step has to fail, "
        "and neither the driver nor the store may try again in silence"
    )


class FaultCases(StoreCases):
    """With the fixture `failing`, by which a store's author breaks its connection after so many steps."""

    @case(means="failing")
    def test_a_change_that_a_fault_met_is_written_whole_or_not_at_all(self, store: Store, failing: Failing) -> None:
        failed = 0
        for steps in range(STEPS):
            change = booking(steps, at=slot(steps), standing=standing_of(store).version)
            try:
                with failing(store, steps):
                    assert list(store.commit([change])) == [Committed()]
            except StoreError:
                failed += 1
            facts = facts_of(store, at=slot(steps), request_id=f"request-{steps}")
            whole = facts.answer is not None
            assert facts.taken == {slot(steps): int(whole)}
            assert (store.appointment(number(steps)) is not None) == whole
            assert len(store.history(number(steps))) == whole
            again = Conflict(guard=Guard.REQUEST, answer=change.answer) if whole else Committed()
            assert list(store.commit([change])) == [again]
            assert seats_taken(store, slot(steps)) == 1
        assert failed, f"none of failing(store, 0) to failing(store, {STEPS - 1}) broke a commit; choose smaller steps"

    @case(means="failing")
    def test_a_fault_is_an_error_of_the_library_that_names_nobody(self, store: Store, failing: Failing) -> None:
        store.commit([booking(1)])
        store.set_password_hash(ME, "a-hash-of-somebody")
        fault = fault_met(store, failing, lambda: store.commit([booking(2, at=slot(2), standing=1)]))
        shown = "".join(traceback.format_exception(fault))
        assert ME.reveal() not in shown
        assert "a-hash-of-somebody" not in shown

    @case(means="failing")
    def test_a_fault_while_reading_is_an_error_of_the_library_and_passes(self, store: Store, failing: Failing) -> None:
        store.commit([booking(1)])
        assert facts_of(store).taken == {slot(): 1}
        fault_met(store, failing, lambda: facts_of(store))
        assert facts_of(store).taken == {slot(): 1}
