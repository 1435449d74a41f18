"""A connection that breaks: an error of ours, a change whole or not at all, a repeated request that learns which."""

import traceback

import pytest

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
        assert failed, "the fixture failing broke nothing"

    @case(means="failing")
    def test_a_fault_is_an_error_of_the_library_that_names_nobody(self, store: Store, failing: Failing) -> None:
        store.commit([booking(1)])
        store.set_password_hash(ME, "a-hash-of-somebody")
        with pytest.raises(StoreError) as raised, failing(store, 0):
            store.commit([booking(2, at=slot(2), standing=1)])
        shown = "".join(traceback.format_exception(raised.value))
        assert ME.reveal() not in shown
        assert "a-hash-of-somebody" not in shown

    @case(means="failing")
    def test_a_fault_while_reading_is_an_error_of_the_library_and_passes(self, store: Store, failing: Failing) -> None:
        store.commit([booking(1)])
        assert facts_of(store).taken == {slot(): 1}
        with pytest.raises(StoreError), failing(store, 0):
            facts_of(store)
        assert facts_of(store).taken == {slot(): 1}
