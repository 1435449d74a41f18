import pytest
from attrs import evolve, fields_dict

from tests.small_town import named, small_catalogue, small_service
from traffic_booking import Audience, Catalogue, Coordinates, Holder, InvalidCatalogue, NotFound, ServiceGroup


@pytest.fixture
def catalogue():
    return small_catalogue()


@pytest.mark.journey("J-08")
@pytest.mark.journey("J-09")
class TestMenu:
    def test_begins_with_the_groups_of_an_audience(self, catalogue):
        assert [group.id for group in catalogue.groups_of(Audience.INDIVIDUALS)] == ["e-services", "traffic-services"]
        assert catalogue.groups_of(Audience.BUSINESSES) == ()

    def test_finds_a_service_in_its_group_and_in_those_above(self, catalogue):
        assert catalogue.services_for(group="e-services") == catalogue.services
        assert catalogue.services_for(group="traffic-services") == catalogue.services

    def test_finds_nothing_in_a_group_beside(self, catalogue):
        beside = ServiceGroup(id="beside", audience=Audience.INDIVIDUALS, name=named("beside"), parent="e-services")
        wider = evolve(catalogue, groups=(*catalogue.groups, beside))
        assert wider.services_for(group="beside") == ()


@pytest.mark.journey("J-10")
class TestPlaces:
    def test_lead_from_a_region_to_its_governorates(self, catalogue):
        assert catalogue.region("SA-01").name("en") == "region"
        assert [governorate.id for governorate in catalogue.governorates_in("SA-01")] == ["town", "village"]

    def test_lead_from_a_governorate_to_its_branches(self, catalogue):
        assert [branch.id for branch in catalogue.branches_for(governorate="village")] == ["south"]


@pytest.mark.journey("J-11")
class TestNearestBranch:
    def test_comes_first(self, catalogue):
        south = Coordinates(24.0, 46.7)
        assert [branch.id for branch in catalogue.branches_for(near=south)] == ["south", "north"]
        assert [branch.id for branch in catalogue.branches_for()] == ["north", "south"]

    def test_of_two_at_the_same_distance_is_the_one_whose_id_comes_first(self, catalogue):
        at_one_place = [evolve(branch, location=Coordinates(0, 0)) for branch in reversed(catalogue.branches)]
        found = evolve(catalogue, branches=tuple(at_one_place)).branches_for(near=Coordinates(1, 1))
        assert [branch.id for branch in found] == ["north", "south"]

    def test_is_one_that_offers_the_service(self, catalogue):
        found = catalogue.branches_for(service="foreign", near=Coordinates(24.0, 46.7))
        assert [branch.id for branch in found] == ["north"]


@pytest.mark.journey("J-12")
class TestServicesOfABranch:
    def test_are_those_of_its_timetable(self, catalogue):
        assert [service.id for service in catalogue.services_for(branch="south")] == ["renewal", "transfer"]

    def test_are_those_that_the_applicant_may_book(self, catalogue):
        found = catalogue.services_for(branch="north", holder=Holder.CITIZEN)
        assert [service.id for service in found] == ["renewal", "transfer"]
        assert catalogue.services_for(branch="north", holder=Holder.RESIDENT) == catalogue.services


class TestUnknownNames:
    @pytest.mark.parametrize(
        ("look_up", "message"),
        [
            (lambda c: c.region("SA-02"), "no region 'SA-02'; known: SA-01"),
            (lambda c: c.governorates_in("SA-02"), "no region 'SA-02'; known: SA-01"),
            (lambda c: c.governorate("city"), "no governorate 'city'; known: town, village"),
            (lambda c: c.branch("east"), "no branch 'east'; known: north, south"),
            (lambda c: c.group("g"), "no service group 'g'; known: e-services, traffic-services"),
            (lambda c: c.service("wash"), "no service 'wash'; known: foreign, renewal, transfer"),
            (lambda c: c.branches_for(service="wash"), "no service 'wash'"),
            (lambda c: c.branches_for(governorate="city"), "no governorate 'city'"),
            (lambda c: c.services_for(group="g"), "no service group 'g'"),
            (lambda c: c.services_for(branch="east"), "no branch 'east'"),
            (lambda c: c.branch("x" * 1_000), "no branch 'x{64}';"),
        ],
    )
    def test_are_not_found_and_the_known_ones_are_listed(self, catalogue, look_up, message):
        with pytest.raises(NotFound, match=f"^{message}"):
            look_up(catalogue)

    def test_are_listed_up_to_eight(self, catalogue):
        services = tuple(small_service(f"service-{number}", 15) for number in range(9))
        wider = evolve(catalogue, services=(*catalogue.services, *services))
        with pytest.raises(NotFound, match=r"service-5, …$") as caught:
            wider.service("wash")
        assert len(caught.value.known) == 12


def parts(catalogue: Catalogue) -> dict[str, tuple[object, ...]]:
    names = [name for name, field in fields_dict(Catalogue).items() if field.init]
    return {name: getattr(catalogue, name) for name in names}


class TestFaults:
    @pytest.mark.parametrize("kind", ["regions", "governorates", "branches", "groups", "services", "timetables"])
    def test_an_entry_given_twice_is_one(self, catalogue, kind):
        given = parts(catalogue)
        given[kind] = (*given[kind], given[kind][-1])
        with pytest.raises(InvalidCatalogue) as caught:
            Catalogue(**given)  # type: ignore[arg-type]
        named_fields = {(fault.file, fault.field) for fault in caught.value.faults}
        expected = {(kind, "code" if kind == "regions" else "id")}
        assert named_fields == (expected | {(kind, "code")} if kind == "branches" else expected)

    def test_of_all_kinds_are_reported_at_once(self, catalogue):
        town, village = catalogue.governorates
        north, south = catalogue.branches
        above, below = catalogue.groups
        renewal, *others = catalogue.services
        with pytest.raises(InvalidCatalogue) as caught:
            Catalogue(
                regions=catalogue.regions,
                governorates=(evolve(town, region="SA-09"), village),
                branches=(evolve(north, governorate="city", timetable="none"), evolve(south, code="001")),
                groups=(evolve(above, parent="traffic-services"), evolve(below, parent="e-services")),
                services=(evolve(renewal, group="none"), *others[1:]),
                timetables=catalogue.timetables,
            )
        assert [(fault.file, fault.entry, fault.field) for fault in caught.value.faults] == [
            ("branches", "001", "code"),
            ("governorates", "town", "region"),
            ("branches", "north", "governorate"),
            ("branches", "north", "timetable"),
            ("services", "renewal", "group"),
            ("timetables", "full", "services"),
            ("timetables", "short", "services"),
            ("groups", "e-services", "parent"),
            ("groups", "traffic-services", "parent"),
        ]

    def test_a_ring_is_reported_for_each_of_its_groups_and_for_those_below_it(self, catalogue):
        above, below = catalogue.groups
        third = evolve(below, id="third", parent="traffic-services")
        ring = (evolve(above, parent="traffic-services"), below, third)
        with pytest.raises(InvalidCatalogue) as caught:
            evolve(catalogue, groups=ring)
        assert sorted(fault.entry for fault in caught.value.faults) == ["e-services", "third", "traffic-services"]
