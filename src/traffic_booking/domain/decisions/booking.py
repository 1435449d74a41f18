"""Whether a slot may be held or booked, and the change that does it.

A hold that the applicant has on the same slot becomes the booking: no seat moves. A live hold of theirs on another
slot for the same service is given back in the same change.
"""

from datetime import datetime, timedelta

from traffic_booking.domain.actors import may_act_for
from traffic_booking.domain.appointment_numbers import AppointmentNumber
from traffic_booking.domain.appointments import Appointment, AppointmentState, evolve
from traffic_booking.domain.changes import Change, SeatChange, StandingGuard
from traffic_booking.domain.commands import BookSlot, HoldSlot
from traffic_booking.domain.decisions.recording import answer_of, refusal, seat_back
from traffic_booking.domain.events import AppointmentBooked, AppointmentEvent, AppointmentHeld, HoldReleased
from traffic_booking.domain.facts import Facts, Standing
from traffic_booking.domain.outcomes import Booked, Held
from traffic_booking.domain.rulebook import broken
from traffic_booking.domain.rules.booking import BookingCase
from traffic_booking.domain.rules.rule import Use
from traffic_booking.domain.services import InstructionsVersion, Service
from traffic_booking.domain.slots import Slot, SlotKey
from traffic_booking.domain.terms import Terms


def decide_hold(terms: Terms, command: HoldSlot, facts: Facts, number: AppointmentNumber, now: datetime) -> Change:
    """The change that holds the slot for the applicant, or that records the refusal."""
    held = _own_hold(_standing(facts), command.slot, now)
    case = _case(terms, command, facts, agreed=None, now=now)
    refused = broken(terms.rulebook.judge(Use.HOLD, case, now))
    if refused:
        return refusal(command, refused, now, terms.rulebook.version)
    if held is not None:  # the seat is theirs already: the same hold again, no longer than it was
        return Change(
            answer=answer_of(command, Held(held), now, terms.rulebook.version),
            standing=StandingGuard(command.applicant, _standing(facts).version),
            calendar_revision=terms.calendars.revision,
        )
    slot = _slot_of(case)
    event = AppointmentHeld(
        number=number,
        version=1,
        at=now,
        actor=command.actor,
        rulebook=terms.rulebook.version,
        request_id=command.request_id,
        slot=slot.key,
        slot_ends_at=slot.ends_at,
        time_zone=slot.time_zone,
        applicant=command.applicant,
        hold_ends_at=now + timedelta(minutes=terms.rulebook["HD-01"]["minutes"]),
    )
    appointment = evolve(None, event)
    return _granted(terms, command, facts, slot, appointment, event, Held(appointment))


def decide_booking(terms: Terms, command: BookSlot, facts: Facts, number: AppointmentNumber, now: datetime) -> Change:
    """The change that books the slot for the applicant, or that records the refusal."""
    held = _own_hold(_standing(facts), command.slot, now)
    service = terms.catalogue.service(command.slot.service)
    agreed = _agreed(command.agreed, service)
    case = _case(terms, command, facts, agreed=agreed, now=now)
    refused = broken(terms.rulebook.judge(Use.BOOK, case, now))
    if refused:
        return refusal(command, refused, now, terms.rulebook.version)
    assert agreed is not None
    slot = _slot_of(case)
    event = AppointmentBooked(
        number=held.number if held else number,
        version=held.version + 1 if held else 1,
        at=now,
        actor=command.actor,
        rulebook=terms.rulebook.version,
        request_id=command.request_id,
        slot=slot.key,
        slot_ends_at=slot.ends_at,
        time_zone=slot.time_zone,
        applicant=command.applicant,
        instructions=agreed,
    )
    appointment = evolve(held, event)
    return _granted(terms, command, facts, slot, appointment, event, Booked(appointment))


def _granted(
    terms: Terms,
    command: HoldSlot | BookSlot,
    facts: Facts,
    slot: Slot,
    appointment: Appointment,
    event: AppointmentEvent,
    outcome: Held | Booked,
) -> Change:
    standing = _standing(facts)
    version = terms.rulebook.version
    released = tuple(
        HoldReleased(
            number=other.number,
            version=other.version + 1,
            at=event.at,
            actor=command.actor,
            rulebook=version,
            request_id=command.request_id,
        )
        for other in _replaced(standing, command.slot, event.at)
    )
    before = {other.number: other for other in standing.appointments}
    given_back = tuple(evolve(before[release.number], release) for release in released)
    fresh = appointment.version == 1
    return Change(
        answer=answer_of(command, outcome, event.at, version),
        seats=(
            *(seat_back(other) for other in given_back),
            *((SeatChange(slot.key, 1, slot.capacity),) if fresh else ()),
        ),
        standing=StandingGuard(command.applicant, standing.version),
        calendar_revision=terms.calendars.revision,
        appointments=(*given_back, appointment),
        events=(*released, event),
    )


def _case(
    terms: Terms,
    command: HoldSlot | BookSlot,
    facts: Facts,
    *,
    agreed: InstructionsVersion | None,
    now: datetime,
) -> BookingCase:
    standing, key = _standing(facts), command.slot
    branch, service = terms.catalogue.branch(key.branch), terms.catalogue.service(key.service)
    theirs = standing.appointments if may_act_for(command.actor, command.applicant) else ()
    held = _own_hold(standing, key, now) if theirs else None
    set_aside = {hold.number for hold in (held, *_replaced(standing, key, now)) if hold is not None}
    return BookingCase(
        actor=command.actor,
        applicant=command.applicant,
        branch=branch,
        service=service,
        offered=service.id in terms.catalogue.timetable(branch).services,
        key=key,
        slot=terms.slot(key),
        taken=facts.taken[key] - (held is not None),
        others=tuple(a for a in theirs if a.is_active(now) and a.number not in set_aside),
        agreed=agreed,
        has_seat=held is not None,
    )


def _standing(facts: Facts) -> Standing:
    assert facts.standing is not None, "the facts of a booking hold the applicant's standing"
    return facts.standing


def _slot_of(case: BookingCase) -> Slot:
    assert case.slot is not None, "granted without a slot: BK-02 is not in force"
    return case.slot


def _agreed(agreed: InstructionsVersion | bool, service: Service) -> InstructionsVersion | None:  # noqa: FBT001 - yes, no, or a version
    match agreed:
        case True:
            return service.instructions.version
        case False:
            return None
        case version:
            return version


def _own_hold(standing: Standing, key: SlotKey, now: datetime) -> Appointment | None:
    return next((hold for hold in _live_holds(standing, now) if hold.slot == key), None)


def _replaced(standing: Standing, key: SlotKey, now: datetime) -> tuple[Appointment, ...]:
    return tuple(h for h in _live_holds(standing, now) if h.slot.service == key.service and h.slot != key)


def _live_holds(standing: Standing, now: datetime) -> tuple[Appointment, ...]:
    return tuple(a for a in standing.appointments if a.state is AppointmentState.HELD and a.is_active(now))
