"""The versions of the rulebook, one after the other: each decision is taken under the one in force at its instant."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import pairwise

from attrs import field, frozen

from traffic_booking.domain.errors import Fault, InvalidCatalogue, InvalidInput, NotFound
from traffic_booking.domain.rulebook import Rulebook
from traffic_booking.domain.rules.rule import legal_midnight

Period = tuple[str, date, date | None]
"""A version, its first day in force, and the day from which it is no more in force; None where it is open-ended."""


@frozen
class Rulebooks:
    """The versions of a rulebook in the order of their time in force, without a gap or an overlap, none of them twice.

    Raises `InvalidCatalogue` with every fault; there is at least one version, and the last alone may be open-ended.
    """

    versions: tuple[Rulebook, ...]
    _starts: tuple[datetime, ...] = field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        periods = [(book.version, book.in_force_from, book.in_force_until) for book in self.versions]
        faults = tuple(faults_in_periods(periods))
        if faults:
            raise InvalidCatalogue(faults, kind="rulebook")
        later = self.versions[1:]
        object.__setattr__(self, "_starts", tuple(legal_midnight(book.in_force_from) for book in later))

    def at(self, now: datetime) -> Rulebook:
        """The version in force at `now`. Raises `InvalidInput` before the first, and after a last that has ended."""
        book = self.versions[bisect_right(self._starts, now)]
        if not book.in_force(now):
            until = self.versions[-1].in_force_until or "further notice"
            raise InvalidInput(
                "rulebook",
                got=f"no version in force at {now.isoformat()}",
                expected=f"a time from {self.versions[0].in_force_from} until {until}, or a right clock",
            )
        return book

    def version(self, name: str) -> Rulebook:
        """The version of that name, in force or not. Raises `NotFound`."""
        for book in self.versions:
            if book.version == name:
                return book
        raise NotFound("rulebook version", name[:64], known=[book.version for book in self.versions])


def faults_in_periods(periods: Sequence[Period]) -> Iterator[Fault]:
    """What keeps versions from following one another: none at all, one twice, a gap, an overlap."""
    if not periods:
        yield _fault("versions", "versions", got="none", expected="at least one")
    names = [name for name, _, _ in periods]
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield _fault(name, "version", got=f"it {names.count(name)} times", expected="each once")
    for (before, _, until), (name, first, _) in pairwise(periods):
        if until is None:
            yield _fault(before, "in_force_until", got="nothing", expected=f"{first}, when {name} comes into force")
        elif first != until:
            kind = "a gap" if until < first else "an overlap"
            yield _fault(name, "in_force_from", got=f"{first}, {kind}", expected=f"{until}, when {before} ends")


def _fault(entry: str, name: str, *, got: str, expected: str) -> Fault:
    return Fault(file="rulebook", entry=entry, field=name, got=got, expected=expected)


def rulebooks(given: Rulebook | Rulebooks) -> Rulebooks:
    """`given` as versions; a rulebook by itself is the only one."""
    return Rulebooks((given,)) if isinstance(given, Rulebook) else given
