"""The leaves of a sealed log: log entries in one form, which keeps the stored text of the body."""

from json import loads

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traffic_booking.domain.audit.feed import FeedPosition
from traffic_booking.domain.errors import LogUnreadable
from traffic_booking.persistence.leaves import entry_of, leaf_of
from traffic_booking.ports.primitives import LogEntry

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
BODIES = st.sampled_from(
    ['{"at":"2026-12-01T06:00:00Z"}', '{"a":",\\"generation\\":1"}', "[1, 2 ]", '{ "ص":"م" }', "1"]
)
ENTRIES = st.builds(
    LogEntry,
    st.builds(FeedPosition, st.integers(1, 2**40), st.integers(0, 2**62)),
    TEXT,
    TEXT,
    BODIES | TEXT,
)


@given(ENTRIES)
def test_a_leaf_gives_its_entry_back(entry):
    assert entry_of(leaf_of(entry)) == entry


@given(ENTRIES.filter(lambda entry: entry.body.startswith("{")))
def test_a_leaf_is_json_with_the_stored_text_in_it(entry):
    leaf = leaf_of(entry)

    assert entry.body.encode() in leaf
    assert loads(leaf) == {
        "body": loads(entry.body),
        "generation": entry.position.generation,
        "kind": entry.kind,
        "place": entry.position.place,
        "stream": entry.stream,
    }


@pytest.mark.parametrize(
    "leaf",
    [
        b"",
        b"{}",
        b'{"body":{},"generation":1,"kind":"k","place":2,"stream":"s"} ',
        b'{"body":{},"generation":01,"kind":"k","place":2,"stream":"s"}',
        b'{"body":{},"generation":1,"kind":"k", "place":2,"stream":"s"}',
        b'{"body":{},"generation":1,"kind":"\\u006b","place":2,"stream":"s"}',
        b'{"body":{},"generation":1,"kind":"\\q","place":2,"stream":"s"}',
        b'{"body":{},"generation":1,"kind":"\xff","place":2,"stream":"s"}',
        b'{"bodi":{},"generation":1,"kind":"k","place":2,"stream":"s"}',
        b',"generation":1,"kind":"k","place":2,"stream":"s"}',
    ],
)
def test_another_form_is_no_leaf(leaf):
    with pytest.raises(LogUnreadable, match="leaf: got another form; expected that of a log entry"):
        entry_of(leaf)
