"""The text of a rulebook, a catalogue or a working calendar that is installed in a store, and its digest.

The text is JSON: an object of its fields for each value, with the names in order, sets sorted, and days in ISO 8601. So
equal values have one text, in every process and on every machine. It shows all that was installed: of each rule the
sentences in both languages, the figures, the source and the days in force. The digest is the SHA-256 of the
text in UTF-8.

The versions of a rulebook have a text each. That of the rulebook names them, with their days in force and digests: a
version that ends because another follows is still the same.
"""

from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from datetime import date
from enum import Enum
from hashlib import sha256
from json import JSONEncoder, loads
from typing import Any, Final, NamedTuple
from weakref import ref

from attrs import fields, has

from traffic_booking.domain.audit.installations import InstalledPart
from traffic_booking.domain.calendars.announcements import AnnouncedClosure, MonthStart
from traffic_booking.domain.calendars.holiday_rules import (
    AnnouncedDays,
    Bridge,
    FixedDay,
    HijriSpan,
    LabourDays,
    RamadanHours,
    Weekend,
)
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.rules.rulebook import Rulebook, Rulebooks
from traffic_booking.domain.schedule.catalogue import Catalogue
from traffic_booking.domain.schedule.exceptions import SpecialOrder
from traffic_booking.domain.schedule.working_calendar import WorkingCalendar

TAG: Final = "kind"
"""The key of the tag of a value that may be of several classes."""
TAGS: Final[Mapping[type, str]] = {
    AnnouncedClosure: "closure",
    AnnouncedDays: "announced-days",
    Bridge: "bridge",
    FixedDay: "fixed-day",
    HijriSpan: "hijri-span",
    LabourDays: "labour-days",
    MonthStart: "month-start",
    RamadanHours: "ramadan-hours",
    SpecialOrder: "order",
    Weekend: "weekend",
}
PERIOD: Final = ("in_force_from", "in_force_until")
"""The fields of a version that stand in the text of the rulebook."""
_CODE: Final = "check"
"""The field of a rule that is code."""

_to_text: Final = JSONEncoder(
    ensure_ascii=False, check_circular=False, sort_keys=True, allow_nan=False, separators=(",", ":")
).encode
_NAMES: Final[dict[type, tuple[str, ...]]] = {Rulebook: ("rules", "suspensions", "tightenings", "version")}
_DIGESTS: Final[dict[int, tuple[ref[Any], str]]] = {}
"""By the identity of a value, as long as it lives: values don't change, and to compare two takes longer."""


class Installable(NamedTuple):
    """The parts of a desk that are installed in its store."""

    rulebook: Rulebooks
    catalogue: Catalogue
    calendar: WorkingCalendar


def digests_of(parts: Installable) -> dict[InstalledPart, str]:
    """The digest of each part. Each value is encoded once, as long as it lives.

    Raises `InvalidInput` for a value that is not made of the library's classes.
    """
    return {
        "rulebook": text_digest(_rulebooks_text(parts.rulebook)),
        "catalogue": digest_of(parts.catalogue),
        "calendar": digest_of(parts.calendar),
    }


def texts_of(parts: Installable) -> dict[str, str]:
    """All texts of the parts, by their digests: of each version, of the rulebook, the catalogue and the calendar."""
    texts = (
        *map(text_of, parts.rulebook.versions),
        _rulebooks_text(parts.rulebook),
        text_of(parts.catalogue),
        text_of(parts.calendar),
    )
    return {text_digest(text): text for text in texts}


def data_of(parts: Installable) -> dict[InstalledPart, Any]:
    """The JSON data of each part, with all of the versions of the rulebook."""
    books = parts.rulebook
    listed = loads(_rulebooks_text(books))["versions"]
    return {
        "rulebook": [version_data(*each) for each in zip(listed, map(_encoded, books.versions), strict=True)],
        "catalogue": _encoded(parts.catalogue),
        "calendar": _encoded(parts.calendar),
    }


def version_data(listed: Mapping[str, Any], content: Mapping[str, Any]) -> dict[str, Any]:
    """The data of a version with its period, of what the text of the rulebook lists and its own text."""
    return {**content, **{name: listed[name] for name in PERIOD}}


def text_of(value: object) -> str:
    """The text of a version of the rulebook, a catalogue or a calendar; equal values have the same."""
    return _to_text(_encoded(value))


def text_digest(text: str) -> str:
    """The SHA-256 of a text in UTF-8, in base 64 for URLs: 43 characters."""
    return urlsafe_b64encode(sha256(text.encode()).digest()).decode().rstrip("=")


def _rulebooks_text(books: Rulebooks) -> str:
    listed = [
        {
            "digest": digest_of(book),
            "version": book.version,
            **{name: _encoded(getattr(book, name)) for name in PERIOD},
        }
        for book in books.versions
    ]
    return _to_text({"versions": listed})


def digest_of(value: object) -> str:
    """The digest of a version of the rulebook, a catalogue or a calendar, computed once as long as the value lives."""
    key = id(value)
    known = _DIGESTS.get(key)
    if known is None or known[0]() is not value:
        forget = lambda _, key=key: _DIGESTS.pop(key, None)  # noqa: E731 - bound to this key
        known = _DIGESTS[key] = ref(value, forget), text_digest(text_of(value))
    return known[1]


def _encoded(value: Any) -> Any:
    kind = type(value)
    if value is None or kind in {str, int, bool}:
        return value
    names = _NAMES.get(kind)
    if names is None and has(kind):
        names = _NAMES[kind] = tuple(_compared(kind))
    if names is not None:
        data = {name: _encoded(getattr(value, name)) for name in names}
        return {TAG: TAGS[kind], **data} if kind in TAGS else data
    if kind in {tuple, frozenset}:
        members = [_encoded(each) for each in value]
        return members if kind is tuple else sorted(members)
    return _encoded_other(value)


def _encoded_other(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _encoded(each) for name, each in value.items()}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if type(value) is float:
        return value + 0.0  # -0.0 equals 0.0
    raise InvalidInput("installation", got=type(value).__name__, expected="a value that the library made")


def _compared(kind: Any) -> Iterator[str]:
    """The names of the fields that take part in a comparison of two values, but for code."""
    return (each.name for each in fields(kind) if each.eq and each.name != _CODE)
