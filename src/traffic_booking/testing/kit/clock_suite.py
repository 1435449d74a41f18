"""The conformance suite of the clock port."""

from typing import ClassVar

import pytest

from traffic_booking.domain.instants import instant
from traffic_booking.ports.clock import Clock
from traffic_booking.testing.kit.capabilities import Capability
from traffic_booking.testing.kit.suite import Suite
from traffic_booking.testing.racing import race

READINGS = 2_000


class ClockConformance(Suite):
    """Every case of the clock port. A subclass overrides the fixture `clock` and states its level."""

    port: ClassVar[str] = "clock"
    yours: ClassVar[frozenset[str]] = frozenset({"clock"})
    promises: ClassVar[frozenset[Capability]] = frozenset()

    @pytest.fixture
    def clock(self) -> Clock:
        """The clock under test; a subclass overrides it."""
        raise NotImplementedError("a subclass of ClockConformance overrides the fixture clock")

    def test_an_instant_has_an_offset(self, clock: Clock) -> None:
        assert clock.now().utcoffset() is not None, "got a datetime without an offset; expected an aware one"

    def test_an_instant_is_one_that_the_library_accepts(self, clock: Clock) -> None:
        now = clock.now()
        assert instant(now) == now

    def test_the_clock_does_not_go_backward(self, clock: Clock) -> None:
        readings = [clock.now() for _ in range(READINGS)]
        assert readings == sorted(readings)

    def test_several_threads_read_the_same_time(self, clock: Clock) -> None:
        before = clock.now()
        readings = race(lambda _: clock.now())
        after = clock.now()
        assert all(before <= reading <= after for reading in readings)
