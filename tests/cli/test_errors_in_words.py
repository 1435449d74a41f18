"""Errors of the shell in the language asked for: of typed values, of the store, and of the command line itself."""

import json
import re

import pytest

ARABIC = re.compile(r"[\u0621-\u064a]{3,}")

FAULTS = [
    ("appointments", "--applicant", "12"),
    ("branches", "--service", "nothing-such"),
    ("slots",),
    ("slots", "--service", "licence-renewal", "--limit", "many"),
    ("rules", "more"),
    ("rules", "--colour"),
    ("juggle",),
    ("services", "--audience", "everybody"),
    ("slots", "--service", "licence-renewal", "--db", "sqlite:////nowhere/at/all/b.db"),
    ("appointments", "--pseudonym-key", "/nowhere/key"),
    ("audit", "--catalogue", "/nowhere"),
]


def plain(text):
    """`text` without marks of direction: the shell isolates more of it than the message does."""
    return re.sub("[\u2066-\u2069]", "", text)


@pytest.mark.parametrize("arguments", FAULTS, ids=" ".join)
@pytest.mark.parametrize("language", ["--language ar", "--language=ar", "environment"])
def test_an_error_is_in_the_language_asked_for(shell, monkeypatch, arguments, language):
    asked = language.split() if language != "environment" else []
    if not asked:
        monkeypatch.setenv("TRAFFIC_BOOKING_LANGUAGE", "ar")
    answer = shell(*arguments, *asked)
    assert answer.code in {2, 3}
    text = answer.err.removeprefix("traffic-booking: ")
    assert ARABIC.search(text)
    assert not re.search(r"[A-Za-z]{2,}", re.sub("\u2066[^\u2069]*\u2069", "", text))
    form = json.loads(shell(*arguments, *asked, "--json").out)["error"]
    assert plain(text).startswith(plain(form["message"].splitlines()[0]))
    assert all(ARABIC.search(fault) for fault in form["faults"])


@pytest.mark.parametrize("arguments", FAULTS, ids=" ".join)
def test_an_error_is_in_english_otherwise(shell, arguments):
    answer = shell(*arguments)
    assert answer.code in {2, 3}
    assert not ARABIC.search(answer.err)


def test_an_unknown_language_is_misuse_in_english(shell, monkeypatch):
    assert "Expected: ar or en" in shell("rules", "--language", "fr").err
    monkeypatch.setenv("TRAFFIC_BOOKING_LANGUAGE", "fr")
    assert "Expected: ar or en" in shell("rules").err
    assert "المطلوب" in shell("rules", "more", "--language", "ar").err
