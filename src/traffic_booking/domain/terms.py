"""What decisions go by: the catalogue and the rulebook in force."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from attrs import field, frozen

from traffic_booking.domain.catalogue import Catalogue
from traffic_booking.domain.errors import Fault, InvalidCatalogue
from traffic_booking.domain.rulebook import Rulebook
from traffic_booking.domain.rulebooks import Rulebooks, rulebooks
from traffic_booking.domain.rules.suspension import Suspension
from traffic_booking.domain.rules.tightening import Tightening


@frozen
class Terms:
    """A catalogue and the versions of the rulebook, together all that a decision knows besides the facts.

    A rulebook by itself stands for its only version. Raises `InvalidCatalogue` where a version tightens or suspends
    something for a service or a branch that the catalogue doesn't have.
    """

    catalogue: Catalogue
    rulebooks: Rulebooks = field(converter=rulebooks)

    def __attrs_post_init__(self) -> None:
        faults = tuple(fault for book in self.rulebooks.versions for fault in _unknown_names(book, self.catalogue))
        if faults:
            raise InvalidCatalogue(faults)

    def rulebook(self, now: datetime) -> Rulebook:
        """The version that decides at `now`. Raises `InvalidInput` where none does."""
        return self.rulebooks.at(now)


def _unknown_names(book: Rulebook, catalogue: Catalogue) -> Iterator[Fault]:
    services = {service.id for service in catalogue.services}
    branches = {branch.id for branch in catalogue.branches}
    places: tuple[tuple[str, Sequence[Tightening | Suspension]], ...] = (
        ("tighten", book.tightenings),
        ("suspend", book.suspensions),
    )
    for kind, listed in places:
        for position, entry in enumerate(listed, start=1):
            for name, value, known in (("service", entry.service, services), ("branch", entry.branch, branches)):
                if value is not None and value not in known:
                    yield Fault(
                        file="rulebook",
                        entry=book.version,
                        field=f"{kind}[{position}].{name}",
                        got=repr(value),
                        expected=f"a {name} of the catalogue",
                    )
