"""Texts that many answers share, each written once under its hash: terms of slots, sentences of rules.

So an answer stays as small as its facts, and can be explained although the catalogue has changed since.
"""

from base64 import urlsafe_b64encode
from functools import lru_cache
from hashlib import sha256
from json import loads
from typing import Any, Final, NamedTuple

from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.places.services import ServiceTerms
from traffic_booking.domain.schedule.slots import Slot, SlotKey
from traffic_booking.persistence.appointment_codec import end_of_data, end_text
from traffic_booking.persistence.codecs import SERVICE_TERMS
from traffic_booking.persistence.exact import exactly
from traffic_booking.persistence.rebuilding import rebuilt
from traffic_booking.persistence.records import decoded
from traffic_booking.persistence.schema import WORDINGS
from traffic_booking.persistence.writing import encode, string
from traffic_booking.ports.primitives import Put, Row

CACHED: Final = 4_096
HASH_BYTES: Final = 12
"""Of SHA-256, written as 16 characters. Nobody gains anything by two texts with one hash."""


class Wording(NamedTuple):
    """A text under its key."""

    key: str
    text: str

    def put(self) -> Put:
        """The record, which must be new."""
        return Put(WORDINGS.name, self.key, 0, (), self.text)


class SlotTerms(NamedTuple):
    """The terms of a slot: those of rulebook and catalogue; if there was a slot, its capacity, length and time zone."""

    rulebook: str
    service: ServiceTerms
    offered: bool
    slot: tuple[int, int | str, str] | None

    def slot_at(self, key: SlotKey) -> Slot | None:
        """The slot of that key under these terms."""
        if self.slot is None:
            return None
        capacity, end, time_zone = self.slot
        return rebuilt(Slot, key=key, ends_at=end_of_data(key.starts_at, end), capacity=capacity, time_zone=time_zone)


def terms_wording(rulebook: str, service: ServiceTerms, offered: bool, slot: Slot | None) -> Wording:  # noqa: FBT001
    """The terms of a slot, and the version of the rulebook that decided about it."""
    if slot is None:
        return _terms_wording(rulebook, service, offered, "null")
    end = end_text(slot.key.starts_at, slot.ends_at)
    return _terms_wording(rulebook, service, offered, f"[{slot.capacity},{end},{string(slot.time_zone)}]")


@lru_cache(maxsize=CACHED)
def sentence_wording(sentence: Bilingual) -> Wording:
    """The sentence of a rule."""
    return _wording(encode([sentence.ar, sentence.en]))


def terms_of_text(text: str) -> SlotTerms:
    """The terms that `terms_wording` wrote."""
    rulebook, service, offered, slot = loads(text)
    return SlotTerms(
        exactly(rulebook, str),
        SERVICE_TERMS.from_data(service),
        exactly(offered, bool),
        None if slot is None else _slot_of(*slot),
    )


def sentence_of_text(text: str) -> Bilingual:
    """The sentence that `sentence_wording` wrote."""
    ar, en = loads(text)
    return rebuilt(Bilingual, ar=exactly(ar, str), en=exactly(en, str))


def checked_text(row: Row) -> str:
    """The text of a record, whose key is still its hash. Raises `StoreUnreadable`."""
    return decoded(WORDINGS.name, _checked, row)


@lru_cache(maxsize=CACHED)
def _terms_wording(rulebook: str, service: ServiceTerms, offered: bool, slot: str) -> Wording:  # noqa: FBT001
    return _wording(f"[{encode(rulebook)},{SERVICE_TERMS.text(service)},{encode(offered)},{slot}]")


def _wording(text: str) -> Wording:
    return Wording(_key(text), text)


def _key(text: str) -> str:
    return urlsafe_b64encode(sha256(text.encode()).digest()[:HASH_BYTES]).decode()


def _checked(row: Row) -> str:
    key, _, body = row
    text: str = exactly(body, str)
    if _key(text) != key:
        raise ValueError("got a text that is not its key's")
    return text


def _slot_of(capacity: Any, end: Any, time_zone: Any) -> tuple[int, int | str, str]:
    return exactly(capacity, int), end if type(end) is int else exactly(end, str), exactly(time_zone, str)
