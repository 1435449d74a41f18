"""What the drawn cases draw: texts, instants and numbers, changes that mostly fit what is stored, and questions."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

from hypothesis import strategies as st

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
    Via,
)
from traffic_booking.testing.sample_changes import START
from traffic_booking.testing.store.model import ModelStore

KEYS: Final = "abcde"
ANY_CHARACTER: Final = st.characters(exclude_characters="\0", exclude_categories=["Cs"])
any_key = st.text(ANY_CHARACTER, min_size=1, max_size=LONGEST_KEY)
any_body = st.text(ANY_CHARACTER, max_size=300)
any_number = st.integers(-(2**63), 2**63 - 1)
zones = st.integers(-1_439, 1_439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
any_instant = st.datetimes(datetime(1800, 1, 2), datetime(9998, 12, 30), timezones=zones)  # noqa: DTZ001 - the zone is drawn

few_numbers = st.integers(-1, 3)
few_instants = st.builds(
    lambda minutes, ticks, zone: (START + timedelta(minutes=minutes, microseconds=ticks)).astimezone(zone),
    st.integers(0, 3),
    st.integers(0, 1),
    st.sampled_from([UTC, timezone(timedelta(hours=3)), timezone(timedelta(hours=-11))]),
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

    def via(self) -> st.SearchStrategy[Via]:
        """A way to a key or a kind."""
        return st.builds(Via, st.just("things"), self.key(), st.sampled_from(["owner", "kind"]))


@st.composite
def changes(draw: st.DrawFn, model: ModelStore, names: Names) -> StoreChange:
    """A change that mostly fits what the model holds."""
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


def queries(names: Names) -> st.SearchStrategy[Query]:
    """A question about an example's names, and about nothing else that is stored."""
    keys = st.lists(names.key() | st.just(f"{names.end}absent"), max_size=6)
    kind = st.sampled_from(names.kinds)
    spans = st.lists(_key_spans(names), min_size=1, max_size=3)
    return st.one_of(
        st.builds(RecordsByKey, st.sampled_from(["things", "onces", "guards"]), keys),
        st.builds(RecordsByKey, st.just("guards"), _mixed(names)),
        _by_index(names, "by_kind_and_time", kind, few_instants),
        _by_index(names, "due_by_kind", kind, few_instants),
        _by_index(names, "by_kind_and_size", kind | _kind_via(names), few_numbers),
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


def _mixed(names: Names) -> st.SearchStrategy[list[str | Via]]:
    via = st.builds(Via, st.just("things"), names.key(), st.just("owner"))
    return st.lists(st.one_of(names.key(), via), max_size=5)


def _kind_via(names: Names) -> st.SearchStrategy[Via]:
    return st.builds(Via, st.just("things"), names.key(), st.just("owner"))


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
