import re
from datetime import UTC, date, datetime
from importlib.resources import files

import pytest

from tests.data_folders import NAME, small_files, write_files
from tests.small_town import small_catalogue, small_rulebook
from traffic_booking import (
    BookingDesk,
    Catalogue,
    Coordinates,
    DeskParts,
    Holder,
    Hours,
    Refused,
    Rulebook,
    Weekday,
    shipped_catalogue,
    shipped_retention,
    shipped_rulebook,
)
from traffic_booking.adapters.data_files import load_catalogue, load_rulebook, load_working_calendar, read_retention
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.domain.rules.rule import Status
from traffic_booking.domain.rules.rulebook import DEFINITIONS
from traffic_booking.testing import MovableClock, made_up_person


class TestShippedData:
    def test_is_the_same_with_marks_around_and_inside_every_text(self, tmp_path):
        for source in files("traffic_booking").joinpath("data").iterdir():
            if source.name.endswith(".toml"):
                text = re.sub(
                    r'"([^"\n]+)"',
                    lambda found: f'"\u2067{found[1][0]}\u200b{found[1][1:]}\u2069\xa0"',
                    source.read_text("utf-8"),
                )
                (tmp_path / source.name).write_text(text, encoding="utf-8")
        assert load_catalogue(tmp_path) == load_catalogue()
        assert load_rulebook(tmp_path / "rulebook.toml") == load_rulebook()
        assert load_working_calendar(tmp_path / "holidays.toml") == load_working_calendar()
        assert read_retention(tmp_path / "retention.toml") == shipped_retention()

    def test_loads_without_a_fault(self):
        assert isinstance(load_catalogue(), Catalogue)
        assert isinstance(load_rulebook(), Rulebook)

    def test_is_read_once(self):
        assert load_catalogue() is load_catalogue()
        assert load_rulebook() is load_rulebook()

    @pytest.mark.journey("J-10")
    def test_has_the_thirteen_regions_each_with_its_headquarters(self):
        catalogue = load_catalogue()
        assert len(catalogue.regions) == 13
        for region in catalogue.regions:
            assert sum(place.headquarters for place in catalogue.governorates_in(region.code)) == 1

    @pytest.mark.journey("J-10")
    def test_names_the_places_of_the_design(self):
        catalogue = load_catalogue()
        for name in ("riyadh", "jeddah", "makkah", "madinah", "dammam", "abha"):
            assert catalogue.governorate(name).id == name

    @pytest.mark.journey("J-11")
    def test_every_governorate_has_a_branch_that_is_marked_synthetic(self):
        catalogue = load_catalogue()
        for governorate in catalogue.governorates:
            assert catalogue.branches_for(governorate=governorate.id)
        assert all(branch.synthetic for branch in catalogue.branches)

    @pytest.mark.journey("J-12")
    def test_every_branch_renews_licences(self):
        catalogue = load_catalogue()
        assert catalogue.branches_for(service="licence-renewal") == catalogue.branches

    @pytest.mark.journey("J-12")
    def test_every_service_is_offered_somewhere(self):
        catalogue = load_catalogue()
        assert all(catalogue.branches_for(service=service.id) for service in catalogue.services)

    @pytest.mark.journey("J-11")
    def test_the_branch_nearest_to_a_house_in_riyadh_is_the_one_of_riyadh(self):
        nearest = load_catalogue().branches_for(near=Coordinates(24.69, 46.70))
        assert [branch.id for branch in nearest[:2]] == ["riyadh-traffic", "diriyah-traffic"]

    @pytest.mark.journey("J-11")
    def test_the_branch_nearest_to_the_seat_of_a_governorate_is_its_own(self):
        catalogue = load_catalogue()
        for governorate in catalogue.governorates:
            nearest = catalogue.branches_for(near=governorate.seat)[0]
            assert governorate.seat.distance_km(nearest.location) < 1, governorate.id

    def test_every_place_lies_in_the_kingdom(self):
        for governorate in load_catalogue().governorates:
            assert 16 < governorate.seat.latitude < 32.5
            assert 34 < governorate.seat.longitude < 56

    @pytest.mark.journey("J-08")
    @pytest.mark.journey("J-09")
    def test_all_services_are_found_under_e_services_and_there_under_traffic_services(self):
        catalogue = load_catalogue()
        assert catalogue.services_for(group="e-services") == catalogue.services
        assert catalogue.services_for(group="traffic-services") == catalogue.services
        assert len(catalogue.services) == 21

    def test_a_document_or_condition_used_twice_has_the_same_text_both_times(self):
        words: dict[tuple[str, str], object] = {}
        for service in load_catalogue().services:
            for document in service.documents:
                assert words.setdefault(("document", document.id), document.name) == document.name
            for condition in service.eligibility.conditions:
                assert words.setdefault(("condition", condition.id), condition.text) == condition.text

    def test_every_offer_has_hours_of_its_own_for_ramadan_that_do_not_open_before_the_general_ones(self):
        for timetable in load_catalogue().timetables:
            for offer in timetable.offers:
                seasonal = [shift for shift in offer.shifts if shift.for_ramadan]
                assert seasonal
                assert all(shift.opens_minute >= 600 for shift in seasonal)

    @pytest.mark.journey("J-15")
    def test_every_service_has_instructions_of_its_own_before_the_general_ones(self):
        own, general = zip(
            *(service.instructions.text.ar.split("\n") for service in load_catalogue().services), strict=True
        )
        assert len(set(own)) == len(own)
        assert len(set(general)) == 1
        assert not any(sentence in text for text in own for sentence in general[0].split(". "))

    @pytest.mark.journey("J-16")
    def test_a_citizen_brings_no_resident_identity_and_nobody_a_receipt(self):
        for service in load_catalogue().services:
            for document in service.documents_for(Holder.CITIZEN):
                assert not re.search("مقيم|إقامة", document.name.ar), service.id
            assert not any("إيصال" in document.name.ar for document in service.documents)

    def test_a_service_for_residents_alone_puts_no_condition_on_being_one(self):
        for service in load_catalogue().services:
            if service.eligibility.holders == {Holder.RESIDENT}:
                assert not any("إن كان" in condition.text.ar for condition in service.eligibility.conditions)

    def test_every_region_is_named_as_one_and_no_two_places_are_named_alike(self):
        catalogue = load_catalogue()
        assert all("منطقة" in region.name.ar for region in catalogue.regions)
        names = [re.sub(r"\W|h", "", place.name.en.lower()) for place in catalogue.governorates]
        assert sorted(names) == sorted(set(names))

    def test_arabic_texts_have_latin_digits(self):
        shipped = [file.read_text(encoding="utf-8") for file in (files("traffic_booking") / "data").iterdir()]
        assert not any(re.search("[٠-٩]", text) for text in shipped)

    @pytest.mark.journey("J-16")
    def test_every_service_lists_documents_for_those_who_may_book_it(self):
        for service in load_catalogue().services:
            for holder in service.eligibility.holders:
                assert service.documents_for(holder)

    def test_every_rule_is_unofficial_and_has_its_source(self):
        rulebook = load_rulebook()
        assert [rule.id for rule in rulebook.rules] == [definition.id for definition in DEFINITIONS]
        for rule in rulebook.rules:
            assert rule.status is Status.UNOFFICIAL
            assert rule.source.ar != rule.source.en

    def test_the_figures_of_a_loaded_rule_cannot_be_changed(self):
        with pytest.raises(TypeError):
            load_rulebook()["BK-04"].figures["days"] = 1  # type: ignore[index]

    def test_the_same_files_in_a_folder_give_the_same_values(self, tmp_path):
        for file in (files("traffic_booking") / "data").iterdir():
            (tmp_path / file.name).write_bytes(file.read_bytes())
        assert load_catalogue(tmp_path) == load_catalogue()
        assert load_rulebook(tmp_path / "rulebook.toml") == load_rulebook()

    def test_is_the_default_of_a_desk(self):
        with BookingDesk(DeskParts(store=MemoryStore(), numbering=None, tickets={"text": object()})) as desk:  # type: ignore[dict-item]
            assert desk.catalogue is shipped_catalogue()
            assert desk.rulebook is shipped_rulebook()


class TestOwnFiles:
    def test_every_field_reaches_the_catalogue(self, tmp_path):
        catalogue = load_catalogue(write_files(tmp_path, small_files()))
        town, village = catalogue.governorates
        assert (town.headquarters, village.headquarters, town.approximate) == (True, False, True)
        assert town.seat == Coordinates(24.7, 46.0)
        north = catalogue.branch("north")
        assert (north.code, north.governorate, north.time_zone, north.synthetic) == ("001", "town", "Asia/Riyadh", True)
        assert north.location == Coordinates(24.7, 46.7)
        service = catalogue.service("renewal")
        assert (service.duration_minutes, service.source) == (15, "invented")
        assert service.eligibility.minimum_age_years == 17
        assert [condition.id for condition in service.eligibility.conditions] == ["fee-paid"]
        assert [document.id for document in service.documents_for(Holder.RESIDENT)] == ["card"]
        assert service.instructions.version == "2026-11-22"
        assert service.instructions.text.en.splitlines() == [NAME["en"], NAME["en"]]
        first, second, third = catalogue.timetable(north).shifts(service.id)
        assert first.weekdays == {Weekday.SUNDAY, Weekday.MONDAY}
        assert (first.opens_minute, first.closes_minute, first.capacity) == (480, 720, 2)
        assert first.breaks == (Hours(600, 615),)
        assert (second.opens_minute, second.closes_minute, second.capacity) == (1320, 1440, 1)
        assert (second.breaks, second.in_force_from, second.in_force_until) == ((), None, None)
        assert (second.for_ramadan, second.on_weekends) == (False, False)
        assert (third.in_force_from, third.in_force_until) == (date(2026, 1, 1), date(2030, 1, 1))
        assert (third.for_ramadan, third.on_weekends) == (True, True)
        assert catalogue.group("traffic").parent == "e-services"

    @pytest.mark.parametrize(
        ("closes", "pause", "minutes", "break_minutes"),
        [
            ("02:00", ("00:30", "01:00"), 1560, (1470, 1500)),
            ("02:00", ("24:00", "00:15"), 1560, (1440, 1455)),
            ("02:00", ("23:45", "00:15"), 1560, (1425, 1455)),
            ("08:00", ("23:30", "24:00"), 1920, (1410, 1440)),
            ("00:00", ("23:30", "23:45"), 1440, (1410, 1425)),
        ],
    )
    def test_a_closing_before_the_opening_is_on_the_next_day(self, tmp_path, closes, pause, minutes, break_minutes):
        there = small_files()
        evening = there["timetables.toml"]["timetables"][0]["offers"][0]["shifts"][1]
        evening.update(closes=closes, breaks=[dict(zip(("starts", "ends"), pause, strict=True))])
        catalogue = load_catalogue(write_files(tmp_path, there))
        shift = catalogue.timetable(catalogue.branch("north")).shifts(catalogue.service("renewal").id)[1]
        assert (shift.opens_minute, shift.closes_minute, shift.breaks) == (1320, minutes, (Hours(*break_minutes),))

    def test_optional_fields_have_a_default(self, tmp_path):
        there = small_files()
        for governorate in there["governorates.toml"]["governorates"]:
            del governorate["headquarters"], governorate["approximate"]
        for branch in there["branches.toml"]["branches"]:
            del branch["time_zone"]
        for service in there["services.toml"]["services"]:
            del service["source"], service["documents"]
            del service["eligibility"]["minimum_age_years"], service["eligibility"]["conditions"]
        del there["services.toml"]["general_instructions"]
        catalogue = load_catalogue(write_files(tmp_path, there))
        assert not catalogue.governorate("town").headquarters
        assert catalogue.branch("north").time_zone == "Asia/Riyadh"
        assert catalogue.service("renewal").documents == ()
        assert catalogue.service("renewal").instructions.text.en == NAME["en"]

    def test_branches_are_real_unless_their_file_marks_them_synthetic(self, tmp_path):
        there = small_files()
        there["branches.toml"]["provenance"]["status"] = "facts"
        assert not load_catalogue(write_files(tmp_path, there)).branch("north").synthetic

    def test_names_come_out_trimmed_and_composed(self, tmp_path):
        there = small_files()
        there["regions.toml"]["regions"][0]["name"]["en"] = " Re\u0301gion "
        assert load_catalogue(write_files(tmp_path, there)).regions[0].name.en == "R\u00e9gion"

    def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(self, tmp_path):
        write_files(tmp_path, small_files())
        file = tmp_path / "regions.toml"
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
        assert load_catalogue(tmp_path).regions[0].code == "SA-01"

    @pytest.mark.journey("J-11")
    def test_a_desk_works_on_the_catalogue_and_the_rulebook_that_it_is_given(self):
        now = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
        desk = BookingDesk(
            DeskParts(
                store=MemoryStore(),
                clock=MovableClock(now),
                catalogue=small_catalogue(),
                rulebook=small_rulebook(BK_08={"appointments": 1}),
                tickets={"text": object()},  # type: ignore[dict-item]
            )
        )
        me = made_up_person(1)
        first, *_ = desk.find_slots(service="renewal")
        assert first.branch == "north"
        desk.book(first, applicant=me, agreed=True, request_id="1")
        later = desk.find_slots(service="transfer", from_=date(2026, 11, 24))[0]
        outcome = desk.book(later, applicant=me, agreed=True, request_id="2")
        assert isinstance(outcome, Refused)
        assert [verdict.rule_id for verdict in outcome.verdicts] == ["BK-08"]
