"""The person of a subject, and stores whose ids are separated by a pseudonym key."""

import os

import pytest

from tests.cli.conftest import CANARY, shows_canary
from traffic_booking import BookingDesk, Clerk
from traffic_booking.adapters.pseudonyms import PseudonymKey
from traffic_booking.cli import run
from traffic_booking.domain.appointments.events import PersonRevealed

CLERK = ("--clerk", "desk-1")


NAMES = "--pseudonym-key or $TRAFFIC_BOOKING_PSEUDONYM_KEY"
"""The names of the key in the shell."""


@pytest.fixture
def subject(shell, number):
    """The subject of the canary, who has that appointment."""
    return shell("show", number, "--json").form["appointment"]["subject"]


def test_a_clerk_is_shown_the_id_behind_a_subject_and_the_log_has_it(subject, capsys):
    assert run(["person", subject, *CLERK]) == 0
    assert shows_canary(capsys.readouterr().out)
    with BookingDesk.open(os.environ["TRAFFIC_BOOKING_DB"]) as desk:
        (revealed,) = [entry.what for entry in desk.feed().entries if isinstance(entry.what, PersonRevealed)]
    assert (revealed.subject, revealed.actor) == (subject, Clerk("desk-1"))


def test_a_subject_that_nobody_has_is_not_found(shell):
    for unknown in ("nobody".ljust(22, "x"), "-nobody".ljust(22, "x")):
        answer = shell("person", unknown, *CLERK, "--json")
        assert (answer.code, answer.form["error"]["kind"]) == (2, "not-found")


def test_no_subject_is_revealed_without_a_clerk_or_for_an_id(shell, subject):
    assert shell("person", subject).code == 2
    assert "person id" in shell("person", CANARY.reveal(), *CLERK).err


def test_staff_see_subjects_where_the_applicant_sees_their_masked_id(shell, number, subject):
    theirs = shell("cancel", number, "--json").form["appointment"]
    staffs = shell("cancel", number, *CLERK, "--json").form["appointment"]
    assert (theirs["applicant"], staffs["applicant"]) == (str(CANARY), None)
    assert theirs["subject"] == staffs["subject"] == subject
    assert str(CANARY) in shell("cancel", number).out
    assert subject in shell("cancel", number, *CLERK).out


@pytest.fixture
def key(tmp_path):
    """A new key file."""
    PseudonymKey.make_file(tmp_path / "ids.key")
    return str(tmp_path / "ids.key")


def test_a_store_with_a_key_is_opened_with_it_alone(shell, slot, key, tmp_path, monkeypatch):
    monkeypatch.setenv("TRAFFIC_BOOKING_DB", f"sqlite:///{tmp_path / 'apart.db'}")
    assert shell("book", *slot, "--agree", "--pseudonym-key", key).code == 0
    refused = shell("appointments")
    assert (refused.code, f"{NAMES} is not accepted: none" in refused.err) == (2, True)
    assert shell("--pseudonym-key", key, "appointments", "--json").form["appointments"]["upcoming"]
    PseudonymKey.make_file(tmp_path / "new.key")
    other = shell("appointments", "--pseudonym-key", str(tmp_path / "new.key"))
    assert f"{NAMES} is not accepted: another key" in other.err
    monkeypatch.setenv("TRAFFIC_BOOKING_PSEUDONYM_KEY", f"{tmp_path / 'new.key'}{os.pathsep}{key}")
    assert shell("appointments", "--json").form["appointments"]["upcoming"], "as while the key is changed"
    assert shell("audit").code == 0


def test_the_command_that_books_a_hold_names_the_key(shell, slot, key, tmp_path):
    store = ("--db", f"sqlite:///{tmp_path / 'apart.db'}")
    assert f"--pseudonym-key {key}" in shell("hold", *slot, *store, "--pseudonym-key", key).out


@pytest.mark.parametrize("fault", ["missing", "open to others"])
def test_a_key_file_that_does_not_do_is_misuse(shell, key, tmp_path, fault):
    (tmp_path / "ids.key").chmod(0o644)
    file = key if fault == "open to others" else f"{key}.missing"
    answer = shell("appointments", "--pseudonym-key", file)
    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert "Pseudonym key file is not accepted:" in answer.err


def test_the_demo_holds_with_a_key(shell, key):
    assert shell("demo", "--pseudonym-key", key, "--json").form["held"]
