"""How PostgreSQL does what is asked of it often: by an index, a key at a time, however large the tables are."""

import re
from contextlib import closing
from itertools import pairwise

import pytest

from tests.bookings import about
from tests.postgres_questions import ENTRIES, HOT, plans_of
from tests.postgres_server import ask
from tests.small_town import START
from traffic_booking.adapters.postgres import reading
from traffic_booking.adapters.postgres.opening import Address, connect
from traffic_booking.testing import made_up_person

REGULAR, NEWCOMER = made_up_person(90), made_up_person(91)
"""Somebody with as many past appointments as there are rows, and somebody without any."""

FILL = """
INSERT INTO traffic_booking.seats
    SELECT 'north', 'renewal', timestamptz '2020-01-01' + n * interval '1 hour', 1
    FROM generate_series(1, {rows}) AS n;
INSERT INTO traffic_booking.standings SELECT 3000000000 + n, 1 FROM generate_series(1, {rows}) AS n;
INSERT INTO traffic_booking.appointments
    SELECT 'number-' || n, 1, 'booked', 'north', 'renewal', at, at, 'Asia/Riyadh', 3000000000 + n, 'test', at,
        CASE mod(n, 100) WHEN 0 THEN at END, NULL, NULL, 0
    FROM generate_series(1, {rows}) AS n, LATERAL (SELECT timestamptz '2020-01-01' + n * interval '1 hour') AS t (at);
INSERT INTO traffic_booking.appointments
    SELECT 'regular-' || n, 1, 'booked', 'north', 'renewal', at, at, 'Asia/Riyadh', '{regular}', 'test', at,
        NULL, NULL, NULL, 0
    FROM generate_series(1, {rows}) AS n, LATERAL (SELECT timestamptz '2020-01-01' + n * interval '1 hour') AS t (at);
INSERT INTO traffic_booking.answers
    SELECT 'old-' || n, '', '', timestamptz '2020-01-01', 'test', '{}', NULL FROM generate_series(1, {rows}) AS n;
INSERT INTO traffic_booking.events
    SELECT 'number-' || n, 1, '', timestamptz '2020-01-01', '', 'test', NULL, '{}'
    FROM generate_series(1, {rows}) AS n;
INSERT INTO traffic_booking.once_keys SELECT 'key-' || n FROM generate_series(1, {rows}) AS n;
INSERT INTO traffic_booking.calendar_entries SELECT n, '' FROM generate_series(1, {rows}) AS n;
"""


@pytest.fixture(scope="module")
def full_url(own_postgres_url):
    filled = FILL.replace("{rows}", str(ENTRIES)).replace("{regular}", REGULAR.reveal())
    for statement in filled.split(";\n"):
        if statement.strip():
            ask(own_postgres_url, statement)
    ask(own_postgres_url, "ANALYZE")
    return own_postgres_url


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


def bounds_of_a_person(url, name) -> list[str]:
    """By what the index of persons' appointments is entered where facts are read."""
    lines = [line for plan in plans_of(url, HOT[name]) for line in plan.splitlines()]
    return [after for line, after in pairwise(lines) if "using appointments_of_applicant" in line]


def blocks_read_for(url, person) -> int:
    """How many blocks the server looks at for the facts about a person with nothing still to come."""
    question = reading.facts([about(person, ending_after=START)])
    asked = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + question.statement
    with closing(connect(Address(url, 10))) as connection:
        connection.execute(asked, question.parameters)  # the first time it reads its catalog as well
        [([explained],)] = connection.execute(asked, question.parameters).fetchall()
    plan = explained["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


@pytest.fixture
def index_of_persons_alone(full_url):
    """The index of persons' appointments without their time."""
    ask(full_url, "ALTER INDEX traffic_booking.appointments_of_applicant RENAME TO kept")
    [(kept,)] = ask(full_url, "SELECT pg_get_indexdef('traffic_booking.kept'::regclass)")
    ask(full_url, "DROP INDEX traffic_booking.kept")
    ask(full_url, "CREATE INDEX appointments_of_applicant ON traffic_booking.appointments (applicant)")
    yield
    ask(full_url, "DROP INDEX traffic_booking.appointments_of_applicant")
    ask(full_url, kept.replace(" kept ", " appointments_of_applicant "))


FACTS = [name for name in HOT if name.startswith("facts")]


@pytest.mark.parametrize("name", FACTS)
def test_the_index_leads_to_those_of_a_person_that_are_still_to_come(full_url, name):
    [bounds] = bounds_of_a_person(full_url, name)
    assert "applicant = " in bounds
    assert "ends_at > " in bounds


def test_somebody_with_thousands_of_past_appointments_costs_what_a_newcomer_costs(full_url):
    assert blocks_read_for(full_url, REGULAR) <= blocks_read_for(full_url, NEWCOMER) + 1


@pytest.mark.usefixtures("index_of_persons_alone")
def test_an_index_of_persons_alone_is_found_out(full_url):
    assert not any("ends_at" in bounds for name in FACTS for bounds in bounds_of_a_person(full_url, name))
    assert blocks_read_for(full_url, REGULAR) > 2 * blocks_read_for(full_url, NEWCOMER)
