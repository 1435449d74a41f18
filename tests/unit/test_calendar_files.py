"""Tickets as calendar files: read by two readers, an appointment is added, updated and removed, whatever its texts."""

import sys
from datetime import timedelta
from importlib import import_module
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import vobject
from attrs import evolve as copy_with
from hypothesis import example, given
from hypothesis import strategies as st
from icalendar import Calendar

from tests.small_town import START, small_catalogue, small_rulebook
from traffic_booking import AppointmentState, Bilingual, BookingDesk, Coordinates, DeskParts, InvalidInput, MissingExtra
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.tickets import ALARM_MINUTES, IcsTicket
from traffic_booking.domain.appointments.lost_slots import LostSlot, SlotLoss
from traffic_booking.testing import MovableClock, made_up_person
from traffic_booking.testing.kit.ticket_suite import sample_ticket

ME = made_up_person(20261122)
CALENDAR_FILE = "traffic_booking.adapters.tickets.calendar_file"


def events(content: bytes):
    """The event as both readers see it: of `icalendar`, and of `vobject`."""
    (one,) = Calendar.from_ical(content).events
    other = vobject.readOne(content.decode())
    assert other.behavior.validate(other)
    return one, other.vevent


def text_of(event, name: str) -> str:
    return str(event[name])


class Diary:
    """A calendar as programs keep one: by UID, the higher SEQUENCE wins, a cancelled event is removed."""

    def __init__(self):
        self.entries, self.sequences = {}, {}

    def open(self, content: bytes) -> None:
        file = Calendar.from_ical(content)
        (event,) = file.events
        uid, sequence = text_of(event, "uid"), int(text_of(event, "sequence"))
        if sequence < self.sequences.get(uid, 0):
            return
        self.sequences[uid] = sequence
        if file["method"] == "CANCEL" and event["status"] == "CANCELLED":
            self.entries.pop(uid, None)
        else:
            self.entries[uid] = event.decoded("dtstart")


@pytest.fixture
def desk():
    return BookingDesk(
        DeskParts(
            store=MemoryStore(),
            clock=MovableClock(START),
            catalogue=small_catalogue(),
            rulebook=small_rulebook("2026.7"),
        )
    )


@pytest.fixture
def booked(desk):
    slot = desk.find_slots(service="renewal", branch="north", limit=90)[-1]
    return desk.book(slot, applicant=ME, agreed=True, request_id="book").appointment


@pytest.mark.journey("J-17")
@pytest.mark.parametrize("language", ["ar", "en"])
def test_both_readers_find_the_appointment_in_the_branchs_time(desk, booked, language):
    document = desk.ticket(booked.number, by=ME, form="ics", language=language)
    assert (document.media_type, document.file_name) == ("text/calendar; charset=utf-8", f"ticket-{booked.number}.ics")
    one, other = events(document.content)
    branch = desk.catalogue.branch("north")
    assert one.decoded("dtstart") == booked.starts_at == other.dtstart.value
    assert one.decoded("dtend") == booked.ends_at == other.dtend.value
    assert one["dtstart"].params["TZID"] == "Asia/Riyadh"
    assert one["status"] == other.status.value == "CONFIRMED"
    assert branch.name(language) in one["location"]
    assert one["location"] == other.location.value
    assert (one["geo"].latitude, one["geo"].longitude) == (branch.location.latitude, branch.location.longitude)
    assert desk.catalogue.service("renewal").name(language) in one["summary"]
    arrive_by = {"ar": "احضر قبل الساعة", "en": "Arrive by"}[language]
    for value in (arrive_by, booked.number, booked.day.hijri_text(language), str(ME)):
        assert value in one["description"]
    assert one["description"] == other.description.value
    assert ME.reveal() not in str(document)


def test_in_both_languages_each_text_has_arabic_first(desk, booked):
    one, _ = events(desk.ticket(booked.number, by=ME, form="ics", language="both").content)
    branch, service = desk.catalogue.branch("north"), desk.catalogue.service("renewal")
    for name, text in (("location", branch.name), ("summary", service.name), ("description", branch.name)):
        assert 0 <= one[name].find(text("ar")) < one[name].find(text("en"))


def test_the_place_has_the_address_if_the_branch_has_one():
    ticket = sample_ticket()
    ticket = copy_with(ticket, branch=copy_with(ticket.branch, address=Bilingual("شارع 5", "5th Street")))
    one, _ = events(IcsTicket().render(ticket, "en").content)
    assert [part.strip() for part in one["location"].split(",")] == ["North", "5th Street", "Town"]


def test_the_alarm_is_before_the_start_by_a_named_figure_that_a_host_may_change(booked):
    ticket = sample_ticket()
    for renderer, minutes in ((IcsTicket(), ALARM_MINUTES), (IcsTicket(alarm_minutes=45), 45)):
        one, other = events(renderer.render(ticket, "en").content)
        (alarm,) = one.walk("VALARM")
        assert alarm.decoded("trigger") == other.valarm.trigger.value == -timedelta(minutes=minutes)
    wrong: Any
    for wrong in (-1, 10_081, "5", None):
        with pytest.raises(InvalidInput, match=r"alarm_minutes: got .*; expected 0 to 10080 minutes"):
            IcsTicket(alarm_minutes=wrong)


@pytest.mark.parametrize("state", [each for each in AppointmentState if each is not AppointmentState.BOOKED])
def test_only_a_booked_appointment_has_an_alarm(state):
    one, _ = events(IcsTicket().render(sample_ticket(state), "en").content)
    assert one.walk("VALARM") == []
    assert one["status"] != "CONFIRMED" or state is AppointmentState.CHECKED_IN


def test_an_appointment_whose_day_was_closed_is_tentative_and_has_no_alarm_and_states_it():
    ticket = sample_ticket()
    lost = LostSlot(how=SlotLoss.DAY_CLOSED, reason=Bilingual("سيول", "Floods"))
    one, _ = events(
        IcsTicket().render(copy_with(ticket, appointment=copy_with(ticket.appointment, lost_slot=lost)), "en").content
    )
    assert one["status"] == "TENTATIVE"
    assert one.walk("VALARM") == []
    assert lost.text("en") in one["description"]


@pytest.mark.journey("J-17")
def test_a_move_updates_the_entry_and_a_cancellation_removes_it(desk, booked):
    diary = Diary()

    def send():
        content = desk.ticket(booked.number, by=ME, form="ics", language="en").content
        diary.open(content)
        return content

    first = send()
    assert list(diary.entries.values()) == [booked.starts_at]
    slot = desk.find_slots(service="renewal", branch="south", limit=90)[-2]
    moved = desk.move(booked.number, slot, by=ME, request_id="move").appointment
    second = send()
    assert list(diary.entries.values()) == [moved.starts_at] != [booked.starts_at]
    diary.open(first)  # a late mail with the older file changes nothing
    assert list(diary.entries.values()) == [moved.starts_at]
    desk.cancel(booked.number, by=ME, request_id="cancel")
    third = send()
    assert diary.entries == {}

    files = [vobject.readOne(content.decode()) for content in (first, second, third)]
    assert len({file.vevent.uid.value for file in files}) == 1
    assert [int(file.vevent.sequence.value) for file in files] == [1, 2, 3]
    assert [file.method.value for file in files] == ["PUBLISH", "PUBLISH", "CANCEL"]
    assert [file.vevent.status.value for file in files] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert booked.number in files[0].vevent.uid.value


def test_the_file_of_the_same_appointment_is_the_same_to_the_byte(desk, booked):
    first = desk.ticket(booked.number, by=ME, form="ics")
    assert {desk.ticket(booked.number, by=ME, form="ics").content for _ in range(3)} == {first.content}
    one, _ = events(first.content)
    assert one.decoded("dtstamp") == booked.changed_at.replace(microsecond=0)


@pytest.mark.parametrize("zone", ["Asia/Riyadh", "Europe/Berlin", "America/St_Johns", "UTC"])
def test_the_time_is_right_in_the_zone_of_any_branch(zone):
    ticket = sample_ticket()
    ticket = copy_with(ticket, appointment=copy_with(ticket.appointment, time_zone=zone))
    content = IcsTicket().render(ticket, "en").content
    one, other = events(content)
    assert one.decoded("dtstart") == ticket.appointment.slot.starts_at == other.dtstart.value
    (of_file,) = Calendar.from_ical(content).timezones
    local = ticket.appointment.starts_at.replace(tzinfo=None)
    assert of_file.tz_name == zone
    assert of_file.to_tz().utcoffset(local) == local.replace(tzinfo=ZoneInfo(zone)).utcoffset()


@given(st.floats(-90, 90), st.floats(-180, 180))
@example(0.00001, -0.0000001)
def test_both_readers_find_any_point(latitude, longitude):
    ticket = sample_ticket()
    ticket = copy_with(ticket, branch=copy_with(ticket.branch, location=Coordinates(latitude, longitude)))
    one, other = events(IcsTicket().render(ticket, "en").content)
    assert (one["geo"].latitude, one["geo"].longitude) == pytest.approx((latitude, longitude), abs=1e-6)
    assert [float(part) for part in other.geo.value.split(";")] == pytest.approx([latitude, longitude], abs=1e-6)


PIECES = (
    "; , : \\ \" ' ^n ^' = %",
    "\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:x",
    "\nSTATUS:CANCELLED",
    "\\nX:1\\,\\;",
    "\u202e\u2066\u2069\u200f\ufeff\x00\x1b\x7f\u2028\u2029\x85",
    "\U0001f697\U0001f468\u200d\U0001f469\u200d\U0001f467\ufe0f",
    "Latin و عربي 12/3",
    "</dd><script>",
    "\ud800\udfff",
    "خ" * 500,
    "W" * 500,
)
HOSTILE = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=40)), min_size=1, max_size=4).map("".join)


def forged(text: str) -> Bilingual:
    """A text that the catalogue would refuse."""
    made = Bilingual("x", "x")
    object.__setattr__(made, "ar", text)
    object.__setattr__(made, "en", text)
    return made


@given(HOSTILE, HOSTILE, st.sampled_from(["ar", "en", "both"]))
@example("".join(PIECES), "".join(reversed(PIECES)), "both")
def test_no_text_adds_a_line_or_an_event_or_changes_another_value(name, text, language):
    plain = sample_ticket()
    ticket = copy_with(
        plain,
        branch=copy_with(plain.branch, name=forged(name), address=forged(text)),
        governorate=copy_with(plain.governorate, name=forged(text)),
        service=copy_with(
            plain.service, name=forged(name), instructions=copy_with(plain.service.instructions, text=forged(text))
        ),
        documents=(copy_with(plain.documents[0], name=forged(text)),),
    )
    object.__setattr__(ticket, "printed_name", name)
    content = IcsTicket().render(ticket, language).content
    one, other = events(content)
    usual, _ = events(IcsTicket().render(plain, language).content)
    assert sorted(one.keys()) == sorted(usual.keys())
    for kept in ("uid", "sequence", "status", "dtstart", "dtend", "dtstamp", "geo"):
        assert one[kept].to_ical() == usual[kept].to_ical()
    for line in content.decode().split("\r\n"):
        assert len(line.encode()) <= 75
        assert not set(line) & set("\n\r\x00\x1b\x7f\x85\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u200f\ufeff")
    for free in ("summary", "location", "description"):
        assert text_of(one, free) == getattr(other, free).value
        for shown in text_of(one, free).split("\n"):
            assert sum(map(shown.count, "\u2066\u2067\u2068")) == shown.count("\u2069")


def test_without_the_extra_the_error_states_what_to_install(monkeypatch):
    monkeypatch.delitem(sys.modules, CALENDAR_FILE, raising=False)
    monkeypatch.setitem(sys.modules, "icalendar", None)
    with pytest.raises(
        MissingExtra, match=r"a ticket as a calendar file needs .*pip install 'traffic-booking\[tickets\]'"
    ):
        import_module(CALENDAR_FILE)
