"""Rules of cancelling an appointment or a hold. CN-05 is one of moving, too."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from traffic_booking.domain.appointments.states import AppointmentState
from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.rules.rule import Parameter, Stricter, Use, rule
from traffic_booking.domain.rules.verdict import BROKEN, KEPT, NOT_APPLICABLE, Finding, measured

if TYPE_CHECKING:
    from traffic_booking.domain.appointments.appointment import Appointment
    from traffic_booking.domain.rules.cases import AppointmentCase, MoveCase
    from traffic_booking.domain.schedule.slots import OpenHours

CANCELLABLE: Final = frozenset({AppointmentState.HELD, AppointmentState.BOOKED})


@rule(
    "CN-01",
    {Use.CANCEL},
    ar="أن يكون الموعد موجودًا، وأن يكون مقدم الطلب صاحبه أو من فوّضه أو موظفًا مخولًا في فرعه.",
    en="The appointment exists, and the requester is its applicant, a delegate of theirs, or an authorised clerk of its"
    " branch.",
    refusal=Bilingual(
        "لا يوجد موعد بهذا الرقم يحق لك إلغاؤه. تحقق من الرقم.",
        "There is no appointment with this number that you may cancel. Check the number.",
    ),
    indispensable=True,
)
def _exists_and_own(case: AppointmentCase, _now: datetime) -> Finding:
    return KEPT if case.seen is not None else BROKEN


@rule(
    "CN-02",
    {Use.CANCEL},
    ar="أن يكون الموعد محجوزًا أو محجوزًا مؤقتًا، وألا يكون قد أُلغي أو سُجّل الحضور له أو انتهت مدته.",
    en="The appointment is booked or held, and not yet cancelled, attended or expired.",
    refusal=Bilingual(
        "لا يمكن إلغاء هذا الموعد[، فحالته: {observed}]. راجع قائمة مواعيدك.",
        "This appointment cannot be cancelled[: its state is “{observed}”]. Look at your list of appointments.",
    ),
    after=("CN-01",),
    indispensable=True,
)
def _state_allows(case: AppointmentCase, now: datetime) -> Finding:
    if case.seen is None:
        return NOT_APPLICABLE
    state = case.seen.state_at(now)
    return measured(state in CANCELLABLE, state.value, "held, booked")


@rule(
    "CN-03",
    {Use.CANCEL},
    ar="أن يُلغى الموعد قبل بدئه بأكثر من {minutes}، ما لم تمنحه القاعدة CN-05 وقتًا أطول.",
    en="A booked appointment is cancelled more than {minutes} before it starts, unless CN-05 gives it more time.",
    refusal=Bilingual(
        "انتهت مهلة إلغاء هذا الموعد[ في {limit}][، إذ يجب أن يسبق الإلغاء بدء الموعد بأكثر من {minutes}]. إذا"
        " تعذّر حضورك فتواصل مع الفرع.",
        "The time for cancelling this appointment ended[ on {limit}][: it must be cancelled more than"
        " {minutes} before it starts]. If you cannot come, contact the branch.",
    ),
    after=("CN-01",),
    parameters=(Parameter("minutes", "minutes", 0, 14 * 24 * 60, Stricter.MORE),),
)
def _before_cut_off(case: AppointmentCase, now: datetime, minutes: timedelta) -> Finding:
    if case.seen is None or case.seen.state is not AppointmentState.BOOKED or case.booked_late:
        return NOT_APPLICABLE  # a hold may end at any time
    cut_off = case.seen.slot.starts_at - minutes
    return measured(now < cut_off, now, cut_off)


@rule(
    "CN-04",
    {Use.CANCEL},
    ar="أن يُلغى الموعد وقد بقي على بدئه أكثر من {minutes} من وقت دوام الفرع، ما لم تمنحه القاعدة CN-05 وقتًا أطول.",
    en="A booked appointment is cancelled more than {minutes} before it starts, counted over the hours in which"
    " its branch is open, unless CN-05 gives it more time.",
    refusal=Bilingual(
        "انتهت مهلة إلغاء هذا الموعد[ في {limit}]، إذ يجب أن يسبق الإلغاء بدء الموعد بأكثر من {minutes} من"
        " وقت دوام الفرع. إذا تعذّر حضورك فتواصل مع الفرع.",
        "The time for cancelling this appointment ended[ on {limit}]: it must be cancelled more than"
        " {minutes} before it starts, counted over the branch's open hours. If you cannot come, contact the branch.",
    ),
    after=("CN-01",),
    parameters=(Parameter("minutes", "working minutes", 0, 60 * 24 * 60, Stricter.MORE, off_at_zero=True),),
)
def _before_working_cut_off(case: AppointmentCase, now: datetime, minutes: timedelta) -> Finding:
    if case.seen is None or case.seen.state is not AppointmentState.BOOKED or case.booked_late:
        return NOT_APPLICABLE
    cut_off = _when_left(case.seen.slot.starts_at, case.open_hours, minutes)
    return measured(now < cut_off, now, cut_off)


@rule(
    "CN-05",
    {Use.CANCEL, Use.MOVE, Use.HOLD_TO_MOVE},
    ar="إذا حُجز الموعد أو نُقل بعد انتهاء مهلة إلغائه أو نقله أو قبيل انتهائها، أُلغي أو نُقل خلال {minutes} من حجزه"
    " أو من آخر نقل له، وقبل بدئه.",
    en="If an appointment is booked or moved after the time for cancelling or moving it ends, or just before, it is"
    " cancelled or moved within {minutes} after that, and before it starts.",
    refusal=Bilingual(
        "انتهت مهلة إلغاء هذا الموعد أو نقله[ في {limit}][، أي بعد {minutes} على الأكثر من حجزه أو من آخر نقل له]. إذا"
        " تعذّر حضورك فتواصل مع الفرع.",
        "The time for cancelling or moving this appointment ended[ on {limit}][, at most {minutes} after its booking or"
        " last move]. If you cannot come, contact the branch.",
    ),
    after=("CN-01",),
    parameters=(Parameter("minutes", "minutes", 0, 24 * 60, Stricter.LESS, off_at_zero=True),),
)
def _within_grace(case: AppointmentCase | MoveCase, now: datetime, minutes: timedelta) -> Finding:
    if case.appointment is None or not case.booked_late:
        return NOT_APPLICABLE
    ends_at = grace_end(case.appointment, minutes)
    return measured(now < ends_at, now, ends_at)


def grace_end(appointment: Appointment, grace: timedelta) -> datetime:
    """The end of the grace after the appointment's booking or last move: at its start, at the latest."""
    return min(appointment.changed_at + grace, appointment.slot.starts_at)


def _when_left(starts_at: datetime, hours: tuple[OpenHours, ...], left: timedelta) -> datetime:
    """The first instant at which at most `left` (over 0) of the open hours (latest first) remain until the start.

    If there are fewer hours, the beginning of the earliest.
    """
    for open_ in hours:
        if left < open_.lasting:
            return open_.closes_at - left
        left -= open_.lasting
        starts_at = open_.opens_at
    return starts_at
