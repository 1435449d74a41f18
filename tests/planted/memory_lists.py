"""Faults of the memory store: lists that are cut, out of order or alive, cursors, and what leads to records."""

from tests.planted.copies import MEMORY
from tests.planted.faults import Planted, plant
from traffic_booking.domain.audit.feed import FeedPosition
from traffic_booking.ports.primitives import RecordsByIndex, RecordsByKey

_LIMIT = "places[: None if query.limit is None else max(0, query.limit)]"
_FOUND = "list(self._streams.get(stream, ()))"
_CURSOR = "            cursor = (*equal, *map(_in_utc, span.after))\n"


class CutsLists(Planted):
    """Cuts each list of a query without a limit at `at`."""

    at: int

    def read(self, queries):
        answers = super().read(queries)
        return [self._cut_list(*each) for each in zip(queries, answers, strict=True)]

    def _cut_list(self, query, answer):
        whole = isinstance(query, RecordsByIndex) and query.limit is None
        return [each[: self.at] for each in answer] if whole else answer


@plant(MEMORY)
class CutsListsAt10(CutsLists):
    """A list of records without a limit is cut at 10."""

    at = 10


@plant(MEMORY)
class CutsListsAt20(CutsLists):
    """A list of records without a limit is cut at 20."""

    at = 20


@plant(MEMORY)
class CutsListsAt100(CutsLists):
    """A list of records without a limit is cut at 100."""

    at = 100


@plant(
    MEMORY,
    (MEMORY, "span)[: None if limit is None else max(0, limit)]", "span)[: 100 if limit is None else max(0, limit)]"),
)
class CutsCountersAt100:
    """A list of counters without a limit is cut at 100."""


@plant(MEMORY, (MEMORY, _FOUND, _FOUND + "[:10]"))
class CutsHistoriesAt10:
    """The entries of a stream are cut at 10."""


@plant(MEMORY)
class LooksUpTwentyRecords(Planted):
    """Only the first 20 keys of a query are looked up; the rest is taken for absent."""

    def read(self, queries):
        answers = super().read(queries)
        return [
            [row if place < 20 else None for place, row in enumerate(answer)]
            if isinstance(query, RecordsByKey)
            else answer
            for query, answer in zip(queries, answers, strict=True)
        ]


@plant(MEMORY, (MEMORY, _CURSOR, _CURSOR + "            if cursor not in index:\n                return []\n"))
class NeedsTheRecordOfACursor:
    """Nothing is behind a cursor whose record does not exist any more."""


@plant(
    MEMORY,
    (
        MEMORY,
        "low = max(low, bisect_right(counted, span.after, key=key))",
        "low = bisect_right(counted, span.after, key=key) if span.after in dict(counted) else high",
    ),
)
class NeedsTheCounterOfACursor:
    """Nothing is behind a cursor whose counter is not above 0 any more."""


_BEHIND = "                low = max(low, bisect_right(index, cursor))\n"
_WIDTH = "                width = max(1, len(cursor) - 1)\n"
_CUT = "bisect_right(index, cursor[:width], key=lambda place: place[:width])"


@plant(MEMORY, (MEMORY, _BEHIND, _WIDTH + _BEHIND.replace("bisect_right(index, cursor)", _CUT)))
class PassesOverTies:
    """A cursor passes over the records that have the same last column."""


@plant(
    MEMORY,
    (
        MEMORY,
        "            places.reverse()\n",
        "            places.sort(key=lambda place: place[:-1] or place, reverse=True)\n",
    ),
)
class LeavesTiesAscending:
    """In descending order, records that have the same last column are in the ascending order of their keys."""


@plant(MEMORY)
class LeavesAStateOut(Planted):
    """Appointments that were cancelled are left out of every list."""

    def read(self, queries):
        answers = super().read(queries)
        return [
            [[row for row in rows if "cancelled" not in row] for rows in answer]
            if isinstance(query, RecordsByIndex)
            else answer
            for query, answer in zip(queries, answers, strict=True)
        ]


_DECLARED = "        declared = self._declared[name]\n"
_ONCE_MOVED = (
    "        if row[1] > 1:\n            row = self.__dict__.setdefault('moved', {}).setdefault((name, row[0]), row)\n"
)


@plant(MEMORY, (MEMORY, _DECLARED, _ONCE_MOVED + _DECLARED))
class IndexForgetsTheSecondMove:
    """An index keeps a record at the position of its first move, however often it moves."""


@plant(MEMORY, (MEMORY, "if index.where_set is None or row", "if index.where_set not in index.columns or row"))
class ListsWhatIsNotSet:
    """An index of records with a certain column has the records without it too."""


_UNTIL = "bisect_left(index, (*equal, _in_utc(span.until)))"
_INCLUSIVE = "bisect_right(index, (*equal, _in_utc(span.until)), key=lambda place: place[: len(equal) + 1])"


@plant(MEMORY, (MEMORY, _UNTIL, _INCLUSIVE))
class IncludesTheEndOfARange:
    """The end of a range is inclusive."""


@plant(MEMORY, (MEMORY, " if value > 0)", ")"))
class ListsCountersOfZero:
    """Counters that went back to 0 are listed."""


@plant(
    MEMORY,
    (MEMORY, _LIMIT, "places[: query.limit]"),
)
class CountsANegativeLimitFromTheEnd:
    """A negative limit leaves out so many records at the end."""


@plant(MEMORY)
class SharesALimitAmongSpans(Planted):
    """The spans of one query share its limit."""

    def read(self, queries):
        return [self._shared(*each) for each in zip(queries, super().read(queries), strict=True)]

    def _shared(self, query, answer):
        if not isinstance(query, RecordsByIndex) or query.limit is None:
            return answer
        left = max(0, query.limit)
        for rows in answer:
            del rows[left:]
            left -= len(rows)
        return answer


@plant(MEMORY, (MEMORY, "self._records[key.collection].get(key.key)", "self._records[key.collection][key.key]"))
class RaisesForAViaThatLeadsNowhere:
    """A `Via` to a record that does not exist raises an error of Python's own."""


@plant(MEMORY, (MEMORY, _FOUND, "self._streams[stream]"))
class HandsOutTheLiveHistory:
    """A reader gets the store's own list of the entries of a stream."""


@plant(MEMORY)
class HandsOutALiveList(Planted):
    """Two readers of the same records get the same list."""

    def read(self, queries):
        given = self.__dict__.setdefault("given", {})
        answers = super().read(queries)
        for query, answer in zip(queries, answers, strict=True):
            kept = given.setdefault(repr(query), answer)
            kept[:] = answer
        return [given[repr(query)] for query in queries]


_PAGE = "return LogPage(self._log[first : first + max(0, limit)], last)"


@plant(MEMORY, (MEMORY, "first = bisect_right(", "first = after > (0, 0) and 1 + bisect_right("))
class FeedSkipsAnEntry:
    """Each page of the feed after the first passes over one entry."""


@plant(MEMORY, (MEMORY, "first = bisect_right(", "first = after > (0, 0) and -1 + bisect_right("))
class FeedRepeatsAnEntry:
    """Each page of the feed after the first begins with the last entry of the page before."""


@plant(MEMORY, (MEMORY, _PAGE, _PAGE.replace("last)", "FeedPosition(GENERATION, self._last_place + 1))")))
class FeedIsCompleteTooFar:
    """A page of the feed states that it is complete up to a position which the next entry will have."""


@plant(MEMORY, (MEMORY, "            if after > last:\n", "            if False:\n"))
class FeedAcceptsAPositionAhead:
    """A position that the store has not reached gives an empty page of the feed."""


@plant(MEMORY, (MEMORY, "self._log[first : first + max(0, limit)]", "self._log[first : first + limit]"))
class FeedCountsANegativeLimitFromTheEnd:
    """A negative limit of the feed leaves out so many entries at the end."""


@plant(MEMORY)
class FeedOfOneGeneration(Planted):
    """A position of an earlier generation is read as one of this generation."""

    def feed(self, after, *, limit):
        return super().feed(FeedPosition(1, after.place), limit=limit)
