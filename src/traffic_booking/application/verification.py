"""The pure part of an audit: its counts and faults so far, and comparisons of parts that were read."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from traffic_booking.domain.appointments.events import AppointmentEvent
from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.appointments.person_state import MARGIN, PersonState, matters
from traffic_booking.domain.audit.explanations import differences
from traffic_booking.domain.audit.invariants import (
    BrokenInvariant,
    Invariant,
    broken_person_state,
    seat_elsewhere,
)
from traffic_booking.domain.audit.limit_audit import PlacedEvent
from traffic_booking.domain.audit.restores import StoreRestored
from traffic_booking.domain.audit.stored import StoredAppointment
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.outcomes import Answer
from traffic_booking.domain.errors import LogUnreadable, StoreUnreadable
from traffic_booking.domain.rules.evaluation import Evaluation
from traffic_booking.domain.schedule.entries import CalendarEntry
from traffic_booking.domain.text_input import RequestId
from traffic_booking.domain.values import frozen
from traffic_booking.ports.inspection import WHY_NO_EVIDENCE, Inspection


@frozen(kw_only=True)
class NotEvidence:
    """A table that no log vouches for, and why."""

    table: str
    why: str


@frozen(kw_only=True)
class Verification:
    """Audit progress, or its result. Truthy if nothing is broken.

    `answers` are recorded decisions. Of these, `without_case` can't be evaluated again: a guard in the store refused
    them, or the assertions that they were based on were removed. `broken_count` counts everything that is broken, and
    `broken` has the first of it.

    If a log was given (`has_log`), `entries` of the store were read, and `records` (and counters) were found as these
    entries say. `sealed` are the leaves of the log, and `checkpoints` those that were compared. `not_sealed` entries
    are younger than the newest checkpoint: they were compared with nothing outside of the store. `lost` leaves are in
    the gaps of `restores`, which the log names, and the store has nothing of them. `not_evidence` are the
    tables that no log vouches for.

    `unknown_versions` are rulebooks that decided and are not at hand: decisions under them were not evaluated again.
    `without_key`: the store's pseudonym key was not given, so the ids of persons were not compared with the log.
    """

    appointments: int = 0
    events: int = 0
    slots: int = 0
    answers: int = 0
    without_case: int = 0
    records: int = 0
    entries: int = 0
    sealed: int = 0
    not_sealed: int = 0
    checkpoints: int = 0
    lost: int = 0
    restores: tuple[StoreRestored, ...] = ()
    has_log: bool = False
    not_evidence: tuple[NotEvidence, ...] = ()
    unknown_versions: tuple[str, ...] = ()
    without_key: bool = False
    broken_count: int = 0
    broken: tuple[BrokenInvariant, ...] = ()

    def __bool__(self) -> bool:
        return not self.broken_count


def seal_fault(error: LogUnreadable) -> BrokenInvariant:
    """The fault of a log that can't be read, or whose parts do not agree."""
    where, _, fault = str(error).partition(": got ")
    found, _, expected = fault.partition("; expected ")
    return BrokenInvariant(invariant=Invariant.SEAL, where=where, found=found, expected=expected)


class AuditProgress:
    """Counts and notes for one audit; keeps the first `limit` broken parts."""

    def __init__(
        self, progress: Callable[[Verification], None], found: Callable[[BrokenInvariant], None], limit: int
    ) -> None:
        self._counts = Counter[str]()
        self._unknown: set[str] = set()
        self.without_key = self.has_log = False
        self.not_evidence: tuple[NotEvidence, ...] = ()
        self.restores: tuple[StoreRestored, ...] = ()
        self._broken_count, self._broken = 0, list[BrokenInvariant]()
        self._progress = progress
        self._found = found
        self._limit = limit
        self._unreadable: set[str] = set()

    def add(self, **counted: int) -> None:
        """Add to the counts of these names."""
        for name, count in counted.items():
            self._counts[name] += count

    def report(self) -> None:
        """Report the progress behind a page."""
        self._progress(self.result)

    @property
    def result(self) -> Verification:
        """The counts and faults so far."""
        return Verification(
            **self._counts,
            has_log=self.has_log,
            restores=self.restores,
            not_evidence=self.not_evidence,
            unknown_versions=tuple(sorted(self._unknown)),
            without_key=self.without_key,
            broken_count=self._broken_count,
            broken=tuple(self._broken),
        )

    def note(self, broken: Iterable[BrokenInvariant]) -> None:
        """Report broken parts, and count them."""
        for each in broken:
            self._found(each)
            self._broken_count += 1
            if self._broken_count <= self._limit:
                self._broken.append(each)

    def note_unknown(self, versions: Iterable[str]) -> None:
        """Note rulebooks that decided and are not at hand."""
        self._unknown.update(versions)

    def inspected(self, inspection: Inspection) -> None:
        """Note the tables that no log vouches for, and the differences from those that this release makes."""
        self.not_evidence = tuple(
            NotEvidence(table=each, why=WHY_NO_EVIDENCE.get(each, "")) for each in inspection.not_evidence
        )
        for where, found, expected in inspection.faults:
            self.note([BrokenInvariant(invariant=Invariant.TABLES, where=where, found=found, expected=expected)])

    def note_unreadable(self, error: StoreUnreadable) -> None:
        """Note a record, counter or log entry that can't be decoded, once. Raises the error if it names none."""
        if error.key is None:
            raise error
        broken = BrokenInvariant(
            invariant=Invariant.READABLE,
            where=f"{error.collection} {error.key}",
            found="what can't be decoded" + (f", at {tuple(error.position)}" if error.position else ""),
            expected="what was written",
        )
        if broken.where not in self._unreadable:
            self._unreadable.add(broken.where)
            self.note([broken])

    @contextmanager
    def noting_unreadable(self) -> Iterator[None]:
        """End the block at a part that can't be decoded, and note it."""
        try:
            yield
        except StoreUnreadable as error:
            self.note_unreadable(error)


@frozen(kw_only=True, eq=False)
class ReadPerson:
    """The records of a person, decoded: their state, the numbers of the known appointments, and those that are stored.

    `readable` is False if a part could not be decoded, and is left out.
    """

    subject: str
    person_state: PersonState | None
    numbers: frozenset[AppointmentNumber]
    appointments: Mapping[AppointmentNumber, StoredAppointment]
    histories: Mapping[AppointmentNumber, tuple[PlacedEvent, ...]]
    readable: bool

    def requests(self) -> list[RequestId]:
        """The requests that caused the events, each once."""
        return requests_of(event for stored in self.appointments.values() for event in stored.events)

    def active_beside(self, stored: StoredAppointment) -> list[AppointmentNumber]:
        """The person's other appointments that may have been active when this one was granted; none if it is broken."""
        if len(self.appointments) == 1 or not stored.is_sound:
            return []
        since = min(event.at for event in stored.events)
        return [
            number
            for number, other in self.appointments.items()
            if number != stored.number and other.is_sound and other.rebuilt[-1].slot_ends_at > since
        ]

    def broken_state(self, stored: StoredAppointment, by: datetime) -> Iterator[BrokenInvariant]:
        """Faults between one of the appointments and the person's state."""
        if stored.appointment is not None:
            yield from broken_person_state(stored.appointment, stored, self.person_state, by)

    def unknown(self, by: datetime) -> list[AppointmentNumber]:
        """The appointments that the person's state lists, that a rule may read, and that are not theirs."""
        listed = self.person_state.appointments if self.person_state is not None else ()
        return [each.number for each in listed if each.number not in self.numbers and matters(each, by)]

    def latest(self, by: datetime) -> datetime:
        """The latest instant at which the person's state can be written: a host's clock may be ahead."""
        return max((event.at + MARGIN for events in self.histories.values() for _, event in events), default=by)


def broken_rules(answer: Answer, again: Evaluation) -> Iterator[BrokenInvariant]:
    """The rules that have another result on the recorded case than the answer has."""
    for each in differences(answer, again):
        now = "not evaluated" if each.replayed is None else each.replayed.result.value
        then = "not broken" if each.recorded is None else each.recorded.result.value
        yield BrokenInvariant(
            invariant=Invariant.RULES,
            where=f"request {each.request_id}",
            found=f"rule {each.rule_id} {now} when it is evaluated again",
            expected=f"{then}, as recorded",
        )


def requests_of(events: Iterable[AppointmentEvent]) -> list[RequestId]:
    """The requests that caused the events, each once."""
    return list(dict.fromkeys(event.request_id for event in events if event.request_id is not None))


def broken_counts(configuration: Configuration, stored: StoredAppointment, now: datetime) -> Iterator[BrokenInvariant]:
    """The fault of a live appointment whose seat is not in the counts of the catalogue."""
    appointment = stored.appointment
    if appointment is not None and configuration.counts_elsewhere(appointment, now):
        expected = configuration.catalogue.pool_of(appointment.slot.branch, appointment.slot.service)
        yield seat_elsewhere(appointment.number, appointment.pool, expected)


def broken_declaration(
    request: RequestId, declared: CalendarEntry, stored: CalendarEntry | None
) -> list[BrokenInvariant]:
    """The fault if the entry that was `declared` differs from the entry stored under its number."""
    if stored == declared:
        return []
    return [
        BrokenInvariant(
            invariant=Invariant.REQUESTS,
            where=f"request {request}",
            found=f"another calendar entry {declared.number}, or none",
            expected="what was declared",
        )
    ]
