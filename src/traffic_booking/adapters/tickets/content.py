"""The content of a ticket in any form: a heading, named values, and passages."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from traffic_booking.adapters.tickets.printable import one_line, printable
from traffic_booking.domain.appointments.states import AppointmentState
from traffic_booking.domain.appointments.tickets import Ticket
from traffic_booking.domain.bilingual import Bilingual, Language
from traffic_booking.domain.calendars.day import SAUDI_TIME
from traffic_booking.domain.instants import LEGAL_TIME

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
CITY: Final = Bilingual("المدينة", "City")  # a region's headquarters is not a governorate
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
ATTENTION: Final = Bilingual("تنبيه مهم", "Attention")
SYNTHETIC: Final = Bilingual(
    "هذا الفرع تجريبي وليس من فروع إدارة المرور.",
    "This branch is synthetic: it is not one of the department's branches.",
)


class Entry(NamedTuple):
    """A named value, on one line; `left_to_right` marks numbers, times and names of versions."""

    label: str
    value: str
    left_to_right: bool = False


class Passage(NamedTuple):
    """A heading with paragraphs, or with the items of a list."""

    heading: str
    paragraphs: tuple[str, ...]
    is_list: bool = False


class Content(NamedTuple):
    """The content of a ticket in one language."""

    heading: str
    entries: tuple[Entry, ...]
    passages: tuple[Passage, ...]


def content_of(ticket: Ticket, language: Language) -> Content:
    """The content of a ticket. A proof of cancellation has no documents and no instructions."""
    appointment = ticket.appointment
    passages: list[Passage] = []
    if appointment.state is not AppointmentState.CANCELLED:
        if ticket.documents:
            names = tuple(one_line(document.name(language)) for document in ticket.documents)
            passages.append(Passage(DOCUMENTS(language), names, is_list=True))
        instructions = ticket.service.instructions
        if appointment.instructions == instructions.version:  # only the version that the applicant agreed to
            lines = map(str.strip, printable(instructions.text(language)).split("\n"))
            passages.append(Passage(INSTRUCTIONS(language), tuple(filter(None, lines))))
    if appointment.lost_slot is not None:
        passages.insert(0, Passage(ATTENTION(language), (one_line(appointment.lost_slot.text(language)),)))
    if ticket.branch.synthetic:
        passages.append(Passage(NOTES(language), (SYNTHETIC(language),)))
    return Content(
        HEADINGS[appointment.state](language),
        tuple(
            Entry(label(language), one_line(value), left_to_right)
            for label, value, left_to_right in (*_who_and_where(ticket, language), *_when(ticket, language))
        ),
        tuple(passages),
    )


def _who_and_where(ticket: Ticket, language: Language) -> Iterator[tuple[Bilingual, str, bool]]:
    appointment = ticket.appointment
    yield NUMBER, appointment.number, True
    yield STATE, appointment.state.label(language).capitalize(), False
    yield APPLICANT, ticket.masked_id(language), ticket.person is not None or language == "en"
    yield SERVICE, ticket.service.name(language), False
    yield BRANCH, ticket.branch.name(language), False
    yield CITY if ticket.governorate.headquarters else GOVERNORATE, ticket.governorate.name(language), False


def _when(ticket: Ticket, language: Language) -> Iterator[tuple[Bilingual, str, bool]]:
    appointment = ticket.appointment
    day, starts_at = appointment.day, appointment.starts_at
    yield WEEKDAY, day.weekday(language), False
    dates = (HIJRI, day.hijri_text(language), False), (GREGORIAN, day.gregorian_text(language), False)
    yield from dates if language == "ar" else reversed(dates)
    yield TIME, f"{starts_at:%H:%M}–{appointment.ends_at:%H:%M}", True
    offset = f"{starts_at:%z}"
    zone = f"{appointment.time_zone} (UTC{offset[:3]}:{offset[3:5]})"
    named = language == "ar" and appointment.time_zone == LEGAL_TIME
    yield TIME_ZONE, SAUDI_TIME.ar if named else zone, not named
    yield SINCE, f"{appointment.changed_at.astimezone(starts_at.tzinfo):%Y-%m-%d %H:%M:%S}", True
    if appointment.instructions:
        yield AGREED, appointment.instructions, True
    yield RULEBOOK, appointment.rulebook, True
