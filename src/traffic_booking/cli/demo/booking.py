"""J-08 to J-18: the service, the branch, a hold, the day; the agreement, the ticket, and the visit."""

from datetime import timedelta
from typing import Final

from traffic_booking import (
    Audience,
    Booked,
    Clerk,
    Coordinates,
    DayAvailability,
    Held,
    TicketLanguage,
)
from traffic_booking.cli.demo.offline_gate import admitted_offline
from traffic_booking.cli.demo.walk import GOVERNORATE, SERVICE, Note, Walk, expect, granted, refused_by, shown
from traffic_booking.domain.wording import counted

REGIONS: Final = 13
REGION: Final = "SA-01"
POINT: Final = Coordinates(24.77, 46.70)  # somewhere in the north of Riyadh
WITHIN_KM: Final = 100
SLOTS_SHOWN: Final = 5
CLERK: Final = Clerk("demo-counter")
EARLY: Final = timedelta(minutes=5)
SHEETS: Final[tuple[tuple[str, TicketLanguage], ...]] = (("html", "ar"), ("html", "en"), ("pdf", "both"))
"""The forms in which the ticket is written to files, with their languages."""


def picks_individuals(walk: Walk) -> Note:
    """J-08: Individuals, then e-services."""
    catalogue = walk.desk.catalogue
    group = catalogue.group("e-services")
    expect(group in catalogue.groups_of(Audience.INDIVIDUALS), "e-services among the groups for individuals")
    found = catalogue.services_for(group=group.id)
    expect(found, "services below e-services", "none")
    return Note(
        f"خدمة الأفراد، ثم {shown(group.name.ar)}. عدد الخدمات: {len(found)}.",
        f"Individuals, then {group.name.en}: {len(found)} services.",
    )


def picks_traffic(walk: Walk) -> Note:
    """J-09: traffic services."""
    catalogue = walk.desk.catalogue
    group = catalogue.group("traffic-services")
    found = catalogue.services_for(group=group.id)
    expect(SERVICE in {service.id for service in found}, "the service among the traffic services")
    expect(all(catalogue.is_in_group(service, group.id) for service in found), "traffic services alone")
    return Note(f"{group.name.ar}. عدد الخدمات: {len(found)}.", f"{group.name.en}: {len(found)} services.")


def picks_governorate(walk: Walk) -> Note:
    """J-10: a region, and a place in it."""
    catalogue = walk.desk.catalogue
    expect(len(catalogue.regions) == REGIONS, f"{REGIONS} regions", str(len(catalogue.regions)))
    governorate = catalogue.governorate(GOVERNORATE)
    found = catalogue.governorates_in(REGION)
    expect(governorate in found, f"{GOVERNORATE} in {REGION}")
    kind = ("مدينة", "city") if governorate.headquarters else ("محافظة", "governorate")
    return Note(
        f"اختيرت {kind[0]} {governorate.name.ar}. عدد المدن والمحافظات في منطقتها: {len(found)}.",
        f"The {kind[1]} of {governorate.name.en} was picked, one of {len(found)} places in its region.",
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
        f"أقرب فرع: {walk.branch.name.ar}، على بعد {distance:.1f} كم.",
        f"The nearest branch: {walk.branch.name.en}, {distance:.1f} km away.",
    )


def picks_service(walk: Walk) -> Note:
    """J-12: the services of the branch for this applicant."""
    offered = walk.desk.catalogue.services_for(branch=walk.branch.id, holder=walk.applicant.holder)
    service = walk.service = walk.desk.catalogue.service(SERVICE)
    expect(service in offered, "the service at the branch")
    return Note(
        f"اختيرت خدمة {service.name.ar}. عدد الخدمات التي يقدمها الفرع للمستفيد: {len(offered)}.",
        f"{service.name.en} was picked, one of {len(offered)} services that the branch offers to the applicant.",
    )


def holds_slot(walk: Walk) -> Note:
    """J-13: a hold takes a seat, and gives the earlier hold's seat back."""
    draft = walk.slot
    walk.slot = walk.desk.find_slots(service=SERVICE, branch=walk.branch.id, limit=SLOTS_SHOWN)[-1]
    before = walk.slot.free
    outcome = walk.desk.hold(walk.slot, applicant=walk.applicant, request_id=walk.request("hold"))
    walk.held = granted(outcome, Held, "a hold")
    after, given_back = walk.free_seats(walk.slot.key), walk.free_seats(draft.key)
    expect(after == before - 1, f"{before - 1} free seats after the hold", str(after))
    expect(given_back == draft.free, f"{draft.free} free seats after the earlier hold was given back", str(given_back))
    until = walk.held.appointment.hold_ends_at or walk.clock.now()
    expect(until > walk.clock.now(), "a hold with time left", "none")
    minutes = (until - walk.clock.now()) // timedelta(minutes=1)
    return Note(
        f"موعد جديد: حُجز المقعد مؤقتًا لمدة {counted(minutes, 'minutes').ar}. "
        f"المقاعد الشاغرة الباقية: {after} من {before}.",
        f"A new appointment: the seat is held for {minutes} minutes; {after} of {before} are still free.",
    )


def picks_day(walk: Walk) -> Note:
    """J-14: the day in a month of either calendar, and its times."""
    slot = walk.slot
    gregorian, hijri = _day_of_month(walk, hijri=False), _day_of_month(walk, hijri=True)
    expect(gregorian == hijri, "the same day in both calendars", f"{gregorian.free} and {hijri.free} free")
    expect(gregorian.free < gregorian.seats, "the held seat taken off the day's free ones")
    start = slot.day.gregorian
    next_day = start + timedelta(days=1)
    times = walk.desk.find_slots(service=SERVICE, branch=slot.branch, from_=start, until=next_day, limit=100)
    expect(slot.key in {time.key for time in times}, "the slot among the times of its day")
    return Note(
        f"{slot.day.text('ar')}، الساعة {shown(f'{slot.starts_at:%H:%M}')}. الأوقات المتاحة في اليوم: {len(times)}.",
        f"{slot.day.text('en')}, at {slot.starts_at:%H:%M}; {len(times)} times of that day are free.",
    )


def _day_of_month(walk: Walk, *, hijri: bool) -> DayAvailability:
    slot = walk.slot
    day = slot.day
    year, month = (day.hijri.year, day.hijri.month) if hijri else (day.gregorian.year, day.gregorian.month)
    days = walk.desk.month_view(
        service=slot.service,
        branch=slot.branch,
        year=year,
        month_of_year=month,
        calendar="hijri" if hijri else "gregorian",
    )
    found = [entry for entry in days if entry.day == day]
    expect(found, "the day in its month", "none")
    return found[0]


def agrees(walk: Walk) -> Note:
    """J-15: without agreement the instructions' rule refuses, and it alone."""
    service, held = walk.service, walk.held
    outcome = walk.desk.book(held, applicant=walk.applicant, agreed=False, request_id=walk.request("no"))
    verdict, version = refused_by(outcome, "BK-06").verdicts[0], service.instructions.version
    expect(verdict.limit == version, "the version in force as the rule's limit")
    return Note(
        f"قُرئت نسخة التعليمات {shown(version)}. ودون الموافقة عليها لا تُستوفى القاعدة {shown('BK-06')}: "
        f"{verdict.statement.ar}",
        f"The instructions, version {version}, were read; without agreement BK-06 is not met: {verdict.statement.en}",
    )


def sees_documents(walk: Walk) -> Note:
    """J-16: the documents that this applicant has to bring."""
    documents = walk.service.documents_for(walk.applicant.holder)
    expect(documents, "documents to bring", "none")
    return Note(
        "المستندات المطلوبة: " + "، ".join(document.name.ar for document in documents) + ".",
        "To bring: " + "; ".join(document.name.en for document in documents) + ".",
    )


def prints_ticket(walk: Walk) -> Note:
    """J-17: the hold becomes the appointment, once; its ticket is printed as text, HTML and PDF."""
    service, held = walk.service, walk.held
    version, request = service.instructions.version, walk.request("book")
    outcome = walk.desk.book(held, applicant=walk.applicant, agreed=version, request_id=request)
    appointment = granted(outcome, Booked, "a booking").appointment
    expect(appointment.number == held.appointment.number, "the number of the hold", "another number")
    expect(appointment.instructions == version, "the agreement recorded on the appointment")
    again = walk.desk.book(held, applicant=walk.applicant, agreed=version, request_id=request)
    expect(again == outcome, "the first answer for the same request again")
    walk.first = appointment
    tickets, files = walk.tickets(appointment.number), []
    for form, language in SHEETS:
        sheet = walk.desk.ticket(appointment.number, by=walk.applicant, form=form, language=language)
        path = walk.folder / f"ticket-{appointment.number}-{language}.{form}"
        path.write_bytes(sheet.content)
        files.append(path)
    return Note(
        f"حُجز الموعد برقم {shown(appointment.number)}، وطُبعت التذكرة نصًا وملفات.",
        f"Booked under the number {appointment.number}; the ticket was printed as text and as files.",
        tickets,
        tuple(files),
    )


def attends(walk: Walk) -> Note:
    """J-18: checked in at the appointment's time, and not before, at a gate without the store."""
    appointment = walk.first
    early = walk.desk.gate.check_in(appointment.number, by=CLERK, request_id=walk.request("early"))
    refused_by(early, "AT-03")
    walk.clock.move_to(appointment.starts_at - EARLY)
    by_applicant = walk.desk.gate.check_in(appointment.number, by=walk.applicant, request_id=walk.request("alone"))
    refused_by(by_applicant, "AT-01")
    walk.first = admitted_offline(walk, appointment, CLERK)
    walk.tickets(appointment.number)
    time = f"{appointment.starts_at - EARLY:%H:%M}"
    return Note(
        f"حضر المستفيد الساعة {shown(time)}، وتحققت بوابة دون اتصال من توقيع تذكرته وأدخلته، ثم دُمج سجلها. ورُفض تسجيل"
        " حضوره قبل الوقت المسموح به.",
        f"The applicant came at {time}. A gate without the store verified the signature of the ticket and admitted"
        " them, and its journal was merged; too early was refused.",
    )
