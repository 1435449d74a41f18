"""Places of appointments: regions, governorates, branches, and the distance between two points.

Regions carry their ISO 3166-2:SA codes (SA-01 to SA-12 and SA-14).
"""

import re
from math import asin, cos, radians, sin, sqrt
from typing import Final, NewType
from zoneinfo import ZoneInfo

from attrs import evolve as copy_with
from attrs import field
from attrs.validators import optional

from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.number_input import bounded_amount
from traffic_booking.domain.text_input import hyphenated, slug, typed_text
from traffic_booking.domain.value_input import of_type, remade
from traffic_booking.domain.values import frozen

RegionCode = NewType("RegionCode", str)
GovernorateId = NewType("GovernorateId", str)
BranchId = NewType("BranchId", str)
BranchCode = NewType("BranchCode", str)
"""Three Crockford base-32 symbols, unique in a catalogue: the branch's appointment numbers start with them."""
TimetableId = NewType("TimetableId", str)

EARTH_RADIUS_KM: Final = 6371.0088
"""Mean radius of the earth (IUGG)."""
FARTHEST_KM: Final = 20_100
"""No two points are as far from each other as that."""
_LONGEST_ZONE: Final = 64
_SHOWN: Final = 20  # the most characters of a wrong code in a message
_REGION: Final = re.compile(r"SA-(?:0[1-9]|1[0-2]|14)", re.ASCII)
_CODE: Final = re.compile(r"[0-9A-HJKMNP-TV-Z]{3}", re.ASCII)


def region_code(text: str) -> RegionCode:
    """`text` as an ISO 3166-2:SA code. Raises `InvalidInput`; there is no SA-13."""
    expected = "SA-01 to SA-12 or SA-14"
    clean = hyphenated(typed_text(text, "region", longest=_SHOWN, expected=expected))
    if not _REGION.fullmatch(clean):
        raise InvalidInput("region", got=repr(clean[:_SHOWN]), expected=expected)
    return RegionCode(clean)


def governorate_id(text: str) -> GovernorateId:
    """`text` as a governorate's id, a slug."""
    return GovernorateId(slug(text, "governorate"))


def branch_id(text: str) -> BranchId:
    """`text` as a branch's id, a slug."""
    return BranchId(slug(text, "branch"))


def timetable_id(text: str) -> TimetableId:
    """`text` as a timetable's id, a slug."""
    return TimetableId(slug(text, "timetable"))


def branch_code(text: str) -> BranchCode:
    """`text` as a branch's code of three Crockford base-32 symbols (no I, L, O, U)."""
    expected = "three Crockford base-32 symbols, such as 0A1"
    clean = typed_text(text, "code", longest=_SHOWN, expected=expected)
    if not _CODE.fullmatch(clean):
        raise InvalidInput("code", got=repr(clean[:_SHOWN]), expected=expected)
    return BranchCode(clean)


def time_zone(name: str) -> str:
    """`name` if it is in the IANA time zone database. Raises `InvalidInput`."""
    expected = "an IANA time zone of this machine's database (or of the package tzdata), such as Asia/Riyadh"
    clean = typed_text(name, "time_zone", longest=_LONGEST_ZONE, expected=expected)
    try:
        return ZoneInfo(clean).key
    except (LookupError, ValueError, OSError) as error:
        raise InvalidInput("time_zone", got=repr(clean)[:_LONGEST_ZONE], expected=expected) from error


def _latitude(value: float) -> float:
    return bounded_amount(value, "latitude", least=-90, greatest=90, unit="degrees")


def _longitude(value: float) -> float:
    return bounded_amount(value, "longitude", least=-180, greatest=180, unit="degrees")


@frozen
class Coordinates:
    """A point on earth in decimal degrees, WGS 84: latitude -90 to 90, longitude -180 to 180, both inclusive."""

    latitude: float = field(converter=_latitude)
    longitude: float = field(converter=_longitude)

    def distance_km(self, other: "Coordinates") -> float:
        """Great-circle distance in kilometres (haversine on a sphere, within 0.6 % of the ellipsoid).

        Raises `InvalidInput` if `other` is no point.
        """
        return great_circle_km(self, checked_point(other, "other"))


def great_circle_km(one: Coordinates, other: Coordinates) -> float:
    """As `Coordinates.distance_km`, for two checked points."""
    lat1, lat2 = radians(one.latitude), radians(other.latitude)
    half_lat = sin((lat2 - lat1) / 2)
    half_lon = sin(radians(other.longitude - one.longitude) / 2)
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(half_lat**2 + cos(lat1) * cos(lat2) * half_lon**2)))


def checked_point(point: Coordinates, field: str) -> Coordinates:
    """A checked copy of `point`, if it is `Coordinates`. Raises `InvalidInput` naming `field`."""
    if type(point) is Coordinates:
        return remade(field, lambda: copy_with(point))
    raise InvalidInput(field, got=type(point).__name__, expected="Coordinates")


@frozen
class Region:
    """One of the 13 regions."""

    code: RegionCode = field(converter=region_code)
    name: Bilingual = field(validator=of_type(Bilingual))


@frozen(kw_only=True)
class Governorate:
    """A governorate of a region, or the city that is the region's `headquarters`. `seat` is the place of its town."""

    id: GovernorateId = field(converter=governorate_id)
    region: RegionCode = field(converter=region_code)
    name: Bilingual = field(validator=of_type(Bilingual))
    seat: Coordinates = field(validator=of_type(Coordinates))
    headquarters: bool = field(default=False, validator=of_type(bool))
    approximate: bool = field(default=False, validator=of_type(bool))


@frozen(kw_only=True)
class Branch:
    """A place where appointments are attended. Its civil day is that of `time_zone`. Tickets show the `address`."""

    id: BranchId = field(converter=branch_id)
    code: BranchCode = field(converter=branch_code)
    governorate: GovernorateId = field(converter=governorate_id)
    name: Bilingual = field(validator=of_type(Bilingual))
    location: Coordinates = field(validator=of_type(Coordinates))
    time_zone: str = field(default="Asia/Riyadh", converter=time_zone)
    timetable: TimetableId = field(converter=timetable_id)
    synthetic: bool = field(default=False, validator=of_type(bool))
    address: Bilingual | None = field(default=None, validator=optional(of_type(Bilingual)))


def kilometres(value: float, name: str) -> float:
    """`value` as a distance in kilometres, 0 to 20,100. Raises `InvalidInput` naming `name`."""
    return bounded_amount(value, name, least=0, greatest=FARTHEST_KM, unit="km")


def _to_the_metre(value: float) -> float:
    return round(kilometres(value, "distance_km"), 3)


@frozen(kw_only=True)
class NearbyBranch:
    """A branch with its distance from a point, as `Coordinates.distance_km` computes it, rounded to metres."""

    branch: Branch = field(validator=of_type(Branch))
    distance_km: float = field(converter=_to_the_metre)
