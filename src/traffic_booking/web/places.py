"""Operations that anybody may call about places and services."""

from collections.abc import Sequence
from typing import Any, Final

import traffic_booking as tb
from traffic_booking.web.operations import Call, Operation, Reply, member_of, number, text, whole
from traffic_booking.web.problems import Problem

MOST_FOUND: Final = 100
LATITUDE: Final = number("latitude", least=-90, most=90)
LONGITUDE: Final = number("longitude", least=-180, most=180)
WITHIN: Final = number("within_km", least=0, most=20_000)


def point(call: Call, *, required: bool = False) -> tb.Coordinates | None:
    """The point of `latitude` and `longitude`, which come together."""
    latitude, longitude = call.given.pop("latitude", None), call.given.pop("longitude", None)
    if latitude is None and longitude is None and not required:
        return None
    if latitude is None or longitude is None:
        raise tb.InvalidInput("latitude, longitude", got="one of them or none", expected="both")
    return tb.Coordinates(latitude, longitude)


async def find_places(call: Call) -> Reply:
    """The places whose name matches a text."""
    return _lasting(call.desk.catalogue.find(**call.given))


async def regions(call: Call) -> Reply:
    """All regions."""
    return _lasting(call.desk.catalogue.regions)


async def governorates(call: Call) -> Reply:
    """The governorates of a region, or all of them."""
    region, catalogue = call.given.get("region"), call.desk.catalogue
    return _lasting(catalogue.governorates if region is None else catalogue.governorates_in(region))


async def branches(call: Call) -> Reply:
    """The branches that offer a service."""
    return _lasting(call.desk.catalogue.branches_for(**call.given))


async def nearest(call: Call) -> Sequence[tb.NearbyBranch]:
    """The branches nearest to a point."""
    near = point(call, required=True)
    assert near is not None, "a required point is there"
    return call.desk.catalogue.nearest(near, **call.given)


async def groups(call: Call) -> Reply:
    """The menu of services."""
    audience, catalogue = call.given.get("audience"), call.desk.catalogue
    return _lasting(catalogue.groups if audience is None else catalogue.groups_of(audience))


async def services(call: Call) -> Reply:
    """The services of a group, of a branch, or for a kind of applicant."""
    return _lasting(call.desk.catalogue.services_for(**call.given))


async def service(call: Call) -> Reply:
    """One service, with its instructions, documents and conditions."""
    return _lasting(call.desk.catalogue.service(call.given["service"]))


async def checklist(call: Call) -> Reply:
    """The instructions of a service, and what an applicant has to bring and to meet."""
    found, holder = call.desk.catalogue.service(call.given["service"]), call.given.get("holder")
    if holder is None and isinstance(call.by, tb.PersonId):
        holder = call.by.holder
    documents = found.documents if holder is None else found.documents_for(holder)
    conditions = found.eligibility.conditions if holder is None else found.conditions_for(holder)
    parts: dict[str, Any] = {"instructions": found.instructions, "documents": documents, "conditions": conditions}
    return Reply(value={name: tb.to_json(each) for name, each in parts.items()})


async def health(call: Call) -> dict[str, bool]:
    """The state of the desk: the checks of its health."""
    if not await call.desk.health():
        raise Problem("store-unavailable")
    return {"healthy": True}


def _lasting(value: Any) -> Reply:
    """A part of the catalogue, with an entity tag: it changes with a new catalogue alone."""
    return Reply(value=value, tag_without=())


OPERATIONS: Final = (
    Operation(
        name="find_places",
        method="GET",
        path="/places",
        summary="Find regions, governorates and branches by name, in any usual spelling",
        run=find_places,
        parameters=(text("text", required=True), whole("limit", least=1, most=MOST_FOUND)),
        answers={200: ["FoundPlace"]},
        cached=True,
    ),
    Operation(
        name="regions",
        method="GET",
        path="/regions",
        summary="All regions",
        run=regions,
        answers={200: ["Region"]},
        cached=True,
    ),
    Operation(
        name="governorates",
        method="GET",
        path="/governorates",
        summary="The governorates of a region, or all of them",
        run=governorates,
        parameters=(text("region"),),
        answers={200: ["Governorate"]},
        cached=True,
        further=(404,),
    ),
    Operation(
        name="branches",
        method="GET",
        path="/branches",
        summary="The branches in a governorate that offer a service",
        run=branches,
        parameters=(text("service"), text("governorate")),
        answers={200: ["Branch"]},
        cached=True,
        further=(404,),
    ),
    Operation(
        name="nearest_branches",
        method="GET",
        path="/branches/nearest",
        summary="The branches nearest to a point, with their distances",
        run=nearest,
        parameters=(
            LATITUDE,
            LONGITUDE,
            text("service", many=True),
            text("governorate", many=True),
            WITHIN,
            whole("limit", least=1, most=MOST_FOUND),
        ),
        answers={200: ["NearbyBranch"]},
        further=(404,),
    ),
    Operation(
        name="service_groups",
        method="GET",
        path="/groups",
        summary="The menu of services: groups, each within an audience or another group",
        run=groups,
        parameters=(member_of("audience", tb.Audience),),
        answers={200: ["ServiceGroup"]},
        cached=True,
    ),
    Operation(
        name="services",
        method="GET",
        path="/services",
        summary="The services of a group, of a branch, or for a kind of applicant",
        run=services,
        parameters=(text("group"), text("branch"), member_of("holder", tb.Holder)),
        answers={200: ["Service"]},
        cached=True,
        further=(404,),
    ),
    Operation(
        name="service",
        method="GET",
        path="/services/{service}",
        summary="One service, with its instructions, documents and conditions",
        run=service,
        parameters=(text("service", required=True),),
        answers={200: "Service"},
        cached=True,
        further=(404,),
    ),
    Operation(
        name="checklist",
        method="GET",
        path="/services/{service}/checklist",
        summary="The instructions to agree to, the documents to bring and the conditions to meet",
        run=checklist,
        parameters=(text("service", required=True), member_of("holder", tb.Holder)),
        answers={
            200: {
                "type": "object",
                "properties": {
                    "instructions": "Instructions",
                    "documents": ["RequiredDocument"],
                    "conditions": ["Condition"],
                },
            }
        },
        further=(404,),
    ),
    Operation(
        name="health",
        method="GET",
        path="/health",
        summary="Whether the desk can serve now",
        run=health,
        answers={200: {"type": "object", "properties": {"healthy": {"const": True}}}},
    ),
)
