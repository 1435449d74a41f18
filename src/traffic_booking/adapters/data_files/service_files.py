"""services.toml."""

from functools import partial
from typing import Final

from traffic_booking.adapters.data_files.place_files import NAME
from traffic_booking.adapters.data_files.tables import (
    Shape,
    converter,
    distinct,
    many,
    one_of,
    text,
    truth,
    whole_number,
)
from traffic_booking.domain.places.services import (
    Audience,
    Condition,
    Eligibility,
    Holder,
    Instructions,
    RequiredDocument,
    Service,
    ServiceGroup,
)
from traffic_booking.domain.text_input import bounded_text

LONGEST_SOURCE: Final = 400

_HOLDERS: Final = distinct(one_of({holder.value: holder for holder in Holder}))

GROUP: Final = Shape(
    ServiceGroup,
    required={
        "id": text(converter(ServiceGroup, "id")),
        "audience": one_of({audience.value: audience for audience in Audience}),
        "name": NAME,
    },
    optional={"parent": text(converter(ServiceGroup, "parent"))},
)

CONDITION: Final = Shape(
    Condition, required={"id": text(converter(Condition, "id")), "text": NAME}, optional={"asserted": truth}
)

ELIGIBILITY: Final = Shape(
    Eligibility,
    required={"holders": _HOLDERS},
    optional={
        "minimum_age_years": whole_number(converter(Eligibility, "minimum_age_years")),
        "window_days_before_expiry": whole_number(converter(Eligibility, "window_days_before_expiry")),
        "conditions": many(CONDITION),
    },
)

DOCUMENT: Final = Shape(
    RequiredDocument,
    required={"id": text(converter(RequiredDocument, "id")), "name": NAME, "holders": _HOLDERS},
)

INSTRUCTIONS: Final = Shape(Instructions, required={"version": text(converter(Instructions, "version")), "text": NAME})

SERVICE: Final = Shape(
    Service,
    required={
        "id": text(converter(Service, "id")),
        "group": text(converter(Service, "group")),
        "name": NAME,
        "duration_minutes": whole_number(converter(Service, "duration_minutes")),
        "eligibility": ELIGIBILITY,
        "instructions": INSTRUCTIONS,
    },
    optional={
        "documents": many(DOCUMENT),
        "source": text(partial(bounded_text, field="source", longest=LONGEST_SOURCE)),
    },
)
