"""Rules of attending: checking in at the branch."""

from datetime import datetime, timedelta
from typing import Final

from traffic_booking.domain.actors import Clerk, System
from traffic_booking.domain.appointments import AppointmentState
from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.rules.cancelling import AppointmentCase
from traffic_booking.domain.rules.rule import Parameter, Rule, RuleDefinition, Use
from traffic_booking.domain.rules.verdict import Verdict


def _staff(case: AppointmentCase) -> bool:
    return isinstance(case.actor, Clerk | System)


def _known_and_by_staff(rule: Rule, case: AppointmentCase, _now: datetime) -> Verdict:
    return rule.verdict(_staff(case) and case.appointment is not None)


def _is_booked(rule: Rule, case: AppointmentCase, _now: datetime) -> Verdict:
    if case.appointment is None or not _staff(case):
        return rule.verdict(granted=True)  # AT-01 says so, and nothing more is told
    state = case.appointment.state
    return rule.verdict(state is AppointmentState.BOOKED, observed=state.value, limit="booked")


def _not_too_early(rule: Rule, case: AppointmentCase, now: datetime) -> Verdict:
    if case.appointment is None or not _staff(case):
        return rule.verdict(granted=True)
    opens_at = case.appointment.slot.starts_at - timedelta(minutes=rule["minutes"])
    return rule.verdict(opens_at <= now, observed=now, limit=opens_at, allowed_from=opens_at)


def _not_too_late(rule: Rule, case: AppointmentCase, now: datetime) -> Verdict:
    if case.appointment is None or not _staff(case):
        return rule.verdict(granted=True)
    closes_at = case.appointment.slot.starts_at + timedelta(minutes=rule["minutes"])
    return rule.verdict(now <= closes_at, observed=now, limit=closes_at)


ATTENDING_RULES: Final = (
    RuleDefinition(
        id="AT-01",
        uses=frozenset({Use.CHECK_IN}),
        statement=Bilingual(
            "الموعد موجود، وتسجيل الحضور يجريه موظف الفرع.",
            "The appointment exists, and a clerk of the branch checks it in.",
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
        parameters=(Parameter("minutes", "minutes", 0, 24 * 60),),
    ),
    RuleDefinition(
        id="AT-04",
        uses=frozenset({Use.CHECK_IN}),
        statement=Bilingual(
            "ينتهي تسجيل الحضور بعد بدء الموعد بمدة {minutes}.",
            "Check-in closes {minutes} after the appointment has started.",
        ),
        check=_not_too_late,
        parameters=(Parameter("minutes", "minutes", 0, 24 * 60),),
    ),
)
"""In the documented order of the answers."""
