"""Hypothesis strategies for answers: of any values, but with the structure of answers of decisions.

The case repeats the values of the request; the findings are those of the broken rules.
"""

from datetime import date
from typing import Any, Final

from hypothesis import strategies as st

from tests.strategies import (
    applicants,
    appointments,
    appointments_of,
    bilinguals,
    commands,
    counts,
    days,
    instants,
    instructions,
    numbers,
    observations,
    pools,
    rulebooks,
    slots,
    slugs,
    zone_names,
)
from traffic_booking.domain.appointments.appointment import ListedAppointment
from traffic_booking.domain.appointments.commands import (
    AtTheGate,
    BookSlot,
    CancelAppointment,
    CheckInApplicant,
    Command,
    DeclareRecord,
    ExcuseNoShow,
    HoldSlot,
    MoveAppointment,
    RecordNoShow,
    ServeApplicant,
    WalkIn,
)
from traffic_booking.domain.appointments.states import AppointmentState, Arrival
from traffic_booking.domain.decisions import booking, moving
from traffic_booking.domain.decisions.outcomes import (
    Answer,
    Booked,
    Cancelled,
    CheckedIn,
    Declared,
    Excused,
    Held,
    Moved,
    NoShowRecorded,
    Refused,
    Served,
    WalkedIn,
)
from traffic_booking.domain.people.applicants import Applicant
from traffic_booking.domain.places.geography import BranchId
from traffic_booking.domain.places.services import Holder, ServiceConditions
from traffic_booking.domain.rules.cases import (
    AppointmentCase,
    BookingCase,
    Case,
    DeclarationCase,
    MissedCase,
    MoveCase,
    OwnCancellation,
)
from traffic_booking.domain.rules.eligibility import PERSONAL_RULES
from traffic_booking.domain.rules.restrictions import Suspension
from traffic_booking.domain.rules.verdict import NO_FINDINGS, Findings, Result, Verdict
from traffic_booking.domain.schedule.entries import CalendarEntry
from traffic_booking.domain.schedule.slots import OpenHours, Slot

_GRANTS: Final[dict[type, Any]] = {
    HoldSlot: Held,
    BookSlot: Booked,
    CancelAppointment: Cancelled,
    MoveAppointment: Moved,
    CheckInApplicant: CheckedIn,
    WalkIn: WalkedIn,
    ServeApplicant: Served,
    RecordNoShow: NoShowRecorded,
    ExcuseNoShow: Excused,
}

_services = st.builds(
    ServiceConditions,
    service=slugs,
    duration_minutes=counts,
    holders=st.sets(st.sampled_from(Holder), min_size=1).map(sorted).map(tuple),
    instructions=instructions,
    beside=st.frozensets(slugs, max_size=3),
    minimum_age_years=st.one_of(st.none(), counts),
    window_days_before_expiry=st.one_of(st.none(), counts),
    prerequisites=st.lists(slugs, max_size=3).map(tuple),
)
_active = st.builds(
    ListedAppointment,
    number=numbers,
    state=st.sampled_from(AppointmentState),
    slot=slots,
    slot_ends_at=instants,
    hold_ends_at=st.one_of(st.none(), instants),
)
_suspensions = st.builds(
    Suspension,
    service=slugs,
    branch=st.one_of(st.none(), slugs),
    from_day=days,
    until_day=st.dates(date(2200, 1, 2), date(2300, 1, 1)),
    reason=bilinguals,
)
_open_hours = st.lists(st.builds(OpenHours, instants, instants), max_size=2).map(tuple)
_verdicts = st.builds(
    Verdict,
    st.one_of(slugs, st.sampled_from(sorted(PERSONAL_RULES))),
    st.just(Result.BROKEN),
    bilinguals,
    bilinguals,
    observations,
    observations,
    st.one_of(st.none(), instants),
)
_refusals = st.builds(Refused, st.lists(_verdicts, max_size=3, unique_by=lambda one: one.rule_id).map(tuple))


@st.composite
def _of_slot(
    draw: st.DrawFn, command: HoldSlot | BookSlot | WalkIn | MoveAppointment, applicant: Applicant
) -> dict[str, Any]:
    """The inputs of the booking rules, without the instructions that were agreed to."""
    theirs = appointments_of(st.just(applicant))
    key = draw(slots) if isinstance(command, WalkIn) else command.slot
    slot = st.builds(Slot, key=st.just(key), ends_at=instants, capacity=counts, time_zone=zone_names, pool=pools)
    cancelled = st.builds(OwnCancellation, service=slugs, starts_at=instants, at=instants)
    return {
        "actor": command.actor,
        "applicant": applicant,
        "key": key,
        "service": draw(_services),
        "offered": draw(st.booleans()),
        "slot": draw(st.one_of(st.none(), slot)),
        "seats_taken": draw(st.integers(0, 2**40)),
        "others": tuple(draw(st.lists(_active, max_size=2))),
        "held": draw(st.one_of(st.none(), theirs)),
        "given_back": tuple(draw(st.lists(theirs, max_size=2))),
        "missed": tuple(draw(st.lists(instants, max_size=3))),
        "cancelled_by_applicant": tuple(draw(st.lists(cancelled, max_size=2))),
        "assertions": command.assertions,
        "suspension": draw(st.one_of(st.none(), _suspensions)),
    }


@st.composite
def _cases(draw: st.DrawFn, command: Command) -> Case:
    match command:
        case HoldSlot(moving=None) | BookSlot() | WalkIn():
            parts = draw(_of_slot(command, command.applicant))
            return BookingCase(**parts, agreed=booking.agreed_to(command, parts["service"]))
        case MoveAppointment() | HoldSlot():
            if draw(st.booleans()):  # the actor does not see the appointment
                return AppointmentCase(command.actor, draw(st.one_of(st.none(), appointments)))
            holder = st.just(command.applicant) if isinstance(command, HoldSlot) else applicants
            appointment = draw(appointments_of(holder))
            parts = draw(_of_slot(command, appointment.applicant))
            agreed = moving.agreed_to(command, parts["service"], appointment)
            closed = draw(st.booleans())
            return MoveCase(**parts, agreed=agreed, appointment=appointment, slot_was_closed=closed)
        case RecordNoShow():
            return MissedCase(
                command.actor, draw(st.one_of(st.none(), appointments)), slot_was_closed=draw(st.booleans())
            )
        case CancelAppointment() | CheckInApplicant() | ServeApplicant() | ExcuseNoShow():
            return AppointmentCase(command.actor, draw(st.one_of(st.none(), appointments)), draw(_open_hours))
        case DeclareRecord():
            return DeclarationCase(command.actor, draw(st.none() | slugs.map(BranchId)))


@st.composite
def _answers(draw: st.DrawFn) -> Answer:
    command, decided_at, rulebook = draw(commands), draw(instants), draw(rulebooks)
    case: Case | None = draw(_cases(command))
    outcome: Any = draw(_refusals)
    match case:
        case _ if draw(st.booleans()):
            case = draw(st.sampled_from((case, None)))  # a guard of the store may have refused, and no rule
        case DeclarationCase():
            assert isinstance(command, DeclareRecord)
            outcome = Declared(
                CalendarEntry(
                    number=draw(counts),
                    at=decided_at,
                    actor=command.actor,
                    reason=command.reason,
                    request_id=command.request_id,
                    record=command.record,
                )
            )
        case BookingCase(applicant=applicant, held=held):
            left = appointments_of(st.just(applicant))
            expired = [draw(st.one_of(st.none(), numbers))] if isinstance(command, HoldSlot | BookSlot) else []
            outcome = _GRANTS[type(command)](draw(left if held is None else st.one_of(left, st.just(held))), *expired)
        case AppointmentCase(appointment=before) if before is not None and isinstance(
            command, CancelAppointment | AtTheGate
        ):
            extra = [draw(st.sampled_from(Arrival))] if isinstance(command, CheckInApplicant) else []
            if isinstance(command, ExcuseNoShow):
                extra = [command.evidence]
            outcome = _GRANTS[type(command)](draw(appointments_of(st.just(before.applicant))), *extra)
        case _:
            pass
    return Answer(
        command=command,
        outcome=outcome,
        decided_at=decided_at,
        rulebook=rulebook,
        findings=_findings(outcome.verdicts) if isinstance(outcome, Refused) else NO_FINDINGS,
        case=case,
    )


def _findings(verdicts: tuple[Verdict, ...]) -> Findings:
    return Findings(
        tuple(each.rule_id for each in verdicts),
        tuple(each.finding for each in verdicts),
    )


answers = _answers()
