"""What decisions go by: the catalogue and the rulebook in force."""

from datetime import datetime

from attrs import field, frozen

from traffic_booking.domain.catalogue import Catalogue
from traffic_booking.domain.rulebook import Rulebook
from traffic_booking.domain.rulebooks import Rulebooks, rulebooks


@frozen
class Terms:
    """A catalogue and the versions of the rulebook, together all that a decision knows besides the facts.

    A rulebook by itself stands for its only version.
    """

    catalogue: Catalogue
    rulebooks: Rulebooks = field(converter=rulebooks)

    def rulebook(self, now: datetime) -> Rulebook:
        """The version that decides at `now`. Raises `InvalidInput` where none does."""
        return self.rulebooks.at(now)
