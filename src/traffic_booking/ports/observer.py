"""The observer of a desk, for logs and metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # takes time to import, and few hosts have an observer
    from traffic_booking.ports.observations import Observation


class Observer(Protocol):
    """Receives the measurements of a desk. Called from several threads at once, in the path of each request.

    It returns quickly. It must not call the desk, which may wait for it forever. An exception of it harms no request:
    the desk logs the first, and drops all of them.
    """

    def seconds(self) -> float:
        """Return the time in seconds of a clock that never goes backward; only differences count."""
        ...

    def observe(self, observation: Observation) -> None:
        """Take a measurement. It holds no personal data: no id, no appointment number, no request id."""
        ...
