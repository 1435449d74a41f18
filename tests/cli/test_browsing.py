"""Commands that only read."""

import re
from datetime import datetime

import pytest

from traffic_booking import shipped_catalogue, shipped_rulebook
from traffic_booking.testing import MovableClock

BROWSING = (
    ("branches", "--governorate", "riyadh"),
    ("branches", "--near", "24.7,46.6", "--limit", "3"),
    ("branches", "--near", "24.7,46.6", "--within-km", "40"),
    ("places", "riyadh", "--limit", "3"),
    ("governorates", "--region", "SA-01"),
    ("services", "--group", "traffic-services"),
    ("slots", "--service", "licence-renewal", "--governorate", "riyadh", "--limit", "3"),
    ("month", "--service", "licence-renewal", "--branch", "riyadh-traffic", "--month", "2026-12"),
    ("calendar", "1445-09", "--branch", "riyadh-traffic"),
    ("closures",),
    ("rules",),
    ("date", "2026-11-22"),
)


@pytest.mark.long
@pytest.mark.usefixtures("number")
@pytest.mark.parametrize("command", BROWSING, ids=" ".join)
def test_every_browsing_command_answers_in_both_languages_and_as_json(shell, command):
    english, arabic, machine = shell(*command), shell(*command, "--language", "ar"), shell(*command, "--json")
    assert (english.code, arabic.code, machine.code) == (0, 0, 0)
    assert not english.err + arabic.err + machine.err
    assert re.search(r"[\u0600-\u06ff]", arabic.out)
    assert not re.search(r"[\u0600-\u06ff]", english.out) or command == ("rules",)
    assert isinstance(machine.form, dict)
    assert "\x1b" not in english.out + arabic.out


def test_global_options_may_stand_before_the_command(shell):
    assert shell("--json", "--language", "ar", "date", "2026-11-22").form == shell("date", "2026-11-22", "--json").form


def test_the_language_follows_the_environment(shell, monkeypatch):
    monkeypatch.setenv("LANG", "ar_SA.UTF-8")
    assert "الأحد" in shell("date", "2026-11-22").out
    monkeypatch.setenv("TRAFFIC_BOOKING_LANGUAGE", "en")
    assert "Sunday" in shell("date", "2026-11-22").out
    assert "الأحد" in shell("date", "2026-11-22", "--language", "ar").out


@pytest.mark.journey("J-11")
def test_the_nearest_branch_comes_first(shell):
    found = shell("branches", "--near", "24.7,46.6", "--json").form["branches"]
    distances = [branch["distance_km"] for branch in found]
    assert distances == sorted(distances)
    assert found[0]["id"] == "diriyah-traffic"


@pytest.mark.journey("J-11")
def test_branches_within_some_kilometres_are_those_that_are_as_near_as_that(shell):
    found = shell("branches", "--near", "24.7,46.6", "--json").form["branches"]
    near = shell("branches", "--near", "24.7,46.6", "--within-km", "40", "--json").form["branches"]
    assert near == [branch for branch in found if branch["distance_km"] <= 40]
    assert 0 < len(near) < len(found)


def test_kilometres_from_nowhere_are_misuse(shell):
    answer = shell("branches", "--within-km", "40")
    assert answer.code == 2
    assert "--within-km is not accepted: one without --near. Expected: --near as well." in answer.err


@pytest.mark.journey("J-10")
@pytest.mark.parametrize("words", [("حفر", "الباطن"), ("حفر الباطن",), ("Hafr", "al-Batin"), ("hafar-al-batin",)])
def test_a_place_is_found_by_the_words_of_its_name(shell, words):
    place, branch = shell("places", *words, "--json").form["places"]
    assert (place["kind"], place["id"], place["region"]) == ("governorate", "hafar-al-batin", "SA-04")
    assert (branch["kind"], branch["id"], branch["governorate"]) == ("branch", "hafar-al-batin-traffic", place["id"])


def test_places_are_listed_with_their_kind_and_region(shell):
    found = shell("places", "diriyah").out.splitlines()
    assert [re.split(r"  +", line.strip()) for line in found] == [
        ["kind", "id", "name", "region name"],
        ["city or governorate", "diriyah", "Diriyah", "Riyadh"],
        ["branch", "diriyah-traffic", "Diriyah traffic branch (synthetic)", "Riyadh"],
        ["Synthetic branches, not the department's."],
    ]


@pytest.mark.parametrize(("arguments", "fault"), [((), "Text is missing"), (("x" * 101,), "Text is not accepted")])
def test_a_place_without_a_name_and_one_with_a_name_that_is_too_long_are_misuse(shell, arguments, fault):
    answer = shell("places", *arguments)
    assert answer.code == 2
    assert fault in answer.err


@pytest.mark.journey("J-10")
def test_all_thirteen_regions_come_with_the_governorates(shell):
    form = shell("governorates", "--json").form
    assert len(form["regions"]) == 13
    assert len(form["governorates"]) == len(shipped_catalogue().governorates)


@pytest.mark.journey("J-12")
def test_services_of_a_branch_are_those_that_it_offers(shell):
    catalogue = shipped_catalogue()
    found = shell("services", "--branch", "riyadh-traffic", "--json").form["services"]
    assert [service["id"] for service in found] == [s.id for s in catalogue.services_for(branch="riyadh-traffic")]
    assert shell("services", "--audience", "businesses", "--json").form == {"services": []}
    assert shell("services", "--audience", "businesses").out == "None.\n"


@pytest.mark.journey("J-14")
def test_a_month_of_either_calendar_shows_both_dates(shell):
    command = ("month", "--service", "licence-renewal", "--branch", "riyadh-traffic", "--json", "--month")
    gregorian, hijri = shell(*command, "2026-12").form["days"], shell(*command, "1448-06").form["days"]
    assert len(gregorian) == 31
    assert {entry["day"]["gregorian"][:7] for entry in gregorian} == {"2026-12"}
    assert len(hijri) in {29, 30}
    assert {entry["day"]["hijri"][:7] for entry in hijri} == {"1448-06"}


def test_slots_carry_what_book_takes_and_instants_with_an_offset(shell):
    (slot,) = shell("slots", "--service", "licence-renewal", "--limit", "1", "--json").form["slots"]
    assert slot["starts_at"].endswith("+03:00")
    assert 0 < slot["free"] <= slot["capacity"]
    text = shell("slots", "--service", "licence-renewal", "--limit", "1").out
    assert slot["starts_at"][:16] in text
    assert slot["branch"] in text


def test_rules_are_those_of_the_shipped_rulebook(shell):
    form, rulebook = shell("rules", "--json").form, shipped_rulebook()
    assert form["version"] == rulebook.version
    assert [(rule["id"], rule["figures"]) for rule in form["rules"]] == [
        (rule.id, dict(rule.figures)) for rule in rulebook.rules
    ]
    assert all(rule["status"] == "unofficial" for rule in form["rules"])


def test_a_date_is_read_in_digits_of_any_script(shell):
    assert shell("date", "٢٠٢٦-١١-٢٢", "--json").form["day"]["hijri"] == "1448-06-12"


@pytest.mark.parametrize("typed", ["2024-03-11", "1445-09-01", "1 Ramadan 1445 AH", "١ رمضان ١٤٤٥هـ"])
def test_a_date_is_read_in_either_calendar(shell, typed):
    assert shell("date", typed, "--json").form["day"]["gregorian"] == "2024-03-11"


def test_a_day_beyond_the_hijri_table_has_its_gregorian_date_alone(shell):
    answer = shell("date", "2200-01-01")
    assert answer.code == 0
    assert "Hijri" not in answer.out


def test_a_disputed_day_is_marked_as_provisional(shell):
    answer = shell("date", "2060-01-01")
    assert answer.code == 0
    assert "provisional" in answer.out


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (("date", "2026-13-01"), "a day of the Gregorian calendar"),
        (("date", "tomorrow"), "a date such as 1445-09-01"),
        (("date", "1800-01-01"), "1343 to 1500 (Hijri)"),
        (("branches", "--near", "24.7"), "LATITUDE,LONGITUDE"),
        (("branches", "--near", "nan,46"), "-90 to 90"),
        (("branches", "--near", "-91,46"), "-90 to 90"),
        (("branches", "--limit", "0"), "1 to 500"),
        (("branches", "--limit", "many"), "a whole number"),
        (("branches", "--service", "nothing-such"), "There are: "),
        (("governorates", "--region", "SA-13"), "There are: SA-01"),
        (("services", "--group", "nothing-such"), "There are: "),
        (("services", "--audience", "everybody"), "individuals or businesses"),
        (("slots",), "--service"),
        (("slots", "--service", "licence-renewal", "--limit", "501"), "1 to 500"),
        (("slots", "--service", "licence-renewal", "--from", "soon"), "--from is not accepted:"),
        (("month", "--service", "licence-renewal", "--branch", "riyadh-traffic", "--month", "2026"), "YYYY-MM"),
        (("month", "--service", "licence-renewal", "--branch", "riyadh-traffic", "--month", "2026-13"), "1 to 12"),
        (("month", "--service", "licence-renewal", "--branch", "riyadh-traffic", "--month", "1600-01"), "1343 to 1500"),
        (("rules", "--language", "fr"), "is not accepted: 'fr'. Expected: ar or en"),
        (
            ("slots", "--service", "licence-renewal", "--db", "p.db"),
            "--db is not accepted: a store without a scheme. Expected: sqlite:///p.db",
        ),
        (("rules", "more"), "too many"),
        (("rules", "--colour"), "--colour"),
        (("juggle",), "one of demo"),
        (
            ("slots", "--service", "licence-renewal", "--db", "mysql://x"),
            "memory://, sqlite:///PATH, postgresql://HOST/DATABASE or citus://COORDINATOR/DATABASE",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_misuse_is_one_line_with_the_expected_input_and_exit_code_two(shell, command, expected):
    plain, machine = shell(*command), shell(*command, "--json")
    assert plain.code == machine.code == 2
    assert not plain.out + machine.err
    assert plain.err.count("\n") == 1
    assert plain.err.startswith("traffic-booking: ")
    assert expected in plain.err
    assert expected in machine.form["error"]["message"]


def test_help_is_there_for_every_command_and_for_none(shell):
    top = shell()
    assert top.code == 0
    commands = ("demo", "branches", "services", "governorates", "slots", "month", "hold", "book", "appointments")
    staff = ("check-in", "close", "closures", "reopen")
    for command in (*commands, "show", "ticket", "cancel", "calendar", "rules", "date", *staff):
        assert command in top.out
        answer = shell(command, "--help")
        assert answer.code == 0
        assert all(option in answer.out for option in ("--json", "--language"))
        assert ("--db" in answer.out) != (command in {"branches", "services", "governorates", "date"})


def test_a_language_in_the_environment_that_is_none_is_misuse(shell, monkeypatch, slot):
    monkeypatch.setenv("TRAFFIC_BOOKING_LANGUAGE", "fr")
    answer = shell("hold", *slot)
    assert answer.code == 2
    assert "$TRAFFIC_BOOKING_LANGUAGE is not accepted: 'fr'. Expected: ar or en" in answer.err
    monkeypatch.delenv("TRAFFIC_BOOKING_LANGUAGE")
    assert shell("appointments").out == "No appointments.\n"


@pytest.mark.rule("BK-04")
@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_month_shows_of_every_day_whether_it_can_be_booked_and_why_not(shell, language):
    command = ("month", "--service", "licence-renewal", "--branch", "riyadh-traffic", "--language", language, "--month")
    words = {
        "2020-01": ("مضى", "Past"),
        "2075-01": ("يُفتح الحجز يوم", "Opens for booking on"),
        "2020-02": ("مغلق: ", "Closed: Weekend"),
    }
    for month, (ar, en) in words.items():
        assert (ar if language == "ar" else en) in shell(*command, month).out
    days = shell(*command, "2075-01", "--json").form["days"]
    opening = next(day for day in days if day["state"] == "not-yet-open")
    assert datetime.fromisoformat(opening["opens_at"]).utcoffset() is not None
    assert opening["rules"] == ["BK-04"]
    assert opening["text"]["en"].startswith("Opens for booking on ")
    closed = next(day for day in days if day["state"] == "closed")
    assert closed["rules"][0] == "weekend"
    assert closed["reason"] == {"ar": "عطلة نهاية الأسبوع", "en": "Weekend"}


@pytest.mark.parametrize(
    ("now", "note"),
    [
        ("2026-12-01T10:00", "Free from 10:15"),
        ("2026-12-01T19:50", "Past"),
        ("2026-12-01T23:30", "Past"),
        ("2026-12-04T11:00", "Closed: Weekend"),
    ],
)
def test_today_is_past_after_the_last_start_and_closed_on_a_day_off(shell, monkeypatch, now, note):
    clock = MovableClock(datetime.fromisoformat(f"{now}+03:00"))
    monkeypatch.setattr("traffic_booking.adapters.clock.SystemClock", lambda: clock)
    shown = shell("month", "--service", "licence-renewal", "--branch", "riyadh-traffic", "--month", "2026-12").out
    [today] = [line for line in shown.splitlines() if line.startswith(now[:10])]
    assert today.rstrip().endswith(note)


def test_rules_are_shown_in_arabic_down_to_their_figures_and_status(shell):
    answer = shell("rules", "--language", "ar")
    assert "الحجوزات المؤقتة: 2، الدقائق: 10" in answer.out
    assert "غير رسمية" in answer.out
    assert "unofficial" not in answer.out


@pytest.mark.long
@pytest.mark.parametrize("language", ["ar", "en"])
def test_at_eighty_columns_what_is_copied_is_in_one_piece(shell, monkeypatch, number, language):
    command = ("slots", "--service", "licence-renewal", "--near", "24.7,46.6", "--limit", "30")
    found = shell(*command, "--json").form["slots"]
    booked = shell("show", number, "--json").form["appointment"]
    monkeypatch.setenv("COLUMNS", "80")
    slots = shell(*command, "--language", language).out
    for slot in found:
        assert slot["branch"] in slots
        assert slot["starts_at"][:16] in slots
        assert slot["day"]["hijri"] in slots
    listed = shell("appointments", "--language", language).out
    assert number in listed
    assert booked["starts_at"][:16] in listed
    assert booked["day"]["hijri"] in listed
    catalogue = shipped_catalogue()
    branches, governorates = shell("branches", "--language", language).out, shell("governorates").out
    assert all(branch.id in branches for branch in catalogue.branches[:200])
    assert all(governorate.id in governorates for governorate in catalogue.governorates)
    month = ("month", "--service", "licence-renewal", "--branch", "riyadh-traffic", "--month", "2026-12")
    assert "2026-12-31" in shell(*month, "--language", language).out
