"""The codec of log entries. The stream names what an entry is about, and the kind is the tag of its body."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final, TypeVar

from traffic_booking.domain.appointments.events import (
    AppointmentEvent,
    HoldReleased,
    PersonRevealed,
    QuestionAsked,
    UpkeepDone,
)
from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.audit.feed_page import FeedEntry
from traffic_booking.domain.audit.installations import INSTALLED_PARTS, Installed
from traffic_booking.domain.decisions.outcomes import Answer
from traffic_booking.domain.decisions.recording import refused_request
from traffic_booking.domain.errors import StoreUnreadable
from traffic_booking.domain.people.actors import Auditor
from traffic_booking.domain.people.applicants import Applicant, PersonRegistered, Subject
from traffic_booking.domain.schedule.entries import CalendarEntry
from traffic_booking.domain.text_input import RequestId
from traffic_booking.persistence.basic_codecs import (
    decode_instant,
    encode_instant,
    exactly,
    no_more,
    optional,
    rebuilt,
    to_json,
)
from traffic_booking.persistence.codecs import ENTRY
from traffic_booking.persistence.decoding import LOG, decoded
from traffic_booking.persistence.erasures import ERASED_KIND, decode_erased
from traffic_booking.persistence.event_codec import EVENT_TAGS, decode_event, encode_event
from traffic_booking.persistence.installation_records import INSTALLED_KIND
from traffic_booking.persistence.keys import (
    ASKED_STREAM,
    CALENDAR_STREAM,
    UPKEEP_STREAM,
    stream_of_appointment,
    stream_of_refusals,
    stream_of_repeats,
    stream_of_reveals,
)
from traffic_booking.persistence.marks import RECORDS_KIND, unmarked
from traffic_booking.persistence.persons import REGISTERED_KIND, PersonKeys, commitment_of
from traffic_booking.persistence.restores import RESTORED_KIND, decode_restored
from traffic_booking.persistence.value_codecs import HOLDERS, decode_actor, encode_actor
from traffic_booking.ports.primitives import Append, LogEntry, Row

T = TypeVar("T")

REFUSED_KIND: Final = "refused"
DECLARED_KIND: Final = "declared"
REVEALED_KIND: Final = "revealed"
UPKEEP_KIND: Final = "upkeep"
AGAIN_KIND: Final = "again"
ASKED_KIND: Final = "asked"

INTERNAL_KINDS: Final = frozenset({AGAIN_KIND, RECORDS_KIND})
"""Entries that the feed of a desk passes over."""

_EVENTS: Final = frozenset(EVENT_TAGS.values())


def event_append(event: AppointmentEvent) -> Append:
    """The entry of an event, in the stream of its appointment."""
    return Append(stream_of_appointment(event.number), EVENT_TAGS[type(event)], to_json(encode_event(event)))


def refusal_append(answer: Answer) -> Append:
    """The entry of a refused request, in the stream of its day; the answer has all the rest."""
    return Append(stream_of_refusals(answer.decided_at), REFUSED_KIND, to_json({"request": answer.command.request_id}))


def declared_append(entry: CalendarEntry) -> Append:
    """The entry of a record that was added to the working calendar."""
    return Append(CALENDAR_STREAM, DECLARED_KIND, ENTRY.text(entry))


def reveal_append(revealed: PersonRevealed) -> Append:
    """The entry of a look-up of a person's id, in the stream of its day."""
    body = {"subject": revealed.subject, "at": encode_instant(revealed.at), "by": encode_actor(revealed.actor)}
    body |= {"reason": revealed.reason} if revealed.reason else {}
    return Append(stream_of_reveals(revealed.at), REVEALED_KIND, to_json(body))


def upkeep_append(done: UpkeepDone) -> Append:
    """The entry of records that were pruned, removed for an erasure, or written under another key."""
    body = {"at": encode_instant(done.at), "by": encode_actor(done.actor), "what": done.what, "count": done.count}
    return Append(UPKEEP_STREAM, UPKEEP_KIND, to_json(body))


def asked_append(asked: QuestionAsked) -> Append:
    """The entry of an auditor's question."""
    body = {"at": encode_instant(asked.at), "by": asked.actor.id, "question": asked.question, "about": {**asked.about}}
    return Append(
        ASKED_STREAM, ASKED_KIND, to_json(body if asked.subject is None else body | {"subject": asked.subject})
    )


def again_append(answer: Answer, number: AppointmentNumber) -> Append:
    """The entry of a request that was granted and changed nothing: its answer is pruned with the appointment."""
    return Append(stream_of_repeats(number), AGAIN_KIND, to_json({"request": answer.command.request_id}))


def event_of(entry: LogEntry) -> AppointmentEvent:
    """The event of a log entry."""
    return _decoded(entry, _event)


def day_of(entry: LogEntry) -> date:
    """The day (UTC) of an entry."""
    if entry.kind in {REFUSED_KIND, REVEALED_KIND}:
        return date.fromisoformat(entry.stream.partition("/")[2])
    return decode_instant(unmarked(entry.body)["at"]).date()


def registrations_of(entries: Sequence[LogEntry]) -> list[PersonRegistered]:
    """The registrations among the entries of a person's stream; a sound one has one."""
    return [_decoded(each, _registered) for each in entries if each.kind == REGISTERED_KIND]


def registered_at(entries: Sequence[LogEntry]) -> datetime:
    """When a person was registered, from the entries of their stream; the beginning of time if none has it."""
    return min((each.at for each in registrations_of(entries)), default=datetime.min.replace(tzinfo=UTC))


def person_fault(keys: PersonKeys | None, row: Row, person_state: Row | None, logged: Sequence[LogEntry]) -> str:
    """The fault of a person's record, compared with the record of their state and their stream; "" if there is none.

    Without the `keys` of the store, the id is not compared with the commitment.
    """
    try:
        person, salt = (None, "") if keys is None else keys.person_of(row)
        registered = registrations_of(logged)
    except StoreUnreadable:
        return "an id or a registration that can't be read"
    if len(registered) != 1:
        return "another id" if registered else "no registration"
    if person is not None and registered[0].commitment != commitment_of(salt, person.reveal()):
        return "another id"
    holders = {registered[0].applicant.holder.value, *([person.holder.value] if person is not None else [])}
    if person_state is None or {person_state[2]} != holders:
        return "no state of a person with this kind of document"
    return ""


def number_of(entry: LogEntry) -> AppointmentNumber | None:
    """The appointment that an event is about, None for another entry."""
    return AppointmentNumber(entry.stream) if entry.kind in _EVENTS else None


def request_of(entry: LogEntry) -> RequestId | None:
    """The request that an entry names, None if it names none."""
    request: RequestId | None = _decoded(entry, lambda each: unmarked(each.body).get("request"))
    return request


def own_requests(entries: Iterable[LogEntry]) -> list[RequestId]:
    """The requests whose answers are about the appointments of these entries.

    The answer to a request that released a hold is about the next appointment.
    """
    requests = {request_of(each) for each in entries if each.kind != EVENT_TAGS[HoldReleased]}
    return sorted(request for request in requests if request is not None)


def refused_request_of(entry: LogEntry) -> RequestId | None:
    """The request that was refused, None for another entry."""
    return request_of(entry) if entry.kind == REFUSED_KIND else None


def feed_entry(entry: LogEntry, answer: Answer | None) -> FeedEntry:
    """The feed entry of a log entry; `answer` is the one to the request that was refused."""
    if entry.kind == REFUSED_KIND:
        assert answer is not None
        return FeedEntry(position=entry.position, what=refused_request(answer))
    return FeedEntry(position=entry.position, what=_decoded(entry, _DECODERS.get(entry.kind, _event)))


def _decoded(entry: LogEntry, decode: Callable[[LogEntry], T]) -> T:
    return decoded(LOG, lambda row: decode(row[0]), (entry,))


def _event(entry: LogEntry) -> AppointmentEvent:
    return decode_event(entry.kind, entry.stream, unmarked(entry.body))


def _registered(entry: LogEntry) -> PersonRegistered:
    data = unmarked(entry.body)
    registered = rebuilt(
        PersonRegistered,
        applicant=Applicant(Subject(entry.stream.partition("/")[2]), HOLDERS[data.pop("holder")]),
        at=decode_instant(data.pop("at")),
        commitment=exactly(data.pop("commitment"), str),
    )
    no_more(data)
    return registered


def _revealed(entry: LogEntry) -> PersonRevealed:
    data = unmarked(entry.body)
    subject, at, by = exactly(data.pop("subject"), str), data.pop("at"), data.pop("by")
    reason = exactly(data.pop("reason", ""), str)
    no_more(data)
    return rebuilt(PersonRevealed, subject=subject, at=decode_instant(at), actor=decode_actor(by), reason=reason)


def _upkeep(entry: LogEntry) -> UpkeepDone:
    data = unmarked(entry.body)
    at, by = decode_instant(data.pop("at")), decode_actor(data.pop("by"))
    what, count = exactly(data.pop("what"), str), exactly(data.pop("count"), int)
    no_more(data)
    return rebuilt(UpkeepDone, at=at, actor=by, what=what, count=count)


def _asked(entry: LogEntry) -> QuestionAsked:
    data = unmarked(entry.body)
    at, by, question = decode_instant(data.pop("at")), data.pop("by"), exactly(data.pop("question"), str)
    about = {exactly(name, str): exactly(value, str) for name, value in exactly(data.pop("about"), dict).items()}
    subject = optional(lambda text: Subject(exactly(text, str)), data.pop("subject", None))
    no_more(data)
    actor = rebuilt(Auditor, id=exactly(by, str))
    return rebuilt(QuestionAsked, at=at, actor=actor, question=question, about=about, subject=subject)


def _installed(entry: LogEntry) -> Installed:
    data = unmarked(entry.body)
    number, at, by = exactly(data.pop("number"), int), decode_instant(data.pop("at")), decode_actor(data.pop("by"))
    texts = {name: exactly(data.pop(name), str) for name in ("reason", *INSTALLED_PARTS)}
    no_more(data)
    return rebuilt(Installed, number=number, at=at, actor=by, **texts)


_DECODERS: Final[Mapping[str, Callable[[LogEntry], Any]]] = {
    INSTALLED_KIND: _installed,
    DECLARED_KIND: lambda entry: ENTRY.from_data(unmarked(entry.body)),
    REGISTERED_KIND: _registered,
    REVEALED_KIND: _revealed,
    UPKEEP_KIND: _upkeep,
    ASKED_KIND: _asked,
    ERASED_KIND: decode_erased,
    RESTORED_KIND: decode_restored,
}
"""All other kinds are tags of events."""
