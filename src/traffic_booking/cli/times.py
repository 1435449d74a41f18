"""Commands that list when: slots, a month day by day, and one day in both calendars."""

import datetime as dt
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from cyclopts import Parameter

from traffic_booking import AvailableSlot, BookingDesk, Day, DayAvailability
from traffic_booking.cli import words
from traffic_booking.cli.machine_form import availability_form, day_form, slot_form
from traffic_booking.cli.options import CatalogueOptions, Options, Point, day_of, month_of, point_of
from traffic_booking.cli.reply import Facts, Listing, Reply, Sentence, hijri_date, hijri_day, written_time

HORIZON_RULE: Final = "BK-04"
"""The rule that says how far ahead a slot may be booked."""


def slots(
    *,
    service: str,
    governorate: str | None = None,
    branch: str | None = None,
    near: Point = None,
    from_: Annotated[str | None, Parameter(name="--from")] = None,
    limit: int = 20,
    options: Options | None = None,
) -> Reply:
    """List the earliest slots with a free seat.

    Parameters
    ----------
    service
        For this service (an id of `services`).
    governorate
        Only at branches of this governorate.
    branch
        Only at this branch.
    from_
        None before this day, in either calendar, such as 2026-12-01 or 1448-06-21.
    limit
        At most so many, 1 to 500.
    """
    options = options or Options()
    point = point_of(near)
    with options.desk() as desk:
        found = desk.find_slots(
            service=service,
            governorate=governorate,
            branch=branch,
            near=point,
            from_=None if from_ is None else day_of(from_, "--from"),
            limit=limit,
        )
        listing = slot_listing(found, options)
    return Reply(options, {"slots": [slot_form(slot) for slot in found]}, (listing,))


def slot_listing(found: tuple[AvailableSlot, ...], options: Options) -> Listing:
    """Slots as a table; the first columns are what `hold` and `book` take."""
    far = any(slot.distance_km is not None for slot in found)
    headers = (words.BRANCH_ID, words.AT, words.HIJRI_DAY, words.FREE, words.DISTANCE)
    rows = [
        (
            slot.branch,
            written_time(slot.starts_at),
            hijri_day(slot.day, options.spoken),
            str(slot.free),
            "" if slot.distance_km is None else f"{slot.distance_km:.1f}",
        )
        for slot in found
    ]
    columns = len(headers) if far else len(headers) - 1
    return Listing(headers=headers[:columns], rows=[row[:columns] for row in rows], empty=words.NO_SLOT)


def month(*, service: str, branch: str, month: str, options: Options | None = None) -> Reply:
    """Show a month day by day: seats, and those that are free.

    Parameters
    ----------
    service
        For this service (an id of `services`).
    branch
        At this branch (an id of `branches`).
    month
        YYYY-MM: 2026-12, or 1448-06 for a Hijri month.
    """
    options = options or Options()
    year, month_of_year, is_hijri = month_of(month)
    with options.desk() as desk:
        days = desk.month_view(
            service=service,
            branch=branch,
            year=year,
            month_of_year=month_of_year,
            calendar="hijri" if is_hijri else "gregorian",
        )
        today, last = _bookable(desk, branch)
    listing = Listing(
        headers=(words.DATE, words.HIJRI_DATE, words.WEEKDAY, words.CAPACITY, words.FREE, words.NOTE),
        rows=[
            (
                entry.day.gregorian.isoformat(),
                hijri_date(entry.day),
                entry.day.weekday(options.spoken),
                str(entry.seats),
                str(entry.free),
                _note(entry, today, last, options),
            )
            for entry in days
        ],
    )
    disputed = any(entry.day.has_hijri and not entry.day.hijri.agreed for entry in days)
    until = Facts(((words.BOOKABLE_UNTIL, last.isoformat()),))
    form = {"days": [availability_form(entry) for entry in days], "bookable_until": last.isoformat()}
    return Reply(options, form, (listing, until, *((Sentence(words.PROVISIONAL),) if disputed else ())))


def _bookable(desk: BookingDesk, branch: str) -> tuple[dt.date, dt.date]:
    """Today, and the last day with slots that the rulebook opens by now, on the branch's calendar."""
    now = desk.clock.now().astimezone(ZoneInfo(desk.catalogue.branch(branch).time_zone))
    return now.date(), (now + dt.timedelta(days=desk.rulebook[HORIZON_RULE]["days"])).date()


def _note(entry: DayAvailability, today: dt.date, last: dt.date, options: Options) -> str:
    day = entry.day.gregorian
    if day < today:
        why = "past"
    elif day > last:
        why = "not-yet"
    elif not entry.seats:
        why = "closed"
    else:
        return "" if entry.free else words.DAY_NOTES["full"](options.spoken)
    return words.DAY_NOTES[why](options.spoken)


def date(day: str, /, *, options: CatalogueOptions | None = None) -> Reply:
    """Show a day in both calendars.

    Parameters
    ----------
    day
        In either calendar: 2026-11-22, 1448-06-12, "1 Ramadan 1445 AH" or "١ رمضان ١٤٤٥هـ".
    """
    options = options or CatalogueOptions()
    found = Day(day_of(day, "date"))
    hijri = ((words.HIJRI, found.hijri_text(options.spoken)),) if found.has_hijri else ()
    facts = Facts(
        (
            (words.WEEKDAY, found.weekday(options.spoken)),
            (words.GREGORIAN, found.gregorian_text(options.spoken)),
            *hijri,
        )
    )
    disputed = (Sentence(words.PROVISIONAL),) if found.has_hijri and not found.hijri.agreed else ()
    return Reply(options, {"day": day_form(found)}, (facts, *disputed))
