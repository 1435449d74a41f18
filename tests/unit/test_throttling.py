"""Refusals of one actor are throttled: `Throttled` is no stored answer, writes nothing, and affects no other actor."""

import asyncio
from datetime import date, datetime, timedelta

import pytest
from attrs import evolve as copy_with
from hypothesis import given
from hypothesis import strategies as st

from tests.bookings import slot
from tests.calendars import PLAIN, order
from tests.cases import CLERK, MINUTE
from tests.people import ME, YOU
from tests.small_town import RETENTION, START, small_catalogue, small_rulebook
from traffic_booking import (
    AsyncDesk,
    Booked,
    Cancelled,
    Clerk,
    Delegate,
    Desk,
    DeskParts,
    InvalidInput,
    Moved,
    Refused,
    System,
    Throttled,
)
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.numbering import RandomNumbering
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.adapters.threaded import ThreadedStore
from traffic_booking.application import throttling
from traffic_booking.application._sync.batch_execution import execute
from traffic_booking.application.throttling import WINDOW, RefusalThrottle
from traffic_booking.domain.audit.feed import BEGINNING
from traffic_booking.persistence.schema import SCHEMA, SEATS
from traffic_booking.ports.primitives import CountersByRange, KeySpan, RecordsByIndex, Span
from traffic_booking.testing import MovableClock, made_up_applicant, made_up_person

LIMIT = 10
SECOND = timedelta(seconds=1)
TICK = timedelta(microseconds=1)
NO_SLOT = slot(1.01)
"""A slot that no timetable has: every request for it is refused."""
FREE = slot(25)


def parts(store):
    return {
        "store": store,
        "clock": MovableClock(START),
        "catalogue": small_catalogue(capacity=20),
        "rulebook": small_rulebook(),
        "calendar": PLAIN,
        "numbering": RandomNumbering(),
        "tickets": {},
        "retention": copy_with(RETENTION, refusals_per_minute=LIMIT),
    }


@pytest.fixture(params=["memory", "sqlite"])
def store(request, tmp_path):
    return MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "bookings.db")


@pytest.fixture
def desk(store):
    with Desk(DeskParts(**parts(store))) as opened:
        yield opened


def ask(desk, request_id, *, applicant=ME, by=None, at=NO_SLOT):
    return desk.book(at, applicant=applicant, agreed=True, request_id=request_id, by=by)


def use_up(desk, *, applicant=ME, by=None, times=LIMIT, name="refused"):
    """Get that many refusals, one a second."""
    for place in range(times):
        assert isinstance(ask(desk, f"{name}-{place}", applicant=applicant, by=by), Refused)
        desk.clock.advance(SECOND)


def contents(store):
    """All contents of a store."""
    records = [RecordsByIndex(each.name, None, [Span()]) for each in SCHEMA.collections]
    return store.read([*records, CountersByRange(SEATS.name, [KeySpan()])]), store.feed(BEGINNING, limit=10_000)


def test_one_more_refusal_than_the_limit_is_throttled_until_the_first_is_a_minute_ago(desk):
    use_up(desk)
    again = START + MINUTE
    assert ask(desk, "one-more") == Throttled(again)
    desk.clock.move_to(again - TICK)
    assert ask(desk, "one-more") == Throttled(again)
    desk.clock.move_to(again)
    assert isinstance(ask(desk, "one-more"), Refused)
    assert ask(desk, "two-more") == Throttled(again + SECOND)


def test_a_throttled_request_writes_nothing_and_is_decided_afresh_later(desk, store):
    use_up(desk)
    before = contents(store)
    for _ in range(3):
        assert isinstance(ask(desk, "throttled"), Throttled)
    assert contents(store) == before
    desk.clock.advance(MINUTE)
    # The id has no stored answer: another request may even use it now.
    assert isinstance(ask(desk, "throttled", at=FREE), Booked)


def test_a_request_that_would_be_granted_is_not_throttled(desk):
    use_up(desk)
    booked = ask(desk, "granted", at=FREE)
    assert isinstance(booked, Booked)
    assert isinstance(ask(desk, "refused-still"), Throttled)
    assert isinstance(desk.cancel(booked.appointment.number, by=ME, request_id="cancelled"), Cancelled)


def test_an_answered_request_that_is_sent_again_gets_its_answer(desk):
    first = ask(desk, "refused-first")
    granted = ask(desk, "granted", at=FREE)
    use_up(desk, times=LIMIT - 1)
    assert isinstance(ask(desk, "throttled"), Throttled)
    assert ask(desk, "refused-first") == first
    assert ask(desk, "granted", at=FREE) == granted


def test_requests_that_get_their_answer_again_count_once(desk):
    for _ in range(3 * LIMIT):
        assert isinstance(ask(desk, "the-same"), Refused)
    use_up(desk, times=LIMIT - 1)
    assert isinstance(ask(desk, "throttled"), Throttled)


def test_others_are_left_alone(desk):
    use_up(desk)
    assert isinstance(ask(desk, "yours", applicant=YOU), Refused)
    assert isinstance(ask(desk, "of-staff", by=CLERK), Refused)
    assert isinstance(ask(desk, "throttled"), Throttled)


def test_a_delegate_counts_as_the_person_who_acts(desk):
    until = START + timedelta(days=1)
    clients = [made_up_person(serial) for serial in range(10, 10 + LIMIT + 1)]
    acting = [Delegate(person=ME, applicant=client, services=["renewal"], until=until) for client in clients]
    for place in range(LIMIT):
        assert isinstance(ask(desk, f"for-{place}", applicant=clients[place], by=acting[place]), Refused)
    assert isinstance(ask(desk, "for-one-more", applicant=clients[-1], by=acting[-1]), Throttled)
    assert isinstance(ask(desk, "for-oneself"), Throttled)
    assert isinstance(ask(desk, "the-client", applicant=clients[0]), Refused)


def test_a_clerk_is_throttled_whoever_the_applicants_are(desk):
    use_up(desk, by=CLERK)
    assert isinstance(ask(desk, "of-the-same", applicant=YOU, by=CLERK), Throttled)
    assert isinstance(ask(desk, "of-another", by=Clerk("counter-4")), Refused)


def test_a_clerk_and_a_person_of_the_same_name_are_counted_separately():
    throttle = RefusalThrottle(1)
    applicant = made_up_applicant(1)
    assert throttle.admit(Clerk(applicant.subject.lower()), START) is None
    assert throttle.admit(applicant, START) is None


def test_the_library_itself_is_never_throttled(desk):
    use_up(desk, by=System(), times=2 * LIMIT)
    assert isinstance(ask(desk, "once-more", by=System()), Refused)


@pytest.mark.parametrize("verb", ["hold", "book", "cancel", "move", "check in", "declare"])
def test_every_verb_is_throttled_and_counted(desk, verb):
    number = ask(desk, "mine", at=FREE).appointment.number

    def request(name):
        match verb:
            case "hold":
                return desk.hold(NO_SLOT, applicant=YOU, request_id=name)
            case "book":
                return ask(desk, name, applicant=YOU)
            case "cancel":
                return desk.cancel(number, by=YOU, request_id=name)
            case "move":
                return desk.move(number, FREE, by=YOU, request_id=name)
            case "check in":
                return desk.gate.check_in(number, by=YOU, request_id=name)
            case _:
                return desk.calendar.declare(order(date(2027, 1, 3)), reason="leave", by=YOU, request_id=name)

    assert [type(request(f"{place}")) for place in range(LIMIT + 1)] == [Refused] * LIMIT + [Throttled]
    assert isinstance(ask(desk, "another-verb", applicant=YOU), Throttled)


def test_a_person_who_was_not_registered_counts_as_the_same_one_later(desk):
    assert isinstance(ask(desk, "first", applicant=YOU), Refused)
    use_up(desk, applicant=YOU, times=LIMIT - 1)
    assert isinstance(ask(desk, "one-more", applicant=YOU), Throttled)


def test_deciding_without_doing_is_neither_throttled_nor_counted(desk):
    for _ in range(3 * LIMIT):
        assert desk.what_if().book(NO_SLOT, applicant=ME, agreed=True).refused
    use_up(desk)
    assert desk.what_if().book(NO_SLOT, applicant=ME, agreed=True).refused
    assert desk.what_if().book(FREE, applicant=ME, agreed=True)


@pytest.mark.parametrize("size", [LIMIT - 1, LIMIT, LIMIT + 1, 3 * LIMIT])
def test_refusals_of_one_batch_count_before_they_are_written(desk, size):
    ask(desk, "registered")
    desk.clock.advance(MINUTE)
    requests = [
        desk._office.requests.book(NO_SLOT, applicant=ME, agreed=True, request_id=f"{place}", by=None, assertions=None)
        for place in range(size)
    ]
    execute(desk._office.book, desk.clock, desk._office.configuration, desk._office.throttle, requests)
    assert [type(each.result()) for each in requests] == [Refused] * min(size, LIMIT) + [Throttled] * (size - LIMIT)
    assert all(each.result() == Throttled(desk.clock.now() + MINUTE) for each in requests[LIMIT:])


def test_requests_of_a_batch_that_is_not_written_do_not_count(desk, store):
    ask(desk, "registered")
    desk.clock.advance(MINUTE)

    class Failing:
        def __getattr__(self, name):
            return getattr(store, name)

        def commit(self, _changes):
            raise OSError("a full disk")

    failing = Desk(DeskParts(**parts(Failing())))
    failing._office.throttle = desk._office.throttle
    for place in range(2 * LIMIT):
        with pytest.raises(OSError, match="full disk"):
            ask(failing, f"lost-{place}")
    use_up(desk)


def test_a_desk_for_asyncio_throttles_alike():
    async def work():
        desk = AsyncDesk(DeskParts(**parts(ThreadedStore(MemoryStore()))))
        try:
            bookings = [
                desk.book(NO_SLOT, applicant=ME, agreed=True, request_id=f"{place}") for place in range(LIMIT + 3)
            ]
            first = await bookings[0]  # registers the person
            rest = await asyncio.gather(*bookings[1:])
            assert [type(each) for each in (first, *rest)].count(Refused) == LIMIT
            assert rest.count(Throttled(START + MINUTE)) == 3
            assert isinstance(await desk.book(FREE, applicant=ME, agreed=True, request_id="granted"), Booked)
        finally:
            await desk.close()

    asyncio.run(work())


def test_the_actor_with_the_oldest_refusals_is_dropped_so_that_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(throttling, "MOST_ACTORS", 3)
    throttle = RefusalThrottle(1)
    for serial in (1, 2, 3, 1, 4):
        throttle.admit(made_up_applicant(serial), START)
    assert list(throttle._refused) == [made_up_applicant(serial).subject for serial in (3, 1, 4)]


def test_no_more_instants_than_the_limit_are_kept_of_an_actor():
    throttle = RefusalThrottle(LIMIT)
    for place in range(10 * LIMIT):
        throttle.admit(made_up_applicant(1), START + place * SECOND)
    assert [len(refused) for refused in throttle._refused.values()] == [LIMIT]


@given(st.integers(1, 5), st.lists(st.integers(0, 90), max_size=60))
def test_never_more_than_the_limit_within_a_minute_and_never_less_than_could_be(limit, steps):
    """Against a list of all refusals, whatever the pauses between the requests are."""
    throttle, actor, now = RefusalThrottle(limit), made_up_applicant(1), START
    refused: list[datetime] = []
    for step in steps:
        now += step * SECOND / 3
        recent = [at for at in refused if now < at + WINDOW]
        expected = recent[-limit] + WINDOW if len(recent) >= limit else None
        assert throttle.admit(actor, now) == expected
        if expected is None:
            refused.append(now)


def test_requests_that_are_granted_and_change_nothing_count_as_well(desk):
    booked = desk.book(FREE, applicant=ME, agreed=True, request_id="booked").appointment
    moved = [desk.move(booked.number, FREE, by=ME, request_id=f"stays-{place}") for place in range(LIMIT + 1)]
    assert [type(each) for each in moved] == [Moved] * LIMIT + [Throttled]
    assert len(desk.audit.history(booked.number, by=ME)) == 1
    assert isinstance(desk.move(booked.number, slot(26), by=ME, request_id="elsewhere"), Moved)


def test_a_feed_passes_over_requests_that_changed_nothing_without_stopping(desk, store):
    booked = desk.book(FREE, applicant=ME, agreed=True, request_id="booked").appointment
    for place in range(LIMIT):
        desk.move(booked.number, FREE, by=ME, request_id=f"stays-{place}")
    desk.book(slot(49), applicant=YOU, agreed=True, request_id="yours")
    seen, position = [], BEGINNING
    while page := desk.feed(after=position, limit=1).entries:
        seen += page
        position = page[-1].position
    assert seen == list(desk.feed(limit=1_000).entries)
    assert [type(each.what).__name__ for each in seen] == [
        *("PersonRegistered", "AppointmentBooked"),
        *("PersonRegistered", "AppointmentBooked"),
    ]


def test_refusals_dated_by_a_clock_that_was_ahead_are_forgotten_once_it_is_right():
    throttle, actor = RefusalThrottle(LIMIT), made_up_applicant(1)
    for _ in range(LIMIT):
        assert throttle.admit(actor, START + timedelta(days=365)) is None
    assert throttle.admit(actor, START) is None


def test_the_sentence_is_there_in_both_languages():
    throttled = Throttled(START)
    assert "minute" in throttled.message("en")
    assert "دقيقة" in throttled.message("ar")


def test_a_throttled_request_names_an_instant():
    with pytest.raises(InvalidInput, match="instant"):
        Throttled(START.replace(tzinfo=None))
