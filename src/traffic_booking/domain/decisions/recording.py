"""What all decisions share: the record of a refusal, the seat of an appointment given back."""

from datetime import datetime

from traffic_booking.domain.appointments import Appointment
from traffic_booking.domain.changes import CalendarGuard, Change, SeatChange
from traffic_booking.domain.commands import Command
from traffic_booking.domain.facts import Facts
from traffic_booking.domain.outcomes import Answer, Outcome, Refused, RequestRefused
from traffic_booking.domain.rules.cases import Case
from traffic_booking.domain.rules.eligibility import PERSONAL_RULES
from traffic_booking.domain.rules.judging import Judgement
from traffic_booking.domain.rules.verdict import BROKEN, NO_FINDINGS, Findings
from traffic_booking.domain.standing import Standing


def answer_of(
    command: Command, outcome: Outcome, case: Case | None, judgement: Judgement, now: datetime, rulebook_version: str
) -> Answer:
    """The record of what `command` came to, with the findings of the broken rules."""
    return Answer(
        command=command,
        outcome=outcome,
        decided_at=now,
        rulebook=rulebook_version,
        findings=judgement.findings.of_broken() if isinstance(outcome, Refused) else NO_FINDINGS,
        case=case,
    )


def refusal(
    command: Command,
    case: Case | None,
    judgement: Judgement,
    now: datetime,
    rulebook_version: str,
    standing: Standing | None = None,
) -> Change:
    """A change that writes the refusal's record, so that the same request gets the same answer.

    It is committed only if `standing`, which the refusal was based on, is still the stored one.
    """
    answer = answer_of(command, Refused(judgement.refused), case, judgement, now, rulebook_version)
    return Change(answer=answer, unchanged=standing)


def calendar_guards(facts: Facts) -> tuple[CalendarGuard, ...]:
    """Guards that compare the calendars that a decision was based on, and raise none of them."""
    return tuple([CalendarGuard(branch, found.version) for branch, found in facts.calendars.items()])


def seat_back(appointment: Appointment) -> SeatChange:
    """One seat of the appointment's slot given back; no capacity bounds that."""
    return SeatChange(appointment.slot, -1, 0)


def refused_request(answer: Answer) -> RequestRefused:
    """A refusal as the log has it, which is kept when the person is erased: no finding shows what was vouched for."""
    found = answer.findings
    words = [BROKEN if each in PERSONAL_RULES else word for each, word in zip(found.rule_ids, found.words, strict=True)]
    return RequestRefused(
        request_id=answer.command.request_id,
        at=answer.decided_at,
        actor=answer.command.actor,
        rulebook=answer.rulebook,
        broken=Findings(found.rule_ids, tuple(words)),
        number=getattr(answer.command, "number", None),
    )
