"""The capacity of a slot: how many seats a start time has."""

from typing import Final

from traffic_booking.domain.outside_numbers import bounded_number

LARGEST_CAPACITY: Final = 10_000


def capacity(seats: int) -> int:
    """`seats` as a capacity, 1 to 10,000. Raises `InvalidInput`."""
    return bounded_number(seats, "capacity", least=1, greatest=LARGEST_CAPACITY, unit="seats")
