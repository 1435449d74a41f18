"""The cursor of an auditor's question: a position in the log, the end of the answer, a check sum of the question."""

import re
from binascii import crc32
from typing import Final

from traffic_booking.domain.audit.feed import FeedPosition
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.inquiries.inquiry import Inquiry
from traffic_booking.domain.text_input import bounded_text

_CURSOR: Final = re.compile(r"(\d{1,19})\.(\d{1,19})-(\d{1,19})\.(\d{1,19})\.([0-9a-f]{8})", re.ASCII)
_LONGEST: Final = 4 * 20 + 8


def cursor_of(inquiry: Inquiry, after: FeedPosition, end: FeedPosition) -> str:
    """The cursor behind the position `after`, for pages up to `end`."""
    place = f"{after.generation}.{after.place}-{end.generation}.{end.place}"
    return f"{place}.{_check_sum(inquiry, place)}"


def positions_of(inquiry: Inquiry, cursor: object) -> tuple[FeedPosition, FeedPosition]:
    """The position behind which the page begins, and the end. Raises `InvalidInput` for another question's cursor."""
    expected = "the `next` of a page of this question"
    try:
        found = _CURSOR.fullmatch(bounded_text(cursor, "page", longest=_LONGEST))
    except InvalidInput as error:
        raise InvalidInput("page", got=error.got, expected=expected) from None
    if found is None or found[5] != _check_sum(inquiry, found[0].rpartition(".")[0]):
        raise InvalidInput("page", got="a text that names none", expected=expected)
    numbers = [int(each) for each in found.groups()[:4]]
    return FeedPosition(numbers[0], numbers[1]), FeedPosition(numbers[2], numbers[3])


def _check_sum(inquiry: Inquiry, place: str) -> str:
    asked = (place, inquiry.question.value, sorted(inquiry.about.items()), inquiry.subject)
    return f"{crc32(repr(asked).encode()):08x}"
