"""Hostile values in every door of the library: what comes out but its own errors, and what takes too long.

A run is a function of its seed: the same seed puts the same values into the same parameters, in the same order.
"""

import asyncio
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from random import Random
from time import monotonic
from types import FrameType
from typing import Any, Final

import attrs
from attrs import frozen

import traffic_booking as tb
from tests.doors import CALLBACKS, EXAMPLES_OF, TRUSTED, Door
from tests.hostile_values import GARBLED, HOSTILE, WITHOUT_ATTRIBUTES, Make, ReadOnAndOn, past

MOST_SECONDS: Final = 20.0
"""Of processor time for one call. The slowest call takes a hundredth of it, and an endless one is ended by it."""
LONGEST_MESSAGE: Final = 999
DEEPEST: Final = 3


class TooLong(BaseException):
    """A call has used up its processor time."""


@frozen
class Attempt:
    """Values put into parameters of a door, by the names of both."""

    door: Door
    made: tuple[tuple[str, str, Make], ...]

    def __str__(self) -> str:
        given = ", ".join(f"{parameter} = {name}" for parameter, name, _ in self.made)
        return f"{self.door.name}({given})"


def attempts(doors: Iterable[Door], *, one_of: int = 1) -> Iterator[Attempt]:
    """Each hostile value in each parameter of each door; with `one_of` some of them, always the same."""
    place = 0
    for each in doors:
        for parameter in each.sound:
            for name, make in values_for(parameter).items():
                place += 1
                if place % one_of == 0 and not is_own_fault(parameter, make):
                    yield Attempt(each, ((parameter, name, make),))


def values_for(parameter: str) -> dict[str, Make]:
    """The hostile values for a parameter."""
    return {**HOSTILE, **WITHOUT_ATTRIBUTES, **({} if parameter in TRUSTED else GARBLED)}


def is_own_fault(parameter: str, make: Make) -> bool:
    """True for a function in a parameter that takes one: its exceptions are the caller's own."""
    return parameter in CALLBACKS and callable(make())


def trouble(attempt: Attempt, *, most_seconds: float = MOST_SECONDS) -> str | None:
    """The fault of the outcome of an attempt; None if it is a value, or an error of the library's."""
    given = {**attempt.door.sound, **{parameter: make() for parameter, _, make in attempt.made}}
    try:
        with processor_time(most_seconds):
            called = attempt.door.call(**given)
            if asyncio.iscoroutine(called):
                asyncio.run(called)
            return None
    except tb.TrafficBookingError as error:
        return wrong_message(error)
    except TooLong:
        return f"more than {most_seconds:g} s of processor time"
    except ReadOnAndOn:
        return "an endless value is read to its end"
    except Exception as error:  # noqa: BLE001 - this is what the fuzz looks for
        return f"{type(error).__name__} at {place_of(error)}"


def place_of(error: BaseException) -> str:
    """The last line of the library's that the error passed."""
    place, found = "?", error.__traceback__
    while found is not None:
        name = found.tb_frame.f_code.co_filename
        if "traffic_booking/" in name:
            place = f"{name.rpartition('traffic_booking/')[2]}:{found.tb_lineno}"
        found = found.tb_next
    return place


def wrong_message(error: tb.TrafficBookingError) -> str | None:
    """The fault of the texts of an error; None if each is short, and can be printed."""
    ways: dict[str, Callable[[], str]] = {
        "str": lambda: str(error),
        "repr": lambda: repr(error),
        "ar": lambda: error.message("ar"),
        "en": lambda: error.message("en"),
        "json": lambda: str(tb.to_json(error)),
    }
    for name, text_of in ways.items():
        try:
            with processor_time(MOST_SECONDS):
                text = text_of()
            text.encode()
        except (Exception, TooLong) as failed:  # noqa: BLE001 - this is what the fuzz looks for
            return f"{type(failed).__name__} from its {name} at {place_of(failed)}"
        if name != "json" and not 0 < len(text) <= LONGEST_MESSAGE:
            return f"a message of {len(text)} characters ({name}): {text[:100]!r}"
    return None


@contextmanager
def processor_time(seconds: float) -> Iterator[None]:
    """Raises `TooLong` in this block once the process has used that much processor time; for the main thread."""

    def end(_: int, __: FrameType | None) -> None:
        raise TooLong

    before = signal.signal(signal.SIGPROF, end)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@frozen
class Fuzzed:
    """The result of a run: how many calls it made, and each trouble with its attempt and its number."""

    calls: int
    wrong: tuple[str, ...]


def fuzz(
    doors: Sequence[Door], *, seed: int, seconds: float | None = None, calls: int | None = None, most_wrong: int = 20
) -> Fuzzed:
    """Draw attempts until the time or the number is over: one to three parameters, with values inside values."""
    random, done, wrong = Random(seed), 0, list[str]()
    ends_at = None if seconds is None else monotonic() + seconds
    while len(wrong) < most_wrong and done != calls and (ends_at is None or monotonic() < ends_at):
        attempt = drawn(random, doors)
        done += 1
        found = trouble(attempt)
        if found is not None:
            wrong.append(f"seed {seed}, call {done}: {attempt}: {found}")
    return Fuzzed(done, tuple(wrong))


def drawn(random: Random, doors: Sequence[Door]) -> Attempt:
    """One door with hostile values in one to three of its parameters."""
    while True:
        chosen = random.choice(doors)
        names = random.sample(sorted(chosen.sound), k=min(len(chosen.sound), random.choice((1, 1, 1, 2, 3))))
        made = tuple((name, *_value(random, name, chosen.sound[name], DEEPEST)) for name in names)
        if not any(is_own_fault(name, make) for name, _, make in made):
            return Attempt(chosen, made)


def _value(random: Random, parameter: str, right: object, depth: int) -> tuple[str, Make]:
    """A hostile value and its name: one of the list, or a list or a value of ours with one inside."""
    if depth and random.random() < 0.4:
        kind = _kind_of(random, right)
        if kind is not None and parameter not in TRUSTED:
            return _with_one_field(random, kind, depth)
        if isinstance(right, tuple) and right and type(right[0]) in EXAMPLES_OF:
            name, make = _with_one_field(random, type(right[0]), depth)
            return f"the right list with {name}", lambda: (*right[:-1], make())
        name, make = _value(random, parameter, None, depth - 1)
        shape = random.choice(tuple(SHAPES))
        return f"{shape} of {name}", lambda: SHAPES[shape](make())
    values = values_for(parameter)
    name = random.choice(tuple(values))
    return name, values[name]


SHAPES: Final[dict[str, Callable[[Any], Any]]] = {
    "a list": lambda inner: [inner, inner],
    "a tuple": lambda inner: (inner,),
    "a table": lambda inner: {"kind": inner, "id": inner, "days": inner},
    "an iterator": lambda inner: iter([inner]),
}


def _kind_of(random: Random, right: object) -> type | None:
    """The class of the right value if it is one of ours, else sometimes any class of ours."""
    if type(right) in EXAMPLES_OF:
        return type(right)
    return random.choice(tuple(EXAMPLES_OF)) if random.random() < 0.3 else None


def _with_one_field(random: Random, kind: type, depth: int) -> tuple[str, Make]:
    """A value of ours, past its constructor, with one hostile field."""
    names = [each.name for each in attrs.fields(kind)]
    if not names:
        return f"{kind.__name__} without attributes", lambda: past(kind)
    field = random.choice(names)
    right = getattr(EXAMPLES_OF[kind], field)
    name, make = _value(random, field, right, depth - 1)
    others = {each: getattr(EXAMPLES_OF[kind], each) for each in names}
    return f"{kind.__name__} with {field} = {name}", lambda: past(kind, **{**others, field: make()})
