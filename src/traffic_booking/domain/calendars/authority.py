"""The authority behind a day's hours: an id, a sentence in both languages, and a source."""

import re
from datetime import date
from typing import Final, NewType

from attrs import field

from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.text_input import bounded_text, hyphenated
from traffic_booking.domain.value_input import is_whole, of_type
from traffic_booking.domain.values import frozen

AuthorityId = NewType("AuthorityId", str)
"""Such as `weekend`, `fitr.civil` or `order.1438-fitr`. Rules, announcements, orders and exceptions share one space."""

LONGEST_ID: Final = 64
TIMETABLES: Final = "timetable."
"""The prefix of the ids of timetables; no other id has it."""
LONGEST_SOURCE: Final = 400

_ID: Final = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*", re.ASCII)


def authority_id(text: object) -> AuthorityId:
    """`text` as an authority's id: lower-case ASCII letters and digits, with single dots and hyphens, at most 64."""
    clean = hyphenated(bounded_text(text, "id", longest=LONGEST_ID))
    if not _ID.fullmatch(clean):
        raise InvalidInput("id", got=repr(clean), expected="lower-case ASCII letters, digits, single dots and hyphens")
    if clean.startswith(TIMETABLES):
        raise InvalidInput("id", got=repr(clean), expected=f"another name: {TIMETABLES}… stands for timetables")
    return AuthorityId(clean)


def source_text(text: object) -> str:
    """`text` as the name of a source, 1 to 400 characters."""
    return bounded_text(text, "source", longest=LONGEST_SOURCE)


def bilingual_source(source: object) -> Bilingual:
    """A source in both languages, 1 to 400 characters each; a text alone stands for both."""
    if type(source) is Bilingual and is_whole(source):
        return Bilingual(source_text(source.ar), source_text(source.en))
    text = source_text(source)
    return Bilingual(text, text)


def days_in_order(first: date, last: date) -> None:
    """Raise `InvalidInput` if `last` is before `first`."""
    if last < first:
        raise InvalidInput("last_day", got=last.isoformat(), expected=f"{first} or later")


@frozen(kw_only=True)
class Authority:
    """A rule or record that decides whether and when people work on a day."""

    id: AuthorityId = field(converter=authority_id)
    statement: Bilingual = field(validator=of_type(Bilingual))
    source: str = field(converter=source_text)
