"""Columns as the adapter sends them are what the server reads, whether they are remembered, and however long."""

from datetime import datetime, timedelta, timezone
from typing import Any

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.bookings import ME, booking
from tests.small_town import START
from traffic_booking.adapters.postgres import committing, reading
from traffic_booking.adapters.postgres.columns import columns, counts, instants, numbers, register, texts, words
from traffic_booking.adapters.postgres.rows import answer_row, appointment_row, event_row
from traffic_booking.domain.facts import FactsQuery
from traffic_booking.domain.outside_text import RequestId
from traffic_booking.domain.places import BranchId
from traffic_booking.domain.services import ServiceId
from traffic_booking.domain.slots import SlotKey, SlotRange
from traffic_booking.wire.converter import actor_text


def asked_facts(keys):
    return reading.facts([FactsQuery(request_id=RequestId("r"), ending_after=START, applicant=ME, slots=tuple(keys))])


def asked_taken(keys):
    until = START + timedelta(days=1)
    asked = [SlotRange(branch=key.branch, service=key.service, from_=START, until=until) for key in keys]
    return reading.taken(asked, START)


def remembered() -> list[Any]:
    """What the memories of words say of themselves: how often they were asked, and how much they hold."""
    memories: list[Any] = [words.piece, words.one]
    return [memory.cache_info() for memory in memories]


def rows_of(change):
    """The columns of what a booking writes, each table's kinds with its row."""
    yield committing._ANSWER, answer_row(change.answer)
    yield committing._STANDING, (change.standing.applicant.reveal(), change.standing.expected_version)
    yield committing._APPOINTMENT, appointment_row(change.appointments[0])
    yield committing._EVENT, event_row(change.events[0])
    yield committing._MOVED, committing._moved([change])[0]


LINES = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=40)
WHOLE = st.integers(-(2**63), 2**63 - 1)
ZONES = st.integers(-720, 840).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(1800, 1, 1), datetime(9998, 12, 31), timezones=ZONES)  # noqa: DTZ001 - bounds are naive
KINDS = (texts, words, numbers, counts, instants)
ROWS = st.lists(st.tuples(st.none() | LINES, st.none() | LINES, WHOLE, WHOLE, st.none() | MOMENTS), max_size=5)


@pytest.fixture(scope="module")
def connection(postgres_server):
    with psycopg.connect(postgres_server, autocommit=True) as opened:
        opened.execute("SET TIME ZONE 'UTC'")
        register(opened)
        yield opened


@settings(max_examples=60)
@given(rows=ROWS)
def test_the_server_reads_the_rows_that_were_sent(connection, rows):
    sent = columns(KINDS, rows)
    assert connection.execute("SELECT * FROM unnest(%b, %b, %b, %b, %b)", sent).fetchall() == rows


@given(rows=ROWS.filter(lambda rows: len(rows) > 1))
def test_the_column_of_one_row_is_that_row_of_a_longer_one(rows):
    header = len(texts(("",))) - 4  # what stands before the first item, whose length takes four bytes
    parts = [[column[header:] for column in columns(KINDS, [row])] for row in rows]
    together = [column[header:] for column in columns(KINDS, rows)]
    assert [b"".join(items) for items in zip(*parts, strict=True)] == together


@pytest.mark.parametrize("ask", [asked_facts, asked_taken])
def test_no_text_that_is_asked_for_is_remembered(ask):
    """A host may pass on what was typed, before anybody has looked up whether there is such a branch."""
    before = remembered()
    for count in (1, 2):
        ask([SlotKey(BranchId(f"typed-{place}-of-{count}"), ServiceId(ME.reveal()), START) for place in range(count)])
    assert remembered() == before


def test_of_a_booking_no_name_of_a_person_or_of_theirs_is_remembered():
    change = booking(7)
    assert change.answer is not None
    appointment = change.appointments[0]
    assert appointment.instructions is not None
    theirs = {
        ME.reveal(),
        appointment.instructions,
        appointment.number,
        change.answer.command.request_id,
        actor_text(ME),
    }
    items = []
    for kinds, row in rows_of(change):
        items += [item for kind, item in zip(kinds, row, strict=True) if kind is words]
    assert items
    assert not any(name in str(item) for item in items for name in theirs)


def test_half_a_character_is_left_for_the_server_to_refuse(connection):
    for kind in (texts, words):
        with pytest.raises(psycopg.DataError):
            connection.execute("SELECT %b", (kind(("\ud800",)),))
