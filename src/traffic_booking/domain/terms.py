"""What decisions go by: the catalogue and the rulebook in force."""

from attrs import frozen

from traffic_booking.domain.catalogue import Catalogue
from traffic_booking.domain.rulebook import Rulebook


@frozen
class Terms:
    """A catalogue and a rulebook, together all that a decision knows besides the facts."""

    catalogue: Catalogue
    rulebook: Rulebook
