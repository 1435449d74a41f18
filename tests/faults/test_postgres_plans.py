"""The plans of frequent questions to PostgreSQL: by an index, a key at a time, however large the tables are."""

import re
from contextlib import closing
from itertools import pairwise
from typing import Any

import pytest

from tests.bookings import about, id_of
from tests.postgres_questions import BEFORE, ENTRIES, HOT, plans_of, question_of
from tests.postgres_server import ask, open_store
from tests.small_town import START
from traffic_booking.adapters.postgres.opening import Address, connect
from traffic_booking.adapters.postgres.tables import Statement
from traffic_booking.domain.decisions.changes import Committed
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.testing import made_up_applicant

REGULAR, NEWCOMER = made_up_applicant(90), made_up_applicant(91)
"""A person with as many past appointments as there are rows, and a person who is not registered."""
SOMEBODY = BEFORE[0].appointments[0].applicant
"""A registered person with one appointment."""

FILL = """
INSERT INTO traffic_booking.seats
    SELECT 'north/renewal/' || timestamp '2020-01-01' + n * interval '1 hour', 1 FROM generate_series(1, {rows}) AS n;
INSERT INTO traffic_booking.persons SELECT 3000000000 + n, 1, 'subject-' || n, '' FROM generate_series(1, {rows}) AS n;
INSERT INTO traffic_booking.people SELECT 'subject-' || n, 1, 'citizen', '' FROM generate_series(1, {rows}) AS n;
INSERT INTO traffic_booking.persons VALUES ('{id}', 1, '{regular}', '');
INSERT INTO traffic_booking.people VALUES ('{regular}', 1, 'citizen', '');
INSERT INTO traffic_booking.appointments
    SELECT 'number-' || n, 1, 'booked', 'north', 'renewal', at, at, 'subject-' || n, 'citizen',
        CASE mod(n, 100) WHEN 0 THEN at END, '{}'
    FROM generate_series(1, {rows}) AS n, LATERAL (SELECT timestamptz '2020-01-01' + n * interval '1 hour') AS t (at);
INSERT INTO traffic_booking.appointments
    SELECT 'regular-' || n, 1, 'booked', 'north', 'renewal', at, at, '{regular}', 'citizen', NULL, '{}'
    FROM generate_series(1, {rows}) AS n, LATERAL (SELECT timestamptz '2020-01-01' + n * interval '1 hour') AS t (at);
INSERT INTO traffic_booking.answers
    SELECT 'old-' || n, 1, timestamptz '2020-01-01', '{}' FROM generate_series(1, {rows}) AS n;
INSERT INTO traffic_booking.wordings SELECT 'wording-' || n, 1, '' FROM generate_series(1, {rows}) AS n;
INSERT INTO traffic_booking.assertions
    SELECT 'old-' || n, 1, 'subject-' || n, timestamptz '2020-01-01', '{}' FROM generate_series(1, {rows}) AS n;
INSERT INTO traffic_booking.log
    SELECT 1, '3', n, 'number-' || n, 'booked', '{}' FROM generate_series(1, {rows}) AS n;
INSERT INTO traffic_booking.codes
    SELECT 'key-' || n, 1, timestamptz '2020-01-01', '' FROM generate_series(1, {rows}) AS n;
INSERT INTO traffic_booking.calendars SELECT 'branch-' || n, 1, 0, '' FROM generate_series(1, {rows}) AS n;
INSERT INTO traffic_booking.calendars VALUES ('north', 1, 0, '');
INSERT INTO traffic_booking.calendar_entries
    SELECT lpad(n::text, 10, '0'), 1, '' FROM generate_series(1, {rows}) AS n;
"""


@pytest.fixture(scope="module")
def full_url(own_postgres_url):
    filled = FILL.replace("{rows}", str(ENTRIES)).replace("{regular}", REGULAR.subject)
    filled = filled.replace("{id}", id_of(REGULAR).reveal())
    for statement in filled.split(";\n"):
        if statement.strip():
            ask(own_postgres_url, statement)
    with open_store(own_postgres_url) as store:
        assert AppointmentBook(store).commit(BEFORE) == [Committed()] * len(BEFORE)
    ask(own_postgres_url, "ANALYZE")
    return own_postgres_url


def whole_tables_read(plans) -> list[str]:
    """The parts of the plans that read a table without looking up keys in an index."""
    found = []
    for plan in plans:
        lines = plan.splitlines()
        for line, after in zip(lines, [*lines[1:], ""], strict=True):
            scans_all = re.search(r"Seq Scan|hashed SubPlan", line) or "Disabled: true" in line
            unbounded = re.search(r"Index (Only )?Scan|Bitmap Index Scan", line) and "Index Cond" not in after
            if (scans_all or unbounded) and "Index Only Scan Backward using generations_pkey" not in line:
                found.append(line.strip())
    return found


@pytest.mark.parametrize("name", HOT)
def test_frequent_questions_look_up_keys_in_an_index(full_url, name):
    plans = plans_of(full_url, HOT[name])
    assert any("Index" in plan for plan in plans)
    assert whole_tables_read(plans) == []


def test_a_table_that_is_read_whole_for_want_of_an_index_is_found_out(full_url):
    ask(full_url, "ALTER INDEX traffic_booking.log_of_stream RENAME TO kept")
    ask(full_url, "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'traffic_booking.kept'::regclass")
    try:
        assert whole_tables_read(plans_of(full_url, HOT["a history"]))
    finally:
        ask(full_url, "UPDATE pg_index SET indisvalid = true WHERE indexrelid = 'traffic_booking.kept'::regclass")
        ask(full_url, "ALTER INDEX traffic_booking.kept RENAME TO log_of_stream")


def since(applicant):
    """The question about a person's appointments in the future."""
    return question_of(lambda book: book.appointments_since([(applicant, START)]))


def bounds_of_a_person(url) -> list[str]:
    """The index conditions of the plan for a person's appointments in the future."""
    lines = [line for plan in plans_of(url, since(REGULAR)) for line in plan.splitlines()]
    return [after for line, after in pairwise(lines) if "using appointments_of_subject" in line]


def blocks_read_for(url, question: Statement[Any]) -> int:
    """How many blocks the server reads for an answer."""
    assert isinstance(question.sql, bytes)
    explaining = b"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + question.sql
    with closing(connect(Address(url, 10))) as connection:
        connection.execute(explaining, question.parameters)  # the first time it reads its catalogue as well
        [([explained],)] = connection.execute(explaining, question.parameters).fetchall()
    plan = explained["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


@pytest.fixture
def index_of_subjects_alone(full_url):
    """The index of persons' appointments without their time."""
    ask(full_url, "ALTER INDEX traffic_booking.appointments_of_subject RENAME TO kept")
    [(kept,)] = ask(full_url, "SELECT pg_get_indexdef('traffic_booking.kept'::regclass)")
    ask(full_url, "DROP INDEX traffic_booking.kept")
    ask(full_url, "CREATE INDEX appointments_of_subject ON traffic_booking.appointments (subject)")
    yield
    ask(full_url, "DROP INDEX traffic_booking.appointments_of_subject")
    ask(full_url, kept.replace(" kept ", " appointments_of_subject "))


def test_the_index_leads_to_those_of_a_person_that_are_still_to_come(full_url):
    [bounds] = bounds_of_a_person(full_url)
    assert "subject = " in bounds
    assert "starts_at >= " in bounds


def test_facts_about_somebody_with_thousands_of_past_appointments_cost_what_those_about_another_cost(full_url):
    regular = question_of(lambda book: book.facts([about(REGULAR)]))
    other = question_of(lambda book: book.facts([about(SOMEBODY)]))
    assert blocks_read_for(full_url, regular) <= blocks_read_for(full_url, other) + 1


def test_somebody_with_thousands_of_past_appointments_costs_what_a_newcomer_costs(full_url):
    assert blocks_read_for(full_url, since(REGULAR)) <= blocks_read_for(full_url, since(NEWCOMER)) + 1


@pytest.mark.usefixtures("index_of_subjects_alone")
def test_an_index_of_subjects_alone_is_found_out(full_url):
    assert not any("starts_at" in bounds for bounds in bounds_of_a_person(full_url))
    assert blocks_read_for(full_url, since(REGULAR)) > 2 * blocks_read_for(full_url, since(NEWCOMER))
