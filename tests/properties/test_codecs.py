"""Values written as text are read back equal; any other text is refused without being quoted."""

import json
import traceback
from typing import get_args

import pytest
from attrs import evolve as copy_with
from hypothesis import given
from hypothesis import strategies as st

from tests import strategies
from tests.bookings import ME, answer, booked, id_of
from traffic_booking.domain.appointments.commands import BookSlot, Command, HoldSlot
from traffic_booking.domain.appointments.events import AppointmentEvent
from traffic_booking.domain.audit.feed import BEGINNING
from traffic_booking.domain.decisions.outcomes import Booked, Outcome
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.rules.verdict import broken
from traffic_booking.persistence.codecs import COMMAND, COMMAND_TAGS, OUTCOME, OUTCOME_TAGS
from traffic_booking.persistence.event_codec import EVENT_TAGS
from traffic_booking.persistence.log import event_append, event_of
from traffic_booking.persistence.value_codecs import decode_finding, encode_finding
from traffic_booking.ports.primitives import LogEntry

FORMS = {
    "command": (COMMAND, strategies.commands),
    "outcome": (OUTCOME, strategies.outcomes),
}
CLASS_NAMES = {kind.__name__ for union in (Command, Outcome, AppointmentEvent) for kind in get_args(union)}


def exactly(data):
    """`data` as text in one order, which distinguishes a truth value from the number that equals it."""
    return json.dumps(data, sort_keys=True)


@pytest.mark.parametrize("form_and_values", FORMS.values(), ids=FORMS)
@given(data=st.data())
def test_every_value_is_read_back_equal(form_and_values, data):
    form, values = form_and_values
    value = data.draw(values)
    text = form.text(value)
    assert form.from_text(text) == value
    assert exactly(json.loads(text)) == exactly(form.data(value))
    assert form.from_text(text.encode().decode()) == value


@given(event=strategies.events)
def test_an_event_is_rebuilt_from_its_entry_in_the_log(event):
    entry = event_append(event)
    assert event_of(LogEntry(BEGINNING, *entry)) == event
    assert (entry.stream, entry.kind) == (event.number, EVENT_TAGS[type(event)])


@given(outcome=strategies.outcomes, event=strategies.events, command=strategies.commands)
def test_no_class_name_is_written(outcome, event, command):
    for kind in (OUTCOME.data(outcome)["kind"], event_append(event).kind, COMMAND.data(command)["kind"]):
        assert kind not in CLASS_NAMES


def test_every_member_of_a_union_has_a_tag_of_its_own():
    unions = ((Command, COMMAND_TAGS), (Outcome, OUTCOME_TAGS), (AppointmentEvent, EVENT_TAGS))
    for union, tags in unions:
        assert set(tags) == set(get_args(union))
        assert len(set(tags.values())) == len(tags)


@given(command=strategies.commands.filter(lambda command: isinstance(command, HoldSlot | BookSlot)))
def test_assertions_are_kept_with_the_request_and_do_not_make_it_another(command):
    read = COMMAND.from_text(COMMAND.text(command))
    assert isinstance(read, HoldSlot | BookSlot)
    assert read.assertions == command.assertions
    assert command == copy_with(command, assertions=None)
    assert ("assertions" in COMMAND.data(command)) is (command.assertions is not None)


def test_the_text_of_a_request_and_its_outcome_stays_what_it_was():
    """Stored text outlives releases: a change here needs a migration."""
    appointment, event = booked(1)
    written = answer("r-1", Booked(appointment))
    person = f"citizen:{ME.subject}"
    assert json.loads(COMMAND.text(written.command)) == {
        "kind": "book",
        "request_id": "r-1",
        "actor": person,
        "applicant": person,
        "slot": {"branch": "north", "service": "renewal", "starts_at": "2026-11-22T05:00:00Z"},
        "agreed": True,
    }
    assert json.loads(OUTCOME.text(written.outcome)) == {
        "kind": "booked",
        "appointment": {
            "number": appointment.number,
            "version": 1,
            "state": "booked",
            "slot": {"branch": "north", "service": "renewal", "starts_at": "2026-11-22T05:00:00Z"},
            "slot_ends_at": "2026-11-22T05:15:00Z",
            "time_zone": "Asia/Riyadh",
            "applicant": person,
            "rulebook": "test-1",
            "changed_at": "2026-11-22T04:00:00Z",
            "instructions": "2026-11-01",
        },
    }
    assert json.loads(event_append(event).body) == {
        "version": 1,
        "at": "2026-11-22T04:00:00Z",
        "rulebook": "test-1",
        "for": person,
        "request": "request-1",
        "slot": ["north", "renewal", "2026-11-22T05:00:00Z", 15],
        "agreed": "2026-11-01",
    }


def altered(path, value):
    data = OUTCOME.data(Booked(booked(1)[0]))
    place = data
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return json.dumps(data)


WRONG = {
    "no JSON": "nonsense",
    "nothing": "",
    "a list": "[]",
    "no tag": "{}",
    "an unknown tag": altered(["kind"], "Booked"),
    "an unknown key": altered(["more"], 1),
    "an unknown key inside": altered(["appointment", "more"], 1),
    "a number as text": altered(["appointment", "version"], "1"),
    "a truth value as a number": altered(["appointment", "version"], value=True),
    "text that is a number": altered(["appointment", "time_zone"], 3),
    "an unknown state": altered(["appointment", "state"], "lost"),
    "an id for a subject": altered(["appointment", "applicant"], id_of(ME).reveal()),
    "an instant without offset": altered(["appointment", "changed_at"], "2026-11-22T04:00:00"),
    "an instant elsewhere": altered(["appointment", "changed_at"], "2026-11-22T04:00:00+03:00"),
    "nothing for an appointment": altered(["appointment"], None),
    "deep nesting": "[" * 100_000,
}


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG)
def test_text_that_was_not_written_here_is_refused_without_being_quoted(text):
    with pytest.raises(InvalidInput, match="stored outcome") as caught:
        OUTCOME.from_text(text)
    assert id_of(ME).reveal() not in "".join(traceback.format_exception(caught.value))
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    "text", ["person:1", "person", "citizen", "delegate:1", "system:", "root", "", "Citizen:made-up-subject-000001"]
)
def test_an_actor_of_no_known_kind_is_refused(text):
    data = COMMAND.data(answer("r", Booked(booked(1)[0])).command)
    with pytest.raises(InvalidInput):
        COMMAND.from_data(data | {"actor": text})


@given(st.builds(broken, strategies.observations, strategies.observations, st.none() | strategies.instants))
def test_a_finding_is_read_back_equal(finding):
    assert decode_finding(json.loads(json.dumps(encode_finding(finding)))) == finding


@pytest.mark.parametrize(
    "data", [[True], [1.5], [[]], [{"instant": "x"}], [{"instant": "2026-11-22T04:00:00Z", "more": 1}], [1, 2, 5]]
)
def test_a_finding_that_no_rule_has_is_refused(data):
    with pytest.raises((TypeError, ValueError)):
        decode_finding(data)
