"""Columns as the adapter sends them are what the server reads, whether they are remembered, and however long."""

from datetime import UTC, datetime, timedelta, timezone

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from traffic_booking.adapters.postgres.columns import columns, counts, instants, numbers, register, texts, words

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


def test_an_instant_is_the_same_wherever_it_is_told():
    at = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    assert instants((at,)) == instants((at.astimezone(timezone(timedelta(hours=3))),))


def test_half_a_character_is_left_for_the_server_to_refuse(connection):
    for kind in (texts, words):
        with pytest.raises(psycopg.DataError):
            connection.execute("SELECT %b", (kind(("\ud800",)),))
