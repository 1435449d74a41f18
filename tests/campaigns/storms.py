"""Storms: many callers for few slots at once, at several desks over one store; then the store is verified.

Threads hold, book and cancel, for themselves or for each other, over slots with one to three seats. During a storm,
another thread verifies the store now and then.
"""

from collections import Counter
from collections.abc import Callable
from functools import partial
from random import Random
from threading import Event, Thread
from typing import Any, Final

from tests.bookings import slot
from tests.campaigns.workload import busy_desk
from traffic_booking import Booked, Clerk, Held, PersonId, Refused, StoreError
from traffic_booking.application._sync.desk import Desk
from traffic_booking.domain.people.actors import Requester
from traffic_booking.domain.schedule.slots import SlotKey
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.ports.store import Store
from traffic_booking.testing import made_up_person
from traffic_booking.testing.racing import PATIENCE_SECONDS, at_once

OPERATIONS_A_STORM: Final = 2_000
CALLERS: Final = 16
AUDITED_EVERY: Final = 50
"""The store is verified after so many requests of one caller."""
DESKS: Final = 4
CAPACITIES: Final = (1, 2, 3)
SLOTS: Final = tuple(slot(hours, "renewal", branch) for hours in (25, 25.25, 25.5, 49) for branch in ("north", "south"))
CLERK: Final = Clerk("storm-clerk")


class _Storm:
    """One storm over one store; callers know each other's appointments."""

    def __init__(self, store: Store, seed: int, capacity: int) -> None:
        self.answers: Counter[str] = Counter()
        self.wrong: list[str] = []
        self._seed = seed
        self._desks = [busy_desk(store, capacity=capacity) for _ in range(DESKS)]
        self._capacity = capacity
        self._known: list[tuple[str, PersonId]] = []
        self._verified = 0
        self._due, self._over = Event(), False

    def rage(self, operations: int) -> None:
        """Let the callers make that many requests while the auditor verifies; then check the store."""
        auditor = Thread(target=self._audit)
        auditor.start()
        try:
            share = operations // CALLERS
            for found in at_once([partial(self._call, caller, share) for caller in range(CALLERS)]):
                self.answers += found
        finally:
            self._over = True
            self._due.set()
            auditor.join()
        self.answers["verified meanwhile"] = self._verified
        self._look_at_seats()

    def _audit(self) -> None:
        while self._due.wait(PATIENCE_SECONDS) and not self._over:
            self._due.clear()
            try:
                found = self._desks[0].audit.verify()
            except Exception as error:  # noqa: BLE001 - whatever it is, the storm shows it
                self.wrong.append(f"while it lasted: {type(error).__name__}: {error}")
                return
            self.wrong += [f"while it lasted: {broken}" for broken in found.broken]
            self._verified += 1

    def _call(self, caller: int, operations: int) -> Counter[str]:
        drawn, desk = Random(f"{self._seed}/{caller}"), self._desks[caller % DESKS]
        found: Counter[str] = Counter()
        for serial in range(operations):
            try:
                person, outcome = self._ask(desk, drawn, caller * operations + serial)
            except StoreError as error:
                found[type(error).__name__] += 1
                continue
            found[type(outcome).__name__] += 1
            if serial % AUDITED_EVERY == 0:
                self._due.set()
            if isinstance(outcome, Held | Booked):
                self._known.append((outcome.appointment.number, person))
        return found

    def _ask(self, desk: Desk, drawn: Random, serial: int) -> tuple[PersonId, object]:
        """One request: its person and its outcome."""
        request_id = f"{self._seed}-{serial}"
        if self._known and drawn.random() < 0.4:
            number, person = drawn.choice(self._known[-3 * CALLERS :])
            by: Requester = drawn.choice((person, CLERK))
            return person, desk.cancel(number, by=by, request_id=request_id)
        person, at = made_up_person(serial if drawn.random() < 0.9 else drawn.randrange(CALLERS)), drawn.choice(SLOTS)
        if drawn.random() < 0.3:
            return person, desk.hold(at, applicant=person, request_id=request_id)
        return person, desk.book(at, applicant=person, agreed=True, request_id=request_id)

    def _look_at_seats(self) -> None:
        desk = self._desks[0]
        self.wrong += map(str, desk.audit.verify().broken)
        for stored in AppointmentBook(desk.store).audit_slots(after=None, limit=1_000):
            if stored.seats_taken > self._capacity:
                self.wrong.append(f"{stored.seats_taken} seats taken of {self._capacity}")
        for key in SLOTS:
            self._fill(desk, key)

    def _fill(self, desk: Desk, key: SlotKey) -> None:
        """As many more get a seat as the slot has left, and the next person is refused."""
        stored = AppointmentBook(desk.store).audit_slots(after=None, limit=1_000)
        there = {each.seat: each.seats_taken for each in stored}
        for more in range(self._capacity - there.get(key, 0) + 1):
            place = SLOTS.index(key)
            outcome = desk.book(
                key,
                applicant=made_up_person(5_000_000 + 100 * place + more),
                agreed=True,
                request_id=f"{self._seed}-fill-{place}-{more}",
            )
            is_left = there.get(key, 0) + more < self._capacity
            if isinstance(outcome, Refused) is is_left:
                self.wrong.append(f"{type(outcome).__name__} with {there.get(key, 0) + more} seats taken")


def storm(
    open_store: Callable[[int], Store],
    *,
    operations: int,
    seed: int,
    operations_a_storm: int = OPERATIONS_A_STORM,
    progress: Callable[[int], None] = lambda done: None,
) -> dict[str, Any]:
    """The results of storms of that many requests in all, each storm on a store of its own.

    `wrong` has a sentence for each fault, during a storm or after it, and for each seat that was given twice or refused
    although it was free.
    """
    answers, wrong, done = Counter[str](), list[str](), 0
    while done < operations:
        store = open_store(done)
        raging = _Storm(store, seed + done, CAPACITIES[done // operations_a_storm % len(CAPACITIES)])
        raging.rage(min(operations_a_storm, operations - done))
        store.close()
        answers += raging.answers
        wrong += raging.wrong
        done += operations_a_storm
        progress(min(done, operations))
    return {"operations": operations, "seed": seed, "answers": dict(answers), "wrong": wrong}
