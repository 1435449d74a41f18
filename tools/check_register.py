"""Checks that docs/audit/rules.md and rules.ar.md agree with the rules; with --write, writes both pages.

Each rule has to be named under "Rules" of a release in CHANGELOG.md.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tools.register_page import Register, changelog
from tools.rule_evidence import collected
from traffic_booking import InvalidCatalogue, Language, shipped_rulebooks

PAGES: Final[Mapping[Language, Path]] = {"en": Path("docs/audit/rules.md"), "ar": Path("docs/audit/rules.ar.md")}
RULEBOOK: Final = "src/traffic_booking/data/rulebook.toml"


def main() -> int:
    """Exit code 0 if both pages are current, 1 if one is stale, or if the rulebook or the changelog lacks a rule."""
    try:
        rulebooks = shipped_rulebooks()
    except InvalidCatalogue as error:
        print(error)
        print(f"mend {RULEBOOK}: each version has one entry for each rule, in their order, with its figures and source")
        return 1
    register = Register(rulebooks=rulebooks, evidence=collected(), changelog=changelog())
    stale = 0
    for rule in register.rulebook.rules:
        if not register.releases(rule.id):
            print(f'CHANGELOG.md: no "### Rules" names {rule.id}; add a line there with what it allows or refuses')
            stale = 1
    for language, path in PAGES.items():
        page = register.page(language)
        if "--write" in sys.argv[1:]:
            path.write_text(page, encoding="utf-8")
            print(f"{path}: written")
        elif not path.exists() or path.read_text(encoding="utf-8") != page:
            print(f"{path}: stale; expected what `.venv/bin/python -m tools.check_register --write` writes")
            stale = 1
    return stale


if __name__ == "__main__":
    raise SystemExit(main())
