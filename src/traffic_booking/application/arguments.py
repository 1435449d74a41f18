"""What callers pass to a desk, checked, and what has to be read for it."""

from calendar import monthrange
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from traffic_booking.domain.appointments import Appointment
from traffic_booking.domain.commands import BookSlot, CancelAppointment, CheckInApplicant, HoldSlot, MoveAppointment
from traffic_booking.domain.day import Day
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.facts import FactsQuery
from traffic_booking.domain.feed import FeedPosition
from traffic_booking.domain.hijri import HijriDate, days_in_month
from traffic_booking.domain.identity import PersonId
from traffic_booking.domain.outcomes import Held
from traffic_booking.domain.places import branch_id
from traffic_booking.domain.rulebook import Rulebook
from traffic_booking.domain.services import service_id
from traffic_booking.domain.slots import FIRST_YEAR, LAST_YEAR, AvailableSlot, Slot, SlotKey, instant

AnySlot = AvailableSlot | Slot | SlotKey | Held | Appointment
"""Whatever names a slot: one that was found, its key, or a hold on it."""


LARGEST_PLACE: Final = 2**63 - 1
"""Of a feed's generation and place; the store port promises no more."""


def facts_for_booking(rulebook: Rulebook, command: HoldSlot | BookSlot, now: datetime) -> FactsQuery:
    """What to read to decide a hold or a booking, as far back as the rulebook looks."""
    return FactsQuery(
        request_id=command.request_id,
        ending_after=now - rulebook.looks_back,
        applicant=command.applicant,
        slots=(command.slot,),
    )


def facts_of_appointment(command: CancelAppointment | MoveAppointment | CheckInApplicant, now: datetime) -> FactsQuery:
    """What to read to decide about an appointment, and about the slot that it is to be moved to."""
    slots = (command.slot,) if isinstance(command, MoveAppointment) else ()
    return FactsQuery(request_id=command.request_id, ending_after=now, number=command.number, slots=slots)


def slot_key(slot: AnySlot) -> SlotKey:
    """The key of whatever names a slot. Raises `InvalidInput` for anything else, and for names that no slot has."""
    match slot:
        case SlotKey(branch, service):
            branch_id(branch)  # a key of the caller's own making may hold anything
            service_id(service)
            return slot
        case AvailableSlot() | Slot():
            return slot.key
        case Held():
            return slot.appointment.slot
        case Appointment():
            return slot.slot
        case other:  # a caller without a type checker
            raise InvalidInput("slot", got=type(other).__name__, expected="a slot that was found, its key, or a hold")


def person(applicant: PersonId) -> PersonId:
    """`applicant`, where it is a checked person id."""
    if not isinstance(applicant, PersonId):
        raise InvalidInput("applicant", got=type(applicant).__name__, expected="a NationalId or ResidentId")
    return applicant


def feed_position(after: object) -> FeedPosition:
    """`after`, if it is a pair of whole numbers, as one that was read back from JSON is too."""
    parts = tuple(after) if isinstance(after, tuple | list) else ()
    if len(parts) == len(FeedPosition._fields) and all(
        type(each) is int and 0 <= each <= LARGEST_PLACE for each in parts
    ):
        return FeedPosition(*parts)
    raise InvalidInput("after", got=type(after).__name__, expected="a FeedPosition of two whole numbers, 0 to 2^63 - 1")


def within_bounds(name: str, value: int, most: int) -> None:
    """Raises `InvalidInput` unless `value` is 1 to `most`."""
    if not 1 <= value <= most:
        raise InvalidInput(name, got=str(value), expected=f"1 to {most}")


def moment(when: date | datetime) -> datetime:
    """An instant; a date stands for its midnight in Riyadh."""
    if isinstance(when, datetime):
        return instant(when)
    return instant(datetime.combine(when, time(), ZoneInfo("Asia/Riyadh")))


def civil_date(day: Day | HijriDate | date) -> date:
    """The Gregorian date of a day in any form. Raises `InvalidInput` for an instant, which is no day."""
    match day:
        case Day():
            return day.gregorian
        case HijriDate():
            return day.to_gregorian()
        case datetime():
            raise InvalidInput("day", got="an instant", expected="a date of either calendar")
        case _:
            return day


def days_of_month(year: int, month_of_year: int, calendar: str) -> list[date]:
    """The days of a month of either calendar, in order."""
    match calendar:
        case "gregorian":
            if not FIRST_YEAR < year < LAST_YEAR:
                raise InvalidInput("year", got=str(year), expected=f"{FIRST_YEAR + 1} to {LAST_YEAR - 1}")
            within_bounds("month", month_of_year, 12)
            first, length = date(year, month_of_year, 1), monthrange(year, month_of_year)[1]
        case "hijri":
            first = HijriDate(year, month_of_year, 1).to_gregorian()
            length = days_in_month(year, month_of_year)
        case other:
            raise InvalidInput("calendar", got=repr(other[:20]), expected="gregorian or hijri")
    return [first + timedelta(days=offset) for offset in range(length)]
