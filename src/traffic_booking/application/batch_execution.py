"""Executes requests in batches: reads the facts of all, decides them one after another, and commits once.

Also the changes that no request causes: the ends of holds, recounts of seats, and no-shows.
"""

from collections.abc import Callable, Sequence
from copy import copy
from datetime import timedelta
from typing import Final

from traffic_booking.application.batch import Batch, receive_refusal
from traffic_booking.application.live_configuration import AsyncLiveConfiguration
from traffic_booking.application.pending_requests import ATTEMPTS, PendingRequest, ended
from traffic_booking.application.throttling import RefusalThrottle
from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.appointments.states import AppointmentState
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.changes import Change, Committed
from traffic_booking.domain.decisions.checking_in import decide_missed
from traffic_booking.domain.decisions.facts import Facts, FactsQuery
from traffic_booking.domain.decisions.moving import NO_REQUEST, decide_recount
from traffic_booking.domain.errors import InvalidInput, StoreClosed, StoreContended, StoreUnavailable
from traffic_booking.domain.instants import instant
from traffic_booking.domain.people.actors import Clerk, System
from traffic_booking.persistence.appointment_book import AsyncAppointmentBook
from traffic_booking.persistence.keys import LONGEST_DURATION
from traffic_booking.ports.clock import Clock

AHEAD: Final = timedelta(days=367)
"""No rulebook lets anybody book further ahead than 366 days."""
STRIDE: Final = timedelta(days=28)
"""How many days of a branch a recount reads at once."""
WRITTEN_TOGETHER: Final = 50


async def execute(
    book: AsyncAppointmentBook,
    clock: Clock,
    live: AsyncLiveConfiguration,
    throttle: RefusalThrottle,
    requests: Sequence[PendingRequest],
) -> None:
    """Give each of `requests` its outcome or its error, in one batch, or leave it for the next batch.

    An error of one request stays its own. If the store is closed or unavailable, all requests get that error; after any
    other error one of them can't be read or written, and each is executed by itself. The first request never waits for
    another one, so every batch makes progress.
    """
    try:
        await _execute(book, clock, live, throttle, requests)
        return
    except Exception as error:  # noqa: BLE001 - whatever it is, each caller gets an error or an outcome
        failed = error
    # Outside of the handler, so that an error of one request is not chained to the error of another.
    left = [request for request in requests if not request.done]
    if len(left) > 1 and not isinstance(failed, StoreUnavailable | StoreClosed):
        for request in left:
            await execute(book, clock, live, throttle, [request])
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


async def _execute(
    book: AsyncAppointmentBook,
    clock: Clock,
    live: AsyncLiveConfiguration,
    throttle: RefusalThrottle,
    requests: Sequence[PendingRequest],
) -> None:
    now = instant(clock.now())
    queries = [request.query for request in requests]
    found = await book.facts(queries)
    unopened = live.unopened(found)
    if unopened:
        await book.open_calendars(unopened)
        found = await book.facts(queries)
    if any(facts.answer is not None for facts in found):
        await book.confirm()
    batch = Batch(await live.at(found), throttle, now)
    full = batch.full_counts(queries, found)
    if full:
        batch.lapsed = dict(zip(full, await book.lapsed_at(full, by=now), strict=True))
    for request, facts in zip(requests, found, strict=True):
        batch.decide(request, facts)
    contested = batch.contested_counts()
    if contested:
        batch.retry_freed(await book.seats(contested))
    results = await book.commit(batch.changes()) if batch.decided else ()
    for request, change in batch.receive(results):
        try:
            receive_refusal(request, change, (await book.commit([change]))[0])
        except Exception as error:  # noqa: BLE001 - whatever it is, the other requests have their results by now
            request.error = error


async def expire_holds(book: AsyncAppointmentBook, clock: Clock, *, limit: int) -> int:
    """End at most `limit` holds that have run out, and return how many were ended."""
    now = instant(clock.now())
    changes = ended(await book.lapsed(by=now, limit=limit), now)
    return sum(isinstance(result, Committed) for result in await book.commit(changes)) if changes else 0


async def recount_seats(
    book: AsyncAppointmentBook, clock: Clock, configuration: Configuration, actor: Clerk | System
) -> int:
    """Count the seats of live appointments in the counts of the catalogue, and return how many were counted anew."""
    now, recounted = instant(clock.now()), 0

    def decide(facts: Facts) -> Change | None:
        return decide_recount(configuration, facts, actor, now)

    for branch in configuration.catalogue.branches:
        start = now - LONGEST_DURATION
        while start < now + AHEAD:
            there = await book.appointments_at(branch.id, from_=start, until=start + STRIDE)
            elsewhere = [each.number for each in there if configuration.counts_elsewhere(each, now)]
            for first in range(0, len(elsewhere), WRITTEN_TOGETHER):
                recounted += await _write_each(book, elsewhere[first : first + WRITTEN_TOGETHER], decide)
            start += STRIDE
    return recounted


async def record_no_shows(
    book: AsyncAppointmentBook,
    clock: Clock,
    configuration: Configuration,
    actor: Clerk | System,
    *,
    limit: int,
    back: timedelta,
) -> int:
    """Record at most `limit` no-shows among the slots that started within `back`, and return how many."""
    now, recorded = instant(clock.now()), 0

    def decide(facts: Facts) -> Change | None:
        return decide_missed(configuration, facts, actor, now)

    for branch in configuration.catalogue.branches:
        booked = await book.appointments_at(
            branch.id, from_=now - back, until=now, states=frozenset({AppointmentState.BOOKED})
        )
        for first in range(0, len(booked), WRITTEN_TOGETHER):
            if recorded == limit:
                return recorded
            numbers = [each.number for each in booked[first : first + WRITTEN_TOGETHER]]
            recorded += await _write_each(book, numbers, decide, most=limit - recorded)
    return recorded


async def _write_each(
    book: AsyncAppointmentBook,
    numbers: Sequence[AppointmentNumber],
    decide: Callable[[Facts], Change | None],
    *,
    most: int = WRITTEN_TOGETHER,
) -> int:
    """Write the changes of these appointments, `most` at most, and return how many were written.

    A commit writes one of a person at most, since it raises their state's version.
    """
    done, attempts = 0, 0
    while attempts < ATTEMPTS:
        found = await book.facts([FactsQuery(request_id=NO_REQUEST, number=number) for number in numbers])
        changes = [change for change in map(decide, found) if change is not None][: most - done]
        if not changes:
            return done
        written = sum(isinstance(result, Committed) for result in await book.commit(changes))
        done += written
        attempts = 0 if written else attempts + 1
    tried = f"upkeep: got a conflict with a newer change in each of {ATTEMPTS} attempts"
    raise StoreContended(f"{tried}; expected an attempt without one, try again")
