"""Executes requests in batches: reads the facts of all, decides them one after another, and commits once.

Made from `traffic_booking.application.batch_execution` by `python -m tools.check_sync --write`: change that.
"""

from collections.abc import Sequence
from copy import copy

from traffic_booking.application._sync.live_configuration import LiveConfiguration
from traffic_booking.application.batch import Batch, receive_refusal
from traffic_booking.application.pending_requests import PendingRequest, ended
from traffic_booking.application.throttling import RefusalThrottle
from traffic_booking.domain.decisions.changes import Committed
from traffic_booking.domain.errors import InvalidInput, StoreClosed, StoreUnavailable
from traffic_booking.domain.instants import instant
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.ports.clock import Clock


def execute(
    book: AppointmentBook,
    clock: Clock,
    live: LiveConfiguration,
    throttle: RefusalThrottle,
    requests: Sequence[PendingRequest],
) -> None:
    """Give each of `requests` its outcome or its error, in one batch, or leave it for the next batch.

    An error of one request stays its own. If the store is closed or unavailable, all requests get that error; after any
    other error one of them can't be read or written, and each is executed by itself. The first request never waits for
    another one, so every batch makes progress.
    """
    try:
        _execute(book, clock, live, throttle, requests)
        return
    except Exception as error:  # noqa: BLE001 - whatever it is, each caller gets an error or an outcome
        failed = error
    # Outside of the handler, so that an error of one request is not chained to the error of another.
    left = [request for request in requests if not request.done]
    if len(left) > 1 and not isinstance(failed, StoreUnavailable | StoreClosed):
        for request in left:
            execute(book, clock, live, throttle, [request])
        return
    if isinstance(failed, UnicodeError):  # it carries the text of the request
        failed = InvalidInput("request", got="text that has no form in UTF-8", expected="text without lone surrogates")
    for request in left:
        if request.admitted is not None:
            throttle.release(request.admitted)
        request.error = failed
        if request is not left[0]:  # each thread raises an exception of its own
            request.error = copy(failed)
            request.error.__cause__ = failed


def _execute(
    book: AppointmentBook,
    clock: Clock,
    live: LiveConfiguration,
    throttle: RefusalThrottle,
    requests: Sequence[PendingRequest],
) -> None:
    now = instant(clock.now())
    queries = [request.query for request in requests]
    found = book.facts(queries)
    unopened = live.unopened(found)
    if unopened:
        book.open_calendars(unopened)
        found = book.facts(queries)
    batch = Batch(live.at(found), throttle, now)
    full = batch.full_slots(found)
    if full:
        batch.lapsed = dict(zip(full, book.lapsed_at(full, by=now), strict=True))
    for request, facts in zip(requests, found, strict=True):
        batch.decide(request, facts)
    contested = batch.contested_slots()
    if contested:
        batch.retry_freed(book.seats(contested))
    results = book.commit(batch.changes()) if batch.decided else ()
    for request, change in batch.receive(results):
        try:
            receive_refusal(request, change, book.commit([change])[0])
        except Exception as error:  # noqa: BLE001 - whatever it is, the other requests have their results by now
            request.error = error


def expire_holds(book: AppointmentBook, clock: Clock, *, limit: int) -> int:
    """End at most `limit` holds that have run out, and return how many were ended."""
    now = instant(clock.now())
    changes = ended(book.lapsed(by=now, limit=limit), now)
    return sum(isinstance(result, Committed) for result in book.commit(changes)) if changes else 0
