"""Rules of signing in with the embedded identity."""

from datetime import datetime
from typing import Final

from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.rules.rule import Parameter, Rule, RuleDefinition, Use
from traffic_booking.domain.rules.verdict import Verdict
from traffic_booking.domain.sign_in import Session, SignInAttempts


def _not_locked(rule: Rule, case: SignInAttempts, now: datetime) -> Verdict:
    locked_until = case.locked_until
    return rule.verdict(
        locked_until is None or locked_until <= now,
        observed=case.failures,
        limit=rule["failures"],
        allowed_from=locked_until,
    )


def _session_live(rule: Rule, case: Session, now: datetime) -> Verdict:
    return rule.verdict(case.started_at <= now < case.ends_at, observed=now, limit=case.ends_at)


SIGN_IN_RULES: Final = (
    RuleDefinition(
        id="SI-01",
        uses=frozenset({Use.SIGN_IN}),
        statement=Bilingual(
            "إذا بلغ عدد محاولات الدخول الخاطئة المتتالية {failures} يوقف الدخول مدة {minutes}.",
            "After {failures} failed sign-ins in a row, signing in is locked for {minutes}.",
        ),
        check=_not_locked,
        indispensable=True,
        parameters=(Parameter("failures", "failures", 1, 100), Parameter("minutes", "minutes", 1, 24 * 60)),
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
        parameters=(Parameter("minutes", "minutes", 1, 24 * 60),),
    ),
)
"""In the documented order of the answers."""
