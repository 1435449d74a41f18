"""timetables.toml."""

from datetime import date
from typing import Any, Final

from traffic_booking.adapters.data_files.place_files import NAME
from traffic_booking.adapters.data_files.tables import (
    Shape,
    converter,
    distinct,
    many,
    one_of,
    scalar,
    text,
    truth,
    whole_number,
)
from traffic_booking.domain.calendars.hours import Hours, clock_minute
from traffic_booking.domain.places.services import service_id
from traffic_booking.domain.schedule.timetables import Offer, Shift, Timetable, Weekday

_TIME_OF_DAY: Final = text(clock_minute)
_DAY: Final = scalar(date, lambda day: day)


def _shift(
    *,
    days: frozenset[Weekday],
    opens: int,
    closes: int,
    ramadan: bool = False,
    weekends: bool = False,
    **others: Any,
) -> Shift:
    return Shift(
        weekdays=days,
        opens_minute=opens,
        closes_minute=closes,
        for_ramadan=ramadan,
        on_weekends=weekends,
        **others,
    )


def _break(*, starts: int, ends: int) -> Hours:
    return Hours(starts, ends)


SHIFT: Final = Shape(
    _shift,
    required={
        "days": distinct(one_of({weekday.name.lower(): weekday for weekday in Weekday})),
        "opens": _TIME_OF_DAY,
        "closes": _TIME_OF_DAY,
        "capacity": whole_number(converter(Shift, "capacity")),
    },
    optional={
        "breaks": many(Shape(_break, required={"starts": _TIME_OF_DAY, "ends": _TIME_OF_DAY})),
        "in_force_from": _DAY,
        "in_force_until": _DAY,
        "ramadan": truth,
        "weekends": truth,
    },
)

OFFER: Final = Shape(Offer, required={"services": distinct(text(service_id)), "shifts": many(SHIFT, least=1)})

TIMETABLE: Final = Shape(
    Timetable,
    required={"id": text(converter(Timetable, "id")), "name": NAME, "offers": many(OFFER)},
)
