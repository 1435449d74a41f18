"""A person's id is never shown, wherever it is typed. The `shell` fixture searches each output for it."""

import io

import pytest

from tests.cli.conftest import ARABIC_DIGITS, CANARY, shows_canary
from traffic_booking.domain.values import masked

DIGITS = CANARY.reveal()
ARABIC = DIGITS.translate(ARABIC_DIGITS)
WRONG = DIGITS[:-1] + str((int(DIGITS[-1]) + 1) % 10)

MISPLACED = (
    ("{}",),
    ("--{}",),
    ("-{}",),
    ("show", "{}"),
    ("show", "0A1K-3M9Q-X27C", "{}"),
    ("show", "0A1K-3M9Q-X27C", "--applicnt={}"),
    ("show", "0A1K-3M9Q-X27C", "--applicnt", "{}"),
    ("show", "0A1K-3M9Q-X27C", "--applicant", "{}", "--applicant", "{}"),
    ("show", "0A1K-3M9Q-X27C", "-a{}"),
    ("show", "0A1K-3M9Q-X27C", "--applicant", "{}1"),
    ("show", "0A1K-3M9Q-X27C", "--applicant", "x{}"),
    ("show", "0A1K-3M9Q-X27C", "--json={}"),
    ("branches", "--governorate", "{}"),
    ("branches", "--limit", "{}"),
    ("branches", "--limit", "{}x"),
    ("branches", "--near", "{}"),
    ("branches", "--near", "{0},{0}"),
    ("branches", "--language", "{}"),
    ("governorates", "--region", "{}"),
    ("services", "--group", "{}"),
    ("services", "--audience", "{}"),
    ("slots", "--service", "{}"),
    ("slots", "--service", "licence-renewal", "--from", "{}"),
    ("slots", "--service", "licence-renewal", "--db", "{}"),
    ("slots", "--service", "licence-renewal", "--db", "sqlite:////nowhere/{}.db"),
    ("month", "--service", "licence-renewal", "--branch", "riyadh-traffic", "--month", "{}"),
    ("hold", "--service", "licence-renewal", "--branch", "{}", "--at", "{}"),
    ("hold", "--service", "licence-renewal", "--first", "--request-id", "{}"),
    ("hold", "--service", "licence-renewal", "--first", "--request-id", "again-{}"),
    ("book", "--service", "{}", "--first", "--agree"),
    ("ticket", "0A1K-3M9Q-X27C", "--form", "{}"),
    ("check-in", "0A1K-3M9Q-X27C", "--clerk", "{}"),
    ("person", "{}", "--clerk", "desk-1"),
    ("person", "nobody", "--clerk", "{}"),
    ("own-data", "--clerk", "{}", "--reason", "x"),
    ("own-data", "--clerk", "desk-1", "--reason", "asked by {}"),
    ("own-data", "{}", "--clerk", "desk-1", "--reason", "x"),
    ("appointments", "--pseudonym-key", "{}"),
    ("date", "{}"),
    ("calendar", "{}", "--branch", "riyadh-traffic"),
    ("calendar", "1445-09", "--branch", "{}"),
    ("close", "--branch", "{}", "--from", "{}", "--reason", "x", "--clerk", "{}"),
    ("close", "--branch", "riyadh-traffic", "--from", "2026-12-01", "--reason", "asked by {}", "--clerk", "desk-1"),
    ("reopen", "closed.{}", "--reason", "x", "--clerk", "desk-1"),
    ("reopen", "closed.1", "--reason", "x", "--clerk", "desk-{}"),
)


@pytest.mark.parametrize(("digits", "machine"), [(DIGITS, ()), (ARABIC, ("--json",))], ids=["ascii", "arabic, json"])
@pytest.mark.parametrize("command", MISPLACED, ids=" ".join)
def test_an_id_typed_in_the_wrong_place_is_not_echoed(shell, command, digits, machine):
    answer = shell(*(part.format(digits) for part in command), *machine)
    assert answer.code in {2, 3}


@pytest.mark.parametrize("typed", [WRONG, WRONG.translate(ARABIC_DIGITS), DIGITS[:-1], f"{DIGITS}0", f"{DIGITS}x", ""])
def test_a_mistyped_id_is_refused_without_its_digits(shell, typed):
    answer = shell("appointments", "--applicant", typed)
    assert answer.code == 2
    assert f"--applicant is {'not accepted:' if typed else 'missing.'}" in answer.err
    assert len(typed) < 5 or typed[:5] not in answer.err


def test_an_id_may_come_from_standard_input(shell, monkeypatch):
    monkeypatch.setenv("TRAFFIC_BOOKING_APPLICANT", WRONG)
    assert shell("appointments").code == 2
    monkeypatch.setattr("sys.stdin", io.StringIO(f"  {ARABIC}\n"))
    answer = shell("appointments", "--applicant", "-", "--json")
    assert (answer.code, answer.form["applicant"]) == (0, str(CANARY))


def test_a_missing_id_is_reported_with_the_three_ways_to_give_one(shell, monkeypatch):
    monkeypatch.delenv("TRAFFIC_BOOKING_APPLICANT")
    answer = shell("appointments")
    assert answer.code == 2
    assert all(way in answer.err for way in ("--applicant ID", "--applicant -", "$TRAFFIC_BOOKING_APPLICANT"))


def test_the_canary_is_found_where_it_is_shown():
    assert shows_canary(f"…{DIGITS}…")
    assert shows_canary(f"…{ARABIC}…")
    assert not shows_canary(str(CANARY))


def test_long_numbers_are_masked_to_their_last_four_digits():
    assert masked(f"no branch '{DIGITS}'") == f"no branch '******{DIGITS[-4:]}'"
    assert masked("2026-11-22 and 12345678") == "2026-11-22 and 12345678"
