"""J-15 to J-18: the instructions, the documents, the booking with its ticket, the visit."""

from datetime import timedelta
from typing import Final

from traffic_booking import Booked, CheckedIn, Clerk
from traffic_booking.cli.demo.walk import LANGUAGES, Note, Walk, expect, granted, reached, refused_by, shown

CLERK: Final = Clerk("demo-counter")
EARLY: Final = timedelta(minutes=5)


def agrees(walk: Walk) -> Note:
    """J-15: without agreement the instructions' rule refuses, and it alone."""
    service, held = reached(walk.service, "a service"), reached(walk.held, "a hold")
    outcome = walk.desk.book(held, applicant=walk.applicant, agreed=False, request_id=walk.request("no"))
    verdict = refused_by(outcome, "BK-06").verdicts[0]
    expect(verdict.limit == service.instructions.version, "the version in force as the rule's limit")
    version = service.instructions.version
    return Note(
        ar=f"قُرئت التعليمات بنسخة {shown(version)}؛ وبلا موافقة لا تُستوفى القاعدة {shown('BK-06')}: "
        f"{verdict.statement.ar}",
        en=f"The instructions, version {version}, were read; without agreement BK-06 is not met: "
        f"{verdict.statement.en}",
    )


def sees_documents(walk: Walk) -> Note:
    """J-16: what this applicant has to bring."""
    documents = reached(walk.service, "a service").documents_for(walk.applicant.holder)
    expect(documents, "documents to bring", "none")
    return Note(
        ar="المستندات المطلوبة: " + "، ".join(document.name.ar for document in documents) + ".",
        en="To bring: " + "; ".join(document.name.en for document in documents) + ".",
    )


def prints_ticket(walk: Walk) -> Note:
    """J-17: the hold becomes the appointment, once; its ticket is printed as text and HTML."""
    service, held = reached(walk.service, "a service"), reached(walk.held, "a hold")
    version, request = service.instructions.version, walk.request("book")
    outcome = walk.desk.book(held, applicant=walk.applicant, agreed=version, request_id=request)
    appointment = granted(outcome, Booked, "a booking").appointment
    expect(appointment.number == held.appointment.number, "the number of the hold", "another number")
    expect(appointment.instructions == version, "the agreement recorded on the appointment")
    again = walk.desk.book(held, applicant=walk.applicant, agreed=version, request_id=request)
    expect(again == outcome, "the first answer for the same request again")
    walk.first = appointment
    files = []
    for language in LANGUAGES:
        page = walk.desk.ticket(appointment.number, by=walk.applicant, form="html", language=language)
        path = walk.folder / f"ticket-{appointment.number}-{language}.html"
        path.write_text(page, encoding="utf-8")
        files.append(path)
    return Note(
        ar=f"تم الحجز بالرقم {shown(appointment.number)}، وطُبعت التذكرة نصًا وصفحةً.",
        en=f"Booked under the number {appointment.number}; the ticket was printed as text and as a page.",
        tickets=walk.tickets(appointment.number),
        files=tuple(files),
    )


def attends(walk: Walk) -> Note:
    """J-18: checked in by a clerk, at the appointment's time, and not before."""
    appointment = reached(walk.first, "an appointment")
    early = walk.desk.check_in(appointment.number, by=CLERK, request_id=walk.request("early"))
    refused_by(early, "AT-03")
    walk.clock.move_to(appointment.starts_at - EARLY)
    by_applicant = walk.desk.check_in(appointment.number, by=walk.applicant, request_id=walk.request("alone"))
    refused_by(by_applicant, "AT-01")
    outcome = walk.desk.check_in(appointment.number, by=CLERK, request_id=walk.request("in"))
    walk.first = granted(outcome, CheckedIn, "a check-in").appointment
    walk.tickets(appointment.number)
    return Note(
        ar=f"حضر المستفيد وسُجّل حضوره الساعة {shown(f'{appointment.starts_at - EARLY:%H:%M}')}؛ ورُفض التسجيل المبكر.",
        en=f"The applicant came and was checked in at {appointment.starts_at - EARLY:%H:%M}; too early was refused.",
    )
