"""The shell reads days, times and months in the same forms everywhere, and reads back the texts that it prints."""

import re
import shlex
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import ARABIC_DIGITS, CANARY
from traffic_booking import Day, HijriDate, instant_text, parse_date
from traffic_booking.cli.app import app
from traffic_booking.cli.typed_values import PATH_COMMANDS, PATH_OPTIONS
from traffic_booking.domain.text_input import ascii_digits

DAY = Day(datetime.now(UTC).date() + timedelta(days=20))
RIYADH = ("--branch", "riyadh-traffic")
OPTIONS = ("--at", "--from", "--until", "--first-day", "--month", "MONTH", "DAY", "--day")
"""The names of all options and arguments that take a day, a time or a month."""


def options_of(names=()):
    """Each command by its words, with the names and types of its options."""
    here = app
    for name in names:
        here = here[name]
    if here.default_command is not None:
        yield names, [(each.name, each.hint) for each in here.assemble_argument_collection() if each.name != "*"]
    for name in here:
        if not name.startswith("-"):
            yield from options_of((*names, name))


def days_typed(day):
    """A day in the forms that people use and that texts print."""
    hijri, gregorian = day.hijri, day.gregorian
    return [
        gregorian.isoformat(),
        f"{hijri.year}-{hijri.month:02d}-{hijri.day:02d}",
        f"{gregorian:%d/%m/%Y}".translate(ARABIC_DIGITS),
        day.hijri_text("ar", "arabic"),
        day.gregorian_text("en"),
        day.text("ar"),
        day.text("en"),
        f"\u2067{day.text('ar', 'arabic')}\u2069",
        f"\u200b{gregorian}\ufeff\xa0",
    ]


def moments_typed(start):
    """An instant in the forms that people use and that texts print."""
    day = Day(start.date())
    clocks = [
        f"{start:%H:%M}",
        f"{start:%I:%M %p}",
        f"{start:%I:%M} {'ص' if start.hour < 12 else 'م'}".translate(ARABIC_DIGITS),
    ]
    return [
        *(f"{typed} {clock}" for typed in days_typed(day) for clock in clocks),
        f"{start:%Y-%m-%dT%H:%M}",
        start.isoformat(),
        start.astimezone(UTC).isoformat(),
        str(start),
        f"{start:%Y-%m-%d %H:%M:%S}",
        *(instant_text(start, language, digits) for language in ("ar", "en") for digits in ("ascii", "arabic")),
        f"{day.text('en')}, from {start:%H:%M} to {start + timedelta(minutes=15):%H:%M} (Saudi time)",
        f"{day.text('ar')}، من {start:%H:%M} إلى 00:15 (توقيت السعودية)",
        f"{start:%Y-%m-%d} \u2066{start:%H:%M}–{start + timedelta(minutes=15):%H:%M}\u2069",
        f"{clocks[2]}، {day.hijri_text('ar')}",
    ]


def months_typed(day):
    hijri, gregorian = day.hijri, day.gregorian
    name, hijri_name = day.gregorian_text("en").split(" ", 1)[1], day.hijri_text("ar", "arabic").split(" ", 1)[1]
    figures = [f"{gregorian:%Y-%m}", f"{gregorian:%m/%Y}", f"\u200f{gregorian:%Y/%m}".translate(ARABIC_DIGITS), name]
    return [(each, gregorian.replace(day=1)) for each in figures] + [
        (each, (parse_date(f"{hijri.year}-{hijri.month}-1")).gregorian)
        for each in (
            f"{hijri.year}-{hijri.month:02d}",
            f"{hijri.year}–{hijri.month}".translate(ARABIC_DIGITS),
            hijri_name,
        )
    ]


def test_every_option_that_takes_a_day_a_time_or_a_month_is_tried_here():
    found = {(*command, name) for command, options in options_of() for name, _ in options if name in OPTIONS}
    assert found == {
        *((command, "--at") for command in ("hold", "book", "move")),
        *(("close", name) for name in ("--from", "--until")),
        *(("announce", name) for name in ("MONTH", "--first-day")),
        *(("slots", name) for name in ("--from", "--until", "--day")),
        *(("month", "--month"), ("calendar", "MONTH"), ("date", "DAY"), ("tickets", "--day")),
        *(("gate", command, "DAY") for command in ("export", "list")),
        *(
            ("audit", command, option)
            for command in ("refusals", "counts", "clerk", "person", "rulebooks")
            for option in ("--from", "--until", "--day")
        ),
        *(("audit", "export", option) for option in ("--from", "--until")),
    }


@pytest.mark.long
@pytest.mark.parametrize("typed", days_typed(DAY))
def test_a_day_is_read_in_every_form_by_every_option(shell, typed, tmp_path):
    assert shell("date", typed, "--json").form["day"]["gregorian"] == f"{DAY.gregorian}"
    closing = ("close", *RIYADH, "--reason", "x", "--clerk", "desk-1", "--dry-run", "--json")
    record = shell(*closing, "--from", typed, "--until", typed).form["record"]
    assert (record["first_day"], record["last_day"]) == (f"{DAY.gregorian}", f"{DAY.gregorian}")
    found = shell("slots", "--service", "licence-renewal", *RIYADH, "--from", typed, "--limit", "1", "--json")
    assert found.form["slots"][0]["starts_at"][:10] >= f"{DAY.gregorian}"
    searched = ("slots", "--service", "licence-renewal", *RIYADH, "--json")
    of_day, before = (shell(*searched, option, typed).form["slots"] for option in ("--day", "--until"))
    assert {slot["starts_at"][:10] for slot in of_day} <= {f"{DAY.gregorian}"}
    assert all(slot["starts_at"][:10] < f"{DAY.gregorian}" for slot in before)
    printed = shell("tickets", *RIYADH, "--day", typed, "--out", f"{tmp_path / 'day'}", "--clerk", "desk-1", "--json")
    assert printed.form["day"] == f"{DAY.gregorian}"


@pytest.mark.long
@pytest.mark.usefixtures("number")
@pytest.mark.parametrize("command", [("refusals",), ("counts",), ("clerk", "desk-1"), ("person",)], ids=" ".join)
def test_a_question_of_an_auditor_reads_days_and_times_in_every_form(shell, command):
    for typed in [*days_typed(DAY)[:5], *moments_typed(datetime(2027, 1, 5, 8, tzinfo=UTC))[:3]]:
        for option in ("--from", "--until"):
            assert shell("audit", *command, "--auditor", "a", option, typed).code == 0, ascii(typed)
    assert shell("audit", *command, "--auditor", "a", "--day", days_typed(DAY)[2]).code == 0


@pytest.mark.long
@pytest.mark.usefixtures("number")
def test_an_announced_month_and_its_first_day_are_read_in_every_form(shell):
    first = Day(HijriDate(1450, 9, 1).to_gregorian())
    rest = ("--source", "x", "--clerk", "desk-1", "--dry-run", "--json")
    months = [typed for typed, read in months_typed(first) if read == first.gregorian and "1450" in ascii_digits(typed)]
    assert len(months) > 2
    for month, day in [(months[0], each) for each in days_typed(first)] + [(each, "2029-01-16") for each in months]:
        record = shell("announce", month, "--first-day", day, *rest).form["record"]
        assert (record["month"], record["year"]) == (9, 1450)


@pytest.fixture
def start(slot):
    """The start of a free slot."""
    return datetime.fromisoformat(f"{slot[-1]}:00+03:00")


@pytest.mark.long
def test_a_start_is_read_in_every_form_by_every_option(shell, slot, start):
    for typed in moments_typed(start):
        answer = shell("hold", *slot[:-1], typed, "--json")
        assert answer.code == 0, (ascii(typed), answer.err)
        assert answer.form["appointment"]["starts_at"] == start.isoformat(), ascii(typed)
    assert shell("book", *slot[:-1], moments_typed(start)[0], "--agree", "--json").code == 0


@pytest.mark.long
def test_a_new_start_is_read_in_every_form(shell, number, start):
    later = start + timedelta(minutes=30)
    for typed in moments_typed(later):
        assert shell("move", number, "--at", typed, "--json").form["to"]["starts_at"] == later.isoformat(), ascii(typed)


@pytest.mark.long
def test_the_bound_of_a_search_may_have_a_time(shell, start):
    search = ("slots", "--service", "licence-renewal", *RIYADH, "--limit", "1", "--json", "--from")
    for typed in moments_typed(start + timedelta(minutes=1)):
        assert shell(*search, typed).form["slots"][0]["starts_at"] > start.isoformat(), ascii(typed)


@pytest.mark.long
@pytest.mark.parametrize(("typed", "first"), months_typed(DAY))
def test_a_month_is_read_in_every_form_by_every_option(shell, typed, first):
    for command in (("calendar", typed, *RIYADH), ("month", "--service", "licence-renewal", *RIYADH, "--month", typed)):
        assert shell(*command, "--json").form["days"][0]["day"]["gregorian"] == f"{first}"


@pytest.mark.parametrize(
    "typed",
    [
        *("2026-11-23", "noon", "2026-11-23 9", "2026-11-23 24:00", "2026-11-23T24:00", "2026-11-23 13:00 ص", "9:30 م"),
        *("2026-11-23 12:30 مساءً", "2026-11-23 09:00-09:15", "2026-11-23 10:00 – soon", "2026-11-23 09:0\u202e0"),
    ],
)
def test_a_start_with_two_readings_or_none_is_misuse(shell, typed):
    answer = shell("hold", "--service", "licence-renewal", *RIYADH, "--at", typed)
    assert answer.code == 2
    assert answer.err.startswith("traffic-booking: --at is not accepted:")


def cells(answer):
    """The parts of an answer with their isolates, as they are copied."""
    return re.findall("[\u2066-\u2068][^\u2066-\u2069]*\u2069", answer)


@pytest.mark.parametrize("language", ["ar", "en"])
def test_what_a_list_prints_is_taken_back_with_its_marks(shell, slot, start, language):
    listed = shell("slots", "--service", "licence-renewal", *RIYADH, "--from", slot[-1][:10], "--language", "ar").out
    branch, at = (next(each for each in cells(listed) if text in each) for text in ("riyadh-traffic", slot[-1]))
    held = shell("hold", "--service", "licence-renewal", "--branch", branch, "--at", at, "--language", language)
    assert held.code == 0
    program, *command = shlex.split(held.out[held.out.index("traffic-booking book") :].split("\n")[0])
    assert program == "traffic-booking"
    booked = shell(*command, "\u2066--agree\u2069", "--json")
    assert booked.form["appointment"]["starts_at"] == start.isoformat()
    number = booked.form["appointment"]["number"]
    shown = next(each for each in cells(shell("appointments", "--language", "ar").out) if number in each)
    assert shell("show", shown, "--json").form["appointment"]["number"] == number


def test_an_option_and_its_value_may_have_marks(shell, number):
    answer = shell("\u200eshow", f"\u2066{number}\u2069", "\u2066--json\u2069", "\u2066--language=ar\u2069")
    assert answer.form["appointment"]["number"] == number
    assert shell("branches", "--limit", "\u206610\u2069", "--near", "\u200f24.69,46.72", "--json").code == 0


def test_an_id_with_marks_inside_is_no_name(shell, slot):
    digits = CANARY.reveal()
    answer = shell("hold", *slot, "--request-id", f"a-{digits[:5]}\u200b{digits[5:]}")
    assert (answer.code, "person id" in answer.err) == (2, True)


@pytest.mark.parametrize("name", ["\u202fa\u0301.db", "\u200eb.db", "c\xa0.db"], ids=ascii)
def test_the_name_of_a_file_is_taken_as_it_is_typed(shell, tmp_path, name):
    store = tmp_path / name
    for options in (("--db", f"sqlite:///{store}"), (f"--db=sqlite:///{store}",)):
        assert shell("appointments", *options).code == 0
    assert [each.name for each in tmp_path.glob("*.db") if each.name != "bookings.db"] == [name]


def test_every_name_of_a_file_is_known_as_one():
    for command, options in options_of():
        for name, hint in options:
            if Path in (hint, *getattr(hint, "__args__", ())):
                assert name in PATH_OPTIONS or command in PATH_COMMANDS, (command, name)
