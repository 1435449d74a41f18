"""A store in front of another, with faults planted at chosen calls: what disks, servers and networks do to a host.

A plan is asked before every call. `faults_at` names the calls by their numbers, `seeded_faults` draws them from a seed,
and any function of a `StoreCall` will do.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from itertools import count
from random import Random
from typing import Final, TypeVar

from attrs import frozen

from traffic_booking.domain.appointment_numbers import AppointmentNumber
from traffic_booking.domain.appointments import Appointment
from traffic_booking.domain.changes import Change, Committed, Conflict
from traffic_booking.domain.errors import StoreUnavailable
from traffic_booking.domain.events import AppointmentEvent
from traffic_booking.domain.facts import Facts, FactsQuery
from traffic_booking.domain.identity import PersonId
from traffic_booking.domain.outcomes import Answer
from traffic_booking.domain.outside_text import RequestId
from traffic_booking.domain.places import BranchId
from traffic_booking.domain.sign_in import SignInAttempts
from traffic_booking.domain.slots import SlotKey, SlotRange, Taken
from traffic_booking.domain.stored import StoredAppointment, StoredSlot
from traffic_booking.domain.working_time import CalendarEntry
from traffic_booking.ports.store import Store

T = TypeVar("T")


class StoreFault(StrEnum):
    """What goes wrong with one call; all but DELAYS end in `StoreUnavailable`.

    - FAILS_BEFORE: nothing was done;
    - FAILS_MIDWAY: of a batch of changes the first half was committed, of anything else nothing was done;
    - FAILS_AFTER: it was done, and fails at once;
    - LOSES_REPLY: it was done, others get on meanwhile, and then it fails, as after a time-out;
    - DELAYS: others get on before it is done, and again before its caller hears.
    """

    FAILS_BEFORE = "fails before"
    FAILS_MIDWAY = "fails midway"
    FAILS_AFTER = "fails after"
    LOSES_REPLY = "loses the reply"
    DELAYS = "delays"


@frozen
class StoreCall:
    """One call of a store: its number (1 for the first of this wrapper), its method, its changes where it commits."""

    number: int
    verb: str
    changes: int = 0


FaultPlan = Callable[[StoreCall], StoreFault | None]
"""Says of each call what goes wrong with it, None for nothing; asked once, in the order of the numbers."""

EVERY_FAULT: Final = tuple(StoreFault)


def faults_at(faults: Mapping[int, StoreFault]) -> FaultPlan:
    """The plan that meets the calls of those numbers alone."""
    return lambda call: faults.get(call.number)


def seeded_faults(seed: int | str, *, share: float, among: Sequence[StoreFault] = EVERY_FAULT) -> FaultPlan:
    """The plan that meets about that `share` (0 to 1) of the calls; the same seed meets the same, in the same way."""

    def plan(call: StoreCall) -> StoreFault | None:
        drawn = Random(f"{seed}/{call.number}")  # noqa: S311 - to be drawn again, not to be secret
        return drawn.choice(among) if drawn.random() < share else None

    return plan


def _nobody_else() -> None:
    """Hand the turn to nobody."""


class FaultyStore:
    """A `Store` that does what `store` does, but for the faults of `plan`.

    `hand_over` lets others get on where a call is delayed or its reply lost: `Turns.hand_over`, say, or the setting of
    an event and the waiting for another; nothing sleeps. `close` meets no fault.
    """

    def __init__(self, store: Store, plan: FaultPlan, *, hand_over: Callable[[], None] = _nobody_else) -> None:
        self._store = store
        self._plan = plan
        self._hand_over = hand_over
        self._numbers = count(1)

    def facts(self, queries: Sequence[FactsQuery]) -> Sequence[Facts]:
        return self._do("facts", lambda: self._store.facts(queries))

    def taken(self, ranges: Sequence[SlotRange], *, lapsed_by: datetime) -> Mapping[SlotKey, Taken]:
        return self._do("taken", lambda: self._store.taken(ranges, lapsed_by=lapsed_by))

    def lapsed(self, *, by: datetime, slot: SlotKey | None = None, limit: int = 100) -> Sequence[Appointment]:
        return self._do("lapsed", lambda: self._store.lapsed(by=by, slot=slot, limit=limit))

    def commit(self, changes: Sequence[Change]) -> Sequence[Committed | Conflict]:
        return self._do("commit", lambda: self._store.commit(changes), changes=changes)

    def appointment(self, number: AppointmentNumber) -> Appointment | None:
        return self._do("appointment", lambda: self._store.appointment(number))

    def appointments_of(self, applicant: PersonId, *, limit: int) -> Sequence[Appointment]:
        return self._do("appointments_of", lambda: self._store.appointments_of(applicant, limit=limit))

    def appointments_at(self, branch: BranchId, *, from_: datetime, until: datetime) -> Sequence[Appointment]:
        return self._do("appointments_at", lambda: self._store.appointments_at(branch, from_=from_, until=until))

    def answer(self, request_id: RequestId) -> Answer | None:
        return self._do("answer", lambda: self._store.answer(request_id))

    def answers(self, *, after: RequestId | None, limit: int) -> Sequence[Answer]:
        return self._do("answers", lambda: self._store.answers(after=after, limit=limit))

    def calendar_entries(self, *, after: int) -> Sequence[CalendarEntry]:
        return self._do("calendar_entries", lambda: self._store.calendar_entries(after=after))

    def history(self, number: AppointmentNumber) -> Sequence[AppointmentEvent]:
        return self._do("history", lambda: self._store.history(number))

    def stored_appointments(self, *, after: AppointmentNumber | None, limit: int) -> Sequence[StoredAppointment]:
        return self._do("stored_appointments", lambda: self._store.stored_appointments(after=after, limit=limit))

    def stored_slots(self, *, after: SlotKey | None, limit: int) -> Sequence[StoredSlot]:
        return self._do("stored_slots", lambda: self._store.stored_slots(after=after, limit=limit))

    def password_hash(self, applicant: PersonId) -> str | None:
        return self._do("password_hash", lambda: self._store.password_hash(applicant))

    def set_password_hash(self, applicant: PersonId, encoded: str) -> None:
        self._do("set_password_hash", lambda: self._store.set_password_hash(applicant, encoded))

    def replace_password_hash(self, applicant: PersonId, *, seen: str | None, encoded: str) -> bool:
        return self._do(
            "replace_password_hash",
            lambda: self._store.replace_password_hash(applicant, seen=seen, encoded=encoded),
        )

    def is_spent(self, key: str) -> bool:
        return self._do("is_spent", lambda: self._store.is_spent(key))

    def sign_in_attempts(self, applicant: PersonId) -> SignInAttempts:
        return self._do("sign_in_attempts", lambda: self._store.sign_in_attempts(applicant))

    def close(self) -> None:
        self._store.close()

    def _do(self, verb: str, work: Callable[[], T], *, changes: Sequence[Change] = ()) -> T:
        call = StoreCall(next(self._numbers), verb, len(changes))
        fault = self._plan(call)
        match fault:
            case None:
                return work()
            case StoreFault.DELAYS:
                self._hand_over()
                done = work()
                self._hand_over()
                return done
            case StoreFault.FAILS_MIDWAY if len(changes) > 1:
                self._store.commit(changes[: len(changes) // 2])
            case StoreFault.FAILS_AFTER:
                work()
            case StoreFault.LOSES_REPLY:
                work()
                self._hand_over()
            case StoreFault.FAILS_BEFORE | StoreFault.FAILS_MIDWAY:
                pass
        raise StoreUnavailable(f"{verb}: got a planted fault (call {call.number} {fault}); expected an answer")
