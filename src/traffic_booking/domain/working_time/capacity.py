"""The capacity of a slot: how many seats a start time has."""

from typing import Final

from traffic_booking.domain.errors import InvalidInput

LARGEST_CAPACITY: Final = 10_000


def capacity(seats: int) -> int:
    """`seats` as a capacity, 1 to 10,000. Raises `InvalidInput`."""
    if not 1 <= seats <= LARGEST_CAPACITY:
        raise InvalidInput("capacity", got=str(seats), expected=f"1 to {LARGEST_CAPACITY} seats")
    return seats
