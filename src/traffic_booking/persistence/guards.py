"""The meaning of the store port's guards, for every store that evaluates them in Python."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

from attrs import define, field

from traffic_booking.ports.primitives import Append, FailedGuard, Row, StoreChange, StoreConflict

Place = tuple[str, str]
"""A collection or counter, and a key."""

_UNBOUNDED: Final = 2**63 - 1
"""No counter holds more."""


def touched_records(changes: Iterable[StoreChange]) -> dict[Place, None]:
    """The records whose versions the guards of `changes` compare, each once, in the order of their first mention."""
    return {
        (guard[0], guard[1]): None
        for change in changes
        for part in (change.puts, change.deletes, change.checks)
        for guard in part
    }


def touched_counters(changes: Iterable[StoreChange]) -> dict[Place, None]:
    """The counters that `changes` move, each once, in the order of their first mention."""
    return {(count.counter, count.key): None for change in changes for count in change.counts}


def moved_counters(changes: Iterable[StoreChange]) -> dict[Place, tuple[int, int, int]]:
    """The sum by which `changes` move each counter, and the least and the greatest value that it may have before.

    If the stored value is outside these bounds, the guard of at least one of `changes` fails. That is certain if the
    least is greater than the greatest; the numbers may then have more than 64 bits.
    """
    moves: dict[Place, tuple[int, int, int]] = {}
    for change in changes:
        for counter, key, delta, ceiling in change.counts:
            moved, least, most = moves.get((counter, key), (0, 0, _UNBOUNDED))
            moved += delta
            most = min(most, ceiling - moved) if delta > 0 else most
            moves[counter, key] = (moved, max(least, -moved), most)
    return moves


def net_log(changes: Iterable[StoreChange]) -> tuple[dict[str, None], list[Append]]:
    """The streams that `changes` trim, one after another, and the entries that are appended after all trims."""
    trims: dict[str, None] = {}
    entries: list[Append] = []
    for change in changes:
        if change.trims:
            trims.update(dict.fromkeys(change.trims))
            entries = [entry for entry in entries if entry.stream not in change.trims]
        entries += change.entries
    return trims, entries


@define(eq=False, repr=False)
class GuardedBatch:
    """A batch under way: the stored state, and its changes so far.

    `versions` and `values` are those stored of all records and counters that the batch touches, 0 for an absent one.
    `stored` reads a stored record; it is called only for a conflict over a key that was expected to be free.
    """

    versions: dict[Place, int]
    values: dict[Place, int]
    stored: Callable[[str, str], Row | None]
    records: dict[Place, Row | None] = field(init=False, factory=dict)
    """The rows to write, by collection and key, each with its new version; None for a record to delete.

    Instants are in the time zone that the change has, which may be any.
    """
    counted: set[Place] = field(init=False, factory=set)
    """The counters to write, by counter and key; `values` has their new values."""
    passed: list[StoreChange] = field(init=False, factory=list)
    """The changes whose guards held; `net_log` has the streams to trim and the entries to append."""

    def results(self, changes: Sequence[StoreChange]) -> list[StoreConflict | None]:
        """Evaluate `changes` one after another, and take those whose guards hold into the batch."""
        return [self._result(change) for change in changes]

    def _result(self, change: StoreChange) -> StoreConflict | None:
        versions, values = self.versions, self.values
        failed = []
        for part in (change.puts, change.deletes, change.checks):
            for name, key, expected, *_ in part:
                found = versions.get((name, key), 0)
                if found != expected:
                    failed.append(FailedGuard(name, key, found, None if expected else self._record(name, key)))
        for counter, key, delta, ceiling in change.counts:
            value = values.get((counter, key), 0)
            if value + delta < 0 or (delta > 0 and value + delta > ceiling):
                failed.append(FailedGuard(counter, key, value))
        if failed:
            return StoreConflict(tuple(failed))
        for name, key, expected, columns, body in change.puts:
            self.records[name, key] = (key, expected + 1, *columns, body)
            versions[name, key] = expected + 1
        for name, key, _ in change.deletes:
            self.records[name, key] = None
            versions[name, key] = 0
        for counter, key, delta, _ in change.counts:
            values[counter, key] = values.get((counter, key), 0) + delta
            self.counted.add((counter, key))
        self.passed.append(change)
        return None

    def _record(self, name: str, key: str) -> Row | None:
        written = self.records.get((name, key))
        row = self.stored(name, key) if written is None else written
        return row and tuple([each.astimezone(UTC) if isinstance(each, datetime) else each for each in row])
