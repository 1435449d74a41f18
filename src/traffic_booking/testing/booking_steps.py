"""Operations of a history made ready for the search: persons and slots by number, answers by what they come to."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from attrs import field, frozen, mutable

from traffic_booking.domain.appointments.appointment import Appointment, AppointmentState
from traffic_booking.domain.appointments.commands import (
    BookSlot,
    CancelAppointment,
    CheckInApplicant,
    HoldSlot,
    MoveAppointment,
)
from traffic_booking.domain.decisions.outcomes import Booked, Cancelled, CheckedIn, Held, Moved, Refused
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.people.actors import Clerk, System
from traffic_booking.domain.people.applicants import Applicant
from traffic_booking.domain.rules.rulebook import Rulebook
from traffic_booking.domain.schedule.slots import Slot, SlotKey
from traffic_booking.testing.histories import ApplicantCommand, ExpireHolds, Operation, OperationResult

_BOOKING: Final = frozenset({"BK-05", "BK-07", "BK-08", "BK-09"})
KNOWN_RULES: Final = {
    HoldSlot: _BOOKING | {"HD-01"},
    BookSlot: _BOOKING,
    CancelAppointment: frozenset({"CN-01", "CN-02"}),
    MoveAppointment: _BOOKING | {"MV-01", "MV-02", "MV-03", "MV-04"},
    CheckInApplicant: frozenset({"AT-01", "AT-02"}),
}
"""The rules whose word is checked, for each thing that can be asked."""

_GRANTS: Final = {
    HoldSlot: (Held, AppointmentState.HELD),
    BookSlot: (Booked, AppointmentState.BOOKED),
    CancelAppointment: (Cancelled, AppointmentState.CANCELLED),
    MoveAppointment: (Moved, AppointmentState.BOOKED),
    CheckInApplicant: (CheckedIn, AppointmentState.CHECKED_IN),
}


@frozen(kw_only=True)
class SlotTerms:
    """A slot, and the limits of whoever wants it."""

    service: str
    starts_at: datetime
    ends_at: datetime
    capacity: int
    per_service: int
    in_all: int
    holds: int
    hold_time: timedelta
    moves: int


@mutable(kw_only=True)
class Step:
    """One operation.

    `slot` and `person` are -1 where nobody knows them; of a move, `slot` is the new one, and `service` that of what is
    moved, as far as it is known. The answer is `refused` (the broken rules) or `granted`; neither
    where nobody knows it, and `impossible` where no desk can give it, whatever came before. `instants` are those at
    which it may have been decided, and with `at_any` so is every other from `earliest` to `latest`.
    """

    place: int
    command: ApplicantCommand
    slot: int = -1
    person: int = -1
    service: str | None = None
    may_act: bool = True
    refused: frozenset[str] | None = None
    granted: Appointment | None = None
    impossible: bool = False
    is_repeated: bool = False
    instants: tuple[datetime, ...] = ()
    at_any: bool = False
    earliest: datetime
    latest: datetime | None
    touches: frozenset[Hashable] = field(factory=frozenset)

    @property
    def is_known(self) -> bool:
        """Whether anybody was told what came of the request."""
        return self.refused is not None or self.granted is not None

    @property
    def is_wide(self) -> bool:
        """Whether the clock was moved meanwhile, for all that is known."""
        return self.latest != self.earliest

    def may_be_at(self, moment: datetime) -> bool:
        """Whether the clock can have shown that while the operation was under way."""
        return self.earliest <= moment and (self.latest is None or moment <= self.latest)


class StepReader:
    """Reads the operations of one history; `steps` has None for a sweep."""

    def __init__(self, slots: Iterable[Slot], rulebook: Rulebook, operations: Sequence[Operation]) -> None:
        self._offered = {slot.key: slot for slot in slots}
        self._rulebook = rulebook
        self._slots: dict[SlotKey, int] = {}
        self._persons: dict[Applicant, int] = {}
        self.slot_terms: list[SlotTerms] = []
        asked = [o.asked.request_id for o in operations if not isinstance(o.asked, ExpireHolds)]
        self._repeated = {request for request, times in Counter(asked).items() if times > 1}
        self._answers = {
            (o.asked.request_id, o.asked): o.told
            for o in operations
            if o.told is not None and not isinstance(o.asked, ExpireHolds) and o.asked.request_id in self._repeated
        }
        self._appointments: dict[str, Appointment] = {}
        self._places = _places(operations)
        for operation in sorted((o for o in operations if o.ended is not None), key=lambda o: o.ended or 0):
            if (told := _appointment(operation.told)) is not None:
                self._appointments.setdefault(told.number, told)
        self._moments = sorted({o.earliest for o in operations} | {o.latest for o in operations if o.latest})
        self.steps = [
            None if isinstance(o.asked, ExpireHolds) else self._step(place, o, o.asked)
            for place, o in enumerate(operations)
        ]
        self._note_what_they_touch()

    def _step(self, place: int, operation: Operation, command: ApplicantCommand) -> Step:
        step = Step(place=place, command=command, earliest=operation.earliest, latest=operation.latest)
        if isinstance(command, HoldSlot | BookSlot):
            step.slot, step.person = self._slot(command.slot), self._person(command.applicant)
        elif (seen := self._appointments.get(command.number)) is not None:
            step.slot, step.person = self._slot(seen.slot), self._person(seen.applicant)
            step.service = seen.slot.service
            owner = None if isinstance(command, CheckInApplicant) else seen.applicant
            step.may_act = isinstance(command.actor, Clerk | System) or command.actor == owner
        if isinstance(command, MoveAppointment):
            step.slot = self._slot(command.slot)
        step.is_repeated = command.request_id in self._repeated
        told = operation.told
        if told is None and step.is_repeated:  # whoever asked again was told what the first came to
            told = self._answers.get((command.request_id, command))
        self._note_answer(step, command, told)
        return step

    def _note_answer(self, step: Step, command: ApplicantCommand, told: OperationResult | None) -> None:
        kind, state = _GRANTS[type(command)]
        match told:
            case None:
                step.at_any = True
                step.instants = tuple(moment for moment in self._moments if step.may_be_at(moment))
            case Refused(verdicts):
                step.refused = frozenset(verdict.rule_id for verdict in verdicts)
                strange = step.refused - KNOWN_RULES[type(command)]
                if strange:
                    raise InvalidInput(
                        "history",
                        got=f"a refusal by {', '.join(sorted(strange))}",
                        expected="a workload whose refusals are by " + ", ".join(sorted(KNOWN_RULES[type(command)])),
                    )
                step.at_any = True
                step.instants = (step.earliest,)
                step.impossible = not verdicts
            case (
                Held(appointment)
                | Booked(appointment)
                | Cancelled(appointment)
                | Moved(appointment)
                | CheckedIn(appointment)
            ):
                step.granted, step.slot = appointment, self._slot(appointment.slot)
                done: object = type(told)
                step.impossible = done is not kind or appointment.state is not state
                first = self._appointments[appointment.number]
                step.impossible |= not _is_of(appointment, command) or appointment.applicant != first.applicant
                # The same hold again, as it was made some time before; a move to where it is already.
                step.at_any = isinstance(command, HoldSlot | MoveAppointment)
                step.instants = (appointment.changed_at,) if step.may_be_at(appointment.changed_at) else ()
                if step.at_any:
                    step.instants = (*step.instants, step.earliest)
            case other:
                raise InvalidInput("history", got=f"{type(other).__name__} to a request", expected="an outcome")

    def _note_what_they_touch(self) -> None:
        held_slots, holders = defaultdict[int, set[int]](set), defaultdict[int, set[int]](set)
        in_service = defaultdict[tuple[int, str], set[int]](set)
        for step in self.steps:
            if step is not None and isinstance(step.command, HoldSlot):
                held_slots[step.person].add(step.slot)
                holders[step.slot].add(step.person)
                in_service[step.person, step.command.slot.service].add(step.slot)
        for step in self.steps:
            if step is None:
                continue
            persons, slots = {step.person} - {-1}, {step.slot} - {-1}
            if isinstance(step.command, HoldSlot | BookSlot | MoveAppointment):  # it may give another hold back
                slots |= in_service[step.person, step.command.slot.service]
            if step.is_wide:  # holds that ran out meanwhile may be ended before it, or not
                persons |= holders[step.slot]
                slots |= held_slots[step.person]
            named = {step.granted.number} if step.granted is not None else set[str]()
            if isinstance(step.command, CancelAppointment | MoveAppointment | CheckInApplicant):
                named.add(step.command.number)
                slots |= {self._slot(place) for place in self._places[step.command.number]}
            step.touches = frozenset(
                [("person", each) for each in persons]
                + [("slot", each) for each in slots]
                + [("number", each) for each in named]
                + [("request", step.command.request_id)] * step.is_repeated
            )

    def _slot(self, key: SlotKey) -> int:
        if key not in self._slots:
            slot = self._offered.get(key)
            if slot is None:
                raise InvalidInput("history", got="a slot that isn't among those given", expected="all of them")
            self._slots[key] = len(self._slots)
            self.slot_terms.append(_slot_terms(slot, self._rulebook))
        return self._slots[key]

    def _person(self, applicant: Applicant) -> int:
        return self._persons.setdefault(applicant, len(self._persons))


def _slot_terms(slot: Slot, rulebook: Rulebook) -> SlotTerms:
    holding = rulebook.rule("HD-01", slot.key)
    return SlotTerms(
        service=slot.key.service,
        starts_at=slot.key.starts_at,
        ends_at=slot.ends_at,
        capacity=slot.capacity,
        per_service=rulebook.rule("BK-07", slot.key)["appointments"],
        in_all=rulebook.rule("BK-08", slot.key)["appointments"],
        holds=holding["holds"],
        hold_time=timedelta(minutes=holding["minutes"]),
        moves=rulebook.rule("MV-04", slot.key)["moves"],
    )


def made_by(operations: Sequence[Operation]) -> dict[str, int]:
    """Number → when the first operation that was told it was over: the appointment had been made by then."""
    made: dict[str, int] = {}
    for operation in operations:
        appointment = _appointment(operation.told)
        if appointment is not None and operation.ended is not None:
            made[appointment.number] = min(operation.ended, made.get(appointment.number, operation.ended))
    return made


def _appointment(told: OperationResult | None) -> Appointment | None:
    match told:
        case (
            Held(appointment)
            | Booked(appointment)
            | Cancelled(appointment)
            | Moved(appointment)
            | CheckedIn(appointment)
        ):
            return appointment
        case _:
            return None


def _places(operations: Sequence[Operation]) -> Mapping[str, set[SlotKey]]:
    """Number → the slots in which the appointment may ever have been: those told, and those it was to be moved to."""
    places = defaultdict[str, set[SlotKey]](set)
    for operation in operations:
        if (told := _appointment(operation.told)) is not None:
            places[told.number].add(told.slot)
        if isinstance(operation.asked, MoveAppointment):
            places[operation.asked.number].add(operation.asked.slot)
    return places


def _is_of(appointment: Appointment, command: ApplicantCommand) -> bool:
    if isinstance(command, HoldSlot | BookSlot):
        return appointment.slot == command.slot and appointment.applicant == command.applicant
    if isinstance(command, MoveAppointment) and appointment.slot != command.slot:
        return False
    return appointment.number == command.number
