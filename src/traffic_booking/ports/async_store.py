"""Where appointments are kept, for one event loop: the port `Store`, every method awaited.

All that `Store` says holds. A call that is cancelled is a failure like any other: what it was to write is written whole
or not at all. Calls may be under way side by side.

Made from `traffic_booking.ports.store` by `python -m tools.check_async --write`: change that.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

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


class AsyncAppointmentStore(Protocol):
    """Appointments, seats and the answers to requests."""

    async def facts(self, queries: Sequence[FactsQuery]) -> Sequence[Facts]:
        """The answer to each query, in their order, all from one snapshot that holds everything committed before.

        What isn't stored is None, an empty standing of version 0, or 0 seats: `taken` has an entry for every slot asked
        about, `standing` one wherever the query's applicant or appointment is known.
        """
        ...

    async def taken(self, ranges: Sequence[SlotRange], *, lapsed_by: datetime) -> Mapping[SlotKey, Taken]:
        """The seats taken of the slots in `ranges`, from one snapshot; slots without a seat taken are left out.

        `Taken.lapsed` counts the appointments of the slot whose `hold_ends_at` is at or before `lapsed_by`.
        """
        ...

    async def lapsed(self, *, by: datetime, slot: SlotKey | None = None, limit: int = 100) -> Sequence[Appointment]:
        """At most `limit` appointments (of `slot`, or of all) with `hold_ends_at` at or before `by`.

        The soonest first; those that end together, in the order of their numbers.
        """
        ...

    async def commit(self, changes: Sequence[Change]) -> Sequence[Committed | Conflict]:
        """Write each change whole or not at all, in order, and say of each which.

        Changes are independent: a conflict undoes none of the others, and a later change sees the earlier ones.
        Guards are checked, and the first that fails is reported, in the order of `Guard`. When this returns, what was
        committed is durable, as far as the store promises durability.
        """
        ...

    async def answer(self, request_id: RequestId) -> Answer | None:
        """The answer to the request of that id, None where it has not been answered."""
        ...

    async def answers(self, *, after: RequestId | None, limit: int) -> Sequence[Answer]:
        """At most `limit` answers, those with a request id greater than `after` (None: from the first), by request id.

        Ids are ordered by their code points.
        """
        ...

    async def appointment(self, number: AppointmentNumber) -> Appointment | None:
        """The appointment of that number, None where there is none."""
        ...

    async def appointments_of(self, applicant: PersonId, *, limit: int) -> Sequence[Appointment]:
        """At most `limit` appointments of a person, of any state, the latest start (then the greatest number) first."""
        ...

    async def appointments_at(self, branch: BranchId, *, from_: datetime, until: datetime) -> Sequence[Appointment]:
        """The appointments at a branch that have a seat and start in `from_` (inclusive) to `until` (exclusive).

        In the order of their start, then of their number; from one snapshot.
        """
        ...

    async def calendar_entries(self, *, after: int) -> Sequence[CalendarEntry]:
        """The entries of the working calendar whose number is greater than `after` (0 for all), in their order."""
        ...

    async def history(self, number: AppointmentNumber) -> Sequence[AppointmentEvent]:
        """The events of an appointment in the order of their versions; empty where there is none of that number."""
        ...

    async def stored_appointments(self, *, after: AppointmentNumber | None, limit: int) -> Sequence[StoredAppointment]:
        """At most `limit` numbers greater than `after` (None: from the first) that have an appointment or an event.

        Each with all that is stored under it; in the order of the numbers, by their code points; from one snapshot.
        """
        ...

    async def stored_slots(self, *, after: SlotKey | None, limit: int) -> Sequence[StoredSlot]:
        """At most `limit` slots with a seat taken, those after `after` (None: from the first); from one snapshot.

        In the order of branch, service (both by their code points) and start; each with how many appointments of it are
        in a state that has a seat.
        """
        ...


class AsyncAccountStore(Protocol):
    """Passwords (hashed) and failed sign-ins, for the embedded identity."""

    async def password_hash(self, applicant: PersonId) -> str | None:
        """The encoded password hash, None where there is no account."""
        ...

    async def set_password_hash(self, applicant: PersonId, encoded: str) -> None:
        """Write the account's hash over the one before; `encoded` is at most 512 ASCII characters."""
        ...

    async def replace_password_hash(self, applicant: PersonId, *, seen: str | None, encoded: str) -> bool:
        """Write the hash only where the stored one still is `seen` (None: no account), in one step; say whether."""
        ...

    async def is_spent(self, key: str) -> bool:
        """Whether a committed change has used this `once` key."""
        ...

    async def sign_in_attempts(self, applicant: PersonId) -> SignInAttempts:
        """The count of failed sign-ins; version 0 where nothing is stored."""
        ...

    async def commit(self, changes: Sequence[Change]) -> Sequence[Committed | Conflict]:
        """As `AppointmentStore.commit`."""
        ...


class AsyncStore(AsyncAppointmentStore, AsyncAccountStore, Protocol):
    """Both roles in one place, with a life time."""

    async def close(self) -> None:
        """Let go of files and connections; closing twice is fine, any other use afterwards raises `StoreClosed`."""
        ...
