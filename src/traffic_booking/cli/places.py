"""Commands that list where to go and for what: branches, governorates, services."""

from typing import Final, Literal

from traffic_booking import Audience, InvalidInput, shipped_catalogue
from traffic_booking.cli import words
from traffic_booking.cli.machine_form import branch_form, governorate_form, names, service_form
from traffic_booking.cli.options import CatalogueOptions, Point, point_of
from traffic_booking.cli.reply import Listing, Reply, Sentence

MOST_BRANCHES: Final = 500


def branches(
    *,
    governorate: str | None = None,
    service: str | None = None,
    near: Point = None,
    limit: int = 200,
    options: CatalogueOptions | None = None,
) -> Reply:
    """List branches; the nearest first with --near.

    Parameters
    ----------
    governorate
        Only those in this governorate (an id of `governorates`).
    service
        Only those that offer this service (an id of `services`).
    limit
        At most so many, 1 to 500.
    """
    options = options or CatalogueOptions()
    _within("limit", limit, MOST_BRANCHES)
    catalogue, point = shipped_catalogue(), point_of(near)
    found = catalogue.branches_for(service=service, governorate=governorate, near=point)[:limit]
    distances = [None if point is None else point.distance_km(branch.location) for branch in found]
    rows = [
        (
            branch.id,
            branch.name(options.spoken),
            catalogue.governorate(branch.governorate).name(options.spoken),
            "" if distance is None else f"{distance:.1f}",
        )
        for branch, distance in zip(found, distances, strict=True)
    ]
    listing = Listing(
        headers=(words.ID, words.NAME, words.GOVERNORATE, words.DISTANCE)[: 3 if point is None else 4],
        rows=[row[: 3 if point is None else 4] for row in rows],
        empty=words.NONE,
    )
    form = [branch_form(catalogue, branch, distance) for branch, distance in zip(found, distances, strict=True)]
    synthetic = (Sentence(words.SYNTHETIC),) if any(branch.synthetic for branch in found) else ()
    return Reply(options, {"branches": form}, (listing, *synthetic))


def services(
    *,
    group: str | None = None,
    branch: str | None = None,
    audience: Literal["individuals", "businesses"] | None = None,
    options: CatalogueOptions | None = None,
) -> Reply:
    """List services.

    Parameters
    ----------
    group
        Only those in this group or below it, such as traffic-services.
    branch
        Only those that this branch offers (an id of `branches`).
    audience
        Only those for individuals, or for businesses.
    """
    options = options or CatalogueOptions()
    catalogue = shipped_catalogue()
    wanted = None if audience is None else {entry.id for entry in catalogue.groups_of(Audience(audience))}
    found = [
        service
        for service in catalogue.services_for(group=group, branch=branch)
        if wanted is None or service.group in wanted
    ]
    listing = Listing(
        headers=(words.ID, words.NAME, words.GROUP, words.MINUTES),
        rows=[
            (
                service.id,
                service.name(options.spoken),
                catalogue.group(service.group).name(options.spoken),
                str(service.duration_minutes),
            )
            for service in found
        ],
        empty=words.NONE,
    )
    return Reply(options, {"services": [service_form(catalogue, service) for service in found]}, (listing,))


def governorates(*, region: str | None = None, options: CatalogueOptions | None = None) -> Reply:
    """List governorates.

    Parameters
    ----------
    region
        Only those of this region, by its ISO 3166-2 code: SA-01 to SA-12 or SA-14.
    """
    options = options or CatalogueOptions()
    catalogue = shipped_catalogue()
    found = catalogue.governorates if region is None else catalogue.governorates_in(region)
    listing = Listing(
        headers=(words.ID, words.NAME, words.REGION, words.REGION_NAME),
        rows=[
            (
                governorate.id,
                governorate.name(options.spoken),
                governorate.region,
                catalogue.region(governorate.region).name(options.spoken),
            )
            for governorate in found
        ],
        empty=words.NONE,
    )
    regions = [{"code": entry.code, "name": names(entry.name)} for entry in catalogue.regions]
    form = {"governorates": [governorate_form(entry) for entry in found], "regions": regions}
    return Reply(options, form, (listing,))


def _within(name: str, value: int, most: int) -> None:
    if not 1 <= value <= most:
        raise InvalidInput(name, got=str(value), expected=f"1 to {most}")
