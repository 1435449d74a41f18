"""Erasures of persons: their records, their log entries, and the requests by which they cancel appointments."""

from collections.abc import Iterable
from json import loads
from typing import Any, Final

from traffic_booking.domain.appointments.events import PersonErased
from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.appointments.states import AppointmentState
from traffic_booking.domain.people.applicants import Subject
from traffic_booking.domain.text_input import RequestId
from traffic_booking.persistence.basic_codecs import (
    decode_instant,
    encode_instant,
    exactly,
    no_more,
    rebuilt,
    to_json,
)
from traffic_booking.persistence.decoding import decoded
from traffic_booking.persistence.keys import UPKEEP_STREAM
from traffic_booking.persistence.marks import unmarked
from traffic_booking.persistence.schema import APPOINTMENTS, ERASURES
from traffic_booking.persistence.value_codecs import decode_actor, encode_actor
from traffic_booking.ports.primitives import Append, LogEntry, Put, Row, Span

ERASED_KIND: Final = "erased"
_STATE: Final = APPOINTMENTS.place("state")
_HASHED: Final = 32
"""Characters of a hash: enough to distinguish the requests of any two erasures."""


def erasure_put(erased: PersonErased) -> Put:
    """The record of an erasure, which is the answer to its request."""
    body = to_json({"by": encode_actor(erased.actor), "reason": erased.reason} | _cancelled(erased))
    return Put(ERASURES.name, erased.request_id, 0, (erased.subject or "", erased.at), body)


def erasure_of(row: Row) -> PersonErased:
    """The erasure of a record."""
    return decoded(ERASURES.name, _erasure, row)


def erased_append(erased: PersonErased) -> Append:
    """The entry of an erasure; it is never pruned."""
    body: dict[str, object] = {"at": encode_instant(erased.at), "by": encode_actor(erased.actor)}
    body |= {} if erased.subject is None else {"subject": erased.subject}
    body |= {"request": erased.request_id, "reason": erased.reason}
    return Append(UPKEEP_STREAM, ERASED_KIND, to_json(body | _cancelled(erased)))


def decode_erased(entry: LogEntry) -> PersonErased:
    """The erasure of a log entry."""
    data = unmarked(entry.body)
    subject = data.pop("subject", None)
    return _made(
        data,
        subject=None if subject is None else Subject(exactly(subject, str)),
        at=decode_instant(data.pop("at")),
        request_id=RequestId(exactly(data.pop("request"), str)),
    )


def own_requests(erasure: RequestId) -> str:
    """The beginning of the ids of the requests by which an erasure cancels appointments."""
    from traffic_booking.persistence.one_time import hash_of  # noqa: PLC0415 - only erasures need it

    return f"erasure-{hash_of(erasure)[:_HASHED]}-"


def cancelling_request(own: str, number: AppointmentNumber) -> str:
    """A new request id for the cancellation of an appointment: an earlier one may have been refused."""
    from secrets import token_hex  # noqa: PLC0415 - only erasures need it

    return f"{own}{number}-{token_hex(4)}"


def span_of(own: str) -> Span:
    """The answers to such requests, by key."""
    return Span((), own, f"{own}~")


def numbers_in(own: str, answers: Iterable[Row]) -> list[AppointmentNumber]:
    """The appointments that such requests were about, each once."""
    return [*dict.fromkeys(AppointmentNumber(row[0].removeprefix(own).rpartition("-")[0]) for row in answers)]


def cancelled_in(rows: Iterable[Row | None]) -> tuple[AppointmentNumber, ...]:
    """The numbers of the cancelled ones among records of appointments."""
    cancelled = AppointmentState.CANCELLED
    return tuple(sorted(AppointmentNumber(row[0]) for row in rows if row is not None and row[_STATE] == cancelled))


def _cancelled(erased: PersonErased) -> dict[str, object]:
    return {"cancelled": list(erased.cancelled)} if erased.cancelled else {}


def _erasure(row: Row) -> PersonErased:
    request, _, subject, at, body = row
    return _made(loads(body), subject=Subject(subject) if subject else None, at=at, request_id=RequestId(request))


def _made(data: dict[str, Any], **known: object) -> PersonErased:
    actor, reason = decode_actor(data.pop("by")), exactly(data.pop("reason"), str)
    numbers = tuple(AppointmentNumber(exactly(each, str)) for each in data.pop("cancelled", []))
    no_more(data)
    return rebuilt(PersonErased, **known, actor=actor, reason=reason, cancelled=numbers)
