"""Commands to look around: branches, services, places, and a date."""

from typing import Final, Literal

from traffic_booking import Audience, Branch, Day, InvalidInput, PlaceKind, shipped_catalogue, to_json
from traffic_booking.cli import words
from traffic_booking.cli.forms import branch_form, service_form
from traffic_booking.cli.options import (
    CATALOGUE_DEFAULTS,
    CatalogueOptions,
    Point,
)
from traffic_booking.cli.reply import NamedValues, Reply, Sentence, table
from traffic_booking.cli.typed_values import day_of, point_of

MOST_BRANCHES: Final = 500


def branches(
    *,
    governorate: str | None = None,
    service: str | None = None,
    near: Point = None,
    within_km: float | None = None,
    limit: int = 200,
    options: CatalogueOptions = CATALOGUE_DEFAULTS,
) -> Reply:
    """List branches; the nearest first with --near.

    Args:
        governorate: Only those in this governorate (an id of `governorates`).
        service: Only those that offer this service (an id of `services`).
        within_km: Only those within so many kilometres of --near, 0 to 20100.
        limit: At most so many, 1 to 500.
    """
    if not 1 <= limit <= MOST_BRANCHES:
        raise InvalidInput("limit", got=str(limit), expected=f"1 to {MOST_BRANCHES}")
    catalogue, point, language = shipped_catalogue(), point_of(near), options.output_language
    found: list[tuple[Branch, float | None]]
    if point is None:
        if within_km is not None:
            raise InvalidInput("--within-km", got="one without --near", expected="--near as well")
        found = [(branch, None) for branch in catalogue.branches_for(service=service, governorate=governorate)[:limit]]
    else:
        nearest = catalogue.nearest(point, service=service, governorate=governorate, within_km=within_km, limit=limit)
        found = [(each.branch, each.distance_km) for each in nearest]
    distance = (words.DISTANCE, lambda pair: f"{pair[1] or 0:.1f}")
    listing = table(
        found,
        (words.ID, lambda pair: pair[0].id),
        (words.NAME, lambda pair: pair[0].name(language)),
        (words.GOVERNORATE, lambda pair: catalogue.governorate(pair[0].governorate).name(language)),
        *(() if point is None else (distance,)),
        empty=words.NONE,
    )
    synthetic = (Sentence(words.SYNTHETIC),) if any(branch.synthetic for branch, _ in found) else ()
    form = {"branches": [branch_form(catalogue, branch, distance) for branch, distance in found]}
    return Reply(options, form, listing, *synthetic)


def places(*text: str, limit: int = 20, options: CatalogueOptions = CATALOGUE_DEFAULTS) -> Reply:
    """Find regions, governorates and branches by a name or a part of one, in Arabic or English.

    Args:
        text: The name, the id, or a part of them, in any usual spelling.
        limit: At most so many, 1 to 500.
    """
    catalogue, language = shipped_catalogue(), options.output_language
    found = catalogue.find(" ".join(text), limit=limit)
    listing = table(
        found,
        (words.PLACE_KIND, lambda place: words.PLACE_KINDS[place.kind](language)),
        (words.ID, lambda place: place.id),
        (words.NAME, lambda place: place.name(language)),
        (words.REGION_NAME, lambda place: catalogue.region(place.region).name(language)),
        empty=words.NONE,
    )
    is_synthetic = any(place.kind is PlaceKind.BRANCH and catalogue.branch(place.id).synthetic for place in found)
    return Reply(options, {"places": to_json(found)}, listing, *((Sentence(words.SYNTHETIC),) if is_synthetic else ()))


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
    listing = table(
        found,
        (words.ID, lambda service: service.id),
        (words.NAME, lambda service: service.name(language)),
        (words.GROUP, lambda service: catalogue.group(service.group).name(language)),
        (words.MINUTES, lambda service: str(service.duration_minutes)),
        empty=words.NONE,
    )
    form = {"services": [service_form(catalogue, service) for service in found]}
    return Reply(options, form, listing)


def governorates(*, region: str | None = None, options: CatalogueOptions = CATALOGUE_DEFAULTS) -> Reply:
    """List governorates.

    Args:
        region: Only those of this region, by its ISO 3166-2 code: SA-01 to SA-12 or SA-14.
    """
    catalogue, language = shipped_catalogue(), options.output_language
    found = catalogue.governorates if region is None else catalogue.governorates_in(region)
    listing = table(
        found,
        (words.ID, lambda entry: entry.id),
        (words.NAME, lambda entry: entry.name(language)),
        (words.REGION, lambda entry: entry.region),
        (words.REGION_NAME, lambda entry: catalogue.region(entry.region).name(language)),
        empty=words.NONE,
    )
    form = {"governorates": to_json(found), "regions": to_json(catalogue.regions)}
    return Reply(options, form, listing)


def date(day: str, /, *, options: CatalogueOptions = CATALOGUE_DEFAULTS) -> Reply:
    """Show a day in both calendars.

    Args:
        day: In either calendar: 2026-11-22, 1448-06-12, "1 Ramadan 1445 AH" or "١ رمضان ١٤٤٥هـ".
    """
    found, language = Day(day_of(day, "date")), options.output_language
    hijri = ((words.HIJRI, found.hijri_text(language)),) if found.has_hijri else ()
    gregorian = (words.GREGORIAN, found.gregorian_text(language))
    facts = NamedValues((words.WEEKDAY, found.weekday(language)), gregorian, *hijri)
    disputed = (Sentence(words.PROVISIONAL),) if found.has_hijri and not found.hijri.agreed else ()
    return Reply(options, {"day": to_json(found)}, facts, *disputed)
