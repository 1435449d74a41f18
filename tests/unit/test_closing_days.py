"""A day is closed after people have booked: the preview lists the affected people, and no booking is made afterwards.

Over 400 lines: closures and the affected people, over one small town.
"""

from datetime import date, timedelta

import pytest
from attrs import evolve

from tests.calendars import HEAD, PLAIN, calendar_of, exception, month_start, order
from tests.desks import open_desk
from tests.small_town import START, small_catalogue
from tests.waiting_line import prepares
from traffic_booking import Bilingual, Booked, Clerk, Day, HijriDate, InvalidInput, NotFound, Refused, RequestMismatch
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.domain.calendars.announcements import AnnouncedClosure
from traffic_booking.domain.calendars.authority import authority_id
from traffic_booking.domain.calendars.holiday_rules import AnnouncedDays, HijriSpan
from traffic_booking.domain.calendars.hours import Hours
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.declaring import affected
from traffic_booking.domain.decisions.outcomes import Cancelled, Declared
from traffic_booking.domain.places.services import service_id
from traffic_booking.domain.schedule.branch_calendars import BranchCalendars
from traffic_booking.domain.schedule.entries import Withdrawal
from traffic_booking.domain.schedule.exceptions import Effect
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.persistence.schema import CALENDAR_ENTRIES, CALENDARS
from traffic_booking.ports.primitives import Delete, RecordsByIndex, Span, StoreChange
from traffic_booking.testing import made_up_person

SUNDAY = date(2026, 11, 22)
MONDAY = date(2026, 11, 23)
SPANS = calendar_of(HijriSpan(id="span", from_month=9, from_day=1, to_month=9, to_day=3, **HEAD))
"""The first three days of Ramadan are off."""
STAFF = Clerk("desk-1")
"""The clerk who declares closures."""


@pytest.fixture
def desk():
    with open_desk(small_catalogue(capacity=2)) as opened:
        yield opened


def book(desk, serial, *, day=MONDAY, branch="north", nth=0, service="renewal"):
    """The appointment of a person of their own, in the nth slot of a day."""
    person = made_up_person(serial)
    slots = desk.find_slots(service=service, branch=branch, from_=day, until=day + timedelta(days=1), limit=500)
    outcome = desk.book(slots[nth], applicant=person, agreed=True, request_id=f"book-{serial}")
    assert isinstance(outcome, Booked)
    return outcome.appointment


def person_of(desk, appointment):
    return desk.person_of(appointment.applicant.subject, by=STAFF)


def declare(desk, record, serial=1, by=STAFF):
    return desk.calendar.declare(record, reason="صيانة", by=by, request_id=f"declare-{serial}")


def numbers(appointments):
    return [appointment.number for appointment in appointments]


def test_a_closure_lists_the_affected_appointments_before_and_after_it_is_made_in_the_order_of_their_start(desk):
    later, sooner = book(desk, 1, nth=3), book(desk, 2, nth=1)
    book(desk, 3, day=SUNDAY)
    elsewhere = book(desk, 4, branch="south", nth=2)
    closure = order(MONDAY)
    hit = numbers([sooner, elsewhere, later])
    assert numbers(desk.calendar.affected_by(closure)) == hit
    assert desk.calendar.working_day("north", MONDAY).open, "asking declares nothing"
    assert isinstance(declare(desk, closure), Declared)
    assert numbers(desk.calendar.affected_by(closure)) == hit
    assert desk.find_slots(service="renewal", from_=MONDAY, until=MONDAY + timedelta(days=1)) == ()


def test_a_branch_exception_affects_its_own_branch_alone(desk):
    here, there = book(desk, 1), book(desk, 2, branch="south")
    closed = exception(Effect.CLOSED, MONDAY)
    assert numbers(desk.calendar.affected_by(closed)) == [here.number]
    declare(desk, closed)
    assert [desk.calendar.working_day(branch, MONDAY).open for branch in ("north", "south")] == [False, True]
    assert there.number in numbers(desk.appointments(person_of(desk, there)).upcoming)


def test_other_hours_affect_the_appointments_outside_of_them_and_no_others(desk):
    book(desk, 1, nth=1)
    last = book(desk, 2, nth=-1)
    opens = desk.calendar.working_day("north", MONDAY).shifts[0].hours
    narrower = Hours(opens.opens_minute, opens.closes_minute - 1)
    assert numbers(desk.calendar.affected_by(exception(Effect.OTHER_HOURS, MONDAY, hours=(narrower,)))) == [last.number]


def test_a_lower_capacity_lists_those_who_booked_last(desk):
    first = book(desk, 1)
    desk.clock.advance(timedelta(minutes=1))
    second = book(desk, 2)
    assert first.slot == second.slot
    fewer = exception(Effect.OTHER_CAPACITY, MONDAY, capacity=1)
    assert numbers(desk.calendar.affected_by(fewer)) == [second.number]
    declare(desk, fewer)
    assert numbers(desk.calendar.affected_by(fewer)) == [second.number]
    assert isinstance(desk.cancel(second.number, by=person_of(desk, second), request_id="c"), Cancelled)
    assert desk.calendar.affected_by(fewer) == ()


def test_cancelled_appointments_and_expired_holds_are_not_affected(desk):
    gone, held = book(desk, 1), desk.find_slots(service="renewal", branch="north", from_=MONDAY, limit=9)[5]
    desk.cancel(gone.number, by=person_of(desk, gone), request_id="c")
    hold = desk.hold(held, applicant=made_up_person(3), request_id="h").appointment
    assert numbers(desk.calendar.affected_by(order(MONDAY))) == [hold.number]
    desk.clock.advance(timedelta(minutes=11))
    assert desk.calendar.affected_by(order(MONDAY)) == ()


def test_appointments_of_an_earlier_closure_are_not_affected_again_by_a_later_one(desk):
    book(desk, 1)
    declare(desk, order(MONDAY, name="first"))
    assert desk.calendar.affected_by(order(MONDAY, name="second")) == ()


def test_after_the_withdrawal_of_the_earlier_of_two_closures_the_later_has_the_appointments_of_both(desk):
    hit = book(desk, 1)
    earlier, later = order(MONDAY, name="first"), exception(Effect.CLOSED, MONDAY)
    declare(desk, earlier, 1)
    declare(desk, later, 2)
    assert [numbers(desk.calendar.affected_by(record)) for record in (earlier, later)] == [[hit.number], []]
    declare(desk, Withdrawal(earlier.id), 3)
    assert not desk.calendar.working_day("north", MONDAY).open
    assert [numbers(desk.calendar.affected_by(record)) for record in (earlier, later)] == [[], [hit.number]]


def test_after_the_withdrawal_of_a_lower_capacity_a_later_closure_has_its_appointments(desk):
    first, second = book(desk, 1), book(desk, 2, nth=0)
    fewer, closed = exception(Effect.OTHER_CAPACITY, MONDAY, capacity=1), exception(Effect.CLOSED, MONDAY)
    declare(desk, fewer, 1)
    declare(desk, closed, 2)
    (without_seat,), (with_seat,) = (numbers(desk.calendar.affected_by(record)) for record in (fewer, closed))
    assert {without_seat, with_seat} == {first.number, second.number}
    declare(desk, Withdrawal(fewer.id), 3)
    assert set(numbers(desk.calendar.affected_by(closed))) == {first.number, second.number}


def test_an_exception_of_a_branch_that_left_the_catalogue_affects_nobody(desk):
    closed = exception(Effect.CLOSED, MONDAY, branch="south")
    declare(desk, closed)
    catalogue = small_catalogue(capacity=2)
    shrunk = evolve(catalogue, branches=tuple(each for each in catalogue.branches if each.id != "south"))
    with open_desk(shrunk, store=desk.store) as later:
        assert later.calendar.affected_by(closed) == ()
        with pytest.raises(NotFound, match="south"):
            later.calendar.affected_by(exception(Effect.CLOSED, SUNDAY, name="another", branch="south"))


def test_appointments_for_a_service_that_left_the_catalogue_are_not_affected(desk):
    known = book(desk, 1)
    gone = evolve(known, slot=evolve(known.slot, service=service_id("renewal-of-old")))
    calendars = (PLAIN, calendar_of(orders=[order(MONDAY)]))
    before, after = (Configuration(desk.catalogue, desk.rulebook, BranchCalendars(each)) for each in calendars)
    assert affected(before, after, [gone, known]) == [known]


class TestRulesThatShipLater:
    """Declarations of staff are history: the desk works with any later data files, and the declarations prevail."""

    START = month_start(1448, 9, HijriDate(1448, 9, 1).to_gregorian() + timedelta(days=1))

    def upgraded(self, record, shipped, *more):
        """A desk with the data `shipped`, over a store in which staff declared `record` (and `more`) before."""
        store = MemoryStore()
        before = open_desk(small_catalogue(capacity=2), calendar=SPANS, store=store)
        for serial, each in enumerate((record, *more)):
            assert isinstance(declare(before, each, serial), Declared)
        return open_desk(small_catalogue(capacity=2), calendar=SPANS.with_record(shipped), store=store)

    def test_the_start_of_a_month_that_staff_announced_too_stands_as_they_have_it(self):
        shipped = evolve(
            self.START, id=authority_id("start.shipped"), first_day=self.START.first_day - timedelta(days=2)
        )
        with self.upgraded(self.START, shipped) as desk:
            assert self.START.id in desk.calendar.working_day("north", self.START.first_day - timedelta(days=1)).rules
            assert isinstance(declare(desk, Withdrawal(self.START.id), 9), Declared)
            assert shipped.id in desk.calendar.working_day("north", shipped.first_day).rules

    def test_an_order_under_an_id_that_staff_used_comes_after_theirs(self):
        theirs = order(MONDAY, name="order.1448")
        shipped = evolve(order(SUNDAY, name="order.1448"), statement=Bilingual("أمر", "An order that ships"))
        with self.upgraded(theirs, shipped) as desk:
            days = [desk.calendar.working_day("north", day) for day in (SUNDAY, MONDAY)]
            assert [day.open for day in days] == [True, False]
            assert desk.find_slots(service="renewal", from_=SUNDAY)
        with self.upgraded(theirs, shipped, Withdrawal(theirs.id)) as desk:
            assert [desk.calendar.working_day("north", day).open for day in (SUNDAY, MONDAY)] == [False, True]
            assert desk.calendar.statement("order.1448") == shipped.statement

    def test_a_rule_may_come_under_an_id_that_staff_used(self):
        theirs = order(MONDAY, name="span")
        store = MemoryStore()
        declare(open_desk(small_catalogue(capacity=2), store=store), theirs)
        with open_desk(small_catalogue(capacity=2), calendar=SPANS, store=store) as desk:
            assert not desk.calendar.working_day("north", MONDAY).open
            assert desk.calendar.statement("span") == theirs.statement

    def test_days_of_a_rule_that_is_gone_count_for_nothing(self):
        days = AnnouncedClosure(id="eid.days", rule="eid", first_day=MONDAY, last_day=MONDAY, **HEAD)
        store = MemoryStore()
        before = open_desk(small_catalogue(), calendar=calendar_of(AnnouncedDays(id="eid", **HEAD)), store=store)
        declare(before, days)
        assert not before.calendar.working_day("north", MONDAY).open
        with open_desk(small_catalogue(), store=store) as desk:
            assert desk.calendar.working_day("north", MONDAY).open
            assert isinstance(declare(desk, Withdrawal("eid.days"), 2), Declared)

    def test_staff_correct_a_month_that_ships(self):
        with open_desk(small_catalogue(), calendar=SPANS.with_record(self.START)) as desk:
            again = evolve(
                self.START, id=authority_id("start.again"), first_day=self.START.first_day - timedelta(days=1)
            )
            assert isinstance(declare(desk, again), Declared)
            assert desk.calendar.working_day("north", self.START.first_day).rules != (self.START.id,)


def test_an_announcement_that_moves_a_holiday_affects_the_new_days():
    eid = HijriSpan(
        id="eid",
        statement=PLAIN.rules[0].statement,
        source="this test",
        from_month=7,
        from_day=5,
        to_month=7,
        to_day=6,
    )
    first = HijriDate(1448, 7, 5).to_gregorian()
    with open_desk(small_catalogue(), start=START, horizon_days=60, calendar=calendar_of(eid)) as desk:
        assert not desk.calendar.working_day("north", first).open
        beyond = first + timedelta(days=2)
        appointment = book(desk, 1, day=beyond)
        moved = month_start(1448, 7, first - timedelta(days=3))
        assert numbers(desk.calendar.affected_by(moved)) == [appointment.number]
        declare(desk, moved)
        assert desk.calendar.working_day("north", first).open
        day = desk.calendar.working_day("north", beyond)
        assert (day.open, day.rules) == (False, ("start.1448-07", "eid"))
        assert desk.calendar.statement("eid").en == "words"


def test_each_declaration_has_a_record_with_its_actor_time_and_reason(desk):
    closure = order(MONDAY)
    outcome = declare(desk, closure)
    (entry,) = desk.calendar.entries()
    assert outcome == Declared(entry)
    assert (entry.number, entry.record, entry.actor, entry.reason) == (1, closure, STAFF, "صيانة")
    assert (entry.at, entry.request_id) == (START, "declare-1")


def test_a_withdrawal_gives_the_day_back_and_stays_on_record(desk):
    closure = order(MONDAY)
    declare(desk, closure)
    assert not desk.calendar.working_day("north", MONDAY).open
    declare(desk, Withdrawal(closure.id), serial=2)
    assert desk.calendar.working_day("north", MONDAY).open
    assert len(desk.calendar.entries()) == 2
    for record in (closure, Withdrawal(closure.id), Withdrawal(authority_id("other"))):
        with pytest.raises(InvalidInput):
            declare(desk, record, serial=3)


def test_a_withdrawn_closure_affects_nobody_and_its_own_request_may_be_sent_again(desk):
    booked = book(desk, 1)
    closure = order(MONDAY)
    outcome = declare(desk, closure)
    assert numbers(desk.calendar.affected_by(closure)) == [booked.number]
    assert desk.calendar.affected_by(Withdrawal(closure.id)) == ()
    declare(desk, Withdrawal(closure.id), serial=2)
    assert desk.calendar.affected_by(closure) == desk.calendar.affected_by(Withdrawal(closure.id)) == ()
    assert declare(desk, closure) == outcome


def test_the_withdrawal_of_added_seats_affects_their_appointments_and_lists_them_before_and_after(desk):
    opened = exception(Effect.OTHER_CAPACITY, MONDAY, capacity=3)
    declare(desk, opened)
    book(desk, 1)
    book(desk, 2)
    desk.clock.advance(timedelta(minutes=1))
    last = book(desk, 3)
    withdrawal = Withdrawal(opened.id)
    assert numbers(desk.calendar.affected_by(withdrawal)) == [last.number]
    declare(desk, withdrawal, serial=2)
    assert numbers(desk.calendar.affected_by(withdrawal)) == [last.number]
    desk.cancel(last.number, by=STAFF, request_id="c")
    assert desk.calendar.affected_by(withdrawal) == ()


def test_a_closure_affects_no_slots_that_another_record_has_opened_again(desk):
    book(desk, 1)
    closure = order(MONDAY)
    declare(desk, closure)
    declare(desk, exception(Effect.OPEN, MONDAY), serial=2)
    assert desk.calendar.affected_by(closure) == ()


def test_a_record_can_be_read_whoever_declared_it_and_after_its_withdrawal(desk):
    with open_desk(store=desk.store) as other:
        declare(other, exception(Effect.CLOSED, MONDAY))
        assert desk.calendar.statement("branch.closed").en == "words"
        declare(desk, Withdrawal(authority_id("branch.closed")), serial=2)
        assert other.calendar.statement("branch.closed").en == "words"


def test_a_second_withdrawal_is_reported_as_such(desk):
    declare(desk, order(MONDAY))
    declare(desk, Withdrawal(authority_id("order")), serial=2)
    with pytest.raises(InvalidInput, match="got 'order', which is withdrawn already"):
        declare(desk, Withdrawal(authority_id("order")), serial=3)
    with pytest.raises(InvalidInput, match="got 'other'; expected the id of a record of staff that still holds"):
        declare(desk, Withdrawal(authority_id("other")), serial=3)


def test_no_record_takes_the_name_of_a_timetable():
    with pytest.raises(InvalidInput, match=r"timetable\.… stands for timetables"):
        order(MONDAY, name="timetable.full")


def test_the_same_request_declares_once_and_another_under_its_id_is_an_error(desk):
    assert declare(desk, order(MONDAY)) == declare(desk, order(MONDAY))
    assert len(desk.calendar.entries()) == 1
    with pytest.raises(RequestMismatch):
        declare(desk, order(SUNDAY))


@pytest.mark.rule("CL-01", evidence="table")
@pytest.mark.parametrize(("by", "granted"), [(STAFF, True), (made_up_person(1), False)])
def test_only_staff_declare(desk, by, granted):
    outcome = declare(desk, order(MONDAY), by=by)
    if granted:
        assert isinstance(outcome, Declared)
    else:
        assert isinstance(outcome, Refused)
        assert [verdict.rule_id for verdict in outcome.verdicts] == ["CL-01"]
    assert desk.calendar.working_day("north", MONDAY).open is not granted


def test_a_record_that_does_not_fit_is_refused_with_what_was_wrong(desk):
    with pytest.raises(NotFound, match="no branch 'east'"):
        declare(desk, exception(Effect.CLOSED, MONDAY, branch="east"))
    with pytest.raises(InvalidInput, match="id: got weekend twice"):
        declare(desk, order(MONDAY, name="weekend"))
    with pytest.raises(InvalidInput, match="reason"):
        desk.calendar.declare(order(MONDAY), reason=" ", by=STAFF, request_id="r")
    assert desk.calendar.entries() == ()


def test_another_desk_over_the_same_store_follows_at_once():
    store = MemoryStore()
    one, other = open_desk(store=store), open_desk(store=store)
    (slot, *_) = other.find_slots(service="renewal", branch="north", from_=MONDAY)
    declare(one, order(MONDAY))
    assert other.find_slots(service="renewal", from_=MONDAY, until=MONDAY + timedelta(days=1)) == ()
    outcome = other.book(slot, applicant=made_up_person(1), agreed=True, request_id="late")
    assert isinstance(outcome, Refused)
    assert [verdict.rule_id for verdict in outcome.verdicts] == ["BK-02"]


class ClosedMeanwhile(MemoryStore):
    """A clerk closes the day after the facts were read and before the booking is written."""

    def __init__(self, *, blind):
        super().__init__()
        self.blind = blind
        self.meanwhile = None

    def commit(self, changes):
        if self.meanwhile is not None and not prepares(changes):
            meanwhile, self.meanwhile = self.meanwhile, None
            meanwhile()
        if self.blind:
            changes = [change._replace(checks=()) for change in changes]
        return super().commit(changes)


@pytest.mark.race
@pytest.mark.parametrize(("blind", "expected"), [(False, Refused), (True, Booked)], ids=["guarded", "negative control"])
def test_a_booking_never_lands_on_a_day_that_was_closed_before_it_was_written(blind, expected):
    store = ClosedMeanwhile(blind=blind)
    desk, other = open_desk(store=store), open_desk(store=store)
    AppointmentBook(store).open_calendars([branch.id for branch in desk.catalogue.branches])
    desk.check_key()
    (slot, *_) = desk.find_slots(service="renewal", branch="north", from_=MONDAY)
    store.meanwhile = lambda: declare(other, order(MONDAY))
    assert isinstance(desk.book(slot, applicant=made_up_person(1), agreed=True, request_id="r"), expected)


def put_back(store):
    """The store has no calendar entry again, as in a copy that was made before the first."""
    calendars, entries = store.read(
        [RecordsByIndex(each.name, None, [Span()]) for each in (CALENDARS, CALENDAR_ENTRIES)]
    )
    gone = [
        Delete(each.name, row[0], row[1])
        for each, (rows,) in ((CALENDARS, calendars), (CALENDAR_ENTRIES, entries))
        for row in rows
    ]
    assert store.commit([StoreChange(deletes=tuple(gone))]) == [None]


@pytest.mark.parametrize("ask", ["working day", "search", "booking"])
def test_a_store_put_back_to_an_earlier_state_is_believed(ask):
    store = MemoryStore()
    desk = open_desk(store=store)
    declare(desk, order(MONDAY))
    assert not desk.calendar.working_day("north", MONDAY).open
    put_back(store)
    match ask:
        case "working day":
            assert desk.calendar.working_day("north", MONDAY).open
        case "search":
            assert desk.find_slots(service="renewal", from_=MONDAY, until=MONDAY + timedelta(days=1))
        case _:
            slot = open_desk(store=store).find_slots(service="renewal", branch="north", from_=MONDAY)[0]
            assert isinstance(desk.book(slot, applicant=made_up_person(1), agreed=True, request_id="r"), Booked)


def test_a_store_put_back_and_closed_anew_shows_the_closures_that_it_has():
    store = MemoryStore()
    desk = open_desk(store=store)
    declare(desk, order(MONDAY))
    assert not desk.calendar.working_day("north", MONDAY).open
    put_back(store)
    tuesday = MONDAY + timedelta(days=1)
    declare(open_desk(store=store), order(tuesday, name="other"), serial=2)
    assert [desk.calendar.working_day("north", day).open for day in (MONDAY, tuesday)] == [True, False]


def test_a_day_may_be_named_in_either_calendar(desk):
    hijri = HijriDate.from_gregorian(MONDAY)
    assert desk.calendar.working_day("north", hijri) == desk.calendar.working_day("north", MONDAY)
    assert desk.calendar.working_day("north", Day(MONDAY)).day == Day(MONDAY)
    with pytest.raises(InvalidInput, match="day: got an instant"):
        desk.calendar.working_day("north", START)


def test_a_day_off_and_a_day_without_a_shift_name_their_authority(desk):
    friday = date(2026, 11, 27)
    assert (desk.calendar.working_day("north", friday).open, desk.calendar.working_day("north", friday).rules) == (
        False,
        ("weekend",),
    )
    declare(desk, order(friday, opens=True))
    day = desk.calendar.working_day("north", friday)
    assert (day.open, day.rules) == (False, ("timetable.full", "order"))
    assert desk.calendar.statement("timetable.full") == desk.catalogue.timetables[0].name
    with pytest.raises(NotFound, match="no calendar rule 'x'"):
        desk.calendar.statement("x")
