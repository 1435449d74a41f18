"""Checks that docs/audit/rules.md says what the rules say; with --write, makes it say so."""

import sys
from pathlib import Path

from traffic_booking import Rule, shipped_rulebook

PAGE = Path("docs/audit/rules.md")

HEAD = """\
# The register of rules

Generated from the rule values by `python -m tools.check_register --write`; `make check` fails when it is stale.
Rulebook version: {version}. Every figure is a policy value of this project, and unofficial unless its status says
otherwise.

"""

ENTRY = """\
## {id}

{en}

{ar}

| | |
| --- | --- |
| decides | {uses} |
| figures | {figures} |
| status | {status} |
| source | {source} |
| in force | from {from_}{until} |
| check | `{module}.{check}` |
| evidence | tests marked `rule("{id}")` |

"""


def entry(rule: Rule) -> str:
    """One rule's part of the page."""
    figures = ", ".join(
        f"{parameter.name} = {rule[parameter.name]} {parameter.unit} ({parameter.least} to {parameter.greatest})"
        for parameter in rule.definition.parameters
    )
    check = rule.definition.check
    return ENTRY.format(
        id=rule.id,
        en=rule.statement.en,
        ar=rule.statement.ar,
        uses=", ".join(sorted(rule.definition.uses)),
        figures=figures or "none",
        status=rule.status.value,
        source=rule.source,
        from_=rule.in_force_from.isoformat(),
        until=f" until {rule.in_force_until.isoformat()}" if rule.in_force_until else "",
        module=check.__module__.removeprefix("traffic_booking."),
        check=check.__name__,
    )


def page() -> str:
    """The whole page."""
    rulebook = shipped_rulebook()
    return (HEAD.format(version=rulebook.version) + "".join(map(entry, rulebook.rules))).rstrip() + "\n"


def main() -> int:
    """Exit code 0 where the page is current, 1 where it is stale."""
    if "--write" in sys.argv[1:]:
        PAGE.write_text(page(), encoding="utf-8")
        return 0
    if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page():
        print(f"{PAGE}: stale; expected what `python -m tools.check_register --write` writes")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
