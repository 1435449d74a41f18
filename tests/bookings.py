"""The kit's changes and reads by hand, for the tests of everything else."""

from traffic_booking.testing.sample_changes import (
    FAR_AHEAD,
    LONG_AGO,
    ME,
    YOU,
    answer,
    booked,
    booking,
    cancelling,
    held,
    id_of,
    number,
    slot,
    without_answer,
)
from traffic_booking.testing.sample_reads import about, around, facts_of, person_state_of, seat_count_of, seats_taken

__all__ = [
    "FAR_AHEAD",
    "LONG_AGO",
    "ME",
    "YOU",
    "about",
    "answer",
    "around",
    "booked",
    "booking",
    "cancelling",
    "facts_of",
    "held",
    "id_of",
    "number",
    "person_state_of",
    "seat_count_of",
    "seats_taken",
    "slot",
    "without_answer",
]
