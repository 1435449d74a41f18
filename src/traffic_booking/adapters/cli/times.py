"""Commands that list when: slots, a month day by day, and one day in both calendars."""

from typing import Annotated

from cyclopts import Parameter

from traffic_booking import AvailableSlot, Day
from traffic_booking.adapters.cli import words
from traffic_booking.adapters.cli.machine_form import availability_form, day_form, slot_form
from traffic_booking.adapters.cli.options import Options, Point, day_of, month_of, point_of
from traffic_booking.adapters.cli.reply import Facts, Listing, Reply, Sentence, hijri_day, written_time


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
            from_=None if from_ is None else day_of(from_, "from"),
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
    listing = Listing(
        headers=(words.GREGORIAN, words.HIJRI, words.WEEKDAY, words.CAPACITY, words.FREE),
        rows=[
            (
                entry.day.gregorian.isoformat(),
                entry.day.hijri_text(options.spoken),
                entry.day.weekday(options.spoken),
                str(entry.seats),
                str(entry.free),
            )
            for entry in days
        ],
    )
    return Reply(options, {"days": [availability_form(entry) for entry in days]}, (listing,))


def date(day: str, /, *, options: Options | None = None) -> Reply:
    """Show a day in both calendars.

    Parameters
    ----------
    day
        In either calendar: 2026-11-22, 1448-06-12, "1 Ramadan 1445 AH" or "١ رمضان ١٤٤٥هـ".
    """
    options = options or Options()
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
