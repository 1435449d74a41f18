"""Holds that have run out: counted apart, listed soonest first, and only while they are holds."""

from datetime import timedelta

from traffic_booking.domain.changes import Committed
from traffic_booking.domain.slots import Taken
from traffic_booking.ports.store import Store
from traffic_booking.testing.sample_changes import (
    FAR_AHEAD,
    START,
    TICK,
    YOU,
    booking,
    cancelling,
    confirming,
    expiring,
    held,
    number,
    seats_taken,
    slot,
    stored,
    taken_of,
)
from traffic_booking.testing.store.base import StoreCases

DEFAULT_LIMIT = 100


class HoldCases(StoreCases):
    """Lapsed holds."""

    def test_lapsed_holds_are_counted_apart_from_the_instant_they_end(self, store: Store) -> None:
        store.commit([held(1), held(2, YOU), booking(3, YOU, capacity=9)])
        ends = START + timedelta(minutes=10)
        assert taken_of(store, slot(), lapsed_by=ends - TICK) == Taken(3, 0)
        assert taken_of(store, slot(), lapsed_by=ends) == Taken(3, 2)

    def test_lapsed_holds_are_listed_from_the_instant_they_end(self, store: Store) -> None:
        store.commit([held(1)])
        ends = START + timedelta(minutes=10)
        assert [len(store.lapsed(by=moment)) for moment in (ends - TICK, ends, ends + TICK)] == [0, 1, 1]

    def test_lapsed_holds_come_soonest_first_and_no_more_than_asked_for(self, store: Store) -> None:
        store.commit([held(1, minutes=30), held(3, minutes=10), held(2, minutes=10), held(4, at=slot(2), minutes=20)])
        assert [one.number for one in store.lapsed(by=FAR_AHEAD)] == [number(serial) for serial in (2, 3, 4, 1)]
        assert [one.number for one in store.lapsed(by=FAR_AHEAD, limit=2)] == [number(2), number(3)]
        assert [one.number for one in store.lapsed(by=FAR_AHEAD, slot=slot(), limit=9)] == [
            number(serial) for serial in (2, 3, 1)
        ]
        assert [one.number for one in store.lapsed(by=START + timedelta(minutes=20))] == [
            number(serial) for serial in (2, 3, 4)
        ]

    def test_lapsed_holds_are_a_hundred_unless_asked_for_more(self, store: Store) -> None:
        numbers = range(DEFAULT_LIMIT + 5)
        store.commit([held(serial, at=slot(serial % 2), minutes=serial + 1) for serial in numbers])
        assert len(store.lapsed(by=FAR_AHEAD)) == DEFAULT_LIMIT
        assert len(store.lapsed(by=FAR_AHEAD, limit=10_000)) == DEFAULT_LIMIT + 5
        assert list(store.lapsed(by=FAR_AHEAD, limit=0)) == []

    def test_a_hold_that_was_cancelled_no_longer_lapses(self, store: Store) -> None:
        store.commit([held(1)])
        store.commit([cancelling(stored(store, 1), standing=0)])
        assert list(store.lapsed(by=FAR_AHEAD)) == []

    def test_a_hold_that_was_confirmed_no_longer_lapses_and_keeps_its_seat(self, store: Store) -> None:
        store.commit([held(1)])
        assert list(store.commit([confirming(stored(store, 1), standing=0)])) == [Committed()]
        assert list(store.lapsed(by=FAR_AHEAD)) == []
        assert list(store.lapsed(by=FAR_AHEAD, slot=slot())) == []
        assert taken_of(store, slot(), lapsed_by=FAR_AHEAD) == Taken(1, 0)

    def test_an_expired_hold_gives_its_seat_back_once(self, store: Store) -> None:
        store.commit([held(1), held(2, YOU)])
        assert list(store.commit([expiring(stored(store, 1))])) == [Committed()]
        assert seats_taken(store) == 1
        assert [one.number for one in store.lapsed(by=FAR_AHEAD)] == [number(2)]

    def test_reading_lapsed_holds_ends_none_of_them(self, store: Store) -> None:
        store.commit([held(1)])
        hold = stored(store, 1)
        for _ in range(2):
            assert list(store.lapsed(by=FAR_AHEAD)) == [hold]
            assert taken_of(store, slot(), lapsed_by=FAR_AHEAD) == Taken(1, 1)
        assert stored(store, 1) == hold
