"""Rules of moving an appointment. Those of booking also apply to the new slot, but MV-01 replaces BK-11.

A move from a slot that staff have closed is never counted, and never too late. A move of a booked
appointment to its own slot changes nothing: MV-01, MV-02 and BK-16 alone apply.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from traffic_booking.domain.appointments.states import AppointmentState
from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.rules.rule import Parameter, Stricter, Use, rule
from traffic_booking.domain.rules.verdict import BROKEN, KEPT, NOT_APPLICABLE, Finding, measured

if TYPE_CHECKING:
    from traffic_booking.domain.rules.cases import AppointmentCase, MoveCase, StayCase

MOVE: Final = frozenset({Use.MOVE, Use.HOLD_TO_MOVE})
"""A move to another slot, and a hold of that slot for one, which is of no use if the move would be refused."""
ANY_MOVE: Final = MOVE | {Use.STAY}
"""The uses that move an appointment, to another slot or to its own."""


@rule(
    "MV-01",
    ANY_MOVE | {Use.FIND_TO_MOVE},
    ar="أن يكون الموعد المراد نقله موجودًا، وأن يكون مقدم الطلب صاحبه أو من فوّضه أو موظفًا مخولًا في الفرع الحالي"
    " والفرع الجديد.",
    en="The appointment to be moved exists, and the requester is its applicant, a delegate of theirs, or an"
    " authorised clerk of its branch and of the new one.",
    refusal=Bilingual(
        "لا يوجد موعد بهذا الرقم يحق لك نقله. تحقق من الرقم.",
        "There is no appointment with this number that you may move. Check the number.",
    ),
    indispensable=True,
)
def _exists_and_own(case: MoveCase | AppointmentCase, _now: datetime) -> Finding:
    from traffic_booking.domain.rules.cases import MoveCase, StayCase  # rules are declared without these classes

    return KEPT if isinstance(case, MoveCase | StayCase) else BROKEN  # neither is made of one that may not be seen


@rule(
    "MV-02",
    ANY_MOVE,
    ar="أن يكون الموعد المراد نقله محجوزًا، وألا يكون قد أُلغي أو سُجّل الحضور له.",
    en="The appointment to be moved is booked, and not yet cancelled or attended.",
    refusal=Bilingual(
        "لا يمكن نقل هذا الموعد[، فحالته: {observed}]. راجع قائمة مواعيدك، أو احجز موعدًا جديدًا.",
        "This appointment cannot be moved[: its state is “{observed}”]. Look at your list of appointments, or"
        " book a new one.",
    ),
    indispensable=True,
    for_all_slots=True,
)
def _is_booked(case: MoveCase | StayCase, now: datetime) -> Finding:
    assert case.appointment is not None, "MV-01 refuses it"
    state = case.appointment.state_at(now)
    return measured(state is AppointmentState.BOOKED, state.value, "booked")


@rule(
    "MV-03",
    MOVE,
    ar="أن يبقى الموعد بعد نقله للخدمة نفسها وللمستفيد نفسه.",
    en="An appointment that is moved stays with its service and its applicant.",
    refusal=Bilingual(
        "لا يمكن نقل الموعد إلى خدمة أخرى. اختر وقتًا للخدمة نفسها، أو احجز للخدمة الأخرى موعدًا جديدًا.",
        "An appointment cannot be moved to another service. Choose a time for the same service, or book a new"
        " appointment for the other one.",
    ),
    indispensable=True,
)
def _same_service(case: MoveCase, _now: datetime) -> Finding:
    service = case.appointment.slot.service
    return measured(case.key.service == service, case.key.service, service)


@rule(
    "MV-04",
    MOVE,
    ar="ألا يُنقل الموعد الواحد أكثر من {moves}، ولا يُحتسب منها نقله إذا أُغلق الفرع في وقت الموعد.",
    en="An appointment is moved at most {moves}; leaving a slot that was closed is not counted.",
    refusal=Bilingual(
        "لا يمكن نقل هذا الموعد[ مرة أخرى، إذ لا يُنقل الموعد الواحد أكثر من {moves}]. إن لم يناسبك وقته فألغِه"
        " واحجز موعدًا آخر.",
        "This appointment cannot be moved[ again: one appointment can be moved at most {moves}]. If its time does"
        " not suit you, cancel it and book another one.",
    ),
    parameters=(Parameter("moves", "moves", 0, 100, Stricter.LESS),),
    for_all_slots=True,
)
def _few_moves(case: MoveCase, _now: datetime, moves: int) -> Finding:
    if case.slot_was_closed:
        return NOT_APPLICABLE
    made = case.appointment.moves
    return measured(made < moves, made, moves)


@rule(
    "MV-05",
    MOVE,
    ar="أن يُنقل الموعد قبل بدئه بأكثر من {minutes}، إلا إذا أُغلق الفرع في وقت الموعد أو منحته القاعدة CN-05 وقتًا أطول.",
    en="An appointment is moved more than {minutes} before it starts, unless its slot was closed or CN-05 gives it more"
    " time.",
    refusal=Bilingual(
        "انتهت مهلة نقل هذا الموعد[ في {limit}][، إذ يجب أن يسبق النقل بدء الموعد بأكثر من {minutes}]. إذا تعذّر"
        " حضورك فتواصل مع الفرع.",
        "The time for moving this appointment ended[ on {limit}][: it must be moved more than {minutes}"
        " before it starts]. If you cannot come, contact the branch.",
    ),
    parameters=(Parameter("minutes", "minutes", 0, 30 * 24 * 60, Stricter.MORE),),
    for_all_slots=True,
)
def _before_cut_off(case: MoveCase, now: datetime, minutes: timedelta) -> Finding:
    if case.slot_was_closed or case.booked_late:
        return NOT_APPLICABLE
    cut_off = case.appointment.slot.starts_at - minutes
    return measured(now < cut_off, now, cut_off)
