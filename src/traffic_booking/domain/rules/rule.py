"""A rule as a value: a number, a sentence, parameters with bounds, a source, a time in force, and one pure check."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

from attrs import field, frozen

from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.counting import counted
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.outside_text import bounded_text
from traffic_booking.domain.rules.verdict import Observation, Verdict

LONGEST_SOURCE: Final = 400
EARLIEST_DAY: Final = date(1900, 1, 1)
LEGAL_TIME: Final = "Asia/Riyadh"
"""Where the days of `in_force_from` and `in_force_until` begin."""


class Use(StrEnum):
    """The use cases that rules decide."""

    HOLD = "hold"
    BOOK = "book"
    CANCEL = "cancel"
    CHECK_IN = "check-in"
    DECLARE = "declare"
    SIGN_IN = "sign-in"
    RESUME = "resume"


class Status(StrEnum):
    """Where a rule's figure comes from: a law, the department's own word, or a policy value of this library."""

    LAW = "law"
    PUBLISHED = "published"
    UNOFFICIAL = "unofficial"


@frozen
class Parameter:
    """A figure of a rule: its unit, and the least and greatest value that a rulebook may give it (both inclusive)."""

    name: str
    unit: str
    least: int
    greatest: int

    def checked(self, value: object) -> int:
        """`value` where it is a whole number within the bounds. Raises `InvalidInput` naming the parameter."""
        if type(value) is not int or not self.least <= value <= self.greatest:
            raise InvalidInput(self.name, got=repr(value), expected=f"{self.least} to {self.greatest} {self.unit}")
        return value


Check = Callable[["Rule", Any, datetime], Verdict]
"""`check(rule, case, now)`; the case is the use case's own value (`BookingCase`, `AppointmentCase`, …)."""


@frozen(kw_only=True)
class RuleDefinition:
    """What a rule says and how it is checked, before a rulebook gives its figures.

    The statement holds each parameter's name in braces. Without an `indispensable` rule nothing is decided: a rulebook
    in which it is not in force at the time is no rulebook for that time.
    """

    id: str
    uses: frozenset[Use]
    statement: Bilingual
    check: Check
    parameters: tuple[Parameter, ...] = ()
    indispensable: bool = False


def _day(day: date) -> date:
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
    figures: Mapping[str, int] = field(factory=dict)
    status: Status
    source: str = field(converter=_source)
    in_force_from: date = field(converter=_day)
    in_force_until: date | None = None
    statement: Bilingual = field(init=False)
    _from: datetime = field(init=False, repr=False, eq=False)
    _until: datetime | None = field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        known = {parameter.name: parameter for parameter in self.definition.parameters}
        if set(known) != set(self.figures):
            raise InvalidInput(
                "figures", got=", ".join(sorted(self.figures)) or "none", expected=", ".join(sorted(known)) or "none"
            )
        for name, parameter in known.items():
            parameter.checked(self.figures[name])
        if self.in_force_until is not None and self.in_force_until <= self.in_force_from:
            raise InvalidInput(
                "in_force_until", got=self.in_force_until.isoformat(), expected=f"after {self.in_force_from}"
            )
        object.__setattr__(self, "statement", self._filled_statement())
        object.__setattr__(self, "_from", _midnight(self.in_force_from))
        object.__setattr__(self, "_until", self.in_force_until and _midnight(self.in_force_until))

    @property
    def id(self) -> str:
        """Such as `BK-04`."""
        return self.definition.id

    def __getitem__(self, parameter: str) -> int:
        return self.figures[parameter]

    def in_force(self, now: datetime) -> bool:
        """Whether the rule binds at `now`."""
        return self._from <= now and (self._until is None or now < self._until)

    def check(self, case: object, now: datetime) -> Verdict:
        """The rule's word on `case` at `now`."""
        return self.definition.check(self, case, now)

    def _filled_statement(self) -> Bilingual:
        amounts = {
            parameter.name: counted(self.figures[parameter.name], parameter.unit)
            for parameter in self.definition.parameters
        }
        wording = self.definition.statement
        return Bilingual(
            wording.ar.format(**{name: amount.ar for name, amount in amounts.items()}),
            wording.en.format(**{name: amount.en for name, amount in amounts.items()}),
        )

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


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(LEGAL_TIME)).astimezone(UTC)
