"""The state of the booking specification: the seats that persons have, and the effect of one operation on them."""

from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Final, NamedTuple

from traffic_booking.domain.appointments.states import AppointmentState

HELD: Final = AppointmentState.HELD
BOOKED: Final = AppointmentState.BOOKED
CHECKED_IN: Final = AppointmentState.CHECKED_IN

SpecifiedAnswer = frozenset[str] | tuple[str | int, datetime | None]
"""The broken rules; or the appointment's name, and until when it is held."""


class Seat(NamedTuple):
    """A seat that a person has; slots and persons by their numbers in the history.

    `name` is the appointment's number or, as long as no result has it, the place of the operation that made it.
    """

    slot: int
    person: int
    state: AppointmentState
    until: datetime | None
    name: str | int
    moves: int = 0


class Around(NamedTuple):
    """The seats of a person who wants a slot, and those of the slot.

    `own` is their hold of that slot, `replaced` those for the same service that they would give back. `in_slot` counts
    the slot's seats, `running` those of them that have not run out; in a pool both are the most of any step.
    """

    own: Seat | None
    replaced: list[Seat]
    others: list[Seat]
    in_slot: int
    running: int


class BookingState(NamedTuple):
    """The seats, the answers to requests that are sent more than once, and the appointment numbers that are in use.

    It has only the numbers that several results have, and those of appointments whose first result is unknown.
    """

    seats: frozenset[Seat] = frozenset()
    answers: frozenset[tuple[str, SpecifiedAnswer]] = frozenset()
    numbers: frozenset[str] = frozenset()


Specified = tuple[BookingState, SpecifiedAnswer]
"""The state after an operation, and its answer."""


def runs(seat: Seat, now: datetime) -> bool:
    """True if the seat counts at that instant: it is no hold that has run out."""
    return seat.until is None or now < seat.until


def changed(
    state: BookingState, gone: AbstractSet[Seat], after: AbstractSet[Seat], name: str | int | None = None
) -> BookingState:
    """The state with other seats; the new numbers of seats, or `name`, are in use."""
    before = {seat.name for seat in gone}
    used = {each for each in (name, *(seat.name for seat in after)) if isinstance(each, str) and each not in before}
    return state._replace(seats=(state.seats - gone) | after, numbers=state.numbers | used if used else state.numbers)


def named(state: BookingState, seat: Seat, number: str) -> Specified:
    """The same seat under the number that a result has for it."""
    if seat.name != number:
        state = changed(state, {seat}, {seat._replace(name=number)})
    return state, (number, seat.until)


def fits(number: str, own: Seat | None, state: BookingState) -> bool:
    """True if `number` can be that of `own`, or of a new appointment: no number is used twice."""
    if own is not None and isinstance(own.name, str):
        return own.name == number
    return number not in state.numbers
