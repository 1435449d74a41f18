"""Rules of moving an appointment. Those of booking also apply to the new slot, but MV-01 replaces BK-11.

A move from a slot that staff have closed is never counted, and never too late.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from traffic_booking.domain.appointments.states import AppointmentState
from traffic_booking.domain.rules.rule import Parameter, Stricter, Use, rule
from traffic_booking.domain.rules.verdict import BROKEN, KEPT, NOT_APPLICABLE, Finding, measured

if TYPE_CHECKING:
    from traffic_booking.domain.rules.cases import AppointmentCase, MoveCase

MOVE: Final = frozenset({Use.MOVE})


@rule(
    "MV-01",
    {Use.MOVE, Use.FIND_TO_MOVE},
    ar="الموعد المراد نقله موجود، ومقدم الطلب صاحبه أو من فوّضه أو موظف مخول.",
    en="The appointment to be moved exists, and the requester is its applicant, a delegate of theirs, or an"
    " authorised clerk.",
    indispensable=True,
)
def _exists_and_own(case: MoveCase | AppointmentCase, _now: datetime) -> Finding:
    from traffic_booking.domain.rules.cases import MoveCase  # rules are declared without the classes of cases

    return KEPT if isinstance(case, MoveCase) else BROKEN  # an appointment that the actor may not see makes no MoveCase


@rule(
    "MV-02",
    MOVE,
    ar="الموعد المراد نقله محجوز، ولم يسبق إلغاؤه أو حضوره.",
    en="The appointment to be moved is booked, and not yet cancelled or attended.",
    indispensable=True,
)
def _is_booked(case: MoveCase, _now: datetime) -> Finding:
    state = case.appointment.state
    return measured(state is AppointmentState.BOOKED, state.value, "booked")


@rule(
    "MV-03",
    MOVE,
    ar="يبقى الموعد بعد نقله للخدمة نفسها وللمستفيد نفسه.",
    en="An appointment that is moved stays with its service and its applicant.",
    indispensable=True,
)
def _same_service(case: MoveCase, _now: datetime) -> Finding:
    service = case.appointment.slot.service
    return measured(case.key.service == service, case.key.service, service)


@rule(
    "MV-04",
    MOVE,
    ar="الحد الأعلى لمرات نقل الموعد الواحد: {moves}، ولا يُحتسب منها النقل من وقت أغلقه الفرع.",
    en="Moves of one appointment: at most {moves}; leaving a slot that was closed is not counted.",
    parameters=(Parameter("moves", "moves", 0, 100, Stricter.LESS),),
)
def _few_moves(case: MoveCase, _now: datetime, moves: int) -> Finding:
    if case.slot_was_closed:
        return NOT_APPLICABLE
    made = case.appointment.moves
    return measured(made < moves, made, moves)


@rule(
    "MV-05",
    MOVE,
    ar="يكون نقل الموعد قبل بدئه بأكثر من {minutes}، إلا إذا أغلق الفرع وقته.",
    en="An appointment is moved more than {minutes} before it starts, unless its slot was closed.",
    parameters=(Parameter("minutes", "minutes", 0, 30 * 24 * 60, Stricter.MORE),),
)
def _before_cut_off(case: MoveCase, now: datetime, minutes: timedelta) -> Finding:
    if case.slot_was_closed:
        return NOT_APPLICABLE
    cut_off = case.appointment.slot.starts_at - minutes
    return measured(now < cut_off, now, cut_off)
