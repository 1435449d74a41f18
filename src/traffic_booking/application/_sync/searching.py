"""Searches free slots in the store: only as far as the page needs.

Made from `traffic_booking.application.searching` by `python -m tools.check_sync --write`: change that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from heapq import merge
from itertools import chain, islice
from operator import itemgetter
from typing import Final, NamedTuple

from traffic_booking.application._sync.search_reads import SearchReads
from traffic_booking.application.slot_search import checkpoint, slot_range
from traffic_booking.domain.calendars.hours import DAY_MINUTES
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.availability import horizon
from traffic_booking.domain.searching.bit_index import BitIndex
from traffic_booking.domain.searching.candidates import Span, candidates
from traffic_booking.domain.searching.open_page import OpenPage
from traffic_booking.domain.searching.personal import PersonalSearch
from traffic_booking.domain.searching.question import Candidate, Question, SearchedBranch, SlotOrder
from traffic_booking.domain.searching.slot_page import SlotPage
from traffic_booking.persistence._sync.seat_book import SeatBook

SLOTS_READ: Final = 1_000
"""The most slots of a branch that are read at once. The first day is read alone, since most searches end there."""
SPANS_READ: Final = 256
"""The most services at branches that are read at once, each counted once for each branch."""
COUNTS_READ: Final = 25_000
"""The most slots that are read at once, if branches were open day and night: an event loop waits for their counts."""
BETWEEN_CHECKPOINTS: Final = 16
"""How many candidates are evaluated before other tasks of the event loop run."""


class Window(NamedTuple):
    """The instants between which a branch is searched, and the time that the order adds to its starts."""

    at: SearchedBranch
    opening: datetime
    closing: datetime
    lateness: timedelta


def open_page(
    question: Question,
    configuration: Configuration,
    personal: PersonalSearch | None,
    now: datetime,
    limit: int,
    after: str | None,
) -> OpenPage:
    """The page to fill: the first, or the one behind the cursor `after`. Raises `InvalidInput` for another cursor."""
    page = OpenPage(configuration, question, now, limit, personal)
    if after is not None:
        from traffic_booking.application.cursors import position_of

        page.behind, page.shown = position_of(question, after)
    return page


def find_page(
    reads: SearchReads, configuration: Configuration, page: OpenPage, index: BitIndex | None = None
) -> SlotPage:
    """The page of free slots that `page` describes, from the index if it has all days of the search.

    The cost of a search of the store follows the branches and the results: O(branches + results · log(branches)), and
    the seats that are read grow with the days until the first free ones.
    """
    configuration.calendars.check_readable()
    question, last = page.question, horizon(configuration, page.now)
    if index is not None and not _gives_back(page) and index.covers(question, last):
        _fill(index.candidates(question, page.now, last, page.behind, page.shown), page)
        return page_of(configuration, page, min(page.now, index.as_of))
    for group in _groups(page.question):
        _search(reads.seats, configuration, page, group)
        if page.done:
            break
    return page_of(configuration, page, reads.as_of)


def _gives_back(page: OpenPage) -> bool:
    """True if the request would give seats back: they count as free, for this person alone."""
    personal, services = page.personal, page.question.services
    return personal is not None and any(personal.own_seats(service.id) for service in services)


def _groups(question: Question) -> Iterator[Sequence[SearchedBranch]]:
    """The branches that are searched together: one after another if the nearest is first."""
    if question.order is not SlotOrder.NEAREST:
        yield question.branches
        return
    for branch in question.branches:
        yield (branch,)


def _search(book: SeatBook, configuration: Configuration, page: OpenPage, group: Sequence[SearchedBranch]) -> None:
    question, now, personal = page.question, page.now, page.personal
    windows = _windows(configuration, page, group)
    start = min([each.opening + each.lateness for each in windows], default=now)
    until = max([each.closing + each.lateness for each in windows], default=now)
    days = 1
    while start < until and not page.done:
        end = min(until, start + timedelta(days=days))
        at_once = _branches_at_once(question, days)
        parts: list[Iterator[Candidate]] = []
        for first in range(0, len(windows), at_once):
            spans = _spans(configuration, page, windows[first : first + at_once], start, end)
            checkpoint()
            ranges = [
                slot_range(configuration, span.at.branch, span.service, span.from_, span.read_until(question.adjacent))
                for span in spans
            ]
            seats_taken = book.seats_taken(ranges, lapsed_by=now)
            streams: list[Iterator[Candidate]] = []
            for span in spans:
                checkpoint()
                own = None if personal is None else personal.own_seats(span.service.id)
                stream = page.of_use(candidates(configuration, question, span, seats_taken, own))
                streams.append(_begun(stream))
            parts.append(_begun(merge(*streams, key=itemgetter(0))))
            checkpoint()
        _fill(merge(*parts, key=itemgetter(0)), page)
        start, days = end, min(2 * days, _longest_stride(question))


def _begun(stream: Iterator[Candidate]) -> Iterator[Candidate]:
    """`stream`, whose first candidate is looked for now: a merge would look for those of all streams at once."""
    return chain([*islice(stream, 1)], stream)


def _longest_stride(question: Question) -> int:
    """The most days that are read at once: with services of few minutes, a day has many slots."""
    shortest = min(service.duration_minutes for service in question.services)
    return max(1, SLOTS_READ * shortest // DAY_MINUTES)


def _branches_at_once(question: Question, days: int) -> int:
    """The most branches that are read at once, for so many days."""
    shortest = min(service.duration_minutes for service in question.services)
    spans = min(SPANS_READ, COUNTS_READ * shortest // (days * DAY_MINUTES))
    return max(1, spans // len(question.services))


def _fill(ordered: Iterator[Candidate], page: OpenPage) -> None:
    for place, candidate in enumerate(ordered, start=1):
        page.take(candidate)
        if page.done:
            return
        if place % BETWEEN_CHECKPOINTS == 0:
            checkpoint()


def _windows(configuration: Configuration, page: OpenPage, group: Sequence[SearchedBranch]) -> list[Window]:
    """The windows of the branches, without those that have none or are passed."""
    question, behind = page.question, page.behind
    last = horizon(configuration, page.now)
    windows: list[Window] = []
    for place, at in enumerate(group, start=1):
        opening, closing = question.window(at.branch, page.now, last)
        if behind is not None:
            opening = max(opening, question.first_behind(at, behind))
        if opening < closing and at.rank not in page.shown:
            windows.append(Window(at, opening, closing, question.lateness(at)))
        if place % SPANS_READ == 0:
            checkpoint()
    return windows


def _spans(
    configuration: Configuration,
    page: OpenPage,
    windows: Sequence[Window],
    start: datetime,
    end: datetime,
) -> list[Span]:
    """The parts of a search from `start` to `end`, in the time of its order."""
    spans: list[Span] = []
    for at, opening, closing, lateness in windows:
        from_, until = max(opening, start - lateness), min(closing, end - lateness)
        if from_ < until and at.rank not in page.shown:
            offered = configuration.catalogue.timetable(at.branch).services
            spans += [
                Span(at=at, service=service, from_=from_, until=until, closing=closing)
                for service in page.question.services
                if service.id in offered
            ]
    return spans


def page_of(configuration: Configuration, page: OpenPage, as_of: datetime) -> SlotPage:
    """The page that `page` found, as of the instant at which the seats were counted."""
    from traffic_booking.application.cursors import cursor_of

    question, now = page.question, page.now
    until = question.end(horizon(configuration, now))
    cursor, pause = None, page.pause
    if pause is not None:
        cursor, until = (
            cursor_of(question, pause, page.shown),
            min(until, max(now, question.complete_until(pause))),
        )
    return SlotPage(
        tuple(page.available(as_of)),
        as_of=as_of,
        staleness=now - as_of,
        next=cursor,
        searched_until=until,
        refused=tuple(page.refused.values()),
    )
