"""Rules of cancelling an appointment or giving a hold back."""

from datetime import datetime, timedelta
from typing import Final

from traffic_booking.domain.appointments.appointment import Appointment, AppointmentState
from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.rules.cases import AppointmentCase
from traffic_booking.domain.rules.rule import Parameter, RuleDefinition, Stricter, Use
from traffic_booking.domain.rules.verdict import BROKEN, KEPT, Finding
from traffic_booking.domain.schedule.slots import OpenHours

CANCELLABLE: Final = frozenset({AppointmentState.HELD, AppointmentState.BOOKED})


def _exists_and_own(case: AppointmentCase, _now: datetime) -> Finding:
    return KEPT if case.seen is not None else BROKEN


def _state_allows(case: AppointmentCase, now: datetime) -> Finding:
    if case.seen is None:
        return KEPT  # CN-01 says so, and nothing more is told
    state = AppointmentState.EXPIRED if _ran_out(case.seen, now) else case.seen.state
    return state in CANCELLABLE, state.value, "held, booked", None


def _before_cut_off(case: AppointmentCase, now: datetime, minutes: timedelta) -> Finding:
    if case.seen is None or case.seen.state is not AppointmentState.BOOKED:
        return KEPT  # a hold may be given back at any time
    cut_off = case.seen.slot.starts_at - minutes
    return now < cut_off, now, cut_off, None


def _before_working_cut_off(case: AppointmentCase, now: datetime, minutes: timedelta) -> Finding:
    if not minutes or case.seen is None or case.seen.state is not AppointmentState.BOOKED:
        return KEPT
    cut_off = _when_left(case.seen.slot.starts_at, case.open_hours, minutes)
    return now < cut_off, now, cut_off, None


def _when_left(starts_at: datetime, hours: tuple[OpenHours, ...], left: timedelta) -> datetime:
    """The first instant at which no more than `left` (over 0) of the open hours (latest first) remain until the start.

    Where the hours don't suffice, it is when the earliest of them begin.
    """
    for open_ in hours:
        if left < open_.lasting:
            return open_.closes_at - left
        left -= open_.lasting
        starts_at = open_.opens_at
    return starts_at


def _ran_out(appointment: Appointment, now: datetime) -> bool:
    return appointment.hold_ends_at is not None and appointment.hold_ends_at <= now


CANCELLING_RULES: Final = (
    RuleDefinition(
        id="CN-01",
        uses=frozenset({Use.CANCEL}),
        statement=Bilingual(
            "الموعد موجود، ومقدم الطلب صاحبه أو من فوّضه أو موظف مخول.",
            "The appointment exists, and whoever asks is its applicant, a delegate of theirs, or an authorised clerk.",
        ),
        check=_exists_and_own,
        indispensable=True,
    ),
    RuleDefinition(
        id="CN-02",
        uses=frozenset({Use.CANCEL}),
        statement=Bilingual(
            "الموعد محجوز أو محجوز مؤقتًا، ولم يسبق إلغاؤه أو حضوره أو انتهاؤه.",
            "The appointment is booked or held, and not yet cancelled, attended or expired.",
        ),
        check=_state_allows,
        indispensable=True,
    ),
    RuleDefinition(
        id="CN-03",
        uses=frozenset({Use.CANCEL}),
        statement=Bilingual(
            "يكون إلغاء الموعد المحجوز قبل بدئه بأكثر من {minutes}.",
            "A booked appointment is cancelled more than {minutes} before it starts.",
        ),
        check=_before_cut_off,
        parameters=(Parameter("minutes", "minutes", 0, 14 * 24 * 60, Stricter.MORE),),
    ),
    RuleDefinition(
        id="CN-04",
        uses=frozenset({Use.CANCEL}),
        statement=Bilingual(
            "يكون إلغاء الموعد المحجوز وقد بقي على بدئه أكثر من {minutes} من أوقات دوام الفرع.",
            "A booked appointment is cancelled more than {minutes} before it starts, counted over the hours in which"
            " its branch is open.",
        ),
        check=_before_working_cut_off,
        parameters=(Parameter("minutes", "working minutes", 0, 60 * 24 * 60, Stricter.MORE, off_at_zero=True),),
    ),
)
"""In the documented order of the answers."""
