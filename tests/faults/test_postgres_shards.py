"""The schema keeps rows apart by branch, person or request: nothing in it would have to look across machines."""

import pytest

from tests.postgres_server import ask

SHARDED_BY = {
    "seats": "branch",
    "appointments": "number",  # which begins with the branch's code
    "events": "number",
    "standings": "applicant",
    "answers": "request_id",
    "once_keys": "once_key",
    "calendar_entries": "number",  # few rows, the same for all
    "sign_in_attempts": "applicant",
    "password_hashes": "applicant",
}
UNIQUE = """
SELECT tables.relname, attributes.attname
FROM pg_index AS indexes
JOIN pg_class AS tables ON tables.oid = indexes.indrelid
JOIN pg_attribute AS attributes ON attributes.attrelid = tables.oid AND attributes.attnum = indexes.indkey[0]
WHERE tables.relnamespace = 'traffic_booking'::regnamespace AND indexes.indisunique
"""


def test_every_table_is_unique_by_the_key_that_it_would_be_sharded_by(postgres_url):
    found = [(table, column) for table, column in ask(postgres_url, UNIQUE) if table in SHARDED_BY]
    assert sorted(found) == sorted(SHARDED_BY.items())


OURS = "'traffic_booking'::regnamespace"
CROSSING = {
    "foreign keys and exclusions": f"pg_constraint WHERE connamespace = {OURS} AND contype IN ('f', 'x')",
    "sequences": f"pg_class WHERE relnamespace = {OURS} AND relkind = 'S'",
    "triggers": f"pg_trigger JOIN pg_class AS c ON c.oid = tgrelid WHERE relnamespace = {OURS}",
}


@pytest.mark.parametrize("what", CROSSING)
def test_nothing_ties_rows_of_different_keys_together(postgres_url, what):
    assert ask(postgres_url, f"SELECT 1 FROM {CROSSING[what]}") == []


def test_what_ties_them_would_be_found(own_postgres_url):
    ask(own_postgres_url, "CREATE SEQUENCE traffic_booking.numbers")
    ask(own_postgres_url, "CREATE UNIQUE INDEX elsewhere ON traffic_booking.appointments (applicant, number)")
    found = [(table, column) for table, column in ask(own_postgres_url, UNIQUE) if table in SHARDED_BY]
    assert ("appointments", "applicant") in found
    assert ask(own_postgres_url, f"SELECT relname FROM {CROSSING['sequences']}") == [("numbers",)]
