"""The kit's own collections and counters, and short names for their changes and reads."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from traffic_booking.ports.collections import Collection, Column, Counter, Index, Kind, Schema
from traffic_booking.ports.primitives import (
    Append,
    Check,
    Count,
    CountersByKey,
    CountersByRange,
    Delete,
    EntriesOfStreams,
    FailedGuard,
    KeySpan,
    Put,
    RecordsByIndex,
    RecordsByKey,
    Row,
    Span,
    StoreChange,
    StoreConflict,
)
from traffic_booking.ports.store import Store
from traffic_booking.testing.samples.appointments import START

THINGS: Final = Collection(
    name="things",
    key="name",
    columns=(
        Column("kind"),
        Column("size", Kind.NUMBER),
        Column("made_at", Kind.INSTANT),
        Column("owner", optional=True),
        Column("due_at", Kind.INSTANT, optional=True),
        Column("weight", Kind.NUMBER, optional=True),
    ),
    indexes=(
        Index(name="by_kind_and_time", columns=("kind", "made_at")),
        Index(name="by_kind_and_size", columns=("kind", "size")),
        Index(name="by_size", columns=("size",)),
        Index(name="by_due", columns=("due_at",), where_set="due_at"),
        Index(name="due_by_kind", columns=("kind", "made_at"), where_set="due_at"),
        Index(name="by_owner", columns=("owner", "size"), where_set="owner"),
        Index(name="by_kind", columns=("size", "kind")),
    ),
)
ONCES: Final = Collection(name="onces", key="token", columns=(Column("used_at", Kind.INSTANT),), altered=False)
GUARDS: Final = Collection(name="guards", key="area", columns=(Column("level", Kind.NUMBER),), checked=True)
PLACES: Final = Counter(name="places")
OTHER: Final = Counter(name="other")
SAMPLE: Final = Schema(collections=(THINGS, ONCES, GUARDS), counters=(PLACES, OTHER))


class Trim(NamedTuple):
    """A stream that loses its entries."""

    stream: str


ChangePart = Count | Put | Delete | Check | Append | Trim

MANY: Final = 1_000_000
EVERYTHING: Final = Span()


def thing(
    key: str,
    expected: int = 0,
    *,
    kind: str = "kind",
    size: int = 0,
    made_at: datetime = START,
    owner: str | None = None,
    due_at: datetime | None = None,
    weight: int | None = None,
    body: str = "",
) -> Put:
    """A record of `things`."""
    return Put(THINGS.name, key, expected, (kind, size, made_at, owner, due_at, weight), body)


def once(key: str, body: str = "", used_at: datetime = START) -> Put:
    """A record of `onces`, a collection that is not altered."""
    return Put(ONCES.name, key, 0, (used_at,), body)


def guard(key: str, expected: int = 0, *, level: int = 0, body: str = "") -> Put:
    """A record of `guards`, a collection that is checked."""
    return Put(GUARDS.name, key, expected, (level,), body)


def unchanged(key: str, expected: int) -> Check:
    """A check of a record of `guards`."""
    return Check(GUARDS.name, key, expected)


def count(key: str, delta: int, ceiling: int = MANY, *, counter: str = PLACES.name) -> Count:
    """A step of a counter."""
    return Count(counter, key, delta, ceiling)


def entry(stream: str, body: str, kind: str = "noted") -> Append:
    """An entry of the log."""
    return Append(stream, kind, body)


def change(*parts: ChangePart) -> StoreChange:
    """A change of these parts."""
    counts, puts, deletes, checks, entries = (
        tuple(part for part in parts if isinstance(part, kind)) for kind in (Count, Put, Delete, Check, Append)
    )
    trims = tuple(part.stream for part in parts if isinstance(part, Trim))
    return StoreChange(counts, puts, deletes, checks, entries, trims)  # type: ignore[arg-type] # sorted by kind


def commit(store: Store, *parts: ChangePart) -> StoreConflict | None:
    """The result of one change of these parts."""
    (result,) = store.commit([change(*parts)])
    return result


def written(store: Store, changes: Iterable[StoreChange]) -> None:
    """Commit a batch that has no conflict."""
    batch = list(changes)
    assert list(store.commit(batch)) == [None] * len(batch)


def row_of(put: Put) -> Row:
    """The record that a put writes."""
    return (put.key, put.expected + 1, *put.columns, put.body)


def conflict(*failed: FailedGuard) -> StoreConflict:
    """The conflict over these guards, in the order of `sorted_conflict`."""
    return sorted_conflict(StoreConflict(failed))


def sorted_conflict(result: StoreConflict | None) -> StoreConflict:
    """A conflict with its guards by name and key: a store may name them in any order."""
    assert result is not None, "got no conflict; expected one"
    return StoreConflict(tuple(sorted(result.failed, key=lambda failed: (failed.name, failed.key))))


def records(store: Store, keys: Sequence[Any], collection: str = THINGS.name) -> list[Row | None]:
    """The records of those keys."""
    (found,) = store.read([RecordsByKey(collection, keys)])
    return list(found)


def record(store: Store, key: str, collection: str = THINGS.name) -> Row | None:
    """The record of a key, None if there is none."""
    return records(store, [key], collection)[0]


def values(store: Store, keys: Sequence[str], counter: str = PLACES.name) -> list[int]:
    """The values of counters."""
    (found,) = store.read([CountersByKey(counter, keys)])
    return list(found)


def value(store: Store, key: str, counter: str = PLACES.name) -> int:
    """The value of a counter."""
    return values(store, [key], counter)[0]


def ranged(
    store: Store, *spans: KeySpan, limit: int | None = None, counter: str = PLACES.name
) -> list[list[tuple[str, int]]]:
    """Keys and values of the counters of each span."""
    (lists,) = store.read([CountersByRange(counter, spans, limit)])
    return [[tuple(each) for each in listed] for listed in lists]


def keys_listed(
    store: Store, index: str | None, span: Span = EVERYTHING, *, collection: str = THINGS.name, **options: Any
) -> list[str]:
    """The keys of the records of one span of an index."""
    ((rows,),) = store.read([RecordsByIndex(collection, index, [span], **options)])
    return [row[0] for row in rows]


def stream(store: Store, name: str) -> list[tuple[str, str]]:
    """Kind and body of the entries of a stream."""
    ((entries,),) = store.read([EntriesOfStreams([name])])
    return [(each.kind, each.body) for each in entries]
