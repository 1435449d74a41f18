"""Keys, columns and bodies are text of any script: kept and compared to the code point, never as a pattern."""

from typing import Any

import pytest

from traffic_booking.ports.primitives import (
    LARGEST_BODY,
    LONGEST_KEY,
    CountersByRange,
    Delete,
    FailedGuard,
    KeySpan,
    Span,
    Via,
)
from traffic_booking.ports.store import Store
from traffic_booking.testing.kit.base import StoreCases
from traffic_booking.testing.kit.sample_schema import (
    change,
    commit,
    count,
    entry,
    guard,
    keys_listed,
    once,
    record,
    records,
    row_of,
    stream,
    thing,
    values,
    written,
)

LONGEST = [letter * (LONGEST_KEY - 1) + last for letter in "xم😀" for last in ("a", "b")]
ALIKE = [
    *("a", "A", "aa", "ａ", "ª", "á", "a\u0301", "ä", "a\u0308", "å", "Å", "\u212b", "ss", "ß", "ẞ", "ﬁ", "fi"),
    *("i", "I", "ı", "İ", "K", "\u212a", "σ", "ς", "ΐ", "x", "х", "0", "٠", "۰", "０", "1", "١", "²", "2"),
    *("ﺣ", "ح", "ﻻ", "لا", "ا", "أ", "ا\u0654", "ه", "ة", "ي", "ى", "مُحَمَّد", "محمد", "مـحمد", "가", "\u1100\u1161"),
    *("a ", " a", "a  ", "a\t", "a\n", "a\r\n", "a\u00a0", "a\u200b", "a\u200d", "a\ufeff", "\u200ea", " ", "  "),
    *("%", "_", "a%", "%a", "a_", "*", "?", "a*", "a?", "[", "]", "[a]", "[^a]", "^", "$", ".", ".*", "a|b", "#"),
    *("'", '"', "`", "''", "\\", "\\\\", "\\a", "/", "//", "a/b", "a//b", ":", "::", ";", "--", "/*", "{}", "{a}"),
    *("😀", "😁", "👩", "👩\u200d👩", "🇸🇦", "🇦🇸", "e\ufe0f", "\ue000", "\uffee"),
    *("\U00010000", "\U0010fffd", "\x01", "\x7f"),
    *("null", "NULL", "None", "true", "nan", "NaN", "-0", "0.0", "1e3", "0x1"),
    *("a,b", "(a)", "&", "<b>", "&amp;", "\u2028"),
]
"""Texts that a careless store takes for one another or for a pattern, or loses."""
BODIES = {
    "empty": "",
    "spaces": "  \t\n ",
    "lines": "one\ntwo\r\nthree\r\u2028four\u0085five\x0b\x0c\x1c",
    "quotes": "'\"`\\ '' \\\" \\u0041 \\n %s %% {} $1 :name ?1 -- ;",
    "scripts": "لا يُحجز الموعد قبل ٦٠ يومًا می\u200cخواهم 가 \u1100\u1161 Å \u212b",
    "emoji": "😀 👩\u200d👩\u200d👧 🇸🇦 \U0010fffd e\ufe0f",
    "JSON": '{"b": 1.0, "a": 1e400, "a": [null, "\\ud83d\\ude00"], "n": 12345678901234567890123}',
    "64 KiB and one": "x" * (2**16) + "y",
    "the largest, of one byte": "z" * LARGEST_BODY,
    "the largest, of two bytes": "م" * (LARGEST_BODY // 2),
    "the largest, of four bytes": "😀" * (LARGEST_BODY // 4),
}


class TextCases(StoreCases):
    """Texts that look alike, and the longest."""

    def test_texts_that_look_alike_are_different_keys(self, store: Store) -> None:
        assert len(set(ALIKE)) == len(ALIKE)
        puts = [change(thing(key, body=key), once(key, key), guard(key), count(key, n)) for n, key in enumerate(ALIKE)]
        assert list(store.commit(puts)) == [None] * len(ALIKE)
        assert records(store, ALIKE) == [row_of(thing(key, body=key)) for key in ALIKE]
        assert records(store, ALIKE, "onces") == [row_of(once(key, key)) for key in ALIKE]
        assert values(store, ALIKE) == list(range(len(ALIKE)))

    def test_each_of_many_texts_is_a_key_of_its_own_alone(self, store: Store) -> None:
        for place, key in enumerate(ALIKE):  # one by one: no key may find the record of another
            assert record(store, key) is None, f"before {key!r} was put"
            assert commit(store, thing(key), count(key, 1, 1), entry(key, key), once(key, f"{place}")) is None
        assert [stream(store, key) for key in ALIKE] == [[("noted", key)] for key in ALIKE]
        for key in ALIKE[::3]:
            assert commit(store, Delete("things", key, 1)) is None
        assert [row is None for row in records(store, ALIKE)] == [place % 3 == 0 for place in range(len(ALIKE))]

    def test_keys_are_ordered_and_bounded_by_code_point(self, store: Store) -> None:
        written(store, [change(*(thing(key, size=7) for key in ALIKE), *(count(key, 1) for key in ALIKE))])
        ordered = sorted(ALIKE)
        assert keys_listed(store, None, descending=True) == ordered[::-1]
        places = range(0, len(ordered), 5)
        spans = [KeySpan(), *(KeySpan(ordered[n]) for n in places), *(KeySpan(None, ordered[n]) for n in places)]
        (found,) = store.read([CountersByRange("places", spans)])
        expected = [ordered, *(ordered[n:] for n in places), *(ordered[:n] for n in places)]
        assert [[key for key, _ in each] for each in found] == expected
        for n in places:
            assert keys_listed(store, None, Span((), ordered[n])) == ordered[n:]
            assert keys_listed(store, None, Span((), None, ordered[n])) == ordered[:n]
            assert keys_listed(store, None, Span(after=(ordered[n],))) == ordered[n + 1 :]
            assert keys_listed(store, "by_size", Span(after=(7, ordered[n]))) == ordered[n + 1 :]

    def test_text_columns_are_compared_and_ordered_by_code_point(self, store: Store) -> None:
        names = {text: f"{place:03d}" for place, text in enumerate(ALIKE)}
        written(store, [change(*(thing(name, kind=text, owner=text) for text, name in names.items()))])
        for index in ("by_kind_and_size", "by_owner"):
            assert [keys_listed(store, index, Span((text,))) for text in ALIKE] == [[names[text]] for text in ALIKE]
        expected = [names[text] for text in sorted(ALIKE)]
        assert keys_listed(store, "by_kind", Span((0,))) == expected
        assert keys_listed(store, "by_kind", Span((0,), sorted(ALIKE)[9], max(ALIKE))) == expected[9:-1]

    def test_a_column_leads_to_its_exact_key(self, store: Store) -> None:
        names = {text: f"pointer {place}" for place, text in enumerate(ALIKE)}
        written(store, [change(*(guard(text) for text in ALIKE[::2]))])
        written(store, [change(*(thing(name, owner=text) for text, name in names.items()))])
        found = records(store, [Via("things", name, "owner") for name in names.values()], "guards")
        assert found == [None if place % 2 else row_of(guard(text)) for place, text in enumerate(ALIKE)]

    def test_the_longest_keys_differ_by_their_last_character(self, store: Store) -> None:
        assert {len(key) for key in LONGEST} == {LONGEST_KEY}
        for place, key in enumerate(LONGEST):
            assert commit(store, thing(key, kind=key, owner=key), once(key), guard(key), count(key, place)) is None
            assert commit(store, entry(key, key)) is None
        assert records(store, LONGEST) == [row_of(thing(key, kind=key, owner=key)) for key in LONGEST]
        assert values(store, LONGEST) == list(range(len(LONGEST)))
        assert keys_listed(store, None) == sorted(LONGEST)
        assert [keys_listed(store, "by_owner", Span((key,))) for key in LONGEST] == [[key] for key in LONGEST]
        assert [stream(store, key) for key in LONGEST] == [[("noted", key)] for key in LONGEST]

    def test_a_conflict_repeats_its_keys_exactly(self, store: Store) -> None:
        keys = [*ALIKE, *LONGEST]
        written(store, [change(*(once(key, key) for key in keys))])
        results = store.commit([change(once(key), count(key, -1)) for key in keys])
        assert [sorted(each.failed) if each else None for each in results] == [
            [FailedGuard("onces", key, 1, row_of(once(key, key))), FailedGuard("places", key, 0)] for key in keys
        ]

    @pytest.mark.parametrize("name", BODIES)
    def test_a_body_comes_back_letter_by_letter(self, store: Store, name: str) -> None:
        body = BODIES[name]
        assert commit(store, thing("a", body=body), once("a", body), entry("log", body, kind="x")) is None
        assert _same(record(store, "a"), row_of(thing("a", body=body)))
        assert _same(record(store, "a", "onces"), row_of(once("a", body)))
        assert _same(stream(store, "log"), [("x", body)])
        (failed,) = commit(store, once("a")).failed  # type: ignore[union-attr] # it conflicts
        assert _same(failed, FailedGuard("onces", "a", 1, row_of(once("a", body))))

    def test_the_kind_of_an_entry_is_any_text(self, store: Store) -> None:
        written(store, [change(*(entry("log", "", kind=text) for text in ALIKE))])
        assert stream(store, "log") == [(text, "") for text in ALIKE]


def _same(found: Any, expected: Any) -> bool:
    return bool(found == expected)  # without pytest's comparison, which would print a megabyte
