"""The check of files across Pythons: what it writes, and what it reports."""

import sys
import unicodedata

import pytest

from tools import across_pythons
from tools.across_pythons_side import accepted, texts
from traffic_booking import InvalidInput


def test_one_python_is_reported_in_one_line(capsys):
    assert across_pythons.main([sys.executable, sys.executable]) == 2
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(f"one Python only: got Python 3.{sys.version_info.minor}.")


@pytest.mark.parametrize("longest", [128, 400])
def test_the_texts_hold_every_assigned_character_and_keep_their_length(longest):
    written = list(texts(longest))
    assert max(len(unicodedata.normalize("NFC", f"|{text}|")) for text in written) <= longest
    assigned = {chr(code) for code in range(sys.maxunicode + 1)}
    assigned = {each for each in assigned if unicodedata.category(each) not in {"Cs", "Co", "Cn"}}
    assert sorted("".join(written)) == sorted(assigned)


def test_a_character_that_is_refused_leaves_out_no_other():
    seats_taken = []

    def take(text):
        if {"b", "e"} & set(text):
            raise InvalidInput("text", got="b or e", expected="neither")
        seats_taken.append(text)

    assert accepted("abcdef", take) == 4
    assert sorted("".join(seats_taken).replace("|", "")) == list("acdf")


def test_a_difference_and_a_fault_of_the_writer_are_reported(tmp_path):
    expected, got = tmp_path / "expected", tmp_path / "got"
    expected.write_text('feed: "a"\nreplay: "! StoreUnreadable: x"\nverify: 1\n')
    got.write_text('feed: "b"\nreplay: "! StoreUnreadable: x"\nverify: 1\n')
    feed, replay = across_pythons.differences(expected, got)
    assert feed.startswith('feed: got …"b"…; expected …"a"…')
    assert replay.startswith("replay: got …")
