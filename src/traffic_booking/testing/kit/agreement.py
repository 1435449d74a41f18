"""Drawn cases: any batches give the results and answers of a model in plain dictionaries, and any value comes back."""

from datetime import datetime, timedelta, timezone
from itertools import count
from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st

from traffic_booking.domain.audit.feed import BEGINNING
from traffic_booking.ports.primitives import (
    LONGEST_KEY,
    Append,
    Check,
    Count,
    CountersByKey,
    CountersByRange,
    Delete,
    EntriesOfStreams,
    KeySpan,
    Put,
    Query,
    RecordsByIndex,
    RecordsByKey,
    Span,
    StoreChange,
    StoreConflict,
    Via,
)
from traffic_booking.ports.store import Store
from traffic_booking.testing.kit.base import StoreCases
from traffic_booking.testing.kit.model import ModelStore, plain
from traffic_booking.testing.kit.reading import entries_behind
from traffic_booking.testing.kit.sample_schema import (
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
from traffic_booking.testing.kit.sample_schema import count as step
from traffic_booking.testing.kit.suite import bounded
from traffic_booking.testing.samples.appointments import START

KEYS: Final = "abcde"
ANY_CHARACTER: Final = st.characters(exclude_characters="\0", exclude_categories=["Cs"])
any_key = st.text(ANY_CHARACTER, min_size=1, max_size=LONGEST_KEY)
any_body = st.text(ANY_CHARACTER, max_size=300)
any_number = st.integers(-(2**63), 2**63 - 1)
zones = st.integers(-1_439, 1_439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
any_instant = st.datetimes(datetime(1800, 1, 2), datetime(9998, 12, 30), timezones=zones)  # noqa: DTZ001 - the zone is drawn

few_numbers = st.integers(-1, 3)
few_instants = st.builds(
    lambda place, hours: (START + timedelta(minutes=place // 2, microseconds=place % 2)).astimezone(
        timezone(timedelta(hours=hours))
    ),
    st.integers(0, 7),
    st.sampled_from([0, 3, -11]),
)
limits = st.sampled_from([None, None, None, 0, -1, 1, 2, 3, 100])
off_by = st.sampled_from([0, 0, 0, 0, 0, 0, 1, -1])
"""Mostly the version that is stored, sometimes one too low or too high."""


class Names:
    """The few names that one example uses, so that its changes meet; no other example uses them."""

    def __init__(self, example: int) -> None:
        self.keys = [f"{example:06d}/{letter}" for letter in KEYS]
        self.kinds = [f"{example}-x", f"{example}-y"]
        self.end = f"{example:06d}0"

    def key(self) -> st.SearchStrategy[str]:
        """One of the keys."""
        return st.sampled_from(self.keys)

    def owner(self) -> st.SearchStrategy[Via]:
        """A way to a key or a kind."""
        return st.builds(Via, st.just("things"), self.key(), st.just("owner"))


@st.composite
def changes(draw: st.DrawFn, model: ModelStore, names: Names) -> StoreChange:
    """A change that mostly fits the state of the model."""
    puts: list[Put] = []
    deletes: list[Delete] = []
    checks: list[Check] = []
    for name in ("things", "onces", "guards"):
        for key in draw(st.lists(names.key(), max_size=2, unique=True)):
            stored = model.version(name, key)
            expected = max(0, stored + draw(off_by))
            if name == "guards" and draw(st.booleans()):
                checks.append(Check(name, key, expected))
            elif expected and draw(st.integers(0, 3)) == 0:
                deletes.append(Delete(name, key, expected))
            else:
                columns = draw(_columns(name, names))
                puts.append(Put(name, key, 0 if name == "onces" else expected, columns, draw(st.sampled_from("pqr"))))
    return StoreChange(
        counts=tuple(
            Count(counter, key, draw(st.integers(-2, 2)), draw(st.integers(0, 4)))
            for counter in ("places", "other")
            for key in draw(st.lists(names.key(), max_size=2, unique=True))
        ),
        puts=tuple(puts),
        deletes=tuple(deletes),
        checks=tuple(checks),
        entries=tuple(draw(st.lists(st.builds(Append, names.key(), st.sampled_from("kl"), any_body), max_size=2))),
        trims=tuple(draw(st.lists(names.key(), max_size=draw(st.sampled_from([0, 0, 2])), unique=True))),
    )


@st.composite
def _columns(draw: st.DrawFn, name: str, names: Names) -> tuple[Any, ...]:
    if name == "onces":
        return (draw(few_instants),)
    if name == "guards":
        return (draw(few_numbers),)
    return (
        draw(st.sampled_from(names.kinds)),
        draw(few_numbers),
        draw(few_instants),
        draw(st.none() | names.key() | st.sampled_from(names.kinds)),
        draw(st.none() | few_instants),
        draw(st.none() | few_numbers),
    )


def queries_of(names: Names) -> st.SearchStrategy[Query]:
    """A query for an example's names, and for nothing else that is stored."""
    keys = st.lists(names.key() | st.just(f"{names.end}absent"), max_size=6)
    kind = st.sampled_from(names.kinds)
    spans = st.lists(_key_spans(names), min_size=1, max_size=3)
    return st.one_of(
        st.builds(RecordsByKey, st.sampled_from(["things", "onces", "guards"]), keys),
        st.builds(RecordsByKey, st.just("guards"), st.lists(names.key() | names.owner(), max_size=5)),
        _by_index(names, "by_kind_and_time", kind, few_instants),
        _by_index(names, "due_by_kind", kind, few_instants),
        _by_index(names, "by_kind_and_size", kind | names.owner(), few_numbers),
        _by_index(names, "by_owner", kind | names.key(), few_numbers),
        st.builds(CountersByKey, st.sampled_from(["places", "other"]), keys),
        st.builds(CountersByRange, st.sampled_from(["places", "other"]), spans, limits),
        st.builds(
            RecordsByIndex,
            st.sampled_from(["things", "onces"]),
            st.none(),
            st.lists(_key_spans(names).map(_as_span), min_size=1, max_size=3),
            st.booleans(),
            limits,
        ),
        st.builds(EntriesOfStreams, keys),
    )


def _by_index(
    names: Names, index: str, equal: st.SearchStrategy[Any], last: st.SearchStrategy[Any]
) -> st.SearchStrategy[Query]:
    cursor = st.none() | st.tuples(last, names.key())
    spans = st.builds(lambda value, *rest: Span((value,), *rest), equal, st.none() | last, st.none() | last, cursor)
    listed = st.lists(spans, min_size=1, max_size=3)
    return st.builds(RecordsByIndex, st.just("things"), st.just(index), listed, st.booleans(), limits)


def _key_spans(names: Names) -> st.SearchStrategy[KeySpan]:
    first, end = st.sampled_from(names.keys), st.sampled_from([*names.keys[2:], names.end])
    return st.builds(KeySpan, first, end, st.none() | names.key())


def _as_span(span: KeySpan) -> Span:
    return Span((), span.from_, span.until, None if span.after is None else (span.after,))


def agree(method: str, argument: Any, got: Any, expected: Any) -> None:
    """Fail with the method, its argument and both values, if they differ."""
    if isinstance(got, StoreConflict):
        got = sorted_conflict(got)
    if got != expected:
        raise AssertionError(f"{method} of {argument}:\n  got      {got}\n  expected {expected}")


class AgreementCases(StoreCases):
    """The store against the model."""

    def test_any_batches_give_the_results_and_the_answers_that_the_model_gives(self, store: Store) -> None:
        fresh = count()
        models: list[ModelStore] = []

        @bounded(25)
        @given(st.data())
        def agrees(data: st.DataObject) -> None:
            model, names = ModelStore(SAMPLE), Names(next(fresh))
            models.append(model)
            for _ in range(data.draw(st.integers(1, 5), label="batches")):
                batch = data.draw(st.lists(changes(model, names), max_size=4), label="batch")
                for change, got, expected in zip(batch, store.commit(batch), model.commit(batch), strict=True):
                    agree("commit", change, got, expected)
                queries = data.draw(st.lists(queries_of(names), min_size=1, max_size=6), label="queries")
                for query, got, expected in zip(queries, store.read(queries), model.read(queries), strict=True):
                    agree("read", query, plain(query, got), expected)

        agrees()
        logged = [each for model in models for each in model.log]
        found = [tuple(each[1:]) for each in entries_behind(store, BEGINNING, len(logged))]
        for place, pair in enumerate(zip(found, logged, strict=True)):
            agree("feed", f"the entry at {place}", *pair)

    def test_any_key_column_and_body_comes_back_as_it_was_written(self, store: Store) -> None:
        used: set[str] = set()

        @bounded(40)
        @given(any_key, any_body, any_number, any_instant, st.none() | any_body)
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
        @given(any_key, st.integers(0, 2**63 - 1))
        def counts(key: str, number: int) -> None:
            if f"counted {key}" not in used:
                used.add(f"counted {key}")
                agree("commit", key, commit(store, step(key, number, 2**63 - 1, counter="other")), None)
                agree("read", key, value(store, key, "other"), number)

        comes_back()
        counts()
