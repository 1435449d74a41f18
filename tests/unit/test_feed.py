"""The feed of a desk: everything that happened, once and in order, page by page."""

import asyncio
from datetime import date

import pytest

from tests.async_desk import SteppedStore, small_async_desk
from tests.bookings import slot
from tests.calendars import order
from tests.cases import CLERK, MINUTE
from tests.desks import open_desk
from tests.maintained import STORES
from tests.people import ME, YOU
from tests.small_town import START, small_catalogue
from traffic_booking import Booked, InvalidInput, StoreUnreadable
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.domain.appointments.events import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentHeld,
    AppointmentMoved,
)
from traffic_booking.domain.audit.feed import BEGINNING, FeedPosition
from traffic_booking.domain.decisions.outcomes import RequestRefused
from traffic_booking.domain.people.applicants import PersonRegistered
from traffic_booking.domain.schedule.entries import CalendarEntry
from traffic_booking.ports.store import Store

EARLY, LATE = slot(25), slot(49)
KINDS = [
    PersonRegistered,
    AppointmentHeld,
    AppointmentBooked,
    PersonRegistered,
    RequestRefused,
    AppointmentMoved,
    CalendarEntry,
    RequestRefused,
    AppointmentCancelled,
]


def use(desk):
    """A desk after one event of each kind: the number of the appointment, and the declared calendar entry."""
    held = desk.hold(EARLY, applicant=ME, request_id="held")
    desk.clock.advance(MINUTE)
    number = desk.book(held, applicant=ME, agreed=True, request_id="booked").appointment.number
    desk.book(EARLY, applicant=YOU, agreed=True, request_id="full")
    desk.clock.advance(MINUTE)
    desk.move(number, LATE, by=ME, request_id="moved")
    entry = desk.calendar.declare(order(date(2027, 1, 3)), reason="leave", by=CLERK, request_id="declared").entry
    desk.cancel(number, by=YOU, request_id="not-theirs")
    desk.clock.advance(MINUTE)
    desk.cancel(number, by=ME, request_id="cancelled")
    return number, entry


@pytest.fixture(params=STORES)
def desk(request, tmp_path):
    store: Store
    match request.param:
        case "memory":
            store = MemoryStore()
        case "sqlite":
            store = SqliteStore(tmp_path / "bookings.db")
        case _:
            from traffic_booking.adapters.postgres import PostgresStore

            store = PostgresStore(request.getfixturevalue("postgres_url"))
    with open_desk(small_catalogue(), store=store) as made:
        yield made


def test_everything_that_happened_is_there_once_and_in_order(desk):
    number, declared = use(desk)
    page = desk.feed()
    assert [type(entry.what) for entry in page.entries] == KINDS
    assert [entry.what for entry in page.entries if entry.number == number and not _is_refusal(entry)] == list(
        desk.audit.history(number, by=ME)
    )
    assert page.entries[6].what == declared
    positions = [entry.position for entry in page.entries]
    assert positions == sorted(set(positions))
    assert positions[0] > BEGINNING
    assert page.complete_until >= positions[-1]


def test_each_entry_has_its_instant_and_the_number_that_it_is_about(desk):
    number, _ = use(desk)
    entries = desk.feed().entries
    minutes = [(entry.instant - START) / MINUTE for entry in entries]
    assert minutes == [0, 0, 1, 1, 1, 2, 2, 2, 3]
    assert [entry.number for entry in entries] == [None, number, number, None, None, number, None, number, number]


def test_a_refusal_has_its_actor_its_request_and_the_broken_rules(desk):
    number, _ = use(desk)
    full, not_theirs = (entry.what for entry in desk.feed().entries if _is_refusal(entry))
    assert (full.request_id, full.number, full.rulebook) == ("full", None, "test-1")
    assert desk.person_of(full.actor.subject, by=CLERK) == YOU
    assert tuple(full.broken.broken) == ("BK-05",)
    assert (not_theirs.request_id, not_theirs.number) == ("not-theirs", number)
    assert tuple(not_theirs.broken.broken) == ("CN-01",)


def test_a_request_that_is_sent_again_makes_no_entry(desk):
    use(desk)
    before = desk.feed()
    desk.book(EARLY, applicant=YOU, agreed=True, request_id="full")
    assert desk.feed() == before


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_pages_follow_each_other_by_the_last_position(desk, limit):
    use(desk)
    read, after = [], BEGINNING
    while entries := desk.feed(after=after, limit=limit).entries:
        assert len(entries) <= limit
        read += entries
        after = entries[-1].position
    assert read == list(desk.feed().entries)
    page = desk.feed(after=after)
    assert page.entries == ()
    assert page.complete_until >= after


def test_a_reader_that_has_read_all_gets_what_comes_later(desk):
    use(desk)
    read = desk.feed().complete_until
    assert desk.feed(after=read).entries == ()
    later = desk.book(EARLY, applicant=YOU, agreed=True, request_id="later").appointment.number
    (entry,) = desk.feed(after=read).entries
    assert (type(entry.what), entry.number) == (AppointmentBooked, later)


def test_the_feed_of_an_empty_store_is_empty(desk):
    assert desk.feed().entries == ()


@pytest.mark.parametrize(("limit", "accepted"), [(0, False), (-1, False), (1, True), (10_000, True), (10_001, False)])
def test_how_much_is_read_at_once_is_bounded(desk, limit, accepted):
    if accepted:
        assert desk.feed(limit=limit).entries == ()
    else:
        with pytest.raises(InvalidInput, match="limit"):
            desk.feed(limit=limit)


def test_a_position_that_the_store_has_not_reached_is_an_error(desk):
    use(desk)
    generation, place = desk.feed().complete_until
    for ahead in (FeedPosition(generation, place + 1_000_000), FeedPosition(generation + 1, 0)):
        with pytest.raises(StoreUnreadable, match="position"):
            desk.feed(after=ahead)


def test_a_desk_for_asyncio_has_the_same_feed():
    async def work():
        store = SteppedStore()
        async with small_async_desk(store) as desk:
            booked = await desk.book(EARLY, applicant=ME, agreed=True, request_id="booked")
            assert isinstance(booked, Booked)
            await desk.book(EARLY, applicant=YOU, agreed=True, request_id="full")
            first = await desk.feed(limit=2)
            _, entry = first.entries
            assert entry.number == booked.appointment.number
            rest = await desk.feed(after=entry.position)
            with pytest.raises(StoreUnreadable):
                await desk.feed(after=FeedPosition(9, 9))
            with pytest.raises(InvalidInput, match="limit"):
                await desk.feed(limit=0)
        with open_desk(store=store.kept) as blocking:
            assert blocking.feed().entries == (*first.entries, *rest.entries)
        return [type(each.what) for each in (*first.entries, *rest.entries)]

    assert asyncio.run(work()) == [PersonRegistered, AppointmentBooked, PersonRegistered, RequestRefused]


def _is_refusal(entry):
    return isinstance(entry.what, RequestRefused)
