"""The shell's values are the library's JSON forms: the shipped schema describes them, and they are read back."""

import base64
import json
from collections.abc import Iterable
from importlib.resources import files
from typing import Any

import fastjsonschema
import pytest

import traffic_booking as tb

SCHEMA = json.loads((files("traffic_booking") / "data" / "values.schema.json").read_text(encoding="utf-8"))
CLERK = ("--clerk", "desk-1")


def values(form: Any, *way: str) -> list[Any]:
    """The values in a reply: those of a list one by one."""
    for name in way:
        form = form[name]
    return form if isinstance(form, list) else [form]


def are(kind: type, found: Iterable[Any], *, beside: tuple[str, ...] = ()) -> None:
    """Each value, without the members that only the command has, is that of a `kind`."""
    valid = fastjsonschema.compile({**SCHEMA, "$ref": f"#/$defs/{kind.__name__}"})
    own = [{name: part for name, part in each.items() if name not in beside} for each in found]
    assert own
    for each in own:
        valid(each)
        assert tb.to_json(tb.from_json(kind, each)) == each


@pytest.mark.parametrize(
    ("command", "way", "kind", "beside"),
    [
        (("branches",), ("branches",), tb.Branch, ("services", "distance_km")),
        (("governorates",), ("governorates",), tb.Governorate, ()),
        (("governorates",), ("regions",), tb.Region, ()),
        (("services",), ("services",), tb.Service, ("audience",)),
        (("slots", "--service", "licence-renewal"), ("slots",), tb.AvailableSlot, ()),
        (
            ("month", "--month", "1448-09", "--service", "licence-renewal", "--branch", "riyadh-traffic"),
            ("days",),
            tb.DayAvailability,
            (),
        ),
        (("calendar", "1448-09", "--branch", "riyadh-traffic"), ("days",), tb.BranchDay, ()),
        (("date", "1448-09-01"), ("day",), tb.Day, ()),
        (("rules",), (), tb.Rulebook, ()),
    ],
)
def test_what_is_looked_up(shell, command, way, kind, beside):
    form = shell(*command, "--json").form
    if kind is tb.Rulebook:
        form["rules"] = [
            rule | {"parameters": [without(each, "value") for each in rule["parameters"]]} for rule in form["rules"]
        ]
    are(kind, values(form, *way), beside=beside)


def without(form: dict[str, Any], name: str) -> dict[str, Any]:
    return {each: part for each, part in form.items() if each != name}


def test_appointments_events_decisions_and_tickets(shell, slot):
    held = shell("hold", *slot, "--json").form["appointment"]
    booked = shell("book", *slot, "--agree", "--request-id", "one", "--json").form["appointment"]
    are(tb.Appointment, [held, booked], beside=("applicant",))
    are(tb.Appointment, shell("appointments", "--json").form["appointments"]["upcoming"], beside=("applicant",))
    shown = shell("show", booked["number"], "--json").form
    are(tb.AppointmentHeld, shown["events"][:1])
    are(tb.AppointmentBooked, shown["events"][1:])
    refused = shell("book", *slot, "--agree", "--json").form
    are(tb.Verdict, refused["verdicts"])
    are(tb.Explanation, shell("explain", booked["number"], "--json").form["decisions"])
    ticket = shell("ticket", booked["number"], "--json").form["ticket"]
    are(tb.Document, [ticket])
    assert base64.b64decode(ticket["content"]).decode() == shell("ticket", booked["number"]).out
    are(tb.Verification, [shell("audit", "--json").form])


def test_closures(shell, in_some_days):
    closing = ("close", "--branch", "riyadh-traffic", "--from", in_some_days, "--reason", "صيانة", *CLERK)
    are(tb.BranchException, [shell(*closing, "--dry-run", "--json").form["record"]])
    are(tb.CalendarEntry, [shell(*closing, "--json").form["entry"]], beside=("holds",))
    are(tb.CalendarEntry, shell("closures", "--json").form["entries"], beside=("holds",))


@pytest.mark.long
def test_announced_months(shell):
    start = ("announce", "1450-09", "--first-day", "2029-01-17", "--source", "test", *CLERK)
    looked_at, declared = shell(*start, "--dry-run", "--json").form, shell(*start, "--json").form
    are(tb.MonthStart, [looked_at["record"]])
    are(tb.CalendarEntry, [declared["entry"]], beside=("holds",))
    back = shell("reopen", declared["entry"]["record"]["id"], "--reason", "test", *CLERK, "--json").form
    are(tb.CalendarPreview, [each["preview"] for each in (looked_at, declared, back)])
