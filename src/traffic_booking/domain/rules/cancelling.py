"""Rules of cancelling an appointment or giving a hold back."""

from datetime import datetime, timedelta
from typing import Final

from traffic_booking.domain.appointments import Appointment, AppointmentState
from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.rules.cases import AppointmentCase
from traffic_booking.domain.rules.rule import Parameter, RuleDefinition, Stricter, Use
from traffic_booking.domain.rules.verdict import BROKEN, KEPT, Finding

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


def _ran_out(appointment: Appointment, now: datetime) -> bool:
    return appointment.hold_ends_at is not None and appointment.hold_ends_at <= now


CANCELLING_RULES: Final = (
    RuleDefinition(
        id="CN-01",
        uses=frozenset({Use.CANCEL}),
        statement=Bilingual(
            "الموعد موجود، ومقدم الطلب صاحبه أو مفوَّض عنه أو موظف مخول.",
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
            "يكون الإلغاء قبل بدء الموعد بأكثر من {minutes}.",
            "An appointment is cancelled more than {minutes} before it starts.",
        ),
        check=_before_cut_off,
        parameters=(Parameter("minutes", "minutes", 0, 14 * 24 * 60, Stricter.MORE),),
    ),
)
"""In the documented order of the answers."""
