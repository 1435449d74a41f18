"""Commands to look around: branches, services, governorates; free slots, a month of them, and a date."""

import datetime as dt
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

from cyclopts import Parameter

from traffic_booking import Audience, Day, DayAvailability, InvalidInput, shipped_catalogue
from traffic_booking.cli import words
from traffic_booking.cli.forms import branch_form, day_form, fields, governorate_form, service_form, slot_form
from traffic_booking.cli.options import CATALOGUE_DEFAULTS, DEFAULTS, CatalogueOptions, Options, Point
from traffic_booking.cli.reply import Facts, Listing, Reply, Sentence, hijri_date, hijri_day, written_time
from traffic_booking.cli.typed_values import day_of, month_of, point_of

MOST_BRANCHES: Final = 500
HORIZON_RULE: Final = "BK-04"
"""The rule that limits how far ahead a slot may be booked."""


def branches(
    *,
    governorate: str | None = None,
    service: str | None = None,
    near: Point = None,
    limit: int = 200,
    options: CatalogueOptions = CATALOGUE_DEFAULTS,
) -> Reply:
    """List branches; the nearest first with --near.

    Args:
        governorate: Only those in this governorate (an id of `governorates`).
        service: Only those that offer this service (an id of `services`).
        limit: At most so many, 1 to 500.
    """
    if not 1 <= limit <= MOST_BRANCHES:
        raise InvalidInput("limit", got=str(limit), expected=f"1 to {MOST_BRANCHES}")
    catalogue, point, language = shipped_catalogue(), point_of(near), options.output_language
    found = [
        (branch, None if point is None else point.distance_km(branch.location))
        for branch in catalogue.branches_for(service=service, governorate=governorate, near=point)[:limit]
    ]
    columns = 3 if point is None else 4
    rows = [
        (
            branch.id,
            branch.name(language),
            catalogue.governorate(branch.governorate).name(language),
            "" if distance is None else f"{distance:.1f}",
        )[:columns]
        for branch, distance in found
    ]
    headers = (words.ID, words.NAME, words.GOVERNORATE, words.DISTANCE)[:columns]
    synthetic = (Sentence(words.SYNTHETIC),) if any(branch.synthetic for branch, _ in found) else ()
    form = {"branches": [branch_form(catalogue, branch, distance) for branch, distance in found]}
    return Reply(options, form, (Listing(headers=headers, rows=rows, empty=words.NONE), *synthetic))


def services(
    *,
    group: str | None = None,
    branch: str | None = None,
    audience: Literal["individuals", "businesses"] | None = None,
    options: CatalogueOptions = CATALOGUE_DEFAULTS,
) -> Reply:
    """List services.

    Args:
        group: Only those in this group or below it, such as traffic-services.
        branch: Only those that this branch offers (an id of `branches`).
        audience: Only those for individuals, or for businesses.
    """
    catalogue, language = shipped_catalogue(), options.output_language
    found = catalogue.services_for(group=group, branch=branch)
    if audience is not None:
        wanted = {entry.id for entry in catalogue.groups_of(Audience(audience))}
        found = tuple(service for service in found if service.group in wanted)
    rows = [
        (
            service.id,
            service.name(language),
            catalogue.group(service.group).name(language),
            str(service.duration_minutes),
        )
        for service in found
    ]
    headers = (words.ID, words.NAME, words.GROUP, words.MINUTES)
    form = {"services": [service_form(catalogue, service) for service in found]}
    return Reply(options, form, (Listing(headers=headers, rows=rows, empty=words.NONE),))


def governorates(*, region: str | None = None, options: CatalogueOptions = CATALOGUE_DEFAULTS) -> Reply:
    """List governorates.

    Args:
        region: Only those of this region, by its ISO 3166-2 code: SA-01 to SA-12 or SA-14.
    """
    catalogue, language = shipped_catalogue(), options.output_language
    found = catalogue.governorates if region is None else catalogue.governorates_in(region)
    rows = [
        (entry.id, entry.name(language), entry.region, catalogue.region(entry.region).name(language)) for entry in found
    ]
    headers = (words.ID, words.NAME, words.REGION, words.REGION_NAME)
    regions = [fields(entry, "code", "name") for entry in catalogue.regions]
    form = {"governorates": [governorate_form(entry) for entry in found], "regions": regions}
    return Reply(options, form, (Listing(headers=headers, rows=rows, empty=words.NONE),))


def slots(
    *,
    service: str,
    governorate: str | None = None,
    branch: str | None = None,
    near: Point = None,
    from_: Annotated[str | None, Parameter(name="--from")] = None,
    limit: int = 20,
    options: Options = DEFAULTS,
) -> Reply:
    """List the earliest slots with a free seat.

    Args:
        service: For this service (an id of `services`).
        governorate: Only at branches of this governorate.
        branch: Only at this branch.
        from_: Only from this day on, in either calendar, such as 2026-12-01 or 1448-06-21.
        limit: At most so many, 1 to 500.
    """
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
    columns = 5 if any(slot.distance_km is not None for slot in found) else 4
    rows = [
        (
            slot.branch,
            written_time(slot.starts_at),
            hijri_day(slot.day, options.output_language),
            str(slot.free),
            "" if slot.distance_km is None else f"{slot.distance_km:.1f}",
        )[:columns]
        for slot in found
    ]
    headers = (words.BRANCH_ID, words.AT, words.HIJRI_DAY, words.FREE, words.DISTANCE)[:columns]
    listing = Listing(headers=headers, rows=rows, empty=words.NO_SLOT)
    return Reply(options, {"slots": [slot_form(slot) for slot in found]}, (listing,))


def month(*, service: str, branch: str, month: str, options: Options = DEFAULTS) -> Reply:
    """Show a month day by day: its seats, and the free ones.

    Args:
        service: For this service (an id of `services`).
        branch: At this branch (an id of `branches`).
        month: YYYY-MM: 2026-12, or 1448-06 for a Hijri month.
    """
    year, month_of_year, is_hijri = month_of(month)
    with options.desk() as desk:
        days = desk.month_view(
            service=service,
            branch=branch,
            year=year,
            month_of_year=month_of_year,
            calendar="hijri" if is_hijri else "gregorian",
        )
        now = desk.clock.now().astimezone(ZoneInfo(desk.catalogue.branch(branch).time_zone))
        last = (now + dt.timedelta(days=desk.rulebook[HORIZON_RULE]["days"])).date()
    rows = [
        (
            entry.day.gregorian.isoformat(),
            hijri_date(entry.day),
            entry.day.weekday(options.output_language),
            str(entry.seats),
            str(entry.free),
            words.DAY_NOTES[note](options.output_language) if (note := _note(entry, now.date(), last)) else "",
        )
        for entry in days
    ]
    headers = (words.DATE, words.HIJRI_DATE, words.WEEKDAY, words.CAPACITY, words.FREE, words.NOTE)
    until = Facts(((words.BOOKABLE_UNTIL, last.isoformat()),))
    disputed = any(entry.day.has_hijri and not entry.day.hijri.agreed for entry in days)
    provisional = (Sentence(words.PROVISIONAL),) if disputed else ()
    form = {"days": [fields(entry, "day", "seats", "free") for entry in days], "bookable_until": last.isoformat()}
    return Reply(options, form, (Listing(headers=headers, rows=rows), until, *provisional))


def _note(entry: DayAvailability, today: dt.date, last: dt.date) -> str:
    """Why the day has no seat to book; empty if it has one."""
    if entry.day.gregorian < today:
        return "past"
    if entry.day.gregorian > last:
        return "not-yet"
    if not entry.seats:
        return "closed"
    return "" if entry.free else "full"


def date(day: str, /, *, options: CatalogueOptions = CATALOGUE_DEFAULTS) -> Reply:
    """Show a day in both calendars.

    Args:
        day: In either calendar: 2026-11-22, 1448-06-12, "1 Ramadan 1445 AH" or "١ رمضان ١٤٤٥هـ".
    """
    found, language = Day(day_of(day, "date")), options.output_language
    hijri = ((words.HIJRI, found.hijri_text(language)),) if found.has_hijri else ()
    gregorian = (words.GREGORIAN, found.gregorian_text(language))
    facts = Facts(((words.WEEKDAY, found.weekday(language)), gregorian, *hijri))
    disputed = (Sentence(words.PROVISIONAL),) if found.has_hijri and not found.hijri.agreed else ()
    return Reply(options, {"day": day_form(found)}, (facts, *disputed))
