"""Log entries made of events, and events made of log entries; the stream names what an entry is about."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from json import loads
from typing import Any, Final

from traffic_booking.domain.appointments.events import AppointmentEvent, PersonRevealed, UpkeepDone
from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.audit.feed import FeedEntry
from traffic_booking.domain.decisions.outcomes import Answer
from traffic_booking.domain.decisions.recording import refused_request
from traffic_booking.domain.people.applicants import Applicant, PersonRegistered, Subject
from traffic_booking.domain.schedule.entries import CalendarEntry
from traffic_booking.domain.text_input import RequestId
from traffic_booking.persistence.appointment_codec import HOLDERS
from traffic_booking.persistence.codecs import ENTRY
from traffic_booking.persistence.converter import EVENT_TAGS, actor_of_text, actor_text
from traffic_booking.persistence.event_codec import event_of_data, event_text
from traffic_booking.persistence.exact import exactly, instant_of, instant_text
from traffic_booking.persistence.keys import (
    CALENDAR_STREAM,
    UPKEEP_STREAM,
    stream_of_appointment,
    stream_of_refusals,
    stream_of_repeats,
    stream_of_reveals,
)
from traffic_booking.persistence.persons import REGISTERED_KIND
from traffic_booking.persistence.rebuilding import rebuilt
from traffic_booking.persistence.records import decoded, no_more
from traffic_booking.persistence.writing import encode
from traffic_booking.ports.primitives import Append, LogEntry

REFUSED_KIND: Final = "refused"
DECLARED_KIND: Final = "declared"
REVEALED_KIND: Final = "revealed"
UPKEEP_KIND: Final = "upkeep"
AGAIN_KIND: Final = "again"

LOG: Final = "log"
"""Names the log if an entry can't be decoded."""

_EVENTS: Final = frozenset(EVENT_TAGS.values())


def event_append(event: AppointmentEvent) -> Append:
    """The entry of an event, in the stream of its appointment."""
    return Append(stream_of_appointment(event.number), EVENT_TAGS[type(event)], event_text(event))


def refusal_append(answer: Answer) -> Append:
    """The entry of a refused request, in the stream of its day; all else stands in the answer."""
    return Append(stream_of_refusals(answer.decided_at), REFUSED_KIND, encode({"request": answer.command.request_id}))


def declared_append(entry: CalendarEntry) -> Append:
    """The entry of a record that was added to the working calendar."""
    return Append(CALENDAR_STREAM, DECLARED_KIND, ENTRY.text(entry))


def reveal_append(revealed: PersonRevealed) -> Append:
    """The entry of a look-up of a person, in the stream of its day."""
    body = {"subject": revealed.subject, "at": instant_text(revealed.at), "by": actor_text(revealed.actor)}
    return Append(stream_of_reveals(revealed.at), REVEALED_KIND, encode(body))


def upkeep_append(upkeep: UpkeepDone) -> Append:
    """The entry of what was pruned, erased or written under another key."""
    body = {"at": instant_text(upkeep.at), "by": actor_text(upkeep.actor), "what": upkeep.what, "count": upkeep.count}
    return Append(UPKEEP_STREAM, UPKEEP_KIND, encode(body))


def event_of(entry: LogEntry) -> AppointmentEvent:
    """The event of a log entry."""
    return decoded(LOG, lambda row: _event(row[0]), (entry,))


def day_of(entry: LogEntry) -> date:
    """The day (UTC) of an entry."""
    if entry.kind in {REFUSED_KIND, REVEALED_KIND}:
        return date.fromisoformat(entry.stream.partition("/")[2])
    return instant_of(loads(entry.body)["at"]).date()


def registrations_of(entries: Sequence[LogEntry]) -> list[PersonRegistered]:
    """The registrations among the entries of a person's stream; a sound one has one."""
    return [decoded(LOG, lambda row: _registered(row[0]), (each,)) for each in entries if each.kind == REGISTERED_KIND]


def registered_at(entries: Sequence[LogEntry]) -> datetime:
    """When a person was registered, from the entries of their stream; the beginning of time if none has it."""
    return min((each.at for each in registrations_of(entries)), default=datetime.min.replace(tzinfo=UTC))


def again_append(answer: Answer, number: AppointmentNumber) -> Append:
    """The entry of a request that was granted and changed nothing: its answer goes when the appointment does."""
    return Append(stream_of_repeats(number), AGAIN_KIND, encode({"request": answer.command.request_id}))


def number_of(entry: LogEntry) -> AppointmentNumber | None:
    """The appointment that an event is about, None for another entry."""
    return AppointmentNumber(entry.stream) if entry.kind in _EVENTS else None


def request_of(entry: LogEntry) -> RequestId | None:
    """The request that an entry names, None if it names none."""
    request: RequestId | None = decoded(LOG, lambda row: loads(row[0].body).get("request"), (entry,))
    return request


def refused_request_of(entry: LogEntry) -> RequestId | None:
    """The request that was refused, None for another entry."""
    return request_of(entry) if entry.kind == REFUSED_KIND else None


def feed_entry(entry: LogEntry, answer: Answer | None) -> FeedEntry:
    """The feed entry of a log entry; `answer` is the one to the request that was refused."""
    return decoded(LOG, lambda row: FeedEntry(position=entry.position, what=_what(row[0], answer)), (entry,))


def _what(entry: LogEntry, answer: Answer | None) -> Any:
    if entry.kind == REFUSED_KIND:
        assert answer is not None
        return refused_request(answer)
    return _DECODERS.get(entry.kind, _event)(entry)


def _declared(entry: LogEntry) -> CalendarEntry:
    return ENTRY.from_text(entry.body)


def _event(entry: LogEntry) -> AppointmentEvent:
    return event_of_data(entry.kind, entry.stream, loads(entry.body))


def _registered(entry: LogEntry) -> PersonRegistered:
    assert entry.kind == REGISTERED_KIND
    data: dict[str, Any] = loads(entry.body)
    subject = Subject(entry.stream.partition("/")[2])
    registered = rebuilt(
        PersonRegistered,
        applicant=Applicant(subject, HOLDERS[data.pop("holder")]),
        at=instant_of(data.pop("at")),
        commitment=exactly(data.pop("commitment"), str),
    )
    no_more(data)
    return registered


def _revealed(entry: LogEntry) -> PersonRevealed:
    data: dict[str, Any] = loads(entry.body)
    revealed = rebuilt(
        PersonRevealed,
        subject=exactly(data.pop("subject"), str),
        at=instant_of(data.pop("at")),
        actor=actor_of_text(data.pop("by")),
    )
    no_more(data)
    return revealed


def _upkeep(entry: LogEntry) -> UpkeepDone:
    data: dict[str, Any] = loads(entry.body)
    upkeep = rebuilt(
        UpkeepDone,
        at=instant_of(data.pop("at")),
        actor=actor_of_text(data.pop("by")),
        what=exactly(data.pop("what"), str),
        count=exactly(data.pop("count"), int),
    )
    no_more(data)
    return upkeep


_DECODERS: Final[Mapping[str, Callable[[LogEntry], Any]]] = {
    DECLARED_KIND: _declared,
    REGISTERED_KIND: _registered,
    REVEALED_KIND: _revealed,
    UPKEEP_KIND: _upkeep,
}
