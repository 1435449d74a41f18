"""`own-data`: all that the store holds about a person, for themself or for a clerk who hands it over."""

import json
import os

import pytest

from tests.cli.conftest import CANARY, shows_canary
from traffic_booking import BookingDesk, Clerk, OwnData, PersonRevealed, from_json
from traffic_booking.cli import run

CLERK = ("--clerk", "desk-1", "--reason", "Form 16 of 2026")


def revealed():
    """The look-ups in the log."""
    with BookingDesk.open(os.environ["TRAFFIC_BOOKING_DB"]) as desk:
        return [each.what for each in desk.feed().entries if isinstance(each.what, PersonRevealed)]


@pytest.mark.usefixtures("shell")
def test_a_person_gets_all_of_it_as_json_and_the_log_has_it(number, capsys):
    assert run(["own-data", "--json"]) == 0
    own = from_json(OwnData, json.loads(capsys.readouterr().out))
    assert own.person_id == CANARY.reveal()
    assert [each.appointment.number for each in own.appointments] == [number]
    (look,) = revealed()
    assert (look.subject, look.actor.subject, look.reason) == (own.subject, own.subject, "")


def test_a_clerk_gets_it_without_the_id_and_the_log_has_the_reason(shell, number):
    own = from_json(OwnData, shell("own-data", *CLERK, "--json").form)
    assert (own.person_id, own.appointments[0].appointment.number) == (str(CANARY), number)
    answer = shell("own-data", *CLERK, "--language", "en")
    assert answer.code == 0
    assert "This look at the data is in the log." in answer.out
    assert [(each.actor, each.reason) for each in revealed()] == [(Clerk("desk-1"), CLERK[-1])] * 2
    assert "سُجّل" in shell("own-data", *CLERK, "--language", "ar").out


@pytest.mark.usefixtures("number")
def test_the_page_is_written_for_its_owner_alone_and_never_over_a_file(shell, tmp_path):
    page = tmp_path / "new" / "mine.html"
    for language, way in (("ar", "rtl"), ("en", "ltr")):
        answer = shell("own-data", *CLERK, "--out", f"{page}", "--language", language)
        assert (answer.code, f"{page}" in answer.out) == (0, True)
        assert f'dir="{way}"' in page.read_text(encoding="utf-8")
        assert page.stat().st_mode & 0o077 == 0
        before = len(revealed())
        again = shell("own-data", *CLERK, "--out", f"{page}", "--language", "en")
        assert (again.code, "File exists" in again.err, len(revealed())) == (2, True, before)
        page.unlink()


@pytest.mark.usefixtures("shell", "number")
def test_the_page_of_the_person_has_the_id_in_full(tmp_path):
    assert run(["own-data", "--out", f"{tmp_path / 'mine.html'}"]) == 0
    assert shows_canary((tmp_path / "mine.html").read_text(encoding="utf-8"))


def test_nobody_and_a_clerk_without_a_reason_are_misuse(shell, number):
    unknown = shell("own-data", *CLERK, "--applicant", "1000000008", "--json")
    assert (unknown.code, unknown.form["error"]["kind"]) == (2, "not-found")
    assert number
    for wrong in (CLERK[:2], (*CLERK[:3], f"for {CANARY.reveal()}"), (*CLERK[:3], "x" * 401)):
        answer = shell("own-data", *wrong)
        assert (answer.code, "eason" in answer.err) == (2, True), answer.err
    assert revealed() == []
