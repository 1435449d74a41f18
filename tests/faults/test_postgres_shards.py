"""The schema keeps rows apart by branch, person or request, so that its tables can be spread over many machines."""

import re
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any, Final

import psycopg
import pytest
from attrs import evolve as copy_with

from tests.bookings import ME, YOU, about, booked, booking, cancelling, held, number, slot
from tests.citus_stand_in import STAND_IN
from tests.postgres_questions import ENTRIES, HOT, plans_of
from tests.postgres_server import ask, open_store
from traffic_booking.adapters.postgres import committing, migrations, opening, reading, spread_tables
from traffic_booking.adapters.postgres.columns import register
from traffic_booking.adapters.postgres.locks import names_of
from traffic_booking.adapters.postgres.migrations import Migration, shipped_migrations
from traffic_booking.adapters.postgres.opening import Address, connect
from traffic_booking.adapters.postgres.questions import Question
from traffic_booking.domain.changes import Change, StandingGuard
from traffic_booking.domain.errors import StoreError, StoreUnavailable
from traffic_booking.domain.sign_in import SignInAttempts
from traffic_booking.testing import made_up_person

SPREAD_BY: Final[Mapping[str, str | None]] = {
    "seats": "branch",
    "appointments": "number",  # which begins with the branch's code
    "events": "number",
    "standings": "applicant",
    "answers": "request_id",
    "once_keys": "once_key",
    "calendar_entries": None,  # few rows, the same for all: every machine has them
    "sign_in_attempts": "applicant",
    "password_hashes": "applicant",
}
ALL_BUT_OURS: Final = """
SELECT relname FROM pg_class WHERE relnamespace = 'traffic_booking'::regnamespace AND relkind = 'r'
    AND relname <> 'migrations'
"""
SEARCHES: Final = re.compile(r"SELECT(?!.*\bSELECT\b)(?!.*\bFOR NO KEY UPDATE\b)", re.DOTALL)
"""What looks through one table on all machines: a person's list, a branch's day, holds that ran out, a page of all."""

THEY: Final = made_up_person(9)
APPOINTMENT: Final = booked(9, THEY, slot(9))[0]
QUESTIONS: Final[Mapping[str, Question[Any]]] = {
    **HOT,
    "a cancellation": committing.together([cancelling(APPOINTMENT, standing=1)]),
    "a cancellation one by one": committing.one_by_one([cancelling(APPOINTMENT, standing=1)]),
    "what signing in writes": committing.one_by_one(
        [Change(once=("code",), attempts=SignInAttempts(applicant=ME, version=1, failures=2))]
    ),
    "a hold": committing.together([copy_with(held(2, YOU, slot(2)), calendar_revision=ENTRIES)]),
    "a page of appointments": reading.stored_appointments(None, 10),
    "a page of slots": reading.stored_slots(None, 10),
    "a page of answers": reading.answers(None, 10),
    "an account": committing.write_password_hash(ME, "hash"),
    "another password": committing.replace_password_hash(ME, "hash", "other"),
}


def refused(plans: Sequence[str]) -> list[str]:
    """The statements among those planned that a cluster would refuse: that ask several tables, or several keys."""
    texts = [plan.partition("Query Text:")[2].partition("\nQuery Parameters")[0].strip() for plan in plans]
    return [text for text in texts if not is_taken(text)]


def is_taken(text: str) -> bool:
    """Whether the statement adds rows to one table, looks up one key, or searches one table without locking."""
    tables = re.findall(r"(?:FROM|JOIN|INTO|UPDATE)\s+traffic_booking\.(\w+)\b(?!\s*\()", text)
    spread = [table for table in tables if SPREAD_BY.get(table)]
    if len(spread) < len([table for table in tables if table != "calendar_entries"]) or len(spread) > 1:
        return False
    if not spread or text.startswith("INSERT"):
        return True
    looks_up_a_key = re.search(rf"WHERE\b.*\b{SPREAD_BY[spread[0]]} = ", text, re.DOTALL)
    return bool(looks_up_a_key or SEARCHES.match(text))


def fill(url: str) -> None:
    """Store what the questions are about."""
    with open_store(url) as store:
        store.commit([booking(9, THEY, slot(9))])
    ask(url, "INSERT INTO traffic_booking.calendar_entries SELECT n, '' FROM generate_series(1, %s) AS n", ENTRIES)


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_spread_database_asks_one_key_of_one_table_at_a_time(spread_url, name):
    fill(spread_url)
    plans = plans_of(spread_url, QUESTIONS[name])
    assert plans
    assert refused(plans) == []


@pytest.mark.parametrize("name", ["bookings together", "a cancellation"])
def test_one_machine_asks_what_a_cluster_would_refuse(postgres_url, name):
    fill(postgres_url)
    assert refused(plans_of(postgres_url, QUESTIONS[name]))


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM traffic_booking.seats AS s JOIN traffic_booking.appointments AS a ON a.branch = s.branch",
        "SELECT 1 FROM traffic_booking.seats AS stored WHERE stored.taken > 0 FOR NO KEY UPDATE",
        "UPDATE traffic_booking.seats AS stored SET taken = 0 WHERE stored.taken > 0",
        "SELECT (SELECT 1 FROM traffic_booking.standings WHERE version = 1) FROM unnest($1)",
        "SELECT 1 FROM traffic_booking.migrations",
    ],
)
def test_what_a_cluster_would_refuse_is_found(text):
    assert not is_taken(text)


@pytest.mark.parametrize("question", [reading.facts([about(THEY)]), reading.facts([about(number=number(9))])])
def test_who_is_read_is_locked_under_the_number_that_commits_lock(spread_url, question):
    fill(spread_url)
    with psycopg.connect(spread_url) as connection:
        register(connection)
        connection.execute(question.statement, question.parameters)
        held = "SELECT classid::bigint << 32 | objid::bigint, mode FROM pg_locks WHERE locktype = 'advisory'"
        found = connection.execute(held + " AND pid = pg_backend_pid()").fetchall()
    change = Change(standing=StandingGuard(THEY, 1))
    assert found == [(number, "ShareLock") for number in names_of([change])]


def test_keys_are_planned_with_their_values_where_tables_are_spread(spread_url, postgres_url):
    for url, mode in ((spread_url, "force_custom_plan"), (postgres_url, "force_generic_plan")):
        with closing(connect(Address(url, 10))) as connection:
            assert connection.execute("SHOW plan_cache_mode").fetchone() == (mode,)


def test_every_table_is_spread_or_on_every_machine(spread_url):
    placed = dict(
        ask(spread_url, "SELECT replace(logicalrelid::text, 'traffic_booking.', ''), spread_by FROM pg_dist_partition")
    )
    assert placed == SPREAD_BY
    assert {name for (name,) in ask(spread_url, ALL_BUT_OURS)} == placed.keys()


def test_spreading_what_is_spread_changes_nothing(spread_url):
    with open_store(spread_url) as store:
        store.commit([booking(1)])
    placed = ask(spread_url, "SELECT * FROM pg_dist_partition ORDER BY 1")
    spread_tables(spread_url)
    assert ask(spread_url, "SELECT * FROM pg_dist_partition ORDER BY 1") == placed
    with open_store(spread_url, migrate=False) as store:
        assert len(store.appointments_of(ME, limit=2)) == 1


LANGUAGES: Final = "SELECT lanname FROM pg_proc JOIN pg_language AS l ON l.oid = prolang WHERE proname = 'facts'"
"""What the function is written in that reads of several tables at once on one machine, and key by key on many."""


def as_on_one_machine(url: str) -> str:
    """Replace the functions of a spread database by those of a plain one; gives the statements."""
    [step] = [step for step in shipped_migrations() if step.name == "0003_reading.sql"]
    sql = step.sql.replace("CREATE", "CREATE OR REPLACE")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.encode())
    return sql


def test_other_functions_for_a_cluster_are_noticed_without_another_step(bare_url):
    """As where the tables were spread by a release whose functions were others, and recorded nothing."""
    ask(bare_url, STAND_IN)
    spread_tables(bare_url)
    assert opening.pending_steps(bare_url).names == ()
    as_on_one_machine(bare_url)
    ask(bare_url, "COMMENT ON TABLE traffic_booking.migrations IS NULL")
    assert opening.pending_steps(bare_url).names == ("citus/distribution.sql",)
    told = r"got tables spread by another citus/distribution\.sql; expected this release's, as the command .* migrate"
    with pytest.raises(StoreUnavailable, match=told), open_store(bare_url, migrate=False):
        pass
    assert ask(bare_url, LANGUAGES) == [("sql",)]
    with open_store(bare_url) as store:
        store.commit([booking(1)])
    assert ask(bare_url, LANGUAGES) == [("plpgsql",)]
    assert opening.pending_steps(bare_url).names == ()


def test_an_older_release_leaves_a_newer_one_s_functions_unless_it_is_told_to_spread(bare_url, monkeypatch):
    ask(bare_url, STAND_IN)
    spread_tables(bare_url)
    newer = migrations.shipped_distribution() + "\n-- and more\n"
    with monkeypatch.context() as release:
        release.setattr(migrations, "shipped_distribution", lambda: newer)
        assert opening.pending_steps(bare_url).names == ("citus/distribution.sql",)
        with open_store(bare_url):
            assert opening.pending_steps(bare_url).names == ()
    as_on_one_machine(bare_url)  # to see whether they are replaced
    with open_store(bare_url):
        assert ask(bare_url, LANGUAGES) == [("sql",)]
    spread_tables(bare_url)
    assert ask(bare_url, LANGUAGES) == [("plpgsql",)]
    assert opening.pending_steps(bare_url).names == ()
    monkeypatch.setattr(migrations, "shipped_distribution", lambda: newer)
    assert opening.pending_steps(bare_url).names == ("citus/distribution.sql",), "they are not the newer ones any more"


def test_a_database_that_is_not_spread_is_told_nothing_of_it(bare_url):
    ask(bare_url, STAND_IN)
    with open_store(bare_url):
        assert opening.pending_steps(bare_url).names == ()
    assert ask(bare_url, "SELECT 1 FROM pg_dist_partition") == []


def test_a_later_step_leaves_a_spread_database_spread(bare_url, monkeypatch):
    ask(bare_url, STAND_IN)
    spread_tables(bare_url)
    known = shipped_migrations()
    again = Migration(number=len(known) + 1, name="again.sql", sql=as_on_one_machine(bare_url))
    monkeypatch.setattr(opening, "shipped_migrations", lambda: (*known, again))
    assert opening.pending_steps(bare_url).names == ("again.sql", "citus/distribution.sql")
    with open_store(bare_url) as store:
        store.commit([booking(1)])
    assert refused(plans_of(bare_url, HOT["facts of one"])) == []
    assert ask(bare_url, LANGUAGES) == [("plpgsql",)]
    assert opening.pending_steps(bare_url).names == ()


def test_without_citus_nothing_is_spread(bare_url):
    with pytest.raises(StoreUnavailable, match="a database without Citus; expected one where CREATE EXTENSION citus"):
        spread_tables(bare_url)
    assert ask(bare_url, "SELECT 1 FROM pg_namespace WHERE nspname = 'traffic_booking'") == []


PLANTED: Final = {
    "a unique key": "CREATE UNIQUE INDEX elsewhere ON traffic_booking.appointments (applicant, starts_at)",
    "a trigger": (
        "CREATE FUNCTION public.nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';"
        "CREATE TRIGGER told AFTER INSERT ON traffic_booking.events EXECUTE FUNCTION public.nothing()"
    ),
    "a foreign key": (
        "ALTER TABLE traffic_booking.events ADD FOREIGN KEY (number) REFERENCES traffic_booking.appointments (number)"
    ),
    "a rule": "CREATE RULE kept AS ON DELETE TO traffic_booking.answers DO INSTEAD NOTHING",
    "a child": "CREATE TABLE traffic_booking.old () INHERITS (traffic_booking.standings)",
}


@pytest.mark.parametrize("what", PLANTED)
def test_what_ties_rows_of_different_keys_together_is_refused(bare_url, what):
    ask(bare_url, STAND_IN)
    with open_store(bare_url):
        pass
    with psycopg.connect(bare_url, autocommit=True) as connection:
        connection.execute(PLANTED[what].encode())
    with pytest.raises(StoreError):
        spread_tables(bare_url)
    assert ask(bare_url, "SELECT 1 FROM pg_dist_partition") == []


def test_nothing_is_numbered_by_a_sequence(postgres_url):
    assert (
        ask(
            postgres_url,
            "SELECT 1 FROM pg_class WHERE relnamespace = 'traffic_booking'::regnamespace AND relkind = 'S'",
        )
        == []
    )
