"""Answers the questions of auditors, and writes to the log who asked what."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Final, cast

from traffic_booking.application import arguments
from traffic_booking.application.inquiry_cursors import cursor_of, positions_of
from traffic_booking.application.office import AsyncOffice
from traffic_booking.domain.appointments.events import QuestionAsked
from traffic_booking.domain.audit.feed import BEGINNING
from traffic_booking.domain.calendars.day import Day
from traffic_booking.domain.calendars.hijri import HijriDate
from traffic_booking.domain.errors import InvalidInput, NotFound
from traffic_booking.domain.inquiries.answers import RIYADH, CountedBy, OccurrencePage, RefusalCounting, RefusalCounts
from traffic_booking.domain.inquiries.inquiry import AuditQuestion, Inquiry
from traffic_booking.domain.inquiries.occurrences import Occurrence
from traffic_booking.domain.people.actors import Auditor, Requester, System, auditor
from traffic_booking.domain.people.applicants import Subject, subject
from traffic_booking.domain.people.identity import PersonId
from traffic_booking.domain.value_input import is_a
from traffic_booking.persistence.inquiry_book import AsyncInquiryBook

MOST_OCCURRENCES: Final = 10_000

Bound = Day | HijriDate | date | None
"""A bound of a question: an instant, or a day of either calendar, which begins at midnight in Riyadh."""


def period(from_: Bound, until: Bound, day: Bound) -> tuple[datetime | None, datetime | None]:
    """The bounds of a question as instants, the first inclusive and the second exclusive. Raises `InvalidInput`."""
    first, last = (_instant(each) for each in arguments.bounds(from_, until, day))
    if first is not None and last is not None and last <= first:
        raise InvalidInput("until", got="a bound that is not after the first", expected="a later one")
    return first, last


def _instant(bound: date | None) -> datetime | None:
    if bound is None or isinstance(bound, datetime):
        return bound
    return datetime.combine(bound, time(), RIYADH)


async def ask(
    office: AsyncOffice, by: Auditor, question: str, about: Mapping[str, str], of: Subject | None = None
) -> None:
    """Write to the log that an auditor asks, before anything is read for the answer."""
    asked = QuestionAsked(at=office.now(), actor=by, question=question, about=about, subject=of)
    await _book(office).log_asked(asked)


async def reading_as(office: AsyncOffice, by: Requester | Auditor, question: AuditQuestion, **about: str) -> Requester:
    """The requester who reads. An auditor reads as the library itself does, and the log has the question."""
    if not is_a(by, Auditor):
        return cast("Requester", by)
    await ask(office, auditor(by), question.value, about)
    return System()


async def page_of(office: AsyncOffice, by: object, inquiry: Inquiry, after: str | None, limit: int) -> OccurrencePage:
    """A page of occurrences: those behind the cursor `after`, at most `limit`."""
    asking = auditor(by)
    arguments.within_bounds("limit", limit, MOST_OCCURRENCES)
    book = _book(office)
    position, end = (BEGINNING, await book.log_end()) if after is None else positions_of(inquiry, after)
    behind = {} if after is None else {"after": f"{position.generation}.{position.place}"}
    await ask(office, asking, inquiry.question.value, {**inquiry.about, **behind}, inquiry.subject)
    found = list[Occurrence]()
    async for each in book.occurrences(inquiry, after=position, until=end):
        found.append(each)
        if len(found) > limit:
            return OccurrencePage(
                occurrences=tuple(found[:limit]), next=cursor_of(inquiry, found[limit - 1].position, end)
            )
    return OccurrencePage(occurrences=tuple(found), next=None)


async def counts_of(office: AsyncOffice, by: object, inquiry: Inquiry, counted_by: CountedBy) -> RefusalCounts:
    """The counts of the refusals that match."""
    asking, book = auditor(by), _book(office)
    end = await book.log_end()
    await ask(office, asking, inquiry.question.value, {**inquiry.about, "counted-by": counted_by.value})
    counting = RefusalCounting(counted_by)
    async for each in book.occurrences(inquiry, after=BEGINNING, until=end):
        counting.add(each)
    return counting.result()


async def subject_asked_for(office: AsyncOffice, by: object, person: PersonId | None, named: str | None) -> Subject:
    """The subject of a question about a person, by id or by subject.

    Raises `NotFound` for an id that is not registered, once the log has the question.
    """
    asking = auditor(by)
    if (person is None) is (named is None):
        raise InvalidInput("person, subject", got="none or both", expected="one of them")
    if person is None:
        return subject(named)
    checked = arguments.person(person)
    known = (await office.book.applicants([checked])).get(checked)
    if known is None:
        await ask(office, asking, AuditQuestion.PERSON.value, {"person": "not registered"})
        raise NotFound("person", str(checked), reason="erased, or never registered")
    return known.subject


def _book(office: AsyncOffice) -> AsyncInquiryBook:
    return AsyncInquiryBook(office.measured_store, office.seats.keys)
