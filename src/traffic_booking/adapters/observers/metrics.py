"""Measurements as metrics of OpenTelemetry, for whatever exporter the host has set up."""

from time import perf_counter
from typing import Final

from traffic_booking.domain.errors import MissingExtra
from traffic_booking.domain.value_input import with_methods
from traffic_booking.ports.observations import (
    BatchObserved,
    DecisionObserved,
    FeedObserved,
    Observation,
    SearchObserved,
    StoreObserved,
)

try:
    from opentelemetry.metrics import Histogram, Meter, get_meter
except ImportError as missing:
    raise MissingExtra("metrics of OpenTelemetry", "opentelemetry") from missing

NAME: Final = "traffic_booking"
DURATIONS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Bounds of buckets in seconds: the default ones are meant for milliseconds."""
SIZES: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256)
"""Bounds of buckets for the requests of a batch."""


class OpenTelemetryObserver:
    """An `Observer` that feeds instruments of OpenTelemetry; their names begin with `traffic_booking.`.

    `meter` defaults to that of the global meter provider. The attributes have few values: verbs, outcomes, ids of rules
    and names of errors.

    Example::

        desk = BookingDesk.open("sqlite:///bookings.db", observer=OpenTelemetryObserver())
    """

    def __init__(self, meter: Meter | None = None) -> None:
        methods = ("create_histogram", "create_counter", "create_gauge")
        made = get_meter(NAME) if meter is None else with_methods(meter, "meter", *methods)

        def duration(name: str, description: str) -> Histogram:
            return made.create_histogram(
                f"{NAME}.{name}.duration", "s", description, explicit_bucket_boundaries_advisory=DURATIONS
            )

        self._decisions = duration("decision", "Time from a request to its outcome, with the time in line")
        self._searches = duration("search", "Time of a search for slots or days")
        self._store_calls = duration("store", "Time of a call of the store")
        self._pages = duration("feed", "Time of reading a page of the feed")
        self._broken = made.create_counter(f"{NAME}.rule.broken", "{refusal}", "Refusals by each rule")
        self._conflicts = made.create_counter(
            f"{NAME}.decision.conflicts", "{conflict}", "Attempts that came to nothing because another change was first"
        )
        self._batches = made.create_histogram(
            f"{NAME}.batch.size", "{request}", "Requests in a batch", explicit_bucket_boundaries_advisory=SIZES
        )
        self._retried = made.create_counter(
            f"{NAME}.batch.retried", "{request}", "Requests that were left for the next batch"
        )
        self._lag = made.create_gauge(
            f"{NAME}.feed.lag", "s", "Age of the entry that a reader of the feed has reached, 0 at the end"
        )

    def seconds(self) -> float:
        return perf_counter()

    def observe(self, observation: Observation) -> None:
        match observation:
            case DecisionObserved(verb=verb, outcome=outcome, repeated=repeated):
                labels = {"verb": verb, "outcome": outcome, "repeated": str(repeated).lower()}
                self._decisions.record(observation.seconds, {**labels, **_error(observation.error)})
                if not repeated:  # its rules were counted when it was decided
                    for rule in observation.broken:
                        self._broken.add(1, {"verb": verb, "rule": rule})
                if observation.conflicts:
                    self._conflicts.add(observation.conflicts, {"verb": verb})
            case BatchObserved():
                self._batches.record(observation.size)
                if observation.retried:
                    self._retried.add(observation.retried)
            case SearchObserved():
                self._searches.record(observation.seconds, {"verb": observation.verb})
            case StoreObserved():
                self._store_calls.record(observation.seconds, {"call": observation.verb, **_error(observation.error)})
            case FeedObserved():
                self._pages.record(observation.seconds)
                self._lag.set(observation.lag_seconds)


def _error(name: str | None) -> dict[str, str]:
    return {} if name is None else {"error.type": name}
