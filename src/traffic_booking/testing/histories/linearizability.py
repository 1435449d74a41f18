"""Checks that a history is linearizable: each operation takes effect at one moment between its call and its end.

The search is that of Wing and Gong with Lowe's cache of configurations (G. Lowe, "Testing for linearizability", 2017),
in its just-in-time form. It walks through calls and ends in the order of time. An operation gets its place in the order
only when its end comes up, after those open ones that it could depend on. An operation that leaves the state as it is
gets its place as soon as it fits: no later operation can contradict that. The history is first split into independent
parts.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final, Generic, Protocol, TypeVar

from attrs import frozen

from traffic_booking.testing.histories.history import Operation

BUDGET: Final = 500_000
"""Steps of the specification that a search may take before it gives up undecided; some seconds."""

S = TypeVar("S", bound=Hashable)


class Specification(Protocol[S]):
    """The results that are possible if one operation comes after another; `place` is that in the history."""

    def start(self) -> S:
        """The state before the first operation."""
        ...

    def after(self, state: S, place: int, by: datetime | None) -> Iterable[S]:
        """Every state that the operation may leave with its result, from `state`; none if that result is impossible.

        It took effect while the desk's clock showed `by` or less; None if that is unknown. An operation with an unknown
        result may change the state in any possible way. If the state stays as it is, the same object is returned.
        """
        ...

    def may_rest(self, place: int) -> bool:
        """True if the operation may leave the state as it is."""
        ...

    def touches(self, place: int) -> frozenset[Hashable]:
        """Names of all that the operation reads or writes; two that share none of them may change places."""
        ...

    def forget(self, state: S, floor: datetime) -> S:
        """`state` without the parts that can't matter any more: no later operation is decided before `floor`."""
        ...


@frozen(kw_only=True)
class Linearizable:
    """There is such an order: the operations by their places in the history; the search took so many `steps`.

    Operations of unknown result that need not have taken effect are left out. Independent parts follow one another.
    """

    order: tuple[int, ...]
    steps: int


@frozen(kw_only=True)
class NotLinearizable:
    """There is no such order. The longest one is `order`; it has no place for the operation `stuck`."""

    stuck: int
    order: tuple[int, ...]
    steps: int


@frozen(kw_only=True)
class Undecided:
    """The budget of steps was used up before the search ended."""

    steps: int


Linearizability = Linearizable | NotLinearizable | Undecided

Line = tuple[int, "Line"] | None
"""The operations that have their place in the order, the last first."""


def check_linearizable(
    operations: Sequence[Operation], specification: Specification[S], *, budget: int = BUDGET
) -> Linearizability:
    """Search each independent part of the history in turn, until one has no order.

    Args:
        budget: bounds the steps of all parts together.

    Example: `check_linearizable(history.operations, BookingSpecification(slots, rulebook, history.operations))`.
    """
    order: list[int] = []
    steps = 0
    for part in parts(len(operations), specification):
        found = _Search(operations, specification, part, budget - steps).run()
        steps += found.steps
        match found:
            case Linearizable():
                order += found.order
            case NotLinearizable():
                return NotLinearizable(stuck=found.stuck, order=found.order, steps=steps)
            case Undecided():
                return Undecided(steps=steps)
    return Linearizable(order=tuple(order), steps=steps)


def parts(count: int, specification: Specification[S]) -> list[list[int]]:
    """The places 0 to `count` - 1 in parts; operations that share something, or are linked by others, are together."""
    parents = list(range(count))

    def root(place: int) -> int:
        while parents[place] != place:
            parents[place] = parents[parents[place]]
            place = parents[place]
        return place

    first: dict[Hashable, int] = {}
    for place in range(count):
        for touched in specification.touches(place):
            parents[root(place)] = root(first.setdefault(touched, place))
    found: dict[int, list[int]] = {}
    for place in range(count):
        found.setdefault(root(place), []).append(place)
    return list(found.values())


class _Search(Generic[S]):
    """The search through one part. Sets of operations are bits of a whole number, by their place in the part."""

    def __init__(
        self, operations: Sequence[Operation], specification: Specification[S], part: Sequence[int], budget: int
    ) -> None:
        self._specification = specification
        self._part = part
        self._budget = budget
        self._steps = 0
        mine = [operations[place] for place in part]
        self._events = _events(mine)
        self._floors = _floors(mine, self._events)
        self._ends = [operation.ended for operation in mine]
        self._latest = [operation.latest for operation in mine]
        self._unknown = sum(1 << bit for bit, operation in enumerate(mine) if operation.result is None)
        self._resting = sum(1 << bit for bit, place in enumerate(part) if specification.may_rest(place))
        numbers: dict[Hashable, int] = {}
        self._touches = [
            sum(1 << numbers.setdefault(touched, len(numbers)) for touched in specification.touches(place))
            for place in part
        ]

    def run(self) -> Linearizable | NotLinearizable | Undecided:
        furthest: tuple[int, int, Line] = (-1, 0, None)
        seen: set[tuple[int, int, S]] = set()
        waiting: list[tuple[int, int, S, Line]] = [(0, 0, self._specification.start(), None)]
        while waiting:
            at, open_, state, line = self._walk(*waiting.pop())
            if at == len(self._events):
                return Linearizable(order=self._places(line), steps=self._steps)
            if self._steps > self._budget:
                return Undecided(steps=self._steps)
            if (at, open_, state) in seen:
                continue
            seen.add((at, open_, state))
            wanted = self._events[at][1]
            if at > furthest[0]:
                furthest = (at, wanted, line)
            waiting += self._branches(at, open_, state, line, wanted)
        at, wanted, line = furthest
        return NotLinearizable(stuck=self._part[wanted], order=self._places(line), steps=self._steps)

    def _walk(self, at: int, open_: int, state: S, line: Line) -> tuple[int, int, S, Line]:
        """Go on until there is a choice: to the end of an operation that has no place yet, or of the history."""
        look_at = open_ & self._resting
        while True:
            for bit in _bits(look_at):
                if self._rests(state, bit):
                    open_ &= ~(1 << bit)
                    line = (bit, line)
            look_at = 0
            if at == len(self._events):
                return at, open_, state, line
            is_call, bit = self._events[at]
            if is_call:
                open_ |= 1 << bit
                look_at = 1 << bit & self._resting
            elif open_ >> bit & 1:
                return at, open_, state, line
            at += 1
            if at < len(self._events) and self._floors[at] != self._floors[at - 1]:
                floor = self._floors[at]
                if floor is not None:
                    state = self._specification.forget(state, floor)

    def _branches(self, at: int, open_: int, state: S, line: Line, wanted: int) -> list[tuple[int, int, S, Line]]:
        """The configurations to try next, the likeliest last: `wanted` itself, or first one that it may depend on."""
        others = [bit for bit in _bits(self._related(open_, wanted)) if bit != wanted]
        others.sort(key=lambda bit: (self._ends[bit] is None, self._ends[bit] or 0), reverse=True)
        by = self._latest[wanted]
        found: list[tuple[int, int, S, Line]] = []
        for bit in (*others, wanted):
            self._steps += 1
            found += [
                (at, open_ & ~(1 << bit), after, (bit, line))
                for after in self._specification.after(state, self._part[bit], by)
                if after is not state
            ]
        if self._unknown >> wanted & 1:  # most likely it never took effect
            found.append((at, open_ & ~(1 << wanted), state, line))
        return found

    def _rests(self, state: S, bit: int) -> bool:
        self._steps += 1
        return any(after is state for after in self._specification.after(state, self._part[bit], None))

    def _related(self, open_: int, wanted: int) -> int:
        """The open operations that share something with `wanted`, directly or by way of other open ones."""
        touched, related, before = self._touches[wanted], 1 << wanted, 0
        while related != before:
            before = related
            for bit in _bits(open_ & ~related):
                if self._touches[bit] & touched:
                    touched |= self._touches[bit]
                    related |= 1 << bit
        return related

    def _places(self, line: Line) -> tuple[int, ...]:
        found = []
        while line is not None:
            bit, line = line
            found.append(self._part[bit])
        return tuple(reversed(found))


def _events(operations: Sequence[Operation]) -> list[tuple[bool, int]]:
    """(whether it is a call, which operation), in order of time; at one moment calls come first, so they overlap."""
    times = [(operation.invoked, False, bit) for bit, operation in enumerate(operations)]
    times += [(operation.ended, True, bit) for bit, operation in enumerate(operations) if operation.ended is not None]
    return [(not is_end, bit) for _, is_end, bit in sorted(times)]


def _floors(operations: Sequence[Operation], events: Sequence[tuple[bool, int]]) -> list[datetime | None]:
    """Before each event, the earliest instant at which an operation that has not ended can be decided."""
    open_ended = [operation.earliest for operation in operations if operation.ended is None]
    floor = min(open_ended, default=None)
    floors: list[datetime | None] = []
    for is_call, bit in reversed(events):
        if not is_call:
            earliest = operations[bit].earliest
            floor = earliest if floor is None else min(floor, earliest)
        floors.append(floor)
    return floors[::-1]


def _bits(number: int) -> Iterator[int]:
    while number:
        lowest = number & -number
        yield lowest.bit_length() - 1
        number ^= lowest
