"""Measurements as records of the standard library's `logging`."""

from logging import DEBUG, INFO, WARNING, Logger, getLogger
from time import perf_counter
from typing import Final

from attrs import asdict

from traffic_booking.domain.value_input import with_methods
from traffic_booking.ports.observations import (
    BatchObserved,
    DecisionObserved,
    FeedObserved,
    Observation,
    SearchObserved,
    StoreObserved,
)

LOGGER: Final = "traffic_booking"
"""The name of the logger, unless another is given."""

KINDS: Final = {
    DecisionObserved: "decision",
    BatchObserved: "batch",
    SearchObserved: "search",
    StoreObserved: "store",
    FeedObserved: "feed",
}


class LoggingObserver:
    """An `Observer` that logs: decisions at INFO, errors at WARNING, everything else at DEBUG.

    The message is the kind of the observation, and `record.observation` has its values by name. No record has an id, an
    appointment number or a request id.

    Example::

        desk = BookingDesk.open("sqlite:///bookings.db", observer=LoggingObserver())
    """

    def __init__(self, logger: Logger | None = None) -> None:
        self._logger = getLogger(LOGGER) if logger is None else with_methods(logger, "logger", "isEnabledFor", "log")

    def seconds(self) -> float:
        return perf_counter()

    def observe(self, observation: Observation) -> None:
        level = INFO if isinstance(observation, DecisionObserved) else DEBUG
        if getattr(observation, "error", None) is not None:
            level = WARNING
        kind = KINDS.get(type(observation))
        if kind is not None and self._logger.isEnabledFor(level):
            values = {name: value for name, value in asdict(observation).items() if value is not None}
            text = " ".join(f"{name}={_text(value)}" for name, value in values.items())
            self._logger.log(level, "%s %s", kind, text, extra={"observation": {"kind": kind, **values}})


def _text(value: object) -> str:
    match value:
        case float():
            return f"{value:.6f}"
        case tuple():
            return ",".join(map(str, value)) or "-"
        case bool():
            return str(value).lower()
        case _:
            return str(value)
