"""An event as a row: what every event has in columns of its own, what only some have as JSON text."""

from collections.abc import Mapping
from datetime import datetime
from json import loads
from typing import Any, Final, NamedTuple

from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.events import AppointmentEvent
from traffic_booking.wire.converter import EVENT_TAGS, TAG, actor_text
from traffic_booking.wire.exact import instant_text
from traffic_booking.wire.forms import EVENT, WRITERS
from traffic_booking.wire.writing import Write

_SHARED: Final = ("number", "version", "at", "actor", "rulebook", "request_id")
_COLUMNS: Final = (*_SHARED, TAG)
_DETAILS: Final[Mapping[type, Write]] = {kind: WRITERS.record(kind, without=_SHARED) for kind in EVENT_TAGS}


class EventRecord(NamedTuple):
    """One event as a row; `kind` is its tag, `actor` its text on the wire, `details` a JSON object of the rest."""

    number: str
    version: int
    kind: str
    at: datetime
    actor: str
    rulebook: str
    request_id: str | None
    details: str

    def __repr__(self) -> str:
        return f"EventRecord({self.kind!r})"  # `actor` and `details` name persons


def event_record(event: AppointmentEvent) -> EventRecord:
    """`event` as a row."""
    kind = type(event)
    return EventRecord(
        event.number,
        event.version,
        EVENT_TAGS[kind],
        event.at,
        actor_text(event.actor),
        event.rulebook,
        event.request_id,
        _DETAILS[kind](event),
    )


def event_of(record: EventRecord) -> AppointmentEvent:
    """The event that a row holds. Raises `InvalidInput`, whose message quotes nothing of it."""
    columns: dict[str, Any] = {name: getattr(record, name) for name in _COLUMNS}
    columns["at"] = instant_text(record.at)
    details = _object(record.details)
    if not details.keys().isdisjoint(columns):
        raise InvalidInput("stored event", got="a column among its details", expected="each in one place")
    return EVENT.from_data(columns | details)


def _object(text: str) -> dict[str, Any]:
    try:
        details = loads(text)
    except (ValueError, TypeError, RecursionError):
        details = None
    if not isinstance(details, dict):
        raise InvalidInput("stored event", got="details that can't be read", expected="a JSON object")
    return details
