"""The installations of a store: the parts that desks may be opened with, since when, and who installed them.

Made from `traffic_booking.persistence.installations` by `python -m tools.check_sync --write`: change that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import islice
from json import loads
from typing import TYPE_CHECKING, Any, Final

from traffic_booking.domain.audit.installations import PendingInstallation
from traffic_booking.domain.errors import InvalidInput, NotFound, NotInstalled, StoreUnreadable
from traffic_booking.persistence.content_differences import ContentDifference, differences, own_differences
from traffic_booking.persistence.contents import (
    Installable,
    data_of,
    digest_of,
    text_digest,
    text_of,
    texts_of,
    version_data,
)
from traffic_booking.persistence.installation_records import (
    installation_change,
    installed_of,
    next_installation,
    other_parts,
    part_key,
    text_puts,
)
from traffic_booking.persistence.installed_parts import InstalledParts
from traffic_booking.persistence.schema import INSTALLATIONS, INSTALLED_TEXTS
from traffic_booking.ports.primitives import RecordsByIndex, RecordsByKey, Row, Span
from traffic_booking.ports.store import Store

if TYPE_CHECKING:
    from traffic_booking.domain.audit.installations import Installed, InstalledPart
    from traffic_booking.domain.audit.rulebook_differences import RulebookDifferences
    from traffic_booking.domain.people.actors import Actor
    from traffic_booking.domain.rules.rulebook import Rulebook, Rulebooks

MOST_SHOWN: Final = 100
"""The most differences of a part that are listed."""
_ALL: Final = RecordsByIndex(INSTALLATIONS.name, None, [Span()])


class Installations:
    """The installations of a store. A method is one round trip, unless its docstring states more."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def last(self) -> Installed | None:
        """Return the installation in effect, None if there is none."""
        rows = self._rows(InstalledParts.query)
        return installed_of(rows[0]) if rows else None

    def all(self) -> list[Installed]:
        """Return all installations, first to last."""
        return list(map(installed_of, self._rows(_ALL)))

    def found(self, digest: str) -> Any:
        """Return the JSON data of an installed part or version. Several round trips for a rulebook.

        Raises `NotFound` if nothing of that digest was installed.
        """
        if not self._rows(_text_query(digest)):
            raise NotFound("installed part", digest)
        data = self.data(digest)
        return self.rulebook(digest) if data.keys() == {"versions"} else data

    def data(self, digest: str) -> Any:
        """Return the JSON data of an installed text. Raises `StoreUnreadable` if it is damaged or missing."""
        text = "".join(row[-1] for row in self._rows(_text_query(digest)))
        if text_digest(text) != digest:
            where = part_key(digest, 1)
            raise StoreUnreadable(
                f"a record of {INSTALLED_TEXTS.name}, {where}: got another text, or none; expected it as written",
                collection=INSTALLED_TEXTS.name,
                key=where,
            )
        return loads(text)

    def install(self, parts: Installable, *, at: datetime, by: Actor, reason: str) -> Installed:
        """Install `parts`, and return the installation in effect: the last one if it has the same parts.

        Several round trips. Raises `InvalidInput` if a version has the name of an installed one with other figures.
        """
        while True:
            installed = self.all()
            last = installed[-1] if installed else None
            if last is not None and not other_parts(parts, last):
                return last
            self._check_names(parts, installed)
            new = next_installation(parts, last, at=at, by=by, reason=reason)
            keys = [put.key for put in text_puts(texts_of(parts))]
            found = self._store.read([RecordsByKey(INSTALLED_TEXTS.name, keys)])[0]
            stored = {row[0] for row in found if row is not None}
            if not self._store.commit([installation_change(new, parts, stored)])[0]:
                return new

    def pending(self, parts: Installable) -> PendingInstallation:
        """Return the changes that installing `parts` would make. Several round trips. Raises as `install`."""
        installed = self.all()
        last = installed[-1] if installed else None
        changed = other_parts(parts, last)
        if last is None:
            return PendingInstallation(installed=None, parts=changed, differences=(), rulebook=None)
        self._check_names(parts, installed)
        found: list[str] = []
        for name in changed:
            each = self._differences(name, parts, last)
            found += [f"{name}: {one.place}: got {one.new}; installed {one.old}" for one in islice(each, MOST_SHOWN)]
        rulebook = self._rulebook_differences(parts) if "rulebook" in changed else None
        return PendingInstallation(installed=last, parts=changed, differences=tuple(found), rulebook=rulebook)

    def parts(self, names: Iterable[InstalledPart]) -> dict[str, Any]:
        """Return the installed values of these parts; none if nothing is installed. Several round trips.

        Raises `InvalidInput` if a text does not fit this release.
        """
        from traffic_booking.persistence.content_codec import calendar_of, catalogue_of, rulebook_of

        found: dict[str, Any] = {}
        last = self.last()
        if last is None:
            return found
        for name in names:
            if name == "rulebook":
                found[name] = rulebook_of(self.rulebook(last.rulebook))
            elif name == "catalogue":
                found[name] = catalogue_of(self.data(last.catalogue))
            else:
                found[name] = calendar_of(self.data(last.calendar))
        return found

    def refusal(self, parts: Installable) -> NotInstalled:
        """Return the error of a desk with other parts than the installed ones. Several round trips."""
        installed = self.last()
        assert installed is not None
        part, *others = other_parts(parts, installed)
        first = next(self._differences(part, parts, installed))
        return NotInstalled(
            "working calendar" if part == "calendar" else part,
            got=f"another one than the installed: {first.place} is {first.new}",
            expected=f"{first.old}, as installed since {installed.at:%Y-%m-%dT%H:%MZ}",
            parts=(part, *others),
        )

    def versions(self, known: Rulebooks) -> dict[str, Rulebook]:
        """Return by name the `known` versions, and the installed ones that this release can read.

        A round trip for each version that is not known. Raises `StoreUnreadable`.
        """
        from traffic_booking.persistence.content_codec import rulebook_of

        found = {each.version: each for each in known.versions}
        for digest in dict.fromkeys(each.rulebook for each in reversed(self.all())):
            for listed in self.data(digest)["versions"]:
                if listed["version"] not in found:
                    data = version_data(listed, self.data(listed["digest"]))
                    with suppress(InvalidInput):
                        found |= {each.version: each for each in rulebook_of([data]).versions}
        return found

    def rulebook(self, digest: str) -> list[dict[str, Any]]:
        """Return the data of each version of an installed rulebook, with its period. A round trip for each version."""
        listed = self.data(digest)["versions"]
        return [version_data(each, self.data(each["digest"])) for each in listed]

    def _differences(
        self, part: InstalledPart, parts: Installable, installed: Installed
    ) -> Iterator[ContentDifference]:
        ours, digest = data_of(parts)[part], installed.digests[part]
        return differences(ours, (self.rulebook(digest) if part == "rulebook" else self.data(digest)))

    def _rulebook_differences(self, given: Installable) -> RulebookDifferences | None:
        """The differences of the last versions; None if there are none, or if this release can't read the old one."""
        from traffic_booking.domain.audit.rulebook_differences import rulebook_differences

        try:
            before: Rulebooks = self.parts(["rulebook"])["rulebook"]
        except InvalidInput:
            return None
        one, other = before.versions[-1], given.rulebook.versions[-1]
        return None if one == other else rulebook_differences(one, other)

    def _check_names(self, parts: Installable, installed: Sequence[Installed]) -> None:
        """Raise `InvalidInput` if a version has the name of one that was installed with other figures."""
        ours = {book.version: book for book in parts.rulebook.versions}
        compared = {digest_of(book) for book in ours.values()}
        for digest in dict.fromkeys(each.rulebook for each in installed):
            for listed in self.data(digest)["versions"]:
                book = ours.get(listed["version"])
                if book is None or listed["digest"] in compared:
                    continue
                compared.add(listed["digest"])
                for each in own_differences(loads(text_of(book)), self.data(listed["digest"])):
                    raise InvalidInput(
                        "rulebook",
                        got=f"version {book.version} in which {each.place} is {each.new}",
                        expected=f"{each.old}, as installed; other figures need another name of the version",
                    )

    def _rows(self, query: RecordsByIndex) -> list[Row]:
        rows: list[Row] = self._store.read([query])[0][0]
        return rows


def _text_query(digest: str) -> RecordsByIndex:
    """The parts of a text, in their order."""
    span = Span((), f"{digest}/", f"{digest}0")  # 0 is the character behind the slash
    return RecordsByIndex(INSTALLED_TEXTS.name, None, [span])
