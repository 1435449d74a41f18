import pytest
from attrs import evolve

from tests.small_town import named, small_service
from traffic_booking import Bilingual, Holder, InvalidInput, RequiredDocument
from traffic_booking.domain.places.services import Condition, Eligibility, Instructions, instructions_version


class TestDuration:
    @pytest.mark.parametrize("minutes", [5, 6, 239, 240])
    def test_of_five_minutes_to_four_hours_is_taken(self, minutes):
        assert small_service("renewal", minutes).duration_minutes == minutes

    @pytest.mark.parametrize("minutes", [-5, 0, 4, 241])
    def test_outside_is_refused(self, minutes):
        with pytest.raises(InvalidInput, match=f"duration_minutes: got {minutes}; expected 5 to 240 minutes"):
            small_service("renewal", minutes)


class TestEligibility:
    @pytest.mark.parametrize("years", [None, 1, 17, 120])
    def test_has_a_minimum_age_of_1_to_120_years_or_none(self, years):
        assert Eligibility(holders=frozenset(Holder), minimum_age_years=years).minimum_age_years == years

    @pytest.mark.parametrize("years", [-1, 0, 121])
    def test_refuses_other_ages(self, years):
        with pytest.raises(InvalidInput, match="minimum_age_years"):
            Eligibility(holders=frozenset(Holder), minimum_age_years=years)

    def test_is_for_somebody(self):
        with pytest.raises(InvalidInput, match="holders: got none"):
            Eligibility(holders=frozenset())

    def test_has_conditions_with_ids(self):
        with pytest.raises(InvalidInput, match="condition"):
            Condition("Fee Paid", named("x"))


class TestInstructions:
    @pytest.mark.parametrize("version", ["2026-11-22", "2026-11-22.2", "2026-11-22.12"])
    def test_have_a_dated_version(self, version):
        assert instructions_version(version) == version

    @pytest.mark.parametrize("version", ["", "1", "2026-11", "2026-11-22.", "2026-11-22.123", "٢٠٢٦-١١-٢٢", "x" * 500])
    def test_refuse_another_version_and_show_little_of_it(self, version):
        with pytest.raises(InvalidInput, match=r"YYYY-MM-DD or YYYY-MM-DD\.N") as caught:
            Instructions(version, named("x"))
        assert len(caught.value.got) <= 42

    @pytest.mark.parametrize(
        ("own", "general", "newer"),
        [
            ("2026-11-22", "2026-11-21", "2026-11-22"),
            ("2026-11-22", "2027-01-01", "2027-01-01"),
            ("2026-11-22.2", "2026-11-22", "2026-11-22.2"),
            ("2026-11-22.2", "2026-11-22.10", "2026-11-22.10"),
        ],
    )
    def test_are_followed_by_the_general_ones_and_have_the_newer_version(self, own, general, newer):
        both = Instructions(own, named("own")).followed_by(Instructions(general, named("general")))
        assert both == Instructions(newer, Bilingual("اسم own\nاسم general", "own\ngeneral"))

    def test_refuse_a_version_that_is_no_text(self):
        with pytest.raises(InvalidInput, match="version: got int"):
            instructions_version(2026)


@pytest.mark.journey("J-16")
class TestDocuments:
    def test_are_listed_for_the_holder_who_needs_them_in_order(self):
        both = RequiredDocument("form", named("form"), frozenset(Holder))
        iqama = RequiredDocument("iqama", named("iqama"), frozenset({Holder.RESIDENT}))
        card = RequiredDocument("card", named("card"), frozenset({Holder.CITIZEN}))
        service = evolve(small_service("renewal", 15), documents=(iqama, both, card))
        assert service.documents_for(Holder.CITIZEN) == (both, card)
        assert service.documents_for(Holder.RESIDENT) == (iqama, both)

    def test_are_needed_by_somebody(self):
        with pytest.raises(InvalidInput, match="holders: got none"):
            RequiredDocument("form", named("form"), frozenset())
