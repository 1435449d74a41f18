"""Texts with places for values, so that one text fits every number and every missing value.

`{name}` is the place of a value. `{name:one|more}` has two wordings, for a number of 1 and for any other. A part in
square brackets is left out if it has the place of a missing value.
"""

import re
from collections.abc import Mapping
from typing import Final

_PLACE: Final = re.compile(r"\{([a-z_]+(?: [a-z]+)?)\}")
_CHOICE: Final = re.compile(r"\{([a-z_]+):([^{}|]*)\|([^{}|]*)\}")
_PART: Final = re.compile(r"\[([^\[\]]*)\]")

_NO_NUMBERS: Final[Mapping[str, int]] = {}


def filled(text: str, values: Mapping[str, str | None], numbers: Mapping[str, int] = _NO_NUMBERS) -> str:
    """`text` with these values and numbers in their places; None is a missing value. Other places stay."""

    def part(found: re.Match[str]) -> str:
        names = _PLACE.findall(found[1])
        if any(name in values and values[name] is None for name in names):
            return ""
        return found[1] if all(name in values for name in names) else found[0]

    def place(found: re.Match[str]) -> str:
        return (values[found[1]] or "") if found[1] in values else found[0]

    def choice(found: re.Match[str]) -> str:
        name, one, more = found.groups()
        return found[0] if name not in numbers else one if numbers[name] == 1 else more

    return _CHOICE.sub(choice, _PLACE.sub(place, _PART.sub(part, text)))
