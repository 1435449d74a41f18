"""The store on SQLite: every method is one transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from traffic_booking.adapters.sqlite import committing, reading
from traffic_booking.adapters.sqlite.connections import Connections
from traffic_booking.domain.appointment_numbers import AppointmentNumber
from traffic_booking.domain.appointments import Appointment
from traffic_booking.domain.changes import Change, Committed, Conflict
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


class SqliteStore:
    """A `Store` in the file at `path`, which is made (readable by its owner alone) where there is none.

    Durable: what `commit` has returned survives a power cut. Threads share one store; every process opens its own,
    after it was forked. `busy_seconds` (0 to 600) is how long to wait for others that write. Raises `StoreUnreadable`
    for a file that is damaged, not ours, or written by a newer release, `StoreUnavailable` where it can't be opened.
    """

    def __init__(self, path: str | Path, *, busy_seconds: float = 10.0) -> None:
        self._connections = Connections(path, busy_seconds)

    def facts(self, queries: Sequence[FactsQuery]) -> Sequence[Facts]:
        return self._connections.read(lambda connection: reading.facts(connection, queries))

    def taken(self, ranges: Sequence[SlotRange], *, lapsed_by: datetime) -> Mapping[SlotKey, Taken]:
        return self._connections.read(lambda connection: reading.taken(connection, ranges, lapsed_by))

    def lapsed(self, *, by: datetime, slot: SlotKey | None = None, limit: int = 100) -> Sequence[Appointment]:
        return self._connections.read(lambda connection: reading.lapsed(connection, by, slot, limit))

    def commit(self, changes: Sequence[Change]) -> Sequence[Committed | Conflict]:
        return self._connections.write(lambda connection: committing.commit(connection, changes))

    def answer(self, request_id: RequestId) -> Answer | None:
        return self._connections.read(lambda connection: reading.answer(connection, request_id))

    def answers(self, *, after: RequestId | None, limit: int) -> Sequence[Answer]:
        return self._connections.read(lambda connection: reading.answers(connection, after, limit))

    def appointment(self, number: AppointmentNumber) -> Appointment | None:
        return self._connections.read(lambda connection: reading.appointment(connection, number))

    def appointments_of(self, applicant: PersonId, *, limit: int) -> Sequence[Appointment]:
        return self._connections.read(lambda connection: reading.appointments_of(connection, applicant, limit))

    def appointments_at(self, branch: BranchId, *, from_: datetime, until: datetime) -> Sequence[Appointment]:
        return self._connections.read(lambda connection: reading.appointments_at(connection, branch, from_, until))

    def calendar_entries(self, *, after: int) -> Sequence[CalendarEntry]:
        return self._connections.read(lambda connection: reading.calendar_entries(connection, after))

    def history(self, number: AppointmentNumber) -> Sequence[AppointmentEvent]:
        return self._connections.read(lambda connection: reading.history(connection, number))

    def stored_appointments(self, *, after: AppointmentNumber | None, limit: int) -> Sequence[StoredAppointment]:
        return self._connections.read(lambda connection: reading.stored_appointments(connection, after, limit))

    def stored_slots(self, *, after: SlotKey | None, limit: int) -> Sequence[StoredSlot]:
        return self._connections.read(lambda connection: reading.stored_slots(connection, after, limit))

    def password_hash(self, applicant: PersonId) -> str | None:
        return self._connections.read(lambda connection: reading.password_hash(connection, applicant))

    def set_password_hash(self, applicant: PersonId, encoded: str) -> None:
        self._connections.write(lambda connection: committing.write_password_hash(connection, applicant, encoded))

    def replace_password_hash(self, applicant: PersonId, *, seen: str | None, encoded: str) -> bool:
        return self._connections.write(
            lambda connection: committing.replace_password_hash(connection, applicant, seen, encoded)
        )

    def is_spent(self, key: str) -> bool:
        return self._connections.read(lambda connection: reading.is_spent(connection, key))

    def sign_in_attempts(self, applicant: PersonId) -> SignInAttempts:
        return self._connections.read(lambda connection: reading.sign_in_attempts(connection, applicant))

    def close(self) -> None:
        self._connections.close()
