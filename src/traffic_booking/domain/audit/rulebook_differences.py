"""Two versions of a rulebook side by side: what is added, removed or changed from the one to the other.

Every version knows every rule, so a rule counts as added or removed by its time in force: it is heard in a version
where some of its days are days of that version.
"""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum

from attrs import field, frozen

from traffic_booking.domain.rules.restrictions import Suspension, Tightening
from traffic_booking.domain.rules.rule import Rule, Stricter
from traffic_booking.domain.rules.rulebook import Rulebook


class Kind(StrEnum):
    """What became of a rule."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class Way(StrEnum):
    """What a new figure means for applicants."""

    STRICTER = "stricter"
    LOOSER = "looser"


Entry = str | int | date | None


@frozen(kw_only=True)
class Change:
    """One field of a rule before and after; `way` is None where it is no figure.

    A figure goes by its own name; the other fields are `status`, `source`, `in_force_from` and `in_force_until`. Days
    are None where they are those of the version.
    """

    field: str
    before: Entry
    after: Entry
    way: Way | None = None


@frozen(kw_only=True)
class RuleDifference:
    """A rule that isn't the same in both versions, as both have it; `changes` are empty where it came or went."""

    kind: Kind
    before: Rule
    after: Rule
    changes: tuple[Change, ...] = ()

    @property
    def rule_id(self) -> str:
        """Such as `BK-04`."""
        return self.after.id


@frozen(kw_only=True)
class RulebookDifferences:
    """What differs between two versions, rules in the documented order; no entry anywhere where they are the same."""

    before: Rulebook
    after: Rulebook
    rules: tuple[RuleDifference, ...]
    tightenings_added: tuple[Tightening, ...] = field(init=False)
    tightenings_removed: tuple[Tightening, ...] = field(init=False)
    suspensions_added: tuple[Suspension, ...] = field(init=False)
    suspensions_removed: tuple[Suspension, ...] = field(init=False)

    def __attrs_post_init__(self) -> None:
        for name in ("tightenings", "suspensions"):
            before, after = getattr(self.before, name), getattr(self.after, name)
            object.__setattr__(self, f"{name}_added", tuple(entry for entry in after if entry not in before))
            object.__setattr__(self, f"{name}_removed", tuple(entry for entry in before if entry not in after))


def rulebook_differences(before: Rulebook, after: Rulebook) -> RulebookDifferences:
    """What differs from `before` to `after`."""
    pairs = zip(before.rules, after.rules, strict=True)
    found = (_difference(before, one, after, other) for one, other in pairs)
    return RulebookDifferences(before=before, after=after, rules=tuple(entry for entry in found if entry is not None))


def is_evaluated(rule: Rule, rulebook: Rulebook) -> bool:
    """Whether the rule is in force on some day of that version."""
    starts_in_time = rulebook.in_force_until is None or rule.in_force_from < rulebook.in_force_until
    ends_in_time = rule.in_force_until is not None and rule.in_force_until <= rulebook.in_force_from
    return starts_in_time and not ends_in_time


def _difference(before: Rulebook, old: Rule, after: Rulebook, new: Rule) -> RuleDifference | None:
    was_evaluated, now_evaluated = is_evaluated(old, before), is_evaluated(new, after)
    if was_evaluated is not now_evaluated:
        return RuleDifference(kind=Kind.ADDED if now_evaluated else Kind.REMOVED, before=old, after=new)
    if not now_evaluated:
        return None
    changes = (*_figures(old, new), *_changed(_other_fields(before, old), _other_fields(after, new)))
    return RuleDifference(kind=Kind.CHANGED, before=old, after=new, changes=changes) if changes else None


def _figures(old: Rule, new: Rule) -> Iterator[Change]:
    for parameter in new.definition.parameters:
        was, now = old[parameter.name], new[parameter.name]
        if was != now:
            stricter = (now < was) is (parameter.stricter is Stricter.LESS)
            yield Change(field=parameter.name, before=was, after=now, way=Way.STRICTER if stricter else Way.LOOSER)


def _other_fields(rulebook: Rulebook, rule: Rule) -> dict[str, Entry]:
    until = rule.in_force_until
    ends_earlier = until is not None and (rulebook.in_force_until is None or until < rulebook.in_force_until)
    return {
        "status": rule.status.value,
        "source": rule.source,
        "in_force_from": rule.in_force_from if rule.in_force_from > rulebook.in_force_from else None,
        "in_force_until": until if ends_earlier else None,
    }


def _changed(before: dict[str, Entry], after: dict[str, Entry]) -> Iterator[Change]:
    for name, was in before.items():
        if was != after[name]:
            yield Change(field=name, before=was, after=after[name])
