"""Whether anybody was granted more than the rules of the moment allow, beside what they truly had by then.

A decision is recorded with what it saw. Here the rules are heard again on the same case with what its applicant had
according to the events: where two requests were granted that did not know of each other, a rule speaks up now.
Which of two changes was written first is not on record, and clocks of several hosts differ. So nothing is counted
that was given back within `CLOCKS_APART`, and of grants within that time of each other one has to fit after the rest.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from attrs import evolve as copy_with
from attrs import frozen

from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.events import AppointmentEvent
from traffic_booking.domain.audit.explanations import replayed
from traffic_booking.domain.audit.invariants import BrokenInvariant, Invariant, appointment_of
from traffic_booking.domain.decisions.outcomes import Answer
from traffic_booking.domain.rules.cases import BookingCase
from traffic_booking.domain.rules.rulebook import Rulebooks
from traffic_booking.domain.text_input import RequestId

CLOCKS_APART: Final = timedelta(minutes=1)
"""At most so far the instants of two changes to one person may lie from the order in which they were written."""


@frozen(eq=False)
class AppointmentHistory:
    """An appointment's events, which tell a sound story, and the answers to its requests."""

    events: tuple[AppointmentEvent, ...]
    answers: Mapping[RequestId, Answer]

    def by(self, moment: datetime) -> Appointment | None:
        """The appointment as it stood once everything decided by `moment` was written; None where there was none."""
        return appointment_of(event for event in self.events if event.at <= moment)

    def grants(self) -> Iterator[Answer]:
        """The answers that held or booked it, as far as their cases were kept."""
        for event in self.events:
            answer = None if event.request_id is None else self.answers.get(event.request_id)
            if answer is not None and isinstance(answer.case, BookingCase):
                yield answer


def broken_limits(
    one: AppointmentHistory, beside: Sequence[AppointmentHistory], rulebooks: Rulebooks
) -> Iterator[BrokenInvariant]:
    """Each grant of `one` that the rules speak against, given all else that its person had; `beside` are the others.

    Raises `NotFound` where a version of the rulebook that decided is not among `rulebooks`.
    """
    for grant in one.grants():
        moment = grant.decided_at
        if not _had(one, moment):
            continue
        there = [other for other in beside if _had(other, moment)]
        rules = _broken_rules(grant, there, moment, rulebooks)
        if rules and not any(_may_be_last(other, [*there, one], moment, rulebooks) for other in there):
            yield BrokenInvariant(
                invariant=Invariant.LIMITS,
                where=one.events[0].number,
                found=f"granted against {', '.join(rules)}, beside {len(there)} others that were active",
                expected=f"what rulebook {grant.rulebook} allows",
            )


def _had(one: AppointmentHistory, moment: datetime) -> bool:
    """Whether it was active at `moment` for certain."""
    return all(
        appointment is not None and appointment.is_active(moment)
        for appointment in (one.by(moment), one.by(moment + CLOCKS_APART))
    )


def _may_be_last(
    other: AppointmentHistory, there: Sequence[AppointmentHistory], moment: datetime, rulebooks: Rulebooks
) -> bool:
    """Whether `other` was granted at about `moment`, and may be what was granted after all that is `there`."""
    rest = [each for each in there if each is not other]
    return any(
        moment - CLOCKS_APART <= grant.decided_at and not _broken_rules(grant, rest, moment, rulebooks)
        for grant in other.grants()
        if grant.decided_at <= moment
    )


def _broken_rules(
    grant: Answer, beside: Sequence[AppointmentHistory], moment: datetime, rulebooks: Rulebooks
) -> list[str]:
    """The rules that speak against `grant` with these beside it, as they were by `moment` and a little later."""
    evaluated = [
        _against(grant, [appointment for each in beside if (appointment := each.by(by)) is not None], rulebooks)
        for by in (moment, moment + CLOCKS_APART)
    ]
    return [rule_id for rule_id in evaluated[0] if rule_id in evaluated[1]]


def _against(grant: Answer, others: list[Appointment], rulebooks: Rulebooks) -> list[str]:
    assert isinstance(grant.case, BookingCase)
    others.sort(key=lambda each: (each.slot.starts_at, each.number))
    as_it_was = copy_with(grant, case=copy_with(grant.case, others=tuple(others)))
    again, recorded = replayed(as_it_was, rulebooks), replayed(grant, rulebooks)
    assert again is not None
    assert recorded is not None
    known = {verdict.rule_id for verdict in recorded.refused}
    return [verdict.rule_id for verdict in again.refused if verdict.rule_id not in known]
