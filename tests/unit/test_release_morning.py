"""The benchmark of a release morning, with few requests: nothing is oversold, and it would notice if something were."""

import pytest

from benchmarks.release_morning import Morning, OversoldError, checked, measure
from tests.postgres_server import ask, own_database, some_server


@pytest.mark.long
def test_a_small_release_sells_no_seat_twice_and_an_oversold_slot_is_noticed():
    morning = Morning(requests=60, processes=2, callers=8, slots=20)
    with some_server() as server, own_database(server, "traffic_booking_morning") as url:
        figures = measure(morning, url, profiled=True)
        assert figures["oversold"] == 0
        assert sum(figures["answers"].values()) == morning.requests
        assert figures["answers"]["person Booked"] > 0
        assert figures["answers"]["bot Refused"] > 0
        assert figures["book_ms"]["p50"] <= figures["book_ms"]["p99"]
        assert sum(figures["profile"].values()) == pytest.approx(1, abs=0.1)
        booked = sum(number for name, number in figures["answers"].items() if name.endswith(" Booked"))
        with pytest.raises(OversoldError):
            checked(url, morning, booked - 1)
        ask(url, "UPDATE traffic_booking.seats SET value = %s", morning.seats + 1)
        with pytest.raises(OversoldError):
            checked(url, morning, booked)
