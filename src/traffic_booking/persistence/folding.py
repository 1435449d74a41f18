"""The fold of a log: what the marks of its entries say is stored."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from traffic_booking.domain.audit.feed import FeedPosition
from traffic_booking.persistence.marks import Mark, digest_of
from traffic_booking.persistence.schema import SCHEMA
from traffic_booking.ports.primitives import Row

State = str | None
"""A record's version and digest, as `VERSION:DIGEST`; None if there is no record."""

EVIDENCE: Final = tuple(each for each in SCHEMA.collections if each.evidence)
"""The collections that marks name."""


class Named(NamedTuple):
    """A record of a collection, or a counter, by its name in marks."""

    collection: str
    name: str


class Fold:
    """The records and counters that are stored after all entries so far.

    `trimmed` has the position of the last entry that trimmed a stream.
    `seen` has every state of the records, and every value of the counters, since `watch` was called.
    """

    def __init__(self) -> None:
        self.records: Final[dict[str, dict[str, str]]] = {each.name: {} for each in EVIDENCE}
        self.counters: Final[dict[str, Counter[str]]] = {each.name: Counter() for each in SCHEMA.counters}
        self.trimmed: Final[dict[str, FeedPosition]] = {}
        self.seen: defaultdict[Named, list[State]] | None = None
        self.values: defaultdict[Named, list[int]] | None = None

    def watch(self) -> None:
        """From now on, keep every state in `seen` and `values`."""
        self.seen, self.values = defaultdict(list), defaultdict(list)

    def state(self, named: Named) -> State:
        """The state of a record."""
        return self.records[named.collection].get(named.name)

    def add(self, position: FeedPosition, mark: Mark) -> Iterator[tuple[Named, int, int]]:
        """Add the mark of an entry; return each record whose version does not continue the one before, with both.

        The later one is 0 for a record that was deleted. Raises `LookupError` for a collection that marks don't name.
        """
        for collection, deleted in mark.deletes.items():
            for name, version in deleted.items():
                before = version_of(self._set(collection, name, None))
                if before != version:
                    yield Named(collection, name), before, 0
        for collection, put in mark.puts.items():
            for name, (version, digest) in put.items():
                before = version_of(self._set(collection, name, f"{version}:{digest}"))
                if before != version - 1:
                    yield Named(collection, name), before, version
        for counter, moved in mark.counts.items():
            self._move(counter, moved)
        for stream in mark.trims:
            self.trimmed[stream] = position

    def _set(self, collection: str, name: str, state: State) -> State:
        """Write the state of a record; return the one before."""
        records = self.records[collection]
        before = records.pop(name, None)
        if state is not None:
            records[name] = state
        if self.seen is not None:
            self.seen[Named(collection, name)].append(state)
        return before

    def _move(self, counter: str, moved: Mapping[str, int]) -> None:
        counters = self.counters[counter]
        for key, delta in moved.items():
            counters[key] += delta
            if self.values is not None:
                self.values[Named(counter, key)].append(counters[key])


def version_of(state: State) -> int:
    """The version of a record in that state, 0 if there is none."""
    return 0 if state is None else int(state.partition(":")[0])


def state_of(collection: str, row: Row) -> str:
    """The state of a stored record."""
    return f"{row[1]}:{digest_of(collection, row)}"
