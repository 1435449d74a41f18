"""The slots that one person could book, or move an appointment to: decided by the same rules as the request itself."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from attrs import evolve as copy_with
from attrs import field

from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.commands import BookSlot, MoveAppointment
from traffic_booking.domain.appointments.states import AppointmentState
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.booking import evaluate_booking
from traffic_booking.domain.decisions.changes import Change
from traffic_booking.domain.decisions.facts import Facts
from traffic_booking.domain.decisions.moving import evaluate_move, find_to_move
from traffic_booking.domain.places.services import ServiceId
from traffic_booking.domain.rules.evaluation import Evaluation
from traffic_booking.domain.rules.verdict import NOT_ASSERTED, Verdict
from traffic_booking.domain.schedule.slots import SeatKey, Slot
from traffic_booking.domain.values import frozen


@frozen
class PersonalSearch:
    """The slots that the rules grant a person at `now`, with facts that were read once.

    `command` is the booking or the move that a search tries with one slot after another.
    """

    configuration: Configuration
    command: BookSlot | MoveAppointment
    facts: Facts
    now: datetime
    _own: dict[ServiceId, Mapping[SeatKey, int]] = field(init=False, eq=False, repr=False, factory=dict)

    def own_seats(self, service: ServiceId) -> Mapping[SeatKey, int]:
        """The seats that the request would give back: those of holds for the service, and of the moved appointment."""
        if service not in self._own:
            self._own[service] = self._own_seats(service)
        return self._own[service]

    def _own_seats(self, service: ServiceId) -> Mapping[SeatKey, int]:
        holds = (each for each in self.facts.applicant_state.appointments if isinstance(each, Appointment))
        given_back = [
            each
            for each in holds
            if each.state is AppointmentState.HELD and each.is_active(self.now) and each.slot.service == service
        ]
        moved = self.facts.appointment
        if isinstance(self.command, MoveAppointment) and moved is not None and moved.has_seat:
            given_back.append(moved)
        return Counter(seat for each in given_back for seat in each.seats)

    def evaluate(self, slot: Slot, free: int) -> Evaluation | None:
        """The result of every rule for a slot with `free` seats, those that the request would give back among them.

        None if the actor may not use the slot at all, or the appointment is there already.
        """
        command = copy_with(self.command, slot=slot.key)
        own = self.own_seats(slot.key.service)
        taken = {seat: slot.capacity - free + own.get(seat, 0) for seat in slot.seats}
        facts, rulebook = copy_with(self.facts, seats_taken=taken), self.configuration.rulebook(self.now)
        if isinstance(command, BookSlot):
            return evaluate_booking(self.configuration, rulebook, command, facts, self.now)[1]
        moved = find_to_move(rulebook, command, facts, self.now)
        if isinstance(moved, Change) or moved.slot == slot.key:
            return None
        return evaluate_move(self.configuration, rulebook, command, moved, facts, self.now)[1]


def refused_for_all(evaluation: Evaluation) -> Sequence[Verdict]:
    """The verdicts of the broken rules that refuse every slot of the service with the same figures."""
    for_all = {rule.id for rule in evaluation.rules if rule.definition.for_all_slots}
    return [verdict for verdict in evaluation.refused if verdict.rule_id in for_all or verdict.observed == NOT_ASSERTED]
