"""A calendar entry that can't be decoded may close any day: no slot can be booked, and everything else works."""

from datetime import date

import pytest

from tests.bookings import slot
from tests.calendars import order
from tests.cases import CLERK
from tests.desks import open_desk
from tests.people import ME, YOU
from traffic_booking import Booked, Cancelled, CheckedIn, Declared, InvalidInput, StoreUnreadable, Withdrawal
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.persistence.schema import CALENDAR_ENTRIES
from traffic_booking.ports.primitives import Put, RecordsByKey, StoreChange

FIRST = "0000000001"
CLOSED = date(2026, 12, 24)
NAMED = f"^a record of calendar_entries, {FIRST}: got one that can't be decoded"


def declare(desk, record, request_id):
    return desk.calendar.declare(record, reason="leave", by=CLERK, request_id=request_id)


def rewrite(store, change):
    """Change the body of the first entry."""
    key, version, body = store.read([RecordsByKey(CALENDAR_ENTRIES.name, [FIRST])])[0][0]
    assert store.commit([StoreChange(puts=(Put(CALENDAR_ENTRIES.name, key, version, (), change(body)),))]) == [None]


@pytest.fixture
def store():
    """With a booking, a damaged closure, and a later entry."""
    store = MemoryStore()
    desk = open_desk(store=store)  # which is left open: closing it would close the store
    assert isinstance(desk.book(slot(25), applicant=ME, agreed=True, request_id="mine"), Booked)
    assert isinstance(declare(desk, order(CLOSED), "closed"), Declared)
    assert isinstance(declare(desk, order(date(2026, 12, 28), name="later"), "later"), Declared)
    rewrite(store, lambda body: body[:-1])
    return store


def number_of(desk):
    return desk.appointments(ME).upcoming[0].number


@pytest.mark.parametrize(
    "work",
    [
        lambda desk: desk.hold(slot(49), applicant=YOU, request_id="new"),
        lambda desk: desk.book(slot(49), applicant=YOU, agreed=True, request_id="new"),
        lambda desk: desk.move(number_of(desk), slot(49), by=ME, request_id="new"),
        lambda desk: desk.what_if().book(slot(49), applicant=YOU, agreed=True),
        lambda desk: desk.find_slots(service="renewal"),
        lambda desk: desk.month_view(service="renewal", branch="north", year=2026, month_of_year=12),
        lambda desk: desk.calendar.working_day("north", CLOSED),
        lambda desk: desk.calendar.working_month("north", year=2026, month_of_year=12),
        lambda desk: desk.calendar.entries(),
    ],
)
def test_work_that_depends_on_the_calendar_fails_and_names_the_entry(store, work):
    with pytest.raises(StoreUnreadable, match=NAMED) as caught:
        work(open_desk(store=store))
    assert (caught.value.collection, caught.value.key) == (CALENDAR_ENTRIES.name, FIRST)


def test_everything_else_goes_on(store):
    desk = open_desk(store=store)
    number = number_of(desk)
    assert isinstance(desk.book(slot(25), applicant=ME, agreed=True, request_id="mine"), Booked)
    assert isinstance(declare(desk, order(CLOSED), "closed"), Declared)
    assert len(desk.explain(number, by=ME)) == 1
    assert [each.where for each in desk.audit.verify().broken] == [f"{CALENDAR_ENTRIES.name} {FIRST}"]
    assert desk.calendar.affected_by(order(date(2026, 11, 23), name="new"))[0].number == number
    third = declare(desk, order(date(2026, 12, 30), name="new"), "new")
    assert isinstance(third, Declared)
    assert third.entry.number == 3
    assert isinstance(desk.cancel(number, by=ME, request_id="cancelled"), Cancelled)


def test_a_withdrawal_that_names_the_id_of_its_record_gives_the_days_back(store):
    desk = open_desk(store=store)
    assert isinstance(declare(desk, Withdrawal(order(CLOSED).id), "undo"), Declared)
    for each in (desk, open_desk(store=store)):
        assert each.calendar.working_day("north", CLOSED).open
    assert isinstance(desk.book(slot(49), applicant=YOU, agreed=True, request_id="new"), Booked)
    for cancelled_by_applicant in (order(CLOSED).id, "another"):
        with pytest.raises(InvalidInput):
            declare(desk, Withdrawal(cancelled_by_applicant), "again")


def test_a_withdrawal_of_another_record_withdraws_that_alone(store):
    desk = open_desk(store=store)
    assert isinstance(declare(desk, Withdrawal("later"), "undo"), Declared)
    with pytest.raises(StoreUnreadable, match=NAMED):
        desk.find_slots(service="renewal")
    with pytest.raises(InvalidInput):
        declare(desk, Withdrawal("later"), "again")


def test_a_desk_that_is_open_goes_on_once_the_entry_is_repaired(store):
    desk = open_desk(store=store)
    with pytest.raises(StoreUnreadable, match=NAMED):
        desk.book(slot(49), applicant=YOU, agreed=True, request_id="new")
    rewrite(store, lambda body: body + "}")
    assert isinstance(desk.book(slot(49), applicant=YOU, agreed=True, request_id="new"), Booked)
    assert not desk.calendar.working_day("north", CLOSED).open


def test_somebody_is_checked_in_all_the_same(store):
    desk = open_desk(store=store, start=slot(25).starts_at)
    number = number_of(desk)
    assert isinstance(desk.gate.check_in(number, by=CLERK, request_id="came"), CheckedIn)


def test_the_health_of_a_desk_names_the_calendar(store):
    desk = open_desk(store=store)
    health = desk.health()
    assert [check.name for check in health.checks if not check.passed] == ["calendar"]
    assert "- The working calendar has entries that can't be read." in health.text("en")
