"""All answers of a store whose methods are awaited, page by page.

Made from `traffic_booking.application.answer_pages` by `python -m tools.check_async --write`: change that.
"""

from traffic_booking.application.answer_pages import AnswersPage
from traffic_booking.domain.errors import StoreUnreadable
from traffic_booking.domain.text_input import RequestId
from traffic_booking.persistence.async_appointment_book import AsyncAppointmentBook
from traffic_booking.persistence.schema import ANSWERS


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
