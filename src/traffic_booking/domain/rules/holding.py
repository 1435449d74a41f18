"""Rules of holding a slot before it is booked; those of booking (less the agreement) bind holds as well."""

from datetime import datetime
from typing import Final

from traffic_booking.domain.appointments import AppointmentState
from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.rules.booking import BookingCase, fewer_than
from traffic_booking.domain.rules.rule import Parameter, Rule, RuleDefinition, Use
from traffic_booking.domain.rules.verdict import Verdict


def _few_holds(rule: Rule, case: BookingCase, _now: datetime) -> Verdict:
    holds = [other for other in case.others if other.state is AppointmentState.HELD]
    return fewer_than(rule, holds, rule["holds"])


HOLDING_RULES: Final = (
    RuleDefinition(
        id="HD-01",
        uses=frozenset({Use.HOLD}),
        statement=Bilingual(
            "الحد الأعلى للحجوزات المؤقتة القائمة للمستفيد: {holds}، ولا تتجاوز مدة كل منها {minutes}.",
            "A person's live holds: at most {holds}, each for {minutes}.",
        ),
        check=_few_holds,
        parameters=(Parameter("holds", "holds", 1, 10), Parameter("minutes", "minutes", 1, 60)),
    ),
)
"""In the documented order of the answers."""
