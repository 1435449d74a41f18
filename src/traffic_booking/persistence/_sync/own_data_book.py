"""The appointment book of a person's own data: it reads every record and every entry of the log about one person.

Made from `traffic_booking.persistence.own_data_book` by `python -m tools.check_sync --write`: change that.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from traffic_booking.domain.audit.feed import BEGINNING, FeedPosition
from traffic_booking.domain.decisions.outcomes import Answer
from traffic_booking.domain.inquiries.occurrences import Occurrence, OccurrenceKind
from traffic_booking.domain.inquiries.own_data import OwnAppointment, OwnSession, decides_about
from traffic_booking.domain.people.applicants import Applicant, Subject
from traffic_booking.domain.people.identity import PersonId
from traffic_booking.domain.text_input import RequestId
from traffic_booking.persistence._sync.inquiry_book import PAGE, InquiryBook
from traffic_booking.persistence.account_records import account_of
from traffic_booking.persistence.keys import stream_of_person, stream_of_repeats
from traffic_booking.persistence.log import ASKED_KIND, INTERNAL_KINDS, REFUSED_KIND, registrations_of, request_of
from traffic_booking.persistence.persons import PersonKeys
from traffic_booking.persistence.records import appointment_of
from traffic_booking.persistence.schema import ACCOUNTS, ANSWERS, APPOINTMENTS, ASSERTIONS, ATTEMPTS, NAMES, SESSIONS
from traffic_booking.persistence.sign_in_codec import attempts_of, session_of
from traffic_booking.ports.primitives import EntriesOfStreams, LogEntry, RecordsByIndex, RecordsByKey, Row, Span


class PersonalRecords(NamedTuple):
    """The records of a registered person, from one snapshot, and the events of their appointments."""

    person: PersonId
    applicant: Applicant
    registered_at: datetime | None
    user_name: str | None
    has_password: bool
    failed_sign_ins: int
    sessions: tuple[OwnSession, ...]
    appointments: tuple[OwnAppointment, ...]
    requests: frozenset[RequestId | None]
    """The ids of the requests whose answers the records lead to."""

    @property
    def numbers(self) -> frozenset[str]:
        """The numbers of the appointments."""
        return frozenset(each.appointment.number for each in self.appointments)


class OwnDataBook(InquiryBook):
    """An appointment book with the reads for a person's own data. Its arguments are those of `SeatBook`."""

    def records_of(self, person: PersonId) -> PersonalRecords | None:
        """Return the records of a person, None if they are not registered. A few round trips."""
        applicant = self.applicants([person]).get(person)
        if applicant is None:
            return None
        subject, spans = applicant.subject, [Span((applicant.subject,))]
        listed = [
            RecordsByIndex(each.name, "of_subject", spans, descending=each is APPOINTMENTS)
            for each in (NAMES, SESSIONS, APPOINTMENTS, ASSERTIONS)
        ]
        single = [RecordsByKey(each.name, [subject]) for each in (ACCOUNTS, ATTEMPTS)]
        entries = EntriesOfStreams([stream_of_person(subject)])
        (current,), (registered,), (account,), (attempts,), *found = self._store.read(
            [PersonKeys.query, entries, *single, *listed]
        )
        self.keys.take(current)
        (names,), (sessions,), (rows,), (asserted,) = found
        appointments = tuple(map(appointment_of, rows))
        histories = self.histories([each.number for each in appointments])
        repeats = self._result(EntriesOfStreams([stream_of_repeats(each.number) for each in appointments]))
        requests = {each.request_id for events in histories for each in events}
        requests |= {row[0] for row in asserted} | {request_of(each) for stream in repeats for each in stream}
        known = None if account is None else account_of(account, 0)
        generation, failed = 0 if known is None else known.generation, attempts_of(person, attempts)
        return PersonalRecords(
            person=person,
            applicant=applicant,
            registered_at=next((each.at for each in registrations_of(registered)), None),
            user_name=next(map(self.keys.name_of, names), None),
            has_password=known is not None and known.encoded is not None,
            failed_sign_ins=failed.strangers.count + sum(each.failures.count for each in failed.devices.values()),
            sessions=tuple(_session(row, person, generation) for row in sessions),
            appointments=tuple(
                OwnAppointment(appointment=each, events=tuple(events))
                for each, events in zip(appointments, histories, strict=True)
            ),
            requests=frozenset(requests),
        )

    def happened_to(self, subject: Subject, numbers: frozenset[str], until: FeedPosition) -> list[Occurrence]:
        """Return the occurrences about a person, or by them, up to `until`, in the order of the log.

        All questions of auditors that name a request are among them. The whole log is read once, page by page.
        """
        position, kept = BEGINNING, list[Occurrence]()
        while position < until:
            found = self._store.feed(position, limit=PAGE).entries
            if not found:
                break
            position = found[-1].position
            wanted = [each for each in found if each.position <= until and _may_concern(each, subject, numbers)]
            occurred = self._occurrences_of(wanted)
            kept += [
                each
                for each in occurred
                if subject in each.subjects
                or each.number in numbers
                or (each.kind is OccurrenceKind.ASKED and each.request_id)
            ]
        return kept

    def answers_about(
        self, requests: frozenset[RequestId | None], subject: Subject, numbers: frozenset[str]
    ) -> list[Answer]:
        """Return the answers to these requests that are about the person, by their instants."""
        found: list[Answer] = []
        ordered = sorted(filter(None, requests))
        for first in range(0, len(ordered), PAGE):
            rows = self._result(RecordsByKey(ANSWERS.name, ordered[first : first + PAGE]))
            found += self._answers([row for row in rows if row is not None])
        about = [each for each in found if decides_about(each, subject, numbers)]
        return sorted(about, key=lambda each: (each.decided_at, each.command.request_id))


def _session(row: Row, person: PersonId, generation: int) -> OwnSession:
    issued = session_of(row, person, "", generation)
    return OwnSession(started_at=issued.session.started_at, ends_at=issued.session.ends_at, ended=issued.ended)


def _may_concern(entry: LogEntry, subject: Subject, numbers: frozenset[str]) -> bool:
    """False if an entry certainly is about others; this spares decoding it."""
    if entry.kind in {REFUSED_KIND, ASKED_KIND}:
        return True
    if entry.kind in INTERNAL_KINDS:
        return False
    names: Sequence[str] = (subject, *numbers)
    return any(each in entry.stream or each in entry.body for each in names)
