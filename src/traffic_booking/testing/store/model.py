"""The store port in plain dictionaries, for one thread: what any store has to agree with."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from traffic_booking.domain.appointment_numbers import AppointmentNumber
from traffic_booking.domain.appointments import Appointment
from traffic_booking.domain.changes import Change, Committed, Conflict, Guard
from traffic_booking.domain.events import AppointmentEvent
from traffic_booking.domain.facts import Facts, FactsQuery, Standing
from traffic_booking.domain.identity import PersonId
from traffic_booking.domain.outcomes import Answer
from traffic_booking.domain.sign_in import SignInAttempts
from traffic_booking.domain.slots import SlotKey, SlotRange, Taken


class ModelStore:
    """What a right store answers, worked out in the plainest way; accounts and a life time are left out."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.once: set[str] = set()
        self.standings: defaultdict[PersonId, int] = defaultdict(int)
        self.appointments: dict[AppointmentNumber, Appointment] = {}
        self.events: list[AppointmentEvent] = []
        self.attempts: dict[PersonId, SignInAttempts] = {}
        self.seats: defaultdict[SlotKey, int] = defaultdict(int)

    def commit(self, changes: Sequence[Change]) -> list[Committed | Conflict]:
        """As the port says."""
        return [self._committed(change) for change in changes]

    def facts(self, queries: Sequence[FactsQuery]) -> list[Facts]:
        """As the port says."""
        return [self._facts(query) for query in queries]

    def taken(self, ranges: Sequence[SlotRange], *, lapsed_by: datetime) -> Mapping[SlotKey, Taken]:
        """As the port says."""
        return {
            key: Taken(count, len(self.lapsed(by=lapsed_by, slot=key, limit=len(self.appointments))))
            for key, count in self.seats.items()
            if count and any(_is_within(key, each) for each in ranges)
        }

    def lapsed(self, *, by: datetime, slot: SlotKey | None = None, limit: int = 100) -> list[Appointment]:
        """As the port says; those that end together by their numbers."""
        run_out = [
            (each.hold_ends_at, each.number, each)
            for each in self.appointments.values()
            if each.hold_ends_at is not None and each.hold_ends_at <= by and slot in {None, each.slot}
        ]
        return [each for _, _, each in sorted(run_out)[:limit]]

    def sign_in_attempts(self, applicant: PersonId) -> SignInAttempts:
        """As the port says."""
        return self.attempts.get(applicant, SignInAttempts(applicant=applicant))

    def appointments_of(self, applicant: PersonId, *, limit: int) -> list[Appointment]:
        """As the port says."""
        return self._of(applicant)[::-1][:limit]

    def history(self, number: AppointmentNumber) -> list[AppointmentEvent]:
        """As the port says."""
        return [event for event in self.events if event.number == number]

    def _of(self, applicant: PersonId) -> list[Appointment]:
        theirs = [each for each in self.appointments.values() if each.applicant == applicant]
        return sorted(theirs, key=lambda each: (each.slot.starts_at, each.number))

    def _facts(self, query: FactsQuery) -> Facts:
        found = None if query.number is None else self.appointments.get(query.number)
        person = query.applicant if found is None else found.applicant
        return Facts(
            answer=self.answers.get(query.request_id),
            appointment=found,
            standing=None if person is None else self._standing(person, query.ending_after),
            taken={key: self.seats[key] for key in query.slots},
        )

    def _standing(self, person: PersonId, ending_after: datetime) -> Standing:
        theirs = tuple(each for each in self._of(person) if each.slot_ends_at > ending_after)
        return Standing(person, self.standings[person], theirs)

    def _committed(self, change: Change) -> Committed | Conflict:
        if change.answer is not None and change.answer.command.request_id in self.answers:
            return Conflict(guard=Guard.REQUEST, answer=self.answers[change.answer.command.request_id])
        for guard, holds in self._guards(change):
            if not holds:
                return Conflict(guard=guard)
        for seat in change.seats:
            after = self.seats[seat.slot] + seat.delta
            if after < 0 or (seat.delta > 0 and after > seat.capacity):
                return Conflict(guard=Guard.SEATS, slot=seat.slot)
        self._write(change)
        return Committed()

    def _guards(self, change: Change) -> list[tuple[Guard, bool]]:
        standing, attempts = change.standing, change.attempts
        versions = [(self.appointments.get(each.number), each.version) for each in change.appointments]
        return [
            (Guard.ONCE, len({*change.once} - self.once) == len(change.once)),
            (Guard.STANDING, standing is None or self.standings[standing.applicant] == standing.expected_version),
            (Guard.APPOINTMENT, all((stored.version if stored else 0) + 1 == new for stored, new in versions)),
            (
                Guard.ATTEMPTS,
                attempts is None or self.sign_in_attempts(attempts.applicant).version + 1 == attempts.version,
            ),
        ]

    def _write(self, change: Change) -> None:
        if change.answer is not None:
            self.answers[change.answer.command.request_id] = change.answer
        self.once.update(change.once)
        if change.standing is not None:
            self.standings[change.standing.applicant] += 1
        self.appointments.update({each.number: each for each in change.appointments})
        self.events.extend(change.events)
        if change.attempts is not None:
            self.attempts[change.attempts.applicant] = change.attempts
        for seat in change.seats:
            self.seats[seat.slot] += seat.delta


def _is_within(key: SlotKey, slots: SlotRange) -> bool:
    return (key.branch, key.service) == (slots.branch, slots.service) and slots.from_ <= key.starts_at < slots.until
