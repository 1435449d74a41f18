"""The version of each branch's calendar: the entries that raise it, and the bookings that conflict with it."""

from datetime import date, timedelta

import pytest
from attrs import evolve

from tests.calendars import exception, order
from tests.cases import CLERK
from tests.desks import open_desk
from tests.people import ME, YOU
from tests.small_town import small_catalogue
from tests.waiting_line import WatchedStore
from traffic_booking import Booked, Declared, Refused
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.domain.calendars.authority import authority_id
from traffic_booking.domain.decisions.changes import Conflict, Guard
from traffic_booking.domain.decisions.facts import FactsQuery
from traffic_booking.domain.schedule.entries import Withdrawal
from traffic_booking.domain.schedule.exceptions import Effect
from traffic_booking.domain.text_input import RequestId
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.testing import made_up_person

MONDAY = date(2026, 11, 23)
TOWN = small_catalogue(capacity=2)
NORTH_ALONE = evolve(TOWN, branches=TOWN.branches[:1])


@pytest.fixture(params=["memory", "sqlite"])
def store(request, tmp_path):
    made = MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "bookings.db")
    yield made
    made.close()


def desk_over(store, catalogue=TOWN):
    return open_desk(catalogue, store=store)


def declare(desk, record, request_id="declared"):
    outcome = desk.calendar.declare(record, reason="leave", by=CLERK, request_id=request_id)
    assert isinstance(outcome, Declared)
    return outcome.entry


def slots(desk, branch):
    return desk.find_slots(service="renewal", branch=branch, from_=MONDAY, until=MONDAY + timedelta(days=1))


def book(desk, slot, person=ME, request_id="book"):
    return desk.book(slot, applicant=person, agreed=True, request_id=request_id)


def rules_of(outcome):
    assert isinstance(outcome, Refused)
    return [verdict.rule_id for verdict in outcome.verdicts]


def calendars(store):
    """The stored calendars: of each branch, and of the country, its version and the number of its last entry."""
    query = FactsQuery(request_id=RequestId("nobody-asked"), every_calendar=True)
    return {branch: tuple(of_one) for branch, of_one in AppointmentBook(store).facts([query])[0].calendars.items()}


def opened(store, catalogue=TOWN):
    AppointmentBook(store).open_calendars([branch.id for branch in catalogue.branches])
    return calendars(store)


def raised(before, after):
    assert all(after[branch][0] in {version, version + 1} for branch, (version, _) in before.items())
    return {branch for branch, (version, _) in before.items() if after[branch][0] > version}


def closed(branch="north", name="closed"):
    return exception(Effect.CLOSED, MONDAY, branch=branch, name=name)


def test_an_entry_of_one_branch_raises_the_calendars_of_that_branch_and_of_the_country_alone(store):
    before = opened(store)
    declare(desk_over(store), closed())
    between = calendars(store)
    assert raised(before, between) == {"north", "*"}
    declare(desk_over(store), Withdrawal(authority_id("closed")), "withdrawn")
    assert raised(between, calendars(store)) == {"north", "*"}


def test_an_entry_of_the_country_raises_every_calendar_and_so_does_its_withdrawal(store):
    before = opened(store)
    declare(desk_over(store), order(MONDAY))
    between = calendars(store)
    assert raised(before, between) == {"north", "south", "*"}
    declare(desk_over(store), Withdrawal(authority_id("order")), "withdrawn")
    assert raised(between, calendars(store)) == {"north", "south", "*"}


def test_the_calendar_of_a_branch_names_the_last_entry_that_concerns_it(store):
    opened(store)
    desk = desk_over(store)
    declare(desk, order(MONDAY), "first")
    declare(desk, closed("south"), "second")
    last = {branch: entry for branch, (_, entry) in calendars(store).items()}
    assert last == {"north": 1, "south": 2, "*": 2}


def test_a_declaration_on_a_store_without_calendars_opens_that_of_the_country(store):
    desk = desk_over(store)
    declare(desk, order(MONDAY), "first")
    declare(desk, order(MONDAY + timedelta(days=1), name="second"), "second")
    assert calendars(store) == {"*": (2, 2)}


def test_a_refused_declaration_raises_nothing(store):
    before = opened(store)
    assert isinstance(
        desk_over(store).calendar.declare(order(MONDAY), reason="leave", by=ME, request_id="mine"), Refused
    )
    assert calendars(store) == before


@pytest.mark.parametrize("record", [closed(), order(MONDAY)], ids=["of the branch", "of the country"])
def test_a_booking_decided_before_a_closure_and_committed_after_it_is_decided_again(store, record):
    watched = WatchedStore(store)
    desk, other = desk_over(watched), desk_over(store)
    slot = slots(desk, "north")[0]
    watched.before_commit[1] = lambda: declare(other, record)
    assert rules_of(book(desk, slot)) == ["BK-02"]
    assert watched.reads == [1, 1]
    assert slots(desk, "north") == ()


def test_a_booking_under_the_version_before_a_closure_is_no_longer_written(store):
    opened(store)
    desk = desk_over(store)
    requests = [
        desk._office.requests.book(at, applicant=who, agreed=True, request_id=at.branch, by=None, assertions=None)
        for at, who in ((slots(desk, "north")[0], ME), (slots(desk, "south")[0], YOU))
    ]
    now = desk.clock.now()
    found = AppointmentBook(store).facts([request.query for request in requests])
    changes = [
        request.decide(desk._office.configuration.at(found), facts, now)
        for request, facts in zip(requests, found, strict=True)
    ]
    declare(desk_over(store), closed())
    at_north, at_south = AppointmentBook(store).commit(changes)
    assert isinstance(at_north, Conflict)
    assert at_north.guard is Guard.CALENDAR
    assert not isinstance(at_south, Conflict)


def test_a_booking_at_another_branch_goes_on_at_once(store):
    watched = WatchedStore(store)
    desk, other = desk_over(watched), desk_over(store)
    slot = slots(desk, "south")[0]
    watched.before_commit[1] = lambda: declare(other, closed("north"))
    assert isinstance(book(desk, slot), Booked)
    assert watched.reads == [1]


def test_a_desk_that_was_open_before_sees_the_closure_at_its_next_booking(store):
    desk, other = desk_over(store), desk_over(store)
    first, second, *_ = slots(desk, "north")
    south = slots(desk, "south")[0]
    assert isinstance(book(desk, first), Booked)
    declare(other, closed())
    assert rules_of(book(desk, second, YOU, "late")) == ["BK-02"]
    assert isinstance(book(desk, south, YOU, "south"), Booked)


def test_a_branch_that_is_new_in_the_catalogue_gets_a_calendar_at_its_first_booking(store):
    old = desk_over(store, NORTH_ALONE)
    assert isinstance(book(old, slots(old, "north")[0]), Booked)
    assert set(calendars(store)) == {"north", "*"}
    new = desk_over(store)
    assert isinstance(book(new, slots(new, "south")[0], YOU, "south"), Booked)
    assert set(calendars(store)) == {"north", "south", "*"}


def test_a_calendar_that_is_opened_late_starts_from_the_last_entry_of_the_country(store):
    old = desk_over(store, NORTH_ALONE)
    declare(old, order(MONDAY))
    opened(store)
    assert {branch: entry for branch, (_, entry) in calendars(store).items()} == {"north": 1, "south": 1, "*": 1}


@pytest.mark.parametrize("meanwhile", [False, True], ids=["before it", "while it is decided"])
def test_a_closure_by_a_desk_with_an_older_catalogue_binds_bookings_at_a_new_branch(store, meanwhile):
    old = desk_over(store, NORTH_ALONE)
    assert isinstance(book(old, slots(old, "north")[0]), Booked)
    watched = WatchedStore(store)
    new = desk_over(watched)
    first, second, *_ = slots(new, "south")
    assert isinstance(book(new, first, YOU, "first"), Booked)
    if meanwhile:
        watched.before_commit[2] = lambda: declare(old, order(MONDAY))
    else:
        declare(old, order(MONDAY))
    assert rules_of(book(new, second, made_up_person(9), "second")) == ["BK-02"]


def test_a_declaration_decided_before_a_branch_got_its_calendar_is_decided_again(store):
    opened(store, NORTH_ALONE)
    watched = WatchedStoreOfOldDesk(store)
    old, new = desk_over(watched, NORTH_ALONE), desk_over(store)
    watched.before_commit[1] = lambda: book(new, slots(new, "south")[0])
    declare(old, order(MONDAY))
    assert watched.reads == [1, 1]
    assert {branch: entry for branch, (_, entry) in calendars(store).items()} == {"north": 1, "south": 1, "*": 1}


class WatchedStoreOfOldDesk(WatchedStore):
    """It opens no calendar for the branches that the old desk does not have."""

    catalogue = NORTH_ALONE
