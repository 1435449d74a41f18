"""Restores: a store that is older than its sealed log is refused, until what it lacks was repeated and recorded."""

import shutil
import sqlite3
from contextlib import ExitStack, closing
from datetime import timedelta

import pytest

from tests.bookings import slot
from tests.cases import CLERK
from tests.conformance.postgres_means import program
from tests.maintained import SYSTEM, desk_over, erase, log_of, rows_of
from tests.people import ME, YOU
from tests.postgres_server import OwnServer, own_database
from tests.small_town import START
from traffic_booking import BookingDesk, RequestMismatch, Sealer, StoreBehindLog, StoreRestored, read_log
from traffic_booking.adapters.log_folder import LogFolder
from traffic_booking.adapters.postgres import PostgresStore
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.application._sync.behind_log import check_reached
from traffic_booking.domain.appointments.ticket_codes import ticket_id_of
from traffic_booking.domain.audit.restores import is_lost
from traffic_booking.domain.audit.revoked_ticket import Revocation
from traffic_booking.persistence.leaves import entry_of
from traffic_booking.testing import MovableClock, made_up_person

OTHER = made_up_person(3)
AT = slot(25)


class Bench:
    """An SQLite file with its sealed log, and a copy of an earlier state."""

    def __init__(self, folder):
        self.folder = folder
        self.path, self.copy = folder / "bookings.db", folder / "copy.db"
        self.log, self.key = folder / "log", folder / "log.key"
        self.clock = MovableClock(START)

    def url(self):
        return f"sqlite:///{self.path}"

    def open(self):
        return desk_over(SqliteStore(self.path), clock=self.clock)

    def back_up(self):
        shutil.copy(self.path, self.copy)

    def restore(self):
        for each in self.folder.glob("bookings.db*"):
            each.unlink()
        shutil.copy(self.copy, self.path)

    def seal(self):
        with Sealer.open(self.url(), log=self.log, key=self.key) as sealer:
            return sealer.seal()

    def opened_log(self):
        return read_log(self.log, key=self.folder / "log.key.pub")

    def after_restore(self, desk, request_id="after"):
        return desk.maintenance.after_restore(log=self.opened_log(), by=CLERK, request_id=request_id)


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path)


def book(desk, request_id, *, person=ME, at=AT):
    return desk.book(at, applicant=person, agreed=True, request_id=request_id).appointment


def lose_a_day(bench):
    """Appointments, then a backup, then more, an erasure and a cancellation; all is sealed, and the backup restored."""
    with bench.open() as desk:
        kept = book(desk, "kept", person=YOU)
        gone = book(desk, "gone")
    bench.back_up()
    with bench.open() as desk:
        new = book(desk, "new", person=OTHER, at=slot(26))
        desk.cancel(kept.number, by=YOU, request_id="cancelled")
        assert erase(desk, ME, request_id="erase").erased.cancelled == (gone.number,)
    bench.seal()
    bench.restore()
    return kept, gone, new


def test_a_store_that_is_older_than_its_log_is_refused(bench):
    lose_a_day(bench)
    with pytest.raises(StoreBehindLog, match=r"has not reached the last sealed entry"):
        BookingDesk.open(bench.url(), log=bench.log)
    with pytest.raises(StoreBehindLog):
        bench.seal()


def test_a_store_as_it_was_sealed_and_a_newer_one_are_opened(bench):
    with bench.open() as desk:
        book(desk, "first")
    bench.seal()
    with bench.open() as desk:
        check_reached(desk.store, LogFolder(bench.log))
        book(desk, "second", person=YOU)
        check_reached(desk.store, LogFolder(bench.log))


def test_what_was_written_since_the_restore_does_not_hide_it(bench):
    """Later the store is as long as the log, and has other entries."""
    lose_a_day(bench)
    with bench.open() as desk:
        for place, free in enumerate(desk.find_slots(service="renewal", limit=12)):
            book(desk, f"more-{place}", person=made_up_person(50 + place), at=free)
    with pytest.raises(StoreBehindLog, match="other entries than those sealed"):
        BookingDesk.open(bench.url(), log=bench.log)
    with bench.open() as desk, pytest.raises(StoreBehindLog, match="other entries than those sealed"):
        bench.after_restore(desk)


def test_erasures_are_repeated_tickets_revoked_and_the_gap_recorded(bench):
    kept, gone, new = lose_a_day(bench)
    size = bench.opened_log().open().newest.size
    with bench.open() as desk:
        assert len(rows_of(desk.store)["persons"]) == 2
        result = bench.after_restore(desk)
        assert result
        gap = result.restored
        assert isinstance(gap, StoreRestored)
        assert gap.leaves == sum(is_lost(entry_of(each).position, [gap]) for each in bench.opened_log().open().leaves())
        assert 0 < gap.leaves < size
        assert result.erased == (gone.applicant.subject,)
        assert ME.reveal() not in f"{rows_of(desk.store)}{log_of(desk.store)}"
        revoked = {each.ticket_id: each.reason for each in desk.gate.revoked_tickets().tickets}
        assert revoked == {ticket_id_of(each.number, each.slot): Revocation.CANCELLED for each in (kept, gone, new)}
        assert [each.what for each in desk.feed().entries if isinstance(each.what, StoreRestored)] == [gap]
        assert desk.audit.verify().broken == ()
        assert erase(desk, ME, request_id="erase").erased.subject == gone.applicant.subject
        with pytest.raises(RequestMismatch):
            erase(desk, YOU, request_id="erase")
        after = rows_of(desk.store), log_of(desk.store)
        assert bench.after_restore(desk) == result
        assert (rows_of(desk.store), log_of(desk.store)) == after
    assert ME.reveal().encode() not in bench.path.read_bytes()
    report = bench.seal()
    assert report.checkpoint.size > size
    with bench.open() as desk:
        audited = desk.audit.verify(log=bench.opened_log())
        assert audited.broken == ()
        assert (audited.lost, audited.restores, audited.not_sealed) == (gap.leaves, (gap,), 0)
    BookingDesk.open(bench.url(), log=bench.log, read_only=True).close()


def test_a_gap_is_reported_until_it_is_sealed(bench):
    lose_a_day(bench)
    with bench.open() as desk:
        assert bench.after_restore(desk)
        report = desk.audit.verify(log=bench.opened_log())
        assert [(each.invariant, each.where) for each in report.broken] == [("seal", "restore after")]
    bench.seal()
    with bench.open() as desk:
        assert desk.audit.verify(log=bench.opened_log()).broken == ()


def test_a_gap_that_names_another_number_of_entries_is_reported(bench):
    lose_a_day(bench)
    with bench.open() as desk:
        leaves = bench.after_restore(desk).restored.leaves
    changed_in_the_log(bench, f'"leaves":{leaves}', f'"leaves":{leaves - 1}')
    bench.seal()
    with bench.open() as desk:
        broken = desk.audit.verify(log=bench.opened_log()).broken
        assert (f"{leaves} lost entries", f"{leaves - 1}, as the restores say") in [
            (each.found, each.expected) for each in broken
        ]


def test_a_restore_that_cannot_be_decoded_is_reported(bench):
    lose_a_day(bench)
    with bench.open() as desk:
        bench.after_restore(desk)
    bench.seal()
    changed_in_the_log(bench, '"leaves":', '"level":')
    with bench.open() as desk:
        assert "log upkeep" in [each.where for each in desk.audit.verify(log=bench.opened_log()).broken]


def test_a_sealed_entry_that_only_has_the_name_of_a_restore_is_reported(bench):
    with bench.open() as desk:
        book(desk, "first")
    with closing(sqlite3.connect(bench.path)) as connection, connection:
        connection.execute("UPDATE log SET kind = 'restored' WHERE position = (SELECT max(position) FROM log)")
    bench.seal()
    with bench.open() as desk:
        broken = desk.audit.verify(log=bench.opened_log()).broken
        assert [each.invariant for each in broken] == ["readable"]


def changed_in_the_log(bench, before, after):
    with closing(sqlite3.connect(bench.path)) as connection, connection:
        changed = "UPDATE log SET body = replace(body, ?, ?) WHERE kind = 'restored'"
        assert connection.execute(changed, (before, after)).rowcount


def test_a_store_that_lacks_nothing_is_left_as_it_is(bench):
    with bench.open() as desk:
        book(desk, "first")
    bench.seal()
    with bench.open() as desk:
        before = log_of(desk.store)
        result = bench.after_restore(desk)
        assert (result.restored, result.erased, result.active) == (None, (), ())
        assert log_of(desk.store) == before


def test_a_person_who_is_checked_in_is_erased_again_once_that_is_over(bench):
    with bench.open() as desk:
        here = book(desk, "gone")
        bench.clock.move_to(here.starts_at)
        desk.gate.check_in(here.number, by=CLERK, request_id="came")
    bench.back_up()
    bench.clock.move_to(here.slot_ends_at)
    with bench.open() as desk:
        assert erase(desk, ME, by=SYSTEM)
    bench.seal()
    bench.restore()
    bench.clock.move_to(here.slot_ends_at - timedelta(minutes=1))
    with bench.open() as desk:
        result = bench.after_restore(desk)
        assert (bool(result), result.active, result.erased) == (False, (here.number,), ())
        bench.clock.move_to(here.slot_ends_at)
        assert bench.after_restore(desk).erased == (here.applicant.subject,)
        assert rows_of(desk.store)["persons"] == {}


def test_two_restores_of_one_copy_go_on_with_one_log(bench):
    lose_a_day(bench)
    with bench.open() as desk:
        bench.after_restore(desk)
    bench.seal()
    bench.restore()
    with bench.open() as desk:
        assert bench.after_restore(desk, "second").restored.leaves > 0
        book(desk, "later", person=made_up_person(77), at=slot(27))
    before = bench.opened_log().open().newest.size
    assert bench.seal().checkpoint.size > before
    assert [*bench.opened_log().open().verified_leaves()]


@pytest.mark.long
@pytest.mark.parametrize("where", ["the same server", "a new server"])
def test_a_dump_that_is_restored_into_a_new_database_goes_on_with_the_log(postgres_url, tmp_path, where):
    log, key, clock = tmp_path / "log", tmp_path / "log.key", MovableClock(START)

    def open_at(url):
        return desk_over(PostgresStore(url), clock=clock)

    def seal(url):
        with Sealer.open(url, log=log, key=key) as sealer:
            return sealer.seal()

    with open_at(postgres_url) as desk:
        gone = book(desk, "gone")
    dump = program("pg_dump", postgres_url)
    with open_at(postgres_url) as desk:
        new = book(desk, "new", person=OTHER, at=slot(26))
        assert erase(desk, ME, request_id="erase").erased.cancelled == (gone.number,)
    assert seal(postgres_url).sealed
    with closing(OwnServer()) as server, ExitStack() as opened:
        base = postgres_url if where == "the same server" else server.url
        url = opened.enter_context(own_database(base, "restored_for_a_log"))
        program("psql", "--quiet", "--set=ON_ERROR_STOP=1", url, given=dump)
        with pytest.raises(StoreBehindLog):
            BookingDesk.open(url, log=log)
        with pytest.raises(StoreBehindLog):
            seal(url)
        with open_at(url) as desk:
            given = read_log(log, key=tmp_path / "log.key.pub")
            result = desk.maintenance.after_restore(log=given, by=CLERK, request_id="after")
            assert result.erased == (gone.applicant.subject,)
            assert {each.ticket_id for each in desk.gate.revoked_tickets().tickets} == {
                ticket_id_of(each.number, each.slot) for each in (gone, new)
            }
            assert ME.reveal() not in program("pg_dump", url)
            assert [each.where for each in desk.audit.verify(log=given).broken] == ["restore after"]
            book(desk, "later", person=made_up_person(77), at=slot(27))
        before = given.open().newest.size
        assert seal(url).checkpoint.size > before
        with open_at(url) as desk:
            assert desk.audit.verify(log=given).broken == ()
        assert [*given.open().verified_leaves()]
        BookingDesk.open(url, log=log, read_only=True).close()
