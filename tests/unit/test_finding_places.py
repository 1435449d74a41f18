"""`Catalogue.find`: places by a name, and `Catalogue.nearest`: branches by their distance."""

import pytest
from attrs import evolve

from tests.small_town import small_catalogue
from traffic_booking import (
    Bilingual,
    Coordinates,
    FoundPlace,
    InvalidInput,
    NameMatch,
    NotFound,
    PlaceKind,
    from_json,
    shipped_catalogue,
    to_json,
)
from traffic_booking.domain.spelling.similar import is_one_mistake, sounded

SHIPPED = shipped_catalogue()
PLACES = (
    *((PlaceKind.REGION, each.code, each.name) for each in SHIPPED.regions),
    *((PlaceKind.GOVERNORATE, each.id, each.name) for each in SHIPPED.governorates),
    *((PlaceKind.BRANCH, each.id, each.name) for each in SHIPPED.branches),
)
IN_ORDER = {(kind, its_id): number for number, (kind, its_id, _) in enumerate(PLACES)}


def ids(found):
    return [(each.kind.value[0], each.id) for each in found]


@pytest.mark.parametrize("language", ["ar", "en"])
def test_every_place_is_among_the_exact_matches_of_its_name(language):
    for kind, its_id, name in PLACES:
        exact = [each for each in SHIPPED.find(name(language)) if each.match is NameMatch.EXACT]
        assert (kind, its_id) in {(each.kind, each.id) for each in exact}, name
        assert len(exact) <= 2, name  # a region and its headquarters may have one name


def test_every_place_is_the_first_exact_match_of_its_id_or_follows_a_place_of_that_name():
    for kind, its_id, _ in PLACES:
        exact = [each for each in SHIPPED.find(its_id) if each.match is NameMatch.EXACT]
        assert (kind, its_id) in {(each.kind, each.id) for each in exact}, its_id


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("الدرعية", [("g", "diriyah"), ("b", "diriyah-traffic")]),
        ("محافظة الدرعية", [("g", "diriyah"), ("b", "diriyah-traffic")]),
        ("مدينة جدة", [("g", "jeddah"), ("b", "jeddah-traffic")]),
        ("مرور جدة", [("b", "jeddah-traffic")]),
        ("traffic jeddah", [("b", "jeddah-traffic")]),
        ("منطقة الرياض", [("r", "SA-01")]),
        ("الشرقية", [("r", "SA-04")]),
        ("Eastern Region", [("r", "SA-04")]),
        ("sa-01", [("r", "SA-01")]),
        ("القصيم", [("r", "SA-05")]),
    ],
)
def test_words_find_these_places(text, expected):
    assert ids(SHIPPED.find(text)) == expected


def test_a_region_and_its_headquarters_of_one_name_are_equally_good_and_the_region_is_first():
    found = SHIPPED.find("الرياض")
    assert [(each.kind.value[0], each.id, each.match.value) for each in found] == [
        ("r", "SA-01", "exact"),
        ("g", "riyadh", "exact"),
        ("g", "riyadh-al-khabra", "beginning"),
        ("b", "riyadh-traffic", "words"),
        ("b", "riyadh-al-khabra-traffic", "inside"),
    ]


@pytest.mark.parametrize(
    ("its_id", "spellings"),
    [
        ("ahsa", "الأحساء/الاحساء/الاحسا/أحساء/الإحساء/الأَحْسَاء/الأحســاء/Al Ahsa/al-ahsa/AL AHSÄ/Al-’Ahsa/alahsa/Ahsa"),
        ("makkah", "مكة المكرمة/مكه المكرمه/مکة المکرمة/مكة/Makkah/Mecca/Makka/Mekkah"),
        ("jeddah", "جدة/جده/جدۃ/Jeddah/jedda/Jiddah/JEDDAH/jeddha"),
        ("quwayiyah", "القويعية/القويعيه/قويعيه/القویعیة"),
        ("hail", "حائل/حايل/Ha'il/Hail/Ḥā’il/Hael/hayel"),
        ("abu-arish", "أبو عريش/ابوعريش/ابو عريش/Abu Arish/abuarish/Abu-Arish"),
        ("wadi-al-fur", "وادي الفرع/وادى الفرع/Wadi al-Fur'/wadi al fur/Wadi al-Fur’"),
        ("khamis-mushait", "خميس مشيط/خميس  مشيط/Khamis Mushait/Khamis Mushayt/khamismushait/مشيط خميس"),
        ("tabuk", "تبوك/تَبُوك/Tabuk/Tabouk/Tabuuk"),
        ("qura", "القرى/القري/Al Qura/al-qurah"),
        ("jazan", "جازان/Jazan/Jizan/Gazan/ﺟﺎﺯﺍﻥ"),
        ("ula", "العلا/العُلا/Al Ula/AlUla/al-ula"),
        ("riyadh", "الرياظ/الرياضض/الرايض/Ar Riyad/El Riyadh/Ryadh/Riyad/Riadh"),
    ],
)
def test_spellings_of_a_name_find_the_place_first_of_its_kind(its_id, spellings):
    for spelling in spellings.split("/"):
        found = [each.id for each in SHIPPED.find(spelling) if each.kind is PlaceKind.GOVERNORATE]
        assert found[:1] == [its_id], spelling


def test_places_are_found_while_their_name_is_typed():
    for name in ("الدمام", "Al-Dammam", "حفر الباطن"):
        for length in range(1, len(name) + 1):
            assert SHIPPED.find(name[:length]), name[:length]


class TestRanking:
    NAMES = ("wadi", "wadi sand", "sand wadi", "sandwadi", "other")

    @pytest.fixture
    def catalogue(self):
        town = small_catalogue()
        sample = town.governorates[0]
        places = [
            evolve(sample, id=f"p{number}", name=Bilingual(f"مكان {number}", name))
            for number, name in enumerate(self.NAMES)
        ]
        return evolve(town, governorates=(*town.governorates, *places))

    def test_is_exact_then_the_beginning_then_a_word_then_a_part(self, catalogue):
        found = catalogue.find("wadi")
        assert [(each.id, each.match) for each in found] == [
            ("p0", NameMatch.EXACT),
            ("p1", NameMatch.BEGINNING),
            ("p2", NameMatch.WORDS),
            ("p3", NameMatch.INSIDE),
        ]

    def test_is_the_order_of_the_catalogue_among_equals(self, catalogue):
        backwards = evolve(catalogue, governorates=tuple(reversed(catalogue.governorates)))
        assert [each.id for each in catalogue.find("مكان")] == ["p0", "p1", "p2", "p3", "p4"]
        assert [each.id for each in backwards.find("مكان")] == ["p4", "p3", "p2", "p1", "p0"]

    def test_puts_regions_before_governorates_before_branches(self, catalogue):
        one = Bilingual("واحد", "one")
        alike = evolve(
            catalogue,
            regions=tuple(evolve(each, name=one) for each in catalogue.regions),
            governorates=tuple(evolve(each, name=one) for each in catalogue.governorates[:2]),
            branches=tuple(evolve(each, name=one) for each in catalogue.branches),
        )
        assert ids(alike.find("one")) == [
            ("r", "SA-01"),
            ("g", "town"),
            ("g", "village"),
            ("b", "north"),
            ("b", "south"),
        ]

    def test_is_cut_behind_the_best(self, catalogue):
        everything = catalogue.find("wadi")
        assert [catalogue.find("wadi", limit=limit) for limit in range(1, 6)] == [
            everything[:limit] for limit in range(1, 6)
        ]

    def test_ignores_mistakes_if_a_name_has_the_words(self, catalogue):
        assert [each.id for each in catalogue.find("othr")] == ["p4"]
        assert [each.match for each in catalogue.find("othre")] == [NameMatch.MISTYPED]
        assert all(each.match is not NameMatch.MISTYPED for each in catalogue.find("sand"))


@pytest.mark.parametrize(
    ("typed", "meant", "expected"),
    [
        ("abcd", "abcx", True),
        ("xbcd", "abcd", True),
        ("abd", "abcd", True),
        ("abcde", "abcd", True),
        ("bacd", "abcd", True),
        ("abdc", "abcd", True),
        ("aabc", "abc", True),
        ("abcd", "abcd", False),
        ("abxy", "abcd", False),
        ("bcda", "abcd", False),
        ("ab", "abcd", False),
        ("bcd", "cde", False),
        ("", "a", True),
        ("", "", False),
    ],
)
def test_one_mistake_is_a_letter_changed_added_left_out_or_swapped_with_its_neighbour(typed, meant, expected):
    assert is_one_mistake(typed, meant) is is_one_mistake(meant, typed) is expected


def test_no_mistake_is_corrected_in_a_short_word():
    assert SHIPPED.find("ظدة") == ()
    assert SHIPPED.find("بظر") == ()


def test_a_name_of_one_enormous_word_costs_little_and_is_found_by_its_beginning():
    enormous = Bilingual("م" * 4_000, "m" * 4_000)
    wider = evolve(SHIPPED, branches=tuple(evolve(each, name=enormous) for each in SHIPPED.branches))
    assert len(wider.find("م" * 100, limit=500)) == len(SHIPPED.branches)
    assert wider.find("م" * 99 + "ب") == ()


@pytest.mark.parametrize("word", ["رياض", "12", "ha7il", "h", "kh", "ee", "hh", ""])
def test_a_word_that_is_not_latin_sounds_as_it_is_and_a_latin_one_never_as_nothing(word):
    assert bool(sounded(word)) is bool(word)
    assert word.isascii() or sounded(word) == word


class TestHostileText:
    @pytest.mark.parametrize("text", ["", "   ", "\u200f\u200b", "x" * 101, "ا" * 101, "a\x00b", "\ud800", "\u202eabc"])
    def test_is_refused_if_it_is_empty_too_long_or_has_invisible_characters(self, text):
        with pytest.raises(InvalidInput, match=r"^text: "):
            SHIPPED.find(text)

    @pytest.mark.parametrize("text", [None, 5, b"riyadh", ["riyadh"], Bilingual("أ", "a")])
    def test_is_refused_if_it_is_no_text(self, text):
        with pytest.raises(InvalidInput, match=r"^text: "):
            SHIPPED.find(text)

    @pytest.mark.parametrize("limit", [0, -1, 501, 2.0, True, "5", None])
    def test_needs_a_limit_within_bounds(self, limit):
        with pytest.raises(InvalidInput, match=r"^limit: "):
            SHIPPED.find("riyadh", limit=limit)

    @pytest.mark.parametrize("text", ["!!", "-", "«»", "ء", "…", "ـ", "🏁", "\u064b", "%_*", "'"])
    def test_finds_nothing_if_it_has_no_letters(self, text):
        assert SHIPPED.find(text) == ()

    @pytest.mark.parametrize(
        "text", ["a " * 50, "ال " * 30, "a" * 100, ".*", "(a+)+$", "' OR 1=1 --", "ẞ" * 99, "ﷺ" * 5]
    )
    def test_is_compared_as_it_is(self, text):
        assert len(SHIPPED.find(text, limit=500)) <= len(PLACES)


def test_a_found_place_names_its_region_and_governorate_and_has_a_json_form():
    region, city, *_, branch = SHIPPED.find("riyadh")
    assert (region.region, region.governorate) == ("SA-01", None)
    assert (city.region, city.governorate) == ("SA-01", "riyadh")
    assert (branch.region, branch.governorate) == ("SA-05", "riyadh-al-khabra")
    for each in (region, city, branch):
        assert from_json(FoundPlace, to_json(each)) == each


class TestNearest:
    HERE = Coordinates(24.7, 46.7)

    def test_is_every_branch_with_its_distance_in_order(self):
        found = SHIPPED.nearest(self.HERE, limit=10_000)
        assert tuple(each.branch for each in found) == SHIPPED.branches_for(near=self.HERE)
        exact = [self.HERE.distance_km(each.branch.location) for each in found]
        assert exact == sorted(exact)
        assert [each.distance_km for each in found] == [round(distance, 3) for distance in exact]

    def test_is_at_most_so_many_and_twenty_if_nothing_is_said(self):
        found = SHIPPED.nearest(self.HERE, limit=10_000)
        assert SHIPPED.nearest(self.HERE) == found[:20]
        assert SHIPPED.nearest(self.HERE, limit=1) == found[:1]

    def test_is_within_a_distance_that_counts_itself(self):
        at_the_branch = SHIPPED.branches[0].location
        assert [each.branch for each in SHIPPED.nearest(at_the_branch, within_km=0)] == [SHIPPED.branches[0]]
        distance = at_the_branch.distance_km(SHIPPED.branches[1].location)
        assert SHIPPED.branches[1] in {each.branch for each in SHIPPED.nearest(at_the_branch, within_km=distance)}
        nearer = SHIPPED.nearest(at_the_branch, within_km=distance - 0.001)
        assert SHIPPED.branches[1] not in {each.branch for each in nearer}

    def test_offers_all_of_the_services(self):
        town = small_catalogue()
        assert [each.branch.id for each in town.nearest(self.HERE, service="foreign")] == ["north"]
        assert [each.branch.id for each in town.nearest(self.HERE, service=["renewal", "foreign"])] == ["north"]
        both = {each.branch.id for each in town.nearest(self.HERE, service=("renewal", "transfer"))}
        assert both == {"north", "south"}

    def test_is_in_one_of_the_governorates(self):
        town = small_catalogue()
        assert [each.branch.id for each in town.nearest(self.HERE, governorate="village")] == ["south"]
        assert len(town.nearest(self.HERE, governorate=["village", "town"])) == 2
        assert town.nearest(self.HERE, governorate=[]) == ()

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"within_km": -1}, "within_km"),
            ({"within_km": float("nan")}, "within_km"),
            ({"within_km": 20_101}, "within_km"),
            ({"limit": 0}, "limit"),
            ({"limit": 10_001}, "limit"),
            ({"point": (24.7, 46.7)}, "point"),
            ({"service": 5}, "service"),
            ({"governorate": b"x"}, "governorate"),
        ],
    )
    def test_needs_a_point_and_numbers_within_bounds(self, wrong, field):
        with pytest.raises(InvalidInput, match=f"^{field}: "):
            SHIPPED.nearest(**{"point": self.HERE, **wrong})

    def test_needs_known_services_and_governorates(self):
        with pytest.raises(NotFound, match="no service 'wash'"):
            SHIPPED.nearest(self.HERE, service=["licence-renewal", "wash"])
        with pytest.raises(NotFound, match="no governorate 'atlantis'"):
            SHIPPED.nearest(self.HERE, governorate=["riyadh", "atlantis"])
