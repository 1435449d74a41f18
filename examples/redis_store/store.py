"""The store port on Redis: each commit, and each reading of several values, is a script that the server runs whole.

The keys, each after the prefix:

    answer:REQUEST              text                    answers                 index: request ids in their order
    appointment:NUMBER          version, person, text, and the places where indexes name it
    person:DIGITS:starts        index: start, number    person:DIGITS:ends      index: end, number
    branch:BRANCH               index: start, number    holds                   index: end of the hold, number
    events:NUMBER               texts                   holds:BRANCH:SERVICE:START      the same for one slot
    seats:BRANCH:SERVICE        start -> seats taken    starts:BRANCH:SERVICE   index: starts with a seat taken
    standing:DIGITS             version                 attempts:DIGITS         version, text
    seated:BRANCH:SERVICE:START index: numbers          slots                   index: branch, service, start
    once:KEY                    nothing                 password:DIGITS         encoded hash
    numbers                     index: all numbers
    calendar                    texts of the entries    format                  the form in which all of this is kept
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from examples.redis_store import written
from examples.redis_store.connection import Connection
from examples.redis_store.written import instant_text, up_to
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
from traffic_booking.wire import APPOINTMENT, ENTRY, EVENT


class RedisStore:
    """A store on one Redis server; stores of one `prefix` share their data, those of others don't meet."""

    def __init__(self, url: str, *, prefix: str = "traffic_booking:", timeout_seconds: float = 5.0) -> None:
        self._connection = Connection(url, prefix=prefix, timeout_seconds=timeout_seconds)

    def facts(self, queries: Sequence[FactsQuery]) -> Sequence[Facts]:
        text = written.queries_text(queries)
        with self._connection.errors_translated():
            revision, found = self._connection.script("facts", text)
            return [written.facts_of(query, one, revision) for query, one in zip(queries, found, strict=True)]

    def taken(self, ranges: Sequence[SlotRange], *, lapsed_by: datetime) -> Mapping[SlotKey, Taken]:
        run_out, text = up_to(lapsed_by), written.ranges_text(ranges)
        with self._connection.errors_translated():
            found = self._connection.script("taken", run_out, text)
            return {
                written.slot_of(ranges[place - 1], start): Taken(seats, lapsed) for place, start, seats, lapsed in found
            }

    def lapsed(self, *, by: datetime, slot: SlotKey | None = None, limit: int = 100) -> Sequence[Appointment]:
        index = written.ALL_HOLDS if slot is None else written.holds_of(slot)
        return self._listed("ZRANGEBYLEX", index, "-", up_to(by), limit)

    def commit(self, changes: Sequence[Change]) -> Sequence[Committed | Conflict]:
        text = written.changes_text(changes)
        with self._connection.errors_translated():
            return written.results_of(changes, self._connection.script("commit", text))

    def answer(self, request_id: RequestId) -> Answer | None:
        with self._connection.errors_translated():
            text = self._connection.command("GET", self._connection.key("answer", request_id))
            return None if text is None else written.answer_of(text)

    def answers(self, *, after: RequestId | None, limit: int) -> Sequence[Answer]:
        first = "-" if after is None else f"({after}"
        index = self._connection.key("answers")
        with self._connection.errors_translated():
            # In two steps: an answer never changes, and is written with its entry in the index.
            ids = self._connection.command("ZRANGEBYLEX", index, first, "+", "LIMIT", 0, limit)
            keys = [self._connection.key("answer", each) for each in ids]
            return [written.answer_of(text) for text in self._connection.command("MGET", *keys)] if keys else []

    def appointment(self, number: AppointmentNumber) -> Appointment | None:
        with self._connection.errors_translated():
            text = self._connection.command("HGET", self._connection.key("appointment", number), "text")
            return None if text is None else APPOINTMENT.from_text(text)

    def appointments_of(self, applicant: PersonId, *, limit: int) -> Sequence[Appointment]:
        return self._listed("ZREVRANGEBYLEX", written.starts_of(applicant), "+", "-", limit)

    def appointments_at(self, branch: BranchId, *, from_: datetime, until: datetime) -> Sequence[Appointment]:
        first, last = f"[{instant_text(from_)}", f"({instant_text(until)}"
        return self._listed("ZRANGEBYLEX", written.seated_at(branch), first, last, -1)

    def calendar_entries(self, *, after: int) -> Sequence[CalendarEntry]:
        with self._connection.errors_translated():
            texts = self._connection.command("LRANGE", self._connection.key("calendar"), after, -1)
            return [ENTRY.from_text(text) for text in texts]

    def history(self, number: AppointmentNumber) -> Sequence[AppointmentEvent]:
        with self._connection.errors_translated():
            texts = self._connection.command("LRANGE", self._connection.key("events", number), 0, -1)
            return [EVENT.from_text(text) for text in texts]

    def stored_appointments(self, *, after: AppointmentNumber | None, limit: int) -> Sequence[StoredAppointment]:
        first = "-" if after is None else f"({after}"
        with self._connection.errors_translated():
            found = self._connection.script("stored_appointments", first, limit)
            return [written.stored_appointment_of(*one) for one in found]

    def stored_slots(self, *, after: SlotKey | None, limit: int) -> Sequence[StoredSlot]:
        first = "-" if after is None else f"({written.slot_entry(after)}"
        with self._connection.errors_translated():
            return [written.stored_slot_of(*one) for one in self._connection.script("stored_slots", first, limit)]

    def password_hash(self, applicant: PersonId) -> str | None:
        with self._connection.errors_translated():
            encoded: str | None = self._connection.command("GET", self._password(applicant))
            return encoded

    def set_password_hash(self, applicant: PersonId, encoded: str) -> None:
        with self._connection.errors_translated():
            self._connection.command("SET", self._password(applicant), encoded)

    def replace_password_hash(self, applicant: PersonId, *, seen: str | None, encoded: str) -> bool:
        arguments = [applicant.reveal(), encoded] + ([] if seen is None else [seen])
        with self._connection.errors_translated():
            return bool(self._connection.script("replace_hash", *arguments))

    def is_spent(self, key: str) -> bool:
        with self._connection.errors_translated():
            return bool(self._connection.command("EXISTS", self._connection.key("once", key)))

    def sign_in_attempts(self, applicant: PersonId) -> SignInAttempts:
        with self._connection.errors_translated():
            key = self._connection.key("attempts", applicant.reveal())
            version, text = self._connection.command("HMGET", key, "version", "text")
            return (
                SignInAttempts(applicant=applicant) if text is None else written.attempts_of(applicant, version, text)
            )

    def close(self) -> None:
        self._connection.close()

    def _listed(self, order: str, index: str, first: str, last: str, limit: int) -> list[Appointment]:
        with self._connection.errors_translated():
            return written.appointments_of(self._connection.script("appointments", order, index, first, last, limit))

    def _password(self, applicant: PersonId) -> str:
        return self._connection.key("password", applicant.reveal())
