"""Where appointments are kept. The core decides; a store commits, and checks the guards again as it does.

Every method may be called from several threads at once, and where a store is shared, from several processes. Failures
are raised as `StoreError`. A change in hand is then written whole or not at all, and nobody may count on which: a disk
or a connection can fail after the commit. The same request, sent again with its id, learns which. What comes back is
the caller's own: changing it, or the store, later never shows through.
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


class AppointmentStore(Protocol):
    """Appointments, seats and the answers to requests."""

    def facts(self, queries: Sequence[FactsQuery]) -> Sequence[Facts]:
        """The answer to each query, in their order, all from one snapshot that holds everything committed before.

        What isn't stored is None, an empty standing of version 0, or 0 seats: `taken` has an entry for every slot asked
        about, `standing` one wherever the query's applicant or appointment is known.
        """
        ...

    def taken(self, ranges: Sequence[SlotRange], *, lapsed_by: datetime) -> Mapping[SlotKey, Taken]:
        """The seats taken of the slots in `ranges`, from one snapshot; slots without a seat taken are left out.

        `Taken.lapsed` counts the appointments of the slot whose `hold_ends_at` is at or before `lapsed_by`.
        """
        ...

    def lapsed(self, *, by: datetime, slot: SlotKey | None = None, limit: int = 100) -> Sequence[Appointment]:
        """At most `limit` appointments (of `slot`, or of all) with `hold_ends_at` at or before `by`.

        The soonest first; those that end together, in the order of their numbers.
        """
        ...

    def commit(self, changes: Sequence[Change]) -> Sequence[Committed | Conflict]:
        """Write each change whole or not at all, in order, and say of each which.

        Changes are independent: a conflict undoes none of the others, and a later change sees the earlier ones.
        Guards are checked, and the first that fails is reported, in the order of `Guard`. When this returns, what was
        committed is durable, as far as the store promises durability.
        """
        ...

    def answer(self, request_id: RequestId) -> Answer | None:
        """The answer to the request of that id, None where it has not been answered."""
        ...

    def answers(self, *, after: RequestId | None, limit: int) -> Sequence[Answer]:
        """At most `limit` answers, those with a request id greater than `after` (None: from the first), by request id.

        Ids are ordered by their code points.
        """
        ...

    def appointment(self, number: AppointmentNumber) -> Appointment | None:
        """The appointment of that number, None where there is none."""
        ...

    def appointments_of(self, applicant: PersonId, *, limit: int) -> Sequence[Appointment]:
        """At most `limit` appointments of a person, of any state, the latest start (then the greatest number) first."""
        ...

    def appointments_at(self, branch: BranchId, *, from_: datetime, until: datetime) -> Sequence[Appointment]:
        """The appointments at a branch that have a seat and start in `from_` (inclusive) to `until` (exclusive).

        In the order of their start, then of their number; from one snapshot.
        """
        ...

    def calendar_entries(self, *, after: int) -> Sequence[CalendarEntry]:
        """The entries of the working calendar whose number is greater than `after` (0 for all), in their order."""
        ...

    def history(self, number: AppointmentNumber) -> Sequence[AppointmentEvent]:
        """The events of an appointment in the order of their versions; empty where there is none of that number."""
        ...

    def stored_appointments(self, *, after: AppointmentNumber | None, limit: int) -> Sequence[StoredAppointment]:
        """At most `limit` numbers greater than `after` (None: from the first) that have an appointment or an event.

        Each with all that is stored under it; in the order of the numbers, by their code points; from one snapshot.
        """
        ...

    def stored_slots(self, *, after: SlotKey | None, limit: int) -> Sequence[StoredSlot]:
        """At most `limit` slots with a seat taken, those after `after` (None: from the first); from one snapshot.

        In the order of branch, service (both by their code points) and start; each with how many appointments of it are
        in a state that has a seat.
        """
        ...


class AccountStore(Protocol):
    """Passwords (hashed) and failed sign-ins, for the embedded identity."""

    def password_hash(self, applicant: PersonId) -> str | None:
        """The encoded password hash, None where there is no account."""
        ...

    def set_password_hash(self, applicant: PersonId, encoded: str) -> None:
        """Write the account's hash over the one before; `encoded` is at most 512 ASCII characters."""
        ...

    def replace_password_hash(self, applicant: PersonId, *, seen: str | None, encoded: str) -> bool:
        """Write the hash only where the stored one still is `seen` (None: no account), in one step; say whether."""
        ...

    def is_spent(self, key: str) -> bool:
        """Whether a committed change has used this `once` key."""
        ...

    def sign_in_attempts(self, applicant: PersonId) -> SignInAttempts:
        """The count of failed sign-ins; version 0 where nothing is stored."""
        ...

    def commit(self, changes: Sequence[Change]) -> Sequence[Committed | Conflict]:
        """As `AppointmentStore.commit`."""
        ...


class Store(AppointmentStore, AccountStore, Protocol):
    """Both roles in one place, with a life time."""

    def close(self) -> None:
        """Let go of files and connections; closing twice is fine, any other use afterwards raises `StoreClosed`."""
        ...
