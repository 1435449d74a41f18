"""Rules of checking in, of declaring a change of the working calendar, and of signing in."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from traffic_booking.domain.appointments.states import AppointmentState
from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.people.actors import is_staff
from traffic_booking.domain.rules.rule import Parameter, Stricter, Use, rule
from traffic_booking.domain.rules.verdict import BROKEN, KEPT, NOT_APPLICABLE, Finding, measured

if TYPE_CHECKING:
    from traffic_booking.domain.appointments.appointment import Appointment
    from traffic_booking.domain.people.sign_in import Session, SignInAttempts
    from traffic_booking.domain.rules.cases import AppointmentCase, DeclarationCase


def _seen_by_staff(case: AppointmentCase) -> Appointment | None:
    appointment = case.appointment
    return appointment if appointment is not None and is_staff(case.actor, appointment.slot.branch) else None


@rule(
    "AT-01",
    {Use.CHECK_IN},
    ar="أن يكون الموعد موجودًا، وأن يسجّل الحضورَ له موظف مخول.",
    en="The appointment exists, and an authorised clerk checks it in.",
    refusal=Bilingual(
        "لا يوجد موعد بهذا الرقم يحق لك تسجيل الحضور له. تحقق من الرقم، أو اطلب ذلك من موظف مخول.",
        "There is no appointment with this number that you may check in. Check the number, or ask an authorised clerk.",
    ),
    indispensable=True,
)
def _known_and_by_staff(case: AppointmentCase, _now: datetime) -> Finding:
    return BROKEN if _seen_by_staff(case) is None else KEPT


@rule(
    "AT-02",
    {Use.CHECK_IN},
    ar="أن يكون الموعد محجوزًا ولم يُسجَّل الحضور له.",
    en="The appointment is booked and not yet checked in.",
    refusal=Bilingual(
        "لا يمكن تسجيل الحضور لهذا الموعد[، فحالته: {observed}]. راجع بيانات الموعد.",
        "This appointment cannot be checked in[: its state is “{observed}”]. Look at its details.",
    ),
    after=("AT-01",),
    indispensable=True,
)
def _is_booked(case: AppointmentCase, _now: datetime) -> Finding:
    appointment = _seen_by_staff(case)
    if appointment is None:
        return NOT_APPLICABLE
    state = appointment.state
    return measured(state is AppointmentState.BOOKED, state.value, "booked")


@rule(
    "AT-03",
    {Use.CHECK_IN},
    ar="ألا يُسجَّل الحضور قبل بدء الموعد بأكثر من {minutes}.",
    en="Check-in opens {minutes} before the appointment starts.",
    refusal=Bilingual(
        "لم يبدأ تسجيل الحضور لهذا الموعد بعد. انتظر حتى يبدأ[ في {allowed_from}].",
        "Check-in for this appointment has not opened yet. Wait until it opens[, on {allowed_from}].",
    ),
    after=("AT-01",),
    parameters=(Parameter("minutes", "minutes", 0, 24 * 60, Stricter.LESS),),
)
def _not_too_early(case: AppointmentCase, now: datetime, minutes: timedelta) -> Finding:
    appointment = _seen_by_staff(case)
    if appointment is None:
        return NOT_APPLICABLE
    opens_at = appointment.slot.starts_at - minutes
    return measured(opens_at <= now, now, opens_at, opens_at)


@rule(
    "AT-04",
    {Use.CHECK_IN},
    ar="ألا يُسجَّل الحضور بعد مضي أكثر من {minutes} على بدء الموعد.",
    en="Check-in closes {minutes} after the appointment has started.",
    refusal=Bilingual(
        "انتهى وقت تسجيل الحضور لهذا الموعد[ في {limit}]. احجز موعدًا جديدًا.",
        "The time for checking in ended[ on {limit}]. Book a new appointment.",
    ),
    after=("AT-01",),
    parameters=(Parameter("minutes", "minutes", 0, 24 * 60, Stricter.LESS),),
)
def _not_too_late(case: AppointmentCase, now: datetime, minutes: timedelta) -> Finding:
    appointment = _seen_by_staff(case)
    if appointment is None:
        return NOT_APPLICABLE
    closes_at = appointment.slot.starts_at + minutes
    return measured(now <= closes_at, now, closes_at)


@rule(
    "CL-01",
    {Use.DECLARE},
    ar="أن يُجري تعديلات تقويم الدوام موظف مخول.",
    en="Changes to the working calendar are made by an authorised clerk.",
    refusal=Bilingual(
        "لا يحق لك إجراء هذا التعديل في تقويم الدوام. اطلبه من موظف مخول.",
        "You may not make this change of the working calendar. Ask an authorised clerk.",
    ),
    indispensable=True,
)
def _by_staff(case: DeclarationCase, _now: datetime) -> Finding:
    return KEPT if is_staff(case.actor, case.branch) else BROKEN


@rule(
    "SI-01",
    {Use.SIGN_IN},
    ar="إذا بلغ عدد محاولات تسجيل الدخول الخاطئة المتتالية {failures}، أُوقف تسجيل الدخول مدة {minutes}.",
    en="After {failures} failed sign-ins in a row, signing in is locked for {minutes}.",
    refusal=Bilingual(
        "أُوقف تسجيل الدخول مؤقتًا، لأن محاولاتك الخاطئة المتتالية بلغت الحد ({failures}). أعد المحاولة"
        " لاحقًا[، ابتداءً من {allowed_from}].",
        "Signing in is locked for now, because failed attempts in a row have reached the limit ({failures})."
        " Try again later[, from {allowed_from}].",
    ),
    parameters=(
        Parameter("failures", "failures", 1, 100, Stricter.LESS),
        Parameter("minutes", "minutes", 1, 24 * 60, Stricter.MORE),
    ),
    indispensable=True,
)
def _not_locked(case: SignInAttempts, now: datetime, failures: int, minutes: timedelta) -> Finding:  # noqa: ARG001 - how long the lock is set for
    locked_until = case.locked_until
    return measured(locked_until is None or locked_until <= now, case.failures, failures, locked_until)


@rule(
    "SI-02",
    {Use.RESUME},
    ar="تنتهي الجلسة بعد {minutes} من تسجيل الدخول.",
    en="The session is live; it ends {minutes} after signing in.",
    refusal=Bilingual(
        "انتهت جلستك. سجّل الدخول من جديد.",
        "Your session has ended. Sign in again.",
    ),
    parameters=(Parameter("minutes", "minutes", 1, 24 * 60, Stricter.LESS),),
    indispensable=True,
)
def _session_live(case: Session, now: datetime, minutes: timedelta) -> Finding:  # noqa: ARG001 - how long it is given
    return measured(case.started_at <= now < case.ends_at, now, case.ends_at)
