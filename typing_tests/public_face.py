"""How host code reads the face: outcomes are taken apart exhaustively, and mistakes are found by a type checker."""

from datetime import datetime, time
from typing import assert_never, assert_type

from traffic_booking import (
    Applicant,
    Appointment,
    AsyncBookingDesk,
    Booked,
    BookingDesk,
    Cancelled,
    CheckedIn,
    Clerk,
    Day,
    DeskParts,
    Health,
    Held,
    NationalId,
    PersonId,
    Refused,
    ResidentId,
    SlotPage,
    System,
    Throttled,
    parse_date,
    parse_time,
    person_id,
)
from traffic_booking.adapters.memory import MemoryStore


def books(desk: BookingDesk, me: NationalId) -> str:
    slots = desk.find_slots(service="licence-renewal", governorate="riyadh", limit=5)
    assert_type(slots, SlotPage)
    outcome = desk.book(slots[0], applicant=me, agreed=True, request_id="7f3c")
    match outcome:
        case Booked(appointment):
            assert_type(appointment, Appointment)
            return appointment.number
        case Refused(verdicts):
            assert_type(verdicts[0].allowed_from, datetime | None)
            return verdicts[0].statement("ar")
        case Throttled(allowed_from):
            return allowed_from.isoformat()
        case never:
            assert_never(never)


def answers(desk: BookingDesk, me: PersonId) -> None:
    slot = desk.find_slots(service="licence-renewal")[0]
    held = desk.hold(slot, applicant=me, request_id="a")
    assert_type(held, Held | Refused | Throttled)
    assert_type(desk.cancel("0010-0000-0000", by=me, request_id="b"), Cancelled | Refused | Throttled)
    checked_in = desk.gate.check_in("0010-0000-0000", by=Clerk("counter-3"), request_id="c")
    assert_type(checked_in, CheckedIn | Refused | Throttled)
    assert_type(person_id("1000000008"), PersonId)
    assert_type(parse_time("9:30 ص"), time)
    assert_type(parse_date("١ رمضان ١٤٤٥"), Day)
    found = desk.appointment("0010-0000-0000", by=me)
    assert_type(found, Appointment)
    assert_type(found.applicant, Applicant)
    assert_type(desk.person_of(found.applicant.subject, by=System()), PersonId)


def mistakes(desk: BookingDesk, me: ResidentId) -> None:
    slot = desk.find_slots(service="licence-renewal")[0]
    desk.book(slot, applicant="1000000008", agreed=True, request_id="a")  # type: ignore[arg-type]
    desk.book(slot, applicant=me, agreed=True)  # type: ignore[call-arg]
    desk.ticket("0010-0000-0000", by=me, language="fr")  # type: ignore[arg-type]
    desk.find_slots("licence-renewal")  # type: ignore[call-arg]
    BookingDesk.open("memory://", clocks=None)  # type: ignore[call-arg]
    BookingDesk.open("memory://", catalogue="riyadh")  # type: ignore[arg-type]
    applicant = desk.appointment("0010-0000-0000", by=me).applicant
    desk.book(slot, applicant=applicant, agreed=True, request_id="a")  # type: ignore[arg-type]


async def opens() -> None:
    assert_type(BookingDesk.open("memory://", clock=None, catalogue=None, observer=None), BookingDesk)
    assert_type(await AsyncBookingDesk.open("memory://", pseudonym_key=None), AsyncBookingDesk)
    BookingDesk.open("memory://", clok=None)  # type: ignore[call-arg]
    BookingDesk.open("memory://", clock="now")  # type: ignore[arg-type]
    await AsyncBookingDesk.open("memory://", tickets="text")  # type: ignore[arg-type]
    AsyncBookingDesk(DeskParts(store=MemoryStore()))  # type: ignore[arg-type]
    assert_type(BookingDesk(DeskParts(store=MemoryStore())).health(), Health)
