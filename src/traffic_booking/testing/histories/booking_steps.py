"""Operations of a history, prepared for the search: persons and slots by number, results in one form."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from attrs import field, frozen, mutable

from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.commands import (
    BookSlot,
    CancelAppointment,
    CheckInApplicant,
    HoldSlot,
    MoveAppointment,
)
from traffic_booking.domain.appointments.states import AppointmentState
from traffic_booking.domain.decisions.outcomes import Booked, Cancelled, CheckedIn, Held, Moved, Refused
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.people.actors import Clerk, System
from traffic_booking.domain.people.applicants import Applicant
from traffic_booking.domain.rules.rulebook import Rulebook
from traffic_booking.domain.schedule.slots import SeatKey, Slot, SlotKey
from traffic_booking.testing.histories.history import ApplicantCommand, ExpireHolds, GrantedResult, Operation

_BOOKING: Final = frozenset({"BK-05", "BK-07", "BK-08", "BK-09"})
KNOWN_RULES: Final = {
    HoldSlot: _BOOKING | {"HD-01"},
    BookSlot: _BOOKING,
    CancelAppointment: frozenset({"CN-01", "CN-02"}),
    MoveAppointment: _BOOKING | {"MV-01", "MV-02", "MV-03", "MV-04"},
    CheckInApplicant: frozenset({"AT-01", "AT-02"}),
}
"""The rules whose results are checked, for each kind of request."""
_GRANTS: Final[dict[type, tuple[type, AppointmentState]]] = {
    HoldSlot: (Held, AppointmentState.HELD),
    BookSlot: (Booked, AppointmentState.BOOKED),
    CancelAppointment: (Cancelled, AppointmentState.CANCELLED),
    MoveAppointment: (Moved, AppointmentState.BOOKED),
    CheckInApplicant: (CheckedIn, AppointmentState.CHECKED_IN),
}


@frozen(kw_only=True)
class SlotLimits:
    """A slot, and the limits of a person who wants it. Slots with a count of seats in common share these seats."""

    service: str
    seats: frozenset[SeatKey]
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

    `slot` and `person` are -1 if unknown; of a move, `slot` is the new one, and `service` that of the appointment, None
    if unknown. The result is `refused` (the broken rules) or `granted`; neither if it is unknown. It is `impossible` if
    no desk can return it, whatever came before. `instants` are those at which it may have been decided; with `at_any`
    every other from `earliest` to `latest` is possible, too.
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
        """True if the result of the request is known."""
        return self.refused is not None or self.granted is not None

    @property
    def is_wide(self) -> bool:
        """True if the clock may have been moved meanwhile."""
        return self.latest != self.earliest

    def may_be_at(self, moment: datetime) -> bool:
        """True if the clock may have shown that while the operation was under way."""
        return self.earliest <= moment and (self.latest is None or moment <= self.latest)


class StepReader:
    """Reads the operations of one history; `steps` has None for a sweep."""

    def __init__(self, slots: Iterable[Slot], rulebook: Rulebook, operations: Sequence[Operation]) -> None:
        self._offered = {slot.key: slot for slot in slots}
        self._rulebook = rulebook
        self._slots: dict[SlotKey, int] = {}
        self._persons: dict[Applicant, int] = {}
        self.limits: list[SlotLimits] = []
        requests = [(each.requested, each) for each in operations if not isinstance(each.requested, ExpireHolds)]
        times = Counter(command.request_id for command, _ in requests)
        self._repeated = {request_id for request_id, number in times.items() if number > 1}
        self._results = {command: each.result for command, each in requests if each.result is not None}
        self._appointments: dict[str, Appointment] = {}
        self._places = defaultdict[str, set[SlotKey]](set)  # number → every slot that the appointment may have had
        for each in sorted(operations, key=lambda each: each.ended or 0):
            if each.granted is not None:
                self._appointments.setdefault(each.granted.number, each.granted)
                self._places[each.granted.number].add(each.granted.slot)
            if isinstance(each.requested, MoveAppointment):
                self._places[each.requested.number].add(each.requested.slot)
        self._moments = sorted({each.earliest for each in operations} | {o.latest for o in operations if o.latest})
        self.steps = [
            None if isinstance(each.requested, ExpireHolds) else self._step(place, each, each.requested)
            for place, each in enumerate(operations)
        ]
        self._set_touches()

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
        result = operation.result
        if result is None and step.is_repeated:  # the same request, sent again, got the result of the first
            result = self._results.get(command)
        self._set_result(step, command, result)
        return step

    def _set_result(self, step: Step, command: ApplicantCommand, result: object) -> None:
        kind, state = _GRANTS[type(command)]
        match result:
            case None:
                step.at_any = True
                step.instants = tuple(moment for moment in self._moments if step.may_be_at(moment))
            case Refused(verdicts):
                step.refused = frozenset(verdict.rule_id for verdict in verdicts)
                known = KNOWN_RULES[type(command)]
                if not step.refused <= known:
                    raise InvalidInput(
                        "history",
                        got=f"a refusal by {', '.join(sorted(step.refused - known))}",
                        expected="a workload whose refusals are by " + ", ".join(sorted(known)),
                    )
                step.at_any = True
                step.instants = (step.earliest,)
                step.impossible = not verdicts
            case _ if isinstance(result, GrantedResult):
                appointment = step.granted = result.appointment
                step.slot = self._slot(appointment.slot)
                first = self._appointments[appointment.number]
                is_grant = isinstance(result, kind) and appointment.state is state
                is_same = _is_of(appointment, command) and appointment.applicant == first.applicant
                step.impossible = not (is_grant and is_same)
                # The same hold again, as it was made some time before; a move to its present slot.
                step.at_any = isinstance(command, HoldSlot | MoveAppointment)
                step.instants = (appointment.changed_at,) if step.may_be_at(appointment.changed_at) else ()
                if step.at_any:
                    step.instants = (*step.instants, step.earliest)
            case other:
                raise InvalidInput("history", got=f"{type(other).__name__} to a request", expected="an outcome")

    def _set_touches(self) -> None:
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
                shared = self.limits[step.slot].seats if step.slot >= 0 else frozenset()
                for slot, theirs in holders.items():
                    persons |= theirs if shared & self.limits[slot].seats else set()
                slots |= held_slots[step.person]
            named = {step.granted.number} if step.granted is not None else set[str]()
            if isinstance(step.command, CancelAppointment | MoveAppointment | CheckInApplicant):
                named.add(step.command.number)
                slots |= {self._slot(place) for place in self._places[step.command.number]}
            step.touches = frozenset(
                [("person", each) for each in persons]
                + [("seats", seat) for each in slots for seat in self.limits[each].seats]
                + [("number", each) for each in named]
                + [("request", step.command.request_id)] * step.is_repeated
            )

    def _slot(self, key: SlotKey) -> int:
        if key not in self._slots:
            slot = self._offered.get(key)
            if slot is None:
                raise InvalidInput("history", got="a slot that isn't among `slots`", expected="slots with all of them")
            self._slots[key] = len(self._slots)
            self.limits.append(_limits(slot, self._rulebook))
        return self._slots[key]

    def _person(self, applicant: Applicant) -> int:
        return self._persons.setdefault(applicant, len(self._persons))


def _limits(slot: Slot, rulebook: Rulebook) -> SlotLimits:
    holding = rulebook.rule("HD-01", slot.key)
    return SlotLimits(
        service=slot.key.service,
        seats=frozenset(slot.seats),
        starts_at=slot.key.starts_at,
        ends_at=slot.ends_at,
        capacity=slot.capacity,
        per_service=rulebook.rule("BK-07", slot.key)["appointments"],
        in_all=rulebook.rule("BK-08", slot.key)["appointments"],
        holds=holding["holds"],
        hold_time=timedelta(minutes=holding["minutes"]),
        moves=rulebook.rule("MV-04", slot.key)["moves"],
    )


def _is_of(appointment: Appointment, command: ApplicantCommand) -> bool:
    if isinstance(command, HoldSlot | BookSlot):
        return appointment.slot == command.slot and appointment.applicant == command.applicant
    if isinstance(command, MoveAppointment) and appointment.slot != command.slot:
        return False
    return appointment.number == command.number
