import tomllib
from contextlib import suppress
from datetime import date, time
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.data_folders import write_files
from traffic_booking import BookingDesk, InvalidCatalogue, NotFound, read_calendar
from traffic_booking.adapters.data_files import load_working_calendar
from traffic_booking.domain.calendars.hours import Hours
from traffic_booking.domain.schedule.working_calendar import WorkingCalendar

FILE = "holidays.toml"
NAME = {"ar": "اسم", "en": "name"}


def shipped_table() -> dict[str, Any]:
    return tomllib.loads((files("traffic_booking") / "data" / FILE).read_text(encoding="utf-8"))


def entry(table: dict[str, Any], name: str) -> dict[str, Any]:
    lists = ("profiles", "rules", "announcements", "orders")
    found: dict[str, Any] = next(each for kind in lists for each in table[kind] if each["id"] == name)
    return found


def written(folder: Path, table: dict[str, Any]) -> Path:
    return write_files(folder, {FILE: table}) / FILE


def closure(**fields: Any) -> dict[str, Any]:
    return {
        "id": "announced.1445-fitr",
        "kind": "closure",
        "rule": "gov.4to5",
        "first_day": date(2024, 4, 9),
        "last_day": date(2024, 4, 14),
        "statement": NAME,
        "source": "this test",
    } | fields


DAMAGES = [
    (lambda t: t.pop("profile"), [("top level", "profile")]),
    (lambda t: t.update(profile="none"), [("top level", "profile")]),
    (lambda t: t.update(profile=["civil"]), [("top level", "profile")]),
    (lambda t: t.update(holidays=[]), [("top level", "holidays")]),
    (lambda t: t.pop("provenance"), [("provenance", "entry")]),
    (lambda t: t.pop("profiles"), [("top level", "profiles")]),
    (lambda t: t.pop("rules"), [("top level", "rules")]),
    (lambda t: t.update(orders="none"), [("top level", "orders")]),
    (lambda t: t["rules"].append([]), [("rules[12]", "kind")]),
    (lambda t: entry(t, "fitr.civil").pop("kind"), [("fitr.civil", "kind")]),
    (lambda t: entry(t, "fitr.civil").update(kind="weekend-ish"), [("fitr.civil", "kind")]),
    (lambda t: entry(t, "fitr.civil").update(kind=1), [("fitr.civil", "kind")]),
    (lambda t: entry(t, "fitr.civil").update(from_month=13), [("fitr.civil", "from_month")]),
    (lambda t: entry(t, "fitr.civil").update(to_day="5"), [("fitr.civil", "to_day")]),
    (lambda t: entry(t, "fitr.civil").update(by_sighting=1), [("fitr.civil", "by_sighting")]),
    (lambda t: entry(t, "fitr.civil").update(colour="red"), [("fitr.civil", "colour")]),
    (lambda t: entry(t, "fitr.civil").update(name="Eid"), [("fitr.civil", "name")]),
    (lambda t: entry(t, "fitr.civil").update(name={"en": "Eid"}), [("fitr.civil", "name.ar")]),
    (lambda t: entry(t, "order.1438-fitr").update(name=NAME), [("order.1438-fitr", "name")]),
    (lambda t: entry(t, "weekend").update(pattern="FREQ=HOURLY"), [("weekend", "pattern")]),
    (lambda t: entry(t, "weekend").update(in_force_from="2013-06-29"), [("weekend", "in_force_from")]),
    (lambda t: entry(t, "weekend").update(in_force_until=date(2013, 1, 1)), [("weekend", "in_force_until")]),
    (lambda t: entry(t, "national-day").update(month=2, day=30), [("national-day", "month, day")]),
    (lambda t: entry(t, "adha.labor").update(days=11, offset_days=2), [("adha.labor", "days"),
                                                                       ("adha.labor", "offset_days")]),
    (lambda t: entry(t, "ramadan.gov").update(opens="9"), [("ramadan.gov", "opens")]),
    (lambda t: entry(t, "ramadan.gov").update(closes="10:00"), [("ramadan.gov", "opens, closes")]),
    (lambda t: entry(t, "ramadan.gov").update(closing_moved_minutes=121), [("ramadan.gov", "closing_moved_minutes")]),
    (lambda t: entry(t, "month-start.1439-09").update(first_day=date(2018, 5, 19)),
     [("month-start.1439-09", "first_day")]),
    (lambda t: entry(t, "month-start.1439-09").update(month=13), [("month-start.1439-09", "Hijri month")]),
    (lambda t: entry(t, "order.1438-fitr").update(last_day=date(2017, 6, 15)), [("order.1438-fitr", "last_day")]),
    (lambda t: entry(t, "order.1438-fitr").pop("opens"), [("order.1438-fitr", "opens")]),
    (lambda t: entry(t, "order.1438-fitr").update(hours=[]), [("order.1438-fitr", "hours")]),
    (lambda t: entry(t, "civil").update(rules=["weekend", "none", "weekend.thu-fri"]), [("civil", "rules[2]")]),
    (lambda t: entry(t, "civil").update(rules=["weekend"]), [("civil", "rules")]),
    (lambda t: entry(t, "bridge.civil").update(id="Bridge"), [("Bridge", "id"), ("civil", "rules[7]"),
                                                              ("4to5", "rules[6]")]),
    (lambda t: t["rules"].append(entry(t, "weekend")), [("weekend", "id")]),
    (lambda t: entry(t, "order.1438-fitr").update(id="weekend"), [("weekend", "id")]),
    (lambda t: t["announcements"].append(closure(rule="weekend")), [("announced.1445-fitr", "rule")]),
    (lambda t: t["announcements"].append(closure(rule="none")), [("announced.1445-fitr", "rule")]),
    (lambda t: t["announcements"].append(closure(last_day=date(2025, 1, 1))), [("announced.1445-fitr", "last_day")]),
    (lambda t: t["announcements"].append(entry(t, "month-start.1439-09") | {"id": "again"}), [("again", "month")]),
    (lambda t: entry(t, "month-start.1439-10").update(first_day=date(2018, 6, 14)),
     [("month-start.1439-10", "first_day")]),
    (lambda t: entry(t, "order.1438-fitr").update(profiles=["civil", "none"]), [("order.1438-fitr", "profiles")]),
    (lambda t: entry(t, "order.1438-fitr").update(profiles=[]), [("order.1438-fitr", "profiles")]),
]  # fmt: skip


class TestALoadedCalendar:
    def test_is_the_shipped_one_if_the_file_has_the_same(self, tmp_path):
        assert load_working_calendar(written(tmp_path, shipped_table())) == load_working_calendar()

    def test_follows_the_requested_profile_else_the_files_own(self, tmp_path):
        file = written(tmp_path, shipped_table() | {"profile": "labour"})
        assert load_working_calendar(file).profile.id == "labour"
        assert load_working_calendar(file, profile="4to5").profile.id == "4to5"
        with pytest.raises(NotFound, match="no profile 'none'; known: 4to5, civil, labour"):
            load_working_calendar(file, profile="none")

    def test_has_announced_days_and_an_orders_hours(self, tmp_path):
        table = shipped_table()
        table["announcements"].append(closure())
        hours = [{"opens": "10:00", "closes": "12:00"}]
        table["orders"].append(
            entry(table, "order.1438-fitr")
            | {"id": "order.open", "opens": True, "hours": hours}
            | {"first_day": date(2024, 4, 12), "last_day": date(2024, 4, 12)}
        )
        found = load_working_calendar(written(tmp_path, table), profile="4to5")
        assert found.working_day(date(2024, 4, 10)).rules == ("announced.1445-fitr", "gov.4to5")
        assert found.working_day(date(2024, 4, 12)).hours == (Hours(600, 720),)

    def test_has_hours_past_midnight(self, tmp_path):
        table = shipped_table()
        entry(table, "ramadan.gov").update(opens="21:00", closes="01:00", closing_moved_minutes=30)
        day = date(2024, 4, 12)
        order = {"id": "order.open", "opens": True, "first_day": day, "last_day": day}
        order["hours"] = [{"opens": "08:00", "closes": "10:00"}, {"opens": "22:00", "closes": "00:30"}]
        table["orders"].append(entry(table, "order.1438-fitr") | order)
        found = load_working_calendar(written(tmp_path, table))
        assert found.working_day(date(2024, 3, 11)).hours == (Hours(1260, 1530),)
        assert found.working_day(day).hours == (Hours(480, 600), Hours(1320, 1470))

    def test_every_rule_announcement_and_order_has_a_sentence_in_both_languages_and_a_source(self):
        found = load_working_calendar()
        for authority in (*found.rules, *found.announcements, *found.orders):
            assert found.authority(authority.id) is authority
            assert authority.statement.ar != authority.statement.en
            assert authority.source

    def test_every_shipped_rule_has_a_name_that_is_shorter_than_its_sentence(self):
        for rule in load_working_calendar().rules:
            assert rule.name is not None
            for language in ("ar", "en"):
                assert len(rule.name(language)) < min(32, len(rule.statement(language)))

    def test_a_name_may_be_left_out(self, tmp_path):
        table = shipped_table()
        del entry(table, "fitr.civil")["name"]
        (rule,) = (each for each in load_working_calendar(written(tmp_path, table)).rules if each.id == "fitr.civil")
        assert rule.name is None

    def test_every_shipped_profile_is_marked_unofficial(self):
        assert shipped_table()["provenance"]["status"] == "unofficial"
        assert all(profile["unofficial"] for profile in shipped_table()["profiles"])

    def test_every_shipped_month_that_began_a_day_late_is_followed_by_one_that_did_not(self):
        from hijridate import Hijri

        late = [
            record["first_day"].toordinal() - Hijri(record["year"], record["month"], 1).to_gregorian().toordinal()
            for record in shipped_table()["announcements"]
        ]
        assert set(late) == {0, 1}
        assert (1, 1) not in pairwise(late)
        assert late[-1] == 0

    def test_every_shipped_announcement_and_order_has_its_own_source(self):
        listed = [each for kind in ("announcements", "orders") for each in shipped_table()[kind]]
        assert len({each["source"] for each in listed}) == len(listed)

    def test_an_order_is_for_the_profiles_that_it_names(self):
        by_profile = {name: load_working_calendar(profile=name).orders for name in ("civil", "labour", "4to5")}
        assert by_profile["civil"] == by_profile["4to5"]
        assert [order.id for order in by_profile["labour"]] == ["order.1440-national-day", "order.1444-victory"]


def announced(folder: Path, **lists: Any) -> Path:
    """A file of announcements: one month start, unless other lists are given."""
    start = {
        "id": "start.1450-09",
        "kind": "month-start",
        "year": 1450,
        "month": 9,
        "first_day": date(2029, 1, 17),
        "statement": NAME,
        "source": "Supreme Court, decision 1",
    }
    table = {"provenance": shipped_table()["provenance"], **(lists or {"announcements": [start]})}
    return write_files(folder, {"announcements.toml": table}) / "announcements.toml"


def month_start(year: int, month: int, first_day: date, **fields: Any) -> dict[str, Any]:
    start = {"id": f"start.{year}-{month:02d}", "kind": "month-start", "year": year, "month": month}
    return start | {"first_day": first_day, "statement": NAME, "source": "this test"} | fields


class TestAFileOfAnnouncements:
    def test_adds_its_months_to_the_shipped_calendar_and_to_an_own_one(self, tmp_path):
        file, own = announced(tmp_path), written(tmp_path, shipped_table() | {"profile": "labour"})
        for calendar in (load_working_calendar(announcements=file), load_working_calendar(own, announcements=file)):
            assert not calendar.working_day(date(2029, 2, 19)).open
            assert calendar.authority("start.1450-09").source == "Supreme Court, decision 1"
        assert load_working_calendar(announcements=file).working_day(date(2029, 2, 19)).rules[0] == "start.1450-09"
        assert load_working_calendar().working_day(date(2029, 2, 19)).open

    def test_is_the_calendar_of_a_desk(self, tmp_path):
        calendar = read_calendar(announcements=announced(tmp_path))
        with BookingDesk.open("memory://", calendar=calendar) as desk:
            day = desk.calendar.working_day("riyadh-traffic", date(2029, 2, 19))
            assert (day.open, day.rules[0]) == (False, "start.1450-09")
            assert desk.calendar.statement("start.1450-09").en == "name"

    def test_replaces_what_the_calendar_has_for_a_month_or_an_id(self, tmp_path):
        """So an update of the shipped records never stops a host that has its own."""
        same_month = month_start(1439, 9, date(2018, 5, 16))
        same_id = month_start(1443, 9, date(2022, 4, 2), id="month-start.1443-09")
        file = announced(tmp_path, announcements=[same_month, same_id])
        found = load_working_calendar(announcements=file)
        assert {each.id for each in found.announcements} >= {"start.1439-09", "month-start.1443-09"}
        assert "month-start.1439-09" not in {each.id for each in found.announcements}
        assert found.working_day(date(2018, 5, 16)).ramadan
        assert len(found.announcements) == len(load_working_calendar().announcements)

    @pytest.mark.parametrize(("profile", "is_open"), [("civil", False), ("labour", True)])
    def test_may_have_orders_alone_for_some_profiles(self, tmp_path, profile, is_open):
        order = entry(shipped_table(), "order.1438-fitr") | {"id": "order.own", "profiles": ["civil"]}
        day = date(2027, 5, 4)
        file = announced(tmp_path, orders=[order | {"first_day": day, "last_day": day}])
        assert load_working_calendar(profile=profile, announcements=file).working_day(day).open is is_open

    @pytest.mark.parametrize(
        ("lists", "places"),
        [
            ({"rules": []}, [("top level", "rules"), ("top level", "announcements")]),
            ({"announcements": {}}, [("top level", "announcements")]),
            ({"announcements": [month_start(1450, 9, date(2029, 1, 19))]}, [("start.1450-09", "first_day")]),
            ({"announcements": [month_start(1450, 9, date(2029, 1, 17), source="")]}, [("start.1450-09", "source")]),
            ({"announcements": [month_start(1450, 9, date(2029, 1, 17)), month_start(1450, 10, date(2029, 2, 14))]},
             [("start.1450-10", "first_day")]),
            ({"announcements": [month_start(1439, 8, date(2018, 4, 19))]}, [("start.1439-08", "first_day")]),
            ({"announcements": [month_start(1450, 9, date(2029, 1, 17)),
                                month_start(1450, 9, date(2029, 1, 16), id="again")]}, [("again", "month")]),
            ({"announcements": [month_start(1450, 9, date(2029, 1, 17), id="weekend")]}, [("weekend", "id")]),
            ({"announcements": [closure(rule="none")]}, [("announced.1445-fitr", "rule")]),
            ({"orders": [entry(shipped_table(), "order.1438-fitr") | {"profiles": ["none"]}]},
             [("order.1438-fitr", "profiles")]),
        ],
    )  # fmt: skip
    def test_has_faults_that_name_the_entry_and_the_field(self, tmp_path, lists, places):
        file = announced(tmp_path, **lists)
        with pytest.raises(InvalidCatalogue) as caught:
            load_working_calendar(announcements=file)
        assert [(fault.entry, fault.field) for fault in caught.value.faults] == places
        assert {fault.file for fault in caught.value.faults} == {"announcements.toml"}
        assert "announcements.toml" in caught.value.message("ar")

    def test_that_is_missing_is_reported_plainly(self, tmp_path):
        with pytest.raises(InvalidCatalogue, match="no regular file of that name"):
            load_working_calendar(announcements=tmp_path / "announcements.toml")


class TestFaults:
    @pytest.mark.parametrize(("damage", "places"), DAMAGES)
    def test_name_the_entry_and_the_field(self, tmp_path, damage, places):
        table = shipped_table()
        damage(table)
        with pytest.raises(InvalidCatalogue) as caught:
            load_working_calendar(written(tmp_path, table))
        assert [(fault.entry, fault.field) for fault in caught.value.faults] == places
        assert {fault.file for fault in caught.value.faults} == {FILE}

    def test_are_all_named_at_once(self, tmp_path):
        table = shipped_table()
        entry(table, "weekend")["pattern"] = "FREQ=WEEKLY;BYDAY=XX"
        entry(table, "fitr.civil")["to_day"] = 31
        entry(table, "order.1438-fitr")["source"] = ""
        table["announcements"].append(closure(rule="none"))
        table["provenance"].pop("title")
        with pytest.raises(InvalidCatalogue) as caught:
            load_working_calendar(written(tmp_path, table))
        assert {(fault.entry, fault.field) for fault in caught.value.faults} == {
            ("weekend", "pattern"),
            ("fitr.civil", "to_day"),
            ("order.1438-fitr", "source"),
            ("announced.1445-fitr", "rule"),
            ("provenance", "title"),
        }

    def test_do_not_follow_from_one_another(self, tmp_path):
        table = shipped_table()
        entry(table, "gov.4to5")["source"] = ""
        table["announcements"].append(closure())
        with pytest.raises(InvalidCatalogue) as caught:
            load_working_calendar(written(tmp_path, table))
        assert [(fault.entry, fault.field) for fault in caught.value.faults] == [("gov.4to5", "source")]

    def test_of_a_file_that_is_missing_or_no_toml_are_reported_plainly(self, tmp_path):
        with pytest.raises(InvalidCatalogue, match="no regular file of that name"):
            load_working_calendar(tmp_path / FILE)
        (tmp_path / FILE).write_text("profile =", encoding="utf-8")
        with pytest.raises(InvalidCatalogue, match=FILE):
            load_working_calendar(tmp_path / FILE)


STEPS = [
    (kind, position, name)
    for kind in ("profiles", "rules", "announcements", "orders")
    for position, each in enumerate(shipped_table()[kind])
    for name in each
]
values = (
    st.booleans()
    | st.integers(-(2**80), 2**80)
    | st.text(st.characters(codec="utf-8"), max_size=10)
    | st.dates()
    | st.sampled_from(["weekend", "gov.4to5", "civil", "FREQ=DAILY", "24:00", time(7, 0), [], {}, ["weekend"]])
)


@given(st.lists(st.tuples(st.sampled_from(STEPS), values), min_size=1, max_size=4))
def test_any_values_anywhere_give_a_calendar_or_faults_and_nothing_else(tmp_path_factory, changes):
    table = shipped_table()
    for (kind, position, name), value in changes:
        table[kind][position][name] = value
    with suppress(InvalidCatalogue):
        found = load_working_calendar(written(tmp_path_factory.mktemp("any"), table))
        assert isinstance(found, WorkingCalendar)
        assert found.working_day(date(2024, 4, 10)).rules
