"""Checks the built reference: every exported name has an entry, and no entry shows the inside of the package.

Run after the documentation was built into `build/docs`; `make check` does both.
"""

import re
import sys
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Final

import traffic_booking
import traffic_booking.gate
import traffic_booking.testing
import traffic_booking.web

BUILT: Final = Path("build/docs")
FACE: Final = "reference/face.html"
FACES: Final = (traffic_booking, traffic_booking.gate, traffic_booking.testing, traffic_booking.web)
REPR: Final = re.compile(
    r"<(?:function|class|object|bound method|[\w.]+ object)\b[^<]{0,60}|\bat 0x[0-9a-f]+|attr_dict\["
)
"""The text that Python shows for a value without a text of its own."""
INSIDE: Final = re.compile(r"\btraffic_booking\.(?!testing\b|gate\b|web\b)[a-z_]+\.\w+")
"""A name with the module that defines it; a host imports it from the package."""


def text_of(page: str) -> str:
    """The text of an HTML page that a reader sees, with its tooltips."""
    titles = re.findall(r' title="([^"]*)"', page)
    shown = re.sub(r"<(script|style)\b.*?</\1>", "", page, flags=re.DOTALL)
    return unescape("\n".join([re.sub(r"<[^>]*>", "", shown), *titles]))


def faults(built: Path) -> Iterator[str]:
    """The faults of the reference below `built`, one line each."""
    pages = {f"reference/{page.name}": page.read_text(encoding="utf-8") for page in built.glob("reference/*.html")}
    anchors = frozenset(anchor for page in pages.values() for anchor in re.findall(r' id="([\w.]+)"', page))
    exported = [f"{face.__name__}.{name}" for face in FACES for name in face.__all__]
    yield from (f"{name}: no entry in docs/reference" for name in exported if name not in anchors)
    for name, page in pages.items():
        text = text_of(page)
        yield from (f"{name}: shows {found!r}" for found in sorted(set(REPR.findall(text))))
        if name == FACE:
            yield from (f"{name}: shows {found!r}" for found in sorted(set(INSIDE.findall(text))))


def main() -> int:
    """Print the faults; 0 if there are none."""
    if not (BUILT / FACE).exists():
        print(f"{BUILT / FACE} is missing; run `make docs` first", file=sys.stderr)
        return 1
    found = list(faults(BUILT))
    print("\n".join(found) or "every exported name has its entry")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
