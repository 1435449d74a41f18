"""The results that a desk may return, one operation after another: who has which seat, and a person's limits.

It is no second rulebook. It has only the rules that depend on other callers, and reads their limits from the rulebook:

- seats, also those that the services of a pool share: BK-05;
- a person's limits: BK-07, BK-08, BK-09, HD-01;
- whether an appointment exists, its person and its state: CN-01, CN-02, MV-01, MV-02, AT-01, AT-02;
- its moves: MV-03, MV-04.

The workload has to avoid refusals by any other rule.

A hold that has run out has no seat and counts for nothing. From that instant on anybody may end it, by taking the seat
or by a sweep, and no result shows that. So the end of a hold is a step that may come at any moment. It matters if an
operation was decided at an instant before the hold ran out, and took effect after somebody had ended it.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import combinations

from traffic_booking.domain.appointments.commands import (
    BookSlot,
    CancelAppointment,
    CheckInApplicant,
    HoldSlot,
    MoveAppointment,
)
from traffic_booking.domain.rules.rulebook import Rulebook
from traffic_booking.domain.schedule.slots import Slot
from traffic_booking.testing.histories.booking_state import (
    BOOKED,
    CHECKED_IN,
    HELD,
    Around,
    BookingState,
    Seat,
    Specified,
    SpecifiedAnswer,
    changed,
    fits,
    named,
    runs,
)
from traffic_booking.testing.histories.booking_steps import SlotLimits, Step, StepReader
from traffic_booking.testing.histories.history import Operation


class BookingSpecification:
    """The `Specification` of these operations on these slots, under that version of the rulebook.

    Raises `InvalidInput` for a refusal by a rule that isn't in `KNOWN_RULES`, and for a slot that isn't among `slots`.

    Example: `check_linearizable(operations, BookingSpecification(slots, rulebook, operations))`.
    """

    def __init__(self, slots: Iterable[Slot], rulebook: Rulebook, operations: Sequence[Operation]) -> None:
        reader = StepReader(slots, rulebook, operations)
        self._steps = reader.steps
        self._slots = reader.limits
        self._rivals = [
            {frozenset(other for other, its in enumerate(reader.limits) if seat in its.seats) for seat in each.seats}
            for each in reader.limits
        ]
        """For each slot the sets of slots that share seats with it: one for each step of a pool."""
        self._invoked = [operation.invoked for operation in operations]
        self._made_by: dict[str, int] = {}  # number → the end of the first operation whose result has it
        for each in operations:
            if each.granted is not None and each.ended is not None:
                number = each.granted.number
                self._made_by[number] = min(each.ended, self._made_by.get(number, each.ended))
        times = Counter(step.granted.number for step in reader.steps if step is not None and step.granted is not None)
        self._repeated_numbers = {number for number, count in times.items() if count > 1}
        self._has_unknown_results = any(operation.result is None for operation in operations)

    def start(self) -> BookingState:
        """The state without seats."""
        return BookingState()

    def may_rest(self, place: int) -> bool:
        """True if it may be a sweep, a refusal, the same hold or request again, or a move to the present slot."""
        step = self._steps[place]
        if step is None or step.refused is not None or step.is_repeated:
            return True
        return isinstance(step.command, HoldSlot | MoveAppointment)

    def touches(self, place: int) -> frozenset[Hashable]:
        """The persons, slots, numbers and request ids that it reads or changes."""
        step = self._steps[place]
        return frozenset() if step is None else step.touches

    def forget(self, state: BookingState, floor: datetime) -> BookingState:
        """The state without the holds that have run out by `floor`."""
        left = frozenset(seat for seat in state.seats if seat.until is None or seat.until > floor)
        return state if len(left) == len(state.seats) else state._replace(seats=left)

    def after(self, state: BookingState, place: int, by: datetime | None) -> Iterable[BookingState]:
        """As `Specification.after`."""
        step = self._steps[place]
        if step is None:  # a sweep does what may happen anyway
            return (state,)
        if step.impossible:
            return ()
        if not step.is_repeated:
            return [after for after, _ in self._effects(state, step, by)]
        request = step.command.request_id
        for answered, answer in state.answers:
            if answered == request:  # the same request gets the same answer and changes nothing
                return (state,) if answer == _answer_of(step) else ()
        return [
            after._replace(answers=after.answers | {(request, answer)})
            for after, answer in self._effects(state, step, by)
        ]

    def _effects(self, state: BookingState, step: Step, by: datetime | None) -> Iterator[Specified]:
        """The possible effects, for each set of run-out holds that may have been ended just before.

        Only the smallest sets: the other holds can be ended later.
        """
        loose = [seat for seat in state.seats if seat.until is not None and self._may_be_ended(seat, step, by)]
        if not loose:
            yield from self._decided(state, step, by)
            return
        enough: list[frozenset[Seat]] = []
        for size in range(len(loose) + 1):
            for ended in map(frozenset, combinations(loose, size)):
                if step.is_known and any(smaller <= ended for smaller in enough):
                    continue
                before = state._replace(seats=state.seats - ended) if ended else state
                found = list(self._decided(before, step, by))
                if found:
                    enough.append(ended)
                yield from found

    def _decided(self, state: BookingState, step: Step, by: datetime | None) -> Iterable[Specified]:
        """The possible effects, for each instant at which the operation may have been decided."""
        match step.command:
            case HoldSlot() | BookSlot():
                decide = self._booking
            case MoveAppointment():
                decide = self._moving
            case _:
                decide = self._ending
        instants = set(step.instants)
        if step.at_any and step.is_wide:
            instants |= {seat.until for seat in state.seats if seat.until is not None and step.may_be_at(seat.until)}
        if by is not None:
            instants = {now for now in instants if now <= by}
        found = [effect for now in sorted(instants) if (effect := decide(state, step, now)) is not None]
        return found if len(found) < 2 else dict.fromkeys(found)

    def _booking(self, state: BookingState, step: Step, now: datetime) -> Specified | None:
        """A hold or a booking at that instant; None if its answer would be another one."""
        wanted, holding = self._slots[step.slot], isinstance(step.command, HoldSlot)
        own, replaced, others, in_slot, running = self._around(state, step, now, None)
        refused = self._broken(others, wanted, full=own is None and running >= wanted.capacity, holding=holding)
        if refused or step.refused is not None:
            return _refusal(state, step, refused)
        if own is not None and holding:
            return _as_before(state, step, own)
        if own is None and in_slot >= wanted.capacity:
            return None  # a hold that has run out is in the way: it has to be ended first
        return self._granted(state, step, now, own, replaced)

    def _around(self, state: BookingState, step: Step, now: datetime, leaving: Seat | None) -> Around:
        """The seats around the wanted slot, without `leaving`."""
        service = self._slots[step.slot].service
        own: Seat | None = None
        replaced: list[Seat] = []
        others: list[Seat] = []
        seats = [seat for seat in state.seats if seat is not leaving]
        for seat in seats:
            if seat.person != step.person or not runs(seat, now) or now >= self._slots[seat.slot].ends_at:
                continue
            if seat.state is HELD and seat.slot == step.slot:
                own = seat
            elif seat.state is HELD and self._slots[seat.slot].service == service:
                replaced.append(seat)
            else:
                others.append(seat)
        return Around(
            own,
            replaced,
            others,
            max(sum(seat.slot in rivals for seat in seats) for rivals in self._rivals[step.slot]),
            max(sum(seat.slot in rivals and runs(seat, now) for seat in seats) for rivals in self._rivals[step.slot]),
        )

    def _broken(self, others: list[Seat], wanted: SlotLimits, *, full: bool, holding: bool) -> frozenset[str]:
        slots = [self._slots[seat.slot] for seat in others]
        broken = {
            "BK-05": full,
            "BK-07": sum(slot.service == wanted.service for slot in slots) >= wanted.per_service,
            "BK-08": len(others) >= wanted.in_all,
            "BK-09": any(slot.starts_at < wanted.ends_at and wanted.starts_at < slot.ends_at for slot in slots),
            "HD-01": holding and sum(seat.state is HELD for seat in others) >= wanted.holds,
        }
        return frozenset(rule for rule, is_broken in broken.items() if is_broken)

    def _granted(
        self, state: BookingState, step: Step, now: datetime, own: Seat | None, replaced: list[Seat]
    ) -> Specified | None:
        granted, holding = step.granted, isinstance(step.command, HoldSlot)
        wanted = self._slots[step.slot]
        until = min(now + wanted.hold_time, wanted.starts_at) if holding else None
        if granted is None:
            name: str | int = step.place if own is None else own.name
        elif (granted.changed_at, granted.hold_ends_at) != (now, until) or not fits(granted.number, own, state):
            return None
        else:
            name = granted.number
        gone = frozenset(replaced if own is None else (*replaced, own))
        seats = (state.seats - gone) | {Seat(step.slot, step.person, HELD if holding else BOOKED, until, name)}
        numbers = state.numbers | {name} if name in self._repeated_numbers else state.numbers
        return state._replace(seats=seats, numbers=numbers), (name, until)

    def _moving(self, state: BookingState, step: Step, now: datetime) -> Specified | None:
        """A move at that instant; None if its answer would be another one."""
        assert isinstance(step.command, MoveAppointment)
        if not step.may_act:
            return _refusal(state, step, frozenset({"MV-01"}))
        seat, wanted = _seat_of(step.command.number, state, step), self._slots[step.slot]
        if seat is not None and seat.state is BOOKED and seat.slot == step.slot:
            return None if step.refused is not None else _as_before(state, step, seat)
        own, replaced, others, in_slot, running = self._around(state, step, now, seat)
        refused = self._broken(others, wanted, full=own is None and running >= wanted.capacity, holding=False)
        if step.service not in {None, wanted.service}:
            refused |= {"MV-03"}
        if seat is None:
            return self._moving_without_a_seat(state, step, refused | {"MV-02"})
        if seat.state is not BOOKED:
            refused |= {"MV-02"}
        if seat.moves >= wanted.moves:
            refused |= {"MV-04"}
        if refused or step.refused is not None:
            return _refusal(state, step, refused)
        granted = step.granted
        in_the_way = own is None and in_slot >= wanted.capacity  # by a hold that has run out: it has to be ended first
        if in_the_way or (granted is not None and (granted.changed_at != now or granted.moves != seat.moves + 1)):
            return None
        name = seat.name if granted is None else granted.number
        gone = frozenset((seat, *replaced) if own is None else (seat, *replaced, own))
        after = seat._replace(slot=step.slot, moves=seat.moves + 1, name=name)
        return changed(state, gone, {after}), (name, None)

    def _moving_without_a_seat(self, state: BookingState, step: Step, refused: frozenset[str]) -> Specified | None:
        """The refusal of an appointment that is gone, with an unknown number of moves, or that was never made."""
        assert isinstance(step.command, MoveAppointment)
        may_be_gone, may_be_to_come = self._known_of(step.command.number, step)
        answers = [refused, refused | {"MV-04"}] * may_be_gone + [frozenset({"MV-01"})] * may_be_to_come
        return _refusal(state, step, step.refused if step.refused in answers else answers[0])

    def _ending(self, state: BookingState, step: Step, now: datetime) -> Specified | None:
        """A cancellation or a check-in at that instant; None if its answer would be another one."""
        assert isinstance(step.command, CancelAppointment | CheckInApplicant)
        cancelling = isinstance(step.command, CancelAppointment)
        missing, wrong = ("CN-01", "CN-02") if cancelling else ("AT-01", "AT-02")
        if not step.may_act:
            return _refusal(state, step, frozenset({missing}))
        seat = _seat_of(step.command.number, state, step)
        if seat is None:  # the appointment is gone, or was never made
            may_be_gone, may_be_to_come = self._known_of(step.command.number, step)
            rules = wrong if may_be_gone and (step.refused == frozenset({wrong}) or not may_be_to_come) else missing
            return _refusal(state, step, frozenset({rules}))
        if seat.state is not BOOKED and not (cancelling and seat.state is HELD and runs(seat, now)):
            return _refusal(state, step, frozenset({wrong}))
        granted = step.granted
        if step.refused is not None or (granted is not None and (granted.changed_at != now or step.slot != seat.slot)):
            return None
        name = seat.name if granted is None else granted.number
        after = seat._replace(state=CHECKED_IN, name=name)
        return changed(state, {seat}, set() if cancelling else {after}, name), (name, None)

    def _known_of(self, number: str, step: Step) -> tuple[bool, bool]:
        """Two flags: an appointment without a seat may have had one; it may not be made yet.

        A caller may have its number from a list, even if no result has it.
        """
        made = self._made_by.get(number)
        if made is None:
            return self._has_unknown_results, True
        return True, made >= self._invoked[step.place]

    def _may_be_ended(self, hold: Seat, step: Step, by: datetime | None) -> bool:
        """True if that hold may have been ended before the operation, and the operation depends on it."""
        assert hold.until is not None
        if any(latest is not None and hold.until > latest for latest in (step.latest, by)):
            return False
        if isinstance(step.command, HoldSlot | BookSlot | MoveAppointment):
            is_named = isinstance(step.command, MoveAppointment) and hold.name == step.command.number
            in_the_way = any(hold.slot in rivals for rivals in self._rivals[step.slot])
            return is_named or in_the_way or hold.person == step.person
        return hold.name == step.command.number


def _answer_of(step: Step) -> SpecifiedAnswer | None:
    if step.granted is not None:
        return step.granted.number, step.granted.hold_ends_at
    return step.refused


def _refusal(state: BookingState, step: Step, rules: frozenset[str]) -> Specified | None:
    """An unchanged state if that is the result; an unknown refusal matters only if the request is sent again."""
    return (state, rules) if (step.refused == rules if step.is_known else step.is_repeated) else None


def _as_before(state: BookingState, step: Step, seat: Seat) -> Specified | None:
    """The hold that the person has already, or a move to the slot that the appointment has already."""
    granted = step.granted
    if granted is None:
        return (state, (seat.name, seat.until)) if step.is_repeated else None
    if (granted.hold_ends_at, granted.moves) != (seat.until, seat.moves) or not fits(granted.number, seat, state):
        return None
    return named(state, seat, granted.number)


def _seat_of(number: str, state: BookingState, step: Step) -> Seat | None:
    """The seat of that appointment.

    An operation with an unknown result may have made it; then a caller has its number from a list.
    """
    for seat in state.seats:
        if seat.name == number:
            return seat
    if step.granted is None or number in state.numbers:
        return None
    moving = isinstance(step.command, MoveAppointment)  # it may have been moved before, to any slot
    unnamed = [seat for seat in state.seats if isinstance(seat.name, int) and seat.person == step.person]
    return next((seat for seat in unnamed if seat.slot == step.slot or (moving and seat.state is BOOKED)), None)
