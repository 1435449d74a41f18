"""How long stored records are kept: the value, the file, and the faults of a file."""

import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

import traffic_booking
from tests.data_folders import toml_text
from traffic_booking import InvalidCatalogue, InvalidInput
from traffic_booking.adapters.data_files import read_retention, shipped_retention
from traffic_booking.domain.appointments.states import LONGEST_LOOK_BACK
from traffic_booking.domain.audit.retention import (
    FEWEST_DAYS,
    FEWEST_REFUSALS,
    KEPT,
    LIMITS,
    LONGEST_DAYS,
    MOST_REFUSALS,
    PERIODS,
    Retention,
)

DAY = timedelta(days=1)
ALL: dict[str, Any] = {**dict.fromkeys(PERIODS, 7 * DAY), "appointments": 400 * DAY, "refusals_per_minute": 60}
LENGTHS = {name: ALL[name] for name in PERIODS}
SHIPPED = Path(traffic_booking.__file__).parent / "data" / "retention.toml"


def shipped_table():
    return tomllib.loads(SHIPPED.read_text(encoding="utf-8"))


def period(table, name):
    return next(each for each in table["periods"] if each["id"] == name)


def faults_of(tmp_path, spoil):
    table = shipped_table()
    spoil(table)
    file = tmp_path / "retention.toml"
    file.write_text(toml_text(table), encoding="utf-8")
    with pytest.raises(InvalidCatalogue) as caught:
        read_retention(file)
    assert {fault.file for fault in caught.value.faults} == {"retention.toml"}
    return [(fault.entry, fault.field) for fault in caught.value.faults]


def test_every_period_has_its_name():
    retention = Retention(**ALL | {"codes": DAY})
    assert retention.codes == DAY
    assert list(retention.periods.items()) == [*(LENGTHS | {"codes": DAY}).items()]
    assert tuple(retention.periods) == PERIODS


@pytest.mark.parametrize("name", PERIODS)
def test_a_period_is_a_day_to_a_hundred_years_and_that_of_appointments_longer_than_rules_look_back(name):
    fewest = FEWEST_DAYS.get(name, 1)
    for length in (fewest * DAY, LONGEST_DAYS * DAY):
        assert Retention(**ALL | {name: length}).periods[name] == length
    for length in (fewest * DAY - timedelta.resolution, LONGEST_DAYS * DAY + timedelta.resolution, timedelta(), -DAY):
        expected = f"^{name}: got {length}; expected a timedelta of {fewest} to 36525 days"
        with pytest.raises(InvalidInput, match=expected):
            Retention(**ALL | {name: length})


class Longer(timedelta):
    """Not exactly a timedelta."""


def test_the_shortest_period_of_appointments_is_longer_than_any_rule_looks_back():
    assert {"appointments": LONGEST_LOOK_BACK.days + 1} == FEWEST_DAYS


@pytest.mark.parametrize("most", [FEWEST_REFUSALS, MOST_REFUSALS])
def test_an_actor_may_be_refused_ten_to_ten_thousand_times_a_minute(most):
    assert Retention(**ALL | {"refusals_per_minute": most}).refusals_per_minute == most
    for beyond in (FEWEST_REFUSALS - 1, MOST_REFUSALS + 1):
        with pytest.raises(InvalidInput, match=f"^refusals_per_minute: got {beyond}; expected"):
            Retention(**ALL | {"refusals_per_minute": beyond})


@pytest.mark.parametrize("name", [*PERIODS, *LIMITS])
def test_no_figure_has_a_default(name):
    with pytest.raises(TypeError, match=name):
        Retention(**{other: figure for other, figure in ALL.items() if other != name})


@pytest.mark.parametrize("value", [7, 7.0, True, "7", None, Longer(days=7)], ids=repr)
def test_a_period_of_another_type_is_refused(value):
    with pytest.raises(InvalidInput, match=f"^codes: got {type(value).__name__}; expected a timedelta"):
        Retention(**ALL | {"codes": value})


def test_the_shipped_file_is_unofficial_and_has_each_kind_once():
    table = shipped_table()
    assert table["provenance"]["status"] == "unofficial"
    assert [each["id"] for each in table["periods"]] == list(PERIODS)
    assert [each["id"] for each in table["kept"]] == list(KEPT)
    assert [each["id"] for each in table["limits"]] == list(LIMITS)
    days = {each["id"]: each["days"] * DAY for each in table["periods"]}
    assert shipped_retention().periods == read_retention(SHIPPED).periods == days
    assert shipped_retention().refusals_per_minute == table["limits"][0]["most"]
    assert shipped_retention() is shipped_retention()


def test_shipped_figures_are_longer_than_what_rests_on_the_records():
    """A challenge and a lock last a day at most, and rules look back 366 days."""
    shipped = shipped_retention()
    assert min(shipped.codes, shipped.attempts) > DAY
    assert shipped.appointments > 366 * DAY


def test_a_person_is_kept_as_long_as_an_appointment_at_least():
    assert shipped_retention().persons >= shipped_retention().appointments


@pytest.mark.parametrize(
    ("spoil", "wanted"),
    [
        (lambda t: t.pop("provenance"), [("provenance", "entry")]),
        (lambda t: t.update(more=1), [("top level", "more")]),
        (lambda t: t.pop("periods"), [("top level", "periods")]),
        (lambda t: t.update(kept={}), [("top level", "kept")]),
        (lambda t: t["periods"].remove(period(t, "codes")), [("codes", "id")]),
        (lambda t: t["periods"].append(period(t, "codes")), [("codes", "id")]),
        (lambda t: t["kept"].pop(0), [("calendar_entries", "id")]),
        (lambda t: t["kept"].append(dict(t["kept"][0], id="codes")), [("codes", "id")]),
        (lambda t: t["periods"].append(dict(t["periods"][0], id="counters")), [("counters", "id")]),
        (lambda t: period(t, "codes").pop("days"), [("codes", "days")]),
        (lambda t: period(t, "codes").update(days=0), [("codes", "days")]),
        (lambda t: period(t, "codes").update(days=LONGEST_DAYS + 1), [("codes", "days")]),
        (lambda t: period(t, "codes").update(days=10**15), [("codes", "days")]),
        (lambda t: period(t, "codes").update(days=True), [("codes", "days")]),
        (lambda t: period(t, "codes").update(days=7.0), [("codes", "days")]),
        (lambda t: period(t, "codes").update(days=date(2026, 1, 1)), [("codes", "days")]),
        (lambda t: period(t, "codes").update(note=""), [("codes", "note")]),
        (lambda t: period(t, "codes").update(articles=[]), [("codes", "articles")]),
        (lambda t: period(t, "appointments").update(days=366), [("appointments", "days")]),
        (lambda t: t.pop("limits"), [("top level", "limits")]),
        (lambda t: t["limits"].clear(), [("refusals_per_minute", "id")]),
        (lambda t: t["limits"].append(t["limits"][0]), [("refusals_per_minute", "id")]),
        (lambda t: t["limits"][0].update(most=9), [("refusals_per_minute", "most")]),
        (lambda t: t["limits"][0].update(most=10_001), [("refusals_per_minute", "most")]),
        (lambda t: t["limits"][0].update(most="60"), [("refusals_per_minute", "most")]),
        (lambda t: t["limits"][0].pop("note"), [("refusals_per_minute", "note")]),
        (lambda t: t["kept"][0].update(days=7), [("calendar_entries", "days")]),
        (
            lambda t: (period(t, "reveals").pop("after"), period(t, "codes").update(days="2"), t["kept"][2].clear()),
            [
                ("codes", "days"),
                ("reveals", "after"),
                ("kept[3]", "id"),
                ("kept[3]", "note"),
                ("kept[3]", "articles"),
                ("counters", "id"),
            ],
        ),
    ],
)
def test_every_fault_of_a_file_is_named(tmp_path, spoil, wanted):
    assert faults_of(tmp_path, spoil) == wanted


def test_a_file_that_is_none_is_one_fault(tmp_path):
    with pytest.raises(InvalidCatalogue, match="expected a TOML file"):
        read_retention(tmp_path / "none.toml")


def test_a_file_of_a_host_is_read(tmp_path):
    table = shipped_table()
    period(table, "codes")["days"] = LONGEST_DAYS
    period(table, "attempts")["days"] = 1
    table["limits"][0]["most"] = 10
    (tmp_path / "ours.toml").write_text(toml_text(table), encoding="utf-8")
    found = read_retention(tmp_path / "ours.toml")
    assert (found.codes, found.attempts, found.refusals_per_minute) == (LONGEST_DAYS * DAY, DAY, 10)
    assert {**found.periods, "codes": 2 * DAY, "attempts": 30 * DAY} == shipped_retention().periods
