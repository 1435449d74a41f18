"""The answers to an auditor's questions: a page of occurrences, and counts of refusals; both as CSV as well."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta, timezone
from enum import StrEnum
from typing import Final

from traffic_booking.domain.calendars.day import Day
from traffic_booking.domain.inquiries.csv_text import csv_text
from traffic_booking.domain.inquiries.occurrences import Occurrence
from traffic_booking.domain.people.actors import Actor, Auditor, Clerk, Delegate, System
from traffic_booking.domain.people.applicants import Applicant
from traffic_booking.domain.values import frozen

RIYADH: Final = timezone(timedelta(hours=3))
"""The legal time, whose offset has never changed: days of occurrences are civil days in Riyadh."""


def actor_text(actor: Actor | Auditor) -> str:
    """An actor as `clerk:NAME`, `auditor:NAME`, `person:SUBJECT`, `delegate:SUBJECT` or `system`."""
    match actor:
        case Clerk(id=name):
            return f"clerk:{name}"
        case Auditor(id=name):
            return f"auditor:{name}"
        case Delegate(person=person):
            return f"delegate:{person.subject}"
        case Applicant(subject=subject):
            return f"person:{subject}"
        case System():
            return "system"


def day_of(occurrence: Occurrence) -> Day:
    """The civil day of an occurrence, in Riyadh."""
    return Day(occurrence.at.astimezone(RIYADH).date())


def _hijri_of(occurrence: Occurrence) -> str:
    day = day_of(occurrence)
    return f"{day.hijri.year:04d}-{day.hijri.month:02d}-{day.hijri.day:02d}" if day.has_hijri else ""


_COLUMNS: Final[Mapping[str, Callable[[Occurrence], str]]] = {
    "at": lambda each: each.at.astimezone(RIYADH).isoformat(),
    "hijri_day": _hijri_of,
    "kind": lambda each: each.kind.value,
    "actor": lambda each: actor_text(each.actor),
    "number": lambda each: each.number or "",
    "subject": lambda each: each.subject or "",
    "branch": lambda each: each.branch or "",
    "service": lambda each: each.service or "",
    "starts_at": lambda each: "" if each.slot is None else each.slot.starts_at.astimezone(RIYADH).isoformat(),
    "request_id": lambda each: each.request_id or "",
    "rulebook": lambda each: each.rulebook or "",
    "rules": lambda each: " ".join(each.rules),
    "note": lambda each: each.note,
    "generation": lambda each: str(each.position.generation),
    "place": lambda each: str(each.position.place),
}


@frozen(kw_only=True)
class OccurrencePage:
    """Occurrences in the order of the log; `next` is the cursor of the page behind, None if this is the last.

    The first page fixes the end of the answer: entries that are written later are on no page.
    """

    occurrences: tuple[Occurrence, ...]
    next: str | None

    def to_csv(self, *, excel: bool = False) -> str:
        """The page as CSV (RFC 4180) with a line of headers; instants are in the time of Riyadh.

        A cell that a spreadsheet would run as a formula begins with an apostrophe. `excel` puts a byte order mark in
        front, without which Excel takes the Arabic of UTF-8 for something else. Example: `page.to_csv(excel=True)`.

        Raises:
            InvalidInput: `excel` is neither True nor False.
        """
        rows = [[text(each) for text in _COLUMNS.values()] for each in self.occurrences]
        return csv_text(tuple(_COLUMNS), rows, excel=excel)


class CountedBy(StrEnum):
    """The values by which refusals are counted."""

    RULE = "rule"
    DAY = "day"
    BRANCH = "branch"
    SERVICE = "service"


@frozen(kw_only=True)
class RefusalCount:
    """The number of refused requests with this `value`: a rule, a day (ISO 8601), a branch or a service.

    `value` is empty for requests that name none.
    """

    value: str
    refusals: int


@frozen(kw_only=True)
class RefusalCounts:
    """How many requests were refused, and how many for each value of `counted_by`, in the order of the values.

    A request that several rules refused is counted for each of them, and once in `refusals`.
    """

    counted_by: CountedBy
    refusals: int
    counts: tuple[RefusalCount, ...]

    def to_csv(self, *, excel: bool = False) -> str:
        """The counts as CSV, as `OccurrencePage.to_csv` writes it. Example: `counts.to_csv()`.

        Raises:
            InvalidInput: `excel` is neither True nor False.
        """
        rows = [[each.value, str(each.refusals)] for each in self.counts]
        return csv_text((self.counted_by.value, "refusals"), rows, excel=excel)


def values_of(occurrence: Occurrence, counted_by: CountedBy) -> tuple[str, ...]:
    """The values under which a refusal is counted."""
    match counted_by:
        case CountedBy.RULE:
            return occurrence.rules
        case CountedBy.DAY:
            return (day_of(occurrence).gregorian.isoformat(),)
        case CountedBy.BRANCH:
            return (occurrence.branch or "",)
        case CountedBy.SERVICE:
            return (occurrence.service or "",)


class RefusalCounting:
    """Counts refusals one after another."""

    def __init__(self, counted_by: CountedBy) -> None:
        self._counted_by = counted_by
        self._counted = Counter[str]()
        self._refusals = 0

    def add(self, refused: Occurrence) -> None:
        """Count one more."""
        self._refusals += 1
        self._counted.update(values_of(refused, self._counted_by))

    def result(self) -> RefusalCounts:
        """The counts so far."""
        counts = tuple(RefusalCount(value=value, refusals=number) for value, number in sorted(self._counted.items()))
        return RefusalCounts(counted_by=self._counted_by, refusals=self._refusals, counts=counts)
