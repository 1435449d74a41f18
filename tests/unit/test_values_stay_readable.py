"""Stored values stay readable: no rule for input is applied when they are read."""

import sys
import unicodedata
from datetime import date
from typing import Any

import attrs
import pytest

from tests.bookings import slot
from tests.calendars import HEAD, WORDS
from tests.desks import open_desk
from tests.people import ME, YOU
from tests.small_town import START
from traffic_booking import (
    AnnouncedClosure,
    Assertions,
    Booked,
    BranchException,
    Clerk,
    Declared,
    Delegate,
    Effect,
    Held,
    Hours,
    InvalidInput,
    MonthStart,
    Moved,
    Refused,
    SpecialOrder,
    Withdrawal,
)
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.domain import text_input as outside_text
from traffic_booking.domain.audit.feed import BEGINNING
from traffic_booking.domain.instants import in_utc, in_utc_if_set
from traffic_booking.domain.schedule import entries
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.persistence.basic_codecs import rebuilt
from traffic_booking.persistence.codecs import ENTRY, RECORD

DAY = date(2026, 12, 24)
STAFF = Clerk("desk-1")
VOUCHED = Assertions(checked_at=START, birth_date=date(1990, 1, 1), expires_on=DAY, met=["medical"])
UNASSIGNED = next(chr(code) for code in range(0x378, sys.maxunicode) if unicodedata.category(chr(code)) == "Cn")
STRANGE = {
    "a face of Unicode 15": "\U0001fae8",
    "a character that no table has": UNASSIGNED,
    "text that is not in NFC": "e\u0301\u0323",
    "a character that NFC makes three": "\U0001d160" * 200,
    "a format character": "a\u202eb",
    "a control character": "a\nb",
    "nothing": "",
    "more than is let in": "x" * 100_000,
}
"""Text that this Python, or this release, would refuse as input."""


def refuse(self, *_, **__):
    raise InvalidInput(type(self).__name__, got="a value", expected="none: the rules have changed")


def with_rules():
    """The classes of the domain whose constructors check or change their arguments."""
    modules = [module for name, module in sys.modules.items() if name.startswith("traffic_booking.domain")]
    kinds = {kind for module in modules for kind in vars(module).values() if isinstance(kind, type) and attrs.has(kind)}
    return {
        kind
        for kind in kinds
        if hasattr(kind, "__attrs_post_init__") or any(has_rule(each) for each in attrs.fields(kind))
    }


def has_rule(field):
    """True if a field checks its value; a conversion of an instant to UTC is no check."""
    converter = getattr(field.converter, "__closure__", None)
    inner = converter[0].cell_contents if converter else field.converter
    return bool(field.validator) or inner not in {None, in_utc, in_utc_if_set}


def records_of_all_kinds():
    for_days: dict[str, Any] = {"first_day": DAY, "last_day": DAY}
    exception: dict[str, Any] = {**for_days, "branch": "south", "reason": WORDS}
    yield MonthStart(id="month", year=1448, month=9, first_day=date(2027, 2, 9), **HEAD)
    yield SpecialOrder(id="order", opens=True, hours=[Hours(600, 900)], **for_days, **HEAD)
    yield BranchException(id="closed", effect=Effect.CLOSED, **exception)
    yield BranchException(id="seats", effect=Effect.OTHER_CAPACITY, capacity=2, **exception)
    yield BranchException(id="hours", effect=Effect.OTHER_HOURS, hours=[Hours(600, 900)], **exception)
    yield Withdrawal("order")


def a_full_store():
    """A store with a record and a log entry of each kind, and with decisions of each kind."""
    store = MemoryStore()
    desk = open_desk(store=store)  # which is left open: closing it would close the store
    for place, record in enumerate(records_of_all_kinds()):
        assert isinstance(
            desk.calendar.declare(record, reason="why", by=STAFF, request_id=f"declare-{place}"), Declared
        )
    mine = desk.book(slot(25), applicant=ME, agreed=True, request_id="book", assertions=VOUCHED)
    assert isinstance(mine, Booked)
    services = ["renewal", "transfer"]
    friend = Delegate(person=YOU, applicant=ME, services=services, until=START.replace(year=2027))
    moved = desk.move(mine.appointment.number, slot(49), by=friend, request_id="move")
    assert isinstance(moved, Moved)
    held = desk.hold(slot(50), applicant=YOU, request_id="hold")
    assert isinstance(held, Held)
    assert isinstance(desk.book(slot(26), applicant=ME, agreed=True, request_id="refused"), Refused)
    desk.cancel(mine.appointment.number, by=STAFF, request_id="cancel")
    desk.book(held, applicant=YOU, agreed=True, request_id="book-held")
    return store, mine.appointment.number


def everything(book, number):
    """All that is stored, read in every possible way."""
    return (
        book.answers(after=None, limit=100),
        book.calendar_entries(after=0),
        book.feed(BEGINNING, limit=100).entries,
        book.stored_appointments(after=None, limit=100),
        book.audit_slots(after=None, limit=100),
        book.appointment(number),
        book.history(number),
    )


def test_nothing_that_is_read_passes_a_constructor_that_checks(monkeypatch):
    store, number = a_full_store()
    before = everything(AppointmentBook(store), number)
    for kind in with_rules():
        monkeypatch.setattr(kind, "__init__", refuse)
    after = everything(AppointmentBook(store), number)
    monkeypatch.undo()
    assert after == before
    assert all(before)


def test_a_value_that_was_read_has_all_that_a_made_one_has():
    made = records_of_all_kinds()
    for record in (*made, AnnouncedClosure(id="eid", rule="gov", first_day=DAY, last_day=DAY, **HEAD)):
        read = RECORD.from_text(RECORD.text(record))
        assert (read, hash(read), repr(read)) == (record, hash(record), repr(record))


def a_declaration_of(reason, monkeypatch):
    """A store in which another Python, or another release, wrote such a reason."""
    store = MemoryStore()
    desk = open_desk(store=store)  # which is left open: closing it would close the store
    with monkeypatch.context() as lenient:
        lenient.setattr(entries, "bounded_text", lambda text, *_, **__: text)
        order = SpecialOrder(id="order", first_day=DAY, last_day=DAY, **HEAD)
        assert isinstance(desk.calendar.declare(order, reason=reason, by=STAFF, request_id="declare"), Declared)
    return store


@pytest.mark.parametrize("reason", STRANGE.values(), ids=STRANGE)
def test_a_reason_that_this_python_would_not_let_in_stops_no_desk(reason, monkeypatch):
    store = a_declaration_of(reason, monkeypatch)
    with open_desk(store=store) as desk:
        assert [entry.reason for entry in desk.calendar.entries()] == [reason]
        assert [entry.what.reason for entry in desk.feed().entries if hasattr(entry.what, "reason")] == [reason]
        assert isinstance(desk.book(slot(25), applicant=ME, agreed=True, request_id="book"), Booked)
        assert isinstance(
            desk.calendar.declare(Withdrawal("order"), reason="why", by=STAFF, request_id="undo"), Declared
        )
        assert desk.audit.verify()
        assert len(desk.explain(request_id="declare", by=STAFF)) == 1


class OlderTable:
    """A table of Unicode in which no character has been assigned yet."""

    @staticmethod
    def category(_):
        return "Cn"

    @staticmethod
    def normalize(_form, text):
        raise AssertionError(f"{len(text)} stored characters were normalised again")


def test_reading_looks_into_no_table_of_unicode(monkeypatch):
    store = a_declaration_of("\U0001fae8", monkeypatch)
    book = AppointmentBook(store)
    monkeypatch.setattr(outside_text, "unicodedata", OlderTable)
    assert [entry.reason for entry in book.calendar_entries(after=0)] == ["\U0001fae8"]
    assert len(book.answers(after=None, limit=10)) == 1
    assert len(book.feed(BEGINNING, limit=10).entries) == 1


@pytest.mark.parametrize("request_id", ["\U0001d160" * 42, "e\u0301" * 128, "ﷺ" * 128, "😀", "ب\u0651\u064e"])
def test_a_strange_request_id_gets_its_answer_again_and_disturbs_nobody(request_id):
    with open_desk() as desk:
        first = desk.book(slot(25), applicant=ME, agreed=True, request_id=request_id)
        again = desk.book(slot(25), applicant=ME, agreed=True, request_id=request_id)
        other = desk.book(slot(26), applicant=YOU, agreed=True, request_id="other")
        assert first == again
        assert isinstance(other, Booked)
        verified = desk.audit.verify()
        assert (verified.answers, verified.broken) == (2, ())
        assert len(desk.explain(request_id=request_id, by=ME)) == 1


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ('"number":1', '"number":"1"'),
        ('"number":1', '"number":true'),
        ('"number":1', '"number":1.0'),
        ('"reason":"why"', '"reason":7'),
        ('"reason":"why"', '"reason":null'),
        ('"reason":"why",', ""),
        ('"reason":"why"', '"reason":"why","more":1'),
        ('"opens":true', '"opens":1'),
        ('"opens_minute":600', '"opens_minute":600.0'),
        ('"hours":[', '"hours":"08:00","other":['),
        ('"hours":[', '"hours":[null,'),
        ('"statement":{', '"statement":[],"other":{'),
        ('"kind":"order"', '"kind":"SpecialOrder"'),
        ('"first_day":"2026-12-24"', '"first_day":"2026-12-24T00:00:00"'),
    ],
)
def test_reading_is_still_strict_about_types_and_names(written, found):
    order = SpecialOrder(id="order", opens=True, hours=[Hours(600, 900)], first_day=DAY, last_day=DAY, **HEAD)
    entry = rebuilt(
        entries.CalendarEntry, number=1, at=START, actor=STAFF, reason="why", request_id="declare", record=order
    )
    text = ENTRY.text(entry)
    assert ENTRY.from_text(text) == entry
    assert text.count(written) == 1
    with pytest.raises(InvalidInput, match=r"^stored calendar entry: got what can't be read"):
        ENTRY.from_text(text.replace(written, found))


@pytest.mark.parametrize("data", ["abc", {"a": 1}, 7, None])
def test_a_text_or_a_table_is_no_list(data):
    entry = {"kind": "order", "id": "o", "statement": {"ar": "a", "en": "a"}, "source": "s"}
    with pytest.raises(InvalidInput, match=r"^stored calendar record: got what can't be read"):
        RECORD.from_data({**entry, "first_day": "2026-12-24", "last_day": "2026-12-24", "hours": data or "none"})
