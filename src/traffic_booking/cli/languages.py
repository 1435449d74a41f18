"""The language of replies and errors: an option, else the environment. This module needs no optional package."""

import os
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

import traffic_booking as tb

LANGUAGE_VARIABLE: Final = "TRAFFIC_BOOKING_LANGUAGE"

_LANGUAGE_LIKE: Final = re.compile(r"[a-z]{1,12}")


def language_of(environment: Mapping[str, str]) -> tb.Language:
    """The language of the environment; English unless a variable names Arabic."""
    named = environment.get(LANGUAGE_VARIABLE, "").lower()
    if named not in {"", "ar", "en"}:
        got = repr(named) if _LANGUAGE_LIKE.fullmatch(named) else "another text"
        raise tb.InvalidInput(f"${LANGUAGE_VARIABLE}", got=got, expected="ar or en")
    for name in (LANGUAGE_VARIABLE, "LC_ALL", "LC_MESSAGES", "LANG"):
        if environment.get(name):
            return "ar" if environment[name].lower().startswith("ar") else "en"
    return "en"


def language_asked_for(arguments: Sequence[str]) -> tb.Language:
    """The language of a command line that may have faults: an unknown option counts as English, as does a variable."""
    given = [after for name, after in pairwise((*arguments, "")) if name == "--language"]
    given += [each.removeprefix("--language=") for each in arguments if each.startswith("--language=")]
    if given and given[-1]:
        return "ar" if given[-1] == "ar" else "en"
    try:
        return language_of(os.environ)
    except tb.InvalidInput:
        return "en"
