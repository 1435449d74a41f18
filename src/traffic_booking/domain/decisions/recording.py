"""What all decisions share: the record of a refusal, the seat of an appointment given back."""

from datetime import datetime

from traffic_booking.domain.appointments import Appointment
from traffic_booking.domain.changes import CalendarGuard, Change, SeatChange
from traffic_booking.domain.commands import Command
from traffic_booking.domain.facts import Facts
from traffic_booking.domain.outcomes import Answer, Outcome, Refused
from traffic_booking.domain.rules.cases import Case
from traffic_booking.domain.rules.judging import Judgement


def answer_of(
    command: Command, outcome: Outcome, case: Case | None, judgement: Judgement, now: datetime, rulebook_version: str
) -> Answer:
    """The record of what `command` came to, and of what every rule said of it."""
    return Answer(
        command=command,
        outcome=outcome,
        decided_at=now,
        rulebook=rulebook_version,
        findings=judgement.findings,
        case=case,
    )


def refusal(command: Command, case: Case | None, judgement: Judgement, now: datetime, rulebook_version: str) -> Change:
    """A change that writes nothing but the refusal's record, so that the same request gets the same answer."""
    return Change(answer=answer_of(command, Refused(judgement.refused), case, judgement, now, rulebook_version))


def calendar_guards(facts: Facts) -> tuple[CalendarGuard, ...]:
    """Guards that compare the calendars that a decision was based on, and raise none of them."""
    return tuple([CalendarGuard(branch, found.version) for branch, found in facts.calendars.items()])


def seat_back(appointment: Appointment) -> SeatChange:
    """One seat of the appointment's slot given back; no capacity bounds that."""
    return SeatChange(appointment.slot, -1, 0)
