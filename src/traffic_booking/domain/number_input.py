"""Numbers that come from outside, checked against bounds (both inclusive)."""

from typing import Final, cast

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


def bounded_amount(value: object, field: str, *, least: float, greatest: float, unit: str = "") -> float:
    """`value` as a number within the bounds, which may be infinite; no bool. Raises `InvalidInput` naming `field`."""
    kind, plain = type(value), None
    if issubclass(kind, float):
        plain = float.__float__(cast("float", value))
    elif issubclass(kind, int) and kind is not bool:
        whole = int.__int__(cast("int", value))
        plain = float(whole) if abs(whole) <= LARGEST_SHOWN else None
    if plain is None or not least <= plain <= greatest:  # false for NaN
        got = kind.__name__ if plain is None else f"{plain:g}"
        raise InvalidInput(field, got=got, expected=f"{least:g} to {greatest:g} {unit}".rstrip())
    return plain
