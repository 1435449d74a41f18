"""J-08 to J-14: the service's place in the menu, the governorate, the branch, the service, the day and the time."""

from datetime import timedelta

import pytest

from traffic_booking import Audience, Booked, Held, HijriDate, Holder, Refused
from traffic_booking.testing import made_up_person

SERVICE = "licence-renewal"


@pytest.mark.journey("J-08")
def test_individuals_find_the_e_services_in_both_languages(portal):
    groups = {group.id: group for group in portal.desk.catalogue.groups_of(Audience.INDIVIDUALS)}

    assert groups["e-services"].name("ar") == "الخدمات الإلكترونية"
    assert groups["e-services"].parent is None
    assert groups["traffic-services"].parent == "e-services"


@pytest.mark.journey("J-09")
def test_the_traffic_services_are_those_of_their_group_and_the_groups_below(portal):
    catalogue = portal.desk.catalogue
    services = {service.id for service in catalogue.services_for(group="traffic-services")}

    assert {SERVICE, "ownership-transfer", "violation-objection"} <= services
    below = [group.id for group in catalogue.groups if group.parent == "traffic-services"]
    by_group = [{service.id for service in catalogue.services_for(group=group)} for group in below]
    assert set.union(*by_group) == services
    assert sum(map(len, by_group)) == len(services)


@pytest.mark.journey("J-10")
def test_each_governorate_is_found_under_its_region_in_both_languages(portal):
    catalogue = portal.desk.catalogue

    assert len(catalogue.regions) == 13
    listed = [place for region in catalogue.regions for place in catalogue.governorates_in(region.code)]
    assert sorted(place.id for place in listed) == sorted(place.id for place in catalogue.governorates)
    riyadh = catalogue.governorate("riyadh")
    assert (riyadh.name("ar"), riyadh.name("en")) == ("الرياض", "Riyadh")
    assert riyadh in catalogue.governorates_in("SA-01")


@pytest.mark.journey("J-11")
def test_the_nearest_branch_comes_first_and_so_does_its_slot_of_the_same_time(portal):
    catalogue = portal.desk.catalogue
    here = catalogue.governorate("kharj").seat
    branches = catalogue.branches_for(service=SERVICE, near=here)
    distances = [here.distance_km(branch.location) for branch in branches]

    assert distances == sorted(distances)
    assert len(branches) > 100
    found = portal.desk.find_slots(service=SERVICE, near=here, within_km=200, limit=50)
    assert found[0].branch == branches[0].id
    assert found[0].distance_km == pytest.approx(distances[0])
    assert [(slot.starts_at, slot.distance_km) for slot in found] == sorted(
        (slot.starts_at, slot.distance_km) for slot in found
    )
    assert all(slot.distance_km <= 200 for slot in found)


@pytest.mark.journey("J-12")
@pytest.mark.rule("BK-10")
def test_the_services_are_those_that_the_branch_offers_to_this_applicant(portal, rules_of):
    desk, citizen, resident = portal.desk, portal.applicant, made_up_person(7, Holder.RESIDENT)
    theirs = {
        person: {service.id for service in desk.catalogue.services_for(branch="riyadh-traffic", holder=person.holder)}
        for person in (citizen, resident)
    }

    assert theirs[resident] - theirs[citizen] == {"foreign-licence"}
    (slot,) = desk.find_slots(service="foreign-licence", branch="riyadh-traffic", limit=1)
    refused = desk.book(slot, applicant=citizen, agreed=True, request_id=portal.request())
    assert rules_of(refused) == ["BK-10"]
    assert isinstance(desk.book(slot, applicant=resident, agreed=True, request_id=portal.request()), Booked)


@pytest.mark.journey("J-13")
@pytest.mark.rule("HD-01")
def test_the_slot_that_is_shown_does_not_vanish_while_it_is_held(portal):
    (slot,) = portal.desk.find_slots(service=SERVICE, governorate="riyadh", limit=1)
    held = portal.desk.hold(slot, applicant=portal.applicant, request_id=portal.request())

    assert isinstance(held, Held)
    assert held.appointment.hold_ends_at == portal.clock.now() + timedelta(minutes=10)
    assert portal.free(slot.key) == slot.free - 1
    for serial in range(slot.free - 1):
        portal.book(slot.key, made_up_person(serial))
    assert portal.free(slot.key) == 0
    late = portal.desk.book(slot, applicant=made_up_person(99), agreed=True, request_id=portal.request())
    assert isinstance(late, Refused)
    assert portal.book(held.appointment.slot).appointment.number == held.appointment.number


@pytest.mark.journey("J-13")
def test_a_hold_that_runs_out_gives_its_seat_back(portal):
    (slot,) = portal.desk.find_slots(service=SERVICE, governorate="riyadh", limit=1)
    portal.desk.hold(slot, applicant=portal.applicant, request_id=portal.request())
    portal.clock.advance(timedelta(minutes=10))

    assert portal.free(slot.key) == slot.free
    assert len(portal.desk.appointments(portal.applicant).expired) == 1


@pytest.mark.journey("J-14")
def test_the_day_is_picked_in_a_month_of_either_calendar_and_the_time_among_those_of_the_day(portal):
    desk = portal.desk
    gregorian = desk.month_view(service=SERVICE, branch="riyadh-traffic", year=2026, month_of_year=11)
    hijri = desk.month_view(service=SERVICE, branch="riyadh-traffic", year=1448, month_of_year=6, calendar="hijri")

    (day,) = [day for day in gregorian if day.day.gregorian.day == 23]
    assert day in hijri
    assert day.day.hijri == HijriDate(1448, 6, 13)
    assert day.free == day.seats > 0
    start = day.day.gregorian
    times = desk.find_slots(
        service=SERVICE, branch="riyadh-traffic", from_=start, until=start + timedelta(days=1), limit=500
    )
    assert sum(slot.free for slot in times) == day.free
    portal.book(times[3].key)
    (after,) = [
        other
        for other in desk.month_view(service=SERVICE, branch="riyadh-traffic", year=2026, month_of_year=11)
        if other.day == day.day
    ]
    assert (after.seats, after.free) == (day.seats, day.free - 1)
