"""The shapes of the entries in the five files of a catalogue."""

from functools import partial
from typing import Any, Final

from traffic_booking.adapters.data_files.tables import (
    Shape,
    converter,
    distinct,
    many,
    number,
    one_of,
    text,
    truth,
    whole_number,
)
from traffic_booking.adapters.data_files.toml_files import DAY
from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.calendars.hours import Hours, clock_minute, hours_between
from traffic_booking.domain.places.geography import Branch, Coordinates, Governorate, Region
from traffic_booking.domain.places.services import (
    Audience,
    Condition,
    Eligibility,
    Holder,
    Instructions,
    RequiredDocument,
    Service,
    ServiceGroup,
    service_id,
)
from traffic_booking.domain.schedule.slots import pool_id
from traffic_booking.domain.schedule.timetables import Offer, Shift, Timetable, Weekday
from traffic_booking.domain.text_input import bounded_text

LONGEST_SOURCE: Final = 400

NAME: Final = Shape(Bilingual, {name: text(converter(Bilingual, name)) for name in ("ar", "en")})

_POSITION: Final = {name: number(converter(Coordinates, name)) for name in ("latitude", "longitude")}


def _texts(cls: type, *names: str) -> dict[str, Any]:
    """Texts, each with the check that `cls` has for it."""
    return {name: text(converter(cls, name)) for name in names}


def _governorate(*, latitude: float, longitude: float, **fields: Any) -> Governorate:
    return Governorate(seat=Coordinates(latitude, longitude), **fields)


def _branch(*, latitude: float, longitude: float, **fields: Any) -> Branch:
    return Branch(location=Coordinates(latitude, longitude), **fields)


REGION: Final = Shape(Region, {**_texts(Region, "code"), "name": NAME})

GOVERNORATE: Final = Shape(
    _governorate,
    {**_texts(Governorate, "id", "region"), "name": NAME, **_POSITION},
    {"headquarters": truth, "approximate": truth},
)


def branch_shape(*, synthetic: bool) -> Shape[Branch]:
    """The entries of branches.toml; the file's provenance has whether they are made up."""
    return Shape(
        partial(_branch, synthetic=synthetic),
        {**_texts(Branch, "id", "code", "governorate", "timetable"), "name": NAME, **_POSITION},
        {**_texts(Branch, "time_zone"), "address": NAME},
    )


_HOLDERS: Final = distinct(one_of({holder.value: holder for holder in Holder}))

_AUDIENCE: Final = one_of({audience.value: audience for audience in Audience})

GROUP: Final = Shape(
    ServiceGroup, {**_texts(ServiceGroup, "id"), "audience": _AUDIENCE, "name": NAME}, _texts(ServiceGroup, "parent")
)

CONDITION: Final = Shape(Condition, {**_texts(Condition, "id"), "text": NAME}, {"asserted": truth, "holders": _HOLDERS})

ELIGIBILITY: Final = Shape(
    Eligibility,
    {"holders": _HOLDERS},
    {
        "minimum_age_years": whole_number(converter(Eligibility, "minimum_age_years")),
        "window_days_before_expiry": whole_number(converter(Eligibility, "window_days_before_expiry")),
        "conditions": many(CONDITION),
    },
)

DOCUMENT: Final = Shape(RequiredDocument, {**_texts(RequiredDocument, "id"), "name": NAME, "holders": _HOLDERS})

INSTRUCTIONS: Final = Shape(
    Instructions,
    {**_texts(Instructions, "version"), "text": NAME},
    {"arrive_before_minutes": whole_number(converter(Instructions, "arrive_before_minutes"))},
)

SERVICE: Final = Shape(
    Service,
    {
        **_texts(Service, "id", "group"),
        "name": NAME,
        "duration_minutes": whole_number(converter(Service, "duration_minutes")),
        "eligibility": ELIGIBILITY,
        "instructions": INSTRUCTIONS,
    },
    {
        "documents": many(DOCUMENT),
        "source": text(partial(bounded_text, field="source", longest=LONGEST_SOURCE)),
    },
)

_TIME_OF_DAY: Final = text(clock_minute)


def _shift(*, days: frozenset[Weekday], opens: int, closes: int, **others: Any) -> Shift:
    renamed = {"ramadan": "for_ramadan", "weekends": "on_weekends"}
    others = {renamed.get(name, name): value for name, value in others.items()}
    hours = hours_between(opens, closes)
    return Shift(weekdays=days, opens_minute=opens, closes_minute=hours.closes_minute, **others)


def _break(*, starts: int, ends: int) -> Hours:
    return hours_between(starts, ends)


SHIFT: Final = Shape(
    _shift,
    {
        "days": distinct(one_of({weekday.name.lower(): weekday for weekday in Weekday})),
        "opens": _TIME_OF_DAY,
        "closes": _TIME_OF_DAY,
        "capacity": whole_number(converter(Shift, "capacity")),
    },
    {
        "breaks": many(Shape(_break, {"starts": _TIME_OF_DAY, "ends": _TIME_OF_DAY})),
        "in_force_from": DAY,
        "in_force_until": DAY,
        "ramadan": truth,
        "weekends": truth,
    },
)

OFFER: Final = Shape(
    Offer, {"services": distinct(text(service_id)), "shifts": many(SHIFT, least=1)}, {"pool": text(pool_id)}
)

TIMETABLE: Final = Shape(Timetable, {**_texts(Timetable, "id"), "name": NAME, "offers": many(OFFER)})
