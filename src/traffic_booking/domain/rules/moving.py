"""Rules of moving an appointment to another slot. Those of booking (less BK-11, which MV-01 says) bind the new slot.

A slot that staff have closed is no choice of the applicant's: leaving it is neither counted nor too late.
"""

from datetime import datetime, timedelta
from typing import Final

from traffic_booking.domain.appointments.appointment import AppointmentState
from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.rules.cases import AppointmentCase, MoveCase
from traffic_booking.domain.rules.rule import Parameter, RuleDefinition, Stricter, Use
from traffic_booking.domain.rules.verdict import BROKEN, KEPT, Finding

MOVE: Final = frozenset({Use.MOVE})


def _exists_and_own(case: MoveCase | AppointmentCase, _now: datetime) -> Finding:
    return KEPT if isinstance(case, MoveCase) else BROKEN  # what the actor doesn't see is never made a case of moving


def _is_booked(case: MoveCase, _now: datetime) -> Finding:
    state = case.appointment.state
    return state is AppointmentState.BOOKED, state.value, "booked", None


def _same_service(case: MoveCase, _now: datetime) -> Finding:
    service = case.appointment.slot.service
    return case.key.service == service, case.key.service, service, None


def _few_moves(case: MoveCase, _now: datetime, moves: int) -> Finding:
    made = case.appointment.moves
    return case.slot_was_closed or made < moves, made, moves, None


def _before_cut_off(case: MoveCase, now: datetime, minutes: timedelta) -> Finding:
    cut_off = case.appointment.slot.starts_at - minutes
    return case.slot_was_closed or now < cut_off, now, cut_off, None


MOVING_RULES: Final = (
    RuleDefinition(
        id="MV-01",
        uses=frozenset({Use.MOVE, Use.FIND_TO_MOVE}),
        statement=Bilingual(
            "الموعد المراد نقله موجود، ومقدم الطلب صاحبه أو من فوّضه أو موظف مخول.",
            "The appointment to be moved exists, and whoever asks is its applicant, a delegate of theirs, or an"
            " authorised clerk.",
        ),
        check=_exists_and_own,
        indispensable=True,
    ),
    RuleDefinition(
        id="MV-02",
        uses=MOVE,
        statement=Bilingual(
            "الموعد المراد نقله محجوز، ولم يسبق إلغاؤه أو حضوره.",
            "The appointment to be moved is booked, and not yet cancelled or attended.",
        ),
        check=_is_booked,
        indispensable=True,
    ),
    RuleDefinition(
        id="MV-03",
        uses=MOVE,
        statement=Bilingual(
            "يبقى الموعد بعد نقله للخدمة نفسها وللمستفيد نفسه.",
            "An appointment that is moved stays with its service and its applicant.",
        ),
        check=_same_service,
        indispensable=True,
    ),
    RuleDefinition(
        id="MV-04",
        uses=MOVE,
        statement=Bilingual(
            "الحد الأعلى لمرات نقل الموعد الواحد: {moves}، ولا يُحتسب منها النقل من وقت أغلقه الفرع.",
            "Moves of one appointment: at most {moves}; leaving a slot that was closed is not counted.",
        ),
        check=_few_moves,
        parameters=(Parameter("moves", "moves", 0, 100, Stricter.LESS),),
    ),
    RuleDefinition(
        id="MV-05",
        uses=MOVE,
        statement=Bilingual(
            "يكون نقل الموعد قبل بدئه بأكثر من {minutes}، إلا إذا أغلق الفرع وقته.",
            "An appointment is moved more than {minutes} before it starts, unless its slot was closed.",
        ),
        check=_before_cut_off,
        parameters=(Parameter("minutes", "minutes", 0, 30 * 24 * 60, Stricter.MORE),),
    ),
)
"""In the documented order of the answers."""
