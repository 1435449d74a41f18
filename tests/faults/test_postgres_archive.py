"""What is over can be moved away, as `docs/how-to/archive-the-past.md` says: what stays is as whole as it was."""

import re
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from tests.desks import open_desk
from tests.postgres_server import ask, open_store
from tests.small_town import START, small_catalogue
from traffic_booking import AppointmentNotFound, Booked, Cancelled, CheckedIn, Clerk, Held, Refused
from traffic_booking.testing import MovableClock, made_up_person

GUIDE = Path(__file__).parents[2] / "docs" / "how-to" / "archive-the-past.md"
STAFF = Clerk("desk-1")
COUNTS = """
SELECT
    (SELECT count(*) FROM {0}.appointments), (SELECT count(*) FROM {0}.events), (SELECT count(*) FROM {0}.answers)
"""
HERE, ARCHIVE = "traffic_booking", "traffic_booking_archive"


def script(cutoff: datetime, *, server_clock: datetime | None = None) -> str:
    """The guide's statements as they stand there; `server_clock` is what the server takes for the time."""
    told: str
    [told] = re.findall(r"```postgresql\n(-- archive.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    if server_clock is not None:
        assert told.count(" now()") == 1
        told = told.replace(" now()", f" '{server_clock.isoformat()}'::timestamptz")
    return told.replace(":'cutoff'", f"'{cutoff.isoformat()}'")


def archive(url: str, cutoff: datetime) -> None:
    """Archive at the moment of `cutoff`, which desks of a later clock take for the past."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(script(cutoff, server_clock=cutoff).encode())


def counts(url: str, schema: str) -> tuple[int, ...]:
    """How many appointments, events and answers."""
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


def test_what_is_over_goes_with_all_that_belongs_to_it_and_the_rest_is_whole(desk, url):
    attended, missed, cancelled = (booked(desk, person, 1, f"book-{person}") for person in (1, 2, 3))
    full = desk.book(attended.slot, applicant=made_up_person(4), agreed=True, request_id="full")
    assert isinstance(desk.cancel(cancelled.number, by=cancelled.applicant, request_id="cancel"), Cancelled)
    assert isinstance(full, Refused)
    desk.clock.move_to(attended.slot.starts_at)
    assert isinstance(desk.check_in(attended.number, by=STAFF, request_id="arrive"), CheckedIn)
    desk.clock.move_to(START + timedelta(days=400))
    later = booked(desk, 1, 30, "book-later")
    before, verified = counts(url, HERE), desk.verify()
    assert verified
    assert verified.slots == 2

    archive(url, START + timedelta(days=300))
    assert counts(url, HERE) == (1, 1, 2), "the later appointment, and the refusal"
    assert counts(url, ARCHIVE) == (3, 5, 5)
    assert before == (4, 6, 7)
    verified = desk.verify()
    assert verified
    assert (verified.appointments, verified.slots) == (1, 1)
    assert desk.replay().differences == ()
    assert desk.appointments(made_up_person(1)).upcoming == (later,)
    assert len(desk.explain(later.number, by=later.applicant)) == 1
    with pytest.raises(AppointmentNotFound):
        desk.appointment(missed.number, by=missed.applicant)
    assert isinstance(desk.cancel(later.number, by=later.applicant, request_id="cancel-later"), Cancelled)
    assert desk.verify()


def test_what_one_request_ties_stays_together(desk, url):
    """A hold is given back by the booking of a later slot: neither goes before both are over."""
    me = made_up_person(1)
    soon, later = (
        desk.find_slots(service="renewal", branch="north", from_=START + timedelta(days=days), limit=1)[0]
        for days in (1, 20)
    )
    assert isinstance(desk.hold(soon, applicant=me, request_id="hold"), Held)
    assert isinstance(desk.book(later, applicant=me, agreed=True, request_id="book"), Booked)
    alone = booked(desk, 2, 1, "alone")
    archive(url, START + timedelta(days=10))
    assert counts(url, HERE) == (2, 3, 2)
    assert [number for (number,) in ask(url, f"SELECT number FROM {ARCHIVE}.appointments")] == [alone.number]
    assert desk.verify()
    archive(url, START + timedelta(days=30))
    assert counts(url, HERE) == (0, 0, 0)
    assert counts(url, ARCHIVE) == (3, 4, 3)
    assert desk.verify()


def test_what_changed_nothing_any_more_goes_too(desk, url):
    """A hold of a slot that is held already is answered without an event."""
    me = made_up_person(1)
    soon = desk.find_slots(service="renewal", branch="north", from_=START + timedelta(days=1), limit=1)[0]
    for request in ("hold", "hold-again"):
        assert isinstance(desk.hold(soon, applicant=me, request_id=request), Held)
    assert isinstance(desk.book(soon, applicant=me, agreed=True, request_id="book"), Booked)
    archive(url, START + timedelta(days=100))
    assert counts(url, HERE) == (0, 0, 0)
    assert counts(url, ARCHIVE) == (1, 2, 3)
    assert desk.verify()


def test_what_is_changed_meanwhile_is_not_moved(desk, url):
    appointment = booked(desk, 1, 1, "book")
    cutoff = START + timedelta(days=400)
    chosen, deleting, rest = script(cutoff, server_clock=cutoff).partition("ANALYZE moved;")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(chosen.encode())
        assert isinstance(desk.cancel(appointment.number, by=appointment.applicant, request_id="cancel"), Cancelled)
        with pytest.raises(psycopg.errors.SerializationFailure):
            connection.execute((deleting + rest).encode())
    assert counts(url, HERE) == (1, 2, 2)
    assert desk.verify()


def test_a_cutoff_that_is_still_to_come_takes_nobody_s_appointment(desk, url):
    booked(desk, 1, 1, "book")
    with (
        psycopg.connect(url, autocommit=True) as connection,
        pytest.raises(psycopg.errors.RaiseException, match=r"cutoff: got 9000.*; expected a time that has passed"),
    ):
        connection.execute(script(START.replace(year=9000)).encode())
    assert counts(url, HERE) == (1, 1, 1)
    assert ask(url, "SELECT to_regnamespace(%s)", ARCHIVE) == [(None,)]


def test_rows_lie_in_the_partition_of_the_year_in_which_the_appointment_ended(desk, url):
    booked(desk, 1, 1, "this-year")
    booked(desk, 2, 45, "next-year")
    archive(url, START + timedelta(days=100))
    for table in ("appointments", "events", "answers"):
        found = ask(url, f"SELECT tableoid::regclass::text FROM {ARCHIVE}.{table} ORDER BY 1")
        assert found == [(f"{ARCHIVE}.{table}_{year}",) for year in (2026, 2027)]


def test_an_archive_that_forgets_the_answers_is_found_out(desk, url):
    booked(desk, 1, 1, "book")
    archive(url, START + timedelta(days=100))
    ask(url, f"INSERT INTO {HERE}.appointments SELECT * FROM {ARCHIVE}.appointments")
    assert not desk.verify()
