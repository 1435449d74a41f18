"""Installations: the rulebook, the catalogue and the working calendar that a store was given, by whom and when."""

from datetime import datetime
from typing import Final, Literal

from attrs import field

from traffic_booking.domain.audit.rulebook_differences import RulebookDifferences
from traffic_booking.domain.instants import instant
from traffic_booking.domain.people.actors import Actor
from traffic_booking.domain.schedule.entries import reason_text
from traffic_booking.domain.values import frozen

InstalledPart = Literal["rulebook", "catalogue", "calendar"]
"""A part of a desk that is installed in its store."""
INSTALLED_PARTS: Final[tuple[InstalledPart, ...]] = ("rulebook", "catalogue", "calendar")


@frozen(kw_only=True)
class Installed:
    """An installation: from `at` on, a desk is opened with these parts alone.

    `number` counts the installations of a store from 1. `rulebook`, `catalogue` and `calendar` are the digests of the
    parts: SHA-256 of their text, in 43 characters. Equal parts have equal digests.
    """

    number: int
    at: datetime = field(converter=instant)
    actor: Actor
    reason: str = field(converter=reason_text)
    rulebook: str
    catalogue: str
    calendar: str

    @property
    def digests(self) -> dict[InstalledPart, str]:
        """The digest of each part."""
        return {"rulebook": self.rulebook, "catalogue": self.catalogue, "calendar": self.calendar}


@frozen(kw_only=True)
class PendingInstallation:
    """The changes that an installation would make.

    `installed` is the installation in effect, None in a store that has none. `parts` names the parts that differ from
    it, all of them without one. `differences` has a line for each of the first differences: its place, the new and the
    installed value. `rulebook` compares the last installed version with the last new one; None if both are the same, or
    if this release can't read the installed one.
    """

    installed: Installed | None
    parts: tuple[InstalledPart, ...]
    differences: tuple[str, ...]
    rulebook: RulebookDifferences | None

    def __bool__(self) -> bool:
        return bool(self.parts)
