"""Rules of declaring: who may change the working calendar."""

from datetime import datetime
from typing import Final

from traffic_booking.domain.actors import STAFF
from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.rules.cases import DeclarationCase
from traffic_booking.domain.rules.rule import RuleDefinition, Use
from traffic_booking.domain.rules.verdict import BROKEN, KEPT, Finding


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
