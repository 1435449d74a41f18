"""The base of all conformance suites: an adapter's author states a few choices, and everything else is the kit's.

A suite is a pytest class. An adapter's author subclasses it, gives it the adapter by a fixture, and states three
things: the contract level, the promises of the adapter, and the cases that are left out, with the reasons. A subclass
that changes any other part of the suite is refused when it is defined, and again before each of its cases.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, ClassVar, Final, TypeVar

import pytest
from attrs import frozen
from hypothesis import HealthCheck, Phase, settings

from traffic_booking.domain.errors import InvalidInput
from traffic_booking.testing.kit.capabilities import Capability

Function = TypeVar("Function", bound=Callable[..., Any])

_KIT: Final = "traffic_booking.testing."
_PREFIX: Final = "test_"
_CASE_OPTIONS: Final = "conformance_options"


@frozen(kw_only=True)
class CaseOptions:
    """The conditions of a case: the contract level from which it is run, the promises and the fixture that it needs."""

    level: int = 1
    needs: tuple[Capability, ...] = ()
    means: str | None = None


@frozen
class Excuse:
    """Why a case isn't run (or runs as the author's own, if `kind` is REPLACED), for the report."""

    kind: str
    reason: str


LEFT_OUT: Final = "left out"
REPLACED: Final = "replaced"
NOT_PROMISED: Final = "not promised"
LATER_LEVEL: Final = "later level"
NO_MEANS: Final = "no means given"

_EVERY_CLASS: Final = {*vars(type("Plain", (), {"__annotations__": {}})), "__annotate__", "__annotate_func__"} | {
    *("__qualname__", "__annotations_cache__", "__firstlineno__", "__static_attributes__")
}
"""The attributes that the interpreter sets on every class."""

EVERYDAY: Final = 100
"""The examples that Hypothesis draws unless a profile changes that."""
PHASES: Final = tuple(phase for phase in Phase if phase is not Phase.explain)
"""Explaining traces every line, which takes a minute, and a failed case names its values itself."""


def bounded(examples: int) -> Callable[[Function], Function]:
    """Draw `examples` in an everyday run, and in proportion if a profile has more or fewer.

    No check of speed and no deadline apply: a busy machine draws slowly, which is no fault of the store.
    """

    def bound(function: Function) -> Function:
        number = max(1, examples * settings().max_examples // EVERYDAY)
        return settings(
            max_examples=number, deadline=None, suppress_health_check=[HealthCheck.too_slow], phases=PHASES
        )(function)

    return bound


def case(
    *, level: int = 1, needs: Iterable[Capability] = (), means: str | None = None
) -> Callable[[Function], Function]:
    """Set the conditions of a case; one without this decorator is of level 1, and every adapter has to pass it.

    `means` names a fixture that an author may give, such as a way to break the connection.
    """

    def mark(function: Function) -> Function:
        setattr(function, _CASE_OPTIONS, CaseOptions(level=level, needs=tuple(needs), means=means))
        return function

    return mark


class Suite:
    """The base of every suite; authors subclass `StoreConformance` and its siblings, never this."""

    port: ClassVar[str]
    """The port's name in reports."""
    choices: ClassVar[frozenset[Capability]] = frozenset()
    """The parts of the port that an adapter may leave out."""
    yours: ClassVar[frozenset[str]] = frozenset({"contract_level", "promises", "left_out", "pytestmark"})
    """The attributes that a subclass may set."""

    lacking: ClassVar[Mapping[str, str]] = {}
    """Fixtures without which a run shows less than a host may expect, each with the name of the missing part."""

    contract_level: ClassVar[int]
    """The level of the adapter; cases of later ones are reported and not run."""
    promises: ClassVar[frozenset[Capability]]
    """Those of `choices` that the adapter has."""
    left_out: ClassVar[Mapping[str, str]] = {}
    """Cases that are removed, or replaced by a method of the same name, each with the reason."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if not _is_of_kit(cls):
            check(cls)

    @pytest.fixture(autouse=True)
    def _as_stated(self, request: pytest.FixtureRequest) -> None:
        """Refuse a suite that was changed after its definition, and skip a case with its stated reason."""
        check(type(self))
        excuse = excuse_of(type(self), request.function.__name__)
        if excuse is not None and excuse.kind != REPLACED:
            pytest.skip(f"{excuse.kind}: {excuse.reason}")


def cases_of(suite: type[Suite]) -> dict[str, CaseOptions]:
    """The kit's cases of a suite, sorted by name, with their conditions."""
    found = {
        name: getattr(function, _CASE_OPTIONS, CaseOptions())
        for owner in _kit_classes(suite)
        for name, function in vars(owner).items()
        if name.startswith(_PREFIX)
    }
    return dict(sorted(found.items()))


def latest_level(suite: type[Suite]) -> int:
    """The highest contract level of any case."""
    return max((options.level for options in cases_of(suite).values()), default=1)


def excuse_of(suite: type[Suite], name: str) -> Excuse | None:
    """Why a case of the kit isn't run as it stands, None if it is."""
    options = cases_of(suite).get(name)
    if options is None:
        return None
    if name in suite.left_out:
        kind = LEFT_OUT if _is_of_kit(_owner(suite, name)) else REPLACED
        return Excuse(kind, suite.left_out[name])
    if options.level > suite.contract_level:
        return Excuse(LATER_LEVEL, f"of contract level {options.level}; the adapter has {suite.contract_level}")
    missing = [need for need in options.needs if need not in suite.promises]
    if missing:
        return Excuse(NOT_PROMISED, "; ".join(f"{need.value}: {need.lost}" for need in missing))
    if options.means is not None and _is_of_kit(_owner(suite, options.means)):
        return Excuse(NO_MEANS, f"the fixture {options.means!r} is not given")
    return None


def manifest_of(suite: type[Suite]) -> dict[str, Any]:
    """The statements of a suite for its report, as JSON-able data; a case has the kind and text of its excuse."""
    excuses = {name: excuse_of(suite, name) for name in cases_of(suite)}
    return {
        "port": suite.port,
        "contract_level": suite.contract_level,
        "latest_level": latest_level(suite),
        "promises": sorted(suite.promises),
        "not_promised": {choice.value: choice.lost for choice in sorted(suite.choices - suite.promises)},
        "lacking": [missing for name, missing in suite.lacking.items() if _is_of_kit(_owner(suite, name))],
        "cases": {name: excuse and [excuse.kind, excuse.reason] for name, excuse in excuses.items()},
    }


def check(suite: type[Suite]) -> None:
    """Raise `InvalidInput` for a suite that lacks a statement, or that changes a part of the kit."""
    for fault in _faults(suite):
        raise fault


def _faults(suite: type[Suite]) -> Iterator[InvalidInput]:
    where = f"conformance suite {suite.__qualname__}"
    yield from _changed_parts(suite, where)
    latest = latest_level(suite)
    level = getattr(suite, "contract_level", None)
    if type(level) is not int or not 1 <= level <= latest:
        yield InvalidInput(where, got=f"contract_level {level!r}", expected=f"a whole number from 1 to {latest}")
    promises = getattr(suite, "promises", None)
    if not isinstance(promises, frozenset) or not promises <= suite.choices:
        names = ", ".join(sorted(f"Capability.{choice.name}" for choice in suite.choices))
        yield InvalidInput(where, got=f"promises {promises!r}", expected=f"a frozenset of any of {names or 'nothing'}")
    cases = cases_of(suite)
    stated: Mapping[str, object] = suite.left_out
    for name, reason in stated.items():
        if name not in cases:
            yield InvalidInput(where, got=f"left_out of {name!r}", expected="the name of a case of the kit")
        if not isinstance(reason, str) or not reason.strip():
            yield InvalidInput(where, got=f"left_out of {name!r} without a reason", expected="a sentence")


def _changed_parts(suite: type[Suite], where: str) -> Iterator[InvalidInput]:
    """The parts of the kit that a class changes, but for those that it may, and cases with a stated reason."""
    kit = _kit_classes(suite)
    yours = frozenset[str]().union(*(vars(owner).get("yours", ()) for owner in kit))
    cases = cases_of(suite)
    for name in sorted({name for owner in kit for name in vars(owner)} - yours - _EVERY_CLASS - set(suite.left_out)):
        if not _is_of_kit(_owner(suite, name)):
            rest = f"a class that sets nothing of the kit but {', '.join(sorted(yours))}"
            expected = "a reason in left_out" if name in cases else rest
            yield InvalidInput(where, got=f"a {name} of its own", expected=expected)


def _kit_classes(suite: type[Suite]) -> list[type]:
    return [owner for owner in suite.__mro__ if _is_of_kit(owner)]


def _owner(suite: type[Suite], name: str) -> type:
    return next(owner for owner in suite.__mro__ if name in vars(owner))


def _is_of_kit(owner: type) -> bool:
    return owner.__module__.startswith(_KIT)
