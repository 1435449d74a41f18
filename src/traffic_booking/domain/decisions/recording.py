"""What all decisions share: the record of a refusal, the seat of an appointment given back."""

from datetime import datetime

from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.commands import Command
from traffic_booking.domain.appointments.person_state import PersonState
from traffic_booking.domain.decisions.changes import CalendarGuard, Change, SeatChange
from traffic_booking.domain.decisions.facts import Facts
from traffic_booking.domain.decisions.outcomes import Answer, Outcome, Refused, RequestRefused
from traffic_booking.domain.rules.cases import Case
from traffic_booking.domain.rules.eligibility import PERSONAL_RULES
from traffic_booking.domain.rules.evaluation import Evaluation
from traffic_booking.domain.rules.verdict import BROKEN, NO_FINDINGS, Findings


def answer_of(
    command: Command, outcome: Outcome, case: Case | None, evaluation: Evaluation, now: datetime, rulebook_version: str
) -> Answer:
    """The record of what `command` came to, with the findings of the broken rules."""
    return Answer(
        command=command,
        outcome=outcome,
        decided_at=now,
        rulebook=rulebook_version,
        findings=evaluation.findings.of_broken() if isinstance(outcome, Refused) else NO_FINDINGS,
        case=case,
    )


def refusal(
    command: Command,
    case: Case | None,
    evaluation: Evaluation,
    now: datetime,
    rulebook_version: str,
    person_state: PersonState | None = None,
) -> Change:
    """A change that writes the refusal's record, so that the same request gets the same answer.

    It is committed only if `standing`, which the refusal was based on, is still the stored one.
    """
    answer = answer_of(command, Refused(evaluation.refused), case, evaluation, now, rulebook_version)
    return Change(answer=answer, unchanged=person_state)


def calendar_guards(facts: Facts) -> tuple[CalendarGuard, ...]:
    """Guards that compare the calendars that a decision was based on, and raise none of them."""
    return tuple([CalendarGuard(branch, found.version) for branch, found in facts.calendars.items()])


def seat_back(appointment: Appointment) -> SeatChange:
    """One seat of the appointment's slot given back; no capacity bounds that."""
    return SeatChange(appointment.slot, -1, 0)


def refused_request(answer: Answer) -> RequestRefused:
    """A refusal as the log has it, which is kept when the person is erased: no finding shows what was vouched for."""
    found = answer.findings
    results = [
        BROKEN if each in PERSONAL_RULES else result for each, result in zip(found.rule_ids, found.results, strict=True)
    ]
    return RequestRefused(
        request_id=answer.command.request_id,
        at=answer.decided_at,
        actor=answer.command.actor,
        rulebook=answer.rulebook,
        broken=Findings(found.rule_ids, tuple(results)),
        number=getattr(answer.command, "number", None),
    )
