"""A desk takes its parts as one value; `open` takes the same parts as keywords."""

import asyncio
import inspect
from typing import Any

import attrs
import pytest

from tests.calendars import PLAIN
from tests.small_town import RETENTION, START, small_catalogue, small_rulebook
from traffic_booking import (
    AsyncBookingDesk,
    AsyncDesk,
    BookingDesk,
    Desk,
    DeskParts,
    InvalidInput,
    shipped_catalogue,
    shipped_rulebooks,
)
from traffic_booking.adapters.clock import SystemClock
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.numbering import RandomNumbering
from traffic_booking.adapters.pseudonyms import PseudonymKey
from traffic_booking.adapters.threaded import ThreadedStore
from traffic_booking.testing import MovableClock

OF_TOWN: dict[str, Any] = {
    "clock": MovableClock(START),
    "catalogue": small_catalogue(),
    "rulebook": small_rulebook(),
    "calendar": PLAIN,
    "numbering": RandomNumbering(),
    "tickets": {},
    "retention": RETENTION,
}
DESKS = [Desk, AsyncDesk, BookingDesk, AsyncBookingDesk]


@pytest.mark.parametrize("desk", DESKS)
def test_the_constructor_takes_one_value(desk):
    assert list(inspect.signature(desk).parameters) == ["parts"]
    opened = desk(DeskParts(store=MemoryStore(), **OF_TOWN))
    assert opened.catalogue is OF_TOWN["catalogue"]
    assert opened.clock is OF_TOWN["clock"]


@pytest.mark.parametrize("desk", DESKS)
@pytest.mark.parametrize("given", [None, MemoryStore(), {"store": MemoryStore()}, DeskParts])
def test_anything_else_is_refused(desk, given):
    with pytest.raises(InvalidInput, match=r"^parts: got .+; expected DeskParts\(store=…\)$"):
        desk(given)


@pytest.mark.parametrize("desk", [Desk, AsyncDesk])
@pytest.mark.parametrize("name", OF_TOWN)
def test_only_a_booking_desk_fills_in_a_part_that_is_absent(desk, name):
    BookingDesk(DeskParts(store=MemoryStore(), **OF_TOWN | {name: None})).close()
    with pytest.raises(InvalidInput, match=rf"^{name}: got None; expected a part of the desk"):
        desk(DeskParts(store=MemoryStore(), **OF_TOWN | {name: None}))


def test_absent_parts_are_the_shipped_ones():
    desk = BookingDesk(DeskParts(store=MemoryStore()))
    assert desk.catalogue is shipped_catalogue()
    assert desk.rulebooks.versions == shipped_rulebooks().versions
    assert isinstance(desk.clock, SystemClock)


def test_the_parts_are_frozen_and_keywords_alone():
    parts = DeskParts(store=MemoryStore())
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        parts.clock = SystemClock()  # type: ignore[misc] # the error that is wanted
    with pytest.raises(TypeError):
        DeskParts(MemoryStore())  # type: ignore[call-arg,arg-type] # the error that is wanted
    with pytest.raises(TypeError):
        DeskParts()  # type: ignore[call-arg] # the error that is wanted


def test_the_pseudonym_key_is_not_in_the_repr():
    key = PseudonymKey(b"a secret key of thirty-two bytes")
    text = repr(DeskParts(store=MemoryStore(), pseudonym_key=key))
    assert "pseudonym" not in text.lower()


def test_open_takes_the_parts_as_keywords_and_refuses_others():
    with BookingDesk.open("memory://", **OF_TOWN) as desk:
        assert desk.catalogue is OF_TOWN["catalogue"]
    wrong: dict[str, Any] = {"clok": SystemClock()}
    with pytest.raises(TypeError, match="clok"):
        BookingDesk.open("memory://", **wrong)

    async def work():
        async with await AsyncBookingDesk.open("memory://", **OF_TOWN) as desk:
            assert desk.catalogue is OF_TOWN["catalogue"]
            assert isinstance(desk.store, ThreadedStore)
        with pytest.raises(TypeError, match="clok"):
            await AsyncBookingDesk.open("memory://", **wrong)

    asyncio.run(work())
