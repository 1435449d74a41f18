"""Codecs of small values: days, persons who act, slots, and the findings of rules.

Days are ISO 8601 in the Gregorian calendar, with RFC 9557's suffix if a day is Hijri: `2024-03-11` is a date or a
`Day`, `2024-03-11[u-ca=islamic-umalqura]` is the `HijriDate` 1445-09-01. Both are the same day.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from traffic_booking.domain.calendars.day import Day
from traffic_booking.domain.calendars.hijri import CALENDAR, HijriDate
from traffic_booking.domain.people.actors import Actor, Clerk, Delegate, System
from traffic_booking.domain.people.applicants import Applicant, Subject
from traffic_booking.domain.places.services import Holder
from traffic_booking.domain.rules.verdict import Finding, Observation, Result
from traffic_booking.domain.schedule.slots import Pool, SlotKey
from traffic_booking.persistence.basic_codecs import decode_instant, encode_instant, exactly, rebuilt

if TYPE_CHECKING:  # takes time to import
    from cattrs import Converter

HIJRI_SUFFIX: Final = f"[u-ca={CALENDAR}]"
CACHED_SLOTS: Final = 4_096
"""One booking encodes its slot five times."""
HOLDERS: Final = {holder.value: holder for holder in Holder}

_ISO: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_MINUTE: Final = timedelta(minutes=1)


def register_days(converter: Converter) -> None:
    """Register the codecs of dates, `Day` and `HijriDate`. Decoding raises `ValueError` or `TypeError`."""
    converter.register_unstructure_hook(date, date.isoformat)
    converter.register_structure_hook(date, lambda text, _: _decode_date(text))
    converter.register_unstructure_hook(Day, lambda day: day.gregorian.isoformat())
    converter.register_structure_hook(Day, lambda text, _: Day(_decode_date(text)))
    converter.register_unstructure_hook(HijriDate, encode_hijri)
    converter.register_structure_hook(HijriDate, lambda text, _: _decode_hijri(text))


def encode_hijri(day: HijriDate) -> str:
    """A Hijri date as its Gregorian day, and the calendar in which it is to be shown."""
    return day.to_gregorian().isoformat() + HIJRI_SUFFIX


def _decode_date(text: Any) -> date:
    if type(text) is not str or not _ISO.fullmatch(text):
        raise TypeError("got something else; expected a date such as 2024-03-11")
    return date.fromisoformat(text)


def _decode_hijri(text: Any) -> HijriDate:
    if type(text) is not str or not text.endswith(HIJRI_SUFFIX):
        raise TypeError(f"got something else; expected a date such as 2024-03-11{HIJRI_SUFFIX}")
    return HijriDate.from_gregorian(_decode_date(text.removesuffix(HIJRI_SUFFIX)))


def decode_applicant(text: Any) -> Applicant:
    """The applicant of `HOLDER:SUBJECT`, which is what `str` makes of one."""
    holder, _, subject = exactly(text, str).partition(":")
    return Applicant(Subject(subject), HOLDERS[holder])


def encode_actor(actor: Actor) -> str:
    """An actor: `citizen:…` or `resident:…` with a subject, `delegate:…`, `clerk:…` or `system`."""
    match actor:
        case Applicant():
            return str(actor)
        case Delegate():
            services = ",".join(sorted(actor.services))
            return f"delegate:{actor.person}:{actor.applicant}:{services}:{encode_instant(actor.until)}"
        case Clerk():
            if actor.branches is None:
                return f"clerk:{actor.id}"
            return f"clerk-at:{','.join(sorted(actor.branches))}:{actor.id}"
        case System():
            return "system"


def decode_actor(text: object) -> Actor:
    """The actor of its text. Raises `ValueError` for an unknown kind."""
    match exactly(text, str).partition(":"):
        case (("citizen" | "resident"), ":", _):
            return decode_applicant(text)
        case "delegate", ":", parts:
            *two, services, until = parts.split(":", 5)
            person, applicant = (decode_applicant(":".join(each)) for each in (two[:2], two[2:]))
            within = frozenset(services.split(","))
            return rebuilt(Delegate, person=person, applicant=applicant, services=within, until=decode_instant(until))
        case "clerk", ":", name:
            return rebuilt(Clerk, id=name)
        case "clerk-at", ":", parts:
            branches, _, name = parts.partition(":")
            return rebuilt(Clerk, id=name, branches=frozenset(branches.split(",")))
        case "system", "", "":
            return System()
        case _:
            raise ValueError(
                "got an actor of no known kind; expected a holder and a subject, delegate:…, clerk:… or system"
            )


@lru_cache(maxsize=CACHED_SLOTS)
def encode_slot(slot: SlotKey, *, ends_at: datetime | None = None) -> tuple[str | int, ...]:
    """A slot as branch, service, start and, if it is given, the end: whole minutes, or the instant if it has none."""
    key = (slot.branch, slot.service, encode_instant(slot.starts_at))
    if ends_at is None:
        return key
    minutes, rest = divmod(ends_at - slot.starts_at, _MINUTE)
    return (*key, encode_instant(ends_at) if rest or minutes < 0 else minutes)


def decode_slot(data: Any) -> SlotKey:
    """The slot of these three values."""
    return _decoded_slot(*exactly(data, list))


@lru_cache(maxsize=CACHED_SLOTS)
def _decoded_slot(branch: object, service: object, starts_at: object) -> SlotKey:
    starts_at = decode_instant(starts_at)
    return rebuilt(SlotKey, branch=exactly(branch, str), service=exactly(service, str), starts_at=starts_at)


def decode_end(start: datetime, data: Any) -> datetime:
    """The end of a slot that begins at `start`, as `encode_slot` writes it."""
    return decode_instant(data) if type(data) is str else start + exactly(data, int) * _MINUTE


def encode_pool(pool: Pool | None) -> list[object] | None:
    """The pool of a seat, in two values."""
    return None if pool is None else [pool.id, pool.step_minutes]


def decode_pool(data: Any) -> Pool | None:
    """The pool of these values."""
    if data is None:
        return None
    pool, step = exactly(data, list)
    return rebuilt(Pool, id=exactly(pool, str), step_minutes=exactly(step, int))


def encode_report(happened_at: datetime | None, gate: str | None) -> dict[str, object]:
    """The scan that a gate reported later: its instant and the gate; empty if it was not reported."""
    data: dict[str, object] = {} if happened_at is None else {"happened": encode_instant(happened_at)}
    return data if gate is None else {**data, "gate": gate}


def decode_report(data: dict[str, Any]) -> dict[str, Any]:
    """The fields of such a scan; its keys are removed from `data`."""
    happened_at, gate = data.pop("happened", None), data.pop("gate", None)
    return {
        "happened_at": None if happened_at is None else decode_instant(happened_at),
        "gate": None if gate is None else exactly(gate, str),
    }


def encode_finding(finding: Finding) -> list[object]:
    """The finding of a broken rule: the observation, the limit and the first allowed instant, without trailing None."""
    data = [encode_observation(each) for each in finding[1:]]
    while data and data[-1] is None:
        data.pop()
    return data


def decode_finding(data: list[Any]) -> Finding:
    """The finding of a broken rule."""
    observed, limit, allowed_from = (decode_observation(each) for each in (*data, None, None, None)[:3])
    if allowed_from is not None and not isinstance(allowed_from, datetime):
        raise TypeError("got another observation; expected an instant")
    return Finding(Result.BROKEN, observed, limit, allowed_from)


def encode_observation(observation: Observation) -> object:
    """An observation. An instant is `{"instant": …}`, because texts and whole numbers are observed as well."""
    return {"instant": encode_instant(observation)} if isinstance(observation, datetime) else observation


def decode_observation(data: object) -> Observation:
    """The observation of its data."""
    match data:
        case bool():
            raise TypeError("got a truth value; expected text, a whole number, an instant or nothing")
        case None | str() | int():
            return data
        case {"instant": text, **others} if not others:
            return decode_instant(text)
        case _:
            raise TypeError(f"got {type(data).__name__}; expected text, a whole number, an instant or nothing")
