"""The cursor of a search: the last slot of a page, with a check sum of the search that it belongs to."""

from binascii import crc32
from datetime import datetime
from typing import Final

from traffic_booking.application.slot_search import Search
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.schedule.slots import LONGEST_TOKEN, AvailableSlot, SlotKey
from traffic_booking.domain.text_input import bounded_text, hyphenated

_LONGEST: Final = LONGEST_TOKEN + len(".01234567")


def cursor_of(search: Search, last: AvailableSlot) -> str:
    """The cursor behind `last`: the slot's token, a dot, and a check sum."""
    return f"{last.token}.{_check_sum(search, last.token)}"


def position_of(search: Search, cursor: object) -> tuple[datetime, int]:
    """The start of the slot that `cursor` names, and the place of its branch in the search. Raises `InvalidInput`."""
    expected = "a page of this search: search again"
    try:
        token, _, check_sum = hyphenated(bounded_text(cursor, "page", longest=_LONGEST)).rpartition(".")
    except InvalidInput as error:
        raise InvalidInput("page", got=error.got, expected=expected) from None
    places = {branch.id: place for place, branch in enumerate(search.branches)}
    if check_sum == _check_sum(search, token):
        slot = SlotKey.from_token(token)
        if slot.branch in places:
            return slot.starts_at, places[slot.branch]
    raise InvalidInput("page", got="a text that names none", expected=expected)


def _check_sum(search: Search, token: str) -> str:
    """A check sum of the token and of the arguments of the search, without its limit: pages may differ in length."""
    return f"{crc32(repr((token, search.service.id, search.from_, search.until, *search.asked)).encode()):08x}"
