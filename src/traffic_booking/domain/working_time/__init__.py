"""Working time: which days are worked, in which hours, and by whose word; rules as values, answers that cite them."""

from traffic_booking.domain.working_time.authority import Authority, AuthorityId, authority_id
from traffic_booking.domain.working_time.branch_calendars import BranchCalendars
from traffic_booking.domain.working_time.calendar import Profile, WorkingCalendar
from traffic_booking.domain.working_time.capacity import capacity
from traffic_booking.domain.working_time.entries import CalendarEntry, CalendarRecord, UnreadableEntry, Withdrawal
from traffic_booking.domain.working_time.hours import Hours, clock_minute, clock_text, windows
from traffic_booking.domain.working_time.pattern import DayPattern
from traffic_booking.domain.working_time.records import (
    AnnouncedClosure,
    Announcement,
    BranchException,
    Effect,
    MonthStart,
    SpecialOrder,
)
from traffic_booking.domain.working_time.rules import (
    AnnouncedDays,
    Bridge,
    CalendarRule,
    FixedDay,
    HijriRule,
    HijriSpan,
    LabourDays,
    RamadanHours,
    Weekend,
)
from traffic_booking.domain.working_time.working_day import WorkingDay

__all__ = [
    "AnnouncedClosure",
    "AnnouncedDays",
    "Announcement",
    "Authority",
    "AuthorityId",
    "BranchCalendars",
    "BranchException",
    "Bridge",
    "CalendarEntry",
    "CalendarRecord",
    "CalendarRule",
    "DayPattern",
    "Effect",
    "FixedDay",
    "HijriRule",
    "HijriSpan",
    "Hours",
    "LabourDays",
    "MonthStart",
    "Profile",
    "RamadanHours",
    "SpecialOrder",
    "UnreadableEntry",
    "Weekend",
    "Withdrawal",
    "WorkingCalendar",
    "WorkingDay",
    "authority_id",
    "capacity",
    "clock_minute",
    "clock_text",
    "windows",
]
