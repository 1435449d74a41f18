"""Numbers that come from outside, checked against bounds (both inclusive)."""

from typing import Final

from traffic_booking.domain.errors import InvalidInput

LARGEST_SHOWN: Final = 10**18
"""The greatest number that a message shows. Python refuses to print one of thousands of digits."""


def bounded_number(value: object, field: str, *, least: int, greatest: int, unit: str = "") -> int:
    """`value` if it is a whole number within the bounds, and no bool. Raises `InvalidInput` naming `field`."""
    if type(value) is not int or not least <= value <= greatest:
        got = type(value).__name__
        if type(value) is int:
            got = str(value) if abs(value) <= LARGEST_SHOWN else "a longer number"
        raise InvalidInput(field, got=got, expected=f"{least} to {greatest} {unit}".rstrip())
    return value


def bounded_seconds(value: float, field: str, *, least: float, greatest: float) -> float:
    """`value` if it is within the bounds. Raises `InvalidInput` naming `field`."""
    if not least <= value <= greatest:
        raise InvalidInput(field, got=str(value), expected=f"{least:g} to {greatest:g}")
    return value
