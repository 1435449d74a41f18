"""How PostgreSQL does what is asked of it often: by an index, a key at a time, however large the tables are."""

import re

import pytest

from tests.postgres_questions import ENTRIES, HOT, plans_of
from tests.postgres_server import ask

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


@pytest.fixture(scope="module")
def full_url(own_postgres_url):
    for statement in FILL.replace("{rows}", str(ENTRIES)).split(";\n"):
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
