"""J-08 to J-14: the menu, the governorate, the branch, the service, a hold, the day in both calendars."""

from datetime import timedelta
from typing import Final

from traffic_booking import Audience, Coordinates, DayAvailability, Held
from traffic_booking.cli.demo.signing_in import GOVERNORATE, SERVICE
from traffic_booking.cli.demo.walk import Note, Walk, expect, granted, reached, shown

REGIONS: Final = 13
REGION: Final = "SA-01"
POINT: Final = Coordinates(24.77, 46.70)
"""Somewhere in the north of Riyadh."""
WITHIN_KM: Final = 100
SLOTS_SHOWN: Final = 5


def picks_individuals(walk: Walk) -> Note:
    """J-08: Individuals, then e-services."""
    catalogue = walk.desk.catalogue
    group = catalogue.group("e-services")
    expect(group in catalogue.groups_of(Audience.INDIVIDUALS), "e-services among the groups for individuals")
    found = catalogue.services_for(group=group.id)
    expect(found, "services below e-services", "none")
    return Note(
        ar=f"خدمة الأفراد، ثم {shown(group.name.ar)}: {len(found)} خدمة.",
        en=f"Individuals, then {group.name.en}: {len(found)} services.",
    )


def picks_traffic(walk: Walk) -> Note:
    """J-09: traffic services."""
    catalogue = walk.desk.catalogue
    group = catalogue.group("traffic-services")
    found = catalogue.services_for(group=group.id)
    expect(SERVICE in {service.id for service in found}, "the service among the traffic services")
    expect(all(catalogue.is_in_group(service, group.id) for service in found), "traffic services alone")
    return Note(ar=f"{group.name.ar}: {len(found)} خدمة.", en=f"{group.name.en}: {len(found)} services.")


def picks_governorate(walk: Walk) -> Note:
    """J-10: a region, and a governorate in it."""
    catalogue = walk.desk.catalogue
    expect(len(catalogue.regions) == REGIONS, f"{REGIONS} regions", str(len(catalogue.regions)))
    governorate = catalogue.governorate(GOVERNORATE)
    found = catalogue.governorates_in(REGION)
    expect(governorate in found, f"{GOVERNORATE} in {REGION}")
    return Note(
        ar=f"اختيرت محافظة {governorate.name.ar} من {len(found)} في منطقتها.",
        en=f"The governorate {governorate.name.en} was picked, one of {len(found)} in its region.",
    )


def picks_branch(walk: Walk) -> Note:
    """J-11: the nearest branch to a point, and the earliest slots across the branches around it."""
    catalogue = walk.desk.catalogue
    walk.branch = catalogue.branches_for(service=SERVICE, governorate=GOVERNORATE, near=POINT)[0]
    others = [b for b in catalogue.branches_for(service=SERVICE) if b.governorate == GOVERNORATE]
    distance = POINT.distance_km(walk.branch.location)
    expect(distance <= min(POINT.distance_km(branch.location) for branch in others), "the nearest branch")
    around = walk.desk.find_slots(service=SERVICE, near=POINT, within_km=WITHIN_KM, limit=SLOTS_SHOWN)
    starts = [slot.starts_at for slot in around]
    expect(starts and starts == sorted(starts), "the earliest slots around first")
    expect(all((slot.distance_km or 0) <= WITHIN_KM for slot in around), f"slots within {WITHIN_KM} km")
    return Note(
        ar=f"أقرب فرع: {walk.branch.name.ar}، على بعد {distance:.1f} كم.",
        en=f"The nearest branch: {walk.branch.name.en}, {distance:.1f} km away.",
    )


def picks_service(walk: Walk) -> Note:
    """J-12: what the branch offers to this applicant."""
    branch = reached(walk.branch, "a branch")
    offered = walk.desk.catalogue.services_for(branch=branch.id, holder=walk.applicant.holder)
    walk.service = next((service for service in offered if service.id == SERVICE), None)
    service = reached(walk.service, "the service at the branch")
    return Note(
        ar=f"اختيرت خدمة {service.name.ar} من {len(offered)} يقدمها الفرع للمستفيد.",
        en=f"{service.name.en} was picked, one of {len(offered)} services that the branch offers to the applicant.",
    )


def holds_slot(walk: Walk) -> Note:
    """J-13: a hold takes a seat, and gives the earlier hold's seat back."""
    draft = reached(walk.slot, "the slot held before")
    branch = reached(walk.branch, "a branch")
    walk.slot = walk.desk.find_slots(service=SERVICE, branch=branch.id, limit=SLOTS_SHOWN)[-1]
    before = walk.slot.free
    outcome = walk.desk.hold(walk.slot, applicant=walk.applicant, request_id=walk.request("hold"))
    walk.held = granted(outcome, Held, "a hold")
    after, given_back = walk.free_seats(walk.slot.key), walk.free_seats(draft.key)
    expect(after == before - 1, f"{before - 1} free seats after the hold", str(after))
    expect(given_back == draft.free, f"{draft.free} free seats where the earlier hold was given back", str(given_back))
    until = walk.held.appointment.hold_ends_at
    expect(until is not None and until > walk.clock.now(), "a hold with time left")
    minutes = (reached(until, "an end of the hold") - walk.clock.now()) // timedelta(minutes=1)
    return Note(
        ar=f"موعد جديد: حُجز المقعد مؤقتًا {minutes} دقائق، وبقي {after} من {before} شاغرًا.",
        en=f"A new appointment: the seat is held for {minutes} minutes; {after} of {before} are still free.",
    )


def picks_day(walk: Walk) -> Note:
    """J-14: the day in a month of either calendar, and its times."""
    slot = reached(walk.slot, "a slot")
    gregorian = _day_of_month(walk, hijri=False)
    hijri = _day_of_month(walk, hijri=True)
    expect(gregorian == hijri, "the same day in both calendars", f"{gregorian.free} and {hijri.free} free")
    expect(gregorian.free < gregorian.seats, "the held seat taken off the day's free ones")
    start = slot.day.gregorian
    times = walk.desk.find_slots(
        service=SERVICE, branch=slot.branch, from_=start, until=start + timedelta(days=1), limit=100
    )
    expect(slot.key in {time.key for time in times}, "the slot among the times of its day")
    return Note(
        ar=f"{slot.day.text('ar')}، الساعة {shown(f'{slot.starts_at:%H:%M}')}؛ في اليوم {len(times)} موعدًا شاغرًا.",
        en=f"{slot.day.text('en')}, at {slot.starts_at:%H:%M}; {len(times)} times of that day are free.",
    )


def _day_of_month(walk: Walk, *, hijri: bool) -> DayAvailability:
    slot = reached(walk.slot, "a slot")
    day = slot.day
    year, month = (day.hijri.year, day.hijri.month) if hijri else (day.gregorian.year, day.gregorian.month)
    days = walk.desk.month_view(
        service=slot.service,
        branch=slot.branch,
        year=year,
        month_of_year=month,
        calendar="hijri" if hijri else "gregorian",
    )
    return reached(next((entry for entry in days if entry.day == day), None), "the day in its month")
