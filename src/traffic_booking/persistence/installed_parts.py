"""The comparison of a desk's parts with those that its store has installed.

Every desk that is opened needs it, so it imports no codecs; `installation_records` has the records.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from traffic_booking.persistence.contents import Installable, digests_of
from traffic_booking.persistence.schema import INSTALLATIONS
from traffic_booking.ports.primitives import RecordsByIndex, Row, Span


class InstalledParts:
    """The parts that a desk was given, compared once with those that its store has installed."""

    query: Final = RecordsByIndex(INSTALLATIONS.name, None, [Span()], descending=True, limit=1)
    """The installation in effect."""

    def __init__(self, given: Installable, now: Callable[[], datetime], *, compared: bool = True) -> None:
        self.given = given
        self.now = now
        self.compared = compared
        self.known = not compared
        """True if the store has installed the parts, or if they are not to be compared."""

    def take(self, row: Row) -> None:
        """Take over the record of the installation in effect; `known` stays false if it has other parts."""
        self.known = self.are_in_use([row])

    def are_in_use(self, last: Sequence[Row]) -> bool:
        """True if the last installation, if there is one, has these parts; or if they are not to be compared."""
        found = digests_of(self.given) if self.compared else {}
        return all(row[INSTALLATIONS.place(name)] == digest for row in last for name, digest in found.items())
