"""The machine form of rules and rulebooks; data/rules.schema.json describes it."""

from datetime import date
from typing import Final

from traffic_booking import Rule, Rulebook, RulebookDifferences, RuleDifference, Suspension, Tightening
from traffic_booking.cli.machine_form import Form, names

PACKAGE: Final = "traffic_booking."


def rulebook_form(rulebook: Rulebook) -> Form:
    """A version with all its rules."""
    return version_form(rulebook) | {
        "rules": [rule_form(rule) for rule in rulebook.rules],
        "tightenings": [tightening_form(tightening) for tightening in rulebook.tightenings],
        "suspensions": [suspension_form(suspension) for suspension in rulebook.suspensions],
    }


def version_form(rulebook: Rulebook) -> Form:
    """A version's name and its days."""
    return {"version": rulebook.version} | _days(rulebook.in_force_from, rulebook.in_force_until)


def rule_form(rule: Rule) -> Form:
    """A rule in a rulebook; `check` is the function that decides, within the package."""
    definition = rule.definition
    return {
        "id": rule.id,
        "uses": sorted(use.value for use in definition.uses),
        "statement": names(rule.statement),
        "figures": dict(rule.figures),
        "parameters": [
            {
                "name": parameter.name,
                "unit": parameter.unit,
                "value": rule[parameter.name],
                "least": parameter.least,
                "greatest": parameter.greatest,
                "stricter": parameter.stricter.value,
            }
            for parameter in definition.parameters
        ],
        "status": rule.status.value,
        "source": rule.source,
        "indispensable": definition.indispensable,
        "check": code_place(rule),
    } | _days(rule.in_force_from, rule.in_force_until)


def code_place(rule: Rule) -> str:
    """The function that checks, as a module of the package and a name: it holds when lines move."""
    check = rule.definition.check
    return f"{check.__module__.removeprefix(PACKAGE)}.{check.__name__}"


def tightening_form(tightening: Tightening) -> Form:
    """Stricter figures, and for what."""
    return {
        "rule": tightening.rule,
        "figures": dict(tightening.figures),
        "service": tightening.service,
        "branch": tightening.branch,
    }


def suspension_form(suspension: Suspension) -> Form:
    """A service that isn't given for some days; `until_day` is exclusive."""
    return {
        "service": suspension.service,
        "branch": suspension.branch,
        "from_day": suspension.from_day.isoformat(),
        "until_day": suspension.until_day.isoformat(),
        "reason": names(suspension.reason),
    }


def differences_form(told: RulebookDifferences) -> Form:
    """What differs from one version to another."""
    return {
        "before": version_form(told.before),
        "after": version_form(told.after),
        "rules": [difference_form(entry) for entry in told.rules],
        "tightenings": {
            "added": [tightening_form(entry) for entry in told.tightenings_added],
            "removed": [tightening_form(entry) for entry in told.tightenings_removed],
        },
        "suspensions": {
            "added": [suspension_form(entry) for entry in told.suspensions_added],
            "removed": [suspension_form(entry) for entry in told.suspensions_removed],
        },
    }


def difference_form(difference: RuleDifference) -> Form:
    """A rule that came, went or changed."""
    return {
        "id": difference.rule_id,
        "kind": difference.kind.value,
        "before": names(difference.before.statement),
        "after": names(difference.after.statement),
        "changes": [
            {
                "field": change.field,
                "before": _plain(change.before),
                "after": _plain(change.after),
                "way": None if change.way is None else change.way.value,
            }
            for change in difference.changes
        ],
    }


def _days(from_: date, until: date | None) -> Form:
    return {"in_force_from": from_.isoformat(), "in_force_until": _plain(until)}


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
