"""The appointment book of an auditor: it reads the log as occurrences, and writes which question was asked.

Made from `traffic_booking.persistence.inquiry_book` by `python -m tools.check_sync --write`: change that.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from traffic_booking.domain.appointments.events import EventOfAppointment, QuestionAsked
from traffic_booking.domain.audit.feed import BEGINNING, FeedPosition
from traffic_booking.domain.inquiries.inquiry import OF_REFUSALS, AuditQuestion, Inquiry
from traffic_booking.domain.inquiries.occurrences import NOWHERE, Occurrence, occurrence_of, place_of, places_of
from traffic_booking.domain.people.applicants import Subject
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.persistence.installation_records import INSTALLED_KIND
from traffic_booking.persistence.log import (
    INTERNAL_KINDS,
    REFUSED_KIND,
    asked_append,
    feed_entry,
    number_of,
    refused_request_of,
)
from traffic_booking.persistence.schema import ANSWERS, APPOINTMENTS
from traffic_booking.ports.primitives import LogEntry, RecordsByIndex, RecordsByKey, Span, StoreChange

PAGE: Final = 1_000
"""The entries of the log that are read at a time."""


class InquiryBook(AppointmentBook):
    """An appointment book with the reads for an auditor's questions. Its arguments are those of `SeatBook`."""

    def log_asked(self, asked: QuestionAsked) -> None:
        """Append the log entry of a question."""
        self._store.commit([StoreChange(entries=(asked_append(asked),))])

    def log_end(self) -> FeedPosition:
        """Return the position up to which the log is complete."""
        return self._store.feed(BEGINNING, limit=1).complete_until

    def occurrences(self, inquiry: Inquiry, *, after: FeedPosition, until: FeedPosition) -> Iterator[Occurrence]:
        """Iterate over the occurrences that match, from behind `after` up to `until`, in the order of the log.

        The log is read page by page. Refusals whose answers have been pruned, and requests that changed nothing, are
        left out. Raises `StoreUnreadable` for an entry that may match and can't be decoded.
        """
        numbers = self._numbers_of(inquiry.subject)
        position = after
        while position < until:
            found = self._store.feed(position, limit=PAGE).entries
            if not found:
                return
            position = found[-1].position
            wanted = [each for each in found if each.position <= until and _may_match(each, inquiry, numbers)]
            for each in self._occurrences_of(wanted):
                if inquiry.matches(each):
                    yield each

    def _numbers_of(self, subject: Subject | None) -> frozenset[str]:
        """The numbers of a person's appointments."""
        if subject is None:
            return frozenset()
        rows = self._result(RecordsByIndex(APPOINTMENTS.name, "of_subject", [Span((subject,))]))[0]
        return frozenset(row[0] for row in rows)

    def _occurrences_of(self, entries: Sequence[LogEntry]) -> list[Occurrence]:
        requests = {each.position: request for each in entries if (request := refused_request_of(each)) is not None}
        rows = self._result(RecordsByKey(ANSWERS.name, list(requests.values()))) if requests else ()
        answers = {each.command.request_id: each for each in self._answers(list(filter(None, rows)))}
        numbers = sorted({number for each in entries if (number := number_of(each)) is not None})
        histories = self.histories(numbers) if numbers else []
        places = {
            (number, version): place
            for number, events in zip(numbers, histories, strict=True)
            for version, place in places_of(events).items()
        }
        found = []
        for each in entries:
            request = requests.get(each.position)
            answer = None if request is None else answers.get(request)
            if request is not None and answer is None:
                continue  # pruned
            entry = feed_entry(each, answer)
            if answer is not None:
                place = place_of(answer)
            elif isinstance(entry.what, EventOfAppointment):
                place = places.get((entry.what.number, entry.what.version), NOWHERE)
            else:
                place = NOWHERE
            found.append(occurrence_of(entry, place))
        return found


def _may_match(entry: LogEntry, inquiry: Inquiry, numbers: frozenset[str]) -> bool:
    """False if an entry certainly does not match; this spares decoding it."""
    if inquiry.question is AuditQuestion.INSTALLATIONS:
        return entry.kind == INSTALLED_KIND
    if entry.kind == REFUSED_KIND:
        return True
    if entry.kind in INTERNAL_KINDS or inquiry.question in OF_REFUSALS:
        return False
    names = [each for each in (inquiry.clerk, inquiry.number, inquiry.subject) if each is not None]
    return entry.stream in numbers or all(each in entry.body or each in entry.stream for each in names)
