"""Rules of holding a slot before it is booked; those of booking (less the agreement) bind holds as well."""

from datetime import datetime, timedelta
from typing import Final

from traffic_booking.domain.appointments import AppointmentState
from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.rules.booking import fewer_than
from traffic_booking.domain.rules.cases import BookingCase
from traffic_booking.domain.rules.rule import Parameter, RuleDefinition, Stricter, Use
from traffic_booking.domain.rules.verdict import Finding


def _few_holds(case: BookingCase, _now: datetime, holds: int, minutes: timedelta) -> Finding:  # noqa: ARG001 - a hold's length
    return fewer_than(holds, [other for other in case.others if other.state is AppointmentState.HELD])


HOLDING_RULES: Final = (
    RuleDefinition(
        id="HD-01",
        uses=frozenset({Use.HOLD}),
        statement=Bilingual(
            "الحد الأعلى للحجوزات المؤقتة القائمة للمستفيد: {holds}، ولا تتجاوز مدة كل منها {minutes}.",
            "A person's live holds: at most {holds}, each for {minutes}.",
        ),
        check=_few_holds,
        parameters=(
            Parameter("holds", "holds", 1, 10, Stricter.LESS),
            Parameter("minutes", "minutes", 1, 60, Stricter.LESS),
        ),
    ),
)
"""In the documented order of the answers."""
