"""Whole numbers that come from outside: bounded, and no truth values, which Python takes for 0 and 1."""

from typing import Final

from traffic_booking.domain.errors import InvalidInput

LARGEST_SHOWN: Final = 10**18
"""The greatest number that a message shows; one of thousands of digits can't even be printed."""


def bounded_number(value: object, field: str, *, least: int, greatest: int, unit: str = "") -> int:
    """`value` where it is a whole number from `least` to `greatest`. Raises `InvalidInput` naming `field`."""
    if type(value) is not int or not least <= value <= greatest:
        raise InvalidInput(field, got=_shown(value), expected=f"{least} to {greatest} {unit}".rstrip())
    return value


def bounded_seconds(value: float, field: str, *, least: float, greatest: float) -> float:
    """`value` if it is from `least` to `greatest`. Raises `InvalidInput` naming `field`."""
    if not least <= value <= greatest:
        raise InvalidInput(field, got=str(value), expected=f"{least:g} to {greatest:g}")
    return value


def _shown(value: object) -> str:
    """A whole number that isn't long, else the kind of thing: what came may be no number at all."""
    if type(value) is not int:
        return type(value).__name__
    return str(value) if abs(value) <= LARGEST_SHOWN else "a longer number"
