"""The content of a ticket in one language, the same for every form: what is large, the code, then groups.

A form lays it out and escapes it; it adds no words and leaves none out. The values are printable and on one line each.
"""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from traffic_booking.adapters.tickets import wording as words
from traffic_booking.adapters.tickets.printable import one_line, printable
from traffic_booking.domain.appointments.states import AppointmentState
from traffic_booking.domain.appointments.tickets import Ticket, TicketLanguage, ticket_languages
from traffic_booking.domain.bilingual import Language
from traffic_booking.domain.calendars.day import SAUDI_TIME, Day
from traffic_booking.domain.instants import LEGAL_TIME
from traffic_booking.domain.wording import counted

_ENDED: Final = frozenset(AppointmentState) - {
    AppointmentState.HELD,
    AppointmentState.BOOKED,
    AppointmentState.CHECKED_IN,
}


class Tone(StrEnum):
    """How a ticket presents itself: in order, with a warning, or as something that admits nobody."""

    VALID = "valid"
    WARNING = "warning"
    VOID = "void"


class Entry(NamedTuple):
    """A named value on one line; `left_to_right` marks numbers, times, links and names of versions.

    `notes` are further lines about it, and `link` is an address that it leads to.
    """

    label: str
    value: str
    left_to_right: bool = False
    notes: tuple[str, ...] = ()
    link: str = ""


class Passage(NamedTuple):
    """A heading with paragraphs, or with the items of a list."""

    heading: str
    paragraphs: tuple[str, ...]
    is_list: bool = False


class When(NamedTuple):
    """The day and the time, to be shown large: `dates` has both calendars, the language's own first."""

    weekday: str
    dates: tuple[str, ...]
    starts: str
    ends: str
    lasting: str
    arrive: Entry | None
    """The time to arrive by; None if no visit is due."""


class Code(NamedTuple):
    """The code to scan, beside the number; `text` is empty if nothing is to be scanned, as of a cancellation."""

    text: str
    number: Entry
    caption: str
    signed: bool


class Content(NamedTuple):
    """The content of a ticket in one language."""

    language: Language
    heading: str
    tone: Tone
    alerts: tuple[str, ...]
    when: When
    code: Code
    facts: tuple[Entry, ...]
    """The visit: the service, the branch, the map, the applicant."""
    lists: tuple[Passage, ...]
    """The documents to bring, and the conditions to meet."""
    cancelling: Passage | None
    texts: tuple[Passage, ...]
    """The instructions, a passage each."""
    record: tuple[Entry, ...]
    """The state, its time, and the versions that apply."""
    footnotes: tuple[str, ...]
    """When the paper is void, and that a branch is made up."""


def contents_of(ticket: Ticket, language: TicketLanguage) -> tuple[Content, ...]:
    """The content of a ticket in each of its languages, alike in structure. A cancellation has no instructions.

    Raises `InvalidInput` for an unknown language.
    """
    return tuple(_content(ticket, each) for each in ticket_languages(language))


def _content(ticket: Ticket, language: Language) -> Content:
    appointment = ticket.appointment
    lost = appointment.lost_slot
    alerts = (words.STATE_ALERTS.get(appointment.state), None if lost is None else lost.text)
    tone = Tone.WARNING if lost is not None else Tone.VALID
    return Content(
        language=language,
        heading=words.HEADINGS[appointment.state](language),
        tone=tone if ticket.is_valid else Tone.VOID,
        alerts=tuple(one_line(text(language)) for text in alerts if text is not None),
        when=_when(ticket, language),
        code=_code(ticket, language),
        facts=tuple(_facts(ticket, language)),
        lists=() if appointment.state in _ENDED else tuple(_lists(ticket, language)),
        cancelling=_cancelling(ticket, language),
        texts=tuple(_texts(ticket, language)),
        record=tuple(_record(ticket, language)),
        footnotes=tuple(_footnotes(ticket, language)),
    )


def _when(ticket: Ticket, language: Language) -> When:
    appointment = ticket.appointment
    starts_at, day = appointment.starts_at, appointment.day
    dates = [day.hijri_text(language)] if day.has_hijri else []
    dates.insert(len(dates) if language == "ar" else 0, day.gregorian_text(language))
    arrive = Entry(words.ARRIVE_BY(language), f"{_local(ticket, ticket.arrive_by):%H:%M}", left_to_right=True)
    return When(
        weekday=day.weekday(language),
        dates=tuple(dates),
        starts=f"{starts_at:%H:%M}",
        ends=f"{appointment.ends_at:%H:%M}",
        lasting=counted(ticket.service.duration_minutes, "minutes")(language),
        arrive=arrive if ticket.is_valid else None,
    )


def _code(ticket: Ticket, language: Language) -> Code:
    code = ticket.code
    caption = words.SIGNED_CODE if code.signed else words.UNSIGNED_CODE
    number = Entry(words.NUMBER(language), ticket.appointment.number, left_to_right=True)
    if not ticket.is_valid:
        return Code("", number, words.NO_CODE(language), signed=False)
    return Code(code.text, number, caption(language), code.signed)


def _facts(ticket: Ticket, language: Language) -> Iterator[Entry]:
    branch, place = ticket.branch, ticket.governorate
    yield Entry(words.SERVICE(language), one_line(ticket.service.name(language)))
    kind = words.CITY if place.headquarters else words.GOVERNORATE
    address = "" if branch.address is None else one_line(branch.address(language))
    notes = (f"{kind(language)}: {one_line(place.name(language))}", *([address] if address else []))
    yield Entry(words.BRANCH(language), one_line(branch.name(language)), notes=notes)
    position = f"{branch.location.latitude:.5f}, {branch.location.longitude:.5f}"
    yield Entry(words.MAP(language), position, left_to_right=True, link=ticket.map_link)
    if ticket.printed_name:
        personal = (words.PERSONAL(language),) if ticket.is_valid else ()
        yield Entry(words.NAME(language), one_line(ticket.printed_name), notes=personal)
    masked = ticket.person is not None or language == "en"
    yield Entry(words.APPLICANT(language), ticket.masked_id(language), left_to_right=masked)


def _lists(ticket: Ticket, language: Language) -> Iterator[Passage]:
    if ticket.documents:
        names = tuple(one_line(document.name(language)) for document in ticket.documents)
        yield Passage(words.DOCUMENTS(language), names, is_list=True)
    if ticket.conditions:
        conditions = tuple(one_line(condition.text(language)) for condition in ticket.conditions)
        yield Passage(words.CONDITIONS(language), conditions, is_list=True)


def _cancelling(ticket: Ticket, language: Language) -> Passage | None:
    limits = ticket.limits
    if limits.cancel_until is None or ticket.appointment.state is not AppointmentState.BOOKED:
        return None
    until = _local(ticket, limits.cancel_until)
    first = words.CANCEL_BEFORE(language).format(day=Day(until.date()).text(language), time=f"{until:%H:%M}")
    if not limits.late_minutes:
        return Passage(words.CANCELLING(language), (first, words.COSTS_NOTHING(language)))
    cost = words.LATE_COSTS(language).format(
        minutes=counted(limits.late_minutes, "minutes")(language),
        days=counted(limits.late_block_days, "days")(language),
    )
    return Passage(words.CANCELLING(language), (first, cost))


def _texts(ticket: Ticket, language: Language) -> Iterator[Passage]:
    if ticket.instructions is not None:
        lines = map(str.strip, printable(ticket.instructions(language)).split("\n"))
        yield Passage(words.INSTRUCTIONS(language), tuple(filter(None, lines)))


def _record(ticket: Ticket, language: Language) -> Iterator[Entry]:
    appointment, limits = ticket.appointment, ticket.limits
    yield Entry(words.STATE(language), appointment.state.label(language).capitalize())
    if appointment.state is AppointmentState.BOOKED and limits.check_in_from and limits.check_in_until:
        opens, closes = (f"{_local(ticket, each):%H:%M}" for each in (limits.check_in_from, limits.check_in_until))
        yield Entry(words.CHECK_IN(language), f"{opens}–{closes}", left_to_right=True)
    offset = f"{appointment.starts_at:%z}"
    zone = f"{appointment.time_zone} (UTC{offset[:3]}:{offset[3:5]})"
    named = language == "ar" and appointment.time_zone == LEGAL_TIME
    yield Entry(words.TIME_ZONE(language), SAUDI_TIME.ar if named else zone, not named)
    changed = f"{_local(ticket, appointment.changed_at):%Y-%m-%d %H:%M:%S}"
    yield Entry(words.SINCE(language), changed, left_to_right=True)
    if appointment.instructions:
        yield Entry(words.AGREED(language), one_line(appointment.instructions), left_to_right=True)
    yield Entry(words.RULEBOOK(language), one_line(appointment.rulebook), left_to_right=True)


def _footnotes(ticket: Ticket, language: Language) -> Iterator[str]:
    if ticket.is_valid:
        yield words.VOID_AFTER(language)
    if ticket.branch.synthetic:
        yield words.SYNTHETIC(language)


def _local(ticket: Ticket, moment: datetime) -> datetime:
    return moment.astimezone(ZoneInfo(ticket.appointment.time_zone))
