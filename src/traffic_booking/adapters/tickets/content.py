"""What a ticket says, before it has a form: a heading, named values, and passages to read."""

from datetime import datetime
from typing import Final

from attrs import field, frozen

from traffic_booking.adapters.tickets.printable import one_line, printable
from traffic_booking.domain.appointments.appointment import AppointmentState
from traffic_booking.domain.appointments.tickets import Ticket
from traffic_booking.domain.bilingual import Bilingual, Language
from traffic_booking.domain.calendars.day import Day

HEADINGS: Final = {
    AppointmentState.HELD: Bilingual("حجز مؤقت، ليس تذكرة", "Hold, not a ticket"),
    AppointmentState.BOOKED: Bilingual("تذكرة موعد المرور", "Traffic appointment ticket"),
    AppointmentState.CHECKED_IN: Bilingual("تذكرة موعد المرور، سُجّل الحضور", "Traffic appointment ticket, checked in"),
    AppointmentState.CANCELLED: Bilingual("إثبات إلغاء موعد المرور", "Proof of cancellation of a traffic appointment"),
    AppointmentState.EXPIRED: Bilingual("حجز مؤقت منتهٍ، ليس تذكرة", "Expired hold, not a ticket"),
}

SINCE: Final = Bilingual("وقت آخر إجراء", "Last change")
NUMBER: Final = Bilingual("رقم الموعد", "Number")
STATE: Final = Bilingual("الحالة", "State")
APPLICANT: Final = Bilingual("المستفيد", "Applicant")
SERVICE: Final = Bilingual("الخدمة", "Service")
BRANCH: Final = Bilingual("الفرع", "Branch")
GOVERNORATE: Final = Bilingual("المحافظة", "Governorate")
WEEKDAY: Final = Bilingual("اليوم", "Day")
HIJRI: Final = Bilingual("التاريخ الهجري", "Hijri date")
GREGORIAN: Final = Bilingual("التاريخ الميلادي", "Gregorian date")
TIME: Final = Bilingual("الوقت", "Time")
TIME_ZONE: Final = Bilingual("التوقيت", "Time zone")
RULEBOOK: Final = Bilingual("نسخة القواعد", "Rulebook")
DOCUMENTS: Final = Bilingual("المستندات المطلوبة", "Documents to bring")
INSTRUCTIONS: Final = Bilingual("التعليمات", "Instructions")
AGREED: Final = Bilingual("نسخة التعليمات الموافق عليها", "Instructions agreed to")
NOTES: Final = Bilingual("تنبيه", "Note")
SYNTHETIC: Final = Bilingual(
    "هذا الفرع تجريبي وليس من فروع إدارة المرور.",
    "This branch is synthetic: it is not one of the department's branches.",
)


@frozen(kw_only=True)
class Entry:
    """A named value, on one line; `left_to_right` marks numbers, times and names of versions."""

    label: str
    value: str = field(converter=one_line)
    left_to_right: bool = False


@frozen(kw_only=True)
class Passage:
    """A heading with paragraphs, or with the items of a list."""

    heading: str
    paragraphs: tuple[str, ...]
    is_list: bool = False


@frozen(kw_only=True)
class Content:
    """All that a ticket says, in one language."""

    heading: str
    entries: tuple[Entry, ...]
    passages: tuple[Passage, ...]


def content_of(ticket: Ticket, language: Language) -> Content:
    """What the ticket says; a proof of cancellation leaves out what one would bring and do."""
    appointment = ticket.appointment
    passages: list[Passage] = []
    if appointment.state is not AppointmentState.CANCELLED:
        if ticket.documents:
            names = tuple(one_line(document.name(language)) for document in ticket.documents)
            passages.append(Passage(heading=DOCUMENTS(language), paragraphs=names, is_list=True))
        instructions = ticket.service.instructions
        if appointment.instructions == instructions.version:  # never words that nobody agreed to
            paragraphs = tuple(
                line.strip() for line in printable(instructions.text(language)).split("\n") if line.strip()
            )
            passages.append(Passage(heading=INSTRUCTIONS(language), paragraphs=paragraphs))
    if ticket.branch.synthetic:
        passages.append(Passage(heading=NOTES(language), paragraphs=(SYNTHETIC(language),)))
    return Content(
        heading=HEADINGS[appointment.state](language),
        entries=(*_who_and_where(ticket, language), *_when(ticket, language), *_record(ticket, language)),
        passages=tuple(passages),
    )


def _who_and_where(ticket: Ticket, language: Language) -> tuple[Entry, ...]:
    appointment = ticket.appointment
    return (
        Entry(label=NUMBER(language), value=appointment.number, left_to_right=True),
        Entry(label=STATE(language), value=appointment.state.label(language).capitalize()),
        Entry(
            label=APPLICANT(language),
            value=ticket.masked_id(language),
            left_to_right=ticket.person is not None or language == "en",
        ),
        Entry(label=SERVICE(language), value=ticket.service.name(language)),
        Entry(label=BRANCH(language), value=ticket.branch.name(language)),
        Entry(label=GOVERNORATE(language), value=ticket.governorate.name(language)),
    )


def _when(ticket: Ticket, language: Language) -> tuple[Entry, ...]:
    appointment = ticket.appointment
    starts_at, ends_at = appointment.starts_at, appointment.ends_at
    zone = f"{appointment.time_zone} (UTC{_offset(starts_at)})"
    return (
        Entry(label=WEEKDAY(language), value=appointment.day.weekday(language)),
        *_dates(appointment.day, language),
        Entry(label=TIME(language), value=f"{starts_at:%H:%M}–{ends_at:%H:%M}", left_to_right=True),
        Entry(label=TIME_ZONE(language), value=zone, left_to_right=True),
    )


def _dates(day: Day, language: Language) -> tuple[Entry, Entry]:
    hijri = Entry(label=HIJRI(language), value=day.hijri_text(language))
    gregorian = Entry(label=GREGORIAN(language), value=day.gregorian_text(language))
    return (hijri, gregorian) if language == "ar" else (gregorian, hijri)


def _record(ticket: Ticket, language: Language) -> tuple[Entry, ...]:
    appointment = ticket.appointment
    changed_at = appointment.changed_at.astimezone(appointment.starts_at.tzinfo)
    agreed = (
        (Entry(label=AGREED(language), value=appointment.instructions, left_to_right=True),)
        if appointment.instructions
        else ()
    )
    return (
        Entry(label=SINCE(language), value=f"{changed_at:%Y-%m-%d %H:%M:%S}", left_to_right=True),
        *agreed,
        Entry(label=RULEBOOK(language), value=appointment.rulebook, left_to_right=True),
    )


def _offset(moment: datetime) -> str:
    return f"{moment:%z}"[:3] + ":" + f"{moment:%z}"[3:5]
