"""The text that is written without the converter says what the converter says, whatever fields a record has."""

import json
from datetime import UTC, datetime
from types import GenericAlias, NoneType
from typing import Any, NewType

import pytest
from attrs import Factory, field, frozen

from tests.bookings import ME
from traffic_booking.domain.appointment_numbers import AppointmentNumber
from traffic_booking.domain.commands import MoveAppointment
from traffic_booking.domain.identity import PersonId
from traffic_booking.domain.outside_text import RequestId
from traffic_booking.domain.places import BranchId
from traffic_booking.domain.rules.verdict import Findings
from traffic_booking.domain.services import ServiceId
from traffic_booking.domain.slots import SlotKey
from traffic_booking.persistence import findings_form
from traffic_booking.persistence.codecs import COMMAND, WRITERS
from traffic_booking.persistence.converter import TAG, new_converter
from traffic_booking.persistence.writing import Writers

Name = NewType("Name", str)
ShortName = NewType("ShortName", Name)
AT = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
AWKWARD = ('say "so"', "back\\slash", "new\nline \x01", "{brace} '' %s", "مرور", "\u2028")


@frozen(kw_only=True)
class Inner:
    name: ShortName
    seats: int = 1


@frozen(kw_only=True)
class Outer:
    text: str
    person: PersonId
    at: datetime
    whole: int
    truth: bool
    inner: Inner
    many: tuple[Inner, ...]
    maybe: Inner | None
    either: str | bool
    pair: tuple[int, str] = (1, "one")
    named: dict[str, bool] = field(default=Factory(dict))
    listed: list[int] = field(default=Factory(list))
    told: str | None = None
    agreed: bool = False
    derived: int = field(init=False, default=7)


@frozen(kw_only=True)
class Counted:
    seats: int


@frozen(kw_only=True)
class TwoSlots:
    first: SlotKey
    second: SlotKey


def outer(**changed):
    plain = {"text": "a", "person": ME, "at": AT, "whole": -3, "truth": True, "inner": Inner(name=ShortName(Name("b")))}
    return Outer(**{**plain, "many": (), "maybe": None, "either": False, **changed})


VALUES = [
    outer(),
    outer(many=(Inner(name=ShortName(Name("c")), seats=2), Inner(name=ShortName(Name("d"))))),
    outer(maybe=Inner(name=ShortName(Name("e"))), either="yes", truth=False),
    outer(pair=(2, "two"), named={"yes": True, "no": False}),
    outer(either=True, listed=[1, 2], told="", agreed=True, whole=10**30),
    *(outer(text=text, either=text, told=text, inner=Inner(name=ShortName(Name(text)))) for text in AWKWARD),
]


@pytest.mark.parametrize("value", VALUES)
def test_a_record_is_written_as_the_converter_has_it(value):
    converter = new_converter()
    writers = Writers(converter)
    expected = json.loads(json.dumps(converter.unstructure(value, Outer)))  # a tuple is a list there
    assert json.loads(writers.of(Outer)(value)) == expected
    assert json.loads(writers.record(Outer, tag="outer")(value)) == expected | {TAG: "outer"}
    without = {name: expected[name] for name in expected if name not in {"text", "told"}}
    assert json.loads(writers.record(Outer, without=("text", "told"))(value)) == without


def test_records_of_a_union_are_told_apart_by_their_tags():
    union = Inner | Outer
    write = Writers(new_converter(), ((union, {Inner: "in", Outer: "out"}),)).of(union)
    assert json.loads(write(Inner(name=ShortName(Name("f"))))) == {"name": "f", TAG: "in"}
    assert json.loads(write(outer()))[TAG] == "out"


@pytest.mark.parametrize("value", [None, 1, 0, ()])
def test_what_is_neither_a_truth_value_nor_text_is_not_made_one(value):
    """Whatever no type checker has seen is refused when it is read, and so it must be told as it is."""
    assert json.loads(Writers(new_converter()).of(str | bool)(value)) == ([] if value == () else value)
    assert Writers(new_converter()).of(str | bool)(value) not in {"true", "false"}


@pytest.mark.parametrize("truth", [True, False])
def test_a_truth_value_for_a_whole_number_is_written_as_a_number_which_can_be_read(truth):
    writers, converter = Writers(new_converter()), new_converter()
    assert writers.of(int)(truth) == f"{truth:d}"
    value = Counted(seats=truth)
    assert writers.of(Counted)(value) == f'{{"seats":{truth:d}}}'
    assert converter.structure(json.loads(writers.of(Counted)(value)), Counted) == value
    with pytest.raises(TypeError):
        converter.structure(converter.unstructure(value), Counted)


def test_a_kind_that_is_said_again_is_written_by_one_function_which_remembers():
    writers = Writers(new_converter(), said_again=(SlotKey,))
    assert writers.of(SlotKey) is writers.of(SlotKey)
    memory: Any = writers.of(SlotKey)
    key = SlotKey(BranchId("north"), ServiceId("renewal"), AT)
    told = json.loads(writers.record(TwoSlots)(TwoSlots(first=key, second=key)))
    assert told["first"] == told["second"]
    assert (memory.cache_info().misses, memory.cache_info().hits) == (1, 1)


def test_what_looks_like_a_union_by_its_arguments_alone_is_left_to_the_converter():
    writers = Writers(new_converter())
    assert writers.of(dict[str, bool]) is not writers.of(str | bool)
    assert json.loads(writers.of(GenericAlias(dict, (str, NoneType)))({"it": None})) == {"it": None}


def test_the_slot_of_a_request_is_not_remembered():
    """A host may pass on what was typed: a request is kept even where nobody has looked up what it names."""
    memory: Any = WRITERS.of(SlotKey)
    before = memory.cache_info()
    slot = SlotKey(BranchId(f"typed {ME.reveal()}"), ServiceId("renewal"), AT)
    move = MoveAppointment(request_id=RequestId("r"), actor=ME, number=AppointmentNumber("n"), slot=slot)
    assert json.loads(COMMAND.text(move))["slot"]["branch"] == slot.branch
    assert memory.cache_info() == before


def test_what_breaks_a_rule_is_not_remembered():
    """An agreement to a version of the instructions that there never was, say."""
    before = dict(findings_form._REMEMBERED)
    told = findings_form.findings_text(Findings(("BK-06",), ((False, ME.reveal(), "2026-11-22", None),)))
    assert json.loads(told) == {"BK-06": [False, ME.reveal(), "2026-11-22"]}
    assert before == findings_form._REMEMBERED


def test_of_what_rules_say_a_bounded_number_is_remembered(monkeypatch):
    monkeypatch.setattr(findings_form, "REMEMBERED_WORDS", 4)
    monkeypatch.setattr(findings_form, "_REMEMBERED", {})
    for taken in range(10):
        told = findings_form.findings_text(Findings(("BK-05",), ((True, taken, 10, None),)))
        assert json.loads(told) == {"BK-05": [True, taken, 10]}
        assert len(findings_form._REMEMBERED) <= 4


def test_a_record_of_which_nothing_is_left_is_empty():
    assert Writers(new_converter()).record(Inner, without=("name", "seats"))(VALUES[0].inner) == "{}"


def test_a_record_whose_fields_may_all_be_left_out_is_a_mistake():
    with pytest.raises(AssertionError, match="always written"):
        Writers(new_converter()).record(Inner, without=("name",))
