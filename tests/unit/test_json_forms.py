"""The JSON forms of values: written, described by the schemas, read back; and whatever else somebody sends."""

import json
from collections.abc import Mapping
from datetime import date, timedelta, timezone
from enum import Enum
from importlib.resources import files
from typing import Any, Final, Literal

import fastjsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import traffic_booking as tb
from tests import strategies
from tests.desks import open_desk
from tests.examples import EXAMPLES, NOON
from traffic_booking import from_json, to_json
from traffic_booking.json_forms.forms import FORMS, NAMED
from traffic_booking.testing import made_up_person

SCHEMA: Final[dict[str, Any]] = json.loads(
    (files("traffic_booking") / "data" / "values.schema.json").read_text(encoding="utf-8")
)
ME: Final = made_up_person(1)
NO_VALUES: Final = {  # what does something, errors, and types that are no class
    *(name for name in tb.__all__ if name.endswith(("Desk", "Room", "WhatIf", "Gate", "Sealer"))),
    *(name for name in tb.__all__ if isinstance(kind := getattr(tb, name), type) and issubclass(kind, Exception)),
    *("Actor", "AppointmentEvent", "AppointmentNumber", "BEGINNING", "Digits", "Fault", "Language", "PersonId"),
    *("DeskParts", "LogToAudit", "Observer", "WorkingCalendar"),  # configuration and logs: kept in files
}


def written(value: object) -> Any:
    """The JSON of a value, through text."""
    return json.loads(json.dumps(to_json(value), allow_nan=False))


def is_described(data: Any, kind: type) -> None:
    """The schema accepts `data`; raises otherwise."""
    compiled(kind)(data)


def compiled(kind: type) -> Any:
    if kind not in COMPILED:
        COMPILED[kind] = fastjsonschema.compile({**SCHEMA, "$ref": f"#/$defs/{kind.__name__}"})
    return COMPILED[kind]


COMPILED: Final[dict[type, Any]] = {}


KINDS: Final = sorted({type(each) for each in EXAMPLES}, key=lambda kind: kind.__name__)


def test_every_public_value_has_a_form():
    kinds = {getattr(tb, name) for name in tb.__all__ if name not in NO_VALUES and isinstance(getattr(tb, name), type)}
    assert {kind.__name__ for kind in kinds if kind not in {*FORMS, *NAMED} and not issubclass(kind, Enum)} == set()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_value_is_read_back_as_it_was_and_is_described_by_the_schema(kind):
    for value in EXAMPLES:
        if type(value) is kind:
            data = written(value)
            if kind in FORMS:
                is_described(data, kind)
            again = from_json(kind, data)
            assert again == value
            assert to_json(again) == to_json(value)


VERDICTS: Final = st.builds(
    tb.Verdict,
    rule_id=strategies.slugs,
    result=st.sampled_from(tb.Result),
    statement=strategies.bilinguals,
    refusal=st.just(tb.Bilingual("لا يجوز", "Not allowed")),
    observed=strategies.observations,
    limit=strategies.observations,
    allowed_from=st.none() | strategies.instants.filter(lambda moment: moment.year < 9000),
)
VALUES: Final = st.one_of(
    *(strategies.slots, strategies.events, strategies.appointments, strategies.entries),
    *(VERDICTS, st.lists(VERDICTS).map(tuple).map(tb.Refused), strategies.appointments.map(tb.Moved)),
    *(strategies.assertions, strategies.bilinguals, strategies.actors, strategies.records),
    strategies.days.map(tb.Day),
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(VALUES)
def test_any_value_is_read_back_as_it_was(value):
    data = written(value)
    is_described(data, type(value))
    assert from_json(type(value), data) == value


ANY_JSON: Final = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["held", "2026-11-23"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["kind", "slots", "id", "ar"]), inner),
    max_leaves=8,
)


def places(data: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The ways to every value in `data`."""
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [way, *(each for name, value in inner for each in places(value, (*way, name)))]


def replaced(data: Any, way: tuple[Any, ...], value: Any) -> Any:
    """A copy of `data` with another value there."""
    if not way:
        return value
    copy: Any = dict(data) if isinstance(data, dict) else list(data)
    copy[way[0]] = replaced(copy[way[0]], way[1:], value)
    return copy


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.sampled_from([each for each in EXAMPLES if not isinstance(each, tb.Catalogue)]), st.data())
def test_other_json_is_read_as_a_value_or_refused_as_input(value, data):
    good = written(value)
    way = data.draw(st.sampled_from(places(good)))
    other = replaced(good, way, data.draw(ANY_JSON))
    try:
        read = from_json(type(value), other)
    except tb.InvalidInput as error:
        message = str(error)
    else:
        message = ""
        assert from_json(type(value), written(read)) == read
    assert len(message) < 600


@pytest.mark.parametrize("data", [None, 3, "x", [], {}, {"kind": "booked"}, {"x": 1}, float("nan"), object()])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_nothing_else_is_read(kind, data):
    with pytest.raises(tb.InvalidInput):
        from_json(kind, {"no such member": data} if data == {} else data)


def test_a_fault_names_its_place():
    data = written(EXAMPLES[0])
    for way, value, field in (
        (("slots", 1, "free"), "3", "slots[1].free"),
        (("slots", 1, "branch"), "no/branch", "slots[1].branch"),
        (("slots", 2, "starts_at"), "2026-11-23T09:00:00", "slots[2].starts_at"),
        (("slots", 0, "day", "hijri"), "1448-06-11", "slots[0].day"),
        (("slots", 0, "token"), "north.renewal.20261122T0501Z", "slots[0].token"),
        (("slots",), {}, "slots"),
    ):
        with pytest.raises(tb.InvalidInput) as refused:
            from_json(tb.SlotPage, replaced(data, way, value))
        assert refused.value.field == field


def test_members_that_follow_from_others_may_be_left_out_and_unknown_ones_are_refused():
    key = {"branch": "north", "service": "renewal", "starts_at": "2026-11-23T12:00:00+03:00"}
    assert from_json(tb.SlotKey, key).starts_at == NOON
    assert from_json(tb.Day, {"gregorian": "2026-11-23"}) == tb.Day(date(2026, 11, 23))
    with pytest.raises(tb.InvalidInput, match=r"^value: got the member seat; expected branch, service"):
        from_json(tb.SlotKey, key | {"seat": 1})
    with pytest.raises(tb.InvalidInput, match=r"^value: got the member another name; "):
        from_json(tb.SlotKey, key | {ME.reveal(): 1})


def test_an_id_is_written_masked_and_read_with_all_its_digits():
    assert to_json(ME) == {"kind": "national-id", "id": str(ME)}
    session = tb.Session(applicant=ME, started_at=NOON, ends_at=NOON)
    assert ME.reveal() not in json.dumps([to_json(tb.SignedIn(session)), to_json(EXAMPLES[:30])])
    assert from_json(tb.PersonId, {"kind": "national-id", "id": ME.reveal()}) == ME
    assert from_json(tb.NationalId, {"kind": "national-id", "id": ME.reveal()}) == ME
    for wrong in (to_json(ME), {"kind": "resident-id", "id": ME.reveal()}, {"id": ME.reveal()}, ME.reveal()):
        with pytest.raises(tb.InvalidInput) as refused:
            from_json(tb.PersonId, wrong)
        assert ME.reveal() not in str(refused.value)
    assert to_json(tb.UserName("sara.q7")) == {"name": "***"}
    assert from_json(tb.UserName, {"name": "Sara.Q7"}) == tb.UserName("sara.q7")
    delegate = tb.Delegate(person=made_up_person(2), applicant=ME, services={"renewal"}, until=NOON)
    assert to_json(delegate)["applicant"] == to_json(ME)


def test_the_token_of_a_session_is_not_written():
    session = tb.Session(applicant=ME, started_at=NOON, ends_at=NOON, token="a-secret-of-the-browser")
    assert "token" not in to_json(session)
    assert session.token not in json.dumps(to_json(tb.SignedIn(session)))
    with pytest.raises(tb.InvalidInput, match="got the member token"):
        from_json(tb.Session, to_json(session) | {"token": session.token})


@pytest.mark.parametrize("zone", ["Mars/Base", "", "\0", "../../etc/passwd", "x" * 5_000])
def test_a_value_of_no_time_zone_is_refused(zone):
    slot = written(EXAMPLES[0])["slots"][0]
    with pytest.raises(tb.InvalidInput) as refused:
        from_json(
            tb.Slot,
            {name: slot[name] for name in ("branch", "service", "starts_at", "ends_at")}
            | {"capacity": 1, "time_zone": zone, "day": slot["day"]},
        )
    assert refused.value.field == "time_zone"


def test_no_fault_shows_what_may_be_an_id():
    for kind, way in ((tb.Hours, ("opens",)), (tb.Document, ("file_name",)), (tb.AvailableSlot, ("time_zone",))):
        good = written(next(each for each in EXAMPLES if type(each) is kind))
        with pytest.raises(tb.InvalidInput) as refused:
            from_json(kind, replaced(good, way, ME.reveal()))
        assert ME.reveal() not in str(refused.value)


def test_a_challenge_with_pictures_and_sounds_is_read_back():
    challenge = tb.Challenge(content={"ar": {"audio": "data:audio/wav;base64," + "A" * 200_000}}, expires_at=NOON)
    assert from_json(tb.Challenge, written(challenge)) == challenge


def test_lists_unions_and_plain_values_have_forms_too():
    keys = [each.key for each in EXAMPLES[0]]  # type: ignore[attr-defined] # a page
    assert from_json(tuple[tb.SlotKey, ...], written(keys)) == tuple(keys)
    either: Any = tb.Booked | tb.Refused
    booked = next(each for each in EXAMPLES if isinstance(each, tb.Booked))
    assert from_json(either, written(booked)) == booked
    assert to_json([None, True, 1, "x", tb.AppointmentState.CHECKED_IN]) == [None, True, 1, "x", "checked-in"]
    assert to_json(NOON.astimezone(timezone(timedelta(hours=3)))) == "2026-11-23T12:00:00+03:00"
    assert from_json(tb.Weekday, "sunday") is tb.Weekday.SUNDAY
    inside_itself: list[object] = []
    inside_itself.append(inside_itself)
    for value in (object(), {"a": 1}, open_desk(), tb.Clerk, float("nan"), [float("inf")], inside_itself):
        with pytest.raises(tb.InvalidInput):
            to_json(value)
    no_kinds: list[Any] = [object, dict, tb.BookingDesk, None, "SlotKey", [], tuple[()], Mapping, Literal[1, 2]]
    no_kinds += [int | str, tb.Booked | int, tb.SlotKey | tb.Slot]
    for kind in no_kinds:
        with pytest.raises(tb.InvalidInput):
            from_json(kind, {})


def test_an_error_has_its_kind_its_message_and_its_field():
    with pytest.raises(tb.NotFound) as unknown:
        open_desk().find_slots(service="no-such-service")
    form = to_json(unknown.value)
    assert (form["kind"], form["field"], form["faults"]) == ("not-found", None, [])
    with pytest.raises(tb.InvalidInput) as invalid:
        open_desk().find_slots(service="renewal", limit=0)
    assert to_json(invalid.value)["field"] == "limit"
