"""The store on PostgreSQL: every method is one round trip."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from traffic_booking.adapters.postgres import committing, reading
from traffic_booking.adapters.postgres.committing import Results
from traffic_booking.adapters.postgres.connections import TRIES, Connections
from traffic_booking.adapters.postgres.driver_errors import GuardError, ReplyLost
from traffic_booking.adapters.postgres.opening import Address
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


class PostgresStore:
    """A `Store` in the schema `traffic_booking` of a database, which is made there unless `migrate` is False.

    `conninfo` is what libpq takes: `postgresql://HOST/DATABASE?sslmode=verify-full` or `KEY=VALUE` pairs. Durable as
    the server is: what `commit` has returned is on its disk. Threads share one store and its pool of at most
    `connections` (1 to 64); every process opens its own, after it was forked. `wait_seconds` (0.1 to 600) bounds each
    wait for a connection, a lock or an answer. Raises `StoreUnreadable` for a schema that is not ours, altered, or
    written by a newer release, `StoreUnavailable` where the server can't be reached or the role may not do this.
    """

    def __init__(
        self, conninfo: str, *, connections: int = 8, wait_seconds: float = 10.0, migrate: bool = True
    ) -> None:
        self._connections = Connections(Address(conninfo, wait_seconds), most=connections, may_migrate=migrate)

    def facts(self, queries: Sequence[FactsQuery]) -> Sequence[Facts]:
        return self._connections.read(reading.facts(queries))

    def taken(self, ranges: Sequence[SlotRange], *, lapsed_by: datetime) -> Mapping[SlotKey, Taken]:
        return self._connections.read(reading.taken(ranges, lapsed_by))

    def lapsed(self, *, by: datetime, slot: SlotKey | None = None, limit: int = 100) -> Sequence[Appointment]:
        return self._connections.read(reading.lapsed(by, slot, limit))

    def commit(self, changes: Sequence[Change]) -> Sequence[Committed | Conflict]:
        results: Results = []
        for portion in committing.portions(changes):
            results += self._commit(portion)
        return results

    def answer(self, request_id: RequestId) -> Answer | None:
        return self._connections.read(reading.answer(request_id))

    def answers(self, *, after: RequestId | None, limit: int) -> Sequence[Answer]:
        return self._connections.read(reading.answers(after, limit))

    def appointment(self, number: AppointmentNumber) -> Appointment | None:
        return self._connections.read(reading.appointment(number))

    def appointments_of(self, applicant: PersonId, *, limit: int) -> Sequence[Appointment]:
        return self._connections.read(reading.appointments_of(applicant, limit))

    def appointments_at(self, branch: BranchId, *, from_: datetime, until: datetime) -> Sequence[Appointment]:
        return self._connections.read(reading.appointments_at(branch, from_, until))

    def calendar_entries(self, *, after: int) -> Sequence[CalendarEntry]:
        return self._connections.read(reading.calendar_entries(after))

    def history(self, number: AppointmentNumber) -> Sequence[AppointmentEvent]:
        return self._connections.read(reading.history(number))

    def stored_appointments(self, *, after: AppointmentNumber | None, limit: int) -> Sequence[StoredAppointment]:
        return self._connections.read(reading.stored_appointments(after, limit))

    def stored_slots(self, *, after: SlotKey | None, limit: int) -> Sequence[StoredSlot]:
        return self._connections.read(reading.stored_slots(after, limit))

    def password_hash(self, applicant: PersonId) -> str | None:
        return self._connections.read(reading.password_hash(applicant))

    def set_password_hash(self, applicant: PersonId, encoded: str) -> None:
        self._connections.write(committing.write_password_hash(applicant, encoded))

    def replace_password_hash(self, applicant: PersonId, *, seen: str | None, encoded: str) -> bool:
        return self._connections.write(committing.replace_password_hash(applicant, seen, encoded))

    def is_spent(self, key: str) -> bool:
        return self._connections.read(reading.is_spent(key))

    def sign_in_attempts(self, applicant: PersonId) -> SignInAttempts:
        return self._connections.read(reading.sign_in_attempts(applicant))

    def close(self) -> None:
        self._connections.close()

    def _commit(self, changes: Sequence[Change]) -> Results:
        """Commit what one transaction takes.

        Where the reply is lost, the changes are sent again only if each carries an answer: one that went in the first
        time is then found under its request id, and known by being the very answer that was sent.
        """
        again = all(change.answer is not None for change in changes)
        lost: ReplyLost | None = None
        for _ in range(TRIES):
            try:
                results = self._committed(changes)
            except ReplyLost as unknown:
                if not again:
                    raise
                lost = unknown
            else:
                return results if lost is None else committing.recognised(changes, results)
        assert lost is not None
        raise lost

    def _committed(self, changes: Sequence[Change]) -> Results:
        if committing.are_apart(changes):
            with suppress(GuardError):
                return self._connections.write(committing.together(changes))
        return self._connections.write(committing.one_by_one(changes))
