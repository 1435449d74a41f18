"""How PostgreSQL does what is asked of it often: by an index, a key at a time, however large the tables are."""

import re
from datetime import timedelta

import psycopg
import pytest
from attrs import evolve as copy_with

from tests.bookings import FAR_AHEAD, ME, about, booking, number, slot
from tests.postgres_server import ask
from tests.small_town import START
from traffic_booking.adapters.postgres import committing, reading
from traffic_booking.adapters.postgres.opening import Address, connect
from traffic_booking.domain.outside_text import request_id
from traffic_booking.domain.slots import SlotRange
from traffic_booking.testing import made_up_person

ROWS = 3_000
FILL = """
INSERT INTO traffic_booking.seats
    SELECT 'north', 'renewal', timestamptz '2020-01-01' + n * interval '1 hour', 1
    FROM generate_series(1, {rows}) AS n;
INSERT INTO traffic_booking.standings SELECT 3000000000 + n, 1 FROM generate_series(1, {rows}) AS n;
INSERT INTO traffic_booking.appointments
    SELECT 'number-' || n, 1, 'booked', 'north', 'renewal', at, at, 'Asia/Riyadh', 3000000000 + n, 'test', at,
        CASE mod(n, 100) WHEN 0 THEN at END, NULL, NULL, 0
    FROM generate_series(1, {rows}) AS n, LATERAL (SELECT timestamptz '2020-01-01' + n * interval '1 hour') AS t (at);
INSERT INTO traffic_booking.answers
    SELECT 'old-' || n, '', '', timestamptz '2020-01-01', 'test', '{}', NULL FROM generate_series(1, {rows}) AS n;
INSERT INTO traffic_booking.events
    SELECT 'number-' || n, 1, '', timestamptz '2020-01-01', '', 'test', NULL, '{}'
    FROM generate_series(1, {rows}) AS n;
INSERT INTO traffic_booking.once_keys SELECT 'key-' || n FROM generate_series(1, {rows}) AS n;
INSERT INTO traffic_booking.calendar_entries SELECT n, '' FROM generate_series(1, {rows}) AS n;
"""

SOON = SlotRange(branch=slot().branch, service=slot().service, from_=START, until=START + timedelta(days=30))
CHANGES = [
    copy_with(booking(serial, made_up_person(serial), slot(serial)), calendar_revision=ROWS) for serial in (1, 2)
]
HOT = {
    "facts of one": reading.facts([about()]),
    "facts of many": reading.facts([about(made_up_person(n), slots=(slot(n), slot())) for n in range(64)]),
    "facts of a number": reading.facts([about(number=number(1))]),
    "seats taken": reading.taken([SOON], START),
    "holds that ran out": reading.lapsed(START, None, 100),
    "holds of a slot that ran out": reading.lapsed(FAR_AHEAD, slot(), 100),
    "an answer": reading.answer(request_id("request-1")),
    "an appointment": reading.appointment(number(1)),
    "those of a person": reading.appointments_of(ME, 20),
    "those at a branch": reading.appointments_at(slot().branch, START, START + timedelta(days=1)),
    "a history": reading.history(number(1)),
    "new entries": reading.calendar_entries(ROWS - 1),
    "a spent key": reading.is_spent("key-1"),
    "a booking": committing.together(CHANGES[:1]),
    "bookings together": committing.together(CHANGES),
    "bookings one by one": committing.one_by_one(CHANGES),
}


@pytest.fixture(scope="module")
def full_url(own_postgres_url):
    for statement in FILL.replace("{rows}", str(ROWS)).split(";\n"):
        if statement.strip():
            ask(own_postgres_url, statement)
    ask(own_postgres_url, "ANALYZE")
    return own_postgres_url


def plans_of(url, question) -> list[str]:
    """The plans of a question and of every statement inside the functions that it calls."""
    told: list[str] = []
    with connect(Address(url, 10)) as connection:
        try:
            connection.execute("LOAD 'auto_explain'")
        except psycopg.Error:
            pytest.skip("the role may not load auto_explain")
        connection.execute("SET auto_explain.log_min_duration = 0")
        connection.execute("SET auto_explain.log_nested_statements = on")
        connection.execute("SET client_min_messages = log")
        connection.add_notice_handler(lambda notice: told.append(notice.message_primary or ""))
        connection.autocommit = False
        connection.execute(question.statement, question.parameters)
        connection.rollback()
    return [plan for plan in told if "Query Text" in plan]


def whole_tables_read(plans) -> list[str]:
    """What of the plans reads a table otherwise than by looking up keys in an index."""
    found = []
    for plan in plans:
        lines = plan.splitlines()
        for line, after in zip(lines, [*lines[1:], ""], strict=True):
            scans_all = re.search(r"Seq Scan|hashed SubPlan", line) or "Disabled: true" in line
            unbounded = re.search(r"Index (Only )?Scan|Bitmap Index Scan", line) and "Index Cond" not in after
            if (scans_all or unbounded) and "Index Only Scan Backward using calendar_entries_pkey" not in line:
                found.append(line.strip())
    return found


@pytest.mark.parametrize("name", HOT)
def test_what_is_asked_often_looks_up_keys_in_an_index(full_url, name):
    plans = plans_of(full_url, HOT[name])
    assert any("Index" in plan for plan in plans)
    assert whole_tables_read(plans) == []


def test_a_table_that_is_read_whole_for_want_of_an_index_is_found_out(full_url):
    ask(full_url, "ALTER INDEX traffic_booking.appointments_of_applicant RENAME TO kept")
    ask(full_url, "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'traffic_booking.kept'::regclass")
    try:
        assert whole_tables_read(plans_of(full_url, HOT["facts of one"]))
    finally:
        ask(full_url, "UPDATE pg_index SET indisvalid = true WHERE indexrelid = 'traffic_booking.kept'::regclass")
        ask(full_url, "ALTER INDEX traffic_booking.kept RENAME TO appointments_of_applicant")
