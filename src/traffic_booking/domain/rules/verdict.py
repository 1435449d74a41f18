"""What one rule says of one request."""

from datetime import datetime

from attrs import frozen

from traffic_booking.domain.bilingual import Bilingual

Observation = str | int | datetime | None
"""What a rule saw or allows: a count, a name, or an instant (UTC); None where the rule has nothing to measure."""


@frozen
class Verdict:
    """One rule's word on one request: whether it is kept, what was observed, and what the limit is.

    `statement` is the rule's sentence with its parameters filled in; call it with a language. `allowed_from` is the
    first instant (UTC) at which the rule itself would grant the same request, None where time alone doesn't change
    its word.
    """

    rule_id: str
    granted: bool
    statement: Bilingual
    observed: Observation = None
    limit: Observation = None
    allowed_from: datetime | None = None
