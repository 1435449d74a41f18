"""The rules of checking in, and of declaring a change of the working calendar."""

from datetime import datetime, timedelta
from typing import Final

from traffic_booking.domain.appointments.appointment import AppointmentState
from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.people.actors import STAFF, Clerk, System
from traffic_booking.domain.rules.cases import AppointmentCase, DeclarationCase
from traffic_booking.domain.rules.rule import Parameter, RuleDefinition, Stricter, Use
from traffic_booking.domain.rules.verdict import BROKEN, KEPT, Finding


def _staff(case: AppointmentCase) -> bool:
    return isinstance(case.actor, Clerk | System)


def _known_and_by_staff(case: AppointmentCase, _now: datetime) -> Finding:
    return KEPT if _staff(case) and case.appointment is not None else BROKEN


def _is_booked(case: AppointmentCase, _now: datetime) -> Finding:
    if case.appointment is None or not _staff(case):
        return KEPT  # AT-01 says so, and nothing more is told
    state = case.appointment.state
    return state is AppointmentState.BOOKED, state.value, "booked", None


def _not_too_early(case: AppointmentCase, now: datetime, minutes: timedelta) -> Finding:
    if case.appointment is None or not _staff(case):
        return KEPT
    opens_at = case.appointment.slot.starts_at - minutes
    return opens_at <= now, now, opens_at, opens_at


def _not_too_late(case: AppointmentCase, now: datetime, minutes: timedelta) -> Finding:
    if case.appointment is None or not _staff(case):
        return KEPT
    closes_at = case.appointment.slot.starts_at + minutes
    return now <= closes_at, now, closes_at, None


ATTENDING_RULES: Final = (
    RuleDefinition(
        id="AT-01",
        uses=frozenset({Use.CHECK_IN}),
        statement=Bilingual(
            "الموعد موجود، وتسجيل الحضور يجريه موظف مخول.",
            "The appointment exists, and an authorised clerk checks it in.",
        ),
        check=_known_and_by_staff,
        indispensable=True,
    ),
    RuleDefinition(
        id="AT-02",
        uses=frozenset({Use.CHECK_IN}),
        statement=Bilingual("الموعد محجوز ولم يسجل حضوره.", "The appointment is booked and not yet checked in."),
        check=_is_booked,
        indispensable=True,
    ),
    RuleDefinition(
        id="AT-03",
        uses=frozenset({Use.CHECK_IN}),
        statement=Bilingual(
            "يبدأ تسجيل الحضور قبل الموعد بمدة {minutes}.",
            "Check-in opens {minutes} before the appointment starts.",
        ),
        check=_not_too_early,
        parameters=(Parameter("minutes", "minutes", 0, 24 * 60, Stricter.LESS),),
    ),
    RuleDefinition(
        id="AT-04",
        uses=frozenset({Use.CHECK_IN}),
        statement=Bilingual(
            "ينتهي تسجيل الحضور بعد بدء الموعد بمدة {minutes}.",
            "Check-in closes {minutes} after the appointment has started.",
        ),
        check=_not_too_late,
        parameters=(Parameter("minutes", "minutes", 0, 24 * 60, Stricter.LESS),),
    ),
)
"""In the documented order of the answers."""


def _by_staff(case: DeclarationCase, _now: datetime) -> Finding:
    return KEPT if isinstance(case.actor, STAFF) else BROKEN


DECLARING_RULES: Final = (
    RuleDefinition(
        id="CL-01",
        uses=frozenset({Use.DECLARE}),
        statement=Bilingual(
            "تعديل تقويم الدوام يجريه موظف مخول.",
            "Changes to the working calendar are made by an authorised clerk.",
        ),
        check=_by_staff,
        indispensable=True,
    ),
)
"""In the documented order of the answers."""
