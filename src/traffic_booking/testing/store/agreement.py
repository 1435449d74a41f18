"""Drawn cases: any batches give the results and answers of a model in plain dictionaries, and any value comes back."""

from itertools import count
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from traffic_booking.domain.audit.feed import BEGINNING
from traffic_booking.ports.primitives import EntriesOfStreams, Span, StoreConflict
from traffic_booking.ports.store import Store
from traffic_booking.testing.drawing import bounded
from traffic_booking.testing.store import drawn
from traffic_booking.testing.store.base import StoreCases
from traffic_booking.testing.store.model import ModelStore
from traffic_booking.testing.store.reading_feed import entries_behind
from traffic_booking.testing.store.sample_schema import (
    SAMPLE,
    commit,
    entry,
    keys_listed,
    once,
    record,
    row_of,
    sorted_conflict,
    stream,
    thing,
    value,
)
from traffic_booking.testing.store.sample_schema import count as step


def agree(method: str, asked: Any, got: Any, expected: Any) -> None:
    """Fail with the method, what was asked and both values, if they differ."""
    if got != expected:
        raise AssertionError(f"{method} of {asked}:\n  got      {got}\n  expected {expected}")


def _plain(result: StoreConflict | None) -> Any:
    return result if result is None else sorted_conflict(result)


class AgreementCases(StoreCases):
    """The store against the model."""

    def test_any_batches_give_the_results_and_the_answers_that_the_model_gives(self, store: Store) -> None:
        fresh = count()
        models: list[ModelStore] = []

        @bounded(25)
        @given(st.data())
        def agrees(data: st.DataObject) -> None:
            model, names = ModelStore(SAMPLE), drawn.Names(next(fresh))
            models.append(model)
            for _ in range(data.draw(st.integers(1, 5), label="batches")):
                batch = data.draw(st.lists(drawn.changes(model, names), max_size=4), label="batch")
                for change, got, wanted in zip(batch, store.commit(batch), model.commit(batch), strict=True):
                    agree("commit", change, _plain(got), wanted)
                queries = data.draw(st.lists(drawn.queries(names), min_size=1, max_size=6), label="queries")
                for query, got, wanted in zip(queries, store.read(queries), model.read(queries), strict=True):
                    found = [[each[1:] for each in of] for of in got] if isinstance(query, EntriesOfStreams) else got
                    agree("read", query, [_listed(each) for each in found], wanted)

        agrees()
        logged = [each for model in models for each in model.log]
        found = [tuple(each[1:]) for each in entries_behind(store, BEGINNING, len(logged))]
        for place, (got, wanted) in enumerate(zip(found, logged, strict=True)):
            agree("feed", f"the entry at {place}", got, wanted)

    def test_any_key_column_and_body_comes_back_as_it_was_written(self, store: Store) -> None:
        used: set[str] = set()

        @bounded(40)
        @given(drawn.any_key, drawn.any_body, drawn.any_number, drawn.any_instant, st.none() | drawn.any_body)
        def comes_back(key: str, body: str, number: int, instant: Any, owner: str | None) -> None:
            if key in used:
                return
            used.add(key)
            put = thing(key, kind=body, size=number, made_at=instant, owner=owner, due_at=instant, body=body)
            parts = put, once(key, body, instant), step(key, abs(number) // 2, 2**63 - 1), entry(key, body, kind=key)
            agree("commit", put, commit(store, *parts), None)
            agree("read", key, record(store, key), row_of(put))
            agree("read", key, record(store, key, "onces"), row_of(once(key, body, instant)))
            agree("read", key, stream(store, key), [(key, body)])
            agree("read", key, keys_listed(store, None, Span((), key), limit=1), [key])

        @bounded(20)
        @given(drawn.any_key, st.integers(0, 2**63 - 1))
        def counts(key: str, number: int) -> None:
            if f"counted {key}" not in used:
                used.add(f"counted {key}")
                agree("commit", key, commit(store, step(key, number, 2**63 - 1, counter="other")), None)
                agree("read", key, value(store, key, "other"), number)

        comes_back()
        counts()


def _listed(found: Any) -> Any:
    """A list of an answer with plain tuples in it."""
    return [tuple(each) for each in found] if isinstance(found, list | tuple) and not _is_row(found) else found


def _is_row(found: Any) -> bool:
    return isinstance(found, tuple) and bool(found) and isinstance(found[0], str)
