"""The conformance suite of the observer port."""

from collections.abc import Sequence
from math import isfinite
from typing import Any, ClassVar, Final

import pytest

from traffic_booking.ports.observations import (
    BatchObserved,
    DecisionObserved,
    FeedObserved,
    Observation,
    SearchObserved,
    StoreObserved,
)
from traffic_booking.ports.observer import Observer
from traffic_booking.testing.kit.capabilities import Capability
from traffic_booking.testing.kit.suite import Suite
from traffic_booking.testing.racing import race

READINGS = 2_000

OBSERVATIONS: Final[Sequence[Observation]] = (
    DecisionObserved(verb="book", outcome="granted", seconds=0.0),
    DecisionObserved(verb="book", outcome="granted", repeated=True, conflicts=15, seconds=0.25),
    DecisionObserved(verb="move", outcome="refused", broken=("BK-05", "MV-04"), seconds=0.001),
    DecisionObserved(verb="hold", outcome="throttled", seconds=1e-9),
    DecisionObserved(verb="declare", outcome="failed", error="StoreUnavailable", seconds=600.0),
    DecisionObserved(verb="a verb of a later release", outcome="granted", seconds=1.0),
    BatchObserved(size=1, retried=0, seconds=0.01),
    BatchObserved(size=256, retried=255, seconds=0.01),
    SearchObserved(verb="find_slots", found=0, seconds=0.01),
    SearchObserved(verb="month_view", found=31, seconds=0.01),
    StoreObserved(verb="commit", size=256, conflicts=3, seconds=0.01),
    StoreObserved(verb="read", size=1, error="StoreClosed", seconds=0.0),
    StoreObserved(verb="feed", size=10_000, seconds=0.1),
    FeedObserved(entries=0, lag_seconds=0.0, seconds=0.01),
    FeedObserved(entries=10_000, lag_seconds=86_400.0, seconds=0.01),
)
"""Observations of every kind, with the least and the greatest values."""


class ObserverConformance(Suite):
    """Every case of the observer port. A subclass overrides the fixture `observer` and states its level."""

    port: ClassVar[str] = "observer"
    yours: ClassVar[frozenset[str]] = frozenset({"observer"})
    promises: ClassVar[frozenset[Capability]] = frozenset()

    @pytest.fixture
    def observer(self) -> Observer:
        """The observer under test; a subclass overrides it."""
        raise NotImplementedError("a subclass of ObserverConformance overrides the fixture observer")

    def test_the_time_is_in_seconds_and_does_not_go_backward(self, observer: Observer) -> None:
        readings: list[Any] = [observer.seconds() for _ in range(READINGS)]
        assert all(isinstance(reading, float) and isfinite(reading) for reading in readings)
        assert readings == sorted(readings)

    def test_several_threads_read_the_same_time(self, observer: Observer) -> None:
        before = observer.seconds()
        readings = race(lambda _: observer.seconds())
        after = observer.seconds()
        assert all(before <= reading <= after for reading in readings)

    @pytest.mark.parametrize("observation", OBSERVATIONS, ids=lambda each: type(each).__name__)
    def test_every_observation_is_taken(self, observer: Observer, observation: Observation) -> None:
        observer.observe(observation)

    def test_several_threads_observe_at_once(self, observer: Observer) -> None:
        def observe(_place: int) -> bool:
            for observation in OBSERVATIONS:
                observer.observe(observation)
            return True

        assert all(race(observe))

    def test_an_observation_of_a_later_release_is_ignored(self, observer: Observer) -> None:
        later: Any = object()
        observer.observe(later)
