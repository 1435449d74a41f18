"""A store that is pruned or used during its verification is sound, before any of the reads; half a removal is found."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from tests.bookings import number, slot
from tests.cases import CLERK, DAY
from tests.desks import open_desk
from tests.maintained import erase
from tests.one_slot import requests_read
from tests.people import ME
from tests.small_town import RETENTION
from tests.unit.test_verifying import used
from traffic_booking import System, Verification
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.application._sync import verifying
from traffic_booking.domain.audit.feed import FeedPosition
from traffic_booking.persistence.keys import stream_of_appointment
from traffic_booking.persistence.schema import ANSWERS, APPOINTMENTS
from traffic_booking.ports.primitives import (
    Delete,
    EntriesOfStreams,
    LogPage,
    Query,
    RecordsByIndex,
    RecordsByKey,
    Span,
    StoreChange,
)

pytestmark = pytest.mark.long

SYSTEM = System()


class Meddled:
    """A store in front of another: `meddle` is called before the read, of records or of the feed, at place `at`."""

    def __init__(self, store: MemoryStore, at: int, meddle: Callable[[], object]) -> None:
        self._store = store
        self._at = at
        self._meddle = meddle
        self.reads: list[Sequence[Query] | None] = []
        """The queries of each read, None if it was one of the feed."""

    def read(self, queries: Sequence[Query]) -> Sequence[Any]:
        self._before(queries)
        return self._store.read(queries)

    def feed(self, after: FeedPosition, *, limit: int) -> LogPage:
        self._before(None)
        return self._store.feed(after, limit=limit)

    def _before(self, queries: Sequence[Query] | None) -> None:
        if len(self.reads) == self._at:
            self._meddle()
        self.reads.append(queries)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def verified(at: int, meddle: Callable[[MemoryStore, Any], object]) -> tuple[Verification, Meddled]:
    """The report of `verify` on a store all of which may be pruned, if `meddle` is called before the read at `at`."""
    store = MemoryStore()
    clock = used(store).clock
    clock.advance(RETENTION.appointments + 3 * DAY)
    other = open_desk(store=store, clock=clock)
    other.cancel(number(1), by=ME, request_id="kept")
    meddled = Meddled(store, at, lambda: meddle(store, other))
    reader: Any = meddled
    return open_desk(store=reader, clock=clock).audit.verify(), meddled


def at_each_read(meddle: Callable[[MemoryStore, Any], object]) -> Iterator[tuple[int, Verification]]:
    """The reports of `verify` if `meddle` is called before its first read, its second, and so on to its last."""
    at = 0
    while True:
        report, meddled = verified(at, meddle)
        if len(meddled.reads) <= at:
            return
        yield at, report
        at += 1


def pruned(store: MemoryStore, desk: Any) -> None:
    assert desk.maintenance.prune(by=SYSTEM)["appointments"] == 8


def back_after_erasure(store: MemoryStore, desk: Any) -> None:
    assert erase(desk, ME, by=CLERK)
    desk.cancel(number(1), by=ME, request_id="back")


def back_after_pruning(store: MemoryStore, desk: Any) -> None:
    desk.clock.advance(RETENTION.persons)
    pruned(store, desk)
    desk.cancel(number(1), by=ME, request_id="back")


@pytest.mark.parametrize("page", [3, 200])
@pytest.mark.parametrize("meddle", [pruned, back_after_erasure, back_after_pruning])
def test_nothing_is_found_whatever_is_removed_between_two_reads(meddle, page, monkeypatch):
    monkeypatch.setattr(verifying, "PAGE", page)
    found = [(at, report.broken) for at, report in at_each_read(meddle) if report.broken]
    assert found == []


def test_an_appointment_that_a_standing_leaves_out_since_it_is_over_is_no_fault():
    for at in range(20):
        store = MemoryStore()
        desk: Any = open_desk(store=store)
        booked = desk.book(slot(25), applicant=ME, agreed=True, request_id="first")
        desk.clock.move_to(booked.appointment.slot.starts_at)
        desk.gate.check_in(booked.appointment.number, by=CLERK, request_id="came")

        def later(desk: Any = desk) -> None:
            desk.clock.advance(DAY / 12)
            assert desk.book(slot(49), applicant=ME, agreed=True, request_id="second")

        reader: Any = Meddled(store, at, later)
        assert open_desk(store=reader, clock=desk.clock).audit.verify().broken == ()
        assert len(reader.reads) > at


def first_row(store: MemoryStore, collection: str) -> Any:
    return store.read([RecordsByIndex(collection, None, [Span()], limit=1)])[0][0][0]


def without_its_row(store: MemoryStore, desk: Any) -> None:
    row = first_row(store, APPOINTMENTS.name)
    assert store.commit([StoreChange(deletes=(Delete(APPOINTMENTS.name, row[0], row[1]),))]) == [None]


def without_its_events(store: MemoryStore, desk: Any) -> None:
    row = first_row(store, APPOINTMENTS.name)
    assert store.commit([StoreChange(trims=(stream_of_appointment(row[0]),))]) == [None]


def without_an_answer(store: MemoryStore, desk: Any) -> None:
    row = store.read([RecordsByKey(ANSWERS.name, ["booked-anew"])])[0][0]
    assert store.commit([StoreChange(deletes=(Delete(ANSWERS.name, row[0], row[1]),))]) == [None]


def last_that_compares(meddle: Callable[..., object]) -> int:
    """The last read before which a missing half is not reported."""
    reads = verified(-1, pruned)[1].reads
    if meddle is without_an_answer:  # answers are read behind the events that name their requests
        return next(place for place, queries in enumerate(reads) if queries and requests_read(queries))
    return next(place for place, queries in enumerate(reads) if queries and _reads_events(queries))


def _reads_events(queries: Sequence[Query]) -> bool:
    return any(isinstance(query, EntriesOfStreams) for query in queries)


@pytest.mark.parametrize("meddle", [without_its_row, without_its_events, without_an_answer])
def test_half_of_an_appointment_that_is_removed_between_two_reads_is_found(meddle):
    """The negative control of the test above."""
    found = [at for at, report in at_each_read(meddle) if report.broken]
    last = last_that_compares(meddle)
    assert last > 3
    assert found[: last + 1] == list(range(last + 1))
