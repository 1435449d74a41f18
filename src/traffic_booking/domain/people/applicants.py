"""An applicant: a person without the id, as a random subject with the kind of their document.

Only one record contains the id (see `docs/explanation/storage.md`). Decisions and events can so be stored, read and
evaluated again without it, also after the person was erased.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final, NewType

from attrs import field

from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.instants import instant
from traffic_booking.domain.people.identity import PersonId
from traffic_booking.domain.places.services import Holder
from traffic_booking.domain.text_input import hyphenated, typed_text
from traffic_booking.domain.values import frozen

Subject = NewType("Subject", str)
"""A person's random name within one store: 22 characters of A-Z, a-z, 0-9, `-` and `_`."""

ERASED: Final = Bilingual("مُحيت بياناته", "erased")
"""Replaces the id of an erased person."""

_SUBJECT: Final = re.compile(r"[A-Za-z0-9_-]{22}", re.ASCII)


def subject(text: object) -> Subject:
    """`text` as a subject. Raises `InvalidInput`, which omits the text: it may be an id."""
    expected = "the 22 characters of an applicant's subject"
    clean = hyphenated(typed_text(text, "subject", longest=22, expected=expected))
    if not _SUBJECT.fullmatch(clean):
        raise InvalidInput("subject", got="something else", expected=expected)
    return Subject(clean)


@frozen(order=True)
class Applicant:
    """A person by their `subject`, with the kind of document that identifies them."""

    subject: Subject
    holder: Holder

    def __str__(self) -> str:
        return f"{self.holder}:{self.subject}"


Known = Mapping[PersonId, Applicant]
"""The applicants of those ids that are registered."""


def stranger(person: PersonId) -> Applicant:
    """An applicant without any stored record, for an id that is not registered."""
    return Applicant(Subject(""), person.holder)


@frozen(kw_only=True)
class Registration:
    """A person's first request registers `person` as `applicant`."""

    person: PersonId = field(repr=False)
    applicant: Applicant
    at: datetime = field(converter=instant)


@frozen(kw_only=True)
class PersonRegistered:
    """A person was registered at `at` (UTC).

    `commitment` is the HMAC-SHA256 of the ten digits, in hex. Its key is a random salt that is stored beside the id.
    """

    applicant: Applicant
    at: datetime = field(converter=instant)
    commitment: str
