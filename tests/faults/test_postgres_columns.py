"""The server reads the columns as the adapter sends them, cached or not, of any length."""

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from traffic_booking.adapters.postgres.columns import columns, instants, numbers, register, texts

LINES = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=40)
WHOLE = st.integers(-(2**63), 2**63 - 1)
ZONES = st.integers(-720, 840).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(1800, 1, 1), datetime(9998, 12, 31), timezones=ZONES)  # noqa: DTZ001 - bounds are naive
KINDS = (texts, texts, numbers, numbers, instants)
ROWS = st.lists(
    st.tuples(st.none() | LINES, LINES, WHOLE, st.none() | WHOLE, st.none() | MOMENTS), min_size=1, max_size=5
)


@pytest.fixture(scope="module")
def connection(postgres_server):
    with psycopg.connect(postgres_server, autocommit=True) as opened:
        opened.execute("SET TIME ZONE 'UTC'")
        register(opened)
        yield opened


@settings(max_examples=60)
@given(rows=ROWS)
def test_the_server_reads_the_rows_that_were_sent(connection, rows):
    sent = columns(KINDS, zip(*rows, strict=True))
    assert connection.execute("SELECT * FROM unnest(%b, %b, %b, %b, %b)", sent).fetchall() == rows


@given(rows=ROWS)
def test_a_column_is_the_same_whether_it_is_made_alone_or_among_others(rows):
    for row in rows:
        assert columns(KINDS, [(item,) for item in row]) == [
            kind((item,)) for kind, item in zip(KINDS, row, strict=True)
        ]


def test_no_rows_are_columns_too(connection):
    sent = [kind(()) for kind in KINDS]
    assert connection.execute("SELECT * FROM unnest(%b, %b, %b, %b, %b)", sent).fetchall() == []


def test_an_hour_that_comes_twice_is_sent_as_the_one_that_is_meant(connection):
    """Two instants that differ in `fold` alone are equal to Python."""
    first = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    both = [first, first.replace(fold=1)]
    for sent in (instants(both), *(instants((one,)) for one in both)):
        came = connection.execute("SELECT unnest(%b)", (sent,)).fetchall()
        assert {hour.hour for (hour,) in came} <= {0, 1}
    [(earlier,), (later,)] = connection.execute("SELECT unnest(%b)", (instants(both),)).fetchall()
    assert later - earlier == timedelta(hours=1)


def test_no_text_is_cached():
    """A host may pass on typed text, and most stored values are about a person."""
    assert hasattr(numbers.piece, "cache_info"), "a cache is found, if there is one"
    assert not any(hasattr(made, "cache_info") for made in (texts.piece, texts.__call__, columns))


def test_half_a_character_is_left_for_the_server_to_refuse(connection):
    for sent in (texts(("\ud800",)), columns([texts], [("\ud800", "a")])[0]):
        with pytest.raises(psycopg.DataError):
            connection.execute("SELECT %b", (sent,))
