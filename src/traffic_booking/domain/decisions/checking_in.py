"""The decisions of the gate: check-in, walk-in, service done, no-show, and appeal against a no-show."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import chain, islice
from typing import Final

from attrs import evolve as copy_with

from traffic_booking.domain.appointments.appointment import evolve
from traffic_booking.domain.appointments.commands import (
    CheckInApplicant,
    ExcuseNoShow,
    RecordNoShow,
    ServeApplicant,
    WalkIn,
)
from traffic_booking.domain.appointments.events import (
    AppointmentCheckedIn,
    AppointmentExcused,
    AppointmentMissed,
    AppointmentServed,
    WalkInBooked,
)
from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.appointments.states import Arrival
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.availability import slots_between
from traffic_booking.domain.decisions.booking import booking_case, seat_taken
from traffic_booking.domain.decisions.changes import Change
from traffic_booking.domain.decisions.facts import Facts
from traffic_booking.domain.decisions.outcomes import CheckedIn, Excused, NoShowRecorded, Served, WalkedIn
from traffic_booking.domain.decisions.recording import answer_of, change_of_appointment, decide_on_appointment, refusal
from traffic_booking.domain.people.actors import Actor, Clerk, System
from traffic_booking.domain.places.geography import BranchId
from traffic_booking.domain.places.services import ServiceId
from traffic_booking.domain.rules.attending import OPENS, arrival_at
from traffic_booking.domain.rules.cases import AppointmentCase, BookingCase, MissedCase
from traffic_booking.domain.rules.rule import Use
from traffic_booking.domain.rules.rulebook import Rulebook
from traffic_booking.domain.schedule.slots import SlotKey

SOON: Final = "BK-18"
"""The rule with the time before a slot in which a walk-in may get it."""
MOST_CANDIDATES: Final = 64
"""The most slots whose seats are read for one walk-in."""
LATER: Final = timedelta(days=7)
"""The time in which the next slot is searched for a refusal."""
_TICK: Final = timedelta(microseconds=1)


def decide_check_in(rulebook: Rulebook, command: CheckInApplicant, facts: Facts, now: datetime) -> Change:
    """The change that records that the applicant has come, or the refusal."""
    case = AppointmentCase(command.actor, facts.appointment, came_at=command.happened_at)
    came_at = command.happened_at or now
    arrival = Arrival.ON_TIME if facts.appointment is None else arrival_of(rulebook, facts.appointment.slot, came_at)
    event = partial(AppointmentCheckedIn, arrival=arrival, happened_at=command.happened_at, gate=command.gate)
    outcome = partial(CheckedIn, arrival=arrival)
    return decide_on_appointment(rulebook, Use.CHECK_IN, case, command, facts, now, event=event, outcome=outcome)


def walk_in_slots(configuration: Configuration, branch: BranchId, service: ServiceId, now: datetime) -> list[SlotKey]:
    """The slots that a walk-in may get at `now`, by start: those under way, then the next ones.

    If there are none, the first later one of the next days, so that a refusal can name its time.
    """
    place, wanted = configuration.catalogue.branch(branch), configuration.catalogue.service(service)
    soon = configuration.rulebook(now).rule(SOON, SlotKey(branch, service, now))["minutes"]
    begin, end = now - timedelta(minutes=wanted.duration_minutes), now + timedelta(minutes=soon) + _TICK
    near = [each for each in slots_between(configuration, place, wanted, begin, end) if now < each.ends_at]
    later = () if near else islice(slots_between(configuration, place, wanted, now, now + LATER), 1)
    return [each.key for each in islice(chain(near, later), MOST_CANDIDATES)]


def decide_walk_in(
    configuration: Configuration,
    command: WalkIn,
    facts: Facts,
    candidates: Sequence[SlotKey],
    number: AppointmentNumber,
    now: datetime,
) -> Change:
    """The change that books the first of `candidates` with a free seat and checks the applicant in, or the refusal."""
    rulebook = configuration.rulebook(now)
    case = _walk_in_case(configuration, rulebook, command, facts, candidates, now)
    evaluation = rulebook.evaluate(Use.WALK_IN, case, now, case.key)
    if not evaluation.granted:
        return refusal(command, case, evaluation, now, rulebook.version, facts.person_state)
    slot = case.slot
    assert slot is not None, "granted without a slot: BK-02 is not in force"
    assert case.agreed is not None, "granted without agreement: BK-06 is not in force"
    event = WalkInBooked(
        number=number,
        version=1,
        at=now,
        actor=command.actor,
        rulebook=rulebook.version,
        request_id=command.request_id,
        slot=slot.key,
        slot_ends_at=slot.ends_at,
        time_zone=slot.time_zone,
        pool=slot.pool,
        applicant=command.applicant,
        instructions=case.agreed,
    )
    appointment = evolve(None, event)
    answer = answer_of(command, WalkedIn(appointment), case, evaluation, now, rulebook.version)
    return seat_taken(command, case, answer, facts, event, appointment)


def _walk_in_case(
    configuration: Configuration,
    rulebook: Rulebook,
    command: WalkIn,
    facts: Facts,
    candidates: Sequence[SlotKey],
    now: datetime,
) -> BookingCase:
    """The case of the first candidate with a free seat; of the first one, if there is none."""
    first: BookingCase | None = None
    for key in candidates or [SlotKey(command.branch, command.service, now)]:
        slot = configuration.slot(key)
        seats = (key,) if slot is None else slot.seats
        beside = copy_with(facts, seats_taken={seat: facts.seats_taken.get(seat, 0) for seat in seats})
        case = booking_case(configuration, rulebook, command, key, beside, now)
        if case.held is not None:  # the number of a hold stays with the hold
            case = copy_with(case, held=None, given_back=(*case.given_back, case.held))
        if slot is not None and now < slot.ends_at and case.seats_taken < slot.capacity:
            return case
        first = first or case
    assert first is not None
    return first


def decide_serving(rulebook: Rulebook, command: ServeApplicant, facts: Facts, now: datetime) -> Change:
    """The change that records that the service was done, or the refusal."""
    case = AppointmentCase(command.actor, facts.appointment)
    return decide_on_appointment(
        rulebook, Use.SERVE, case, command, facts, now, event=AppointmentServed, outcome=Served
    )


def decide_no_show(configuration: Configuration, command: RecordNoShow, facts: Facts, now: datetime) -> Change:
    """The change that records that nobody came and frees the seat, or the refusal."""
    rulebook, case = configuration.rulebook(now), _missed_case(configuration, command.actor, facts)
    return decide_on_appointment(
        rulebook, Use.NO_SHOW, case, command, facts, now, event=AppointmentMissed, outcome=NoShowRecorded
    )


def decide_missed(configuration: Configuration, facts: Facts, actor: Clerk | System, now: datetime) -> Change | None:
    """The change with which maintenance records a no-show; None if a rule refuses it."""
    rulebook, case = configuration.rulebook(now), _missed_case(configuration, actor, facts)
    if facts.appointment is None or not rulebook.evaluate(Use.NO_SHOW, case, now, case.at).granted:
        return None
    return change_of_appointment(rulebook, case, facts, now, AppointmentMissed, actor)


def decide_excuse(rulebook: Rulebook, command: ExcuseNoShow, facts: Facts, now: datetime) -> Change:
    """The change that accepts an appeal against a no-show, or the refusal."""
    case = AppointmentCase(command.actor, facts.appointment)
    outcome = partial(Excused, evidence=command.evidence)
    return decide_on_appointment(
        rulebook, Use.EXCUSE, case, command, facts, now, event=AppointmentExcused, outcome=outcome
    )


def _missed_case(configuration: Configuration, actor: Actor, facts: Facts) -> MissedCase:
    """Raises `StoreUnreadable` if the calendar has an entry that can't be decoded: it may close the slot."""
    appointment = facts.appointment
    if appointment is None:
        return MissedCase(actor, None)
    configuration.calendars.check_readable()
    return MissedCase(actor, appointment, slot_was_closed=configuration.has_closed(appointment.slot))


def arrival_of(rulebook: Rulebook, slot: SlotKey, came_at: datetime) -> Arrival:
    """The arrival of a person who comes at `came_at`, early, on time or late, with the figures for the slot."""
    return arrival_at(rulebook.rule(OPENS, slot), slot.starts_at, came_at)
