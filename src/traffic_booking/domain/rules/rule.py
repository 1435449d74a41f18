"""A rule as a value: an id, a sentence, parameters with bounds, a source, a time in force, and one pure check."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property
from itertools import islice
from types import FunctionType, MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

from attrs import evolve as copy_with
from attrs import field

from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.calendars.authority import bilingual_source
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.instants import LEGAL_TIME, keep_dates, plain_date
from traffic_booking.domain.number_input import bounded_number
from traffic_booking.domain.rules.verdict import NOT_APPLICABLE, Finding, Result, Verdict
from traffic_booking.domain.text_input import plain_text
from traffic_booking.domain.value_input import of_type, reading_members, remade
from traffic_booking.domain.values import frozen
from traffic_booking.domain.wording import counted, filled

EARLIEST_DAY: Final = date(1900, 1, 1)
MOST_FIGURES: Final = 32
"""The most figures of one rule."""
_BROKEN: Final = Result.BROKEN  # a look-up in the enum is slow


class Use(StrEnum):
    """The use cases that rules decide."""

    SEARCH = "search"
    HOLD = "hold"
    BOOK = "book"
    CANCEL = "cancel"
    MOVE = "move"
    FIND_TO_MOVE = "find-to-move"
    STAY = "stay"
    HOLD_TO_MOVE = "hold-to-move"
    CHECK_IN = "check-in"
    WALK_IN = "walk-in"
    SERVE = "serve"
    NO_SHOW = "no-show"
    EXCUSE = "excuse"
    DECLARE = "declare"
    SIGN_IN = "sign-in"
    REQUEST_RESET = "request-reset"
    RESET_PASSWORD = "reset-password"  # noqa: S105 - the name of a use case
    RESUME = "resume"

    @property
    def label(self) -> Bilingual:
        """Its name, as lists show it."""
        return _LABELS[self]


_LABELS: Final = {
    Use.SEARCH: Bilingual("البحث عن الأوقات المتاحة", "search"),
    Use.HOLD: Bilingual("الحجز المؤقت", "hold"),
    Use.BOOK: Bilingual("الحجز", "book"),
    Use.CANCEL: Bilingual("الإلغاء", "cancel"),
    Use.MOVE: Bilingual("النقل", "move"),
    Use.HOLD_TO_MOVE: Bilingual("الحجز المؤقت لنقل موعد", "hold for a move"),
    Use.FIND_TO_MOVE: Bilingual("البحث عن الموعد المراد نقله", "finding the appointment to move"),
    Use.STAY: Bilingual("نقل الموعد إلى وقته نفسه", "move to the same slot"),
    Use.CHECK_IN: Bilingual("تسجيل الحضور", "check-in"),
    Use.WALK_IN: Bilingual("استقبال مراجع بلا موعد", "walk-in"),
    Use.SERVE: Bilingual("تسجيل إنجاز الخدمة", "serve"),
    Use.NO_SHOW: Bilingual("تسجيل التخلف", "no-show"),
    Use.EXCUSE: Bilingual("قبول العذر عن التخلف", "excuse"),
    Use.DECLARE: Bilingual("تعديل تقويم الدوام", "declare"),
    Use.SIGN_IN: Bilingual("تسجيل الدخول", "sign-in"),
    Use.REQUEST_RESET: Bilingual("طلب إعادة تعيين كلمة المرور", "request to reset a password"),
    Use.RESET_PASSWORD: Bilingual("إعادة تعيين كلمة المرور", "reset of a password"),
    Use.RESUME: Bilingual("متابعة الجلسة", "resume"),
}


class Status(StrEnum):
    """The source of a rule's figures: a law, a publication of the department, or a policy of this library."""

    LAW = "law"
    PUBLISHED = "published"
    UNOFFICIAL = "unofficial"


class Stricter(StrEnum):
    """The direction in which a service or branch may change a figure."""

    LESS = "less"
    MORE = "more"


_DURATIONS: Final[Mapping[str, timedelta]] = {
    "days": timedelta(days=1),
    "minutes": timedelta(minutes=1),
    "working minutes": timedelta(minutes=1),
}
"""The units of time: calendar time, and time in which a branch is open."""

SWITCHED_OFF: Final = Bilingual("(القاعدة غير مفعّلة: قيمتها صفر.)", "(Not in use: its figure is 0.)")
"""The end of the sentence of a rule that a figure of 0 switches off."""


@frozen
class Parameter:
    """A figure of a rule: its unit, and its least and greatest value in a rulebook (both inclusive).

    `stricter` is the direction in which a service or branch may change it. With `off_at_zero`, a figure of 0 switches
    the rule off.
    """

    name: str
    unit: str
    least: int
    greatest: int
    stricter: Stricter
    off_at_zero: bool = False

    def checked(self, value: object) -> int:
        """`value` if it is a whole number within the bounds. Raises `InvalidInput` naming the parameter."""
        return bounded_number(value, self.name, least=self.least, greatest=self.greatest, unit=self.unit)

    def amount(self, figure: int) -> int | timedelta:
        """The argument of a check for `figure`: a duration if the unit is one of time, else the number."""
        unit = _DURATIONS.get(self.unit)
        return figure if unit is None else figure * unit

    def tightened(self, usual: int, figure: int) -> int:
        """`figure` if it is at least as strict as `usual` and within the bounds. Raises `InvalidInput`."""
        self.checked(figure)
        if figure > usual if self.stricter is Stricter.LESS else figure < usual:
            most = "at most" if self.stricter is Stricter.LESS else "at least"
            raise InvalidInput(self.name, got=str(figure), expected=f"{most} the rulebook's own {usual} {self.unit}")
        return figure


Check = Callable[..., Finding]
"""`check(case, now, …)` with one amount for each parameter of the rule, under its name and in the rule's order.

A check is a plain function that reads only its arguments. The case is a value of its use (`BookingCase`, …).
"""


@frozen(kw_only=True)
class RuleDefinition:
    """A rule without figures: its sentence, its check, and the refusal that an applicant reads if it is broken.

    The texts contain the names of parameters in braces; a refusal is a template (`domain/wording.py`) that may also
    contain `{observed}`, `{limit}`, `{allowed_from}` and `{missing}`. `unmeasured` is the refusal if the check observed
    a text instead of a measure, for example that nothing was asserted. If one of the rules in `after` is broken, this
    one has nothing to evaluate. `looks_back` names the parameter (in days) that bounds how long past conduct counts. A
    rulebook decides nothing at a time at which an `indispensable` rule is not in force. `for_all_slots`: with the same
    figures, the finding is the same for every slot of a service, so that a search need not try one after another.
    """

    id: str
    uses: frozenset[Use]
    statement: Bilingual
    refusal: Bilingual
    check: Check
    unmeasured: Bilingual | None = None
    parameters: tuple[Parameter, ...] = ()
    after: tuple[str, ...] = ()
    indispensable: bool = False
    looks_back: str | None = None
    for_all_slots: bool = False


def rule(
    rule_id: str, uses: Iterable[Use], *, ar: str, en: str, refusal: Bilingual, **others: Any
) -> Callable[[Check], RuleDefinition]:
    """Decorates a check, which becomes a `RuleDefinition`; `others` are further fields of it."""
    return lambda check: RuleDefinition(
        id=rule_id, uses=frozenset(uses), statement=Bilingual(ar, en), refusal=refusal, check=check, **others
    )


def kept_figures(figures: Mapping[str, int]) -> Mapping[str, int]:
    """A read-only copy of `figures`. Raises `InvalidInput` if it is no mapping with text as keys."""
    given: object = figures
    expected = "a whole number for each figure's name"
    if not issubclass(type(given), Mapping):
        raise InvalidInput("figures", got=type(given).__name__, expected=expected)
    members = remade("figures", lambda: list(islice(figures.items(), MOST_FIGURES + 1)))
    if len(members) > MOST_FIGURES:
        raise InvalidInput("figures", got=f"more than {MOST_FIGURES}", expected=f"at most {MOST_FIGURES}")
    return MappingProxyType({plain_text(name, "figures", expected): figure for name, figure in members})


def first_day(day: date) -> date:
    """`day` if a rule may come into force on it. Raises `InvalidInput`, also for an instant."""
    plain = plain_date(day, "in_force_from")
    if plain < EARLIEST_DAY:
        raise InvalidInput("in_force_from", got=plain.isoformat(), expected=f"{EARLIEST_DAY} or later")
    return plain


@frozen(kw_only=True)
class Rule:
    """A rule of a rulebook: a definition with its figures, their source, and its time in force.

    Both days begin at midnight in Riyadh; `in_force_until` is exclusive, None is open-ended. Raises `InvalidInput`
    for a figure that is missing, unknown or out of bounds.
    """

    definition: RuleDefinition = field(validator=of_type(RuleDefinition))
    figures: Mapping[str, int] = field(factory=dict, converter=kept_figures)
    status: Status = field(validator=of_type(Status))
    source: Bilingual = field(converter=bilingual_source)
    in_force_from: date = field(converter=first_day)
    in_force_until: date | None = None
    statement: Bilingual = field(init=False)
    _from: datetime = field(init=False, repr=False, eq=False)
    _until: datetime | None = field(init=False, repr=False, eq=False)

    def __hash__(self) -> int:
        return hash((self.definition.id, *sorted(self.figures.items()), self.in_force_from, self.in_force_until))

    @reading_members("rule")
    def __attrs_post_init__(self) -> None:
        keep_dates(self, "in_force_until", optional=True)
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
        """True if a figure of 0 makes the rule refuse nothing."""
        return any(each.off_at_zero and not self.figures[each.name] for each in self.definition.parameters)

    def in_force(self, now: datetime) -> bool:
        """True if the rule applies at `now`."""
        return self._from <= now and (self._until is None or now < self._until)

    @property
    def turning_points(self) -> tuple[datetime, ...]:
        """The instants at which the rule comes into force and, if it ends, goes out of it."""
        return (self._from,) if self._until is None else (self._from, self._until)

    def bound_check(self) -> Callable[[Any, datetime], Finding]:
        """The rule's check with its figures: `check(case, now)`. A rule that is off is not applicable."""
        if self.is_off:
            return _is_off
        check = self.definition.check
        amounts = tuple(each.amount(self.figures[each.name]) for each in self.definition.parameters)
        # The figures become the defaults of its last arguments, which saves a call for each check.
        return FunctionType(check.__code__, check.__globals__, check.__name__, amounts) if amounts else check

    def check(self, case: object, now: datetime) -> Verdict:
        """The rule's verdict on `case` at `now`."""
        return self.verdict_of(self.bound_check()(case, now))

    def tightened(self, figures: Mapping[str, int]) -> "Rule":
        """The rule with some figures stricter. Raises `InvalidInput` for an unknown or looser one."""
        known = {parameter.name: parameter for parameter in self.definition.parameters}
        for name, figure in kept_figures(figures).items():
            if name not in known:
                expected = ", ".join(sorted(known)) or "none"
                raise InvalidInput("figures", got=f"an unknown {name[:40]!r}", expected=expected)
            known[name].tightened(self.figures[name], figure)
        return copy_with(self, figures={**self.figures, **figures})

    @cached_property
    def refusal(self) -> Bilingual:
        """The template of the refusal, with the figures; a figure of 0 is a missing value."""
        return self._with_figures(self.definition.refusal)

    @cached_property
    def unmeasured(self) -> Bilingual | None:
        """The template of the refusal if the check observed a text instead of a measure."""
        return self.definition.unmeasured and self._with_figures(self.definition.unmeasured)

    def _with_figures(self, template: Bilingual) -> Bilingual:
        units = {each.name: each.unit for each in self.definition.parameters}
        amounts = {name: counted(figure, units[name]) if figure else None for name, figure in self.figures.items()}
        ar = {name: None if amount is None else amount.ar for name, amount in amounts.items()}
        en = {name: None if amount is None else amount.en for name, amount in amounts.items()}
        return Bilingual(filled(template.ar, ar, self.figures), filled(template.en, en, self.figures))

    def _filled_statement(self) -> Bilingual:
        amounts = {each.name: counted(self.figures[each.name], each.unit) for each in self.definition.parameters}
        wording = self.definition.statement
        statement = Bilingual(
            wording.ar.format(**{name: amount.ar for name, amount in amounts.items()}),
            wording.en.format(**{name: amount.en for name, amount in amounts.items()}),
        )
        if not self.is_off:
            return statement
        return Bilingual(f"{statement.ar} {SWITCHED_OFF.ar}", f"{statement.en} {SWITCHED_OFF.en}")

    def verdict_of(self, finding: Finding) -> Verdict:
        """A finding of this rule's check, with the rule's texts; only a broken one has an `allowed_from`."""
        result, observed, limit, allowed_from = finding
        refusal = self.unmeasured if self.unmeasured is not None and isinstance(observed, str) else self.refusal
        first = allowed_from if result is _BROKEN else None
        return Verdict(self.id, result, self.statement, refusal, observed, limit, first)


def _is_off(_case: object, _now: datetime) -> Finding:
    return NOT_APPLICABLE


def check_end(field: str, end: date, *, after: date) -> None:
    """Raise `InvalidInput` naming `field` if `end` is no day after `after`."""
    if end <= after:
        raise InvalidInput(field, got=end.isoformat(), expected=f"after {after}")


def legal_midnight(day: date) -> datetime:
    """The instant at which `day` begins in Riyadh, in UTC."""
    return datetime.combine(day, time(), ZoneInfo(LEGAL_TIME)).astimezone(UTC)
