"""The verbs of the desk over a small town: their outcomes, the input that they refuse, and repeated requests.

Over 400 lines: every verb of one face, over one small town.
"""

from datetime import UTC, date, datetime, timedelta
from functools import partial
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve

from tests.async_desk import DrivenDesk
from tests.bookings import number, seats_taken, slot
from tests.calendars import PLAIN
from tests.cases import CLERK, DAY, MINUTE, OPENING, TICK
from tests.people import ME, YOU
from tests.small_town import RETENTION, START, small_catalogue, small_rulebook
from traffic_booking import (
    AppointmentBooked,
    AppointmentHeld,
    AppointmentNotFound,
    AppointmentState,
    AsyncDesk,
    Booked,
    Cancelled,
    CheckedIn,
    Clerk,
    Coordinates,
    Desk,
    DeskParts,
    Document,
    Held,
    HijriDate,
    InvalidInput,
    NotFound,
    Refused,
    RequestMismatch,
    SlotKey,
    StoreClosed,
)
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.numbering import RandomNumbering
from traffic_booking.adapters.threaded import ThreadedStore
from traffic_booking.domain.places.geography import BranchId
from traffic_booking.domain.places.services import ServiceId
from traffic_booking.testing import MovableClock, made_up_person


class Plain:
    """A ticket that is the number and the language."""

    def render(self, ticket, language):
        text = f"{language} {ticket.appointment.number} {ticket.appointment.state}"
        return Document(media_type="text/plain; charset=utf-8", file_name="ticket.txt", content=text.encode())


@pytest.fixture
def clock():
    return MovableClock(START)


async def awaited(**parts):
    return AsyncDesk(DeskParts(**{**parts, "store": ThreadedStore(parts["store"])}))


@pytest.fixture(params=["threads", "asyncio"])
def desk(request, clock):
    """A desk, and the one for asyncio: every test has to pass for both."""
    parts = {
        "store": MemoryStore(),
        "clock": clock,
        "catalogue": small_catalogue(capacity=2),
        "rulebook": small_rulebook(),
        "calendar": PLAIN,
        "numbering": RandomNumbering(),
        "tickets": {"text": Plain()},
        "retention": RETENTION,
    }
    with Desk(DeskParts(**parts)) if request.param == "threads" else DrivenDesk(partial(awaited, **parts)) as opened:
        yield opened


LATER = slot(6)
"""A slot so far ahead that its appointment may still be cancelled."""


def booked(desk, at=LATER, person=ME, request_id="book"):
    """The appointment of a booking."""
    outcome = desk.book(at, applicant=person, agreed=True, request_id=request_id)
    assert isinstance(outcome, Booked)
    return outcome.appointment


def test_a_slot_is_named_by_whatever_names_it(desk):
    (found,) = desk.find_slots(service="renewal", branch="north", limit=1)
    names = [found, found.slot, found.key]
    for serial, name in enumerate(names):
        one = booked(desk, name, made_up_person(serial), request_id=f"r{serial}") if serial < 2 else None
        assert one is None or one.slot == found.key
    held = desk.hold(slot(2), applicant=YOU, request_id="hold")
    assert isinstance(held, Held)
    again = desk.hold(held, applicant=YOU, request_id="again")
    assert again == held
    assert booked(desk, held.appointment, YOU).number == held.appointment.number


@pytest.mark.parametrize("name", [None, "north", 7, ("north", "renewal", OPENING)])
def test_a_name_of_no_slot_is_refused(desk, name):
    with pytest.raises(InvalidInput, match=r"^slot: got [\w ]+; expected (a slot that was found|a time from the list)"):
        desk.hold(name, applicant=ME, request_id="r")


@pytest.mark.parametrize("applicant", [ME.reveal(), None, Clerk("counter-3")], ids=["text", "none", "clerk"])
def test_an_applicant_who_is_no_person_has_no_appointments_and_is_not_shown(desk, applicant):
    for ask in (
        lambda: desk.hold(LATER, applicant=applicant, request_id="r"),
        lambda: desk.book(LATER, applicant=applicant, agreed=True, request_id="r"),
        lambda: desk.appointments(applicant),
    ):
        with pytest.raises(InvalidInput, match=r"^applicant: got \w+; expected a NationalId or ResidentId$"):
            ask()


@pytest.mark.parametrize("request_id", ["", " ", "x" * 129, None])
def test_every_change_needs_a_request_id(desk, request_id):
    one = booked(desk)
    for ask in (
        lambda: desk.hold(LATER, applicant=YOU, request_id=request_id),
        lambda: desk.book(LATER, applicant=YOU, agreed=True, request_id=request_id),
        lambda: desk.cancel(one.number, by=ME, request_id=request_id),
        lambda: desk.gate.check_in(one.number, by=CLERK, request_id=request_id),
    ):
        with pytest.raises(InvalidInput, match=r"^request id: "):
            ask()
    assert desk.appointment(one.number, by=ME) == one


@pytest.mark.parametrize("agreed", [None, 1, "", "2026-11-1", "yes", b"2026-11-01", ["2026-11-01"]], ids=repr)
def test_agreement_is_yes_or_no_or_the_name_of_a_version(desk, agreed):
    with pytest.raises(InvalidInput, match=r"^agreed: "):
        desk.book(LATER, applicant=ME, agreed=agreed, request_id="r")


@pytest.mark.parametrize("by", [ME.reveal(), 7, Clerk], ids=["text", "number", "class"])
def test_an_actor_who_cannot_act_is_refused_and_not_shown(desk, by):
    for ask in (
        lambda: desk.hold(LATER, applicant=ME, request_id="r", by=by),
        lambda: desk.cancel(number(1), by=by, request_id="r"),
        lambda: desk.appointment(number(1), by=by),
        lambda: desk.ticket(number(1), by=by),
    ):
        with pytest.raises(InvalidInput, match=r"^actor: got \w+; expected"):
            ask()


@pytest.mark.parametrize(
    ("branch", "service", "missing"),
    [("west", "renewal", "branch 'west'"), ("north", "painting", "service 'painting'")],
)
def test_an_unknown_branch_or_service_is_named(desk, branch, service, missing):
    unknown = SlotKey(BranchId(branch), ServiceId(service), OPENING)
    for ask in (
        lambda: desk.hold(unknown, applicant=ME, request_id="r"),
        lambda: desk.book(unknown, applicant=ME, agreed=True, request_id="r"),
    ):
        with pytest.raises(NotFound, match=f"^no {missing}; known: "):
            ask()


def test_one_request_id_is_one_request_whatever_the_verb(desk):
    one = booked(desk, request_id="r")
    different = [
        lambda: desk.book(LATER, applicant=YOU, agreed=True, request_id="r"),
        lambda: desk.book(slot(5), applicant=ME, agreed=True, request_id="r"),
        lambda: desk.book(LATER, applicant=ME, agreed="2026-11-01", request_id="r"),
        lambda: desk.book(LATER, applicant=ME, agreed=True, request_id="r", by=CLERK),
        lambda: desk.hold(LATER, applicant=ME, request_id="r"),
        lambda: desk.cancel(one.number, by=ME, request_id="r"),
        lambda: desk.gate.check_in(one.number, by=CLERK, request_id="r"),
    ]
    for ask in different:
        with pytest.raises(RequestMismatch, match=r"^request id 'r': "):
            ask()

    assert desk.book(LATER, applicant=ME, agreed=True, request_id="r") == Booked(one)
    assert desk.appointment(one.number, by=ME) == one


def test_the_first_answer_is_given_again_whatever_has_happened_since(desk, clock):
    refused = desk.book(LATER, applicant=ME, agreed=False, request_id="refused")
    first = desk.book(LATER, applicant=ME, agreed=True, request_id="booked")
    cancelled = desk.cancel(first.appointment.number, by=ME, request_id="cancelled")
    clock.advance(2 * DAY)

    assert isinstance(refused, Refused)
    assert desk.book(LATER, applicant=ME, agreed=False, request_id="refused") == refused
    assert desk.book(LATER, applicant=ME, agreed=True, request_id="booked") == first
    assert desk.cancel(first.appointment.number, by=ME, request_id="cancelled") == cancelled
    assert isinstance(cancelled, Cancelled)
    assert seats_taken(desk.store, LATER) == 0


def test_a_number_is_taken_however_it_is_typed(desk):
    one = booked(desk)
    typed = one.number.replace("-", "").lower()

    assert desk.appointment(typed, by=ME) == one
    assert str(desk.ticket(f" {typed}", by=ME)) == f"ar {one.number} booked"
    with pytest.raises(InvalidInput, match=r"^appointment number: "):
        desk.appointment("12", by=ME)


def test_somebody_elses_appointment_is_not_found_like_one_that_does_not_exist(desk):
    one = booked(desk)
    messages = []
    for wanted in (one.number, number(1)):
        for verb in (desk.appointment, desk.audit.history, desk.ticket):
            with pytest.raises(AppointmentNotFound) as refused:
                verb(wanted, by=YOU)
            messages.append(str(refused.value).replace(wanted, "…"))

    assert len(set(messages)) == 1
    assert desk.appointment(one.number, by=CLERK) == one


def test_the_history_has_every_event_in_order(desk):
    held = desk.hold(LATER, applicant=ME, request_id="hold")
    one = booked(desk, held)

    events = desk.audit.history(one.number, by=ME)

    assert [type(event) for event in events] == [AppointmentHeld, AppointmentBooked]
    assert [event.version for event in events] == [1, 2]
    assert [event.request_id for event in events] == ["hold", "book"]


def test_a_ticket_is_printed_in_a_form_and_a_language_that_there_is(desk):
    one = booked(desk)

    assert str(desk.ticket(one.number, by=ME, language="en")) == f"en {one.number} booked"
    with pytest.raises(InvalidInput, match=r"^form: got 'pdf'; expected text$"):
        desk.ticket(one.number, by=ME, form="pdf")
    german: Any = "de"
    with pytest.raises(InvalidInput, match=r"^language: got 'de'; expected ar, en or both$"):
        desk.ticket(one.number, by=ME, language=german)


def test_a_cancelled_appointment_has_a_ticket_as_proof_and_a_hold_has_none(desk, clock):
    one = booked(desk)
    desk.cancel(one.number, by=ME, request_id="cancel")
    held = desk.hold(LATER, applicant=YOU, request_id="hold").appointment

    assert str(desk.ticket(one.number, by=ME)) == f"ar {one.number} cancelled"
    with pytest.raises(
        InvalidInput, match=r"^appointment: got one that is held, not booked; expected one that is booked$"
    ):
        desk.ticket(held.number, by=YOU)
    clock.advance(10 * MINUTE)
    desk.maintenance.expire_holds()
    with pytest.raises(InvalidInput, match="got a hold that has expired"):
        desk.ticket(held.number, by=YOU)


def test_appointments_stand_in_their_lists_and_by_group(desk, clock):
    attended = booked(desk, slot(1))
    clock.move_to(OPENING)
    assert isinstance(desk.gate.check_in(attended.number, by=CLERK, request_id="in"), CheckedIn)
    assert [one.number for one in desk.appointments(ME).upcoming] == [attended.number]
    clock.move_to(OPENING + 15 * MINUTE)
    cancelled = booked(desk, slot(26), request_id="second")
    desk.cancel(cancelled.number, by=ME, request_id="cancel")
    desk.hold(slot(27), applicant=ME, request_id="hold")
    clock.advance(10 * MINUTE)
    upcoming = booked(desk, slot(28, "transfer"), request_id="third")

    mine = desk.appointments(ME)

    assert [len(part) for part in (mine.upcoming, mine.held, mine.past, mine.cancelled, mine.expired)] == [
        1,
        0,
        1,
        1,
        1,
    ]
    assert (mine.upcoming[0].number, mine.past[0].number) == (upcoming.number, attended.number)
    assert desk.appointments(ME, group="e-services") == mine
    assert len(desk.appointments(ME, limit=1)) == 1
    with pytest.raises(NotFound, match=r"^no service group 'other'"):
        desk.appointments(ME, group="other")
    assert len(desk.appointments(YOU)) == 0


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda desk, n: desk.find_slots(service="renewal", limit=n), id="find_slots"),
        pytest.param(lambda desk, n: desk.appointments(ME, limit=n), id="appointments"),
        pytest.param(lambda desk, n: desk.maintenance.expire_holds(limit=n), id="expire_holds"),
    ],
)
@pytest.mark.parametrize("limit", [-1, 0, 1_001])
def test_a_list_has_at_least_one_entry_and_no_more_than_the_most(desk, ask, limit):
    with pytest.raises(InvalidInput, match=rf"^limit: got {limit}; expected 1 to (500|1000)$"):
        ask(desk, limit)
    ask(desk, 1)
    ask(desk, 500)


def test_the_earliest_slots_come_first_and_the_nearer_branch_before_the_other(desk):
    near_south = Coordinates(24.62, 46.70)
    found = desk.find_slots(service="renewal", near=near_south, limit=4)

    assert [(slot_found.branch, slot_found.starts_at.hour, slot_found.starts_at.minute) for slot_found in found] == [
        ("south", 8, 0),
        ("north", 8, 0),
        ("south", 8, 15),
        ("north", 8, 15),
    ]
    assert found[0].distance_km == pytest.approx(1.11, abs=0.01)
    assert found[1].distance_km == pytest.approx(8.90, abs=0.01)
    assert (found[0].free, found[0].slot.capacity, found[0].as_of) == (2, 2, START)
    only = desk.find_slots(service="renewal", near=near_south, within_km=5, limit=4)
    assert {slot_found.branch for slot_found in only} == {"south"}
    assert desk.find_slots(service="renewal", near=near_south, within_km=0.5) == ()


@pytest.mark.parametrize(
    ("where", "branches"),
    [
        ({}, ["north", "south"]),
        ({"governorate": "town"}, ["north"]),
        ({"branch": "south"}, ["south"]),
        ({"branch": "south", "governorate": "town"}, []),
    ],
    ids=str,
)
def test_slots_are_searched_in_the_requested_place(desk, where, branches):
    assert sorted({found.branch for found in desk.find_slots(service="renewal", **where)}) == branches


@pytest.mark.parametrize(
    ("where", "missing"),
    [
        ({"service": "painting"}, "service 'painting'"),
        ({"branch": "west"}, "branch 'west'"),
        ({"governorate": "west"}, "governorate 'west'"),
    ],
    ids=str,
)
def test_an_unknown_place_or_service_is_not_looked_for(desk, where, missing):
    with pytest.raises(NotFound, match=f"^no {missing}; known: "):
        desk.find_slots(**({"service": "renewal"} | where))


@pytest.mark.parametrize("within", [{"within_km": 5}, {"within_km": -1, "near": Coordinates(24, 46)}], ids=str)
def test_a_distance_needs_a_point_and_is_not_negative(desk, within):
    with pytest.raises(InvalidInput, match=r"^within_km: "):
        desk.find_slots(service="renewal", **within)
    with pytest.raises(InvalidInput, match=r"^within_km: "):
        desk.find_slots(service="renewal", near=Coordinates(24, 46), within_km=float("nan"))


def test_a_window_begins_with_its_first_instant_and_ends_before_its_last(desk):
    first, second, third = (found.starts_at for found in desk.find_slots(service="renewal", branch="north", limit=3))

    found = desk.find_slots(service="renewal", branch="north", from_=first, until=third)

    assert [slot_found.starts_at for slot_found in found] == [first, second]
    monday = desk.find_slots(service="renewal", branch="north", from_=date(2026, 11, 23), until=date(2026, 11, 24))
    assert len(monday) == 20
    whole_day = desk.find_slots(
        service="renewal", branch="north", from_=date(2026, 11, 23), until=date(2026, 11, 24), limit=500
    )
    assert len(whole_day) == 24
    assert {slot_found.day.gregorian for slot_found in whole_day} == {date(2026, 11, 23)}
    assert desk.find_slots(service="renewal", from_=third, until=first) == ()
    with pytest.raises(InvalidInput, match="without an offset"):
        desk.find_slots(service="renewal", from_=datetime(2026, 11, 23))  # noqa: DTZ001 - that is what is refused


def test_nothing_is_found_that_has_started_or_that_is_beyond_the_horizon(desk, clock):
    clock.move_to(OPENING)
    (soonest,) = desk.find_slots(service="renewal", branch="north", limit=1)
    assert soonest.key.starts_at == OPENING + 15 * MINUTE

    clock.move_to(OPENING + 2 * DAY - 60 * DAY)  # a Friday; 60 days on, the branch opens
    last = desk.find_slots(service="renewal", branch="north", from_=OPENING + DAY + 346 * MINUTE)
    assert [found.key.starts_at for found in last] == [OPENING + 2 * DAY]
    assert isinstance(desk.book(last[0], applicant=ME, agreed=True, request_id="last"), Booked)


def test_a_full_slot_is_not_found_and_one_whose_hold_has_run_out_is(desk, clock):
    first = slot(1)
    for serial in range(2):
        desk.hold(first, applicant=made_up_person(serial), request_id=f"hold-{serial}")

    def free():
        found = desk.find_slots(service="renewal", branch="north", limit=1)[0]
        return found.free if found.key == first else 0

    assert free() == 0
    clock.advance(10 * MINUTE - timedelta(microseconds=1))
    assert free() == 0
    clock.advance(timedelta(microseconds=1))
    assert free() == 2


def test_a_month_is_shown_day_by_day_in_either_calendar(desk):
    booked(desk)
    gregorian = desk.month_view(service="renewal", branch="north", year=2026, month_of_year=11)
    hijri = desk.month_view(service="renewal", branch="north", year=1448, month_of_year=6, calendar="hijri")

    assert [day.day.gregorian for day in gregorian] == [date(2026, 11, day) for day in range(1, 31)]
    by_day = {day.day.gregorian.day: (day.seats, day.free) for day in gregorian}
    assert (by_day[21], by_day[22], by_day[23], by_day[27]) == ((0, 0), (48, 47), (48, 48), (0, 0))
    assert hijri[0].day.hijri == HijriDate(1448, 6, 1)
    assert len(hijri) in {29, 30}
    in_both = {day.day: day for day in hijri}
    assert all(in_both[day.day] == day for day in gregorian if day.day in in_both)


@pytest.mark.parametrize(
    ("now", "today", "last_day"), [(OPENING - TICK, 48, 0), (OPENING, 46, 2)], ids=["before", "at"]
)
def test_a_month_shows_what_is_still_to_come_and_not_beyond_the_horizon(desk, clock, now, today, last_day):
    clock.move_to(now)
    november, january = (
        desk.month_view(service="renewal", branch="north", year=year, month_of_year=month)
        for year, month in ((2026, 11), (2027, 1))
    )

    assert november[21].seats == today
    assert [day.seats for day in january[19:22]] == [48, last_day, 0]  # the 21st is 60 days on


@pytest.mark.parametrize(
    ("year", "month", "calendar", "field"),
    [
        (2026, 0, "gregorian", "month"),
        (2026, 13, "gregorian", "month"),
        (1800, 1, "gregorian", "year"),
        (9998, 1, "gregorian", "year"),
        (1448, 13, "hijri", None),
        (9000, 1, "hijri", None),
        (2026, 1, "julian", "calendar"),
    ],
)
def test_a_month_that_there_is_not_is_refused(desk, year, month, calendar, field):
    with pytest.raises(InvalidInput) as refused:
        desk.month_view(service="renewal", branch="north", year=year, month_of_year=month, calendar=calendar)
    assert field is None or refused.value.field == field


def test_a_month_of_an_unknown_branch_or_service_is_refused(desk):
    with pytest.raises(NotFound, match=r"^no branch 'west'"):
        desk.month_view(service="renewal", branch="west", year=2026, month_of_year=11)
    with pytest.raises(NotFound, match=r"^no service 'painting'"):
        desk.month_view(service="painting", branch="north", year=2026, month_of_year=11)


def test_a_held_slot_is_cancelled_at_any_time_and_its_number_is_gone(desk):
    held = desk.hold(slot(1), applicant=ME, request_id="hold").appointment

    cancelled = desk.cancel(held.number, by=ME, request_id="cancel")

    assert isinstance(cancelled, Cancelled)
    assert cancelled.appointment.state is AppointmentState.CANCELLED
    assert seats_taken(desk.store, slot(1)) == 0


def test_a_closed_desk_raises_an_error_and_can_be_closed_twice(desk):
    desk.close()
    desk.close()

    with pytest.raises(StoreClosed):
        desk.book(LATER, applicant=ME, agreed=True, request_id="r")


def test_a_clock_in_another_zone_gives_the_same_time(desk):
    class InRiyadh:
        def now(self):
            return START.astimezone(ZoneInfo("Asia/Riyadh"))

    desk._office.clock = InRiyadh()
    one = booked(desk)

    assert one.changed_at == START
    assert one.changed_at.tzinfo is UTC


def test_may_cancel_answers_without_cancelling(desk, clock):
    far = desk.find_slots(service="renewal", branch="north", from_=START + 3 * DAY)[0]
    booked = desk.book(far, applicant=ME, agreed=True, request_id="b").appointment

    answer = desk.may_cancel(booked.number, by=ME)
    assert answer
    assert answer.until == booked.slot.starts_at - timedelta(minutes=240)
    assert [v.rule_id for v in desk.may_cancel(booked.number, by=YOU).refused] == ["CN-01"]

    clock.move_to(answer.until)
    assert [v.rule_id for v in desk.may_cancel(booked.number, by=ME).refused] == ["CN-03"]
    assert desk.appointment(booked.number, by=ME) == booked


@pytest.mark.parametrize("verb", ["hold", "book"])
def test_a_request_that_was_answered_is_answered_again_though_its_branch_has_left_the_catalogue(desk, clock, verb):
    offered = desk.find_slots(service="renewal", branch="south")[0]
    request = {"applicant": ME, "request_id": "r"} | ({"agreed": True} if verb == "book" else {})
    first = attrgetter(verb)(desk)(offered, **request)
    catalogue = small_catalogue()
    later = Desk(
        DeskParts(
            store=desk.store,
            clock=clock,
            catalogue=evolve(catalogue, branches=catalogue.branches[:1]),
            rulebook=small_rulebook(),
            calendar=PLAIN,
            numbering=RandomNumbering(),
            tickets={},
            retention=RETENTION,
        )
    )

    assert getattr(later, verb)(offered, **request) == first
    with pytest.raises(NotFound):
        getattr(later, verb)(offered, **request | {"request_id": "new"})


def test_a_hold_is_confirmed_though_the_capacity_was_lowered_meanwhile(desk, clock):
    offered = desk.find_slots(service="renewal", branch="north")[0]
    desk.hold(offered, applicant=YOU, request_id="yours")
    held = desk.hold(offered, applicant=ME, request_id="mine")
    later = Desk(
        DeskParts(
            store=desk.store,
            clock=clock,
            catalogue=small_catalogue(capacity=1),
            rulebook=small_rulebook(),
            calendar=PLAIN,
            numbering=RandomNumbering(),
            tickets={},
            retention=RETENTION,
        )
    )

    assert isinstance(later.book(held, applicant=ME, agreed=True, request_id="b"), Booked)


def test_the_readme_like_request_id_of_the_reference_page_is_taken(desk):
    offered = desk.find_slots(service="renewal", branch="north")[0]
    assert isinstance(desk.book(offered, applicant=ME, agreed=True, request_id="7f3c…"), Booked)
