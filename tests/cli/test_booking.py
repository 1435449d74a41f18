"""Commands that hold, book, show, print, cancel and check in."""

import re
from datetime import UTC, datetime, timedelta
from os import environ

import pytest
from attrs import evolve as copy_with

from tests.calendars import PLAIN
from tests.cli.conftest import CANARY
from traffic_booking import Booked, BookingDesk, Held, Shift, Weekday, shipped_catalogue
from traffic_booking.domain.schedule.timetables import Offer
from traffic_booking.testing import MovableClock, made_up_person


@pytest.mark.journey("J-13")
@pytest.mark.journey("J-17")
def test_a_hold_becomes_the_booking_of_the_same_number(shell, slot):
    held = shell("hold", *slot, "--json")
    assert (held.code, held.form["outcome"]) == (0, "held")
    assert held.form["appointment"]["hold_ends_at"]
    booked = shell("book", *slot, "--agree", "--json")
    assert (booked.code, booked.form["outcome"]) == (0, "booked")
    assert booked.form["appointment"]["number"] == held.form["appointment"]["number"]
    assert booked.form["appointment"]["applicant"] == str(CANARY)


@pytest.mark.parametrize("verb", ["hold", "book"])
def test_a_hold_that_had_run_out_is_named_in_the_reply(shell, slot, verb):
    _, _, _, branch, _, at = slot
    clock = MovableClock(datetime.now(UTC) - timedelta(minutes=11))
    with BookingDesk.open(environ["TRAFFIC_BOOKING_DB"], clock=clock) as desk:
        (found,) = desk.find_slots(service=slot[1], branch=branch, from_=datetime.fromisoformat(f"{at}+03:00"), limit=1)
        held = desk.hold(found, applicant=CANARY, request_id="earlier")
    assert isinstance(held, Held)
    ended = held.appointment.number
    agree = ("--agree",) if verb == "book" else ()
    answer = shell(verb, *slot, *agree, "--request-id", "late", "--json")
    assert (answer.code, answer.form["expired_hold"]) == (0, ended)
    assert answer.form["appointment"]["number"] != ended
    for language, words in (("ar", "انتهت مدة حجزك المؤقت"), ("en", "had run out")):
        again = shell(verb, *slot, *agree, "--request-id", "late", "--language", language)
        assert words in again.out
        assert ended in again.out


@pytest.mark.parametrize("language", ["ar", "en"])
def test_holding_and_booking_are_shown_in_both_languages_with_the_ticket_and_the_request_id(shell, slot, language):
    held = shell("hold", *slot, "--language", language, "--request-id", f"hold-{language}")
    assert held.code == 0
    assert f"hold-{language}" in held.out
    booked = shell("book", *slot, "--agree", "--language", language)
    assert booked.code == 0
    assert ("تذكرة موعد" if language == "ar" else "appointment ticket") in booked.out


@pytest.mark.journey("J-15")
@pytest.mark.rule("BK-06")
@pytest.mark.parametrize("language", ["ar", "en"])
def test_without_agreement_the_instructions_are_shown_and_the_rule_refuses(shell, slot, language):
    answer = shell("book", *slot, "--language", language)
    service = shipped_catalogue().service("licence-renewal")
    assert answer.code == 1
    for sentence in re.split(r"\.\s", service.instructions.text(language)):
        assert f"- {sentence}" in answer.out
    assert re.sub("[\u2066-\u2069]", "", answer.out).rstrip().endswith("--agree.")
    assert "BK-06" in answer.out


@pytest.mark.rule("BK-06")
@pytest.mark.rule("BK-07")
def test_a_refusal_lists_every_broken_rule_in_json(shell, slot, number):
    later = (*slot[:-1], slot[-1][:-5] + "11:30")
    answer = shell("book", *later, "--json")
    assert (answer.code, answer.form["outcome"]) == (1, "refused")
    first, second = answer.form["verdicts"]
    assert (first["rule_id"], second["rule_id"]) == ("BK-06", "BK-07")
    assert set(second["statement"]) == {"ar", "en"}
    assert (second["observed"], second["limit"]) == (1, 1)
    assert datetime.fromisoformat(second["allowed_from"]).tzinfo is not None


def test_the_same_request_id_gets_the_same_answer_and_another_request_under_it_is_misuse(shell, slot):
    first = shell("book", *slot, "--agree", "--request-id", "once", "--json")
    assert shell("book", *slot, "--agree", "--request-id", "once", "--json").form == first.form
    other = (*slot[:-1], slot[-1][:-5] + "11:30")
    answer = shell("book", *other, "--agree", "--request-id", "once", "--json")
    assert (answer.code, answer.form["error"]["kind"]) == (2, "request-mismatch")


def test_first_takes_the_earliest_slot_of_a_governorate(shell):
    found = shell("slots", "--service", "licence-renewal", "--governorate", "jeddah", "--limit", "2", "--json")
    answer = shell("book", "--service", "licence-renewal", "--first", "--governorate", "jeddah", "--agree", "--json")
    assert answer.code == 0
    # The second message comes only if the first has started between the two commands.
    assert answer.form["appointment"]["starts_at"] in [slot["starts_at"] for slot in found.form["slots"]]
    assert answer.form["appointment"]["branch"] == found.form["slots"][0]["branch"]


def test_first_with_nothing_to_find_is_no_success(shell):
    branch = next(
        branch.id
        for branch in shipped_catalogue().branches
        if "vehicle-export" not in shipped_catalogue().timetable(branch).services
    )
    command = ("book", "--service", "vehicle-export", "--branch", branch, "--first", "--agree")
    assert (shell(*command).code, shell(*command, "--json").form["outcome"]) == (1, "none-found")


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--at", "2026-11-23T08:00"),
        ("--branch", "riyadh-traffic"),
        ("--first", "--at", "2026-11-23T08:00"),
        ("--branch", "riyadh-traffic", "--at", "noon"),
        ("--branch", "riyadh-traffic", "--at", "2026-11-23T08:00", "--governorate", "riyadh"),
        ("--branch", "nowhere", "--at", "2026-11-23T08:00"),
    ],
    ids=" ".join,
)
def test_a_slot_that_is_not_named_whole_is_misuse(shell, options):
    assert shell("book", "--service", "licence-renewal", "--agree", *options).code == 2


@pytest.mark.journey("C-06")
@pytest.mark.journey("C-07")
@pytest.mark.journey("C-08")
def test_appointments_are_listed_by_where_they_stand_and_by_group(shell, number):
    lists = shell("appointments", "--json").form["appointments"]
    assert [entry["number"] for entry in lists["upcoming"]] == [number]
    assert lists["held"] == lists["past"] == lists["cancelled"] == lists["expired"] == []
    assert number in shell("appointments", "--group", "driving-licences").out
    assert number not in shell("appointments", "--group", "vehicles").out
    assert number in shell("appointments", "--language", "ar").out


def test_one_appointment_is_shown_with_its_events(shell, number):
    form = shell("show", number, "--json").form
    assert form["appointment"]["number"] == number
    assert [event["kind"] for event in form["events"]] == ["appointment-booked"]
    subject = form["appointment"]["subject"]
    assert form["events"][0]["by"] == {"kind": "applicant", "subject": subject, "holder": "citizen"}
    assert "محجوز" in shell("show", number, "--language", "ar").out


def test_a_number_copied_from_a_ticket_with_its_direction_marks_is_understood(shell, number):
    assert shell("show", f"\u2068{number.lower()}\u2069").code == 0


def test_somebody_elses_appointment_is_not_found(shell, number, monkeypatch):
    stranger = made_up_person(99_000_001).reveal()
    for command in (("show", number), ("ticket", number)):
        answer = shell(*command, "--applicant", stranger, "--json")
        assert (answer.code, answer.form["error"]["kind"]) == (2, "appointment-not-found")
        assert stranger not in answer.out


@pytest.mark.parametrize("command", ["show", "ticket"])
def test_staff_and_auditors_read_an_appointment_without_the_id_of_the_applicant(shell, number, monkeypatch, command):
    monkeypatch.delenv("TRAFFIC_BOOKING_APPLICANT")
    assert shell(command, number).code == 2
    reply = shell(command, number, "--clerk", "auditor-1")
    assert (reply.code, number in reply.out) == (0, True)
    assert shell(command, number, "--clerk", "auditor-1", "--applicant", CANARY.reveal()).code == 2


@pytest.mark.rule("CN-01")
def test_somebody_elses_appointment_is_not_cancelled(shell, number):
    stranger = made_up_person(99_000_001).reveal()
    for confirmed in (("--yes",), ()):
        answer = shell("cancel", number, *confirmed, "--applicant", stranger, "--json")
        assert answer.code == 1
        assert [verdict["rule_id"] for verdict in answer.form["verdicts"]] == ["CN-01"]
        shown = shell("cancel", number, *confirmed, "--applicant", stranger)
        assert shown.out.startswith(f"You have no appointment {number}.\n")
        assert number in shell("cancel", number, *confirmed, "--applicant", stranger, "--language", "ar").out
    assert shell("show", number, "--json").form["appointment"]["state"] == "booked"


@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize("form", ["text", "html"])
def test_a_ticket_is_printed_or_written_to_a_new_file(shell, number, tmp_path, form, language):
    printed = shell("ticket", number, "--form", form, "--language", language)
    assert number in printed.out
    path = tmp_path / "ticket"
    command = ("ticket", number, "--form", form, "--language", language, "--output", str(path))
    assert shell(*command).code == 0
    assert number in path.read_text(encoding="utf-8")
    before = path.read_bytes()
    again = shell(*command)
    refused = {"ar": "قيمة «--output» غير مقبولة: ", "en": "--output is not accepted: "}
    assert (again.code, refused[language] in re.sub("[\u2066-\u2069]", "", again.err)) == (2, True)
    assert path.read_bytes() == before
    assert shell("ticket", number, "--form", form, "--json").form["ticket"]


@pytest.mark.rule("CN-01")
def test_staff_cancel_whoevers_it_is(shell, number):
    preview = shell("cancel", number, "--clerk", "desk-1", "--json")
    assert (preview.code, preview.form["outcome"]) == (0, "not-confirmed")
    assert shell("cancel", number, "--clerk", "desk-1", "--yes", "--json").form["outcome"] == "cancelled"
    assert shell("show", number, "--json").form["events"][-1]["by"] == {"kind": "clerk", "id": "desk-1"}


def test_either_the_applicant_or_staff_cancels(shell, number):
    both = shell("cancel", number, "--clerk", "desk-1", "--applicant", str(CANARY), "--yes")
    assert (both.code, "--applicant, --clerk is not accepted: both. Expected: one of them" in both.err) == (2, True)


@pytest.mark.journey("C-09")
@pytest.mark.journey("C-10")
@pytest.mark.parametrize("language", ["ar", "en"])
def test_cancelling_takes_two_steps(shell, number, language):
    question = shell("cancel", number, "--language", language)
    assert question.code == 0
    assert "--yes" in question.out
    preview = shell("cancel", number, "--json").form
    assert preview["outcome"] == "not-confirmed"
    start = datetime.fromisoformat(preview["appointment"]["starts_at"])
    assert datetime.fromisoformat(preview["cancel_until"]) < start
    assert shell("show", number, "--json").form["appointment"]["state"] == "booked"
    done = shell("cancel", number, "--yes", "--json")
    assert (done.code, done.form["outcome"], done.form["appointment"]["state"]) == (0, "cancelled", "cancelled")
    again = shell("cancel", number, "--yes", "--language", language)
    assert again.code == 1
    assert "CN-02" in again.out
    preview_again = shell("cancel", number, "--json")
    assert preview_again.form["request_id"] is None, "a preview is no request"
    assert (preview_again.code, preview_again.form["verdicts"][0]["rule_id"]) == (1, "CN-02")
    assert ("إثبات إلغاء" if language == "ar" else "Proof of cancellation") in shell(
        "ticket", number, "--language", language
    ).out


@pytest.mark.rule("AT-03")
def test_checking_in_too_early_is_refused(shell, number):
    answer = shell("check-in", number, "--clerk", "counter-1", "--json")
    assert answer.code == 1
    (verdict,) = answer.form["verdicts"]
    assert verdict["rule_id"] == "AT-03"
    assert verdict["allowed_from"]


@pytest.mark.journey("J-18")
@pytest.mark.parametrize("language", ["ar", "en"])
def test_an_applicant_who_comes_in_time_is_checked_in(shell, tmp_path, language):
    now = datetime.now(UTC)
    shipped = shipped_catalogue()
    always = Shift(weekdays=frozenset(Weekday), opens_minute=0, closes_minute=1440, capacity=1, on_weekends=True)
    offer = (Offer(frozenset({shipped.service("licence-renewal").id}), (always,)),)
    catalogue = copy_with(shipped, timetables=tuple(copy_with(table, offers=offer) for table in shipped.timetables))
    url = f"sqlite:///{tmp_path / 'bookings.db'}"
    clock = MovableClock(now - timedelta(days=1))  # whatever day it is, the branch is open on it
    with BookingDesk.open(url, clock=clock, catalogue=catalogue, calendar=PLAIN) as desk:
        slots = desk.find_slots(service="licence-renewal", branch="riyadh-traffic", from_=now, limit=1)
        booked = desk.book(slots[0], applicant=CANARY, agreed=True, request_id="book")
    assert isinstance(booked, Booked)
    answer = shell("check-in", booked.appointment.number, "--clerk", "counter-1", "--language", language)
    assert answer.code == 0
    assert ("سُجّل الحضور" if language == "ar" else "Checked in") in answer.out
    form = shell("show", booked.appointment.number, "--json").form
    assert form["events"][-1]["by"] == {"kind": "clerk", "id": "counter-1"}


@pytest.mark.journey("J-13")
@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize("command", [("hold",), ("book", "--agree")], ids=["hold", "book"])
def test_an_earlier_hold_that_is_given_up_is_named(shell, slot, command, language):
    first = shell("hold", *slot, "--json").form
    assert first["given_up"] == []
    earlier = first["appointment"]["number"]
    later = (*slot[:-1], slot[-1][:-5] + "11:30")
    shown = shell(*command, *later, "--request-id", "later", "--language", language)
    assert shown.code == 0
    assert earlier in shown.out
    if command == ("hold",):
        again = shell(*command, *slot, "--json").form
        assert len(again["given_up"]) == 1
        assert again["given_up"] != [earlier]


def test_a_hold_ends_with_the_command_that_books_it(shell, slot):
    assert shell("hold", *slot).out.rstrip().endswith(f"traffic-booking book {' '.join(slot)}")


def test_a_start_may_be_named_in_the_hijri_calendar(shell, slot, in_some_days):
    hijri = shell("date", slot[-1][:10], "--json").form["day"]["hijri"]
    answer = shell("hold", *slot[:-1], f"{hijri}{slot[-1][10:]}", "--json")
    assert answer.form["appointment"]["starts_at"][:16] == slot[-1]


@pytest.mark.parametrize("typed", ["noon", "2026-11-23", "1448-13-01T08:00", "2026-11-23T25:00"])
def test_a_start_that_is_none_is_an_error_of_the_option(shell, typed):
    answer = shell("hold", "--service", "licence-renewal", "--branch", "riyadh-traffic", "--at", typed)
    assert answer.code == 2
    assert answer.err.startswith("traffic-booking: --at is not accepted:")


def test_an_id_that_is_none_is_an_error_of_where_it_came_from(shell, monkeypatch):
    assert "--applicant is not accepted: 2 digits" in shell("appointments", "--applicant", "12").err
    monkeypatch.setenv("TRAFFIC_BOOKING_APPLICANT", "12")
    assert "$TRAFFIC_BOOKING_APPLICANT is not accepted: 2 digits" in shell("appointments").err


@pytest.mark.rule("CN-02")
def test_states_in_a_refusal_are_shown_in_arabic(shell, number):
    assert shell("cancel", number, "--yes").code == 0
    answer = shell("cancel", number, "--yes", "--language", "ar")
    assert answer.code == 1
    assert "ملغى" in answer.out
    assert "cancelled" not in answer.out


@pytest.mark.rule("BK-05")
@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize("command", ["hold", "book"])
def test_the_refusal_of_a_full_slot_shows_the_nearest_free_times(shell, slot, command, language):
    with BookingDesk.open(environ["TRAFFIC_BOOKING_DB"]) as desk:
        start = datetime.fromisoformat(f"{slot[-1]}+03:00")
        (free,) = desk.find_slots(service="licence-renewal", branch="riyadh-traffic", from_=start, limit=1)
        for serial in range(free.free):
            booked = desk.book(free, applicant=made_up_person(serial), agreed=True, request_id=f"{serial}")
            assert isinstance(booked, Booked)
    shown = shell(command, *slot, "--language", language)
    assert shown.code == 1
    assert ("أقرب الأوقات المتاحة:" if language == "ar" else "The nearest free times:") in shown.out
    form = shell(command, *slot, "--json").form
    assert len(form["alternatives"]) == 3
    assert all(each["branch"] == "riyadh-traffic" and each["free"] > 0 for each in form["alternatives"])
    assert all(each["starts_at"][:16] in shown.out for each in form["alternatives"])
