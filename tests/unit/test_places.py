from math import acos, cos, inf, nan, pi, radians, sin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.small_town import named
from traffic_booking import Branch, Coordinates, Governorate, InvalidInput, Region
from traffic_booking.domain.places.geography import EARTH_RADIUS_KM, branch_code, region_code, time_zone

RIYADH = Coordinates(24.6877, 46.7219)
JEDDAH = Coordinates(21.4901, 39.1862)

points = st.builds(Coordinates, st.floats(-90, 90), st.floats(-180, 180))


def law_of_cosines_km(a: Coordinates, b: Coordinates) -> float:
    """The great-circle distance by another formula than the library's."""
    first, second = radians(a.latitude), radians(b.latitude)
    cosine = sin(first) * sin(second) + cos(first) * cos(second) * cos(radians(a.longitude - b.longitude))
    return EARTH_RADIUS_KM * acos(max(-1.0, min(1.0, cosine)))


class TestDistance:
    @pytest.mark.journey("J-11")
    def test_from_riyadh_to_jeddah_is_known(self):
        assert 840 < RIYADH.distance_km(JEDDAH) < 850
        assert RIYADH.distance_km(JEDDAH) == pytest.approx(law_of_cosines_km(RIYADH, JEDDAH), abs=0.001)

    def test_of_a_degree_on_the_equator_and_along_a_meridian_is_the_same(self):
        degree_km = EARTH_RADIUS_KM * pi / 180
        assert Coordinates(0, 10).distance_km(Coordinates(0, 11)) == pytest.approx(degree_km)
        assert Coordinates(60, 10).distance_km(Coordinates(61, 10)) == pytest.approx(degree_km)
        assert Coordinates(60, 10).distance_km(Coordinates(60, 11)) == pytest.approx(degree_km / 2, rel=1e-4)

    def test_across_the_date_line_and_from_pole_to_pole_takes_the_short_way(self):
        assert Coordinates(0, 179.5).distance_km(Coordinates(0, -179.5)) == pytest.approx(EARTH_RADIUS_KM * pi / 180)
        assert Coordinates(90, 0).distance_km(Coordinates(-90, 100)) == pytest.approx(EARTH_RADIUS_KM * pi)

    @given(points, points)
    def test_is_symmetric_and_agrees_with_another_formula(self, a, b):
        assert a.distance_km(b) == pytest.approx(b.distance_km(a), abs=1e-6)
        assert a.distance_km(b) == pytest.approx(law_of_cosines_km(a, b), abs=0.2)

    @given(points, points, points)
    def test_by_way_of_a_third_point_is_never_shorter(self, a, b, c):
        assert a.distance_km(c) <= a.distance_km(b) + b.distance_km(c) + 1e-6

    @given(points)
    def test_to_the_same_point_is_nothing(self, a):
        assert a.distance_km(a) == 0


class TestCoordinates:
    @pytest.mark.parametrize(("latitude", "longitude"), [(90, 180), (-90, -180), (0, 0), (-0.0, 0.0)])
    def test_take_their_bounds(self, latitude, longitude):
        point = Coordinates(latitude, longitude)
        assert (type(point.latitude), type(point.longitude)) == (float, float)

    @pytest.mark.parametrize("latitude", [90.000001, -90.000001, nan, inf, -inf])
    def test_refuse_a_latitude_outside(self, latitude):
        with pytest.raises(InvalidInput, match=r"latitude: got .*; expected -90 to 90 degrees"):
            Coordinates(latitude, 0)

    @pytest.mark.parametrize("longitude", [180.000001, -180.000001, nan, inf, -inf])
    def test_refuse_a_longitude_outside(self, longitude):
        with pytest.raises(InvalidInput, match=r"longitude: got .*; expected -180 to 180 degrees"):
            Coordinates(0, longitude)


class TestNamesOfPlaces:
    def test_the_thirteen_region_codes_are_taken_and_their_neighbours_are_not(self):
        seats_taken = []
        for number in range(100):
            try:
                seats_taken.append(region_code(f"SA-{number:02d}"))
            except InvalidInput:
                continue
        assert seats_taken == [f"SA-{number:02d}" for number in (*range(1, 13), 14)]

    @pytest.mark.parametrize(
        "code", ["", "SA-1", "sa-01", "SA- 01", "SA-٠١", "QA-01", "\u202eSA-01", "S" * 1_000_000, None]
    )
    def test_anything_else_is_no_region_code(self, code):
        with pytest.raises(InvalidInput, match="SA-01 to SA-12 or SA-14"):
            region_code(code)

    @pytest.mark.parametrize("code", ["001", "04T", "ZZZ"])
    def test_three_symbols_are_a_branch_code(self, code):
        assert branch_code(code) == code

    @pytest.mark.parametrize("code", ["", "01", "0011", "00I", "00L", "00O", "00U", "00a", "00-", "0\u0660\u0660"])
    def test_anything_else_is_no_branch_code(self, code):
        with pytest.raises(InvalidInput, match="Crockford"):
            branch_code(code)

    @pytest.mark.parametrize("name", ["", "Riyadh", "/etc/localtime", "../Asia/Riyadh", "Asia", "Asia/\0"])
    def test_an_unknown_time_zone_is_refused(self, name):
        with pytest.raises(InvalidInput, match="an IANA time zone"):
            time_zone(name)

    @pytest.mark.parametrize("name", ["", "Al Riyadh", "al--riyadh", "-riyadh", "r" * 65, "رياض", "a\u202eb"])
    def test_an_id_that_is_no_slug_is_refused_and_named_for_what_it_should_be(self, name):
        with pytest.raises(InvalidInput, match=r"^governorate: "):
            Governorate(id=name, region="SA-01", name=named("x"), seat=RIYADH)
        for field in ("id", "governorate", "timetable"):
            given_fields = {"id": "x", "governorate": "x", "timetable": "x"} | {field: name}
            with pytest.raises(InvalidInput, match=f"^{'branch' if field == 'id' else field}: "):
                Branch(**given_fields, code="001", name=named("x"), location=RIYADH)

    def test_a_branch_is_in_riyadh_time_and_real_by_default(self):
        branch = Branch(id="x", code="001", governorate="y", name=named("x"), location=RIYADH, timetable="z")
        assert (branch.time_zone, branch.synthetic) == ("Asia/Riyadh", False)

    def test_a_region_is_its_code_and_its_name(self):
        assert Region("SA-14", named("asir")).name("en") == "asir"


@pytest.mark.parametrize("value", ["x", None, True, [24.7], 91, float("nan"), 10**400], ids=repr)
def test_a_point_of_anything_but_numbers_within_their_bounds_is_refused(value):
    with pytest.raises(InvalidInput, match=r"^latitude: "):
        Coordinates(value, 46.7)
