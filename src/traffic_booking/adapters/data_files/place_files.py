"""regions.toml, governorates.toml and branches.toml."""

from functools import partial
from typing import Any, Final

from traffic_booking.adapters.data_files.tables import Shape, converter, number, text, truth
from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.places.geography import Branch, Coordinates, Governorate, Region

NAME: Final = Shape(
    Bilingual, required={"ar": text(converter(Bilingual, "ar")), "en": text(converter(Bilingual, "en"))}
)

_POSITION: Final = {
    "latitude": number(converter(Coordinates, "latitude")),
    "longitude": number(converter(Coordinates, "longitude")),
}


def _governorate(*, latitude: float, longitude: float, **fields: Any) -> Governorate:
    return Governorate(seat=Coordinates(latitude, longitude), **fields)


def _branch(*, latitude: float, longitude: float, synthetic: bool, **fields: Any) -> Branch:
    return Branch(location=Coordinates(latitude, longitude), synthetic=synthetic, **fields)


REGION: Final = Shape(Region, required={"code": text(converter(Region, "code")), "name": NAME})

GOVERNORATE: Final = Shape(
    _governorate,
    required={
        "id": text(converter(Governorate, "id")),
        "region": text(converter(Governorate, "region")),
        "name": NAME,
        **_POSITION,
    },
    optional={"headquarters": truth, "approximate": truth},
)


def branch_shape(*, synthetic: bool) -> Shape[Branch]:
    """The entries of branches.toml; whether they are made up stands in the file's provenance."""
    return Shape(
        partial(_branch, synthetic=synthetic),
        required={
            "id": text(converter(Branch, "id")),
            "code": text(converter(Branch, "code")),
            "governorate": text(converter(Branch, "governorate")),
            "name": NAME,
            **_POSITION,
            "timetable": text(converter(Branch, "timetable")),
        },
        optional={"time_zone": text(converter(Branch, "time_zone"))},
    )
