"""Reads by index: order, bounds, cursors and limits, of every span apart."""

from datetime import timedelta
from typing import Any

import pytest

from traffic_booking.ports.primitives import Delete, RecordsByIndex, Span, Via
from traffic_booking.ports.store import Store
from traffic_booking.testing.sample_changes import START, TICK
from traffic_booking.testing.store.base import StoreCases
from traffic_booking.testing.store.sample_schema import EVERYTHING, change, keys_listed, thing, written

SIZES = [("c", 1), ("a", 2), ("d", 2), ("b", 2), ("e", 5), ("f", -3)]
IN_ORDER = ["f", "c", "a", "b", "d", "e"]
"""By size, and those of one size by key."""
BOUNDS: list[tuple[Any, Any, list[str]]] = [
    (None, None, IN_ORDER),
    (2, None, ["a", "b", "d", "e"]),
    (3, None, ["e"]),
    (None, 2, ["f", "c"]),
    (None, 5, ["f", "c", "a", "b", "d"]),
    (2, 5, ["a", "b", "d"]),
    (2, 2, []),
    (2, 3, ["a", "b", "d"]),
    (5, 2, []),
    (-3, 2, ["f", "c"]),
    (6, None, []),
]
CURSORS: list[tuple[tuple[Any, ...], list[str], list[str]]] = [
    ((2, "a"), ["b", "d", "e"], ["c", "f"]),
    ((2, "aa"), ["b", "d", "e"], ["a", "c", "f"]),
    ((2, "d"), ["e"], ["b", "a", "c", "f"]),
    ((2, "z"), ["e"], ["d", "b", "a", "c", "f"]),
    ((3, "a"), ["e"], ["d", "b", "a", "c", "f"]),
    ((-9, "x"), IN_ORDER, []),
    ((5, "e"), [], ["d", "b", "a", "c", "f"]),
    ((9, "a"), [], IN_ORDER[::-1]),
]
"""A cursor, and what stands behind it in either order; most name no record that was ever stored."""


class IndexCases(StoreCases):
    """Spans of an index."""

    @pytest.fixture
    def sized(self, store: Store) -> Store:
        """A store with the things of `SIZES`, and some of another kind beside them."""
        written(store, [change(thing(key, kind="one", size=size)) for key, size in SIZES])
        written(store, [change(thing(f"x{key}", kind="two", size=size + 100)) for key, size in SIZES])
        return store

    def test_records_come_by_the_last_column_and_then_by_key(self, sized: Store) -> None:
        assert keys_listed(sized, "by_kind_and_size", Span(("one",))) == IN_ORDER
        assert keys_listed(sized, "by_size") == IN_ORDER + [f"x{key}" for key in IN_ORDER]
        assert keys_listed(sized, "by_kind_and_size", Span(("two",))) == [f"x{key}" for key in IN_ORDER]
        assert keys_listed(sized, "by_kind_and_size", Span(("three",))) == []

    def test_descending_turns_the_whole_order_round(self, sized: Store) -> None:
        assert keys_listed(sized, "by_kind_and_size", Span(("one",)), descending=True) == IN_ORDER[::-1]

    @pytest.mark.parametrize(("from_", "until", "wanted"), BOUNDS)
    def test_a_range_is_inclusive_from_and_exclusive_until(
        self, sized: Store, from_: int | None, until: int | None, wanted: list[str]
    ) -> None:
        span = Span(("one",), from_, until)
        assert keys_listed(sized, "by_kind_and_size", span) == wanted
        assert keys_listed(sized, "by_kind_and_size", span, descending=True) == wanted[::-1]

    @pytest.mark.parametrize(
        ("limit", "wanted"), [(None, IN_ORDER), (0, []), (-1, []), (-100, []), (1, ["f"]), (3, IN_ORDER[:3])]
    )
    def test_a_limit_takes_the_first_and_none_of_it_is_the_whole(
        self, sized: Store, limit: int | None, wanted: list[str]
    ) -> None:
        assert keys_listed(sized, "by_kind_and_size", Span(("one",)), limit=limit) == wanted
        backward = keys_listed(sized, "by_kind_and_size", Span(("one",)), limit=limit, descending=True)
        assert backward == IN_ORDER[::-1][: len(wanted)]
        keys = sorted(IN_ORDER)[: len(wanted)]
        assert keys_listed(sized, None, Span((), None, "x"), limit=limit) == keys

    @pytest.mark.parametrize("descending", [False, True], ids=["ascending", "descending"])
    @pytest.mark.parametrize(("after", "forward", "backward"), CURSORS, ids=[str(after) for after, *_ in CURSORS])
    def test_a_cursor_need_not_be_stored(
        self, sized: Store, after: tuple[Any, ...], forward: list[str], backward: list[str], *, descending: bool
    ) -> None:
        span, wanted = Span(("one",), after=after), backward if descending else forward
        for limit in (None, 1, 2):
            found = keys_listed(sized, "by_kind_and_size", span, limit=limit, descending=descending)
            assert found == wanted[:limit], f"behind the cursor {after}, with limit {limit}: got {found}"

    def test_a_cursor_goes_on_where_its_record_was_deleted_or_moved(self, sized: Store) -> None:
        written(sized, [change(Delete("things", "b", 1)), change(thing("c", 1, kind="one", size=9))])
        assert keys_listed(sized, "by_kind_and_size", Span(("one",), after=(2, "b"))) == ["d", "e", "c"]
        assert keys_listed(sized, "by_kind_and_size", Span(("one",), after=(1, "c"))) == ["a", "d", "e", "c"]

    def test_a_cursor_applies_within_the_bounds(self, sized: Store) -> None:
        assert keys_listed(sized, "by_kind_and_size", Span(("one",), 2, 5, (2, "a"))) == ["b", "d"]
        assert keys_listed(sized, "by_kind_and_size", Span(("one",), 2, 5, (1, "c"))) == ["a", "b", "d"]
        assert keys_listed(sized, "by_kind_and_size", Span(("one",), 2, 5, (9, "c"))) == []
        assert keys_listed(sized, "by_kind_and_size", Span(("one",), 2, 5, (2, "b")), descending=True) == ["a"]
        beyond = Span(("one",), 2, 5, (9, "b"))
        assert keys_listed(sized, "by_kind_and_size", beyond, descending=True) == ["d", "b", "a"]

    @pytest.mark.parametrize("descending", [False, True])
    @pytest.mark.parametrize("limit", [1, 2, 4])
    def test_pages_put_together_are_the_list(self, sized: Store, limit: int, *, descending: bool) -> None:
        found: list[Any] = []
        after = None
        while True:
            query = RecordsByIndex("things", "by_size", [Span(after=after)], descending, limit)
            ((page,),) = sized.read([query])
            if not page:
                break
            found += page
            assert len(page) <= limit
            after = (page[-1][3], page[-1][0])
        ((whole,),) = sized.read([RecordsByIndex("things", "by_size", [EVERYTHING], descending)])
        assert found == list(whole)
        assert len(found) == 2 * len(SIZES)

    def test_each_span_has_a_list_and_a_limit_of_its_own(self, sized: Store) -> None:
        spans = [Span(("two",)), Span(("none",)), Span(("one",), 2), Span(("two",)), Span(("one",), after=(2, "d"))]
        (lists,) = sized.read([RecordsByIndex("things", "by_kind_and_size", spans, limit=2)])
        found = [[row[0] for row in rows] for rows in lists]
        assert found == [["xf", "xc"], [], ["a", "b"], ["xf", "xc"], ["e"]]
        (lists,) = sized.read([RecordsByIndex("things", "by_kind_and_size", spans[:3], descending=True, limit=2)])
        assert [[row[0] for row in rows] for rows in lists] == [["xe", "xd"], [], ["e", "d"]]

    def test_overlapping_spans_each_list_what_they_share(self, sized: Store) -> None:
        spans = [Span((), 1, 3), Span((), 2, 6), Span((), 2, 3)]
        (lists,) = sized.read([RecordsByIndex("things", "by_size", spans)])
        found = [[row[0] for row in rows] for rows in lists]
        assert found == [["c", "a", "b", "d"], ["a", "b", "d", "e"], ["a", "b", "d"]]

    def test_keys_are_an_index_too(self, sized: Store) -> None:
        everything = sorted(IN_ORDER) + sorted(f"x{key}" for key in IN_ORDER)
        assert keys_listed(sized, None) == everything
        assert keys_listed(sized, None, descending=True) == everything[::-1]
        assert keys_listed(sized, None, Span((), "b", "e")) == ["b", "c", "d"]
        assert keys_listed(sized, None, Span(after=("c",)), limit=2) == ["d", "e"]
        assert keys_listed(sized, None, Span(after=("cc",)), limit=2, descending=True) == ["c", "b"]
        assert keys_listed(sized, None, Span((), "b", "x", ("d",))) == ["e", "f"]
        spans = [Span((), "x"), Span((), None, "b"), Span((), "zz")]
        (lists,) = sized.read([RecordsByIndex("things", None, spans, limit=1)])
        assert [[row[0] for row in rows] for rows in lists] == [["xa"], ["a"], []]

    def test_an_index_of_one_optional_column_holds_the_records_where_it_is_set(self, store: Store) -> None:
        due = {"b": 3, "a": 3, "d": 1, "c": None, "e": None}
        made = {key: None if hours is None else START + timedelta(hours=hours) for key, hours in due.items()}
        written(store, [change(thing(key, due_at=moment)) for key, moment in made.items()])
        soon, late = START + timedelta(hours=1), START + timedelta(hours=3)
        assert keys_listed(store, "by_due") == ["d", "a", "b"]
        assert keys_listed(store, "by_due", Span((), None, soon)) == []
        assert keys_listed(store, "by_due", Span((), None, soon + TICK)) == ["d"]
        assert keys_listed(store, "by_due", Span((), late)) == ["a", "b"]
        assert keys_listed(store, "by_due", Span((), after=(late, "a"))) == ["b"]
        assert keys_listed(store, "by_due", descending=True, limit=2) == ["b", "a"]

    def test_an_index_may_depend_on_a_column_that_it_does_not_have(self, store: Store) -> None:
        set_, unset = {"due_at": START}, {"due_at": None}
        written(store, [change(thing(key, **(set_ if key in "ad" else unset))) for key in "abcd"])
        written(store, [change(thing("e", kind="another", due_at=START))])
        assert keys_listed(store, "due_by_kind", Span(("kind",))) == ["a", "d"]
        assert keys_listed(store, "by_kind_and_time", Span(("kind",))) == ["a", "b", "c", "d"]

    def test_an_optional_column_is_compared_exactly(self, store: Store) -> None:
        owners = {"a": "me", "b": "you", "c": None, "d": "me", "e": "", "f": "Me"}
        written(store, [change(thing(key, owner=owner, size=-ord(key))) for key, owner in owners.items()])
        found = [keys_listed(store, "by_owner", Span((owner,))) for owner in ("me", "you", "", "Me", "nobody")]
        assert found == [["d", "a"], ["b"], ["e"], ["f"], []]

    def test_a_span_may_take_its_value_from_the_column_of_another_record(self, store: Store) -> None:
        written(store, [change(thing(key, kind=kind, size=1)) for key, kind in zip("abcd", "xyxy", strict=True)])
        written(store, [change(thing(key, kind="pointer", owner=owner)) for key, owner in (("p", "x"), ("q", None))])
        to_p, to_q, to_none = (Span((Via("things", key, "owner"),)) for key in ("p", "q", "none"))
        spans = [to_q, to_p, Span(("y",)), to_none, to_p._replace(from_=1), to_p._replace(from_=2)]
        (lists,) = store.read([RecordsByIndex("things", "by_kind_and_size", spans)])
        found = [[row[0] for row in rows] for rows in lists]
        assert found == [[], ["a", "c"], ["b", "d"], [], ["a", "c"], []]
        cursor = to_p._replace(after=(1, "a"))
        (lists,) = store.read(
            [RecordsByIndex("things", "by_kind_and_size", [cursor, to_p, to_p], descending=True, limit=1)]
        )
        assert [[row[0] for row in rows] for rows in lists] == [[], ["c"], ["c"]]

    def test_rows_of_an_index_are_the_records_themselves(self, sized: Store) -> None:
        (lists,) = sized.read([RecordsByIndex("things", "by_size", [Span((), 5, 6)])])
        assert [list(rows) for rows in lists] == [[("e", 1, "one", 5, START, None, None, None, "")]]
