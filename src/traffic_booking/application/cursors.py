"""The cursor of a search: the last slot of a page, with a check sum of the search that it belongs to.

A search for the first slot at each branch also needs the branches that have been shown, as bits.
"""

from base64 import b32decode, b32encode
from binascii import Error, crc32
from collections.abc import Set as AbstractSet
from typing import Final

from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.schedule.slots import LONGEST_TOKEN, SlotKey
from traffic_booking.domain.searching.question import Candidate, OrderKey, Question
from traffic_booking.domain.text_input import bounded_text, hyphenated
from traffic_booking.domain.value_input import MOST_MEMBERS

_CHECK_SUM: Final = len(".01234567")
_LONGEST: Final = LONGEST_TOKEN + len(".") + -(-MOST_MEMBERS // 5) + 8 + _CHECK_SUM
"""Of the catalogue's branches, five are in a character of base 32."""


def cursor_of(question: Question, last: Candidate, shown: AbstractSet[int]) -> str:
    """The cursor behind `last`: the slot's token, the branches shown, if they matter, and a check sum."""
    place = last.slot.token
    if question.each_branch:
        bits = sum(1 << rank for rank in shown)
        place += f".{b32encode(bits.to_bytes(-(-bits.bit_length() // 8))).decode().rstrip('=').lower()}"
    return f"{place}.{_check_sum(question, place)}"


def position_of(question: Question, cursor: object) -> tuple[OrderKey, set[int]]:
    """The key of the slot that `cursor` names, and the ranks of the branches shown. Raises `InvalidInput`."""
    expected = "a page of this search: search again"
    try:
        place, _, check_sum = hyphenated(bounded_text(cursor, "page", longest=_LONGEST)).rpartition(".")
    except InvalidInput as error:
        raise InvalidInput("page", got=error.got, expected=expected) from None
    if check_sum == _check_sum(question, place):
        token, _, bits = place.rpartition(".") if question.each_branch else (place, "", "")
        slot = SlotKey.from_token(token)
        at = {each.branch.id: each for each in question.branches}.get(slot.branch)
        services = [service.id for service in question.services]
        if at is not None and slot.service in services:
            return question.key(at, services.index(slot.service), slot.starts_at), _ranks(bits)
    raise InvalidInput("page", got="a text that names none", expected=expected)


def _ranks(text: str) -> set[int]:
    try:
        bits = int.from_bytes(b32decode(text.upper() + "=" * (-len(text) % 8)))
    except Error:  # not written by `cursor_of`, in spite of its check sum
        bits = 0
    return {rank for rank in range(bits.bit_length()) if bits >> rank & 1}


def _check_sum(question: Question, place: str) -> str:
    """A check sum of the place and of the question. The limit is not in it: pages may differ in length."""
    asked = (
        *(place, question.places, len(question.branches), question.from_, question.until, question.earlier_than),
        *(sorted(question.weekdays or ()), question.between, question.seats, question.adjacent),
        *(question.each_branch, question.order.value),
    )
    return f"{crc32(repr(asked).encode()):08x}"
