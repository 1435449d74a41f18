"""Values that a host constructs and a store keeps are checked as they are made: types, bounds, number of members."""

from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum
from itertools import count
from types import SimpleNamespace

import pytest

from tests.bookings import number, slot
from tests.calendars import HEAD, WORDS
from tests.desks import open_desk
from tests.people import ME, YOU
from tests.small_town import START
from traffic_booking import (
    AnnouncedClosure,
    Assertions,
    AvailableSlot,
    Booked,
    BranchException,
    Clerk,
    Delegate,
    Effect,
    Holder,
    Hours,
    InvalidInput,
    MonthStart,
    Slot,
    SlotKey,
    SpecialOrder,
    Withdrawal,
)
from traffic_booking.domain.calendars.hijri import HijriDate
from traffic_booking.domain.instants import instant
from traffic_booking.domain.places.services import Condition, Eligibility, RequiredDocument
from traffic_booking.domain.text_input import request_id
from traffic_booking.persistence.basic_codecs import rebuilt

DAY = date(2026, 12, 1)
MORNING = Hours(480, 720)
LONG = 10**5_000
"""A number that can't even be printed."""
FRACTIONS = rebuilt(Hours, opens_minute=480.0, closes_minute=720.0)
"""Values of a host that bypasses the constructor with `copy.replace` or `pickle`."""


class Word(StrEnum):
    NORTH = "north"


class Finer(datetime):
    """Like the timestamps of pandas: a subclass that writes more digits than are read."""

    def isoformat(self, *_, **__):
        return "2026-11-22T05:00:00.000000001+00:00"


def of_hours(opens, closes):
    return Hours(opens, closes)


def order(**parts):
    return SpecialOrder(**{"id": "order", "first_day": DAY, "last_day": DAY, "opens": True, **HEAD, **parts})


def exception(**parts):
    whole = {"id": "exception", "branch": "north", "first_day": DAY, "last_day": DAY, "effect": Effect.CLOSED}
    return BranchException(**{**whole, "reason": WORDS, **parts})


def month(**parts):
    return MonthStart(**{"id": "month", "year": 1448, "month": 9, "first_day": date(2027, 2, 9), **HEAD, **parts})


def closure(**parts):
    return AnnouncedClosure(**{"id": "eid", "rule": "gov", "first_day": DAY, "last_day": DAY, **HEAD, **parts})


def vouched(**parts):
    return Assertions(**{"checked_at": START, **parts})


def delegate(**parts):
    return Delegate(**{"person": ME, "applicant": YOU, "services": ["renewal"], "until": START, **parts})


REFUSED = {
    "hours of fractions": lambda: of_hours(480.0, 720.0),
    "hours of truth values": lambda: Hours(opens_minute=False, closes_minute=True),
    "hours of text": lambda: of_hours("08:00", "12:00"),
    "hours that can't be printed": lambda: Hours(0, LONG),
    "an order that opens 1 time": lambda: order(opens=1),
    "an order with hours of numbers": lambda: order(hours=[(480, 720)]),
    "an order with hours of text": lambda: order(hours="08:00"),
    "an order with hours alone": lambda: order(hours=MORNING),
    "an order with endless hours": lambda: order(hours=(MORNING for _ in count())),
    "an order with 25 windows": lambda: order(hours=[Hours(place, place + 1) for place in range(25)]),
    "an order with a statement of text": lambda: order(statement="closed"),
    "an order from an instant on": lambda: order(first_day=START),
    "an order until a text": lambda: order(last_day="2026-12-01"),
    "an order of an id that is a number": lambda: order(id=7),
    "an exception with an effect of text": lambda: exception(effect="closed"),
    "an exception with an unknown effect": lambda: exception(effect="nonsense"),
    "an exception with a reason of text": lambda: exception(reason="closed"),
    "an exception with a capacity of a truth value": lambda: exception(effect=Effect.OTHER_CAPACITY, capacity=True),
    "an exception of a branch that is a number": lambda: exception(branch=7),
    "a month that is a truth value": lambda: month(month=True),
    "a month that can't be printed": lambda: month(month=LONG),
    "a year that can't be printed": lambda: month(year=-LONG),
    "a month that begins at an instant": lambda: month(first_day=START),
    "a closure by a rule that is a number": lambda: closure(rule=7),
    "a closure until an instant": lambda: closure(last_day=START),
    "a withdrawal of a number": lambda: Withdrawal(7),
    "a day that can't be printed": lambda: HijriDate(1448, 9, LONG),
    "a clerk with half a character": lambda: Clerk("\ud800"),
    "a clerk with a NUL": lambda: Clerk("a\0"),
    "a birth date that is an instant": lambda: vouched(birth_date=START),
    "a birth date that is a text": lambda: vouched(birth_date="2000-01-01"),
    "an expiry that is an instant": lambda: vouched(expires_on=START),
    "conditions that are one text": lambda: vouched(met="abc"),
    "conditions that are numbers": lambda: vouched(met=[7]),
    "conditions that are a number": lambda: vouched(met=7),
    "conditions without end": lambda: vouched(met=(f"c{place}" for place in count())),
    "65 conditions": lambda: vouched(met=[f"c{place}" for place in range(65)]),
    "an instant without offset": lambda: vouched(checked_at=datetime(2026, 11, 22)),  # noqa: DTZ001 - it is the case
    "an instant that is a day": lambda: vouched(checked_at=DAY),
    "services that are one text": lambda: delegate(services="renewal"),
    "services that are a table": lambda: delegate(services={"renewal": True}),
    "65 services": lambda: delegate(services=[f"s{place}" for place in range(65)]),
    "a delegation until a day": lambda: delegate(until=DAY),
    "holders of text": lambda: Eligibility(holders=["citizen"]),
    "a holder alone": lambda: Eligibility(holders=Holder.CITIZEN),
    "documents for holders of text": lambda: RequiredDocument("d", WORDS, "citizen"),
    "conditions of text": lambda: Eligibility(holders=set(Holder), conditions=("medical",)),
    "65 conditions of a service": lambda: Eligibility(
        holders=set(Holder), conditions=[Condition(f"c{place}", WORDS) for place in range(65)]
    ),
    "a request id that NFC makes longer": lambda: request_id("\U0001d160" * 43),
}


@pytest.mark.parametrize("make", REFUSED.values(), ids=REFUSED)
def test_a_value_of_another_type_or_size_is_refused_by_name(make):
    with pytest.raises(InvalidInput, match=r"^[a-z_ ,A-Z]+: got .*; expected .*"):
        make()


def test_lists_of_any_kind_up_to_their_bound_are_taken():
    assert vouched(met=(f"c{place}" for place in range(64))).met == {f"c{place}" for place in range(64)}
    assert delegate(services={"b", "a"}).services == {"a", "b"}
    assert order(hours=iter([Hours(2, 3), Hours(1, 2)])).hours == (Hours(1, 2), Hours(2, 3))
    assert len(order(hours=[Hours(place, place + 1) for place in range(24)]).hours) == 24
    assert Eligibility(holders=[Holder.CITIZEN]).holders == {Holder.CITIZEN}


def test_a_limit_counts_characters_in_the_form_that_is_stored():
    assert len(request_id("e\u0301" * 128)) == 128
    assert len(request_id("\U0001d160" * 42)) == 126


def test_a_text_or_an_instant_of_a_subclass_is_stored_as_a_plain_one():
    assert type(Clerk(Word.NORTH).id) is type(request_id(Word.NORTH)) is str
    moment = instant(Finer(2026, 11, 22, 5, 0, tzinfo=UTC))
    assert type(moment) is datetime
    assert moment == datetime(2026, 11, 22, 5, 0, tzinfo=UTC)


class Nowhere(tzinfo):
    """A zone without an offset."""

    def utcoffset(self, _):
        return None

    tzname = dst = utcoffset


@pytest.mark.parametrize("naive", [datetime(2026, 11, 22), datetime(2026, 11, 22, tzinfo=Nowhere())])  # noqa: DTZ001
def test_an_instant_without_an_offset_is_refused(naive):
    with pytest.raises(InvalidInput, match="instant: got a datetime without an offset"):
        instant(naive)


def of_own_making(key):
    whole = Slot(key=key, ends_at=START + timedelta(hours=2), capacity=1, time_zone="Asia/Riyadh")
    return AvailableSlot(slot=whole, free=1, as_of=START)


def key_of(branch, service):
    return SlotKey(branch, service, START)


STRANGE_KEYS = {
    "a branch with half a character": key_of("\ud800", "renewal"),
    "a branch with a NUL": key_of("north\0", "renewal"),
    "a branch that is a number": key_of(7, "renewal"),
    "a branch of a million characters": key_of("n" * 1_000_000, "renewal"),
    "a service with a slash": key_of("north", "renewal/2"),
    "no service": key_of("north", None),
}


@pytest.mark.parametrize("key", STRANGE_KEYS.values(), ids=STRANGE_KEYS)
@pytest.mark.parametrize("named", [lambda key: key, of_own_making, lambda key: of_own_making(key).slot])
def test_a_slot_that_names_no_branch_or_service_is_refused_before_it_joins_a_batch(key, named):
    with open_desk() as desk:
        for ask in (desk.hold, lambda *at, **who: desk.book(*at, agreed=True, **who)):
            with pytest.raises(InvalidInput, match=r"^(branch|service): "):
                ask(named(key), applicant=ME, request_id="r")
        with pytest.raises(InvalidInput, match=r"^(branch|service): "):
            desk.move(number(1), named(key), by=ME, request_id="r")


@pytest.mark.parametrize("nothing", [None, "north/renewal", of_own_making("north"), of_own_making(None).slot, slot])
def test_a_name_of_no_slot_is_refused(nothing):
    with open_desk() as desk, pytest.raises(InvalidInput, match=r"^slot: "):
        desk.hold(nothing, applicant=ME, request_id="r")


@pytest.mark.parametrize("assertions", ["medical", {"met": []}, SimpleNamespace(checked_at=START), True])
def test_assertions_of_another_type_are_refused(assertions):
    with open_desk() as desk, pytest.raises(InvalidInput, match=r"^assertions: got .*; expected Assertions or None$"):
        desk.book(slot(25), applicant=ME, agreed=True, request_id="r", assertions=assertions)


SMUGGLED = {
    "fractions of minutes": rebuilt(SpecialOrder, **HEAD, id="o", first_day=DAY, last_day=DAY, hours=(FRACTIONS,)),
    "an instant": rebuilt(SpecialOrder, **HEAD, id="o", first_day=START, last_day=DAY),
    "half a character": rebuilt(Withdrawal, id="\ud800"),
    "a list for a set of hours": rebuilt(SpecialOrder, **HEAD, id="o", first_day=DAY, last_day=DAY, hours=[MORNING]),
    "a number for an id": rebuilt(Withdrawal, id=7),
    "nothing for a statement": rebuilt(
        MonthStart, id="m", statement=None, source="s", year=1448, month=9, first_day=DAY
    ),
    "text": "closed",
    "hours": MORNING,
    "nothing": None,
}


@pytest.mark.parametrize("record", SMUGGLED.values(), ids=SMUGGLED)
def test_a_record_that_a_store_would_not_give_back_is_never_declared(record):
    with open_desk() as desk:
        with pytest.raises(InvalidInput, match=r"^record: got .*; expected "):
            desk.calendar.declare(record, reason="a reason", by=Clerk("one"), request_id="r")
        assert not desk.calendar.entries()
        assert isinstance(desk.book(slot(25), applicant=ME, agreed=True, request_id="r"), Booked)
