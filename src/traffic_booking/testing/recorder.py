"""A desk that records its calls: the same verbs, and a history of requests and answers.

A desk draws a person's subject at random, and no caller sees it before the first answer. So a history has a subject of
its own for each person, the same in every recorder: see `recorded_applicant`.
"""

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from threading import Lock, local
from time import monotonic_ns
from types import TracebackType
from typing import Protocol, Self, TypeVar

from attrs import evolve as copy_with

from traffic_booking.application.arguments import AnySlot, slot_key
from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.commands import (
    BookSlot,
    CancelAppointment,
    CheckInApplicant,
    HoldSlot,
    MoveAppointment,
)
from traffic_booking.domain.appointments.numbers import appointment_number
from traffic_booking.domain.decisions.outcomes import Booked, Cancelled, CheckedIn, Held, Moved, Refused, Throttled
from traffic_booking.domain.errors import NotFound, StoreError
from traffic_booking.domain.instants import instant
from traffic_booking.domain.people.actors import Actor, Requester, System, actor_of, requester
from traffic_booking.domain.people.applicants import Applicant, Subject
from traffic_booking.domain.people.identity import PersonId
from traffic_booking.domain.places.services import instructions_version
from traffic_booking.domain.text_input import request_id as checked_request_id
from traffic_booking.ports.clock import Clock
from traffic_booking.testing.histories import (
    ExpireHolds,
    History,
    HoldsEnded,
    Operation,
    OperationResult,
    RequestedOperation,
    recorded_applicant,
)
from traffic_booking.testing.history_files import line_of_call, line_of_end

T = TypeVar("T")


class DeskVerbs(Protocol):
    """The part of a desk that a recorder uses: the verbs that change something, and the person of a subject."""

    def hold(
        self, slot: AnySlot, *, applicant: PersonId, request_id: str, by: Requester | None = None
    ) -> Held | Refused | Throttled:
        """As `Desk.hold`."""
        ...

    def book(
        self, slot: AnySlot, *, applicant: PersonId, agreed: bool | str, request_id: str, by: Requester | None = None
    ) -> Booked | Refused | Throttled:
        """As `Desk.book`."""
        ...

    def cancel(self, number: str, *, by: Requester, request_id: str) -> Cancelled | Refused | Throttled:
        """As `Desk.cancel`."""
        ...

    def move(
        self, number: str, slot: AnySlot, *, by: Requester, request_id: str, agreed: bool | str = False
    ) -> Moved | Refused | Throttled:
        """As `Desk.move`."""
        ...

    def check_in(self, number: str, *, by: Requester, request_id: str) -> CheckedIn | Refused | Throttled:
        """As `Desk.check_in`."""
        ...

    def expire_holds(self, *, limit: int = 100) -> int:
        """As `Desk.expire_holds`."""
        ...

    def person_of(self, subject: str, *, by: Requester) -> PersonId:
        """As `Desk.person_of`."""
        ...


class Recorder:
    """The verbs of `desk`, and `history()` of their use by any number of threads.

    `clock` is the desk's own. `name` tells this recorder's callers from those of another process; merge the histories
    of several with `History.merged`. With a `journal` every call and every end is appended to that file before it goes
    on, so that it outlives a killed process (not a power cut). An exception goes through to the caller; what the
    operation came to then counts as unknown, as it does if a request is `Throttled`. For each person the recorder looks
    up once whose the subject is: the store's log has an entry of it, and the outcome is unknown if the store fails.
    """

    def __init__(self, desk: DeskVerbs, *, clock: Clock, name: str = "caller", journal: Path | None = None) -> None:
        self._desk = desk
        self._clock = clock
        self._name = name
        self._lock = Lock()
        self._mine = local()
        self._applicants: dict[Subject, Applicant] = {}
        self._told: list[list[_Note]] = []
        self._journal = None if journal is None else os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the journal; the desk stays open."""
        if self._journal is not None:
            os.close(self._journal)
            self._journal = None

    def history(self) -> History:
        """What has been asked and told so far; an operation under way is one that nobody knows the end of."""
        with self._lock:
            notes = [note for mine in self._told for note in list(mine)]
        return History.of(note.operation() for note in notes)

    def hold(
        self, slot: AnySlot, *, applicant: PersonId, request_id: str, by: Requester | None = None
    ) -> Held | Refused | Throttled:
        """As `Desk.hold`."""
        asked = HoldSlot(
            request_id=checked_request_id(request_id),
            actor=_actor(applicant if by is None else by),
            applicant=recorded_applicant(applicant),
            slot=slot_key(slot),
        )
        return self._record(asked, lambda: self._desk.hold(slot, applicant=applicant, request_id=request_id, by=by))

    def book(
        self, slot: AnySlot, *, applicant: PersonId, agreed: bool | str, request_id: str, by: Requester | None = None
    ) -> Booked | Refused | Throttled:
        """As `Desk.book`."""
        asked = BookSlot(
            request_id=checked_request_id(request_id),
            actor=_actor(applicant if by is None else by),
            applicant=recorded_applicant(applicant),
            slot=slot_key(slot),
            agreed=agreed if isinstance(agreed, bool) else instructions_version(agreed),
        )
        return self._record(
            asked,
            lambda: self._desk.book(slot, applicant=applicant, agreed=agreed, request_id=request_id, by=by),
        )

    def cancel(self, number: str, *, by: Requester, request_id: str) -> Cancelled | Refused | Throttled:
        """As `Desk.cancel`."""
        asked = CancelAppointment(
            request_id=checked_request_id(request_id), actor=_actor(by), number=appointment_number(number)
        )
        return self._record(asked, lambda: self._desk.cancel(number, by=by, request_id=request_id))

    def move(
        self, number: str, slot: AnySlot, *, by: Requester, request_id: str, agreed: bool | str = False
    ) -> Moved | Refused | Throttled:
        """As `Desk.move`."""
        asked = MoveAppointment(
            request_id=checked_request_id(request_id),
            actor=_actor(by),
            number=appointment_number(number),
            slot=slot_key(slot),
            agreed=agreed if isinstance(agreed, bool) else instructions_version(agreed),
        )
        return self._record(asked, lambda: self._desk.move(number, slot, by=by, request_id=request_id, agreed=agreed))

    def check_in(self, number: str, *, by: Requester, request_id: str) -> CheckedIn | Refused | Throttled:
        """As `Desk.check_in`."""
        asked = CheckInApplicant(
            request_id=checked_request_id(request_id), actor=_actor(by), number=appointment_number(number)
        )
        return self._record(asked, lambda: self._desk.check_in(number, by=by, request_id=request_id))

    def expire_holds(self, *, limit: int = 100) -> int:
        """As `Desk.expire_holds`."""
        return self._record(ExpireHolds(limit), lambda: self._desk.expire_holds(limit=limit))

    def _record(self, asked: RequestedOperation, call: Callable[[], T]) -> T:
        note = self._begin(asked)
        answer = None
        try:
            answer = call()
            return answer
        finally:
            note.ended = monotonic_ns()
            note.latest = instant(self._clock.now())
            note.told = self._told_by_desk(answer)
            if self._journal is not None:
                self._write(line_of_end(note.name, note.ended, note.latest, note.told))

    def _told_by_desk(self, answer: object) -> OperationResult | None:
        """The answer with the person's subject in this history; None if nobody knows it."""
        match answer:
            case int(count):
                return HoldsEnded(count)
            case Refused():
                return answer
            case Held() | Booked() | Cancelled() | Moved() | CheckedIn():
                try:
                    return type(answer)(self._recorded(answer.appointment))
                except StoreError:
                    return None
            case _:
                return None

    def _recorded(self, appointment: Appointment) -> Appointment:
        """The appointment as its applicant's; the store's subject stays if it is nobody's, which fits no history."""
        subject = appointment.applicant.subject
        if subject not in self._applicants:
            try:
                self._applicants[subject] = recorded_applicant(self._desk.person_of(subject, by=System()))
            except NotFound:
                return appointment
        return copy_with(appointment, applicant=self._applicants[subject])

    def _begin(self, asked: RequestedOperation) -> "_Note":
        mine = self._notes()
        note = _Note(f"{self._mine.client}/{len(mine)}", self._mine.client, asked)
        note.earliest = instant(self._clock.now())
        note.invoked = monotonic_ns()
        if self._journal is not None:  # a call that is written down and never made is one that came to nothing
            self._write(line_of_call(note.name, note.client, asked, note.invoked, note.earliest))
        mine.append(note)
        return note

    def _notes(self) -> "list[_Note]":
        """The calling thread's own list, so that callers never wait for each other to write down what they do."""
        if not hasattr(self._mine, "notes"):
            self._mine.notes = []
            with self._lock:
                self._told.append(self._mine.notes)
                self._mine.client = f"{self._name}-{len(self._told)}"
        notes: list[_Note] = self._mine.notes
        return notes

    def _write(self, line: str) -> None:
        assert self._journal is not None, "the recorder is closed"
        os.write(self._journal, line.encode())


class _Note:
    __slots__ = ("asked", "client", "earliest", "ended", "invoked", "latest", "name", "told")

    earliest: datetime
    invoked: int

    def __init__(self, name: str, client: str, asked: RequestedOperation) -> None:
        self.name = name
        self.client = client
        self.asked = asked
        self.ended: int | None = None
        self.latest: datetime | None = None
        self.told: OperationResult | None = None

    def operation(self) -> Operation:
        # Its own thread may be writing: `latest` comes after `ended`, and both stand before they count.
        latest, told = self.latest, self.told
        ended = self.ended if latest is not None else None
        return Operation(
            client=self.client,
            asked=self.asked,
            invoked=self.invoked,
            earliest=self.earliest,
            ended=ended,
            latest=latest,
            told=told if ended is not None else None,
        )


def _actor(by: Requester) -> Actor:
    return actor_of(requester(by), recorded_applicant)
