"""All answers of a store, page by page; those that can't be decoded are passed over and named."""

from typing import NamedTuple

from traffic_booking.domain.decisions.outcomes import Answer
from traffic_booking.domain.errors import StoreUnreadable
from traffic_booking.domain.text_input import RequestId
from traffic_booking.persistence.appointment_book import AsyncAppointmentBook
from traffic_booking.persistence.schema import ANSWERS


class AnswersPage(NamedTuple):
    """Answers by their request ids, and an error for each that can't be decoded.

    `last` is the greatest request id of both, None if no page is left.
    """

    last: RequestId | None
    answers: list[Answer]
    unreadable: list[StoreUnreadable]


async def answers_behind(book: AsyncAppointmentBook, after: RequestId | None, limit: int) -> AnswersPage:
    """At most `limit` answers with a request id greater than `after` (None: from the first).

    At most two round trips, and two more for each answer if one of them can't be decoded.
    """
    try:
        answers = await book.answers(after=after, limit=limit)
        return AnswersPage(answers[-1].command.request_id if answers else None, answers, [])
    except StoreUnreadable as error:
        if error.key is None:  # the store itself is damaged
            raise
        reading = book.audit_reading()
    page = AnswersPage(None, [], [])
    for key in await reading.keys(ANSWERS.name, after=after, limit=limit):
        page = page._replace(last=RequestId(key))
        try:
            answer = await book.answer(RequestId(key))
        except StoreUnreadable as error:
            page.unreadable.append(error)
        else:
            if answer is not None:  # it may have been pruned since
                page.answers.append(answer)
    return page
