"""A rule as a value: a number, a sentence, parameters with bounds, a source, a time in force, and one pure check."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from types import FunctionType, MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

from attrs import evolve as copy_with
from attrs import field, frozen

from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.calendars.day import check_date
from traffic_booking.domain.counting import counted
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.number_input import bounded_number
from traffic_booking.domain.rules.verdict import Finding, Observation, Verdict
from traffic_booking.domain.text_input import bounded_text

LONGEST_SOURCE: Final = 400
EARLIEST_DAY: Final = date(1900, 1, 1)
LEGAL_TIME: Final = "Asia/Riyadh"
"""Where the days of `in_force_from` and `in_force_until` begin."""


class Use(StrEnum):
    """The use cases that rules decide."""

    HOLD = "hold"
    BOOK = "book"
    CANCEL = "cancel"
    MOVE = "move"
    FIND_TO_MOVE = "find-to-move"
    CHECK_IN = "check-in"
    DECLARE = "declare"
    SIGN_IN = "sign-in"
    RESUME = "resume"


class Status(StrEnum):
    """Where a rule's figure comes from: a law, the department's own word, or a policy value of this library."""

    LAW = "law"
    PUBLISHED = "published"
    UNOFFICIAL = "unofficial"


class Stricter(StrEnum):
    """Which way a figure is made stricter: what a service or branch may do, and no more."""

    LESS = "less"
    MORE = "more"


_DURATIONS: Final[Mapping[str, timedelta]] = {
    "days": timedelta(days=1),
    "minutes": timedelta(minutes=1),
    "working minutes": timedelta(minutes=1),
}
"""The units that count time: calendar time, and the hours in which a branch is open."""

SWITCHED_OFF: Final = Bilingual("(غير معمول بها: رقمها صفر.)", "(Not in use: its figure is 0.)")
"""What a sentence ends with while a figure of 0 makes its rule say nothing."""


@frozen
class Parameter:
    """A figure of a rule: its unit, and the least and greatest value that a rulebook may give it (both inclusive).

    `stricter` is the way in which a service or a branch may tighten it. With `off_at_zero` a figure of 0 means that
    the rule refuses nothing.
    """

    name: str
    unit: str
    least: int
    greatest: int
    stricter: Stricter
    off_at_zero: bool = False

    def checked(self, value: object) -> int:
        """`value` where it is a whole number within the bounds. Raises `InvalidInput` naming the parameter."""
        return bounded_number(value, self.name, least=self.least, greatest=self.greatest, unit=self.unit)

    def amount(self, figure: int) -> int | timedelta:
        """What a check is given for `figure`: a duration where the unit is one of time, else the number itself."""
        unit = _DURATIONS.get(self.unit)
        return figure if unit is None else figure * unit

    def tightened(self, usual: int, figure: int) -> int:
        """`figure` where it is at least as strict as `usual` and within the bounds. Raises `InvalidInput`."""
        self.checked(figure)
        if figure > usual if self.stricter is Stricter.LESS else figure < usual:
            most = "at most" if self.stricter is Stricter.LESS else "at least"
            raise InvalidInput(self.name, got=str(figure), expected=f"{most} the rulebook's own {usual} {self.unit}")
        return figure


Check = Callable[..., Finding]
"""`check(case, now, …)` and one amount for each parameter of the rule, under its name and in the order of the rule's.

A plain function at the top of its module. The case is the use case's own value (`BookingCase`, `AppointmentCase`, …);
a check reads nothing but its arguments.
"""


@frozen(kw_only=True)
class RuleDefinition:
    """What a rule says and how it is checked, before a rulebook gives its figures.

    The statement holds each parameter's name in braces. `looks_back` names the parameter (in days) that says how long
    what a person did is held against them. Without an `indispensable` rule nothing is decided: a rulebook
    in which it is not in force at the time is no rulebook for that time.
    """

    id: str
    uses: frozenset[Use]
    statement: Bilingual
    check: Check
    parameters: tuple[Parameter, ...] = ()
    indispensable: bool = False
    looks_back: str | None = None


def kept_figures(figures: Mapping[str, int]) -> Mapping[str, int]:
    """A copy that nobody changes: what was checked and said of the figures stays so. Raises `InvalidInput`."""
    given: object = figures
    if not isinstance(given, Mapping) or not all(isinstance(name, str) for name in given):
        raise InvalidInput("figures", got=type(given).__name__, expected="a whole number for each figure's name")
    return MappingProxyType(dict(figures))


def first_day(day: date) -> date:
    """`day` where a rule may come into force on it. Raises `InvalidInput`; an instant is no day."""
    check_date("in_force_from", day)
    if day < EARLIEST_DAY:
        raise InvalidInput("in_force_from", got=day.isoformat(), expected=f"{EARLIEST_DAY} or later")
    return day


def _source(text: str) -> str:
    return bounded_text(text, "source", longest=LONGEST_SOURCE)


@frozen(kw_only=True)
class Rule:
    """A rule in force: a definition with its figures, where they come from, and from when (until when) they hold.

    Both days begin at midnight in Riyadh; `in_force_until` is exclusive, None is open-ended. Raises `InvalidInput`
    for a missing, unknown or unbounded figure.
    """

    definition: RuleDefinition
    figures: Mapping[str, int] = field(factory=dict, converter=kept_figures)
    status: Status
    source: str = field(converter=_source)
    in_force_from: date = field(converter=first_day)
    in_force_until: date | None = None
    statement: Bilingual = field(init=False)
    _from: datetime = field(init=False, repr=False, eq=False)
    _until: datetime | None = field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        known = {parameter.name: parameter for parameter in self.definition.parameters}
        if set(known) != set(self.figures):
            got = ", ".join(sorted(name[:40] for name in self.figures)) or "none"
            raise InvalidInput("figures", got=got, expected=", ".join(sorted(known)) or "none")
        for name, parameter in known.items():
            parameter.checked(self.figures[name])
        if self.in_force_until is not None:
            check_end("in_force_until", self.in_force_until, after=self.in_force_from)
        object.__setattr__(self, "statement", self._filled_statement())
        object.__setattr__(self, "_from", legal_midnight(self.in_force_from))
        object.__setattr__(self, "_until", self.in_force_until and legal_midnight(self.in_force_until))

    @property
    def id(self) -> str:
        """Such as `BK-04`."""
        return self.definition.id

    def __getitem__(self, parameter: str) -> int:
        return self.figures[parameter]

    @property
    def is_off(self) -> bool:
        """Whether a figure of 0 makes the rule refuse nothing."""
        return any(each.off_at_zero and not self.figures[each.name] for each in self.definition.parameters)

    def in_force(self, now: datetime) -> bool:
        """Whether the rule binds at `now`."""
        return self._from <= now and (self._until is None or now < self._until)

    @property
    def turning_points(self) -> tuple[datetime, ...]:
        """The instants at which the rule comes into force and, where it does, goes out of it."""
        return (self._from,) if self._until is None else (self._from, self._until)

    def bound_check(self) -> Callable[[Any, datetime], Finding]:
        """The rule's check with its figures filled in: `check(case, now)`."""
        definition = self.definition
        amounts = tuple(parameter.amount(self.figures[parameter.name]) for parameter in definition.parameters)
        # As the function's own defaults they cost a decision nothing, where a closure or a partial would.
        return FunctionType(definition.check.__code__, definition.check.__globals__, definition.id, amounts)

    def check(self, case: object, now: datetime) -> Verdict:
        """The rule's word on `case` at `now`, with its sentence."""
        return self.verdict_of(self.bound_check()(case, now))

    def tightened(self, figures: Mapping[str, int]) -> "Rule":
        """The rule with some figures stricter. Raises `InvalidInput` for one that is unknown, or looser."""
        known = {parameter.name: parameter for parameter in self.definition.parameters}
        for name, figure in kept_figures(figures).items():
            if name not in known:
                expected = ", ".join(sorted(known)) or "none"
                raise InvalidInput("figures", got=f"an unknown {name[:40]!r}", expected=expected)
            known[name].tightened(self.figures[name], figure)
        return copy_with(self, figures={**self.figures, **figures})

    def _filled_statement(self) -> Bilingual:
        amounts = {
            parameter.name: counted(self.figures[parameter.name], parameter.unit)
            for parameter in self.definition.parameters
        }
        wording = self.definition.statement
        filled = Bilingual(
            wording.ar.format(**{name: amount.ar for name, amount in amounts.items()}),
            wording.en.format(**{name: amount.en for name, amount in amounts.items()}),
        )
        if not self.is_off:
            return filled
        return Bilingual(f"{filled.ar} {SWITCHED_OFF.ar}", f"{filled.en} {SWITCHED_OFF.en}")

    def verdict(
        self,
        granted: bool,  # noqa: FBT001 - the one thing that a verdict is about
        *,
        observed: Observation = None,
        limit: Observation = None,
        allowed_from: datetime | None = None,
    ) -> Verdict:
        """A verdict of this rule; `allowed_from` is left out of a granted one."""
        return Verdict(self.id, granted, self.statement, observed, limit, None if granted else allowed_from)

    def verdict_of(self, finding: Finding) -> Verdict:
        """A finding of this rule's check, with the rule's sentence."""
        granted, observed, limit, allowed_from = finding
        return self.verdict(granted, observed=observed, limit=limit, allowed_from=allowed_from)


def check_end(field: str, end: date, *, after: date) -> None:
    """Raise `InvalidInput` where `end` is something else than a day later than `after`."""
    check_date(field, end)
    if end <= after:
        raise InvalidInput(field, got=end.isoformat(), expected=f"after {after}")


def legal_midnight(day: date) -> datetime:
    """The instant at which `day` begins in Riyadh, in UTC."""
    return datetime.combine(day, time(), ZoneInfo(LEGAL_TIME)).astimezone(UTC)
