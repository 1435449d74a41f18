"""An inquiry: a question of an auditor, with the bounds of its answer."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from attrs import field

from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.inquiries.occurrences import Occurrence, OccurrenceKind
from traffic_booking.domain.instants import in_utc_if_set
from traffic_booking.domain.people.actors import Clerk
from traffic_booking.domain.people.applicants import Subject
from traffic_booking.domain.places.geography import BranchId
from traffic_booking.domain.places.services import ServiceId
from traffic_booking.domain.values import frozen


class AuditQuestion(StrEnum):
    """The questions that an auditor asks; the log has these names."""

    REFUSALS = "refusals"
    REFUSAL_COUNTS = "refusal-counts"
    CLERK = "clerk"
    APPOINTMENT = "appointment"
    PERSON = "person"
    EXPLANATION = "explanation"
    HISTORY = "history"
    EXPORT = "export"
    INSTALLATIONS = "installations"


OF_REFUSALS = frozenset({AuditQuestion.REFUSALS, AuditQuestion.REFUSAL_COUNTS})
"""The questions about refused requests alone."""


@frozen(kw_only=True)
class Inquiry:
    """A question and what narrows its answer; `from_` (inclusive) and `until` (exclusive) are in UTC.

    `number`, `clerk` and `subject` are those that the questions about one of them are about.
    """

    question: AuditQuestion
    from_: datetime | None = field(default=None, converter=in_utc_if_set)
    until: datetime | None = field(default=None, converter=in_utc_if_set)
    branch: BranchId | None = None
    service: ServiceId | None = None
    rule: str | None = None
    number: AppointmentNumber | None = None
    clerk: str | None = None
    subject: Subject | None = None

    @property
    def about(self) -> Mapping[str, str]:
        """The bounds of the answer by name, without the subject."""
        bounds = {"from": self.from_, "until": self.until}
        found = {name: None if bound is None else bound.isoformat() for name, bound in bounds.items()}
        names = ("branch", "service", "rule", "number", "clerk")
        found |= {name: getattr(self, name) for name in names}
        return {name: value for name, value in found.items() if value is not None}

    def matches(self, occurrence: Occurrence) -> bool:
        """True if the occurrence belongs to the answer."""
        if self.question in OF_REFUSALS and occurrence.kind is not OccurrenceKind.REFUSED:
            return False
        if self.question is AuditQuestion.INSTALLATIONS and occurrence.kind is not OccurrenceKind.INSTALLED:
            return False
        if self.clerk is not None and not (isinstance(occurrence.actor, Clerk) and occurrence.actor.id == self.clerk):
            return False
        if self.subject is not None and self.subject not in occurrence.subjects:
            return False
        return (
            (self.from_ is None or self.from_ <= occurrence.at)
            and (self.until is None or occurrence.at < self.until)
            and self.branch in {None, occurrence.branch}
            and self.service in {None, occurrence.service}
            and self.number in {None, occurrence.number}
            and (self.rule is None or self.rule in occurrence.rules)
        )
