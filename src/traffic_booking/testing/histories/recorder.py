"""A desk that records its calls: the same verbs, and a history of requests and results.

A desk draws a person's subject at random, and no caller sees it before the first result. So a history has a subject of
its own for each person, the same in every recorder: see `recorded_applicant`.
"""

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from threading import Lock, local
from time import monotonic_ns
from typing import Any, Self, TypeVar

from attrs import define
from attrs import evolve as copy_with

from traffic_booking.application._sync.desk import Desk
from traffic_booking.application.any_slot import AnySlot, slot_key
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
from traffic_booking.domain.people.actors import Requester, System, actor_of, requester
from traffic_booking.domain.people.applicants import Applicant, Subject
from traffic_booking.domain.people.identity import PersonId
from traffic_booking.domain.places.services import instructions_version
from traffic_booking.domain.text_input import request_id as checked_request_id
from traffic_booking.ports.clock import Clock
from traffic_booking.testing.histories.files import line_of_call, line_of_end
from traffic_booking.testing.histories.history import (
    ExpireHolds,
    GrantedResult,
    History,
    HoldsEnded,
    Operation,
    OperationResult,
    RequestedOperation,
    recorded_applicant,
)

T = TypeVar("T")


class Recorder:
    """The verbs of `desk`, and `history()` of their use by any number of threads.

    `clock` is the desk's own. `name` distinguishes this recorder's callers from those of another process; merge the
    histories of several with `History.merged`. With a `journal` every call and every end is appended to that file
    before it goes on, so that it outlives a killed process (not a power cut). The caller gets every exception of the
    desk. The result of the operation is then unknown, as it is if a request is `Throttled`. For each person the
    recorder looks up once whose the subject is: the store's log has an entry of it, and the result is unknown if the
    store fails.

    Example: `recorder = Recorder(desk, clock=desk.clock)`; then call `recorder.book(…)` in the place of `desk.book(…)`.
    """

    def __init__(self, desk: Desk, *, clock: Clock, name: str = "caller", journal: Path | None = None) -> None:
        self._desk = desk
        self._clock = clock
        self._name = name
        self._lock = Lock()
        self._mine = local()
        self._applicants: dict[Subject, Applicant] = {}
        self._notes: list[list[_Note]] = []
        self._journal = None if journal is None else os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def gate(self) -> Self:
        """The recorder itself, so that `recorder.gate.check_in` is written like the desk's verb."""
        return self

    @property
    def maintenance(self) -> Self:
        """The recorder itself, as for `gate`."""
        return self

    def close(self) -> None:
        """Close the journal; the desk stays open."""
        if self._journal is not None:
            os.close(self._journal)
            self._journal = None

    def history(self) -> History:
        """The requests and results so far; an operation under way has no end.

        Example: `save_history(recorder.history(), path)`.
        """
        with self._lock:
            notes = [note for of_thread in self._notes for note in list(of_thread)]
        return History.of(note.operation() for note in notes)

    def hold(
        self, slot: AnySlot, *, applicant: PersonId, request_id: str, by: Requester | None = None
    ) -> Held | Refused | Throttled:
        """As `Desk.hold`."""
        command = HoldSlot(
            **_request(request_id, applicant if by is None else by),
            applicant=recorded_applicant(applicant),
            slot=slot_key(slot),
        )
        return self._record(command, lambda: self._desk.hold(slot, applicant=applicant, request_id=request_id, by=by))

    def book(
        self, slot: AnySlot, *, applicant: PersonId, agreed: bool | str, request_id: str, by: Requester | None = None
    ) -> Booked | Refused | Throttled:
        """As `Desk.book`."""
        command = BookSlot(
            **_request(request_id, applicant if by is None else by),
            applicant=recorded_applicant(applicant),
            slot=slot_key(slot),
            agreed=agreed if isinstance(agreed, bool) else instructions_version(agreed),
        )
        return self._record(
            command, lambda: self._desk.book(slot, applicant=applicant, agreed=agreed, request_id=request_id, by=by)
        )

    def cancel(self, number: str, *, by: Requester, request_id: str) -> Cancelled | Refused | Throttled:
        """As `Desk.cancel`."""
        command = CancelAppointment(**_request(request_id, by), number=appointment_number(number))
        return self._record(command, lambda: self._desk.cancel(number, by=by, request_id=request_id))

    def move(
        self, number: str, slot: AnySlot, *, by: Requester, request_id: str, agreed: bool | str = False
    ) -> Moved | Refused | Throttled:
        """As `Desk.move`."""
        command = MoveAppointment(
            **_request(request_id, by),
            number=appointment_number(number),
            slot=slot_key(slot),
            agreed=agreed if isinstance(agreed, bool) else instructions_version(agreed),
        )
        return self._record(command, lambda: self._desk.move(number, slot, by=by, request_id=request_id, agreed=agreed))

    def check_in(self, number: str, *, by: Requester, request_id: str) -> CheckedIn | Refused | Throttled:
        """As `Desk.gate.check_in`."""
        command = CheckInApplicant(**_request(request_id, by), number=appointment_number(number))
        return self._record(command, lambda: self._desk.gate.check_in(number, by=by, request_id=request_id))

    def expire_holds(self, *, limit: int = 100) -> int:
        """As `Desk.maintenance.expire_holds`."""
        return self._record(ExpireHolds(limit), lambda: self._desk.maintenance.expire_holds(limit=limit))

    def _record(self, requested: RequestedOperation, call: Callable[[], T]) -> T:
        mine = self._notes_of_thread()
        note = _Note(self._mine.client, requested, instant(self._clock.now()), monotonic_ns())
        name = f"{note.client}/{len(mine)}"
        # A call that is in the journal and was never made is one without an effect.
        self._write(line_of_call, name, note.client, requested, note.invoked, note.earliest)
        mine.append(note)
        outcome = None
        try:
            outcome = call()
            return outcome
        finally:
            note.ended = monotonic_ns()
            note.latest = instant(self._clock.now())
            note.result = self._result(outcome)
            self._write(line_of_end, name, note.ended, note.latest, note.result)

    def _result(self, outcome: object) -> OperationResult | None:
        """The outcome with the person's subject in this history; None if it is unknown."""
        match outcome:
            case int(count):
                return HoldsEnded(count)
            case Refused():
                return outcome
            case Held() | Booked() | Cancelled() | Moved() | CheckedIn():
                try:
                    return self._recorded(outcome)
                except StoreError:
                    return None
            case _:
                return None

    def _recorded(self, granted: GrantedResult) -> GrantedResult:
        """The same result; the store's subject stays if it is nobody's, which fits no history."""
        subject = granted.appointment.applicant.subject
        if subject not in self._applicants:
            try:
                self._applicants[subject] = recorded_applicant(self._desk.person_of(subject, by=System()))
            except NotFound:
                return granted
        return type(granted)(copy_with(granted.appointment, applicant=self._applicants[subject]))

    def _notes_of_thread(self) -> "list[_Note]":
        """The calling thread's own list, so that callers never wait for each other to make notes."""
        if not hasattr(self._mine, "notes"):
            self._mine.notes = []
            with self._lock:
                self._notes.append(self._mine.notes)
                self._mine.client = f"{self._name}-{len(self._notes)}"
        notes: list[_Note] = self._mine.notes
        return notes

    def _write(self, line: Callable[..., str], *parts: Any) -> None:
        if self._journal is not None:
            os.write(self._journal, line(*parts).encode())


@define(eq=False)
class _Note:
    """An operation that may be under way."""

    client: str
    requested: RequestedOperation
    earliest: datetime
    invoked: int
    ended: int | None = None
    latest: datetime | None = None
    result: OperationResult | None = None

    def operation(self) -> Operation:
        # Its own thread may be writing: `latest` is set after `ended`, and without both there is no end.
        latest, result = self.latest, self.result
        ended = self.ended if latest is not None else None
        return Operation(
            client=self.client,
            requested=self.requested,
            invoked=self.invoked,
            earliest=self.earliest,
            ended=ended,
            latest=latest,
            result=result if ended is not None else None,
        )


def _request(request_id: str, by: Requester) -> dict[str, Any]:
    """The parts that every command has."""
    return {"request_id": checked_request_id(request_id), "actor": actor_of(requester(by), recorded_applicant)}
