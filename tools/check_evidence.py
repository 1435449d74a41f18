"""Checks that every rule has its evidence, and that the evidence is signed as it is now; `--sign BK-04 …` signs.

A rule needs a truth table (`@pytest.mark.rule("BK-04", evidence="table")`) and a property (`evidence="property"`).
Before signing, read the sentences, the check and the tests together: docs/audit/evidence.toml keeps their digests.
"""

import argparse
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from attrs import asdict

from tools.rule_evidence import Evidence, Kind, collected
from tools.rule_texts import Signature, signature
from traffic_booking.domain.rules.rule import RuleDefinition
from traffic_booking.domain.rules.rulebook import DEFINITIONS

SIGNED: Final = Path("docs/audit/evidence.toml")
ROWS_AT_A_LIMIT: Final = 3
"""One below the limit, one at it, one above."""

TESTS: Final = "tests/unit/rules/"

HEAD: Final = """\
# The signed parts of each rule: the first digits of the SHA-256 of its sentences, of its figures with their bounds, of
# its check, and of the names of its evidence. Read these together, then sign with
# `python -m tools.check_evidence --sign RULE …`. `make check` fails if one of them has changed since.
"""


def main() -> int:
    """Exit code 0 if all is signed, 1 if something is missing or has changed."""
    parser = argparse.ArgumentParser(prog="python -m tools.check_evidence", description=__doc__)
    parser.add_argument("--sign", nargs="+", metavar="RULE", default=[], help="sign these rules as they are now")
    signed_now: list[str] = parser.parse_args().sign
    known = {definition.id: definition for definition in DEFINITIONS}
    repeated = sorted(rule_id for rule_id, count in Counter(each.id for each in DEFINITIONS).items() if count > 1)
    if repeated:
        print(f"two rules have the id {', '.join(repeated)}; give the new one a free id, none of {', '.join(known)}")
        return 1
    unknown = [rule_id for rule_id in signed_now if rule_id not in known]
    if unknown:
        parser.error(f"no rule {', '.join(unknown)}; expected some of {', '.join(known)}")
    evidence, signed = collected(), _read()
    current = {rule_id: signature(definition, _nodes(evidence, rule_id)) for rule_id, definition in known.items()}
    faults = {rule_id: tuple(missing(known[rule_id], evidence.get(rule_id, ()))) for rule_id in known}
    if signed_now:
        signed |= {rule_id: current[rule_id] for rule_id in signed_now if not faults[rule_id]}
        _write({rule_id: signed[rule_id] for rule_id in known if rule_id in signed})
        for rule_id in signed_now:
            state = "not signed" if faults[rule_id] else f"signed in {SIGNED}; commit the file with the rule"
            print(f"{rule_id}: {state}")
    found = [fault for of_rule in faults.values() for fault in of_rule] + list(unsigned(current, signed))
    for fault in found:
        print(fault)
    return 1 if found else 0


def missing(definition: RuleDefinition, evidence: tuple[Evidence, ...]) -> Iterator[str]:
    """The evidence that a rule lacks, one message each."""
    tables = [one for one in evidence if one.kind is Kind.TABLE]
    properties = [one for one in evidence if one.kind is Kind.PROPERTY]
    least = ROWS_AT_A_LIMIT if definition.parameters else 2
    if max((one.cases for one in tables), default=0) < least:
        expected = (
            f'a parametrized test marked rule("{definition.id}", evidence="table") with {least} rows or more in {TESTS}'
        )
        got = ", ".join(f"{one.node} with {one.cases}" for one in tables) or "no truth table"
        yield f"{definition.id}: got {got}; expected {expected}"
    if not properties:
        expected = f'a Hypothesis test marked rule("{definition.id}", evidence="property") in {TESTS}'
        yield f"{definition.id}: got no property; expected {expected}"
    for one in properties:
        if not one.by_hypothesis:
            yield f"{definition.id}: got {one.node} as a property; expected a test with @given"


def unsigned(current: Mapping[str, Signature], signed: Mapping[str, Signature]) -> Iterator[str]:
    """The rules that are not signed as they are now, and how to sign them."""
    for rule_id, today in current.items():
        if rule_id not in signed:
            yield f"{rule_id}: its evidence is not signed; {_how_to_sign(rule_id)}"
        elif changed := today.differing(signed[rule_id]):
            yield f"{rule_id}: its {' and '.join(changed)} changed since it was signed; {_how_to_sign(rule_id)}"
    for rule_id in signed:
        if rule_id not in current:
            yield f"{rule_id}: signed, but there is no such rule; remove its line from {SIGNED}"


def _how_to_sign(rule_id: str) -> str:
    command = f".venv/bin/python -m tools.check_evidence --sign {rule_id}"
    return f"read its sentences, its check and its tests together, then run {command}"


def _nodes(evidence: Mapping[str, tuple[Evidence, ...]], rule_id: str) -> tuple[str, ...]:
    found = evidence.get(rule_id, ())
    return tuple(f"{one.kind.value} {one.node}" for one in found if one.kind is not Kind.SUPPORT)


def _read() -> dict[str, Signature]:
    table = tomllib.loads(SIGNED.read_text(encoding="utf-8")) if SIGNED.exists() else {}
    return {rule_id: Signature(**parts) for rule_id, parts in table.get("rules", {}).items()}


def _write(signed: Mapping[str, Signature]) -> None:
    lines = [HEAD, "[rules]"]
    for rule_id, parts in signed.items():
        fields = ", ".join(f'{name} = "{value}"' for name, value in asdict(parts).items())
        lines.append(f"{rule_id} = {{ {fields} }}")
    SIGNED.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
