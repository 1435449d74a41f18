"""What is written as text is read back equal; anything else is refused without being quoted."""

import json
import traceback
from typing import get_args

import pytest
from attrs import evolve as copy_with
from hypothesis import given
from hypothesis import strategies as st

from tests.bookings import ME, answer, booked
from tests.small_town import START
from traffic_booking.domain.changes import Change
from traffic_booking.domain.commands import BookSlot, Command, HoldSlot
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.events import AppointmentEvent
from traffic_booking.domain.feed import BEGINNING
from traffic_booking.domain.outcomes import Booked, Outcome
from traffic_booking.domain.rules.cases import Case
from traffic_booking.domain.rules.verdict import KEPT, Findings
from traffic_booking.persistence import (
    APPOINTMENT,
    CASE,
    COMMAND,
    EVENT,
    FINDINGS,
    OUTCOME,
    VERDICT,
)
from traffic_booking.persistence.changes import event_of, store_change
from traffic_booking.persistence.converter import CASE_TAGS, COMMAND_TAGS, EVENT_TAGS, OUTCOME_TAGS
from traffic_booking.ports.primitives import LogEntry
from traffic_booking.testing import strategies

FORMS = {
    "appointment": (APPOINTMENT, strategies.appointments),
    "case": (CASE, strategies.cases),
    "command": (COMMAND, strategies.commands),
    "event": (EVENT, strategies.events),
    "findings": (FINDINGS, strategies.findings),
    "outcome": (OUTCOME, strategies.outcomes),
    "verdict": (VERDICT, strategies.verdicts),
}
CLASS_NAMES = {kind.__name__ for union in (Command, Outcome, AppointmentEvent) for kind in get_args(union)}


def exactly(data):
    """`data` as text in one order, where a truth value and the number that equals it differ."""
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


def log_entry(event):
    (entry,) = store_change(Change(events=(event,))).entries
    return entry


@given(event=strategies.events)
def test_an_event_is_rebuilt_from_its_entry_in_the_log(event):
    entry = log_entry(event)
    assert event_of(LogEntry(BEGINNING, *entry)) == event
    assert (entry.stream, entry.kind) == (f"appointment/{event.number}", EVENT_TAGS[type(event)])
    assert exactly(json.loads(entry.body)) == exactly(EVENT.data(event))


@given(outcome=strategies.outcomes, event=strategies.events, command=strategies.commands)
def test_no_class_name_is_written(outcome, event, command):
    for data in (OUTCOME.data(outcome), EVENT.data(event), COMMAND.data(command)):
        assert data["kind"] not in CLASS_NAMES


def test_every_member_of_a_union_has_a_tag_of_its_own():
    unions = ((Case, CASE_TAGS), (Command, COMMAND_TAGS), (Outcome, OUTCOME_TAGS), (AppointmentEvent, EVENT_TAGS))
    for union, tags in unions:
        assert set(tags) == set(get_args(union))
        assert len(set(tags.values())) == len(tags)


@given(command=strategies.commands.filter(lambda command: isinstance(command, HoldSlot | BookSlot)))
def test_what_the_host_vouches_for_is_kept_with_the_request_and_doesn_t_make_it_another(command):
    read = COMMAND.from_text(COMMAND.text(command))
    assert isinstance(read, HoldSlot | BookSlot)
    assert read.assertions == command.assertions
    assert command == copy_with(command, assertions=None)
    assert ("assertions" in COMMAND.data(command)) is (command.assertions is not None)


def test_the_words_of_rules_are_kept_short():
    found = Findings(("BK-01", "BK-04"), (KEPT, (False, START, 3, START)))
    at = {"instant": "2026-11-22T04:00:00+00:00"}
    assert FINDINGS.data(found) == {"BK-01": True, "BK-04": [False, at, 3, at]}
    assert FINDINGS.from_data({"BK-01": [True], "BK-04": [False, at, 3, at]}) == found


@pytest.mark.parametrize("word", [[], [1], 1, ["yes"], [True, None, None, 5], [True, 1.5]])
def test_a_word_that_no_rule_says_is_refused(word):
    with pytest.raises(InvalidInput, match=r"^stored findings: "):
        FINDINGS.from_data({"BK-01": word})


def test_the_text_of_an_answer_stays_what_it_was():
    """Stored text outlives releases: a change here needs a migration."""
    appointment, event = booked(1)
    written = answer("r-1", Booked(appointment))
    assert json.loads(COMMAND.text(written.command)) == {
        "kind": "book",
        "request_id": "r-1",
        "actor": f"person:{ME.reveal()}",
        "applicant": ME.reveal(),
        "slot": {"branch": "north", "service": "renewal", "starts_at": "2026-11-22T05:00:00+00:00"},
        "agreed": True,
    }
    assert json.loads(OUTCOME.text(written.outcome)) == {
        "kind": "booked",
        "appointment": {
            "number": appointment.number,
            "version": 1,
            "state": "booked",
            "slot": {"branch": "north", "service": "renewal", "starts_at": "2026-11-22T05:00:00+00:00"},
            "slot_ends_at": "2026-11-22T05:15:00+00:00",
            "time_zone": "Asia/Riyadh",
            "applicant": ME.reveal(),
            "rulebook": "test-1",
            "changed_at": "2026-11-22T04:00:00+00:00",
            "instructions": "2026-11-01",
        },
    }
    assert log_entry(event).kind == "booked"
    assert json.loads(log_entry(event).body).keys() == EVENT.data(event).keys()


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
    "a wrong person": altered(["appointment", "applicant"], ME.reveal()[:-1] + "0"),
    "an instant without offset": altered(["appointment", "changed_at"], "2026-11-22T04:00:00"),
    "an instant elsewhere": altered(["appointment", "changed_at"], "2026-11-22T04:00:00+03:00"),
    "nothing for an appointment": altered(["appointment"], None),
    "deep nesting": "[" * 100_000,
}


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG)
def test_text_that_was_not_written_here_is_refused_without_being_quoted(text):
    with pytest.raises(InvalidInput, match="stored outcome") as caught:
        OUTCOME.from_text(text)
    assert ME.reveal()[:-1] not in "".join(traceback.format_exception(caught.value))
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    "text", ["person:1", "person", "clerk:", "clerk:No Slug", "system:", "root", "", "Person:1000000016"]
)
def test_an_actor_of_no_known_kind_is_refused(text):
    data = COMMAND.data(answer("r", Booked(booked(1)[0])).command)
    with pytest.raises(InvalidInput):
        COMMAND.from_data(data | {"actor": text})


@pytest.mark.parametrize("observed", [1.5, [], {"instant": "x"}, {"instant": "2026-11-22T04:00:00+00:00", "more": 1}])
def test_an_observation_of_another_type_is_refused(observed):
    statement = {"ar": "نص", "en": "text"}
    data = {"rule_id": "BK-01", "granted": True, "statement": statement, "limit": None, "allowed_from": None}
    with pytest.raises(InvalidInput):
        VERDICT.from_data(data | {"observed": observed})
