"""Every stored kind is read back as it was written, even with texts that are refused as input."""

from hypothesis import example, given
from hypothesis import strategies as st

from tests import strategies
from tests.small_town import START
from traffic_booking.domain.appointments.person_state import PersonState, listed
from traffic_booking.domain.audit.feed import BEGINNING
from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.calendars.announcements import MonthStart
from traffic_booking.domain.calendars.hours import Hours
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.people.actors import Clerk
from traffic_booking.domain.schedule.entries import CalendarEntry, CalendarRecord, Withdrawal
from traffic_booking.domain.schedule.exceptions import BranchException, Effect, SpecialOrder
from traffic_booking.domain.text_input import bounded_text, request_id
from traffic_booking.persistence.basic_codecs import rebuilt
from traffic_booking.persistence.codecs import ASSERTED, ENTRY, RECORD, storable_record
from traffic_booking.persistence.log import event_append, event_of
from traffic_booking.persistence.records import (
    appointment_of,
    appointment_put,
    entry_of,
    entry_put,
    person_state_of,
    person_state_put,
)
from traffic_booking.persistence.wording_codec import decode_texts, encode_texts
from traffic_booking.ports.primitives import LogEntry, Put, Row

STRANGE = (
    "\U0001d160" * 43,
    "\U0001fae8",
    "e\u0323\u0301",
    "a\u202eb",
    "\u0378",
    "\uffff",
    "\x7f",
    "﷽",
    '"}\\u0000',
    "",
)
"""Values that a newer Python, another release or a person by hand may have stored."""

every_text = st.one_of(st.sampled_from(STRANGE), st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
scripts = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co", "Cf", "Zl", "Zp"]), max_size=130)


def altered(value, **values):
    """A copy of `value` with other values in some of its fields, past the constructor."""
    return rebuilt(type(value), **{**value.__getstate__(), **values})


def row_of(put: Put) -> Row:
    """The record as a store returns it."""
    return (put.key, put.expected + 1, *put.columns, put.body.encode().decode())


def entry(record: CalendarRecord, text: str) -> CalendarEntry:
    """An entry whose texts no constructor has checked."""
    clerk = rebuilt(Clerk, id=text)
    return rebuilt(CalendarEntry, number=1, at=START, actor=clerk, reason=text, request_id=text, record=record)


@given(entry=st.builds(entry, strategies.records, every_text))
def test_a_calendar_entry_is_read_back_whatever_its_texts(entry):
    assert entry_of(row_of(entry_put(entry))) == entry
    assert ENTRY.from_text(ENTRY.text(entry)) == entry


@given(record=strategies.records, text=every_text)
def test_a_record_of_the_calendar_is_read_back_whatever_its_texts(record, text):
    words = rebuilt(Bilingual, ar=text, en=text)
    names = {"statement": words, "source": text} if hasattr(record, "statement") else {}
    reason = {"reason": words} if isinstance(record, BranchException) else {}
    strange = altered(record, id=text, **names, **reason)
    assert RECORD.from_text(RECORD.text(strange)) == strange


@given(appointment=strategies.appointments, text=every_text)
def test_an_appointment_is_read_back_whatever_its_texts(appointment, text):
    slot, name = altered(appointment.slot, branch=text, service=text), text or "-"
    strange = altered(appointment, slot=slot, rulebook=text, instructions=name, time_zone=name)
    read = appointment_of(row_of(appointment_put(strange)))
    assert read == strange
    assert hash(read.slot) == hash(strange.slot)
    person_state = PersonState(strange.applicant, 2, (listed(strange),))
    assert person_state_of(row_of(person_state_put(person_state))) == person_state


@given(event=strategies.events, text=every_text)
def test_an_event_is_read_back_whatever_its_texts(event, text):
    actor = rebuilt(Clerk, id=text) if isinstance(event.actor, Clerk) else event.actor
    strange = altered(event, actor=actor, rulebook=text, request_id=text)
    assert event_of(LogEntry(BEGINNING, *event_append(strange))) == strange


@given(words=st.builds(lambda ar, en: rebuilt(Bilingual, ar=ar, en=en), every_text, every_text))
def test_the_texts_of_a_rule_are_read_back_whatever_they_are(words):
    assert decode_texts(encode_texts(words, words).text) == (words, words)


@given(assertions=strategies.assertions, text=every_text)
def test_assertions_are_read_back_with_any_conditions(assertions, text):
    strange = altered(assertions, met=frozenset({*assertions.met, text}))
    assert ASSERTED.from_data(ASSERTED.data(strange)) == strange


@given(text=st.one_of(every_text, scripts), longest=st.integers(1, 130))
@example(text="\U0001d160" * 43, longest=128)
def test_accepted_text_is_accepted_again_unchanged(text, longest):
    for door in (request_id, lambda typed: bounded_text(typed, "text", longest=longest)):
        try:
            clean = door(text)
        except InvalidInput:
            continue
        assert door(clean) == clean
        assert clean.encode().decode() == clean


numbers = st.one_of(st.integers(-1, 1_441), st.booleans(), st.floats(), st.none(), st.text(max_size=2))
days = st.one_of(st.dates(), st.datetimes(), st.none(), st.just("2026-12-24"))
anything = st.one_of(numbers, days, every_text, st.lists(numbers, max_size=2), st.sampled_from(Effect))
windows = st.one_of(
    st.none(),
    st.lists(
        st.builds(lambda opens, closes: rebuilt(Hours, opens_minute=opens, closes_minute=closes), numbers, numbers)
    ),
    anything,
)
smuggled = st.one_of(
    st.builds(lambda **parts: rebuilt(Withdrawal, **parts), id=anything),
    st.builds(
        lambda **parts: rebuilt(SpecialOrder, **parts),
        id=anything,
        statement=st.one_of(strategies.bilinguals, anything),
        source=anything,
        first_day=days,
        last_day=days,
        opens=anything,
        hours=windows,
    ),
    st.builds(
        lambda **parts: rebuilt(MonthStart, **parts),
        id=anything,
        statement=strategies.bilinguals,
        source=every_text,
        year=numbers,
        month=numbers,
        first_day=days,
    ),
    anything,
)


@given(record=smuggled)
def test_a_record_is_declared_only_if_it_is_read_back_with_values_of_the_same_types(record):
    try:
        seats_taken = storable_record(record)
    except InvalidInput:
        return
    assert seats_taken == record
    assert RECORD.text(seats_taken) == RECORD.text(record)
    assert RECORD.from_text(RECORD.text(seats_taken)) == seats_taken
