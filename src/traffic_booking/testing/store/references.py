"""Nothing live is handed out: what was read stays as it was, and changing it changes nothing stored."""

from contextlib import suppress
from typing import Any

from traffic_booking.domain.slots import Taken
from traffic_booking.ports.store import Store
from traffic_booking.testing.sample_changes import (
    FAR_AHEAD,
    ME,
    START,
    about,
    around,
    booking,
    cancelling,
    facts_of,
    held,
    number,
    slot,
    standing_of,
    stored,
    taken_of,
)
from traffic_booking.testing.store.base import StoreCases


def emptied(read: Any) -> None:
    """Take everything out of what a store handed out, where that can be done at all."""
    with suppress(AttributeError, TypeError):
        read.clear()


class ReferenceCases(StoreCases):
    """Readers and the store share nothing that can change."""

    def test_what_was_read_stays_as_it_was(self, store: Store) -> None:
        store.commit([held(1)])
        facts, standing, found = facts_of(store), standing_of(store), store.appointments_of(ME, limit=9)
        holds, seats = store.lapsed(by=FAR_AHEAD), store.taken([around(slot())], lapsed_by=START)
        events = store.history(number(1))
        store.commit([cancelling(stored(store, 1), standing=0)])
        assert facts.taken == {slot(): 1}
        assert standing.appointments == tuple(found)
        assert len(found) == len(holds) == len(events) == 1
        assert seats == {slot(): Taken(1, 0)}

    def test_changing_what_was_read_changes_nothing_stored(self, store: Store) -> None:
        change = booking(1)
        store.commit([change, held(2, at=slot(2))])
        queries = [about(ME, slots=(slot(),))]
        emptied(store.facts(queries)[0].taken)
        for read in (
            store.facts(queries),
            store.taken([around(slot())], lapsed_by=START),
            store.lapsed(by=FAR_AHEAD),
            store.appointments_of(ME, limit=9),
            store.history(number(1)),
        ):
            emptied(read)
        assert facts_of(store).taken == {slot(): 1}
        assert taken_of(store, slot()) == Taken(1)
        assert len(store.lapsed(by=FAR_AHEAD)) == 1
        assert len(store.appointments_of(ME, limit=9)) == 2
        assert list(store.history(number(1))) == list(change.events)

    def test_changing_what_was_passed_in_changes_nothing_stored(self, store: Store) -> None:
        changes = [booking(1)]
        results = store.commit(changes)
        changes.clear()
        emptied(results)
        assert stored(store, 1).applicant == ME
