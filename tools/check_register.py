"""Checks that docs/audit/rules.md and rules.ar.md agree with the rules; with --write, writes both pages."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tools.register_page import Register, changelog
from tools.rule_evidence import collected
from traffic_booking import Language, shipped_rulebooks

PAGES: Final[Mapping[Language, Path]] = {"en": Path("docs/audit/rules.md"), "ar": Path("docs/audit/rules.ar.md")}


def main() -> int:
    """Exit code 0 if both pages are current, 1 if one is stale."""
    register = Register(rulebooks=shipped_rulebooks(), evidence=collected(), changelog=changelog())
    stale = 0
    for language, path in PAGES.items():
        page = register.page(language)
        if "--write" in sys.argv[1:]:
            path.write_text(page, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != page:
            print(f"{path}: stale; expected what `.venv/bin/python -m tools.check_register --write` writes")
            stale = 1
    return stale


if __name__ == "__main__":
    raise SystemExit(main())
