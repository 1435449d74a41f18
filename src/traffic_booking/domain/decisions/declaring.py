"""Whether a record is added to the working calendar, and the change that does it."""

from datetime import datetime

from traffic_booking.domain.changes import CalendarGuard, Change
from traffic_booking.domain.commands import DeclareRecord
from traffic_booking.domain.decisions.recording import answer_of, refusal
from traffic_booking.domain.facts import COUNTRY, CalendarVersion, Facts
from traffic_booking.domain.outcomes import Declared
from traffic_booking.domain.rules.cases import DeclarationCase
from traffic_booking.domain.rules.rule import Use
from traffic_booking.domain.terms import Terms
from traffic_booking.domain.working_time.entries import CalendarEntry


def decide_declaration(terms: Terms, command: DeclareRecord, facts: Facts, now: datetime) -> Change:
    """The change that adds the record and raises the calendars that it concerns, or that records the refusal.

    Raises `InvalidInput` for a record that doesn't fit the calendar: an id used before, a rule that it doesn't have.
    """
    rulebook = terms.rulebook(now)
    case = DeclarationCase(command.actor)
    judgement = rulebook.judge(Use.DECLARE, case, now)
    if not judgement.granted:
        return refusal(command, case, judgement, now, rulebook.version)
    entry = CalendarEntry(
        number=terms.calendars.revision + 1,
        at=now,
        actor=command.actor,
        reason=command.reason,
        request_id=command.request_id,
        record=command.record,
    )
    terms.calendars.after(command.record)
    branch = terms.calendars.branch_of(command.record)
    concerned = dict.fromkeys((COUNTRY, *facts.calendars) if branch is None else (COUNTRY, branch))
    versions = [(each, facts.calendars.get(each, CalendarVersion()).version) for each in concerned]
    return Change(
        answer=answer_of(command, Declared(entry), case, judgement, now, rulebook.version),
        calendars=tuple(CalendarGuard(each, version, entry.number) for each, version in versions),
        entry=entry,
    )
