"""The past can be copied, pruned and brought back by `docs/how-to/archive-the-past.md`; the rest stays whole."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.desks import open_desk
from tests.postgres_server import ask, open_store
from tests.sealed_stores import audited
from tests.small_town import START, small_catalogue
from traffic_booking import AppointmentNotFound, Booked, Cancelled, CheckedIn, Clerk, Held, Refused, Sealer
from traffic_booking.domain.appointments.events import UpkeepDone
from traffic_booking.persistence._sync.pruning import Pruning
from traffic_booking.testing import MovableClock, made_up_person

GUIDE = Path(__file__).parents[2] / "docs" / "how-to" / "archive-the-past.md"
STAFF = Clerk("desk-1")
COUNTS = """
SELECT
    (SELECT count(*) FROM {0}.appointments),
    (SELECT count(*) FROM {0}.log WHERE kind NOT IN ('registered', 'records', 'installed', 'upkeep')),
    (SELECT count(*) FROM {0}.answers)
"""
HERE, ARCHIVE = "traffic_booking", "traffic_booking_archive"


def statements(name: str) -> str:
    """A script of the guide, unchanged."""
    text: str
    [text] = re.findall(rf"```postgresql\n(-- {name}:.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    return text


def copy(url: str, cutoff: datetime) -> None:
    """Run the archive script at the moment at which appointments before `cutoff` are copied."""
    text = statements("archive")
    assert text.count(" now()") == 1
    moment = cutoff + timedelta(days=366)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(text.replace(" now()", f" '{moment.isoformat()}'::timestamptz").encode())


def archive(desk: Any, url: str, cutoff: datetime) -> None:
    """Copy, then prune, as of that moment."""
    copy(url, cutoff)
    done = UpkeepDone(at=cutoff + timedelta(days=367), actor=STAFF, what="appointments", count=0)
    Pruning(desk.store).prune("appointments", cutoff, done)


def bring_back(url: str, year: int, number: str = "%") -> None:
    """Bring back a year, or one appointment number."""
    text = statements("bring back").replace(":'year'", f"'{year}'").replace(":'number'", f"'{number}'")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(text.encode())


def content(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """All rows that the archive takes; a slot without seats taken may have a row or none."""
    seats_taken = {
        "appointments": "",
        "log": "WHERE kind NOT IN ('registered', 'records', 'installed', 'upkeep')",
        "answers": "",
        "seats": "WHERE value > 0",
    }
    return {
        table: ask(url, f"SELECT * FROM {HERE}.{table} AS stored {which} ORDER BY stored")
        for table, which in seats_taken.items()
    }


def counts(url: str, schema: str) -> tuple[int, ...]:
    """The counts of appointments, log entries and answers."""
    return ask(url, COUNTS.replace("{0}", schema))[0]


@pytest.fixture
def url(postgres_url):
    yield postgres_url
    ask(postgres_url, f"DROP SCHEMA IF EXISTS {ARCHIVE} CASCADE")


@pytest.fixture
def desk(url):
    with (
        open_store(url) as store,
        open_desk(small_catalogue(capacity=3), store=store, clock=MovableClock(START)) as opened,
    ):
        yield opened


def booked(desk, person, days, request_id):
    found = desk.find_slots(service="renewal", branch="north", from_=desk.clock.now() + timedelta(days=days), limit=1)
    outcome = desk.book(found[0], applicant=made_up_person(person), agreed=True, request_id=request_id)
    assert isinstance(outcome, Booked)
    return outcome.appointment


def test_past_appointments_are_archived_with_all_their_parts_and_the_rest_is_whole(desk, url):
    attended, missed, cancelled = (booked(desk, person, 1, f"book-{person}") for person in (1, 2, 3))
    full = desk.book(attended.slot, applicant=made_up_person(4), agreed=True, request_id="full")
    assert isinstance(desk.cancel(cancelled.number, by=made_up_person(3), request_id="cancel"), Cancelled)
    assert isinstance(full, Refused)
    desk.clock.move_to(attended.slot.starts_at)
    assert isinstance(desk.gate.check_in(attended.number, by=STAFF, request_id="arrive"), CheckedIn)
    desk.clock.move_to(START + timedelta(days=400))
    later = booked(desk, 1, 30, "book-later")
    before, verified = counts(url, HERE), desk.audit.verify()
    assert verified
    assert verified.slots == 2

    archive(desk, url, START + timedelta(days=300))
    assert counts(url, HERE) == (1, 2, 2), "the later appointment, and the refusal"
    assert counts(url, ARCHIVE) == (3, 5, 5)
    assert before == (4, 7, 7)
    verified = desk.audit.verify()
    assert verified
    assert (verified.appointments, verified.slots) == (1, 1)
    assert desk.audit.verify().broken == ()
    assert desk.appointments(made_up_person(1)).upcoming == (later,)
    assert len(desk.explain(later.number, by=made_up_person(1))) == 1
    with pytest.raises(AppointmentNotFound):
        desk.appointment(missed.number, by=made_up_person(2))
    assert isinstance(desk.cancel(later.number, by=made_up_person(1), request_id="cancel-later"), Cancelled)
    assert desk.audit.verify()


def test_the_answer_to_a_request_about_two_appointments_goes_with_its_own(desk, url):
    """A hold is given back by the booking of a later slot: the answer is about that booking."""
    me = made_up_person(1)
    soon, later = (
        desk.find_slots(service="renewal", branch="north", from_=START + timedelta(days=days), limit=1)[0]
        for days in (1, 20)
    )
    assert isinstance(desk.hold(soon, applicant=me, request_id="hold"), Held)
    assert isinstance(desk.book(later, applicant=me, agreed=True, request_id="book"), Booked)
    booked(desk, 2, 1, "alone")
    archive(desk, url, START + timedelta(days=10))
    assert counts(url, HERE) == (1, 1, 1)
    assert counts(url, ARCHIVE) == (2, 3, 2)
    assert desk.audit.verify()
    archive(desk, url, START + timedelta(days=30))
    assert counts(url, HERE) == (0, 0, 0)
    assert counts(url, ARCHIVE) == (3, 4, 3)
    assert desk.audit.verify()


def test_requests_that_changed_nothing_are_archived_too(desk, url):
    """A repeated hold of the same slot is answered without an event; the log has an entry for the request."""
    me = made_up_person(1)
    soon = desk.find_slots(service="renewal", branch="north", from_=START + timedelta(days=1), limit=1)[0]
    for request in ("hold", "hold-again"):
        assert isinstance(desk.hold(soon, applicant=me, request_id=request), Held)
    assert isinstance(desk.book(soon, applicant=me, agreed=True, request_id="book"), Booked)
    archive(desk, url, START + timedelta(days=100))
    assert counts(url, HERE) == (0, 0, 0)
    assert counts(url, ARCHIVE) == (1, 3, 3)
    assert desk.audit.verify()


def test_a_run_that_is_repeated_copies_nothing_twice(desk, url):
    booked(desk, 1, 1, "book")
    for _ in range(2):
        copy(url, START + timedelta(days=100))
        assert counts(url, ARCHIVE) == (1, 1, 1)
    assert counts(url, HERE) == (1, 1, 1)


def test_an_audit_with_a_sealed_log_goes_on(desk, url, tmp_path):
    for person, days in ((1, 1), (2, 1), (3, 30)):
        booked(desk, person, days, f"book-{person}-{days}")
    with Sealer.open(url, log=tmp_path / "log", key=tmp_path / "log.key") as sealer:
        sealer.seal()
        archive(desk, url, START + timedelta(days=10))
        assert counts(url, HERE) == (1, 1, 1)
        reports = []
        for _ in range(2):
            reports.append(audited(desk, tmp_path / "log", tmp_path / "log.key"))
            sealer.seal()
    assert [each.broken for each in reports] == [(), ()]
    assert [each.not_sealed > 0 for each in reports] == [True, False]


def test_rows_lie_in_the_partition_of_the_year_in_which_the_appointment_ended(desk, url):
    booked(desk, 1, 1, "this-year")
    booked(desk, 2, 45, "next-year")
    archive(desk, url, START + timedelta(days=100))
    for table in ("appointments", "log", "answers"):
        found = ask(url, f"SELECT tableoid::regclass::text FROM {ARCHIVE}.{table} ORDER BY 1")
        assert found == [(f"{ARCHIVE}.{table}_{year}",) for year in (2026, 2027)]


def test_an_archive_that_forgets_the_answers_is_found_out(desk, url):
    booked(desk, 1, 1, "book")
    archive(desk, url, START + timedelta(days=100))
    ask(url, f"INSERT INTO {HERE}.appointments SELECT * FROM {ARCHIVE}.appointments")
    assert not desk.audit.verify()


def test_appointments_that_are_brought_back_are_the_same_as_before(desk, url):
    attended, _, cancelled = (booked(desk, person, 1, f"book-{person}") for person in (1, 2, 3))
    assert isinstance(desk.cancel(cancelled.number, by=made_up_person(3), request_id="cancel"), Cancelled)
    desk.clock.move_to(attended.slot.starts_at)
    assert isinstance(desk.gate.check_in(attended.number, by=STAFF, request_id="arrive"), CheckedIn)
    desk.clock.move_to(START + timedelta(days=400))
    booked(desk, 1, 30, "book-later")
    before = content(url)
    archive(desk, url, START + timedelta(days=300))
    assert content(url) != before
    bring_back(url, START.year)
    assert content(url) == before
    assert counts(url, ARCHIVE) == (0, 0, 0)
    assert desk.audit.verify()
    again = desk.book(attended.slot, applicant=made_up_person(1), agreed=True, request_id="book-1")
    assert again == Booked(attended), "the request's own answer is found again"


def test_one_appointment_comes_back_and_its_neighbours_in_the_slot_stay(desk, url):
    wanted, other = (booked(desk, person, 1, f"book-{person}") for person in (1, 2))
    booked(desk, 3, 45, "next-year")
    assert wanted.slot == other.slot
    archive(desk, url, START + timedelta(days=100))
    bring_back(url, START.year + 1, wanted.number)
    assert counts(url, HERE) == (0, 0, 0), "not of that year"
    bring_back(url, START.year, wanted.number)
    assert desk.appointment(wanted.number, by=made_up_person(1)) == wanted
    assert counts(url, HERE) == (1, 1, 1)
    assert counts(url, ARCHIVE) == (2, 2, 2)
    assert desk.audit.verify()
    bring_back(url, START.year)
    assert counts(url, HERE) == (2, 2, 2)
    assert desk.audit.verify()


def test_appointments_of_one_request_come_back_together_from_either_year(desk, url):
    me = made_up_person(1)
    soon, later = (
        desk.find_slots(service="renewal", branch="north", from_=START + timedelta(days=days), limit=1)[0]
        for days in (1, 45)
    )
    assert isinstance(desk.hold(soon, applicant=me, request_id="hold"), Held)
    assert isinstance(desk.book(later, applicant=me, agreed=True, request_id="book"), Booked)
    booked(desk, 2, 45, "alone")
    before = content(url)
    archive(desk, url, START + timedelta(days=100))
    bring_back(url, START.year)
    assert counts(url, HERE) == (2, 3, 2)
    assert desk.audit.verify()
    bring_back(url, START.year + 1)
    assert content(url) == before


def test_of_a_number_that_was_drawn_twice_that_of_the_year_comes_back(desk, url):
    wanted, other = booked(desk, 1, 1, "this-year"), booked(desk, 2, 45, "next-year")
    archive(desk, url, START + timedelta(days=100))
    for table, column in (("appointments", "number"), ("log", "stream"), ("answers", "body")):
        ask(
            url,
            f"UPDATE {ARCHIVE}.{table} SET {column} = replace({column}, %s, %s)",
            other.number,
            wanted.number,
        )
    bring_back(url, START.year, wanted.number)
    assert desk.appointment(wanted.number, by=made_up_person(1)) == wanted
    assert counts(url, HERE) == (1, 1, 1)
    assert counts(url, ARCHIVE) == (1, 1, 1)
    assert desk.audit.verify()


def drawn_again(desk, url):
    ask(url, f"INSERT INTO {HERE}.appointments SELECT * FROM {ARCHIVE}.appointments LIMIT 1")


def repeated(desk, url):
    booked(desk, 3, 1, "book-1")


@pytest.mark.parametrize(("again", "key"), [(drawn_again, "appointments_pkey"), (repeated, "answers_pkey")])
def test_live_rows_are_not_overwritten_and_nothing_comes_back(desk, url, again, key):
    for person in (1, 2):
        booked(desk, person, 1, f"book-{person}")
    archive(desk, url, START + timedelta(days=100))
    again(desk, url)
    before = content(url)
    with pytest.raises(psycopg.errors.UniqueViolation, match=key):
        bring_back(url, START.year)
    assert content(url) == before
    assert counts(url, ARCHIVE) == (2, 2, 2)


def test_a_column_that_a_later_release_adds_goes_and_comes_back_in_its_place(bare_url):
    """The new column has the type of the archive's own column: a mix-up would raise no error of types."""
    with (
        open_store(bare_url) as store,
        open_desk(small_catalogue(capacity=3), store=store, clock=MovableClock(START)) as desk,
    ):
        booked(desk, 1, 1, "book")
        copy(bare_url, START)
        for schema in (HERE, ARCHIVE):
            for table in ("appointments", "log", "answers"):
                ask(bare_url, f"ALTER TABLE {schema}.{table} ADD COLUMN later timestamptz")
                ask(bare_url, f"UPDATE {schema}.{table} SET later = %s", START)
        before = content(bare_url)
        archive(desk, bare_url, START + timedelta(days=100))
    assert counts(bare_url, HERE) == (0, 0, 0)
    bring_back(bare_url, START.year)
    assert content(bare_url) == before
