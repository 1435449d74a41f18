"""The differences between two versions of a rulebook.

Every version contains every rule, so a rule is added or removed by its time in force: a version evaluates it if it is
in force on some day of that version.
"""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum

from attrs import field

from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.rules.restrictions import Suspension, Tightening
from traffic_booking.domain.rules.rule import Rule, Stricter
from traffic_booking.domain.rules.rulebook import Rulebook
from traffic_booking.domain.value_input import is_whole, of_type, reading_members
from traffic_booking.domain.values import frozen


class DifferenceKind(StrEnum):
    """The kind of a difference."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class Way(StrEnum):
    """The effect of a new figure on applicants."""

    STRICTER = "stricter"
    LOOSER = "looser"


Entry = str | int | date | None


@frozen(kw_only=True)
class FieldChange:
    """One field of a rule before and after; `way` is None if it is no figure.

    `field` is the name of a figure, or `status`, `source`, `in_force_from` or `in_force_until`. A day is None if it is
    that of the version.
    """

    field: str
    before: Entry
    after: Entry
    way: Way | None = None


@frozen(kw_only=True)
class RuleDifference:
    """A rule that differs between both versions; `changes` is empty if it was added or removed."""

    kind: DifferenceKind
    before: Rule
    after: Rule
    changes: tuple[FieldChange, ...] = ()

    @property
    def rule_id(self) -> str:
        """The rule's id, such as `BK-04`."""
        return self.after.id


@frozen(kw_only=True)
class RulebookDifferences:
    """The differences between two versions, rules in the documented order."""

    before: Rulebook = field(validator=of_type(Rulebook))
    after: Rulebook = field(validator=of_type(Rulebook))
    rules: tuple[RuleDifference, ...]
    tightenings_added: tuple[Tightening, ...] = field(init=False)
    tightenings_removed: tuple[Tightening, ...] = field(init=False)
    suspensions_added: tuple[Suspension, ...] = field(init=False)
    suspensions_removed: tuple[Suspension, ...] = field(init=False)

    @reading_members("rulebook")
    def __attrs_post_init__(self) -> None:
        for name in ("tightenings", "suspensions"):
            before, after = getattr(self.before, name), getattr(self.after, name)
            object.__setattr__(self, f"{name}_added", tuple(entry for entry in after if entry not in before))
            object.__setattr__(self, f"{name}_removed", tuple(entry for entry in before if entry not in after))


def rulebook_differences(before: Rulebook, after: Rulebook) -> RulebookDifferences:
    """The differences from `before` to `after`.

    Raises:
        InvalidInput: an argument is no rulebook.

    Example::

        rulebook_differences(before, after).rules
    """
    for name, book in (("before", before), ("after", after)):
        if type(book) is not Rulebook or not is_whole(book):
            raise InvalidInput(name, got=type(book).__name__, expected="a Rulebook")
    pairs = zip(before.rules, after.rules, strict=True)
    found = (_difference(before, one, after, other) for one, other in pairs)
    return RulebookDifferences(before=before, after=after, rules=tuple(entry for entry in found if entry is not None))


def is_evaluated(rule: Rule, rulebook: Rulebook) -> bool:
    """True if the rule is in force on some day of that version."""
    starts_in_time = rulebook.in_force_until is None or rule.in_force_from < rulebook.in_force_until
    ends_in_time = rule.in_force_until is not None and rule.in_force_until <= rulebook.in_force_from
    return starts_in_time and not ends_in_time


def _difference(before: Rulebook, old: Rule, after: Rulebook, new: Rule) -> RuleDifference | None:
    was_evaluated, now_evaluated = is_evaluated(old, before), is_evaluated(new, after)
    if was_evaluated is not now_evaluated:
        return RuleDifference(
            kind=DifferenceKind.ADDED if now_evaluated else DifferenceKind.REMOVED, before=old, after=new
        )
    if not now_evaluated:
        return None
    was, now = _other_fields(before, old), _other_fields(after, new)
    others = (FieldChange(field=name, before=was[name], after=now[name]) for name in was if was[name] != now[name])
    changes = (*_figures(old, new), *others)
    return RuleDifference(kind=DifferenceKind.CHANGED, before=old, after=new, changes=changes) if changes else None


def _figures(old: Rule, new: Rule) -> Iterator[FieldChange]:
    for parameter in new.definition.parameters:
        was, now = old[parameter.name], new[parameter.name]
        if was != now:
            stricter = (now < was) is (parameter.stricter is Stricter.LESS)
            way = Way.STRICTER if stricter else Way.LOOSER
            yield FieldChange(field=parameter.name, before=was, after=now, way=way)


def _other_fields(rulebook: Rulebook, rule: Rule) -> dict[str, Entry]:
    until = rule.in_force_until
    ends_earlier = until is not None and (rulebook.in_force_until is None or until < rulebook.in_force_until)
    return {
        "status": rule.status.value,
        "source": rule.source.en,
        "in_force_from": rule.in_force_from if rule.in_force_from > rulebook.in_force_from else None,
        "in_force_until": until if ends_earlier else None,
    }
