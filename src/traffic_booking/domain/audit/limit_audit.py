"""Finds grants beyond the limits of the rules, beside the other appointments that the person had at the time.

A decision is recorded with its facts. The audit evaluates the rules again, on the same case with the appointments that
the applicant had according to the events. So it finds two grants that were decided without each other.

The order of two changes is not recorded, and the clocks of several hosts differ. Appointments that ended within
`CLOCKS_APART` are not counted, and of grants within that time of each other one has to be allowed after the rest.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from attrs import evolve as copy_with

from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.events import AppointmentEvent
from traffic_booking.domain.audit.explanations import replayed
from traffic_booking.domain.audit.invariants import BrokenInvariant, Invariant, appointment_of
from traffic_booking.domain.decisions.outcomes import Answer
from traffic_booking.domain.rules.cases import BookingCase
from traffic_booking.domain.rules.rulebook import Rulebooks
from traffic_booking.domain.text_input import RequestId
from traffic_booking.domain.values import frozen

CLOCKS_APART: Final = timedelta(minutes=1)
"""The greatest difference between the clocks of two hosts."""


@frozen(eq=False)
class AppointmentHistory:
    """An appointment's events, which are sound, and the answers to its requests."""

    events: tuple[AppointmentEvent, ...]
    answers: Mapping[RequestId, Answer]

    def by(self, moment: datetime) -> Appointment | None:
        """The appointment after all events by `moment`; None before the first."""
        return appointment_of(event for event in self.events if event.at <= moment)

    def grants(self) -> Iterator[Answer]:
        """The answers that held or booked it and still have a case."""
        for event in self.events:
            answer = None if event.request_id is None else self.answers.get(event.request_id)
            if answer is not None and isinstance(answer.case, BookingCase):
                yield answer


def broken_limits(
    one: AppointmentHistory, beside: Sequence[AppointmentHistory], rulebooks: Rulebooks
) -> Iterator[BrokenInvariant]:
    """Each grant of `one` beyond the limits; `beside` contains the other appointments of the person.

    Raises `NotFound` if a version of the rulebook that decided is not in `rulebooks`.
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
    """True if it was certainly active at `moment`."""
    return all(
        appointment is not None and appointment.is_active(moment)
        for appointment in (one.by(moment), one.by(moment + CLOCKS_APART))
    )


def _may_be_last(
    other: AppointmentHistory, there: Sequence[AppointmentHistory], moment: datetime, rulebooks: Rulebooks
) -> bool:
    """True if `other` was granted at about `moment`, and may have been granted last."""
    rest = [each for each in there if each is not other]
    return any(
        moment - CLOCKS_APART <= grant.decided_at and not _broken_rules(grant, rest, moment, rulebooks)
        for grant in other.grants()
        if grant.decided_at <= moment
    )


def _broken_rules(
    grant: Answer, beside: Sequence[AppointmentHistory], moment: datetime, rulebooks: Rulebooks
) -> list[str]:
    """The rules that `grant` breaks beside these, both at `moment` and `CLOCKS_APART` later."""
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
