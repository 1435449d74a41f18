"""The values that cross the store port: counters, records and log entries, changes and queries.

Values are named tuples, because one booking makes a dozen of them. Keys, names and bodies are text without NUL and
without lone surrogates. A key has 1 to 256 characters of any script. Two keys are the same only if all their code
points are; keys are ordered by code point. A body has at most 1 MiB in UTF-8. Numbers are whole, of 64 bits with a
sign. Instants are datetimes with an offset, in any time zone and to the microsecond; a store returns them in UTC.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from traffic_booking.domain.audit.feed import FeedPosition
from traffic_booking.domain.values import with_masked_repr

LONGEST_KEY: Final = 256
"""In characters."""
LARGEST_BODY: Final = 1_048_576
"""In bytes of UTF-8."""

Value = str | int | datetime | None
"""The value of a column; None only if the column is declared optional."""

Row = tuple[Any, ...]
"""A stored record: its key, its version (1 or more), the values of the declared columns in their order, its body."""


@with_masked_repr
class Count(NamedTuple):
    """Move a counter by `delta`; one that is not stored has the value 0.

    The guard: the new value is not below 0, and not above `ceiling` if `delta` is positive. A delta of 0 always passes.
    """

    counter: str
    key: str
    delta: int
    ceiling: int


@with_masked_repr
class Put(NamedTuple):
    """Write a record in the place of the one that is stored; its version becomes `expected` + 1.

    The guard: the stored version is `expected`; 0 means that no record has the key. A record of a collection that is
    not `altered` is only ever written with `expected` 0.
    """

    collection: str
    key: str
    expected: int
    columns: tuple[Value, ...]
    body: str


@with_masked_repr
class Delete(NamedTuple):
    """Remove a record of any collection; the guard is that of `Put`, and `expected` is 1 or more.

    A record of a collection that is not `altered` is deleted only if the commit that wrote it returned long ago: after
    a lost reply, a store recognises a change by such a record.
    """

    collection: str
    key: str
    expected: int


@with_masked_repr
class Check(NamedTuple):
    """Only compare a record's version with `expected` (0: no record has the key); only of a `checked` collection.

    Once the commit that raised the version has returned, no change under the older version becomes visible.
    """

    collection: str
    key: str
    expected: int


@with_masked_repr
class Append(NamedTuple):
    """Add an entry to the log, behind all entries of its stream. No guard: the same entry may be added twice."""

    stream: str
    kind: str
    body: str


@with_masked_repr
class StoreChange(NamedTuple):
    """Parts that are written together, or not at all. A key occurs at most once in its records and in its counters.

    `trims` names streams. All of their entries that are in the log are removed, also those of earlier changes of the
    same batch, before `entries` are appended. There is no guard: a stream may be empty, and an entry that another
    commit appends meanwhile may stay. The positions of removed entries are never given again.
    """

    counts: tuple[Count, ...] = ()
    puts: tuple[Put, ...] = ()
    deletes: tuple[Delete, ...] = ()
    checks: tuple[Check, ...] = ()
    entries: tuple[Append, ...] = ()
    trims: tuple[str, ...] = ()


@with_masked_repr
class FailedGuard(NamedTuple):
    """One guard that failed: of the counter or record `key` in `name`, the counter's or collection's name.

    `stored` is the value of the counter, or the version of the record (0: none). `record` is the stored record if the
    guard expected none, so that a repeated request finds its first answer.
    """

    name: str
    key: str
    stored: int
    record: Row | None = None


@with_masked_repr
class StoreConflict(NamedTuple):
    """Nothing of a change was written; `failed` are all guards that failed, at least one."""

    failed: tuple[FailedGuard, ...]


@with_masked_repr
class Via(NamedTuple):
    """A key that is read from another record: from the text `column` of the record `key` in `collection`.

    It matches nothing if there is no such record, or if the column is None.
    """

    collection: str
    key: str
    column: str


@with_masked_repr
class RecordsByKey(NamedTuple):
    """The record of each key. The answer: a list with a `Row` for each key, in their order, None if there is none.

    Of several `Via` in one query, all name the same collection and column.
    """

    collection: str
    keys: Sequence[str | Via]


@with_masked_repr
class Span(NamedTuple):
    """A part of an index: records whose columns equal `equal` and whose last index column lies in a range.

    `equal` has a value for every column of the index but the last. `from_` is inclusive, `until` exclusive; None is no
    bound. `after` is a cursor, the last column and the key of a record, which need not exist any more: only records
    behind it in the query's order are returned. In the order of keys (see `RecordsByIndex`), the key is the last
    column, `equal` is empty, and the cursor is the key alone.
    """

    equal: tuple[Value | Via, ...] = ()
    from_: Value = None
    until: Value = None
    after: tuple[Value, ...] | None = None


@with_masked_repr
class RecordsByIndex(NamedTuple):
    """The records of each span, in the order of the index's last column and then of the key.

    `by` is the name of a declared index, or None for the keys themselves. `descending` reverses the whole order.
    At most `limit` records of each span; None for all, and 0 or less for none. The answer: a list with a list of `Row`
    for each span, in their order. `equal` may be a single `Via`, under the rule of `RecordsByKey`.
    """

    collection: str
    by: str | None
    spans: Sequence[Span]
    descending: bool = False
    limit: int | None = None


@with_masked_repr
class CountersByKey(NamedTuple):
    """The value of each counter. The answer: a list with a number for each key, in their order, 0 if none is stored."""

    counter: str
    keys: Sequence[str]


@with_masked_repr
class KeySpan(NamedTuple):
    """A range of keys, `from_` inclusive and `until` exclusive; `after` is a cursor: only greater keys."""

    from_: str | None = None
    until: str | None = None
    after: str | None = None


@with_masked_repr
class CountersByRange(NamedTuple):
    """The counters of each span whose value is above 0, by key; at most `limit` of each span, None for all.

    The answer: a list with a list of (key, value) for each span, in their order.
    """

    counter: str
    spans: Sequence[KeySpan]
    limit: int | None = None


@with_masked_repr
class EntriesOfStreams(NamedTuple):
    """The entries of each stream, first to last. The answer: a list with a list of `LogEntry` for each stream."""

    streams: Sequence[str]


Query = RecordsByKey | RecordsByIndex | CountersByKey | CountersByRange | EntriesOfStreams


@with_masked_repr
class LogEntry(NamedTuple):
    """One entry of the log, with its position."""

    position: FeedPosition
    stream: str
    kind: str
    body: str


@with_masked_repr
class LogPage(NamedTuple):
    """Entries in the order of their positions.

    Every entry up to `complete_until` (inclusive) that was not removed is visible, and no other will become visible:
    a reader that has read up to there has missed nothing. `complete_until` never goes back, whatever is removed.
    """

    entries: Sequence[LogEntry]
    complete_until: FeedPosition
