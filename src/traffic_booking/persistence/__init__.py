"""Values of the domain as JSON text, for stores that keep text: the same text whichever store writes it.

Every member of a union carries a tag of its own choosing, never a class's name, so that code may be renamed while
stored text stays readable. Reading is strict: unknown keys, unknown tags and values of the wrong type are refused.
Instants are ISO 8601 in UTC; persons are their ten digits, so the text is as confidential as they are.
"""

from traffic_booking.persistence.codecs import (
    APPOINTMENT,
    CASE,
    COMMAND,
    ENTRY,
    EVENT,
    FINDINGS,
    OUTCOME,
    RECORD,
    VERDICT,
    Codec,
)

__all__ = [
    "APPOINTMENT",
    "CASE",
    "COMMAND",
    "ENTRY",
    "EVENT",
    "FINDINGS",
    "OUTCOME",
    "RECORD",
    "VERDICT",
    "Codec",
]
