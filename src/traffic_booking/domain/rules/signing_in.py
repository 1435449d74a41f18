"""Rules of signing in with the embedded identity."""

from datetime import datetime, timedelta
from typing import Final

from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.people.sign_in import Session, SignInAttempts
from traffic_booking.domain.rules.rule import Parameter, RuleDefinition, Stricter, Use
from traffic_booking.domain.rules.verdict import Finding


def _not_locked(case: SignInAttempts, now: datetime, failures: int, minutes: timedelta) -> Finding:  # noqa: ARG001 - how long the lock is set for
    locked_until = case.locked_until
    return locked_until is None or locked_until <= now, case.failures, failures, locked_until


def _session_live(case: Session, now: datetime, minutes: timedelta) -> Finding:  # noqa: ARG001 - how long it is given
    return case.started_at <= now < case.ends_at, now, case.ends_at, None


SIGN_IN_RULES: Final = (
    RuleDefinition(
        id="SI-01",
        uses=frozenset({Use.SIGN_IN}),
        statement=Bilingual(
            "إذا بلغ عدد محاولات الدخول الخاطئة المتتالية {failures} أوقف الدخول مدة {minutes}.",
            "After {failures} failed sign-ins in a row, signing in is locked for {minutes}.",
        ),
        check=_not_locked,
        indispensable=True,
        parameters=(
            Parameter("failures", "failures", 1, 100, Stricter.LESS),
            Parameter("minutes", "minutes", 1, 24 * 60, Stricter.MORE),
        ),
    ),
    RuleDefinition(
        id="SI-02",
        uses=frozenset({Use.RESUME}),
        statement=Bilingual(
            "الجلسة سارية خلال {minutes} من الدخول.",
            "The session is live; it ends {minutes} after signing in.",
        ),
        check=_session_live,
        indispensable=True,
        parameters=(Parameter("minutes", "minutes", 1, 24 * 60, Stricter.LESS),),
    ),
)
"""In the documented order of the answers."""
