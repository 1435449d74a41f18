"""Texts of tickets, lists and pages are read back by the verbs that take them, with invisible marks in them."""

import re
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from html.parser import HTMLParser
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.calendars import exception
from tests.desks import open_desk
from tests.people import ME, YOU
from tests.strategies import pasted
from traffic_booking import (
    Assertions,
    Auditor,
    Booked,
    Clerk,
    Day,
    Declared,
    Delegate,
    Effect,
    NationalId,
    SlotKey,
    System,
    TrafficBookingError,
    UserName,
    Withdrawal,
    from_json,
    instant_text,
    parse_date,
    parse_time,
    person_id,
    to_json,
)
from traffic_booking.adapters.image_captcha import ImageCaptcha, answer
from traffic_booking.adapters.tickets import HtmlTicket, TextTicket
from traffic_booking.adapters.tickets import wording as words
from traffic_booking.cli.typed_values import bound_of, moment_of
from traffic_booking.domain.bilingual import Digits, Language
from traffic_booking.domain.people.applicants import subject
from traffic_booking.domain.people.captcha import CaptchaPassed
from traffic_booking.domain.people.user_names import account_of
from traffic_booking.domain.places.geography import region_code, time_zone
from traffic_booking.domain.places.services import instructions_version
from traffic_booking.domain.schedule.entries import reason_text

RIYADH = ZoneInfo("Asia/Riyadh")
LANGUAGES: tuple[Language, ...] = ("ar", "en")
DIGITS: tuple[Digits, ...] = ("ascii", "arabic")
CLOCK = re.compile("[0-9٠-٩]{2}:[0-9٠-٩]{2}")
LABELS = (words.NUMBER, words.AGREED, words.SINCE, words.RULEBOOK)
CALENDARS = {"ar": ("Hijri", "Gregorian"), "en": ("Gregorian", "Hijri")}
"""The order of the dates on a ticket."""


class Printed(NamedTuple):
    """A text that is printed, the reader that takes it, and the value that it stands for."""

    text: str
    read: Callable[[str], Any]
    value: Any


class Page(HTMLParser):
    """Of each text of a ticket's page the text after it: of a label its value."""

    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.after: dict[str, str] = {}
        self._last = ""
        self.feed(page)
        self.close()

    def handle_data(self, data):
        if text := data.strip(" ·:\n"):
            self.after[self._last] = text
            self._last = text


def lines_of(ticket):
    """The named values of a ticket in plain text, each with its lines."""
    found: dict[str, list[str]] = {}
    label = ""
    for line in ticket.split("\n"):
        if parts := re.fullmatch(r"(\S.*?)? {2,}(\S.*)", line):
            label = parts[1] or label
            found.setdefault(label, []).append(parts[2])
    return found


def printed_in_text(ticket, language):
    """The values on a ticket in plain text: those with a label, the dates, the time, its start and its end."""
    lines = lines_of(ticket)
    (time,) = lines[words.TIME(language)]
    return (
        {label: lines[label(language)][0] for label in LABELS},
        lines[words.DATE(language)],
        time,
        CLOCK.findall(time),
    )


def printed_on_page(ticket, language, weekday):
    """The same values on a page: the dates and the start follow the weekday."""
    after = Page(ticket).after
    dates = [after[weekday], after[after[weekday]]]
    start, end = after[dates[-1]], after[words.UNTIL(language)]
    return {label: after[label(language)] for label in LABELS}, dates, start, [start, end]


def read_moment(text):
    return moment_of(text, "--at", "Asia/Riyadh")


@cache
def town():
    """A desk with one appointment, a closed day and a refused request."""
    desk = open_desk(tickets={"text": TextTicket(), "html": HtmlTicket()})
    page = desk.find_slots(service="renewal", branch="north", limit=3)
    booked = desk.book(page[1], applicant=ME, agreed=True, request_id="req-1/é")
    assert isinstance(booked, Booked)
    desk.book(page[2], applicant=ME, agreed=True, request_id="req-2")
    record = exception(Effect.CLOSED, booked.appointment.day.gregorian + timedelta(days=9), name="closed.1a2b")
    entry = desk.calendar.declare(record, reason="صيانة المبنى", by=Clerk("desk-1"), request_id="req-3")
    assert isinstance(entry, Declared)
    return desk, page, booked.appointment, entry.entry


def of_tickets(desk, booked):
    for language in LANGUAGES:
        text, html = (str(desk.ticket(booked.number, by=ME, form=form, language=language)) for form in ("text", "html"))
        on_page = printed_on_page(html, language, booked.day.weekday(language))
        for form, values in (("text", printed_in_text(text, language)), ("html", on_page)):
            named, dates, time, (first, last) = values
            place = f"{form} {language}"
            yield f"number in {place}", Printed(named[words.NUMBER], lambda t: desk.appointment(t, by=ME), booked)
            yield f"start in {place}", Printed(first, parse_time, booked.starts_at.time())
            yield f"end in {place}", Printed(last, parse_time, booked.ends_at.time())
            yield f"instructions in {place}", Printed(named[words.AGREED], instructions_version, booked.instructions)
            yield f"last change in {place}", Printed(named[words.SINCE], read_moment, booked.changed_at)
            yield f"rulebook in {place}", Printed(named[words.RULEBOOK], desk.rulebooks.version, desk.rulebook)
            for calendar, date in zip(CALENDARS[language], dates, strict=True):
                yield f"{calendar} date in {place}", Printed(date, parse_date, booked.day)
                yield f"{calendar} day and time in {place}", Printed(f"{date} {time}", read_moment, booked.starts_at)


def of_pages(desk, page, booked):
    slot = page[0]
    again = desk.find_slots(service="renewal", branch="north", limit=3)

    def search(**names):
        return desk.find_slots(**{"service": "renewal", "branch": "north", "limit": 3, **names})

    yield "token", Printed(slot.token, SlotKey.from_token, slot.key)
    yield (
        "token to a verb",
        Printed(slot.token, lambda t: desk.what_if().book(t, applicant=YOU, agreed=True).slot, slot.key),
    )
    yield "cursor", Printed(again.next, lambda t: search(after=t), search(after=again.next))
    yield "branch", Printed(slot.branch, lambda t: search(branch=t), again)
    yield "service", Printed(slot.service, lambda t: search(service=t), again)
    yield "governorate", Printed("town", lambda t: search(governorate=t), search(governorate="town"))
    yield "region", Printed("SA-01", region_code, "SA-01")
    yield "time zone", Printed(slot.slot.time_zone, time_zone, "Asia/Riyadh")
    for language in LANGUAGES:
        for digits in DIGITS:
            form = f"{language} {digits}"
            texts = slot.text(language, digits), slot.time_text(language, digits)
            yield f"slot in {form}", Printed(texts[0], read_moment, slot.starts_at)
            yield (
                f"slot as a bound in {form}",
                Printed(texts[0], lambda t: bound_of(t, "--from", "UTC"), slot.starts_at),
            )
            for place, at in enumerate((slot.starts_at, slot.ends_at)):
                yield f"hours {place} in {form}", Printed(CLOCK.findall(texts[1])[place], parse_time, at.time())
            yield f"day in {form}", Printed(slot.day.text(language, digits), parse_date, slot.day)
            moment = instant_text(booked.starts_at, language, digits)
            yield f"instant in {form}", Printed(moment, read_moment, booked.starts_at)
            far = instant_text(booked.starts_at, language, digits, time_zone="America/New_York")
            yield f"instant elsewhere in {form}", Printed(far, read_moment, booked.starts_at)


def of_lists(desk, booked, entry):
    auditor = Auditor("auditor-1")
    (refused,) = desk.audit.refusals(by=auditor).occurrences
    closed = desk.calendar.statement(entry.record.id)
    rule, of_rule = refused.rules[0], lambda t: desk.audit.refusals(rule=t, by=auditor)
    explained = desk.explain(request_id="req-1/é", by=ME)
    listed = desk.appointments(ME, group="e-services")
    yield "subject", Printed(booked.applicant.subject, lambda t: desk.person_of(t, by=System()), ME)
    yield "subject of an applicant", Printed(booked.applicant.subject, subject, booked.applicant.subject)
    yield "closure", Printed(entry.record.id, desk.calendar.statement, closed)
    yield "closure to withdraw", Printed(entry.record.id, lambda t: Withdrawal(t).id, entry.record.id)
    yield "rule", Printed(rule, of_rule, of_rule(rule))
    yield "rule of the calendar", Printed("weekend", desk.calendar.statement, desk.calendar.statement("weekend"))
    yield "group", Printed("e-services", lambda t: desk.appointments(ME, group=t), listed)
    yield "request id", Printed("req-1/é", lambda t: desk.explain(request_id=t, by=ME), explained)
    yield "record of the day", Printed(str(booked.day), parse_date, booked.day)
    yield "reason", Printed(entry.reason, reason_text, entry.reason)
    yield "clerk", Printed("desk-1", Clerk, Clerk("desk-1"))
    yield "auditor", Printed("auditor-1", Auditor, auditor)
    yield "clerk's branch", Printed("north", lambda t: Clerk("a", branches=[t]).branches, frozenset({"north"}))
    yield "service of a delegate", Printed("renewal", lambda t: delegate_of(t).services, frozenset({"renewal"}))
    yield "condition", Printed("medical", lambda t: met(t).met, frozenset({"medical"}))


def delegate_of(service):
    return Delegate(person=ME, applicant=YOU, services=[service], until=town()[0].clock.now())


def met(condition):
    return Assertions(checked_at=town()[0].clock.now(), met=[condition])


def of_people():
    digits = ME.reveal()
    captcha = ImageCaptcha("k" * 32, draw=lambda: "482739")
    now = town()[0].clock.now()
    token = captcha.issue(session="browser-1", purpose="sign-in", now=now).content["token"]
    assert isinstance(token, str)

    def verified(text, session="browser-1"):
        checked = captcha.verify(answer(token, text), session=session, purpose="sign-in", now=now)
        return type(checked)

    yield "person id", Printed(digits, person_id, ME)
    yield "national id", Printed(digits.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")), NationalId, ME)
    yield "id to sign in", Printed(digits, account_of, ME)
    yield "user name", Printed("Sara.Q٧", UserName, UserName("sara.q7"))
    yield "user name to sign in", Printed("سارة.q7", account_of, UserName("سارة.q7"))
    yield "visual code", Printed("٤٨٢ ٧٣٩", verified, CaptchaPassed)
    yield "session of a browser", Printed("browser-1", lambda t: verified("482739", t), CaptchaPassed)


def of_json(page, booked):
    """A value is read from JSON whose names, dates and instants have marks."""
    for name, value, member in (
        ("slot", page[0].key, "branch"),
        ("slot", page[0].key, "starts_at"),
        ("slot", page[0].key, "token"),
        ("clerk", Clerk("desk-1"), "id"),
        ("clerk", Clerk("desk-1"), "kind"),
        ("day", Day(booked.day.gregorian), "gregorian"),
        ("applicant", booked.applicant, "subject"),
        ("applicant", booked.applicant, "holder"),
        ("appointment", booked, "number"),
        ("appointment", booked, "state"),
        ("appointment", booked, "instructions"),
    ):
        form = to_json(value)

        def read(text, value=value, form=form, member=member):
            return from_json(type(value), form | {member: text})

        yield f"{member} of a {name} in JSON", Printed(form[member], read, value)


def printed():
    desk, page, booked, entry = town()
    return dict(
        [
            *of_tickets(desk, booked),
            *of_pages(desk, page, booked),
            *of_lists(desk, booked, entry),
            *of_people(),
            *of_json(page, booked),
        ]
    )


PRINTED = printed()


@pytest.mark.long
@pytest.mark.parametrize("name", PRINTED)
@given(data=st.data())
@settings(max_examples=20)
def test_what_is_printed_is_read_back_with_marks_around_and_inside(name, data):
    text, read, value = PRINTED[name]
    marked = data.draw(pasted(text))
    assert read(text) == value, ascii(text)
    assert read(marked) == value, ascii(marked)


@pytest.mark.parametrize("name", PRINTED)
@pytest.mark.parametrize("mark", ["\u202d", "\u202e"], ids=ascii)
def test_a_mark_that_reverses_what_people_read_is_refused_everywhere(name, mark):
    text, read, value = PRINTED[name]
    for place in (0, len(text) // 2, len(text)):
        try:
            result = read(f"{text[:place]}{mark}{text[place:]}")
        except TrafficBookingError:
            continue
        assert result != value
        assert type(result) is not type(value) or name == "visual code"


@pytest.mark.parametrize("name", PRINTED)
def test_a_huge_text_is_refused_before_it_is_processed(name):
    _, read, value = PRINTED[name]
    try:
        assert read("\u200f1" * 2_000_000) != value
    except TrafficBookingError as error:
        message = str(error)
    else:
        message = ""
    assert len(message) < 1_000
