"""The rulebook: its rules in the documented order, and its versions."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Final

from attrs import field

from traffic_booking.domain.errors import Fault, InvalidCatalogue, InvalidInput
from traffic_booking.domain.instants import in_utc, keep_dates
from traffic_booking.domain.rules import attending, booking, cancelling, eligibility, moving
from traffic_booking.domain.rules.evaluation import Evaluation, RuleSets, rule_sets_of
from traffic_booking.domain.rules.restrictions import Suspension, Tightening, tightened
from traffic_booking.domain.rules.rule import (
    EARLIEST_DAY,
    Rule,
    RuleDefinition,
    Use,
    check_end,
    first_day,
    legal_midnight,
)
from traffic_booking.domain.schedule.slots import SlotKey
from traffic_booking.domain.text_input import bounded_text, plain_text
from traffic_booking.domain.value_input import is_whole, keep_lists, look_up, reading_members
from traffic_booking.domain.values import frozen

DEFINITIONS: Final = tuple(
    each
    for module in (booking, eligibility, cancelling, moving, attending)
    for each in vars(module).values()
    if isinstance(each, RuleDefinition)
)
"""Every rule of the library, in the documented order: that of these modules, and of the rules in each."""

LONGEST_VERSION: Final = 40


def _version(text: str) -> str:
    return bounded_text(text, "version", longest=LONGEST_VERSION)


@frozen(kw_only=True)
class Rulebook:
    """Every rule of `DEFINITIONS`, in that order, with figures. Each decision is recorded with its `version`.

    The version is in force from `in_force_from` (inclusive) to `in_force_until` (exclusive; None: open-ended), both at
    midnight in Riyadh. Without a first day it begins with its rules. `looks_back` is the longest time for which past
    conduct counts.

    Raises:
        InvalidInput: a rule is missing or out of order, an indispensable rule is not in force for the whole version
            (from its first day, if given), or a tightening is looser than its rule.
    """

    version: str = field(converter=_version)
    rules: tuple[Rule, ...]
    in_force_from: date = field(default=EARLIEST_DAY, converter=first_day)
    in_force_until: date | None = None
    tightenings: tuple[Tightening, ...] = ()
    suspensions: tuple[Suspension, ...] = ()
    looks_back: timedelta = field(init=False, repr=False, eq=False)
    _from: datetime = field(init=False, repr=False, eq=False)
    _until: datetime | None = field(init=False, repr=False, eq=False)
    _rule_sets: dict[Use, RuleSets] = field(init=False, repr=False, eq=False)
    _tightened: dict[tuple[Use, str, str], RuleSets] = field(init=False, repr=False, eq=False, factory=dict)

    @reading_members("rulebook")
    def __attrs_post_init__(self) -> None:
        keep_dates(self, "in_force_until", optional=True)
        keep_lists(self, rules=Rule, tightenings=Tightening, suspensions=Suspension)
        got = [rule.id for rule in self.rules]
        expected = [definition.id for definition in DEFINITIONS]
        if got != expected:
            raise InvalidInput("rules", got=", ".join(got) or "none", expected=", ".join(expected))
        if self.in_force_until is not None:
            check_end("in_force_until", self.in_force_until, after=self.in_force_from)
        first = date.max if self.in_force_from == EARLIEST_DAY else self.in_force_from
        for rule in self.rules:
            for fault in faults_of_lapsing(rule, first, self.in_force_until):
                raise fault
        for tightening in self.tightenings:
            self[tightening.rule].tightened(tightening.figures)
        object.__setattr__(self, "looks_back", max(self._reaches(), default=timedelta()))
        object.__setattr__(self, "_from", legal_midnight(self.in_force_from))
        object.__setattr__(self, "_until", self.in_force_until and legal_midnight(self.in_force_until))
        object.__setattr__(
            self,
            "_rule_sets",
            {use: rule_sets_of(each for each in self.rules if use in each.definition.uses) for use in Use},
        )

    def __getitem__(self, rule_id: str) -> Rule:
        plain = plain_text(rule_id, "rule")
        for rule in self.rules:
            if rule.id == plain:
                return rule
        return look_up("rule", rule_id, {rule.id: rule for rule in self.rules}, in_order=True)

    def in_force(self, now: datetime) -> bool:
        """True if this version decides at `now`."""
        return self._from <= now and (self._until is None or now < self._until)

    def rule(self, rule_id: str, at: SlotKey) -> Rule:
        """A rule with the figures for the service and branch of a slot."""
        return tightened(self[rule_id], self.tightenings, at)

    def suspension_of(self, slot: SlotKey) -> Suspension | None:
        """The suspension that covers the slot, or None."""
        return next((suspension for suspension in self.suspensions if suspension.covers(slot)), None)

    def evaluate(self, use: Use, case: object, now: datetime, at: SlotKey | None = None) -> Evaluation:
        """The result of every rule in force for `use`, in the documented order, with the figures for the slot `at`.

        Raises `InvalidInput` if an indispensable rule is not in force, for example under a wrong clock.
        """
        if at is None or not self.tightenings:  # the usual case needs no figures of a place
            return self._rule_sets[use].evaluate(case, now)
        place = (use, at.service, at.branch)
        rule_sets = self._tightened.get(place)
        if rule_sets is None:
            rules = (tightened(rule, self.tightenings, at) for rule in self.rules)
            rule_sets = self._tightened[place] = rule_sets_of(rule for rule in rules if use in rule.definition.uses)
        return rule_sets.evaluate(case, now)

    def _reaches(self) -> Iterator[timedelta]:
        """How far back each rule of conduct looks, and each of its tightenings."""
        for rule in self.rules:
            figure = rule.definition.looks_back
            if figure is not None:
                stricter = [t.figures for t in self.tightenings if t.rule == rule.id and figure in t.figures]
                yield from (timedelta(days=figures[figure]) for figures in (rule.figures, *stricter))


def faults_of_lapsing(rule: Rule, first: date, end: date | None) -> Iterator[InvalidInput]:
    """The faults of an indispensable rule that is not in force for the whole of a version, `first` to `end`."""
    if not rule.definition.indispensable:
        return
    why = f"nothing is decided without {rule.id}"
    if rule.in_force_from > first:
        yield InvalidInput("in_force_from", got=str(rule.in_force_from), expected=f"{first} or before: {why}")
    if rule.in_force_until is not None and (end is None or rule.in_force_until < end):
        last = "no end" if end is None else f"{end} or later"
        yield InvalidInput("in_force_until", got=str(rule.in_force_until), expected=f"{last}: {why}")


Period = tuple[str, date, date | None]
"""A version, its first day in force, and the day of its end (exclusive), None if it is open-ended."""


@frozen
class Rulebooks:
    """The versions of a rulebook, at least one, in the order of their time in force. Only the last may be open-ended.

    Raises `InvalidCatalogue` with every fault, such as a gap, an overlap or a repeated version.
    """

    versions: tuple[Rulebook, ...]
    _starts: tuple[datetime, ...] = field(init=False, repr=False, eq=False)

    @reading_members("rulebook")
    def __attrs_post_init__(self) -> None:
        keep_lists(self, versions=Rulebook)
        periods = [(book.version, book.in_force_from, book.in_force_until) for book in self.versions]
        faults = tuple(faults_in_periods(periods))
        if faults:
            raise InvalidCatalogue(faults, kind="rulebook")
        later = self.versions[1:]
        object.__setattr__(self, "_starts", tuple(legal_midnight(book.in_force_from) for book in later))

    def at(self, now: datetime) -> Rulebook:
        """The version in force at `now`. Raises `InvalidInput` before the first, and after a last that has ended."""
        now = in_utc(now)
        book = self.versions[bisect_right(self._starts, now)]
        if not book.in_force(now):
            first, until = self.versions[0].in_force_from, self.versions[-1].in_force_until or "further notice"
            got, expected = f"no version in force at {now.isoformat()}", f"a time from {first} until {until}"
            raise InvalidInput("rulebook", got=got, expected=f"{expected}, or a right clock")
        return book

    def version(self, name: str) -> Rulebook:
        """The version of that name, in force or not. Raises `NotFound`."""
        return look_up("rulebook version", name, {book.version: book for book in self.versions}, in_order=True)


def faults_in_periods(periods: Sequence[Period]) -> Iterator[Fault]:
    """The faults of versions: none at all, one twice, a gap, an overlap."""
    if not periods:
        yield _fault("versions", "versions", got="none", expected="at least one")
    for name, times in Counter(name for name, _, _ in periods).items():
        if times > 1:
            yield _fault(name, "version", got=f"it {times} times", expected="each once")
    for (before, _, until), (name, first, _) in pairwise(periods):
        if until is None:
            yield _fault(before, "in_force_until", got="nothing", expected=f"{first}, when {name} comes into force")
        elif first != until:
            kind = "a gap" if until < first else "an overlap"
            yield _fault(name, "in_force_from", got=f"{first}, {kind}", expected=f"{until}, when {before} ends")


def _fault(entry: str, name: str, *, got: str, expected: str) -> Fault:
    return Fault(file="rulebook", entry=entry, field=name, got=got, expected=expected)


def rulebooks(given: Rulebook | Rulebooks) -> Rulebooks:
    """`given` as versions; a single rulebook becomes the only one."""
    if not issubclass(type(given), Rulebook | Rulebooks) or not is_whole(given):
        raise InvalidInput("rulebook", got=type(given).__name__, expected="a Rulebook or Rulebooks")
    return Rulebooks((given,)) if isinstance(given, Rulebook) else given
