"""Tickets as iCalendar files (RFC 5545), by the `icalendar` package.

A calendar that opens a newer file of the same appointment updates its entry, or removes it after a cancellation: the
UID stays the same, and SEQUENCE rises.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import lru_cache, partial
from typing import Final
from zoneinfo import ZoneInfo

from traffic_booking.adapters.tickets import wording as words
from traffic_booking.adapters.tickets.content import Content, Entry, contents_of
from traffic_booking.adapters.tickets.printable import isolated, one_line
from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.states import DUE, AppointmentState
from traffic_booking.domain.appointments.tickets import Ticket, TicketLanguage, ticket_languages
from traffic_booking.domain.bidi import FIRST_STRONG_ISOLATE, POP_ISOLATE
from traffic_booking.domain.bilingual import Bilingual, Language
from traffic_booking.domain.errors import MissingExtra
from traffic_booking.domain.places.geography import Coordinates

try:
    from icalendar import Alarm, Calendar, Event, Timezone, vCalAddress
    from icalendar.prop import vInline
except ImportError as missing:
    raise MissingExtra("a ticket as a calendar file", "tickets") from missing

PRODUCT: Final = "-//traffic-booking//ticket//EN"
DOMAIN: Final = "traffic-booking.invalid"
"""The domain of every UID. RFC 2606 reserves `.invalid`, so nobody else's UIDs end in it.

It must never change: neither the host, the branch nor a release of this library is in it, because a calendar finds the
entry to update by the UID alone.
"""
ORGANISER: Final = f"mailto:no-reply@{DOMAIN}"  # RFC 5546 wants an address; this one receives nothing
APPOINTMENT: Final = Bilingual("موعد المرور", "Traffic appointment")
_COMMA: Final = Bilingual("،", ",")
_CANCELLED: Final = frozenset({AppointmentState.CANCELLED, AppointmentState.EXPIRED})


def ics_of(ticket: Ticket, language: TicketLanguage, alarm_minutes: int) -> bytes:
    """A ticket as a calendar with one event. The alarm, before the start, is left out if nobody has to come.

    In both languages, each text has Arabic first.
    """
    cancelled = ticket.appointment.state in _CANCELLED
    file = Calendar()
    file.add("version", "2.0")
    file.add("prodid", PRODUCT)
    file.add("method", "CANCEL" if cancelled else "PUBLISH")
    file.add_component(_time_zone(ticket.appointment.time_zone, ticket.appointment.starts_at.year))
    file.add_component(_event(ticket, language, alarm_minutes))
    content: bytes = file.to_ical()
    return content


def _event(ticket: Ticket, language: TicketLanguage, alarm_minutes: int) -> Event:
    appointment, event = ticket.appointment, Event()
    languages = ticket_languages(language)
    summary = _summary(ticket, languages)
    event.add("uid", f"{appointment.number}@{DOMAIN}")
    event.add("sequence", appointment.version)
    event.add("dtstamp", appointment.changed_at)  # not the clock's time: the same appointment gives the same file
    event.add("last-modified", appointment.changed_at)
    event.add("dtstart", appointment.starts_at)
    event.add("dtend", appointment.ends_at)
    event.add("status", _status(appointment))
    event.add("class", "PRIVATE")
    event.add("summary", summary)
    event.add("location", _in_each(languages, partial(_place, ticket)))
    event["geo"] = vInline(_point(ticket.branch.location))
    event.add("description", "\n\n".join("\n".join(_lines(each)) for each in contents_of(ticket, language)))
    organiser = vCalAddress(ORGANISER)
    organiser.params["CN"] = _in_each(languages, lambda language: one_line(ticket.branch.name(language)))
    event["organizer"] = organiser
    if appointment.state is AppointmentState.BOOKED and appointment.lost_slot is None:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("trigger", timedelta(minutes=-alarm_minutes))
        alarm.add("description", summary)
        event.add_component(alarm)
    return event


def _status(appointment: Appointment) -> str:
    if appointment.state in _CANCELLED:
        return "CANCELLED"
    return "CONFIRMED" if appointment.state in DUE and appointment.lost_slot is None else "TENTATIVE"


def _point(location: Coordinates) -> str:
    """The point with six decimals: the package writes small numbers as `1e-05`, which no reader takes."""
    return f"{location.latitude:.6f};{location.longitude:.6f}"


def _summary(ticket: Ticket, languages: tuple[Language, ...]) -> str:
    """The service, with the state if it is not simply booked: some calendars don't show that an event is cancelled."""
    state = ticket.appointment.state
    return _in_each(
        languages, lambda language: f"{_titled(state, language)}: {one_line(ticket.service.name(language))}"
    )


def _titled(state: AppointmentState, language: Language) -> str:
    title = APPOINTMENT(language)
    return title if state is AppointmentState.BOOKED else f"{title} ({state.label(language)})"


def _place(ticket: Ticket, language: Language) -> str:
    names = (ticket.branch.name, ticket.branch.address, ticket.governorate.name)
    return f"{_COMMA(language)} ".join(one_line(name(language)) for name in names if name is not None)


def _in_each(languages: tuple[Language, ...], text: Callable[[Language], str]) -> str:
    """A text in each language, on one line; a language other than the first is isolated."""
    return " / ".join(isolated(text(language), languages[0]) for language in languages)


def _lines(content: Content) -> Iterator[str]:
    """The content of the ticket, a value on each line, and a blank line before each passage."""
    language = content.language
    yield content.heading
    yield from (isolated(alert, language) for alert in content.alerts)
    for entry in (*_visit(content), *content.facts):
        yield from _entry(entry, language)
    for passage in (*content.lists, *([content.cancelling] if content.cancelling else []), *content.texts):
        bullet = "• " if passage.is_list else ""
        yield from ("", passage.heading)
        yield from (bullet + isolated(paragraph, language) for paragraph in passage.paragraphs)
    yield ""
    for entry in content.record:
        yield from _entry(entry, language)
    yield from (isolated(note, language) for note in content.footnotes)


def _visit(content: Content) -> Iterator[Entry]:
    """The number, and the time to arrive; the day in both calendars, as the calendar itself shows one alone."""
    when, language = content.when, content.language
    yield content.code.number
    if when.arrive is not None:
        yield when.arrive
    yield Entry(words.TIME(language), f"{when.starts}–{when.ends}", left_to_right=True)
    yield Entry(words.WEEKDAY(language), when.weekday)
    yield Entry(words.DATE(language), when.dates[0], notes=when.dates[1:])


def _entry(entry: Entry, language: Language) -> Iterator[str]:
    if entry.left_to_right and language == "ar":
        yield f"{entry.label}: {FIRST_STRONG_ISOLATE}{entry.value}{POP_ISOLATE}"
    else:
        yield f"{entry.label}: {isolated(entry.value, language)}"
    yield from (isolated(note, language) for note in entry.notes)
    if entry.link:
        yield entry.link  # without isolates, so that calendars make it a link


@lru_cache(maxsize=64)
def _time_zone(name: str, year: int) -> Timezone:
    """The changes of a zone's clocks in the year of the appointment and the next."""
    return Timezone.from_tzinfo(ZoneInfo(name), first_date=date(year, 1, 1), last_date=date(year + 2, 1, 1))
