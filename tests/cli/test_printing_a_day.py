"""The tickets of a day at a branch, a file each: whole or not at all, and no file is overwritten unasked."""

import io
import os
import stat
import sys
from datetime import date, timedelta

import pytest

from tests.cli.conftest import ARABIC_DIGITS, Answer
from traffic_booking import Booked, BookingDesk, Day
from traffic_booking.cli import run
from traffic_booking.testing import made_up_person

BRANCH = "riyadh-traffic"
CLERK = ("--clerk", "print-1")
MANY = 5


@pytest.fixture
def day(in_some_days):
    return date.fromisoformat(in_some_days)


@pytest.fixture
def numbers(shell, day):
    """The numbers of some appointments on one day, which is the first with free slots."""
    with BookingDesk.open(os.environ["TRAFFIC_BOOKING_DB"]) as desk:
        found = desk.find_slots(service="licence-renewal", branch=BRANCH, from_=day, limit=60)
        slots = [slot for slot in found if slot.day == found[0].day][:MANY]
        outcomes = [
            desk.book(slot, applicant=made_up_person(place), agreed=True, request_id=f"book-{place}")
            for place, slot in enumerate(slots, start=30)
        ]
    booked = [outcome.appointment.number for outcome in outcomes if isinstance(outcome, Booked)]
    assert len(booked) == MANY
    return booked


@pytest.fixture
def printing(numbers, tmp_path):
    with BookingDesk.open(os.environ["TRAFFIC_BOOKING_DB"]) as desk:
        booked = desk.gate.appointments_of_day(BRANCH, desk.appointment(numbers[0], by=made_up_person(30)).day)
    day = booked[0].day.gregorian
    return ("tickets", "--branch", BRANCH, "--day", day.isoformat(), "--out", str(tmp_path / "out"), *CLERK)


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.journey("J-17")
@pytest.mark.parametrize(
    ("form", "ending", "beginning"),
    [
        ("text", "txt", b"="),
        ("html", "html", b"<!DOCTYPE html>"),
        ("pdf", "pdf", b"%PDF-"),
        ("ics", "ics", b"BEGIN:VCALENDAR"),
        ("qr-png", "png", b"\x89PNG"),
        ("qr-svg", "svg", b"<svg"),
    ],
)
def test_each_appointment_of_the_day_has_a_file_of_its_own(shell, printing, numbers, out, form, ending, beginning):
    answer = shell(*printing, "--form", form, "--json")
    assert answer.code == 0
    assert names(out) == sorted(f"ticket-{number}.{ending}" for number in numbers)
    assert [entry["number"] for entry in answer.form["written"]] == numbers
    assert answer.form["written"][0]["file"] == f"ticket-{numbers[0]}.{ending}"
    assert (answer.form["kept"], answer.form["failed"]) == ([], [])
    assert (answer.form["form"], answer.form["folder"]) == (form, str(out))
    for path in out.iterdir():
        assert path.read_bytes().startswith(beginning)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(out.stat().st_mode) == 0o700


def test_the_file_is_the_ticket_that_staff_see(shell, printing, numbers, out):
    assert shell(*printing, "--form", "ics").code == 0
    ticket = shell("ticket", numbers[1], "--form", "ics", *CLERK)
    assert ticket.code == 0
    assert (out / f"ticket-{numbers[1]}.ics").read_text().split() == ticket.out.split()


def test_the_day_may_be_hijri_and_the_reply_counts_in_words(shell, printing, numbers, out):
    hijri = Day(date.fromisoformat(printing[4])).hijri_text("ar", "arabic")
    answer = shell(*printing[:4], hijri, *printing[5:], "--language", "ar")
    assert answer.code == 0
    assert "تذاكر كُتبت" in answer.out
    assert str(MANY) in answer.out
    assert (out / f"ticket-{numbers[0]}.txt").read_text().startswith("=")
    assert "تذكرة موعد المرور" in (out / f"ticket-{numbers[0]}.txt").read_text()


@pytest.mark.parametrize(("chosen", "expected"), [((), {"ar"}), (("--ticket-language", "both"), {"ar", "en"})])
def test_the_tickets_may_have_another_language_than_the_reply(shell, printing, numbers, out, chosen, expected):
    answer = shell(*printing, *chosen, "--language", "ar", "--json")
    assert answer.form["language"] == (chosen[-1] if chosen else "ar")
    headings = {"ar": "تذكرة موعد المرور", "en": "Traffic appointment ticket"}
    text = (out / f"ticket-{numbers[0]}.txt").read_text()
    assert {language for language, heading in headings.items() if heading in text} == expected
    one = shell("ticket", numbers[0], *chosen, "--language", "ar", *CLERK).out
    assert {language for language, heading in headings.items() if heading in one} == expected


def test_the_codes_of_a_whole_day_are_signed_if_there_is_a_key(shell, printing, numbers, out, tmp_path):
    key = tmp_path / "tickets.key"
    assert shell("ticket", "keys", str(key)).code == 0
    assert shell(*printing, "--form", "qr-png", "--sign-with", str(key)).code == 0
    verified = [
        shell("ticket", "verify", str(out / f"ticket-{number}.png"), "--key", f"{key}.pub") for number in numbers
    ]
    assert [answer.code for answer in verified] == [0] * MANY
    assert all(number in answer.out for number, answer in zip(numbers, verified, strict=True))
    shell(*printing, "--form", "qr-png", "--overwrite")
    assert shell("ticket", "verify", str(out / f"ticket-{numbers[0]}.png"), "--key", f"{key}.pub").code == 1


def test_a_file_that_exists_is_kept_unless_it_may_be_overwritten(shell, printing, numbers, out):
    out.mkdir()
    own = out / f"ticket-{numbers[2]}.txt"
    own.write_text("mine")
    answer = shell(*printing, "--json")
    assert answer.code == 0
    assert [entry["number"] for entry in answer.form["kept"]] == [numbers[2]]
    assert len(answer.form["written"]) == MANY - 1
    assert own.read_text() == "mine"
    again = shell(*printing, "--overwrite", "--json")
    assert len(again.form["written"]) == MANY
    assert again.form["kept"] == []
    assert numbers[2] in own.read_text()


def test_a_link_is_neither_followed_nor_replaced_unasked(shell, printing, numbers, out, tmp_path):
    out.mkdir()
    elsewhere = tmp_path / "elsewhere"
    (out / f"ticket-{numbers[0]}.txt").symlink_to(elsewhere)
    assert len(shell(*printing, "--json").form["kept"]) == 1
    assert len(shell(*printing, "--overwrite", "--json").form["written"]) == MANY
    assert not elsewhere.exists()


@pytest.mark.parametrize("interrupted", ["fsync", "link"])
def test_an_interrupted_command_leaves_whole_files_alone_and_goes_on_when_it_is_repeated(
    shell, printing, numbers, out, monkeypatch, interrupted
):
    usual, calls = getattr(os, interrupted), []

    def stops(*arguments):
        calls.append(arguments)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return usual(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(os, interrupted, stops)
        stopped = shell(*printing)
    assert stopped.code == 130
    assert "Interrupted: 2 of 5 tickets are written." in stopped.err
    assert names(out) == sorted(f"ticket-{number}.txt" for number in numbers[:2])
    assert all(path.read_text().endswith("=\n") for path in out.iterdir())
    again = shell(*printing, "--json")
    assert [entry["number"] for entry in again.form["kept"]] == numbers[:2]
    assert [entry["number"] for entry in again.form["written"]] == numbers[2:]


def test_a_file_system_without_links_gets_whole_files_too(shell, printing, numbers, out, monkeypatch):
    def no_links(*_arguments):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    assert shell(*printing).code == 0
    assert len(names(out)) == MANY


def test_a_file_that_another_process_makes_meanwhile_is_kept(shell, printing, numbers, out, monkeypatch):
    usual = os.link

    def late(part, target):
        target.write_text("theirs")
        usual(part, target)

    monkeypatch.setattr(os, "link", late)
    assert len(shell(*printing, "--json").form["kept"]) == MANY
    assert {path.read_text() for path in out.iterdir()} == {"theirs"}


def test_a_ticket_that_cannot_be_made_stops_no_other(shell, printing, numbers, out, monkeypatch):
    from traffic_booking import NotFound

    usual = BookingDesk.ticket

    def lacks_one(desk, number, **asked):
        if number == numbers[1]:
            raise NotFound("service", "gone")
        return usual(desk, number, **asked)

    monkeypatch.setattr(BookingDesk, "ticket", lacks_one)
    answer, machine = shell(*printing), shell(*printing, "--overwrite", "--json")
    assert (answer.code, machine.code) == (1, 1)
    assert numbers[1] in answer.out
    assert [entry["number"] for entry in machine.form["failed"]] == [numbers[1]]
    assert "gone" in machine.form["failed"][0]["message"]
    assert len(machine.form["written"]) == MANY - 1


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"--branch": "nowhere"}, "nowhere"),
        ({"--day": "someday"}, "--day"),
        ({"--clerk": "No One"}, "Clerk is not"),
        ({"--form": "poster"}, "--form"),
    ],
)
def test_a_wrong_value_is_misuse_and_makes_no_folder(shell, printing, out, changed, expected):
    typed = dict(zip(printing[1::2], printing[2::2], strict=True)) | changed
    answer = shell("tickets", *(part for pair in typed.items() for part in pair))
    assert answer.code == 2
    assert expected in answer.err
    assert not out.exists()


def test_a_folder_that_cannot_be_written_is_misuse(shell, printing, out):
    out.write_text("a file")
    answer = shell(*printing)
    assert answer.code == 2
    assert "--out" in answer.err


def test_a_day_without_appointments_writes_nothing(shell, day, out):
    far = (day + timedelta(days=2_000)).isoformat()
    answer = shell("tickets", "--branch", BRANCH, "--day", far, "--out", str(out), *CLERK, "--json")
    assert answer.code == 0
    assert answer.form["written"] == []


class Terminal(io.StringIO):
    """A terminal that keeps what it shows."""

    encoding = "utf-8"

    def isatty(self):
        return True


@pytest.mark.parametrize(("language", "label"), [("en", "Tickets"), ("ar", "التذاكر")])
def test_a_terminal_shows_the_progress_and_a_pipe_does_not(shell, printing, monkeypatch, capsys, language, label):
    assert shell(*printing, "--language", language).err == ""
    monkeypatch.setattr(sys, "stderr", screen := Terminal())
    monkeypatch.setenv("TERM", "xterm")
    assert Answer(run((*printing, "--overwrite", "--json", "--language", language)), *capsys.readouterr()).form[
        "written"
    ]
    assert label in screen.getvalue()
    assert f"{MANY}/{MANY}" in screen.getvalue()


def test_the_ticket_of_one_appointment_in_a_form_that_is_no_text_needs_a_file(shell, number, tmp_path):
    answer = shell("ticket", number, "--form", "qr-png")
    assert answer.code == 2
    assert "--output" in answer.err
    path = tmp_path / "code.png"
    assert shell("ticket", number, "--form", "qr-png", "--output", str(path)).code == 0
    assert path.read_bytes().startswith(b"\x89PNG")
    assert shell("ticket", number, "--form", "qr-png", "--json").form["ticket"]["media_type"] == "image/png"


def test_the_number_may_be_typed_in_arabic_digits(shell, number):
    assert number in shell("ticket", number.translate(ARABIC_DIGITS), "--form", "ics").out
