"""What a desk may answer, one operation after another: who has which seat, and how many one person may have.

It is no second rulebook. It knows seats (BK-05), a person's limits (BK-07, BK-08, BK-09, HD-01), whether an
appointment is there, whose it is and in which state (CN-01, CN-02, MV-01, MV-02, AT-01, AT-02), and what may become of
it (MV-03, MV-04): all that callers can spoil for each
other. The limits are read from the rulebook; whatever else it would refuse, the workload has to leave out.

A hold that has run out has no seat and counts for nothing. From that instant on anybody may end it, by needing the seat
or by sweeping, and nobody is told: so its end is a step that may come at any moment. It shows where an operation was
decided at an instant before the hold ran out, and took effect after somebody had ended it.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from itertools import combinations
from typing import Final, NamedTuple

from traffic_booking.domain.appointments.appointment import AppointmentState
from traffic_booking.domain.appointments.commands import (
    BookSlot,
    CancelAppointment,
    CheckInApplicant,
    HoldSlot,
    MoveAppointment,
)
from traffic_booking.domain.rules.rulebook import Rulebook
from traffic_booking.domain.schedule.slots import Slot
from traffic_booking.testing.booking_steps import SlotTerms, Step, StepReader, made_by
from traffic_booking.testing.histories import Operation

HELD: Final = AppointmentState.HELD
BOOKED: Final = AppointmentState.BOOKED
CHECKED_IN: Final = AppointmentState.CHECKED_IN

SpecifiedAnswer = frozenset[str] | tuple[str | int, datetime | None]
"""The broken rules; or the appointment's name, and until when it is held."""


class Seat(NamedTuple):
    """A seat that somebody has; slots and persons by their numbers in the history.

    `name` is the appointment's number or, where nobody was told it yet, the place of the operation that made it.
    """

    slot: int
    person: int
    state: AppointmentState
    until: datetime | None
    name: str | int
    moves: int = 0


class Around(NamedTuple):
    """What a person who wants a slot has beside it, and how full it is.

    `own` is their hold of that slot, `replaced` those for the same service that they would give back. `in_slot` counts
    the slot's seats, `running` those of them that have not run out.
    """

    own: Seat | None
    replaced: list[Seat]
    others: list[Seat]
    in_slot: int
    running: int


class Kept(NamedTuple):
    """The state: the seats, the answers to requests that come more than once, the numbers that have been given out.

    Of the numbers only those are kept that are told more than once, or were given to what somebody had made unheard.
    """

    seats: frozenset[Seat] = frozenset()
    answers: frozenset[tuple[str, SpecifiedAnswer]] = frozenset()
    numbers: frozenset[str] = frozenset()


Specified = tuple[Kept, SpecifiedAnswer]
"""What an operation leaves, and what it answers."""


class BookingSpecification:
    """The `Specification` of these operations on these slots, under that version of the rulebook.

    Raises `InvalidInput` for what it knows nothing of: a refusal by a rule that isn't in `KNOWN_RULES`, a slot that
    isn't among `slots`.
    """

    def __init__(self, slots: Iterable[Slot], rulebook: Rulebook, operations: Sequence[Operation]) -> None:
        reader = StepReader(slots, rulebook, operations)
        self._steps = reader.steps
        self._slots = reader.slot_terms
        self._invoked = [operation.invoked for operation in operations]
        self._made_by = made_by(operations)
        told = Counter(step.granted.number for step in reader.steps if step is not None and step.granted is not None)
        self._retold = {number for number, times in told.items() if times > 1}
        self._some_untold = any(operation.told is None for operation in operations)

    def start(self) -> Kept:
        """Nobody has a seat."""
        return Kept()

    def may_rest(self, place: int) -> bool:
        """Whether it is a sweep, a refusal, the same hold or request again, or a move to where it is already."""
        step = self._steps[place]
        if step is None or step.refused is not None or step.is_repeated:
            return True
        return isinstance(step.command, HoldSlot | MoveAppointment)

    def touches(self, place: int) -> frozenset[Hashable]:
        """The persons, slots, numbers and request ids that it has to do with."""
        step = self._steps[place]
        return frozenset() if step is None else step.touches

    def forget(self, state: Kept, floor: datetime) -> Kept:
        """Without the holds that have run out by then."""
        left = frozenset(seat for seat in state.seats if seat.until is None or seat.until > floor)
        return state if len(left) == len(state.seats) else state._replace(seats=left)

    def after(self, state: Kept, place: int, by: datetime | None) -> Iterable[Kept]:
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
            if answered == request:  # the same request gets the same answer, and nothing happens
                return (state,) if answer == _told(step) else ()
        return [
            after._replace(answers=after.answers | {(request, answer)})
            for after, answer in self._effects(state, step, by)
        ]

    def _effects(self, state: Kept, step: Step, by: datetime | None) -> Iterator[Specified]:
        """What it may leave, for each set of run-out holds that may have been ended just before; the smallest alone.

        What else may be ended can be ended later.
        """
        loose = [seat for seat in state.seats if seat.until is not None and _may_be_ended(seat, step, by)]
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

    def _decided(self, state: Kept, step: Step, by: datetime | None) -> Iterable[Specified]:
        """What it may leave, for each instant at which it may have been decided."""
        match step.command:
            case HoldSlot() | BookSlot():
                decide = self._seated
            case MoveAppointment():
                decide = self._moved
            case _:
                decide = self._of_appointment
        instants = set(step.instants)
        if step.at_any and step.is_wide:
            instants |= {seat.until for seat in state.seats if seat.until is not None and step.may_be_at(seat.until)}
        if by is not None:
            instants = {now for now in instants if now <= by}
        found = [effect for now in sorted(instants) if (effect := decide(state, step, now)) is not None]
        return found if len(found) < 2 else dict.fromkeys(found)

    def _seated(self, state: Kept, step: Step, now: datetime) -> Specified | None:
        """A hold or a booking at that instant; None where it would be answered otherwise."""
        wanted, holding = self._slots[step.slot], isinstance(step.command, HoldSlot)
        own, replaced, others, in_slot, running = self._around(state, step, now, None)
        refused = self._broken(others, wanted, full=own is None and running >= wanted.capacity, holding=holding)
        if refused or step.refused is not None:
            return _refusal(state, step, refused)
        if own is not None and holding:
            return _held_again(state, step, own)
        if own is None and in_slot >= wanted.capacity:
            return None  # a hold that has run out is in the way: it has to be ended first
        return self._granted(state, step, now, own, replaced)

    def _around(self, state: Kept, step: Step, now: datetime, leaving: Seat | None) -> Around:
        """As if `leaving` were not there."""
        service = self._slots[step.slot].service
        own: Seat | None = None
        replaced: list[Seat] = []
        others: list[Seat] = []
        in_slot = 0
        running = 0
        for seat in state.seats:
            if seat is leaving:
                continue
            if seat.slot == step.slot:
                in_slot += 1
                running += _runs(seat, now)
            if seat.person != step.person or not _runs(seat, now) or now >= self._slots[seat.slot].ends_at:
                continue
            if seat.state is HELD and seat.slot == step.slot:
                own = seat
            elif seat.state is HELD and self._slots[seat.slot].service == service:
                replaced.append(seat)
            else:
                others.append(seat)
        return Around(own, replaced, others, in_slot, running)

    def _broken(self, others: list[Seat], wanted: SlotTerms, *, full: bool, holding: bool) -> frozenset[str]:
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
        self, state: Kept, step: Step, now: datetime, own: Seat | None, replaced: list[Seat]
    ) -> Specified | None:
        told = step.granted
        if told is None:
            name: str | int = step.place if own is None else own.name
        elif told.changed_at != now or not _fits(told.number, own, state):
            return None
        else:
            name = told.number
        until: datetime | None = None
        state_after = BOOKED
        if isinstance(step.command, HoldSlot):
            state_after, until = HELD, now + self._slots[step.slot].hold_time if told is None else told.hold_ends_at
        gone = frozenset(replaced if own is None else (*replaced, own))
        seats = (state.seats - gone) | {Seat(step.slot, step.person, state_after, until, name)}
        numbers = state.numbers | {name} if name in self._retold else state.numbers
        return state._replace(seats=seats, numbers=numbers), (name, until)

    def _moved(self, state: Kept, step: Step, now: datetime) -> Specified | None:
        """A move at that instant; None where it would be answered otherwise."""
        assert isinstance(step.command, MoveAppointment)
        if not step.may_act:
            return _refusal(state, step, frozenset({"MV-01"}))
        seat, wanted = _seat_of(step.command.number, state, step), self._slots[step.slot]
        own, replaced, others, in_slot, running = self._around(state, step, now, seat)
        refused = self._broken(others, wanted, full=own is None and running >= wanted.capacity, holding=False)
        if step.service not in {None, wanted.service}:
            refused |= {"MV-03"}
        if seat is None:
            return self._moved_without_a_seat(state, step, refused | {"MV-02"})
        if seat.state is not BOOKED:
            refused |= {"MV-02"}
        if seat.moves >= wanted.moves:
            refused |= {"MV-04"}
        if refused or step.refused is not None:
            return _refusal(state, step, refused)
        if seat.slot == step.slot:
            return _there_already(state, step, seat)
        told = step.granted
        in_the_way = own is None and in_slot >= wanted.capacity  # by a hold that has run out: it has to be ended first
        if in_the_way or (told is not None and (told.changed_at != now or told.moves != seat.moves + 1)):
            return None
        name = seat.name if told is None else told.number
        gone = frozenset((seat, *replaced) if own is None else (seat, *replaced, own))
        after = seat._replace(slot=step.slot, moves=seat.moves + 1, name=name)
        return _changed(state, gone, {after}), (name, None)

    def _moved_without_a_seat(self, state: Kept, step: Step, refused: frozenset[str]) -> Specified | None:
        """The refusal of what is gone, of which nobody keeps how often it was moved, or was never made."""
        assert isinstance(step.command, MoveAppointment)
        may_be_gone, may_be_to_come = self._known_of(step.command.number, step)
        answers = [refused, refused | {"MV-04"}] * may_be_gone + [frozenset({"MV-01"})] * may_be_to_come
        return _refusal(state, step, step.refused if step.refused in answers else answers[0])

    def _of_appointment(self, state: Kept, step: Step, now: datetime) -> Specified | None:
        """A cancellation or a check-in at that instant; None where it would be answered otherwise."""
        assert isinstance(step.command, CancelAppointment | CheckInApplicant)
        cancelling = isinstance(step.command, CancelAppointment)
        missing, wrong = ("CN-01", "CN-02") if cancelling else ("AT-01", "AT-02")
        if not step.may_act:
            return _refusal(state, step, frozenset({missing}))
        seat = _seat_of(step.command.number, state, step)
        if seat is None:  # it is gone, or was never made
            may_be_gone, may_be_to_come = self._known_of(step.command.number, step)
            rules = wrong if may_be_gone and (step.refused == frozenset({wrong}) or not may_be_to_come) else missing
            return _refusal(state, step, frozenset({rules}))
        if seat.state is not BOOKED and not (cancelling and seat.state is HELD and _runs(seat, now)):
            return _refusal(state, step, frozenset({wrong}))
        told = step.granted
        if step.refused is not None or (told is not None and (told.changed_at != now or step.slot != seat.slot)):
            return None
        name = seat.name if told is None else told.number
        after = seat._replace(state=CHECKED_IN, name=name)
        return _changed(state, {seat}, set() if cancelling else {after}, name), (name, None)

    def _known_of(self, number: str, step: Step) -> tuple[bool, bool]:
        """Whether an appointment without a seat may have had one, and whether it may yet be to be made.

        Whoever was never told of it may still know it from a list.
        """
        made = self._made_by.get(number)
        if made is None:
            return self._some_untold, True
        return True, made >= self._invoked[step.place]


def _may_be_ended(hold: Seat, step: Step, by: datetime | None) -> bool:
    """Whether that hold may have been ended before the operation, and the operation could tell."""
    assert hold.until is not None
    if any(latest is not None and hold.until > latest for latest in (step.latest, by)):
        return False
    if isinstance(step.command, HoldSlot | BookSlot):
        return hold.slot == step.slot or hold.person == step.person
    if isinstance(step.command, MoveAppointment):
        return hold.name == step.command.number or hold.slot == step.slot or hold.person == step.person
    return hold.name == step.command.number


def _runs(seat: Seat, now: datetime) -> bool:
    return seat.until is None or now < seat.until


def _told(step: Step) -> SpecifiedAnswer | None:
    if step.granted is not None:
        return step.granted.number, step.granted.hold_ends_at
    return step.refused


def _refusal(state: Kept, step: Step, rules: frozenset[str]) -> Specified | None:
    """Nothing is done, if that is what was told; a refusal that nobody heard matters if the request comes again."""
    if step.is_known:
        return (state, rules) if step.refused == rules else None
    return (state, rules) if step.is_repeated else None


def _held_again(state: Kept, step: Step, own: Seat) -> Specified | None:
    """The hold that the person has already, as it is."""
    if step.granted is None:
        return (state, (own.name, own.until)) if step.is_repeated else None
    if step.granted.hold_ends_at != own.until or not _fits(step.granted.number, own, state):
        return None
    if own.name == step.granted.number:
        return state, (own.name, own.until)
    named = own._replace(name=step.granted.number)
    return _changed(state, {own}, {named}), (named.name, named.until)


def _there_already(state: Kept, step: Step, seat: Seat) -> Specified | None:
    """A move to the slot that the appointment has: it is left as it is."""
    if step.granted is None:
        return (state, (seat.name, None)) if step.is_repeated else None
    if step.granted.moves != seat.moves:
        return None
    if seat.name == step.granted.number:
        return state, (seat.name, None)
    named = seat._replace(name=step.granted.number)
    return _changed(state, {seat}, {named}), (named.name, None)


def _changed(state: Kept, gone: AbstractSet[Seat], after: AbstractSet[Seat], name: str | int | None = None) -> Kept:
    """The state with other seats; a number that a seat has got now, or `name`, is given out."""
    before = {seat.name for seat in gone}
    given = {each for each in (name, *(seat.name for seat in after)) if isinstance(each, str) and each not in before}
    return state._replace(seats=(state.seats - gone) | after, numbers=state.numbers | given if given else state.numbers)


def _fits(number: str, own: Seat | None, state: Kept) -> bool:
    """Whether `number` can be that of `own`, or of a new appointment: no number is given out twice."""
    if own is not None and isinstance(own.name, str):
        return own.name == number
    return number not in state.numbers


def _seat_of(number: str, state: Kept, step: Step) -> Seat | None:
    for seat in state.seats:
        if seat.name == number:
            return seat
    if step.granted is None or number in state.numbers:
        return None
    for seat in state.seats:  # made by somebody who was never told, and found in a list
        if isinstance(seat.name, int) and seat.person == step.person and _may_be_of(seat, step):
            return seat
    return None


def _may_be_of(seat: Seat, step: Step) -> bool:
    """Whether a seat may be that of the appointment that was told; one that was moved may have been anywhere."""
    return seat.slot == step.slot or (isinstance(step.command, MoveAppointment) and seat.state is BOOKED)
