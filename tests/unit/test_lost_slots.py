"""An appointment whose day was closed, or whose hours moved, says so wherever it is read."""

from datetime import date, timedelta

import pytest
from attrs import evolve

from tests.calendars import RAMADAN, calendar_of, exception, month_start, order
from tests.desks import open_desk
from tests.small_town import small_catalogue
from traffic_booking import Bilingual, Cancelled, Clerk, HijriDate, Hours, SlotLoss, Withdrawal
from traffic_booking.adapters.tickets import HtmlTicket, TextTicket
from traffic_booking.domain.schedule.exceptions import Effect
from traffic_booking.ports.tickets import TicketRenderer
from traffic_booking.testing import made_up_person

MONDAY = date(2026, 11, 23)
STAFF, ME = Clerk("desk-1"), made_up_person(1)


@pytest.fixture
def desk():
    forms: dict[str, TicketRenderer] = {"text": TextTicket(), "html": HtmlTicket()}
    with open_desk(small_catalogue(capacity=2), tickets=forms) as opened:
        yield opened


def book(desk, nth=0, serial=1):
    slots = desk.find_slots(
        service="renewal", branch="north", from_=MONDAY, until=MONDAY + timedelta(days=1), limit=500
    )
    request = {"applicant": made_up_person(serial), "agreed": True, "request_id": f"book-{serial}"}
    return desk.book(slots[nth], **request).appointment


def declare(desk, record):
    desk.calendar.declare(record, reason="why", by=STAFF, request_id=f"{type(record).__name__}-{record.id}")


def test_a_closed_day_is_named_with_its_reason_in_the_appointment_the_list_and_the_ticket(desk):
    booked = book(desk)
    assert desk.appointment(booked.number, by=ME).lost_slot is None
    closed = exception(Effect.CLOSED, MONDAY)
    declare(desk, closed)

    read = desk.appointment(booked.number, by=ME)
    assert (read.lost_slot.how, read.lost_slot.rules[0]) == (SlotLoss.DAY_CLOSED, closed.id)
    assert read.lost_slot.reason == closed.reason
    assert read == booked, "what is lost is no part of the record"
    (listed,) = desk.appointments(ME).upcoming
    assert listed.lost_slot == read.lost_slot
    for language in ("ar", "en"):
        text = read.lost_slot.text(language)
        assert closed.reason(language).rstrip(".") in text
        assert text in " ".join(str(desk.ticket(booked.number, by=ME, language=language)).split())
        assert text in str(desk.ticket(booked.number, by=ME, form="html", language=language))


def test_hours_that_moved_are_told_from_a_closed_day(desk):
    first, last = book(desk, 0), book(desk, -1, serial=2)
    opens = desk.calendar.working_day("north", MONDAY).shifts[0].hours
    narrower = Hours(opens.opens_minute, opens.closes_minute - 1)
    declare(desk, exception(Effect.OTHER_HOURS, MONDAY, hours=(narrower,)))
    assert desk.appointment(first.number, by=ME).lost_slot is None
    assert desk.appointment(last.number, by=STAFF).lost_slot.how is SlotLoss.HOURS_MOVED


def test_a_lost_slot_has_the_name_of_the_holiday_or_of_the_hours_and_never_of_the_weekend():
    name = Bilingual("دوام رمضان", "Ramadan hours")
    ramadan = evolve(RAMADAN, name=name)
    day = HijriDate(1448, 9, 2).to_gregorian()
    with open_desk(small_catalogue(), horizon_days=120, calendar=calendar_of(ramadan)) as desk:
        eve = day - timedelta(days=2)
        slot = desk.find_slots(service="renewal", branch="north", from_=eve, until=day)[0]
        booked = desk.hold(slot, applicant=ME, request_id="hold").appointment  # type: ignore[union-attr]
        declare(desk, month_start(1448, 9, slot.starts_at.date()))
        lost = desk.appointment(booked.number, by=ME).lost_slot
    assert lost is not None
    assert (lost.how, lost.reason) == (SlotLoss.HOURS_MOVED, name)
    assert "Ramadan hours. Move" in lost.text("en")


def test_a_withdrawn_closure_gives_the_slot_back(desk):
    booked, closure = book(desk), order(MONDAY)
    declare(desk, closure)
    assert desk.appointment(booked.number, by=ME).lost_slot
    declare(desk, Withdrawal(closure.id))
    assert desk.appointment(booked.number, by=ME).lost_slot is None


def test_a_cancelled_appointment_has_lost_nothing(desk):
    booked = book(desk)
    declare(desk, order(MONDAY))
    assert isinstance(desk.cancel(booked.number, by=ME, request_id="c"), Cancelled)
    assert desk.appointment(booked.number, by=ME).lost_slot is None


def test_an_appointment_that_is_over_has_lost_nothing_by_a_later_timetable(desk):
    booked = book(desk)
    later = small_catalogue(capacity=2, opens_minute=600)
    with open_desk(later, store=desk.store, clock=desk.clock) as changed:
        lost = changed.appointment(booked.number, by=ME).lost_slot
        assert lost is not None
        assert lost.how is SlotLoss.HOURS_MOVED
        desk.clock.move_to(booked.slot_ends_at)
        assert changed.appointment(booked.number, by=ME).lost_slot is None
        assert [each.lost_slot for each in changed.appointments(ME).past] == [None]
        assert [each.lost_slot for each in changed.gate.appointments_of_day("north", MONDAY)] == [None]


def test_a_service_that_a_new_catalogue_no_longer_offers_there_is_named(desk):
    booked = book(desk)
    catalogue = small_catalogue(capacity=2)
    without = evolve(catalogue, branches=tuple(each for each in catalogue.branches if each.id != "north"))
    with open_desk(without, store=desk.store) as later:
        lost = later.appointment(booked.number, by=ME).lost_slot
    assert lost is not None
    assert (lost.how, lost.rules, lost.reason) == (SlotLoss.NOT_OFFERED, (), None)
    assert lost.text("en").endswith("cancel it.")
