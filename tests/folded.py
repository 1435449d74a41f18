"""The records that have to be stored by the marks of a log, to compare with those that are."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.maintained import rows_of, seats_of
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.persistence.marks import Mark, digest_of, mark_of, name_of
from traffic_booking.persistence.schema import SCHEMA
from traffic_booking.ports.primitives import StoreChange


class KeptLog:
    """A store in front of another that keeps the body of every entry, also of those that are trimmed later."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.bodies: list[str] = []

    def commit(self, changes: list[StoreChange]) -> Any:
        results = self._store.commit(changes)
        for change, result in zip(changes, results, strict=True):
            if result is None:
                self.bodies += [each.body for each in change.entries]
        return results

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def assert_marks_give_all_records(self) -> None:
        """Compare what the marks give with all records and counters that are evidence."""
        records, counts = given_by(map(mark_of, self.bodies))
        stored = {
            (each.name, name_of(each.name, row)): (row[1], digest_of(each.name, row))
            for each in SCHEMA.collections
            if each.evidence
            for row in rows_of(self._store)[each.name].values()
        }
        assert stored == records
        assert seats_of(self._store) == counts


def given_by(marks: Iterable[Mark]) -> tuple[dict[tuple[str, str], tuple[int, str]], dict[str, int]]:
    """The version and digest of each record, and the value of each counter that is not 0, after these marks."""
    records: dict[tuple[str, str], tuple[int, str]] = {}
    counts: Counter[str] = Counter()
    for mark in marks:
        for collection, deleted in mark.deletes.items():
            for name, version in deleted.items():
                assert records.pop((collection, name))[0] == version
        for collection, put in mark.puts.items():
            for name, (version, digest) in put.items():
                assert records.get((collection, name), (0,))[0] == version - 1
                records[collection, name] = version, digest
        for moved in mark.counts.values():
            counts.update(moved)
    return records, {key: value for key, value in counts.items() if value}


@contextmanager
def compared_at_the_end(store: Any = None) -> Iterator[Any]:
    """A store whose marks have to give all of its records when the block ends."""
    kept = KeptLog(store or MemoryStore())
    yield kept
    kept.assert_marks_give_all_records()
