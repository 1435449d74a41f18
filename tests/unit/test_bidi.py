"""Runs within Arabic that keep their order: dates, times, ranges, options and addresses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traffic_booking.domain.bidi import isolated_runs


def marked(text: str) -> str:
    """`text` with readable marks in place of the isolates."""
    return text.translate({0x2066: "<", 0x2069: ">"})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("الأحد 1448-06-12", "الأحد <1448-06-12>"),
        ("الأحد ١٤٤٨-٠٦-١٢", "الأحد <١٤٤٨-٠٦-١٢>"),
        ("من 08:00–14:00، ومن 16:00–20:00.", "من <08:00–14:00>، ومن <16:00–20:00>."),
        ("قبل 2026-11-23 08:00 بتوقيت السعودية", "قبل <2026-11-23 08:00> بتوقيت السعودية"),
        ("للتأكيد أضف --yes.", "للتأكيد أضف <--yes>."),
        ("للاحتفاظ بها: --db sqlite:///demo.db", "للاحتفاظ بها: <--db sqlite:///demo.db>"),
        ("في $NAME وإلا memory://، فلا", "في <$NAME> وإلا <memory://>، فلا"),
        ("القاعدة BK-04 و60 يومًا", "القاعدة BK-04 و60 يومًا"),
        ("من 1 إلى 500", "من 1 إلى 500"),
        ("\u20662026-11-23\u2069 إلى 2026-11-25", "<2026-11-23> إلى <2026-11-25>"),
        ("", ""),
    ],
)
def test_runs_that_would_be_reordered_are_isolated_and_others_are_not(text, expected):
    assert marked(isolated_runs(text)) == expected


@given(st.text(alphabet="اب 0123456789-:/.،$sqlite\u2066\u2067\u2068\u2069", max_size=40))
def test_nothing_but_isolates_is_added_and_each_is_closed(text):
    done = isolated_runs(text)
    assert done.translate(dict.fromkeys(range(0x2066, 0x206A))) == text.translate(dict.fromkeys(range(0x2066, 0x206A)))
    opened = [sum(map(each.count, "\u2066\u2067\u2068")) for each in (done, text)]
    assert opened[0] - opened[1] == done.count("\u2069") - text.count("\u2069")


@given(st.text(alphabet="اب 0123456789-:/.،$sqlite", max_size=40))
def test_a_text_that_is_done_stays_as_it_is(text):
    done = isolated_runs(text)
    assert isolated_runs(done) == done
