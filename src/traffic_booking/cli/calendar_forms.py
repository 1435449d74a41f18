"""The machine form of working days, and of what has been declared about them."""

from collections.abc import Sequence

from traffic_booking import (
    AnnouncedClosure,
    BranchDay,
    BranchException,
    CalendarEntry,
    Hours,
    MonthStart,
    SpecialOrder,
    Withdrawal,
)
from traffic_booking.cli.machine_form import Form, actor_form, day_form, names

Record = MonthStart | AnnouncedClosure | SpecialOrder | BranchException | Withdrawal


def branch_day_form(day: BranchDay) -> Form:
    """A day of a branch, with its shifts and the ids of the rules that say so."""
    return {
        "day": day_form(day.day),
        "open": day.open,
        "usual": day.usual,
        "hours": [_hours_form(hours) for hours in day.hours],
        "shifts": [
            {**_hours_form(shift.hours), "capacity": shift.capacity, "services": sorted(shift.services)}
            for shift in day.shifts
        ],
        "rules": list(day.rules),
    }


def entry_form(entry: CalendarEntry, *, holds: bool) -> Form:
    """What was declared; `holds` says whether it has not been withdrawn."""
    return {
        "number": entry.number,
        "at": entry.at.isoformat(),
        "by": actor_form(entry.actor),
        "reason": entry.reason,
        "request_id": entry.request_id,
        "record": record_form(entry.record),
        "holds": holds,
    }


def record_form(record: Record) -> Form:
    """A record with its kind; days are Gregorian, `first_day` and `last_day` both included."""
    match record:
        case Withdrawal():
            return {"kind": "withdrawal", "id": record.id}
        case MonthStart():
            month = f"{record.year:04d}-{record.month:02d}"
            return {"kind": "month-start", "id": record.id, "month": month, "first_day": record.first_day.isoformat()}
        case AnnouncedClosure():
            return {"kind": "closure", "id": record.id, "rule": record.rule, **_days_form(record)}
        case SpecialOrder():
            hours = _windows_form(record.hours)
            return {"kind": "order", "id": record.id, **_days_form(record), "opens": record.opens, "hours": hours}
        case BranchException():
            return {
                "kind": "exception",
                "id": record.id,
                "branch": record.branch,
                **_days_form(record),
                "effect": record.effect.value,
                "reason": names(record.reason),
                "hours": _windows_form(record.hours),
                "capacity": record.capacity,
            }


def _days_form(record: AnnouncedClosure | SpecialOrder | BranchException) -> Form:
    return {"first_day": record.first_day.isoformat(), "last_day": record.last_day.isoformat()}


def _hours_form(hours: Hours) -> Form:
    """HH:MM on the branch's clocks; 24:00 is the end of the day."""
    return {"opens": hours.opens, "closes": hours.closes}


def _windows_form(windows: Sequence[Hours] | None) -> list[Form] | None:
    return None if windows is None else [_hours_form(hours) for hours in windows]
