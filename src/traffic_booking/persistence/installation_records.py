"""The records of installations: who installed what, when and why, and the texts of what was installed."""

from collections.abc import Collection, Mapping
from datetime import datetime
from json import loads
from typing import Any, Final

from traffic_booking.domain.audit.installations import INSTALLED_PARTS, Installed, InstalledPart
from traffic_booking.domain.people.actors import Actor, System
from traffic_booking.persistence.basic_codecs import encode_instant, exactly, no_more, rebuilt, to_json
from traffic_booking.persistence.contents import Installable, digests_of, texts_of
from traffic_booking.persistence.decoding import decoded
from traffic_booking.persistence.installed_parts import InstalledParts
from traffic_booking.persistence.keys import INSTALLATIONS_STREAM, entry_key
from traffic_booking.persistence.marks import marked
from traffic_booking.persistence.schema import INSTALLATIONS, INSTALLED_TEXTS
from traffic_booking.persistence.value_codecs import decode_actor, encode_actor
from traffic_booking.ports.primitives import Append, Put, Row, StoreChange

INSTALLED_KIND: Final = "installed"
"""The kind of the log entry of an installation."""
PART_CHARACTERS: Final = 250_000
"""Of a text in one record: at most four bytes each, so that a body has less than 1 MiB."""
FIRST_REASON: Final = "the first desk on the store"


def first_installation(parts: InstalledParts, *others: Put) -> StoreChange:
    """The installation that the first desk on an empty store makes of its own parts, with other records."""
    first = next_installation(parts.given, None, at=parts.now(), by=System(), reason=FIRST_REASON)
    return installation_change(first, parts.given, (), *others)


def next_installation(
    parts: Installable, after: Installed | None, *, at: datetime, by: Actor, reason: str
) -> Installed:
    """The installation of `parts` that follows `after`."""
    number = 1 if after is None else after.number + 1
    return Installed(number=number, at=at, actor=by, reason=reason, **digests_of(parts))


def other_parts(parts: Installable, installed: Installed | None) -> tuple[InstalledPart, ...]:
    """The names of the parts that are not the installed ones; all of them if nothing is installed."""
    if installed is None:
        return INSTALLED_PARTS
    found = digests_of(parts)
    return tuple(name for name, digest in installed.digests.items() if found[name] != digest)


def installation_change(installed: Installed, parts: Installable, stored: Collection[str], *others: Put) -> StoreChange:
    """The records of an installation, without the texts that are `stored`, and its log entry; and `others`."""
    texts = (put for put in text_puts(texts_of(parts)) if put.key not in stored)
    columns = (installed.at, installed.rulebook, installed.catalogue, installed.calendar)
    body = to_json({"by": encode_actor(installed.actor), "reason": installed.reason})
    put = Put(INSTALLATIONS.name, entry_key(installed.number), 0, columns, body)
    return marked(StoreChange(puts=(put, *texts, *others), entries=(installed_append(installed),)))


def installed_append(installed: Installed) -> Append:
    """The entry of an installation."""
    body: dict[str, Any] = {
        "number": installed.number,
        "at": encode_instant(installed.at),
        "by": encode_actor(installed.actor),
        "reason": installed.reason,
    }
    body.update((str(name), digest) for name, digest in installed.digests.items())
    return Append(INSTALLATIONS_STREAM, INSTALLED_KIND, to_json(body))


def text_puts(texts: Mapping[str, str]) -> list[Put]:
    """The records of texts, each text in one or more parts."""
    return [
        Put(INSTALLED_TEXTS.name, part_key(digest, number), 0, (), text[start : start + PART_CHARACTERS])
        for digest, text in texts.items()
        for number, start in enumerate(range(0, len(text), PART_CHARACTERS), start=1)
    ]


def part_key(digest: str, number: int) -> str:
    """The key of a part of a text; the parts of one are in the order of their keys."""
    return f"{digest}/{number:04d}"


def installed_of(row: Row) -> Installed:
    """The installation of a record."""
    return decoded(INSTALLATIONS.name, _installed, row)


def _installed(row: Row) -> Installed:
    key, _, at, rulebook, catalogue, calendar, body = row
    data: dict[str, Any] = loads(body)
    by, reason = decode_actor(data.pop("by")), exactly(data.pop("reason"), str)
    no_more(data)
    number = int(key)
    if entry_key(number) != key:
        raise ValueError("got a number in another notation")
    return rebuilt(
        Installed,
        number=number,
        at=exactly(at, datetime),
        actor=by,
        reason=reason,
        rulebook=exactly(rulebook, str),
        catalogue=exactly(catalogue, str),
        calendar=exactly(calendar, str),
    )
