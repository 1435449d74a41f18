"""A desk with a replica: searches and lists read it while its age is known and bounded, everything else the store."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from tests.calendars import exception
from tests.cases import CLERK
from tests.old_replicas import Pair
from tests.small_town import START
from traffic_booking import AsyncBookingDesk, Booked, BookingDesk, Cancelled, InvalidInput, Refused, StoreError
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.postgres.replica import PostgresReplica
from traffic_booking.adapters.postgres.store import PostgresStore
from traffic_booking.application.replicas import MARK_SECONDS, OLDEST_READ_SECONDS, PAUSE_SECONDS
from traffic_booking.domain.schedule.exceptions import Effect
from traffic_booking.testing import made_up_person
from traffic_booking.wiring import replica_of

ME, HER = made_up_person(1), made_up_person(2)
QUESTION: Any = {"service": "renewal", "branch": "north", "limit": 1}
MONTH: Any = {"service": "renewal", "branch": "north", "year": 2026, "month_of_year": 11}


class Replicated:
    """A store whose replicas are standby servers. No server is reached."""

    mark = PostgresStore.mark
    replica = PostgresReplica


def booked(desk: Any, slot: Any, person: Any = HER) -> Booked:
    outcome = desk.book(slot, applicant=person, agreed=True, request_id=f"{person!r}-{slot.token}")
    assert isinstance(outcome, Booked)
    return outcome


def behind(seconds: float = 1.0) -> tuple[Pair, Any]:
    """A replica that lacks a booking of the first slot, which was made so long ago; and that slot."""
    pair = Pair()
    (slot,) = pair.desk.find_slots(**QUESTION)
    pair.wait(seconds)
    booked(pair.other, slot)
    return pair, slot


def test_a_search_reads_the_replica_and_says_how_old_it_is():
    pair, slot = behind()
    reads = pair.store.reads
    page = pair.desk.find_slots(**QUESTION)
    assert (page[0].key, page.as_of, page.staleness) == (slot.key, START, timedelta(seconds=1))
    assert page[0].as_of == START
    assert pair.store.reads == reads


def test_a_replica_that_has_everything_is_as_of_now():
    pair, slot = behind()
    pair.replica.catch_up()
    page = pair.desk.find_slots(**QUESTION)
    assert (page.as_of, page.staleness) == (pair.clock.now(), timedelta())
    assert page[0].key != slot.key


@pytest.mark.parametrize(("seconds", "old"), [(OLDEST_READ_SECONDS, True), (OLDEST_READ_SECONDS + 0.001, False)])
def test_beyond_the_bound_the_store_answers(seconds, old):
    pair, slot = behind(seconds)
    page = pair.desk.find_slots(**QUESTION)
    assert (page[0].key == slot.key) is old
    assert page.staleness == timedelta(seconds=seconds if old else 0)


def test_a_server_that_is_no_replica_is_left_alone_as_one_that_failed():
    pair, _ = behind()
    pair.replica.history, history = None, pair.replica.history
    pair.desk.find_slots(**QUESTION)
    pair.replica.history = history
    pair.replica.catch_up()
    for seconds, is_read in ((PAUSE_SECONDS - 0.001, False), (0.001, True)):
        pair.wait(seconds)
        reads = pair.replica.reads
        pair.desk.find_slots(**QUESTION)
        assert (pair.replica.reads > reads) is is_read


def test_a_replica_that_follows_again_is_read_again():
    pair, _ = behind(OLDEST_READ_SECONDS + 1)
    pair.desk.find_slots(**QUESTION)
    pair.replica.catch_up()
    pair.wait(MARK_SECONDS)
    reads = pair.store.reads
    assert pair.desk.find_slots(**QUESTION).as_of == pair.clock.now()
    assert pair.store.reads == reads


def test_an_idle_replica_that_lost_its_store_looks_complete_and_is_not_used():
    """The store was written since; the replica, cut off, has no way to know it."""
    pair, slot = behind(OLDEST_READ_SECONDS + 60)
    assert pair.desk.find_slots(**QUESTION)[0].key != slot.key


def test_a_store_at_which_nothing_happens_keeps_its_replica_current():
    pair = Pair()
    for _ in range(3):
        pair.wait(OLDEST_READ_SECONDS + 60)
        reads = pair.store.reads
        assert pair.desk.find_slots(**QUESTION).staleness == timedelta()
        assert pair.store.reads == reads


@pytest.mark.parametrize("fault", ["down", "promoted", "of another store"])
def test_the_store_answers_for_a_replica_that_does_not(fault):
    pair, slot = behind()
    pair.replica.failing = fault == "down"
    pair.replica.history = {"down": pair.replica.history, "promoted": None}.get(fault, "another")
    assert pair.desk.find_slots(**QUESTION)[0].key != slot.key


def test_a_replica_that_failed_is_left_alone_for_a_while_and_then_read_again():
    pair, _ = behind()
    pair.replica.failing = True
    pair.desk.find_slots(**QUESTION)
    tried = pair.replica.reads
    pair.replica.failing = False
    pair.wait(PAUSE_SECONDS - 1)
    pair.desk.find_slots(**QUESTION)
    assert pair.replica.reads == tried
    pair.wait(1)
    pair.replica.catch_up()
    pair.desk.find_slots(**QUESTION)
    assert pair.replica.reads > tried


def test_while_the_store_is_down_the_replica_answers_up_to_the_bound():
    pair, slot = behind()
    pair.store.failing = True
    assert pair.desk.find_slots(**QUESTION)[0].key == slot.key
    pair.wait(OLDEST_READ_SECONDS)
    with pytest.raises(StoreError):
        pair.desk.find_slots(**QUESTION)


def test_searches_share_a_mark_for_a_moment():
    pair = Pair()
    marks = pair.store.marks
    for _ in range(10):
        pair.desk.find_slots(**QUESTION)
    assert pair.store.marks == marks + 1
    pair.wait(MARK_SECONDS)
    pair.desk.find_slots(**QUESTION)
    assert pair.store.marks == marks + 2


def test_a_month_view_says_as_of_when():
    pair, _ = behind()
    days = pair.desk.month_view(**MONTH)
    assert {day.as_of for day in days} == {START}
    assert sum(day.free for day in days) == sum(day.free for day in pair.other.month_view(**MONTH)) + 1
    assert {day.as_of for day in pair.other.month_view(**MONTH)} == {pair.clock.now()}


def test_alternatives_are_as_old_as_they_say():
    pair, slot = behind()
    refused = pair.desk.book(slot, applicant=ME, agreed=True, request_id="mine", alternatives=2)
    assert isinstance(refused, Refused)
    assert {each.as_of for each in refused.alternatives} == {START}


def test_a_search_may_miss_a_closure_that_the_decision_knows():
    pair = Pair()
    (slot,) = pair.desk.find_slots(**QUESTION)
    closed = exception(Effect.CLOSED, slot.starts_at.date())
    pair.other.calendar.declare(closed, reason="a test", by=CLERK, request_id="close")
    assert pair.desk.find_slots(**QUESTION)[0].key == slot.key
    refused = pair.desk.book(slot, applicant=ME, agreed=True, request_id="mine")
    assert isinstance(refused, Refused)
    assert pair.desk.find_slots(**QUESTION)[0].key == slot.key, "the decision's calendar is another one"


def test_who_has_just_booked_sees_it_in_the_list_of_the_same_desk():
    pair = Pair()
    (first,) = pair.desk.find_slots(**QUESTION | {"from_": START + timedelta(days=1)})
    booked(pair.desk, first, ME)
    assert [each.slot for each in pair.desk.appointments(ME).upcoming] == [first.key]  # the replica has none
    pair.replica.catch_up()
    pair.wait(OLDEST_READ_SECONDS + 1)
    pair.desk.find_slots(**QUESTION)
    reads = pair.store.reads
    mine = pair.desk.appointments(ME)
    assert pair.store.reads == reads
    assert isinstance(pair.desk.cancel(mine.upcoming[0].number, by=ME, request_id="no"), Cancelled)
    assert not pair.desk.appointments(ME).upcoming  # the replica has it still
    pair.wait(OLDEST_READ_SECONDS)
    assert not pair.desk.appointments(ME).upcoming


def test_a_list_reads_the_replica_and_says_as_of_when():
    pair, slot = behind()
    pair.replica.catch_up()
    pair.desk.find_slots(**QUESTION)
    pair.wait(1)
    (mine,) = pair.other.appointments(HER)
    pair.other.cancel(mine.number, by=HER, request_id="no")
    reads = pair.store.reads
    found = pair.desk.appointments(HER)
    assert [each.slot for each in found.upcoming] == [slot.key]
    assert found.as_of == pair.clock.now() - timedelta(seconds=1)
    assert pair.store.reads == reads
    assert pair.other.appointments(HER).as_of == pair.clock.now()


def test_an_empty_list_is_as_the_store_has_it():
    pair, _ = behind()
    found = pair.desk.appointments(HER)
    assert len(found) == 1
    assert found.as_of == pair.clock.now()


def test_decisions_facts_the_feed_and_audits_never_read_the_replica():
    pair, _ = behind()
    slots = pair.other.find_slots(service="transfer", branch="north", limit=2)
    reads = pair.replica.reads
    mine = booked(pair.desk, slots[0], ME).appointment
    assert booked(pair.desk, slots[0], ME).appointment == mine, "the first answer"
    pair.desk.move(mine.number, slots[1], by=ME, request_id="move", agreed=True)
    pair.desk.may_cancel(mine.number, by=ME)
    pair.desk.appointment(mine.number, by=ME)
    pair.desk.gate.appointments_of_day("north", slots[1].starts_at.date(), by=CLERK)
    pair.desk.explain(mine.number, by=ME)
    pair.desk.what_if().book(slots[0], applicant=HER, agreed=True)
    pair.desk.feed()
    pair.desk.audit.verify()
    pair.desk.maintenance.expire_holds()
    pair.desk.health()
    pair.desk.cancel(mine.number, by=ME, request_id="cancel")
    assert pair.replica.reads == reads


def test_closing_the_desk_closes_both():
    pair = Pair()
    pair.desk.close()
    assert pair.store.closed
    assert pair.replica.closed


@pytest.mark.parametrize("url", ["memory://", "sqlite:///{}/bookings.db"])
def test_a_store_without_replicas_refuses_the_address_of_one(url, tmp_path):
    where = url.format(tmp_path)
    with pytest.raises(InvalidInput, match=r"read_url: .*expected None: only a server that others follow"):
        BookingDesk.open(where, read_url=where)
    with pytest.raises(InvalidInput, match="read_url"):
        asyncio.run(AsyncBookingDesk.open(where, read_url=where))


@pytest.mark.parametrize("read_url", ["", "no address", 5, ["postgresql://two/bookings"], "mysql://two/bookings"])
def test_another_value_than_an_address_is_refused_by_the_name_of_its_argument(read_url):
    with pytest.raises(InvalidInput, match=r"^read_url: got .*; expected postgresql://, as that of the store$"):
        replica_of(Replicated(), "postgresql://one/bookings", read_url)


def test_an_address_that_the_store_refuses_is_refused_by_the_name_of_its_argument():
    with pytest.raises(InvalidInput, match=r"^read_url: got one that libpq can't read; expected postgresql://"):
        replica_of(Replicated(), "postgresql://one/bookings", "postgresql://[two")


def test_a_replica_of_another_store_is_refused():
    pair = Pair()
    pair.replica.history = "another"
    with pytest.raises(InvalidInput, match="a replica of another store"):
        pair.desk.check_key()


def test_a_replica_that_is_down_hinders_nobody_from_opening_the_desk():
    pair = Pair()
    pair.replica.failing = True
    pair.desk.check_key()


def test_a_replica_needs_a_store_with_marks():
    pair = Pair()
    with pytest.raises(InvalidInput, match="store with replicas"):
        pair.opened(store=MemoryStore(), replica=pair.replica)
    with pytest.raises(InvalidInput, match="replica"):
        pair.opened(replica=object())
