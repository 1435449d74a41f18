"""Compare data/values.schema.json with the JSON forms of the library's values; `--write` writes it."""

import json
import sys
from pathlib import Path
from typing import Final

from traffic_booking.json_forms.forms import DEFINITIONS, FORMS, shape_of

FILE: Final = Path(__file__).parents[1] / "src/traffic_booking/data/values.schema.json"


def text() -> str:
    """The schemas, as the file has them."""
    for kind in FORMS:
        shape_of(kind)
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "The JSON forms of traffic_booking",
        "description": "The values that to_json writes and from_json reads. Members that are not required may be left "
        "out when a value is read. An id of a person is masked when it is written.",
        "$defs": dict(sorted(DEFINITIONS.items())),
    }
    return json.dumps(schema, ensure_ascii=False, indent=1) + "\n"


def main() -> int:
    """Compare, or write."""
    if "--write" in sys.argv[1:]:
        FILE.write_text(text(), encoding="utf-8")
        return 0
    if FILE.exists() and FILE.read_text(encoding="utf-8") == text():
        return 0
    print(f"{FILE.name} is not that of the forms; run: python -m tools.check_schemas --write")
    return 1


if __name__ == "__main__":
    sys.exit(main())
