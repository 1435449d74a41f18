"""A child is forked while another thread is inside a verb: every verb raises at once, and the parent goes on."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import date
from threading import Event
from typing import Any

import pytest

from tests.bookings import number, slot
from tests.calendars import order
from tests.cases import CLERK
from tests.desks import open_desk
from tests.one_slot import PATIENCE_SECONDS
from tests.people import ME, YOU
from traffic_booking import Booked, Desk
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.postgres import PostgresStore
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.domain.errors import StoreError
from traffic_booking.ports.primitives import StoreChange

AT_ONCE_SECONDS = 20.0
"""Long enough for a busy machine; a child that waits for a lock of the parent would never end."""

VERBS: dict[str, Callable[[Desk], object]] = {
    "book": lambda desk: desk.book(slot(49), applicant=YOU, agreed=True, request_id="child"),
    "cancel": lambda desk: desk.cancel(number(1), by=ME, request_id="child"),
    "declare": lambda desk: desk.calendar.declare(
        order(date(2027, 1, 3)), reason="leave", by=CLERK, request_id="child"
    ),
    "expire": lambda desk: desk.maintenance.expire_holds(),
    "find": lambda desk: desk.find_slots(service="renewal"),
    "list": lambda desk: desk.appointments(ME),
    "calendar": lambda desk: desk.calendar.working_day("north", date(2026, 11, 23)),
    "feed": lambda desk: desk.feed(),
    "verify": lambda desk: desk.audit.verify(),
}

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning"),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork"),
]


class HeldUp(list[StoreChange]):
    """Changes that the store begins to read while it has its lock; it gets them when the test lets it go on."""

    def __init__(self, changes: Sequence[StoreChange], inside: Event, go_on: Event) -> None:
        super().__init__(changes)
        self._inside, self._go_on = inside, go_on

    def __iter__(self) -> Iterator[StoreChange]:
        self._inside.set()
        assert self._go_on.wait(PATIENCE_SECONDS)
        return super().__iter__()


class HoldsUpCommits:
    """A store whose commits stay inside until the test releases them."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.inside, self.go_on = Event(), Event()

    def commit(self, changes: Sequence[StoreChange]) -> Any:
        return self._store.commit(HeldUp(changes, self.inside, self.go_on))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def store(request, tmp_path):
    match request.param:
        case "memory":
            made = HoldsUpCommits(MemoryStore())
        case "sqlite":
            made = HoldsUpCommits(SqliteStore(tmp_path / "bookings.db"))
        case _:
            made = HoldsUpCommits(PostgresStore(request.getfixturevalue("postgres_url")))
    yield made
    made.close()


@contextmanager
def booking_inside(desk: Desk, store: HoldsUpCommits) -> Iterator[None]:
    """Another thread is inside a booking meanwhile, and the booking is granted at the end."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        booking = pool.submit(desk.book, slot(25), applicant=ME, agreed=True, request_id="parent")
        try:
            assert store.inside.wait(PATIENCE_SECONDS)
            yield
        finally:
            store.go_on.set()
        assert isinstance(booking.result(PATIENCE_SECONDS), Booked)


def in_a_child(work: Callable[[], str]) -> str:
    """The result of `work` in a forked child; "nothing" if it takes too long."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writing, work().encode())
        finally:
            os._exit(0)
    os.close(writing)
    try:
        ready, _, _ = select.select([reading], [], [], AT_ONCE_SECONDS)
        if not ready:
            os.kill(child, signal.SIGKILL)
        return os.read(reading, 1_000).decode() if ready else "nothing"
    finally:
        os.close(reading)
        os.waitpid(child, 0)


def outcome_of(verb: Callable[[Desk], object], desk: Desk) -> str:
    try:
        return f"returned {type(verb(desk)).__name__}"
    except StoreError as error:
        return f"StoreError: {error}"
    except BaseException as error:  # noqa: BLE001 - whatever it is, the test shows it
        return repr(error)


@pytest.mark.long
@pytest.mark.race
@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_of_a_forked_child_raises_at_once_and_the_parent_goes_on(store, verb):
    with open_desk(store=store) as desk:
        with booking_inside(desk, store):
            result = in_a_child(lambda: outcome_of(VERBS[verb], desk))
        assert result.startswith("StoreError: ")
        assert "process" in result
        assert isinstance(desk.book(slot(49), applicant=YOU, agreed=True, request_id="next"), Booked)
        assert len(desk.appointments(ME)) == 1
        assert desk.audit.verify()


@pytest.mark.race
def test_a_child_that_closes_the_desk_closes_nothing_of_the_parents(store):
    def close(desk: Desk) -> None:
        desk.close()

    with open_desk(store=store) as desk:
        with booking_inside(desk, store):
            assert in_a_child(lambda: outcome_of(close, desk)) == "returned NoneType"
        assert isinstance(desk.book(slot(49), applicant=YOU, agreed=True, request_id="next"), Booked)
        assert desk.audit.verify()


FORKED_DURING_AN_IMPORT = """
import os, sys, threading, time
from traffic_booking import BookingDesk, NationalId

class Slow:
    inside = threading.Event()

    def find_spec(self, name, path=None, target=None):
        if name == "traffic_booking.application._sync.batch_execution" and not self.inside.is_set():
            self.inside.set()
            time.sleep(0.5)

def book(desk):
    slot = desk.find_slots(service="licence-renewal", governorate="riyadh", limit=1)[0]
    desk.book(slot, applicant=NationalId("1000000008"), agreed=True, request_id="first")

sys.meta_path.insert(0, Slow())
thread = threading.Thread(target=book, args=[BookingDesk.open("memory://")])
thread.start()
Slow.inside.wait()
if child := os.fork():
    thread.join()
    os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
book(BookingDesk.open("memory://"))
os._exit(0)
"""


def test_a_child_that_is_forked_during_the_first_booking_opens_a_desk_of_its_own():
    command = [sys.executable, "-W", "ignore", "-c", FORKED_DURING_AN_IMPORT]
    with subprocess.Popen(command, start_new_session=True) as process:
        try:
            assert process.wait(AT_ONCE_SECONDS) == 0
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


IMPORTED_AFTER_A_FORK = """
import os, sys
from traffic_booking import BookingDesk, NationalId

desk, me = BookingDesk.open("memory://"), NationalId("1000000008")
slot = desk.find_slots(service="licence-renewal", governorate="riyadh", limit=1)[0]
if child := os.fork():
    os.waitpid(child, 0)
else:
    os._exit(0)
before = set(sys.modules)
booked = desk.book(slot, applicant=me, agreed=True, request_id="first")
desk.appointments(me)
desk.explain(request_id="first", by=me)
desk.cancel(booked.appointment.number, by=me, request_id="second")
print(*sorted(set(sys.modules) - before))
"""


def test_what_the_first_requests_import_is_loaded_before_a_fork():
    command = [sys.executable, "-W", "ignore", "-c", IMPORTED_AFTER_A_FORK]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "\n"
