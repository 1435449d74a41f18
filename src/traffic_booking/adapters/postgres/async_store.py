"""The store on PostgreSQL for asyncio: every method is one round trip, awaited.

Made from `traffic_booking.adapters.postgres.store` by `python -m tools.check_async --write`: change that.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from traffic_booking.adapters.postgres import committing, reading
from traffic_booking.adapters.postgres.async_connections import AsyncConnections as Connections
from traffic_booking.adapters.postgres.committing import Results
from traffic_booking.adapters.postgres.connections import TRIES
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


class AsyncPostgresStore:
    """An `AsyncStore` in the schema `traffic_booking` of a database, which is made there unless `migrate` is False.

    `conninfo` is what libpq takes: `postgresql://HOST/DATABASE?sslmode=verify-full` or `KEY=VALUE` pairs. Durable as
    the server is: what `commit` has returned is on its disk. Tasks of one event loop share it and its pool of at most
    `connections` (1 to 64). Opening it blocks: do so in a thread. `wait_seconds` (0.1 to 600) bounds each
    wait for a connection, a lock or an answer. Raises `StoreUnreadable` for a schema that is not ours, altered, or
    written by a newer release, `StoreUnavailable` where the server can't be reached or the role may not do this.
    """

    def __init__(
        self, conninfo: str, *, connections: int = 8, wait_seconds: float = 10.0, migrate: bool = True
    ) -> None:
        self._connections = Connections(Address(conninfo, wait_seconds), most=connections, may_migrate=migrate)

    async def facts(self, queries: Sequence[FactsQuery]) -> Sequence[Facts]:
        return await self._connections.read(reading.facts(queries))

    async def taken(self, ranges: Sequence[SlotRange], *, lapsed_by: datetime) -> Mapping[SlotKey, Taken]:
        return await self._connections.read(reading.taken(ranges, lapsed_by))

    async def lapsed(self, *, by: datetime, slot: SlotKey | None = None, limit: int = 100) -> Sequence[Appointment]:
        return await self._connections.read(reading.lapsed(by, slot, limit))

    async def commit(self, changes: Sequence[Change]) -> Sequence[Committed | Conflict]:
        results: Results = []
        for portion in committing.portions(changes):
            results += await self._commit(portion)
        return results

    async def answer(self, request_id: RequestId) -> Answer | None:
        return await self._connections.read(reading.answer(request_id))

    async def answers(self, *, after: RequestId | None, limit: int) -> Sequence[Answer]:
        return await self._connections.read(reading.answers(after, limit))

    async def appointment(self, number: AppointmentNumber) -> Appointment | None:
        return await self._connections.read(reading.appointment(number))

    async def appointments_of(self, applicant: PersonId, *, limit: int) -> Sequence[Appointment]:
        return await self._connections.read(reading.appointments_of(applicant, limit))

    async def appointments_at(self, branch: BranchId, *, from_: datetime, until: datetime) -> Sequence[Appointment]:
        return await self._connections.read(reading.appointments_at(branch, from_, until))

    async def calendar_entries(self, *, after: int) -> Sequence[CalendarEntry]:
        return await self._connections.read(reading.calendar_entries(after))

    async def history(self, number: AppointmentNumber) -> Sequence[AppointmentEvent]:
        return await self._connections.read(reading.history(number))

    async def stored_appointments(self, *, after: AppointmentNumber | None, limit: int) -> Sequence[StoredAppointment]:
        return await self._connections.read(reading.stored_appointments(after, limit))

    async def stored_slots(self, *, after: SlotKey | None, limit: int) -> Sequence[StoredSlot]:
        return await self._connections.read(reading.stored_slots(after, limit))

    async def password_hash(self, applicant: PersonId) -> str | None:
        return await self._connections.read(reading.password_hash(applicant))

    async def set_password_hash(self, applicant: PersonId, encoded: str) -> None:
        await self._connections.write(committing.write_password_hash(applicant, encoded))

    async def replace_password_hash(self, applicant: PersonId, *, seen: str | None, encoded: str) -> bool:
        return await self._connections.write(committing.replace_password_hash(applicant, seen, encoded))

    async def is_spent(self, key: str) -> bool:
        return await self._connections.read(reading.is_spent(key))

    async def sign_in_attempts(self, applicant: PersonId) -> SignInAttempts:
        return await self._connections.read(reading.sign_in_attempts(applicant))

    async def close(self) -> None:
        await self._connections.close()

    async def _commit(self, changes: Sequence[Change]) -> Results:
        """Commit what one transaction takes.

        Where the reply is lost, the changes are sent again only if each carries an answer: one that went in the first
        time is then found under its request id, and known by being the very answer that was sent.
        """
        again = all(change.answer is not None for change in changes)
        lost: ReplyLost | None = None
        for _ in range(TRIES):
            try:
                results = await self._committed(changes)
            except ReplyLost as unknown:
                if not again:
                    raise
                lost = unknown
            else:
                return results if lost is None else committing.recognised(changes, results)
        assert lost is not None
        raise lost

    async def _committed(self, changes: Sequence[Change]) -> Results:
        if committing.are_apart(changes):
            with suppress(GuardError):
                return await self._connections.write(committing.together(changes))
        return await self._connections.write(committing.one_by_one(changes))
