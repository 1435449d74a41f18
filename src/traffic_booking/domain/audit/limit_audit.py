"""Finds grants beyond the limits of the rules, beside the other appointments that the person had at the time.

A decision is recorded with its facts. The audit evaluates the rules again, on the same case with the appointments that
the applicant had according to the events. So it finds two grants that were decided without each other.

The events are ordered as they were committed, by their positions in the log: clocks are set back, and those of several
hosts differ. One clock counts for each grant: that of the host that decided it.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from attrs import evolve as copy_with

from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.events import (
    AppointmentBooked,
    AppointmentEvent,
    AppointmentHeld,
    AppointmentMoved,
    HoldExpired,
    WalkInBooked,
)
from traffic_booking.domain.appointments.person_state import matters
from traffic_booking.domain.audit.explanations import replayed
from traffic_booking.domain.audit.feed import FeedPosition
from traffic_booking.domain.audit.invariants import BrokenInvariant, Invariant, appointment_of
from traffic_booking.domain.decisions.outcomes import Answer
from traffic_booking.domain.rules.cases import BookingCase, MoveCase
from traffic_booking.domain.rules.rulebook import Rulebook
from traffic_booking.domain.text_input import RequestId
from traffic_booking.domain.values import frozen

PlacedEvent = tuple[FeedPosition, AppointmentEvent]
"""An event and its position in the log."""


@frozen(eq=False)
class AppointmentHistory:
    """An appointment's events, which are sound, and the answers to its requests."""

    events: tuple[PlacedEvent, ...]
    answers: Mapping[RequestId, Answer]

    def before(self, position: FeedPosition) -> Appointment | None:
        """The appointment after all events before `position`; None before the first."""
        return appointment_of(event for place, event in self.events if place < position)

    def grants(self) -> Iterator[tuple[FeedPosition, Answer]]:
        """The answers that held, booked or moved it and still have a case, each with the position of its event."""
        for place, event in self.events:
            if not isinstance(event, AppointmentHeld | AppointmentBooked | WalkInBooked | AppointmentMoved):
                continue  # such as a hold that was released: the request was granted for another appointment
            answer = None if event.request_id is None else self.answers.get(event.request_id)
            if answer is not None and isinstance(answer.case, BookingCase):
                yield place, answer


def broken_limits(
    one: AppointmentHistory, beside: Sequence[AppointmentHistory], versions: Mapping[str, Rulebook]
) -> Iterator[BrokenInvariant]:
    """Each grant of `one` beyond the limits; `beside` contains the other appointments of the person.

    `versions` are the rulebooks that decided, by name.
    """
    for position, grant in one.grants():
        moved = grant.case.appointment.number if isinstance(grant.case, MoveCase) else None
        # A hold for a move was decided with the appointment out of the way.
        others = [each for each in beside if each.events[0][1].number != moved]
        there = _active(others, position, grant.decided_at, _changes([one, *beside], position))
        rules = _against(grant, there, versions[grant.rulebook])
        if rules:
            yield BrokenInvariant(
                invariant=Invariant.LIMITS,
                where=one.events[0][1].number,
                found=f"granted against {', '.join(rules)}, beside {len(there)} others that were active",
                expected=f"what rulebook {grant.rulebook} allows",
            )


def _active(
    histories: Sequence[AppointmentHistory], position: FeedPosition, now: datetime, changes: Sequence[PlacedEvent]
) -> list[Appointment]:
    """The appointments that a decision had to count: active `now`, and still listed after the `changes` since then.

    A change lists no appointment any more that was over by the clock of the host that decided it.
    """
    there = []
    for history in histories:
        appointment = history.before(position)
        if appointment is not None and appointment.is_active(now):
            last = max(place for place, _ in history.events if place < position)
            since = max((event.at for place, event in changes if place >= last), default=now)
            if matters(appointment, since):
                there.append(appointment)
    return there


def _changes(histories: Sequence[AppointmentHistory], position: FeedPosition) -> list[PlacedEvent]:
    """The events before `position` with which the person's state was written: the end of a hold doesn't write it."""
    return [
        (place, event)
        for history in histories
        for place, event in history.events
        if place < position and not isinstance(event, HoldExpired)
    ]


def _against(grant: Answer, others: list[Appointment], rulebook: Rulebook) -> list[str]:
    assert isinstance(grant.case, BookingCase)
    others.sort(key=lambda each: (each.slot.starts_at, each.number))
    as_it_was = copy_with(grant, case=copy_with(grant.case, others=tuple(others)))
    again, recorded = replayed(as_it_was, rulebook), replayed(grant, rulebook)
    assert again is not None
    assert recorded is not None
    known = {verdict.rule_id for verdict in recorded.refused}
    return [verdict.rule_id for verdict in again.refused if verdict.rule_id not in known]
