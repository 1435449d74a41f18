"""The codec of wordings: texts that many answers share, stored once under their hash.

A wording is the offer of a slot (service, capacity, rulebook) or the texts of a rule. So an answer
has only the facts of its own request, and can be explained although the catalogue has changed since.
"""

from base64 import urlsafe_b64encode
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final, NamedTuple

from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.places.services import ServiceConditions
from traffic_booking.domain.schedule.slots import Slot, SlotKey
from traffic_booking.persistence.basic_codecs import exactly, from_json, rebuilt, to_json
from traffic_booking.persistence.codecs import SERVICE_CONDITIONS
from traffic_booking.persistence.decoding import decoded
from traffic_booking.persistence.schema import WORDINGS
from traffic_booking.persistence.value_codecs import decode_end, decode_pool, encode_slot
from traffic_booking.ports.primitives import Put, Row

CACHED_OFFERS: Final = 4_096
"""Each is encoded and hashed once, instead of for each of its thousands of bookings."""

HASH_BYTES: Final = 12
"""Of SHA-256, written as 16 characters. Nobody gains anything by two texts with one hash."""


class Wording(NamedTuple):
    """A text under its key."""

    key: str
    text: str

    def put(self) -> Put:
        """The record, which must be new."""
        return Put(WORDINGS.name, self.key, 0, (), self.text)


class OfferSnapshot(NamedTuple):
    """The offer that a decision about a slot was based on: rulebook, the service there, and the slot.

    `slot` has capacity, end, time zone and, if there is one, the name and the step of the pool; it is None if the
    timetable has no slot at that time.
    """

    rulebook: str
    service: ServiceConditions
    offered: bool
    slot: tuple[int, int | str, str] | tuple[int, int | str, str, str, int] | None

    def slot_at(self, key: SlotKey) -> Slot | None:
        """The slot of that key in this offer."""
        if self.slot is None:
            return None
        capacity, end, time_zone, *pool = self.slot
        return rebuilt(
            Slot,
            key=key,
            ends_at=decode_end(key.starts_at, end),
            capacity=capacity,
            time_zone=time_zone,
            pool=decode_pool(pool or None),
        )


def encode_offer(rulebook: str, service: ServiceConditions, offered: bool, slot: Slot | None) -> Wording:  # noqa: FBT001 - a value
    """The wording of `OfferSnapshot`."""
    of_slot: Any = None
    if slot is not None:
        of_slot = slot.capacity, encode_slot(slot.key, ends_at=slot.ends_at)[-1], slot.time_zone
        if slot.pool is not None:
            of_slot = (*of_slot, slot.pool.id, slot.pool.step_minutes)
    return _offer_wording(OfferSnapshot(rulebook, service, offered, of_slot))


@lru_cache(maxsize=CACHED_OFFERS)
def _offer_wording(offer: OfferSnapshot) -> Wording:
    return _wording([offer.rulebook, SERVICE_CONDITIONS.data(offer.service), offer.offered, offer.slot])


@lru_cache(maxsize=CACHED_OFFERS)
def decode_offer(text: str) -> OfferSnapshot:
    """The offer of its wording."""
    rulebook, service, offered, slot = from_json(text)
    if slot is not None:
        capacity, end, time_zone, *pool = slot
        end = end if type(end) is int else exactly(end, str)
        slot = exactly(capacity, int), end, exactly(time_zone, str), *pool
    return OfferSnapshot(exactly(rulebook, str), SERVICE_CONDITIONS.from_data(service), exactly(offered, bool), slot)


def encode_texts(statement: Bilingual, refusal: Bilingual) -> Wording:
    """The wording of a rule: its sentence, and the template of its refusal."""
    return _wording([statement.ar, statement.en, refusal.ar, refusal.en])


@lru_cache(maxsize=CACHED_OFFERS)
def decode_texts(text: str) -> tuple[Bilingual, Bilingual]:
    """The sentence and the template of the refusal of their wording."""
    ar, en, refusal_ar, refusal_en = (exactly(each, str) for each in from_json(text))
    return rebuilt(Bilingual, ar=ar, en=en), rebuilt(Bilingual, ar=refusal_ar, en=refusal_en)


def checked_text(row: Row) -> str:
    """The text of a record. Raises `StoreUnreadable` if the record's key is not the hash of the text."""
    return decoded(WORDINGS.name, _checked, row)


def _checked(row: Row) -> str:
    key, _, body = row
    if _key(exactly(body, str)) != key:
        raise ValueError("got a text that is not its key's")
    return str(body)


def _wording(data: Sequence[object]) -> Wording:
    text = to_json(data)
    return Wording(_key(text), text)


def _key(text: str) -> str:
    return urlsafe_b64encode(sha256(text.encode()).digest()[:HASH_BYTES]).decode()
