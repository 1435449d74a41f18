"""How values look in Redis: texts of `traffic_booking.wire`, and instants as text whose order is that of time.

Redis sorts by a floating-point number or by bytes. Only bytes tell microseconds apart, so instants are texts of one
length, and an entry of an index is an instant, a space and the number of an appointment.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from traffic_booking.domain.appointment_numbers import AppointmentNumber
from traffic_booking.domain.appointments import Appointment
from traffic_booking.domain.changes import Change, Committed, Conflict, Guard
from traffic_booking.domain.facts import Facts, FactsQuery, Standing
from traffic_booking.domain.identity import PersonId, person_id
from traffic_booking.domain.outcomes import Answer
from traffic_booking.domain.places import BranchId
from traffic_booking.domain.services import ServiceId
from traffic_booking.domain.sign_in import SignInAttempts
from traffic_booking.domain.slots import SlotKey, SlotRange
from traffic_booking.domain.stored import StoredAppointment, StoredSlot
from traffic_booking.wire import APPOINTMENT, CASE, COMMAND, ENTRY, EVENT, FINDINGS, OUTCOME

ALL_HOLDS: Final = "holds"
"""The index of all appointments with `hold_ends_at`."""

_AFTER_NUMBERS: Final = "~"
"""Greater than any character of an appointment number."""


def instant_text(moment: datetime) -> str:
    """`moment` in UTC, to the microsecond, always as long: the order of the texts is that of the instants."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def up_to(moment: datetime) -> str:
    """Where a range of an index ends that holds what is at or before `moment`."""
    return f"[{instant_text(moment)} {_AFTER_NUMBERS}"


def service_at(slot: SlotKey | SlotRange) -> str:
    """The part of a key that names a branch and a service; neither has a colon in it."""
    return f"{slot.branch}:{slot.service}"


def starts_of(person: PersonId) -> str:
    """The index of a person's appointments by their start."""
    return f"person:{person.reveal()}:starts"


def seated_at(branch: str) -> str:
    """The index of the appointments with a seat at a branch, by their start."""
    return f"branch:{branch}"


def seated_of(slot: SlotKey) -> str:
    """The index of the appointments with a seat of a slot."""
    return f"seated:{service_at(slot)}:{instant_text(slot.starts_at)}"


def slot_entry(slot: SlotKey) -> str:
    """A slot in the index of slots with a seat taken; a space comes before any character of an id."""
    return f"{slot.branch} {slot.service} {instant_text(slot.starts_at)}"


def holds_of(slot: SlotKey) -> str:
    """The index of a slot's appointments with `hold_ends_at`, by that."""
    return f"{ALL_HOLDS}:{service_at(slot)}:{instant_text(slot.starts_at)}"


def changes_text(changes: Sequence[Change]) -> str:
    """Changes as commit.lua reads them."""
    return json.dumps([_change_data(change) for change in changes], ensure_ascii=False)


def _change_data(change: Change) -> dict[str, Any]:
    parts: dict[str, Any] = {
        "once": change.once,
        "appointments": [_appointment_data(one) for one in change.appointments],
        "events": [{"number": event.number, "text": EVENT.text(event)} for event in change.events],
        "seats": [{**_slot_data(seat.slot), "delta": seat.delta, "capacity": seat.capacity} for seat in change.seats],
    }
    if change.answer is not None:
        parts["answer"] = {"request": change.answer.command.request_id, "text": _answer_text(change.answer)}
    if change.standing is not None:
        person, version = change.standing.applicant.reveal(), change.standing.expected_version
        parts["standing"] = {"person": person, "version": version}
    if change.attempts is not None:
        parts["attempts"] = _attempts_data(change.attempts)
    if change.calendar_revision is not None:
        parts["calendar_revision"] = change.calendar_revision
    if change.entry is not None:
        parts["entry"] = {"number": change.entry.number, "text": ENTRY.text(change.entry)}
    return parts


def _appointment_data(one: Appointment) -> dict[str, Any]:
    person, starts = one.applicant.reveal(), instant_text(one.slot.starts_at)
    index = [
        (starts_of(one.applicant), f"{starts} {one.number}"),
        (f"person:{person}:ends", f"{instant_text(one.slot_ends_at)} {one.number}"),
    ]
    if one.has_seat:
        index += [(seated_at(one.slot.branch), f"{starts} {one.number}"), (seated_of(one.slot), one.number)]
    if one.hold_ends_at is not None:
        hold = f"{instant_text(one.hold_ends_at)} {one.number}"
        index += [(ALL_HOLDS, hold), (holds_of(one.slot), hold)]
    text = APPOINTMENT.text(one)
    return {"number": one.number, "version": one.version, "person": person, "text": text, "index": index}


def _slot_data(slot: SlotKey) -> dict[str, str]:
    return {"service": service_at(slot), "start": instant_text(slot.starts_at)}


def results_of(changes: Sequence[Change], results: Sequence[Sequence[Any]]) -> list[Committed | Conflict]:
    """What commit.lua said of each change."""
    return [_result(change, result) for change, result in zip(changes, results, strict=True)]


def _result(change: Change, result: Sequence[Any]) -> Committed | Conflict:
    match result:
        case []:
            return Committed()
        case [Guard.REQUEST, text]:
            return Conflict(guard=Guard.REQUEST, answer=answer_of(text))
        case [Guard.SEATS, place]:
            return Conflict(guard=Guard.SEATS, slot=change.seats[place - 1].slot)
        case _:
            return Conflict(guard=Guard(result[0]))


def ranges_text(ranges: Sequence[SlotRange]) -> str:
    """Ranges as taken.lua reads them."""
    return json.dumps(
        [
            {
                "service": service_at(range_),
                "first": f"[{instant_text(range_.from_)}",
                "last": f"({instant_text(range_.until)}",
            }
            for range_ in ranges
        ]
    )


def slot_of(range_: SlotRange, start: str) -> SlotKey:
    """The slot of a range that starts at a stored instant."""
    return SlotKey(range_.branch, range_.service, datetime.fromisoformat(start))


def queries_text(queries: Sequence[FactsQuery]) -> str:
    """Queries as facts.lua reads them."""
    return json.dumps([_query_data(query) for query in queries], ensure_ascii=False)


def _query_data(query: FactsQuery) -> dict[str, Any]:
    parts: dict[str, Any] = {
        "request": query.request_id,
        "ended": f"({instant_text(query.ending_after)} {_AFTER_NUMBERS}",
        "slots": [_slot_data(slot) for slot in query.slots],
    }
    if query.applicant is not None:
        parts["person"] = query.applicant.reveal()
    if query.number is not None:
        parts["number"] = query.number
    return parts


def facts_of(query: FactsQuery, found: Sequence[Any], calendar_revision: int) -> Facts:
    """What facts.lua found for one query."""
    answer, appointment, person, version, texts, taken = found
    standing = None
    if person is not None:
        theirs = sorted(appointments_of(texts), key=lambda one: (one.slot.starts_at, one.number))
        standing = Standing(person_id(person), version, tuple(theirs))
    return Facts(
        answer=None if answer is None else answer_of(answer),
        appointment=None if appointment is None else APPOINTMENT.from_text(appointment),
        standing=standing,
        taken=dict(zip(query.slots, taken, strict=True)),
        calendar_revision=calendar_revision,
    )


def appointments_of(texts: Sequence[str]) -> list[Appointment]:
    """The appointments that texts stand for."""
    return [APPOINTMENT.from_text(text) for text in texts]


def stored_appointment_of(number: str, text: str | None, events: Sequence[str]) -> StoredAppointment:
    """What stored_appointments.lua found under one number."""
    return StoredAppointment(
        number=AppointmentNumber(number),
        appointment=None if text is None else APPOINTMENT.from_text(text),
        events=tuple(EVENT.from_text(event) for event in events),
    )


def stored_slot_of(branch: str, service: str, start: str, taken: int, seated: int) -> StoredSlot:
    """What stored_slots.lua found of one slot."""
    key = SlotKey(BranchId(branch), ServiceId(service), datetime.fromisoformat(start))
    return StoredSlot(key, taken, seated)


def _answer_text(answer: Answer) -> str:
    parts = {
        "command": COMMAND.data(answer.command),
        "outcome": OUTCOME.data(answer.outcome),
        "decided_at": instant_text(answer.decided_at),
        "rulebook": answer.rulebook,
        "findings": FINDINGS.data(answer.findings),
        "case": None if answer.case is None else CASE.data(answer.case),
    }
    return json.dumps(parts, ensure_ascii=False)


def answer_of(text: str) -> Answer:
    """The answer that a text stands for."""
    parts = json.loads(text)
    case = parts["case"]
    return Answer(
        command=COMMAND.from_data(parts["command"]),
        outcome=OUTCOME.from_data(parts["outcome"]),
        decided_at=datetime.fromisoformat(parts["decided_at"]),
        rulebook=parts["rulebook"],
        findings=FINDINGS.from_data(parts["findings"]),
        case=None if case is None else CASE.from_data(case),
    )


def _attempts_data(attempts: SignInAttempts) -> dict[str, Any]:
    until = attempts.locked_until
    text = json.dumps({"failures": attempts.failures, "locked_until": None if until is None else instant_text(until)})
    return {"person": attempts.applicant.reveal(), "version": attempts.version, "text": text}


def attempts_of(applicant: PersonId, version: str, text: str) -> SignInAttempts:
    """The sign-in attempts that a version and a text stand for."""
    parts = json.loads(text)
    until = parts["locked_until"]
    return SignInAttempts(
        applicant=applicant,
        version=int(version),
        failures=parts["failures"],
        locked_until=None if until is None else datetime.fromisoformat(until),
    )
